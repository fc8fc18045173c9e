"""How long each section of a chapter takes, counted in its notebook. The rule stands in RULE."""

import json
from pathlib import Path
import re

WORDS, LINES, FIGURE, LIVE = 200, 15, 0.5, 4  # a minute's words and lines of code; minutes each
RULE = (
    f"{WORDS} words or {LINES} lines of visible code a minute, half a minute for a figure and "
    f"{LIVE} minutes for a live figure; the minutes of exercises are those that they state. "
    "Folded code, folded answers and references do not count."
)
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
FOLD = re.compile(r"<details.*?</details>", re.DOTALL)
HEADING = re.compile(r"^## +(.+)$", re.MULTILINE)
MINUTES = re.compile(r"^\*\*\d+\..*?\b(\d+) minutes", re.MULTILINE)
TITLE = re.compile(r"^# +(.+)$", re.MULTILINE)
HIDDEN = {"hide-input", "hide-cell", "remove-input", "remove-cell"}
UNREAD = ("References",)
OPENING = "Opening"


def section_times(notebook):
    """Return how long the sections of a chapter take.

    Parameters
    ----------
    notebook : path
        An .ipynb file with one heading of the first level.

    Returns
    -------
    title : str
    sections : dict of str to int
        Heading of each section of the second level to its minutes, at least 1; what stands above
        the first of them is called "Opening". Without the references.

    Raises
    ------
    ValueError
        If the notebook has no title.
    """
    cells = json.loads(Path(notebook).read_text("utf8"))["cells"]
    title, now, spent = None, OPENING, {OPENING: 0.0}
    for cell in cells:
        text = "".join(cell["source"])
        if cell["cell_type"] == "code":
            spent[now] += code_minutes(text, cell)
            continue
        title = title or TITLE.search(FENCE.sub("", text))
        first, *rest = HEADING.split(unfolded(text))
        spent[now] += prose_minutes(first)
        for heading, words in zip(rest[::2], rest[1::2], strict=True):
            now = heading.strip()
            spent[now] = prose_minutes(words)
    if title is None:
        raise ValueError(f"{notebook}: the chapter has no title, a line that begins with one #")
    read = {name: max(1, round(each)) for name, each in spent.items() if name not in UNREAD}
    return title[1].strip(), read


def unfolded(text):
    """Return Markdown without folds."""
    return FOLD.sub("", text)


def prose_minutes(text):
    """Return the minutes of Markdown: of exercises those that they state, else by its words."""
    stated = MINUTES.findall(text)
    if stated:
        return float(sum(map(int, stated)))
    lines = sum(len(block.splitlines()) - 2 for block in FENCE.findall(text))
    return len(FENCE.sub("", text).split()) / WORDS + lines / LINES


def code_minutes(text, cell):
    """Return the minutes of a cell of code: its lines if they are in view, and its figures."""
    tags = HIDDEN.intersection(cell["metadata"].get("tags", ()))
    lines = 0 if tags else len(text.splitlines())
    if tags & {"hide-cell", "remove-cell"}:
        return 0.0
    figures = sum("image/png" in output.get("data", ()) for output in cell["outputs"])
    live = "Playground(" in text
    return lines / LINES + (LIVE if live else figures * FIGURE)
