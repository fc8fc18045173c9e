"""The pages in a browser: no foreign request, a clean console, legible in light, dark and narrow.

The site is built from the notebooks' stored outputs; only the landing page is executed.
"""

import functools
import os
from pathlib import Path
import re
import shutil
import subprocess
import sys

from axe_playwright_python.sync_playwright import Axe
import pytest
import yaml

ROOT = Path(__file__).parents[1]
SHORTEST_ALT = 10  # characters
LOWEST_CONTRAST = 4.5  # of text against its background, WCAG 2 AA
WIDTH, NARROW, HEIGHT = 1280, 360, 800

CONTRAST = """() => {
    const rgb = colour => colour.match(/[\\d.]+/g).map(Number);
    const linear = c => c <= 10.31 ? c / 3294.6 : ((c / 255 + 0.055) / 1.055) ** 2.4;
    const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    const behind = element => {
        for (; element; element = element.parentElement) {
            const colour = rgb(getComputedStyle(element).backgroundColor);
            if (colour.length === 3 || colour[3] > 0) return colour;
        }
        return [255, 255, 255];
    };
    return [...document.querySelectorAll("article :is(h1, h2, p, td, th, li, summary, pre)")].map(
        element => {
            const [a, b] = [rgb(getComputedStyle(element).color), behind(element)].map(light);
            return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        });
}"""


def files(toc):
    """The names of the pages in a table of contents, in order."""
    if isinstance(toc, list):
        return [name for part in toc for name in files(part)]
    if not isinstance(toc, dict):
        return []
    own = [toc[key] for key in ("root", "file") if key in toc]
    return own + [name for value in toc.values() for name in files(value)]


PAGES = files(yaml.safe_load((ROOT / "_toc.yml").read_text("utf8")))
LIVE = [name for name in PAGES if name == "index" or re.match(r"chapters/\d", name)]
CHAPTERS = [name for name in LIVE if name != "index"]


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """The site's folder and how its build ended, from the stored outputs of the chapters."""
    book = tmp_path_factory.mktemp("book")
    for name in ["_toc.yml", "index.md", "run.md", "chapters", "_static", "_templates"]:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, book / name)
        elif (ROOT / name).exists():
            shutil.copy(ROOT / name, book)
    config = yaml.safe_load((ROOT / "_config.yml").read_text("utf8"))
    config["execute"]["exclude_patterns"] = ["chapters/*.ipynb"]
    (book / "_config.yml").write_text(yaml.safe_dump(config), "utf8")
    return book / "_build" / "html", build_in(book, repository="")


def build_in(book, repository, **variables):
    """Build a book's site, with the address of its repository; return how that ended."""
    command = Path(sys.executable).with_name("jupyter-book")
    arguments = [command, "build", book, "-W", "--keep-going", "-q"]
    variables = {**os.environ, "BOOK_REPOSITORY": repository, **variables}
    return subprocess.run(arguments, env=variables, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def site(build):
    """The folder of the built site."""
    folder, run = build
    if run.returncode:
        pytest.skip("the site did not build")
    return folder


class Visit:
    """A page in a browser, with the requests and the complaints it made on the way."""

    def __init__(self, browser, url, **options):
        self.foreign, self.complaints = [], []
        context = browser.new_context(**options)
        context.route("**/*", self._route)
        self.page = context.new_page()
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(url)
        self.page.wait_for_load_state("networkidle")

    def _route(self, route):
        if route.request.url.startswith(("file:", "data:", "blob:")):
            route.continue_()
        else:
            self.foreign.append(route.request.url)
            route.abort()

    def _listen(self, message):
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


@pytest.fixture(scope="module")
def visit(browser, site):
    """Open a page by its name in the table of contents, once for each width and scheme."""

    @functools.cache
    def open_page(name, width=WIDTH, scheme="light"):
        url = (site / f"{name}.html").as_uri()
        size = {"width": width, "height": HEIGHT}
        return Visit(browser, url, viewport=size, color_scheme=scheme)

    return open_page


def test_builds_without_a_warning(build):
    _, run = build
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("name", PAGES)
def test_asks_nobody_and_complains_of_nothing(visit, name):
    seen = visit(name)
    assert seen.foreign == []
    assert seen.complaints == []


@pytest.mark.parametrize("name", PAGES)
def test_has_a_title_and_one_heading(visit, name):
    page = visit(name).page
    headings = page.locator("article h1")
    assert headings.count() == 1
    assert headings.inner_text().strip("#\n ") in page.title()


@pytest.mark.parametrize("name", PAGES)
def test_every_picture_loads_and_has_alt_text(visit, name):
    images = visit(name).page.locator("img").evaluate_all(
        "all => all.map(i => [i.alt, i.currentSrc || i.src, i.complete && i.naturalWidth > 0])"
    )  # fmt: skip
    for alt, source, loaded in images:
        assert len(alt) >= SHORTEST_ALT, source
        assert not re.search(r"\.(png|jpe?g|svg)\b|^_images", alt), alt
        assert loaded, source


@pytest.mark.parametrize("name", PAGES)
def test_every_formula_is_set(visit, name):
    page = visit(name).page
    page.wait_for_function("""() =>
        [...document.querySelectorAll(".math")].every(e => e.querySelector("mjx-container"))""")
    assert page.locator("mjx-merror").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_is_legible(visit, name, scheme):
    page = visit(name, scheme=scheme).page
    assert page.locator("html").get_attribute("data-theme") == scheme
    assert min(page.evaluate(CONTRAST)) >= LOWEST_CONTRAST


@pytest.mark.parametrize("name", PAGES)
def test_fits_a_telephone(visit, name):
    page = visit(name, width=NARROW).page
    assert page.evaluate("document.scrollingElement.scrollWidth") <= NARROW + 1


def finished(page, before=None):
    """Wait for the playground's next finished run; return its data attributes."""
    page.locator("[data-engine]").scroll_into_view_if_needed()
    handle = page.wait_for_function(
        """before => {
            const data = {...document.querySelector("[data-engine]").dataset};
            const changed = !before || data.trainMs !== before.trainMs;
            return data.state === "done" && changed && data;
        }""",
        arg=before,
        timeout=30_000,
    )
    return handle.json_value()


@pytest.mark.parametrize("name", LIVE)
def test_the_playground_trains_and_answers_the_keyboard(visit, name):
    seen = visit(name)
    page = seen.page
    first = finished(page)
    assert first["engine"] == "js"
    assert float(first["trainMs"]) > 0
    assert 0 < float(first["trainLoss"]) < 1
    slider = page.locator("[data-engine] input[type=range]").first
    said = slider.get_attribute("aria-valuetext")
    slider.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    second = finished(page, before=first)
    assert slider.get_attribute("aria-valuetext") != said
    assert float(second["trainLoss"]) > 0
    assert page.locator("[data-engine] [role=status]").first.inner_text().strip()
    assert seen.foreign == []
    assert seen.complaints == []


def test_without_javascript_the_playground_is_a_picture(browser, site):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "index.html").as_uri())
    for picture in page.locator(".playground svg[role=img]").all():
        assert picture.is_visible()
        assert len(picture.get_attribute("aria-label")) >= SHORTEST_ALT
        assert picture.bounding_box()["width"] > 300
    assert "stands still" in page.locator(".playground").inner_text()
    context.close()


MOST_SHIFT = 0.02  # layout shift, as browsers score it: 0.1 is called good
WATCH_SHIFTS = """(() => {
    window.shift = 0;
    const add = ({ value, hadRecentInput }) => { if (!hadRecentInput) shift += value; };
    new PerformanceObserver((list) => list.getEntries().forEach(add))
        .observe({ type: "layout-shift", buffered: true });
})();"""


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)])
def test_nothing_jumps_while_a_page_comes_to_life(browser, site, size):
    context = browser.new_context(viewport=dict(zip(("width", "height"), size, strict=True)))
    context.add_init_script(WATCH_SHIFTS)
    page = context.new_page()
    for name in LIVE:
        page.goto((site / f"{name}.html").as_uri())
        page.locator("[data-engine]").evaluate("e => e.scrollIntoView()")
        finished(page)
        page.wait_for_timeout(100)  # until the last frame is reported
        assert page.evaluate("shift") < MOST_SHIFT, name
    context.close()


def test_in_dark_mode_no_pale_frame_lies_around_the_playground(visit):
    page = visit(CHAPTERS[0], scheme="dark").page
    around = page.locator(".text_html:has(.playground)")
    assert around.evaluate("e => getComputedStyle(e).backgroundColor") == "rgba(0, 0, 0, 0)"
    inner = page.locator(".playground").bounding_box()
    assert around.bounding_box()["width"] == inner["width"]


@pytest.mark.parametrize("name", PAGES)
def test_an_accessibility_check_finds_nothing(visit, name):
    found = Axe().run(visit(name).page)
    assert found.violations_count == 0, found.generate_report()


def test_search_finds_a_term(visit):
    seen = visit("search")
    seen.page.goto(seen.page.url + "?q=calibration")
    seen.page.locator("#search-results a", has_text="Calibration").wait_for()
    assert seen.foreign == []
    assert seen.complaints == []


def test_the_button_switches_to_dark(visit):
    page = visit(PAGES[0]).page  # the last test, as it leaves the page changed
    shown = set()
    for _ in range(3):
        page.locator(".theme-switch-button:visible").first.click()
        shown.add(page.locator("html").get_attribute("data-theme"))
    assert shown == {"light", "dark"}


ONE_PAGE = """\
---
jupytext: {text_representation: {extension: .md, format_name: myst}}
kernelspec: {name: python3, display_name: Python 3}
---
# A page

```{code-cell} ipython3
with open("%s", "a") as log:
    print("executed", file=log)
"once"
```
"""


def test_a_page_in_the_cache_is_executed_again_only_if_its_code_changes(tmp_path):
    book, log = tmp_path / "book", tmp_path / "log"
    book.mkdir()
    (book / "_config.yml").write_text("sphinx: {extra_extensions: [helpers.site]}\n")
    (book / "_toc.yml").write_text("{format: jb-book, root: index}\n")
    for code, executions in [("once", 1), ("once", 1), ("twice", 2)]:
        (book / "index.md").write_text((ONE_PAGE % log).replace("once", code))
        shutil.rmtree(book / "_build", ignore_errors=True)
        run = build_in(book, repository="", BOOK_CACHE=str(tmp_path / "executed"))
        assert run.returncode == 0, run.stderr
        assert log.read_text().split() == ["executed"] * executions
        assert code in (book / "_build" / "html" / "index.html").read_text("utf8")


ADDRESS = "https://github.com/ann/book"


def links(page):
    """The addresses behind all links of a page, but for those of the text."""
    return page.locator("a:not(article *)").evaluate_all("all => all.map(a => a.href)")


@pytest.mark.parametrize("name", PAGES)
def test_without_an_address_there_is_no_dead_button(visit, name):
    seen = visit(name)
    theirs = [url for url in links(seen.page) if not url.startswith("file:")]
    assert theirs == ["https://creativecommons.org/licenses/by/4.0/"]
    menu = seen.page.get_by_role("button", name="Run this chapter")
    assert menu.count() == (name in CHAPTERS)
    if name in CHAPTERS:
        menu.click()
        way = seen.page.get_by_role("link", name="How to run it")
        assert way.is_visible()
        assert way.evaluate("a => a.href").endswith("/run.html")
        menu.click()


@pytest.fixture(scope="module")
def published(build, site, tmp_path_factory):
    """The folder of the same site, built for a repository."""
    book = tmp_path_factory.mktemp("published") / "book"
    shutil.copytree(site.parents[1], book)
    run = build_in(book, repository=ADDRESS)
    assert run.returncode == 0, run.stderr
    return book / "_build" / "html"


@pytest.mark.parametrize("name", PAGES)
def test_with_an_address_the_buttons_lead_there(browser, published, name):
    seen = Visit(browser, (published / f"{name}.html").as_uri())
    found = links(seen.page)
    on_github = {url for url in found if "//github.com/" in url}
    extension = "md" if (published / "_sources" / f"{name}.md").exists() else "ipynb"
    assert f"{ADDRESS}/blob/main/{name}.{extension}?plain=1" in on_github
    assert {url.split("?")[0] for url in on_github} == {
        ADDRESS, f"{ADDRESS}/blob/main/{name}.{extension}", f"{ADDRESS}/issues/new",
    }  # fmt: skip
    elsewhere = {url for url in found if re.match("https://(mybinder|colab)", url)}
    expected = {
        f"https://mybinder.org/v2/gh/ann/book/launch?urlpath=lab/tree/{name}.ipynb",
        f"https://colab.research.google.com/github/ann/book/blob/launch/{name}.ipynb",
    }
    assert elsewhere == (expected if name in CHAPTERS else set())
    assert seen.foreign == []
    assert seen.complaints == []


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_notebook_to_download_knows_where_its_package_is(browser, published, name):
    page = Visit(browser, (published / f"{name}.html").as_uri()).page
    page.get_by_role("button", name="Download this page").click()
    source = page.get_by_role("link", name=".ipynb").evaluate("a => a.href")
    text = (published / source.removeprefix(published.as_uri() + "/")).read_text("utf8")
    assert rf"SOURCE = \"{ADDRESS}/archive/refs/heads/launch.zip\"" in text


def test_the_menus_of_a_published_page_are_accessible(browser, published):
    page = Visit(browser, (published / f"{CHAPTERS[0]}.html").as_uri()).page
    page.get_by_role("button", name="Run this chapter").click()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
