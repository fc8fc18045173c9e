"""What the alt texts of a notebook's pictures state in numbers, and what stands behind it."""

import re

MINUS = "\N{MINUS SIGN}"
NUMBER = re.compile(
    r"(?<![\w.,])[-\u2212]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[-+]?\d+)?(?![\w]|\.\d)",
    re.ASCII,
)
MARKUP = re.compile(r"<[^>]*>")
LIVE = "data-playground"  # a live figure's output holds its settings, not results
ASSERTED = re.compile(r"\b(?:assert|claim|above=|below=|within=)")
USUAL = {"95%"}  # the interval of every figure of the book


def numbers(text):
    """Return the numbers in a text as they are written and as floats."""
    found = [match[0] for match in NUMBER.finditer(text)]
    return [(each, float(each.replace(",", "").replace(MINUS, "-"))) for each in found]


def alt_of(cell):
    """Return the alt text of a cell's picture, "" if it has none."""
    return cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")


def outputs(cell):
    """Yield the texts that a cell has put out."""
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        for text in (output.get("text", ""), data.get("text/plain", ""), data.get("text/html", "")):
            if LIVE not in text:
                yield MARKUP.sub(" ", text)


def unfounded(cell, notebook):
    """Return the numbers of a cell's alt text that nothing on its page stands behind.

    A number counts as founded if the page puts it out (rounded to the digits that it is written
    with; as a share, too, if it is a percentage or points; as thousands where the page counts
    these), if a cell asserts it as a bound, or if it is a setting: a decimal in the figure's own
    cell, a whole number in the code of the page.
    """
    code = [each for each in notebook.cells if each.cell_type == "code"]
    out = " ".join(text for each in code for text in outputs(each))
    lines = [line.replace("_", "") for each in code for line in each.source.splitlines()]
    shown = [abs(value) for _, value in numbers(out)]
    bounds = {value for line in lines if ASSERTED.search(line) for _, value in numbers(line)}
    own = {value for _, value in numbers(cell.source.replace("_", ""))} | bounds
    anywhere = {value for line in lines for _, value in numbers(line)}
    scales = [1, 100] + ([1000] if "(thousands)" in out else [])
    text = alt_of(cell)
    for usual in USUAL:
        text = text.replace(usual, "")
    missing = []
    for written, value in numbers(text):
        digits = len(written.partition(".")[2])
        close = 0.5 * 10**-digits * (1 + 1e-6)
        is_set = value in (own if digits else anywhere | own)
        is_shown = any(abs(s * each - abs(value)) <= close for s in scales for each in shown)
        if not (is_set or is_shown):
            missing.append(written)
    return missing
