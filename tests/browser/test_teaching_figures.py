"""The links of the page for teachers set the live figures, which then show what it says."""

from html import escape, unescape
import json
from pathlib import Path
import re
from urllib.parse import parse_qs

from helpers.playground import from_options, script, style
from helpers.playground.knobs import KNOBS
import pytest

CHAPTERS = Path(__file__).parents[2] / "chapters"
TEACHING = (CHAPTERS / "teaching.md").read_text("utf8")
WAIT = 240_000  # milliseconds, on a busy machine, too
ROW = re.compile(
    r'^\| <a href="(?P<page>\w+)\.html#(?P<hash>[^"]+)">(?P<name>[^<]+)</a> \| (?P<train>[^|]+) \| '
    r"(?P<val>[^|]+) \| (?P<low>[^|]+) \(epoch (?P<epoch>[\d,]+)\) \| (?P<accuracy>\d+)% \|$",
    re.MULTILINE,
)
ROWS = [found.groupdict() for found in ROW.finditer(TEACHING)]
SWEPT = re.findall(r"“(Over 10 seeds [^”]+|lowest, [^”]+)”", TEACHING)
LEFT_TO_THE_FIGURE = {"depth", "min_delta", "restore"}
PLAYGROUND = re.compile(r'data-playground="([^"]*)"')
QUICK = {"epochs": 1, "width": 1}  # the still that stands there first is not what is asked for
DONE = """() => {
    const figure = document.querySelector("[data-engine]");
    if (figure?.dataset.state !== "done") return null;
    const cells = [...figure.querySelectorAll(".pg-results td")].map((cell) => cell.textContent);
    const labels = [...figure.querySelectorAll("svg[aria-label]")].map((svg) => svg.ariaLabel);
    return { cells, curves: labels.find((label) => label.startsWith("Cross-entropy")),
        train: Number(figure.dataset.trainLoss), val: Number(figure.dataset.valLoss),
        notes: figure.querySelector(".pg-notes")?.textContent };
}"""


def options(page, name):
    """The options of a chapter's live figure, from its stored output."""
    cells = json.loads((CHAPTERS / f"{page}.ipynb").read_text("utf8"))["cells"]
    for cell in cells:
        for output in cell.get("outputs", ()):
            for found in PLAYGROUND.findall("".join(output.get("data", {}).get("text/html", ""))):
                given = json.loads(unescape(found))
                if given["name"] == name:
                    return given
    raise AssertionError(f"{page} has no live figure {name}")


@pytest.fixture(scope="module")
def context(browser):
    """One context for all figures: to make one takes longer than to open a page."""
    with browser.new_context() as context:
        yield context


@pytest.fixture
def show(context, tmp_path):
    """Open a chapter's live figure, alone on a page, in the state of a row's link."""
    opened = []

    def open_figure(row):
        fragment = unescape(row["hash"])
        given = options(row["page"], fragment.partition("?")[0])
        quick = {**given, "settings": {**given.get("settings", {}), **QUICK}}
        still = from_options(quick).skeleton()
        element = still.replace(PLAYGROUND.search(still)[1], escape(json.dumps(given)), 1)
        path = tmp_path / "page.html"
        path.write_text(
            f'<!doctype html><meta charset="utf-8"><style>{style()}</style>{element}'
            f"<script>(() => {{ {script()}\nhydrate(document); }})()</script>",
            "utf8",
        )
        page = context.new_page()
        opened.append(page)
        page.set_default_timeout(WAIT)
        page.goto(f"{path.as_uri()}#{fragment}")
        return page, page.wait_for_function(DONE).json_value()

    yield open_figure
    for page in opened:
        page.close()


def test_there_are_eight_figures_with_links():
    figures = re.split(r"^### Figure \d\. ", TEACHING, flags=re.MULTILINE)[1:]
    assert [bool(ROW.search(each)) for each in figures] == [True] * 8
    assert len(ROWS) == TEACHING.count(".html#")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['page']}: {row['name']}")
def test_a_link_says_all_that_its_numbers_hang_on(row):
    given = parse_qs(unescape(row["hash"]).partition("?")[2])
    assert set(given) == set(KNOBS) - LEFT_TO_THE_FIGURE
    base = options(row["page"], row["hash"].partition("?")[0]).get("settings", {})
    for name in LEFT_TO_THE_FIGURE:
        assert base.get(name, KNOBS[name]["initial"]) == KNOBS[name]["initial"]


def near(said, measured):
    """Does a loss to two digits, or "below 0.01", say what was measured?"""
    if said == "below 0.01":
        return measured < 0.01
    return float(said) == pytest.approx(measured, abs=0.0051, rel=0.01)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['page']}: {row['name']}")
def test_a_link_shows_what_the_page_says(show, row):
    _, seen = show(row)
    assert near(row["train"], seen["train"])
    assert near(row["val"], seen["val"])
    low, epoch = re.search(r"lowest ([\d.]+) at epoch ([\d,]+)", seen["curves"]).groups()
    assert near(row["low"], float(low))
    best, said = (int(number.replace(",", "")) for number in (epoch, row["epoch"]))
    assert said == pytest.approx(best, rel=0.02)
    accuracies = [cell for cell in seen["cells"] if re.fullmatch(r"[\d.]+%", cell)]
    assert int(row["accuracy"]) == pytest.approx(float(accuracies[1][:-1]), abs=1)


@pytest.mark.parametrize(
    ("row", "sentence"), list(zip(ROWS[-2:], SWEPT, strict=True)), ids=lambda x: str(x)[-30:]
)
def test_the_sweep_says_what_the_page_quotes(show, row, sentence):
    page, _ = show(row)
    page.get_by_text("More settings").click()
    page.get_by_label("Sweep over").select_option("l2")
    page.get_by_role("button", name="Sweep", exact=True).click()
    summary = page.locator(".pg-sweep .pg-summary")
    page.get_by_text("70 of 70 networks").wait_for()
    assert sentence.rstrip(".") in summary.inner_text()
