"""A live figure while its page is still coming: what is seen does not move when the rest comes."""

from helpers.playground import Playground, style
import pytest

FIGURE = Playground("dropout", "label_noise", name="start", question="Which?", epochs=40, width=8)
PLACES = """() => Object.fromEntries(
    [...document.querySelectorAll(".pg-question, .pg-controls, .pg-says, .pg-figure")]
        .map((each, i) => [each.className + i, each])
        .filter(([, each]) => getComputedStyle(each).visibility === "visible")
        .map(([name, each]) => [name, each.getBoundingClientRect().top]))"""


@pytest.fixture
def places(browser):
    """The places of what can be seen, at a width, of as much of the figure as has come."""
    page = browser.new_page(java_script_enabled=False)

    def measure(width, come):
        page.set_viewport_size({"width": width, "height": 844})
        page.set_content(f"<!doctype html><style>{style()}</style>{come}")
        return page.evaluate(PLACES)

    yield measure
    page.close()


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("last", ['<div class="pg-figures">', "</figure>"])
def test_what_has_come_stays_in_its_place(places, width, last):
    inside = FIGURE.skeleton()
    first = places(width, inside[: inside.index(last) + len(last)])
    whole = places(width, inside)
    assert len(whole) == len(("question", "controls", "says", "plane", "curves"))
    assert first == {name: whole[name] for name in first}
