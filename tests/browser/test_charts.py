"""Figures and tables of a page: in the ink of the scheme, for a telephone, and enlarged."""

import base64
import io

from axe import COLORS, broken_rules
import matplotlib as mpl
import matplotlib.pyplot as plt
import nbformat
import pandas as pd
import pytest
from test_site import HEIGHT, NARROW, WIDTH, quiet, shown_in, site_of_two_pages, visited

import figures

ALT = "Two curves: the training loss falls, the validation loss falls and climbs."
OTHER_ALT = "A picture of which there is no drawing: one line from corner to corner."
TABLE = """
| argument | what it says |
|---|---|
| `start_from_epoch_and_no_earlier_than_this` | the first epoch that counts |
"""
LINES = """e => {
    const range = document.createRange();
    range.selectNodeContents(e);
    return range.getClientRects().length;
}"""
SHOWN = "all => all.filter((i) => i.checkVisibility()).map((i) => i.currentSrc.split('/').pop())"
LOADED = "all => all.filter((i) => i.naturalWidth).map((i) => i.currentSrc.split('/').pop())"


def plot(**style):
    """A figure of two panels."""
    with mpl.rc_context({"figure.constrained_layout.use": True, **style}):
        figure, axes = plt.subplots(1, 2, figsize=(8, 3))
    for ax in axes:
        ax.plot([3, 2, 1], label="train")
    return figure


def picture(name, alt, figure):
    """A cell with the PNG of a figure."""
    figure.savefig(file := io.BytesIO(), format="png")
    png = base64.b64encode(file.getvalue()).decode()
    output = nbformat.v4.new_output("display_data", {"image/png": png})
    metadata = {"mystnb": {"image": {"alt": alt}}}
    return nbformat.v4.new_code_cell("0", id=name, outputs=[output], metadata=metadata)


def table():
    """A cell with a table of two settings and six intervals each."""
    names = [f"quantity number {number}, factor" for number in range(1, 7)]
    frame = pd.DataFrame(
        {name: ["0.900 [0.800, 1.000]", "0.700 [0.600, 0.800]"] for name in names},
        index=pd.Index(["the baseline of this chapter", "standardization"], name="setting"),
    )
    output = nbformat.v4.new_output("display_data", {"text/html": frame.to_html()})
    return nbformat.v4.new_code_cell("1", id="table", outputs=[output])


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A site with a figure that is drawn, one that is not, and two tables."""
    book = tmp_path_factory.mktemp("figures")
    drawn = picture("drawn", ALT, figure := plot())
    other = picture("plain", OTHER_ALT, plot(**{"font.size": 9}))
    drawn.outputs[0].data |= {
        figures.WIDE: figures.wide(figure), figures.NARROW: figures.narrow(figure),
    }  # fmt: skip
    plt.close("all")
    notebook = nbformat.v4.new_notebook(cells=[drawn])
    figures.write(figures.take(notebook), book / "index.ipynb")
    cells = ["# Figures", drawn, "Between them.", other, table(), TABLE]
    return site_of_two_pages(book, cells, "No figure here.")


@pytest.fixture
def page(browser, site):
    """The page, in a context of its own: none of its pictures is there already."""
    with (
        browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}) as context,
        visited(context, (site / "index.html").as_uri()) as page,
    ):
        yield page


def test_asks_nobody_and_complains_of_nothing(page):
    assert quiet(page) == []


def test_light_and_dark_wide_and_narrow_have_their_drawings(page):
    images = page.locator(".chart img")
    for width, suffix in ((WIDTH, ""), (NARROW, "-narrow")):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        for scheme, ending in (("light", ""), ("dark", "-dark")):
            shown_in(page, scheme)
            name = f"index-drawn{suffix}{ending}.svg"
            assert images.evaluate_all(SHOWN) == [name]
            assert name in images.evaluate_all(LOADED)
            box = page.locator(".chart img:visible").bounding_box()
            assert box["width"] <= width
            assert page.locator(".chart img:visible").evaluate(
                "i => [getComputedStyle(i).filter, getComputedStyle(i).backgroundColor]"
            ) == ["none", "rgba(0, 0, 0, 0)"]


def test_pictures_have_their_text_and_size_and_load_late_but_the_first(page):
    first, dark, other = page.locator("article img").all()
    for image, alt in ((first, ALT), (dark, ALT), (other, OTHER_ALT)):
        assert image.get_attribute("alt") == alt
        assert int(image.get_attribute("width")) > int(image.get_attribute("height")) > 100
    loading = [image.get_attribute("loading") for image in (first, dark, other)]
    assert loading == ["eager", "lazy", "lazy"]
    assert other.get_attribute("src").endswith(".webp")
    assert page.locator(".chart img").evaluate_all(LOADED) == ["index-drawn.svg"]


def test_a_click_or_enter_enlarges_a_figure_and_escape_returns(page):
    dialog, button = page.get_by_role("dialog"), page.get_by_role("button", name="Enlarge")
    assert button.count() == 1
    for act in (
        lambda: page.locator(".chart img:visible").click(),
        lambda: button.press("Enter"),
    ):
        act()
        picture = dialog.get_by_role("img")
        assert picture.get_attribute("alt") == ALT
        assert picture.evaluate("i => i.currentSrc").endswith("/index-drawn.svg")
        assert dialog.get_by_role("button", name="Close").evaluate(
            "b => b === document.activeElement"
        )
        page.keyboard.press("Escape")
        assert dialog.count() == 0
        assert button.evaluate("b => b === document.activeElement")


def test_on_a_telephone_its_own_drawing_scrolls_in_the_dialog(page):
    page.set_viewport_size({"width": NARROW, "height": HEIGHT})
    page.locator(".chart img:visible").click()
    room = page.locator(".chart-room")
    assert room.get_by_role("img").evaluate("i => i.currentSrc").endswith("/index-drawn-narrow.svg")
    assert room.evaluate("r => r.scrollWidth > r.clientWidth")
    page.get_by_role("button", name="Close").click()
    assert page.get_by_role("dialog").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_enlarged_figure_is_accessible(page, scheme):
    shown_in(page, scheme)
    page.get_by_role("button", name="Enlarge").press("Enter")
    assert not broken_rules(page, ".chart-large")


def test_on_paper_a_figure_is_light_and_has_no_button(page):
    shown_in(page, "dark")
    page.emulate_media(media="print")
    assert page.locator(".chart img").evaluate_all(SHOWN) == ["index-drawn.svg"]
    assert not page.locator(".chart-open").is_visible()


def test_without_javascript_one_drawing_shows(browser, site):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto((site / "index.html").as_uri())
        assert page.locator(".chart img:visible").count() == 1


def test_scripts_come_only_where_there_is_something_for_them(browser, site):
    with browser.new_context() as context, visited(context, (site / "other.html").as_uri()) as page:
        assert page.locator('script[src*="figures.js"], script[src*="tables.js"]').count() == 0


def test_a_wide_table_shows_that_it_goes_on_and_keeps_its_first_column(page):
    page.set_viewport_size({"width": NARROW, "height": HEIGHT})
    shown_in(page, "light")
    frame = page.locator(".table-frame").first
    room, first = frame.locator(".table-scroll"), frame.locator("tbody th").first
    room.scroll_into_view_if_needed()
    page.wait_for_function("f => f.dataset.more === 'end'", arg=frame.element_handle())
    shadow = "f => getComputedStyle(f, '::after').opacity"
    page.wait_for_function(f"f => ({shadow})(f) === '1'", arg=frame.element_handle())
    assert room.get_attribute("tabindex") == "0"
    assert frame.bounding_box()["width"] <= NARROW
    before = first.bounding_box()
    room.evaluate("r => r.scrollTo({ left: 9999, behavior: 'instant' })")
    page.wait_for_function("f => f.dataset.more === 'start'", arg=frame.element_handle())
    assert first.bounding_box() == before
    assert before["width"] < NARROW / 2
    assert not broken_rules(page, ".table-frame")


def test_a_table_that_fits_is_no_stop_of_tab(page):
    markdown = page.locator(".table-frame").last
    markdown.scroll_into_view_if_needed()
    assert markdown.get_attribute("data-more") == ""
    assert markdown.locator(".table-scroll").get_attribute("tabindex") is None


def test_a_word_of_code_in_a_cell_stays_whole(page):
    page.set_viewport_size({"width": NARROW, "height": HEIGHT})
    word = page.locator(".table-frame code").first
    assert word.evaluate("w => w.getClientRects().length") == 1


def test_a_name_of_a_row_breaks_between_words_only(page):
    page.set_viewport_size({"width": NARROW, "height": HEIGHT})
    name = page.get_by_role("rowheader", name="standardization")
    assert name.evaluate(LINES) == 1


def test_intervals_are_drawn_and_read_in_light_and_dark(page):
    table = page.locator(".table-frame").first
    assert table.locator("svg.interval").count() == 12
    assert "0.900 [0.800, 1.000]" in " ".join(table.inner_text().split())
    assert page.locator(".table-frame + .table-key").count() == 1
    for scheme in ("light", "dark"):
        shown_in(page, scheme)
        assert not broken_rules(page, options=COLORS)
