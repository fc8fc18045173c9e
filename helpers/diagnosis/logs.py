"""Lines of a log: the pairs of a name and a number in them, and the epoch to which they belong."""

from functools import lru_cache
import re

from helpers.diagnosis.columns import (
    KNOWN,
    PHASES,
    VOCABULARY,
    WORDS,
    Meaning,
    meaning,
    number_text,
    words_of,
)
from helpers.diagnosis.tables import Table, columns_of_records, number_of

TOKEN = re.compile(
    r"([-+]?(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+\.[0-9]+|[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
    r"(?:[eE][-+]?[0-9]+)?(?!\w|\.\w) ?%?"
    r"|[-+]?(?:nan|NaN|inf|Inf|Infinity)(?!\w|\.\w))"  # a number
    r"|([^\W0-9]\w*(?:[/.'@+]\w+|-(?=[^\W0-9])\w+)*(?:\(\w{1,20}\))?)"  # a word
    r"|([0-9]\w*(?:[./]\w+)*|\S)"  # a number with a unit, or another character
)
PREFIX = re.compile(r"\s*(?:\[([0-9]{1,9})(?:,\s*([0-9]{1,9}))?\][\s:]|([0-9]{1,9}):\s)")
AFTER_NAME = re.compile(r"[a-zA-Z)] ?[:=]? ?[0-9]+,[0-9]+")
FORMS = {
    "Keras progress bar": re.compile(r"\s*[0-9]+/[0-9]+ |[ -]{0,4}[0-9]+s - |.{0,20}[0-9]/step"),
    "LightGBM log": re.compile(r"\s*\[[0-9]+\]\s.{0,80}'s "),
    "XGBoost log": re.compile(r"\s*\[[0-9]+\]\s"),
    "CatBoost log": re.compile(r"[0-9]+:\s{1,4}learn: "),
    "tqdm progress bar": re.compile(r".{0,2000}?(?:it/s|s/it)"),
    "Hugging Face console": re.compile(r"\s*\{'(?:loss|eval_loss|train_runtime)'"),
}
RUNNING = ("Keras progress bar", "tqdm progress bar")
SAMPLE = 1000  # lines that say the format
LINE_END = 20_000  # characters of a line that are searched for pairs
CACHE_LIMIT = 100_000  # words
WORDS_BEFORE = 5  # words before a number that may be its name


def table_of_log(lines):
    """Read the pairs of name and number in the lines of a log; None if there are none."""
    state = {"epoch": None, "first": None, "of": None, "done": None, "heading": "", "mean": False}
    rows, forms, cache = [], {}, {}
    after_best = False
    notes = []
    if _has_decimal_commas(lines[:SAMPLE]):
        lines = [re.sub(r"(?<=[0-9]),(?=[0-9])", ".", line) for line in lines]
        notes.append("Decimal commas were read as points.")
    for line in lines:
        row = [] if after_best else _row(line, state, cache)
        after_best = line.rstrip().endswith(":") and "best" in line.lower()
        if not row:
            continue
        rows.append(row)
        state["done"] = state["epoch"]
        if len(rows) <= SAMPLE:
            form = _form_of(line)
            forms[form] = forms.get(form, 0) + 1
    if not rows:
        return None
    _count_epochs(rows)
    form = max(forms, key=forms.get)
    running = state["mean"] or form in RUNNING
    return Table(form, columns_of_records(rows), notes + _unfinished(state), running)


def _has_decimal_commas(lines):
    """Say whether numbers have commas (after "loss: "), and none has a point."""
    return any(AFTER_NAME.search(line) for line in lines) and not any(
        re.search(r"[0-9]\.[0-9]", line) for line in lines
    )


def _form_of(line):
    return next((form for form, pattern in FORMS.items() if pattern.match(line)), "log file")


def _unfinished(state):
    """Say where a log ends before its last epoch."""
    epoch, of, done = state["epoch"], state["of"], state["done"]
    if done is None:
        return []
    if epoch > done:
        return [f"The log ends in epoch {number_text(epoch)} without its numbers."]
    if of and done < of - (state["first"] == 0):
        return [f"The log ends at epoch {number_text(done)} of {number_text(of)}."]
    return []


def _count_epochs(rows):
    """Where no line says its epoch, count how often its names have occurred."""
    if any(name in ("epoch", "step") for row in rows for name, _ in row):
        return
    seen = {}
    for row in rows:
        for name, _ in row:
            seen[name] = seen.get(name, 0) + 1
        row.append(("epoch", (float(max(seen[name] for name, _ in row)), False)))


def _row(line, state, cache):
    """Read a line: a list of name and (value, percent); the epoch goes into the state, too."""
    found, phase, words = _prefix(line), state["heading"], []
    state["heading"] = ""
    tokens = TOKEN.findall(line[:LINE_END])
    for i, (number, word, other) in enumerate(tokens):
        if word:
            words.append(word)
        elif number:
            key = _key(words, cache)
            words = []
            if key is None:
                continue
            name, what = key
            phase = what.phase or phase
            value, is_mean = _value(tokens, i, what.kind)
            state["mean"] = state["mean"] or is_mean
            state["of"] = (what.kind == "epoch" and _total(tokens, i)) or state["of"]
            found.append((name, what, phase, value))
        elif other in ",;|{}&" or len(other) > 1:
            words = []
    if not found and words and line.rstrip().endswith(":"):
        state["heading"] = meaning(" ".join(words[:3])).phase
    return _named(found, state)


def _prefix(line):
    """Read the round in front of a line: [7], [1, 2000] or 7:."""
    match = PREFIX.match(line)
    if not match:
        return []
    found = [("epoch", Meaning("epoch"), "", (float(match[1] or match[3]), False))]
    if match[2]:
        found.append(("step", Meaning("step"), "", (float(match[2]), False)))
    return found


def _key(words, cache):
    """Return the name that the words before a number end with, and its meaning; or None."""
    while words and words[-1] in WORDS["fillers"]:
        words = words[:-1]
    if not words:
        return None
    words = words[-WORDS_BEFORE:]
    words = (*(word for word in words[:-1] if _is_known(word)), words[-1])
    if words not in cache:
        if len(cache) > CACHE_LIMIT:
            cache.clear()
        cache[words] = _key_of(words)
    return cache[words]


@lru_cache(maxsize=CACHE_LIMIT)
def _is_known(word):
    return not VOCABULARY.isdisjoint(words_of(word))


def _key_of(words):
    last = words_of(words[-1])
    whole = meaning(" ".join(words))
    own = [word for word in last if word not in PHASES]  # Epoch(train), but not train_loss_epoch
    place = meaning(own[-1]).kind if own and KNOWN.isdisjoint(own) else ""
    if place in ("epoch", "step"):
        return None if whole.kind == "ignored" else (place, Meaning(place, whole.phase))
    if meaning(words[-1]).kind == "unknown" and not KNOWN.intersection(last):
        return None
    for start in range(len(words)):
        name = " ".join(words[start:])
        found = meaning(name)
        if found.kind == "ignored":
            return None
        if found.kind != "unknown" and set(found.part.split()) <= set(last):
            return name, found
    return None


def _value(tokens, i, kind):
    """Return the (value, percent) at a token, and whether it is a running mean.

    Of "9850/10000" it is the share, of "0.41 (0.52)" the mean in the brackets.
    """
    value = number_of(tokens[i][0].replace(" ", ""))
    if kind not in ("loss", "score"):
        return value, False
    rest = ["".join(token) for token in tokens[i + 1 : i + 4]]
    of = number_of(rest[1]) if len(rest) > 1 and rest[0] == "/" else None
    if kind == "score" and of and of[0] >= max(value[0], 2):
        return (value[0] / of[0], False), False
    if len(rest) > 2 and rest[0] == "(" and rest[2] == ")":
        mean = number_of(rest[1])
        if mean and not mean[1]:
            return mean, True
    return value, False


def _total(tokens, i):
    """The 50 of "Epoch 3/50", or None."""
    rest = ["".join(token) for token in tokens[i + 1 : i + 3]]
    of = number_of(rest[1]) if len(rest) > 1 and rest[0] in ("/", "of") else None
    return of[0] if of else None


def _named(found, state):
    """Name the pairs of a line; those without a phase take the one that stands before them."""
    explicit = {(m.kind, m.phase, m.metric, m.part) for _, m, _, _ in found if m.phase}
    row = {}
    for name, what, phase, value in found:
        if what.kind in ("epoch", "step"):
            row.setdefault(what.kind, value)
        elif what.phase or not phase or what.kind == "learning_rate":
            row[name] = value
        else:
            has_twin = (what.kind, phase, what.metric, what.part) in explicit
            row[name if has_twin else f"{phase} {name}"] = value
    if "epoch" in row:
        state["epoch"] = row["epoch"][0]
        state["first"] = state["epoch"] if state["first"] is None else state["first"]
    elif state["epoch"] is not None and row:
        row["epoch"] = (state["epoch"], False)
    return [] if row.keys() <= {"epoch", "step"} else list(row.items())
