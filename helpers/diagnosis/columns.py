"""What the name of a column says: training or validation, loss or score, or neither.

The words stand in names.json, which columns.js reads, too.
"""

from dataclasses import dataclass
from functools import lru_cache
import json
from pathlib import Path
import re

WORDS = json.loads(Path(__file__).with_name("names.json").read_text("utf-8"))
PHASES = {word: phase for phase, words in WORDS["phases"].items() for word in words}
SCORES = {word: score for score in WORDS["scores"] for word in score["words"]}
RANK = {score["name"]: rank for rank, score in enumerate(WORDS["scores"])}
PHRASES = sorted([*SCORES, *WORDS["loss"]], key=lambda word: (-len(word), word))
LISTS = ("epoch", "step", "neutral", "epoch_grain", "step_grain", "learning_rate", "ignored")
KNOWN = {token for phrase in [*PHRASES, *PHASES] for token in phrase.split()}
VOCABULARY = KNOWN.union(
    *(phrase.split() for key in LISTS for phrase in WORDS[key]),
)
GLUED = re.compile(
    f"({'|'.join(sorted(PHASES, key=lambda word: (-len(word), word)))})"
    f"({'|'.join(phrase for phrase in PHRASES if ' ' not in phrase)})"
)
NAME_LIMIT = 60  # characters of a name that a note quotes


@dataclass(frozen=True)
class Meaning:
    """What a name says.

    kind is "epoch", "step", "learning_rate", "loss", "score", "ignored" or "unknown"; phase is
    "train", "val", "test" or ""; metric is the score's name; part holds the words that are left, by
    which one loss differs from another; grain is "epoch", "step" or "".
    """

    kind: str
    phase: str = ""
    metric: str = ""
    part: str = ""
    grain: str = ""
    index: int = -1  # of validation_0, valid_1


def quoted(name):
    """Quote a name in a note: as plain text, short, on one line."""
    text = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+", " ", str(name))
    text = text.strip(" ")
    return f"“{text[:NAME_LIMIT]}{'…' if len(text) > NAME_LIMIT else ''}”"


def listed(names, limit=8):
    """Write names as a list: quoted, the first eight of them."""
    names = list(dict.fromkeys(names))
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(quoted(name) for name in names[:limit]) + more


def number_text(value):
    """Write an epoch in a note."""
    value = float(value)
    return f"{value:,.0f}" if value.is_integer() and abs(value) < 1e15 else f"{value:.6g}"


def words_of(name):
    """Split a name into words of lower-case letters and digits: "ValLoss" into val, loss."""
    text = str(name)[:200]
    text = re.sub(r"([a-z])([A-Z][a-z])", r"\1 \2", text)
    text = re.sub(r"([a-z]{2})([A-Z])", r"\1 \2", text)
    words = re.sub(r"[^a-z0-9]+", " ", text.lower()).split()
    found = [(GLUED.fullmatch(word), word) for word in words]
    return [part for match, word in found for part in (match.groups() if match else (word,))]


def find(phrases, text):
    """Return the first of the phrases that stands in the words of a text, or ""."""
    return next((phrase for phrase in phrases if f" {phrase} " in f" {text} "), "")


def without(text, phrase):
    """Take a phrase out of the words of a text, once."""
    return " ".join(f" {text} ".replace(f" {phrase} ", " ", 1).split())


@lru_cache(maxsize=10_000)
def meaning(name):
    """Say what a column's name means."""
    words = words_of(name)
    text = " ".join(words)
    if text in WORDS["epoch"]:
        return Meaning("epoch")
    if text in WORDS["step"]:
        return Meaning("step")
    if find(WORDS["learning_rate"], text):
        return Meaning("learning_rate")
    if find(WORDS["ignored"], text):
        return Meaning("ignored")
    return _meaning_of_metric(words)


def _meaning_of_metric(words):
    place = next((i for i, word in enumerate(words) if word in PHASES), -1)
    phase = PHASES[words[place]] if place >= 0 else ""
    after = words[place + 1 : place + 2] if place >= 0 else []
    index = int(after[0]) if after and re.fullmatch(r"[0-9]", after[0]) else -1
    rest = [w for i, w in enumerate(words) if i != place and not (index >= 0 and i == place + 1)]
    metric = find(WORDS["loss"], " ".join(rest)) or find(PHRASES, " ".join(rest))
    left = without(" ".join(rest), metric).split() if metric else rest
    grains = [w for w in left if w in WORDS["epoch_grain"] or w in WORDS["step_grain"]]
    grain = "" if not grains else "epoch" if grains[-1] in WORDS["epoch_grain"] else "step"
    left = [w for w in left if w not in grains and w not in WORDS["neutral"]]
    part = " ".join(w for w in left if w not in PHASES)
    if metric in WORDS["loss"]:
        return Meaning("loss", phase, "", part, grain, index)
    if metric:
        return Meaning("score", phase, SCORES[metric]["name"], part, grain, index)
    if phase and not part:
        return Meaning("loss", phase, "", "", grain, index)
    return Meaning("unknown", phase, "", part, grain, index)
