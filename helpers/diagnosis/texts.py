"""From text to a table: CSV and its kin, tables of blanks or bars, JSON, and lines of a log."""

import csv
import json
import re

from helpers.diagnosis.columns import KNOWN, Meaning, meaning, number_text, quoted, words_of
from helpers.diagnosis.nested import table_of_nested
from helpers.diagnosis.tables import (
    Column,
    Table,
    check_rows,
    column,
    columns_of_records,
    is_missing,
    number_of,
)
import numpy as np

LINE_LIMIT = 100_000  # characters
FAST_FROM = 20_000  # rows from which pandas reads a plain CSV
COLOURS = re.compile(r"\x1b\[[0-9;?]{0,16}[ -/]{0,4}[@-~]|\[[0-9]{1,3}(?:;[0-9]{1,3}){0,4}m")
CONTROLS = re.compile(r"[\x00-\x07\x0b\x0c\x0e-\x1f\x7f\u200b\u2060\ufeff]")
DECIMAL_COMMA = re.compile(r"[-+]?[0-9]+,[0-9]+(?:[eE][-+]?[0-9]+)? ?%?")
UNNAMED = re.compile(r"(?:Unnamed: 0(?:\.[0-9])?|index)?")
WANDB = re.compile(r".{1,200} - (.{1,200})")
TOKEN = re.compile(
    r"(?P<number>[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?(?![\w.]) ?%?)"
    r"|(?P<word>[^\W0-9]\w*(?:[/.'@+]\w+|-(?=[^\W0-9])\w+)*(?:\(\w{1,20}\))?)"
    r"|(?P<other>[0-9]\w*(?:[./]\w+)*|\S)"
)
SPECIAL = {"nan", "inf", "infinity"}


def text_of_bytes(data):
    """Decode bytes as UTF-8 or UTF-16; what cannot be decoded is replaced."""
    head = data[:2000]
    nulls = [head[start::2].count(0) > 0.4 * len(head) for start in (0, 1)]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    if len(head) > 3 and nulls[0] != nulls[1]:
        return data.decode("utf-16-be" if nulls[0] else "utf-16-le", errors="replace")
    return data.decode("utf-8-sig", errors="replace")


def table_of_text(text, file_name=""):
    """Read a text in whichever of the formats it has."""
    if not text.strip(" \t\r\n\ufeff\x00"):
        raise ValueError("The log is empty: there is nothing to read.")
    _refuse_binary(text)
    notes = []
    if "\ufffd" in text[:1_000_000]:
        notes.append("Some characters could not be decoded; the numbers are not affected.")
    table = table_of_nested_text(text) or table_of_lines(text)
    table.notes[:0] = notes
    return table


def _refuse_binary(text):
    head = text[:100_000]
    odd = len(CONTROLS.findall(head)) + head.count("\ufffd") - len(re.findall("\x1b\\[", head))
    if odd > 0.02 * len(head) + 2:
        raise ValueError(
            "This is a binary file, not a log: export the numbers as CSV, JSON or text."
        )


def table_of_nested_text(text):
    """Read JSON, or a dict that Python printed; None if the text is neither."""
    start = text.lstrip("\ufeff \t\r\n")[:1]
    if start not in ("{", "["):
        return None
    for candidate in (text.lstrip("\ufeff"), None):
        try:
            value = json.loads(relaxed(text) if candidate is None else candidate)
        except (ValueError, RecursionError):
            continue
        return table_of_nested(value)
    return None


RELAXED = re.compile(
    r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|\b(?:nan|NaN|inf|Infinity|None|True|False)\b"
    r"|\b(?:np|numpy|torch)\.\w{1,20}\(|\b(?:array|tensor|defaultdict|OrderedDict)\("
    r"|,\s{0,9}dtype=[\w.]{1,30}|,\s{0,9}device=|<class '[^']{1,30}'>,|,\s{0,9}(?=[\])}])|[()]"
)
PLAIN = {"None": "null", "True": "true", "False": "false"}
PLAIN |= {"nan": "NaN", "NaN": "NaN", "inf": "Infinity", "Infinity": "Infinity"}


def relaxed(text):
    """Turn what Python prints of a dict or list of numbers into JSON."""
    calls = []  # of each open bracket, whether it was that of a call

    def replace(match):
        found = match[0]
        if found[0] in "\"'":
            return found if found[0] == '"' else json.dumps(found[1:-1])
        if found[-1] == "(":
            calls.append(len(found) > 1)
            return "" if calls[-1] else "["
        if found == ")":
            return "" if calls and calls.pop() else "]"
        return PLAIN.get(found, "")

    return RELAXED.sub(replace, text)


# Lines


def table_of_lines(text):
    """Read lines: a table with a header if there is one, else the lines of a log."""
    lines, notes, returns = lines_of(text)
    check_rows(len(lines))
    table = delimited(lines) or table_of_log(lines)
    table.running = table.running or returns
    table.notes[:0] = notes
    return table


def lines_of(text):
    """Split a text into lines without colours; say what was left out, and whether lines returned.

    A carriage return within a line, or a run of backspaces, begins a new version of the line.
    """
    if "\x1b" in text or "\b" in text or re.search(r"\[[0-9;]{1,9}m", text[:100_000]):
        text = COLOURS.sub("", text).replace("\b", "\r")
    text = CONTROLS.sub("", text.replace("\r\n", "\n"))
    returns = "\r" in text and "\n" in text
    lines = text.replace("\r", "\n").split("\n")
    kept = [line for line in lines if line and not line.isspace() and len(line) <= LINE_LIMIT]
    long = sum(len(line) > LINE_LIMIT for line in lines)
    if long and not kept:
        raise ValueError(f"A line is longer than {LINE_LIMIT:,} characters: no log looks so.")
    notes = [f"Lines of more than {LINE_LIMIT:,} characters, left out: {long:,}."] if long else []
    return kept, notes, returns


BARS = str.maketrans("│┃", "||")


def split_cells(line, delimiter):
    """Split a line into cells: at " " (any blanks), "  " (two or more), "|" or another mark."""
    if delimiter == " ":
        return line.split()
    if delimiter == "  ":
        return re.split(r"\s{2,}|\t", line.strip())
    if delimiter == "|":
        line = line.translate(BARS).strip()
        return [cell.strip() for cell in line.removeprefix("|").removesuffix("|").split("|")]
    if '"' in line:
        return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True))
    return line.split(delimiter)


def delimited(lines):
    """Read a table with a header; None if there is none among the first lines."""
    for start, line in enumerate(lines[:30]):
        for delimiter in _delimiters(line):
            names = split_cells(line, delimiter)
            if _is_header(names) and _fits(names, lines[start + 1 : start + 40], delimiter):
                return _table(names, lines, start, delimiter)
    return None


def _delimiters(line):
    line = line.translate(BARS)
    found = [mark for mark in ("\t", ";", ",", "|") if mark in line]
    return [*found, "  ", " "] if "," not in found and ";" not in found else found


def _is_header(names):
    if len(names) < 2 or any(number_of(name) for name in names):
        return False
    known = [meaning(_bare(name)).kind for name in names]
    return any(kind not in ("unknown", "ignored") for kind in known) or "Step" in names


def _fits(names, lines, delimiter):
    """Say whether the lines below a header are rows of as many cells, of numbers or nothing."""
    rows = [split_cells(line, delimiter) for line in lines if not _is_rule(line)]
    fitting = [row for row in rows if len(row) == len(names)]
    cells = [cell for row in fitting for cell in row if not is_missing(cell)]
    comma = _has_decimal_comma(fitting, delimiter)
    numbers = sum(number_of(cell, comma) is not None for cell in cells)
    full = any(sum(number_of(c, comma) is not None for c in row) >= 1 for row in fitting)
    return full and len(fitting) * 2 >= len(rows) and numbers * 3 >= len(cells)


def _is_rule(line):
    return not re.search(r"[^-+=|:│┃┼├┤─━═╇╪┏┓┡┩└┘┌┐┴┬╞╡\s]", line)


def _has_decimal_comma(rows, delimiter):
    if delimiter not in (";", "\t", "|", " ", "  "):
        return False
    return any(DECIMAL_COMMA.fullmatch(cell.strip()) for row in rows for cell in row)


def _bare(name):
    """Strip a name of blanks and, in an export of W&B, of the run's name."""
    name = name.strip(" \t\"'")
    match = WANDB.fullmatch(name)
    return match[1] if match else name


def _table(names, lines, start, delimiter):
    names = [name.strip(" \t\"'") for name in names]
    header = lines[start]
    body = [line for line in lines[start + 1 :] if line != header]
    columns = len(body) >= FAST_FROM and _fast(names, body, delimiter)
    notes = []
    if not columns:
        columns, notes = _slow(names, [line for line in body if not _is_rule(line)], delimiter)
    columns, more = _without_prefixes(_unique(columns))
    return Table(_format(names, delimiter), columns, notes + more)


def _fast(names, lines, delimiter):
    """Read a plain CSV of numbers with pandas; None if it is not plain."""
    import io  # noqa: PLC0415

    import pandas as pd  # noqa: PLC0415  takes 0.3 s, which a short log need not wait for

    text = "\n".join(lines)
    if len(delimiter.strip(" ")) != 1 or delimiter == "|" or '"' in text or "%" in text:
        return None
    if "nan" in text or "NaN" in text or "NAN" in text:
        return None
    try:
        frame = pd.read_csv(
            io.StringIO(text),
            sep=delimiter,
            header=None,
            names=range(len(names)),
            index_col=False,
            keep_default_na=False,
            na_values=[""],
            on_bad_lines="error",
            skipinitialspace=True,
        )
    except (ValueError, pd.errors.ParserError):
        return None
    if len(frame) != len(lines) or any(kind.kind not in "if" for kind in frame.dtypes):
        return None
    arrays = [frame[i].to_numpy(float) for i in range(len(names))]
    return [Column(n, a, ~np.isnan(a)) for n, a in zip(names, arrays, strict=True)]


def _slow(names, lines, delimiter):
    rows = [split_cells(line, delimiter) for line in lines]
    comma = _has_decimal_comma(rows[:1000], delimiter)
    n = len(names)
    good = [row for row in rows if len(row) == n or (row is rows[-1] and 1 < len(row) < n)]
    good = [[*row, *[None] * (n - len(row))] for row in good]
    good = [row for row in good if any(number_of(cell, comma) is not None for cell in row)]
    notes = []
    if len(good) < len(rows):
        left = len(rows) - len(good)
        notes.append(
            f"{left:,} line{'' if left == 1 else 's'} did not fit the header and "
            f"{'was' if left == 1 else 'were'} left out."
        )
    cells = list(zip(*good, strict=True)) or [()] * n
    return [column(name, cells[i], comma) for i, name in enumerate(names)], notes


def _unique(columns):
    """Keep the last of columns that share a name."""
    return list({col.name: col for col in columns}.values())


def _without_prefixes(columns):
    """Take the run's name off W&B's columns; of several runs, keep the last."""
    found = [(WANDB.fullmatch(col.name), col) for col in columns]
    prefixes = [m[0][: -len(m[1]) - 3] for m, _ in found if m]
    if not prefixes or meaning(columns[0].name).kind not in ("step", "epoch"):
        return columns, []
    last = prefixes[-1]
    kept = [
        Column(m[1] if m else col.name, col.values, col.present, col.percent)
        for m, col in found
        if not m or m[0].startswith(f"{last} - ")
    ]
    several = len(set(prefixes)) > 1
    note = f"The file holds {len(set(prefixes))} runs; read was the last, {quoted(last)}."
    return kept, [note] if several else []


def _format(names, delimiter):
    """Name the format of a table by its header."""
    kinds = [meaning(_bare(name)) for name in names]
    exact = set(names)
    phased = any(kind.phase and kind.kind in ("loss", "score") for kind in kinds)
    is_yolo = any(name.startswith(("train/box_loss", "val/box_loss", "metrics/")) for name in names)
    forms = {
        "TensorBoard CSV": exact == {"Wall time", "Step", "Value"},
        "Weights & Biases CSV": names[0] == "Step" and any(map(WANDB.fullmatch, names)),
        "YOLO results.csv": is_yolo,
        "Lightning metrics.csv": {"epoch", "step"} <= exact and phased,
        "Markdown table": delimiter == "|",
        "fastai table": {"epoch", "train_loss", "valid_loss"} <= exact,
        "pandas CSV": UNNAMED.fullmatch(names[0]),
        "Keras CSVLogger": names[0] == "epoch" and "loss" in exact and delimiter == ",",
        "table": delimiter in (" ", "  "),
    }
    return next((form for form, fits in forms.items() if fits), "CSV")


# Lines of a log


def table_of_log(lines):
    """Read the pairs of name and number in the lines of a log."""
    state = {
        "epoch": None,
        "of": None,
        "first": None,
        "heading": "",
        "done": None,
        "running": False,
    }
    rows, kinds, cache = [], {}, {}
    after_best = False
    for line in lines:
        pairs = [] if after_best else _pairs(line, state, cache)
        after_best = line.rstrip().endswith(":") and "best" in line.lower()
        if pairs:
            form = _form_of_line(line)
            kinds[form] = kinds.get(form, 0) + 1
            rows.append(pairs)
            state["done"] = state["epoch"]
    if not rows:
        raise ValueError(_nothing(lines))
    _count_epochs(rows)
    form = max(kinds, key=kinds.get)
    running = state["running"] or form in RUNNING
    return Table(form, columns_of_records(rows), _unfinished(state), running)


RUNNING = ("Keras progress bar", "tqdm progress bar")


FORMS = {
    "Keras progress bar": re.compile(r"\s*[0-9]+/[0-9]+ |[ -]{0,4}[0-9]+s - |.{0,20}[0-9]/step"),
    "LightGBM log": re.compile(r"\s*\[[0-9]+\]\s.{0,80}'s "),
    "XGBoost log": re.compile(r"\s*\[[0-9]+\]\s"),
    "CatBoost log": re.compile(r"[0-9]+:\s{1,4}learn: "),
    "tqdm progress bar": re.compile(r".{0,2000}?(?:it/s|s/it)"),
    "Hugging Face console": re.compile(r"\s*\{'(?:loss|eval_loss|train_runtime)'"),
}


def _form_of_line(line):
    return next((form for form, pattern in FORMS.items() if pattern.match(line)), "log file")


def _nothing(lines):
    seen = " ".join(lines[0].split())
    return (
        "Nothing recognised: no loss, no score. The first line is "
        f"{quoted(seen)}. Name the columns like “loss” and “val_loss”, or say which is which."
    )


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


def _pairs(line, state, cache):
    """Find the pairs of name and (value, percent) in a line; keep the epoch in the state."""
    found = _prefix(line)
    phase, words = state["heading"], []
    state["heading"] = ""
    tokens = list(TOKEN.finditer(line[:20_000]))
    for i, token in enumerate(tokens):
        word, number = token["word"], token["number"]
        if word and word.lower() not in SPECIAL:
            words.append(word)
        elif number or word:
            key = _key(words, cache)
            if key and key[1].kind == "epoch":
                state["of"] = _total(tokens, i) or state["of"]
            if key and key[1].kind != "ignored":
                value, running = _value(tokens, i, key[1].kind, number or word)
                state["running"] = state["running"] or running
                phase = key[1].phase or phase
                found.append((key[0], key[1], phase, value))
            words = []
        elif token["other"] in ",;|{}&" or token["other"][0].isdigit():
            words = []
    if not found and words and line.rstrip().endswith(":"):
        state["heading"] = next((m.phase for m in [meaning(" ".join(words[:3]))] if m.phase), "")
    return _named(found, state)


def _prefix(line):
    """Read the round in front of a line: [7], [1, 2000] or 7:."""
    match = re.match(r"\s*(?:\[([0-9]{1,9})(?:,\s*([0-9]{1,9}))?\][\s:]|([0-9]{1,9}):\s)", line)
    if not match:
        return []
    epoch = float(match[1] or match[3])
    found = [("epoch", meaning("epoch"), "", (epoch, False))]
    if match[2]:
        found.append(("step", meaning("step"), "", (float(match[2]), False)))
    return found


def _key(words, cache):
    """Find the longest run of words before a number that is a name; (name, meaning) or None."""
    words = tuple(words[-5:])
    if not words:
        return None
    if words not in cache:
        if len(cache) > 100_000:
            cache.clear()
        cache[words] = _key_of(words)
    return cache[words]


def _key_of(words):
    last = words_of(words[-1])
    names = (" ".join(words[start:]) for start in range(len(words)))
    if last and last[-1] in ("epoch", "ep", "step", "iter", "iteration", "round"):
        if meaning(" ".join(words)).kind == "ignored":
            return None
        kind = "epoch" if last[-1] in ("epoch", "ep") else "step"
        phase = meaning(" ".join(words)).phase
        return kind, Meaning(kind, phase)
    if not any(word in KNOWN or meaning(words[-1]).kind != "unknown" for word in last):
        return None
    for name in names:
        found = meaning(name)
        if found.kind == "ignored":
            return name, found
        inside = " ".join(words_of(words[-1]))
        if found.kind != "unknown" and all(part in inside for part in found.part.split()):
            return name, found
    return None


def _value(tokens, i, kind, text):
    """Return the (value, percent) at a token, and whether it is a running mean.

    Of "9850/10000" it is the share, of "0.41 (0.52)" the mean in the brackets.
    """
    value, percent = number_of(text.replace(" ", "")) or (np.nan, False)
    if i and tokens[i - 1][0] == "-" and tokens[i - 1].end() == tokens[i].start():
        value = -value  # of -inf
    rest = [token[0] for token in tokens[i + 1 : i + 4]]
    if kind == "score" and len(rest) > 1 and rest[0] == "/" and (of := number_of(rest[1])):
        return (value / of[0] if of[0] else np.nan, False), False
    if kind in ("loss", "score") and len(rest) > 2 and rest[0] == "(" and rest[2] == ")":
        mean = number_of(rest[1])
        if mean and not mean[1]:
            return mean, True
    return (value, percent), False


def _total(tokens, i):
    """The 50 of "Epoch 3/50", or None."""
    rest = [token[0] for token in tokens[i + 1 : i + 3]]
    of = number_of(rest[1]) if len(rest) > 1 and rest[0] in ("/", "of") else None
    return of[0] if of else None


def _named(found, state):
    """Name the pairs of a line; those without a phase take the one that stands before them."""
    explicit = {(m.phase, m.metric, m.part) for _, m, _, _ in found if m.phase}
    record = {}
    for name, what, phase, value in found:
        if what.kind in ("epoch", "step"):
            record.setdefault(what.kind, value)
            continue
        own = what.phase or (phase, what.metric, what.part) in explicit
        record[name if own or not phase or what.kind == "learning_rate" else f"{phase} {name}"] = (
            value
        )
    if "epoch" in record:
        state["epoch"] = record["epoch"][0]
        state["first"] = state["epoch"] if state["first"] is None else state["first"]
    elif state["epoch"] is not None and record:
        record["epoch"] = (state["epoch"], False)
    if not any(name not in ("epoch", "step") for name in record):
        return []
    return list(record.items())
