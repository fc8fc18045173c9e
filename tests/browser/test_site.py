"""The pages in a browser: no foreign request, a clean console, legible in light, dark and narrow.

The site is built from the notebooks' stored outputs.
"""

import contextlib
import functools
import io
import json
from pathlib import Path
import re
import shutil
import subprocess
import sys
from types import SimpleNamespace

from address import write
from axe import broken_rules
from bs4 import BeautifulSoup
from conftest import WATCH_SHIFTS, made_once
import engines
from first_cell import first_cell
from lab import SHOW, WAIT, Chromium, finished_run, walk
from measure_site import served, weight
import nbformat
from notebooks import LANGUAGE
from PIL import Image
from print_sheets import MARGIN, pages
import pytest
import yaml

ROOT = Path(__file__).parents[2]
# Of any book that looks like this one.
SETTINGS = ["_config.yml", "_ext", "_static", "_templates", "CITATION.cff"]
CONTENTS = ["_toc.yml", "_descriptions.yml", "index.ipynb", "symptoms.ipynb", "run.md", "chapters"]
CONTENTS += ["CHANGELOG.md"]
ONE_SENTENCE = (
    "A page that stands here for a test and says of itself what a page of the book has to say: one "
    "sentence of some length, and no more."
)
SHORTEST_ALT = 10  # characters
MOST_PLAIN = 10  # colors: a picture has more
WIDTH, NARROW, HEIGHT = 1280, 360, 800
SET = "() => document.fonts.ready.then(() => true)"
ELSEWHERE = re.compile("^(?!file:|data:|blob:)")  # the addresses of other hosts
TRANSITIONS = """() => Promise.all(
    document.getAnimations()
        .filter((each) => each.effect.getComputedTiming().endTime < Infinity)
        .map((each) => each.finished)
).then(() => true)"""
MOST_KILOBYTES = 150  # of a picture
# Of each picture: its text, where it is, whether it can be drawn, has a size, and is shown. What
# is out of view loads late, so that it is asked for first.
PICTURES = """(all) => Promise.all(all.map(async (i) => {
    const shown = i.checkVisibility();
    if (shown) {
        i.loading = "eager";
        await i.decode().catch(() => {});
    }
    const sized = i.hasAttribute("width") && i.hasAttribute("height");
    return [i.alt, i.currentSrc || i.src, i.complete && i.naturalWidth > 0, sized, shown];
}))"""
FRAME = "() => new Promise(requestAnimationFrame)"
EDGES = """() => {  // how far down question, slider and pictures reach
    const all = document.querySelectorAll(".pg-question, .pg-body > * .pg-range, .pg-figure");
    const of = (part) => [...all].filter((each) => each.matches(part));
    const parts = [of(".pg-question")[0], of(".pg-range")[0], ...of(".pg-figure")];
    return parts.map((each) => each.getBoundingClientRect().bottom + scrollY);
}"""
# Formulas not both seen and heard, or where the keyboard stops, as where one scrolls.
BAD_FORMULAS = """() => [...document.querySelectorAll(".math")].filter((formula) =>
    formula.querySelectorAll("math").length !== 1
    || formula.querySelectorAll(".katex-html[aria-hidden=true]").length !== 1
    || formula.querySelector(".katex-error, a:not(.headerlink), [tabindex]")
    || [...formula.querySelectorAll(".katex-display")].some((e) => e.scrollWidth > e.clientWidth)
).map((formula) => formula.textContent)"""
# Characters that mean an icon in a font of icons, and no more than a box in any other.
ICON_CHARACTERS = r"""() => [...document.querySelectorAll("*")].flatMap((element) =>
    ["::before", "::after"].map((part) => getComputedStyle(element, part).content)
        .filter((content) => /[\ue000-\uf8ff]/.test(content))
        .map((content) => `${element.className}: ${content}`))"""
HEAVIEST = 250_000  # bytes of a first visit, gzipped, without figures
FOUND = "() => [...document.querySelectorAll('ul.search > li > a')].map((a) => a.href)"
DIAGNOSED = """() => ({
    verdict: document.querySelector(".diagnosis").dataset.verdict,
    sentence: document.querySelector(".dg-sentence").textContent,
    curves: document.querySelectorAll(".dg-svg .dg-curve").length,
    pressed: document.querySelector(".dg-example").getAttribute("aria-pressed"),
})"""
REFUSED = """async () => {
    const refused = [];
    document.addEventListener("securitypolicyviolation", (e) => refused.push(e.effectiveDirective));
    const script = document.createElement("script");
    script.textContent = "window.injected = 'script'";
    const button = document.createElement("button");
    button.setAttribute("onclick", "window.injected = 'handler'");
    const picture = new Image();
    picture.src = "https://example.org/picture.png";
    document.body.append(script, button);
    button.click();
    await fetch("https://example.org/").catch(() => null);
    for (let i = 0; i < 100 && refused.length < 4; i++) {  // WebKit says it when it likes
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return [window.injected ?? "nothing ran", ...refused.sort()];
}"""
ALL_REFUSED = ["nothing ran", "connect-src", "img-src", "script-src-attr", "script-src-elem"]


def files(toc):
    """The names of the pages in a table of contents, in order."""
    if isinstance(toc, list):
        return [name for part in toc for name in files(part)]
    if not isinstance(toc, dict):
        return []
    own = [toc[key] for key in ("root", "file") if key in toc]
    return own + [name for value in toc.values() for name in files(value)]


PAGES = files(yaml.safe_load((ROOT / "_toc.yml").read_text("utf8")))
LIVE = [name for name in PAGES if name == "index" or re.match(r"chapters/(?!08)\d", name)]
CHAPTERS = [
    name for name in PAGES if name.startswith("chapters/") and (ROOT / f"{name}.ipynb").exists()
]
ADDRESS = "https://github.com/ann/book"
MOST_SHIFT = 0.02  # layout shift, as browsers score it: 0.1 is called good


@pytest.fixture(scope="session")
def build(tmp_path_factory):
    """The site's folder and how its build ended, from the stored outputs of the chapters."""

    def make(book):
        copy_into(book, [*SETTINGS, *CONTENTS])
        return outcome(build_in(book, repository=""))

    book, run = made_once(tmp_path_factory, "book", make)
    return book / "_build" / "html", SimpleNamespace(**run)


def outcome(run):
    """What there is to say of a command that has ended."""
    return {"returncode": run.returncode, "stderr": run.stderr}


def copy_into(book, names):
    """Copy files and folders of the repository, by their names, into the folder of a book."""
    for name in names:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, book / name)
        elif (ROOT / name).exists():
            shutil.copy(ROOT / name, book)


def book_of_two_pages(book, cells, without):
    """Write a book of a notebook and a page of one sentence into a folder.

    It has the book's configuration and look. What is a text among the cells is a Markdown cell.
    """
    copy_into(book, SETTINGS)
    cells = [nbformat.v4.new_markdown_cell(c) if isinstance(c, str) else c for c in cells]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"language_info": LANGUAGE})
    nbformat.write(notebook, book / "index.ipynb")
    (book / "other.md").write_text(f"# A page without\n\n{without}\n", "utf8")
    said = {name: {"description": ONE_SENTENCE} for name in ("index", "other")}
    (book / "_descriptions.yml").write_text(yaml.safe_dump(said), "utf8")
    contents = "format: jb-book\nroot: index\nchapters:\n  - file: other\n"
    (book / "_toc.yml").write_text(contents, "utf8")
    (book / "chapters").mkdir()
    (book / "chapters" / "references.bib").touch()


def site_of_two_pages(book, cells, without):
    """Build the site of a book of two pages; return its folder."""
    book_of_two_pages(book, cells, without)
    run = build_in(book, repository="")
    assert run.returncode == 0, run.stderr
    return book / "_build" / "html"


def build_in(book, repository):
    """Build a book's site, with the address of its repository; return how that ended."""
    write(repository, book)
    command = Path(sys.executable).with_name("jupyter-book")
    arguments = [command, "build", book, "-W", "--keep-going", "-q"]
    return subprocess.run(arguments, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def site(build):
    """The folder of the built site."""
    folder, run = build
    if run.returncode:
        pytest.skip("the site did not build")
    return folder


@pytest.fixture(scope="module")
def context(browser):
    """One browser context for all pages of this module."""
    with browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}) as context:
        context.add_init_script(WATCH_SHIFTS)
        yield context


@contextlib.contextmanager
def visited(context, url):
    """A page that has loaded, with what it asks of others, `foreign`, and its `complaints`."""
    with contextlib.closing(context.new_page()) as page:
        page.set_default_timeout(WAIT)
        page.foreign, page.complaints = [], []
        page.route(ELSEWHERE, functools.partial(refuse, page))
        page.on("console", functools.partial(listen, page))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(url)
        yield page


def refuse(page, route):
    page.foreign.append(route.request.url)
    route.abort()


def quiet(page):
    """Wait until a page asks for nothing more; return whom else it asked and its complaints."""
    page.wait_for_load_state("networkidle")
    return page.foreign + page.complaints


def listen(page, message):
    if message.type in ("error", "warning"):
        page.complaints.append(message.text)


@pytest.fixture(scope="module", params=PAGES)
def page(request, context, site):
    """A page of the site by its name in the table of contents, opened once for all its tests."""
    with visited(context, (site / f"{request.param}.html").as_uri()) as page:
        page.name = request.param
        yield page


def links(page):
    """The addresses behind all links of a page, but for those of the text."""
    return page.locator("a:not(article *)").evaluate_all("all => all.map(a => a.href)")


def shown_in(page, scheme):
    """Load the page again from its top, in light or dark, until nothing in it changes any more."""
    page.emulate_media(color_scheme=scheme)
    page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
    page.reload()
    page.evaluate(SET)
    assert page.locator("html").get_attribute("data-theme") == scheme
    if page.locator("[data-engine]").count():
        page.evaluate(SHOW)  # what is out of view does not train
        finished_run(page)
    page.evaluate(TRANSITIONS)


def moved(page):
    """How far what a page shows has jumped since it was loaded."""
    for _ in range(2):  # until the last frame is reported
        page.evaluate(FRAME)
    return page.evaluate("shift")


def test_builds_without_a_warning(build):
    _, run = build
    assert run.returncode == 0, run.stderr


def test_asks_nobody_and_complains_of_nothing(page):
    assert quiet(page) == []


def test_has_a_title_and_one_heading(page):
    headings = page.locator("article h1")
    assert headings.count() == 1
    number, name = re.match(r"(?:(\d+)\.?\s+)?([^#]+)", headings.inner_text()).groups()
    title = page.title().split(" · ")[0]  # short, as in the contents: "4 Dropout"
    assert f"{number or ''} {name}".strip().startswith(title)


def test_every_picture_loads_and_has_alt_text(page):
    for alt, source, loaded, sized, shown in page.locator("img").evaluate_all(PICTURES):
        assert len(alt) >= SHORTEST_ALT, f"{page.name}: {source} has no alt text"
        assert not re.search(r"\.(png|jpe?g|svg)\b|^_images", alt), alt
        assert sized, f"{page.name}: {source} has no width and height"
        assert loaded == shown, f"{page.name}: {source} is {'not ' * shown}loaded"


def test_no_picture_of_the_site_is_heavy(site):
    for path in (site / "_images").iterdir():
        heavy = path.stat().st_size / 1024
        assert heavy <= MOST_KILOBYTES, f"{path.name} has {heavy:.0f} KB"


def test_every_formula_is_set_and_none_is_a_tab_stop(page):
    assert page.evaluate(BAD_FORMULAS) == []


def test_no_font_draws_an_icon(page):
    assert page.evaluate(ICON_CHARACTERS) == []
    families = page.evaluate("[...document.fonts].map((face) => face.family)")
    assert not [family for family in families if "Awesome" in family]


def test_the_first_visit_of_a_page_is_light(page, site):
    sizes = weight(site / f"{page.name}.html")
    assert sum(sizes.values()) < HEAVIEST, sizes


def test_the_playground_trains_and_answers_the_keyboard(page, walks):
    figures = page.locator("[data-engine]")
    assert figures.count() == (page.name in LIVE)
    if page.name not in LIVE:
        return
    found = walks[page.name] = walk(Chromium(page))
    assert 0 < min(found["losses"]) <= max(found["losses"]) < 10  # and not NaN
    assert found["said"][0] != found["said"][1]
    assert found["drawn"]["colors"] > MOST_PLAIN
    assert figures.get_attribute("data-engine") == "js"
    assert figures.locator("[role=status]").first.inner_text().strip()
    assert page.foreign == []
    assert page.complaints == []


@pytest.mark.parametrize("page", ["chapters/guide"], indirect=True)
def test_the_guide_prints_on_one_page_of_either_size(page):
    for paper in ("A4", "Letter"):
        assert pages(page.pdf(format=paper, margin=MARGIN)) == 1


@pytest.mark.parametrize("page", ["chapters/poster", "chapters/sheet"], indirect=True)
def test_poster_and_sheet_print_on_one_page(page):
    assert pages(page.pdf(prefer_css_page_size=True)) == 1


def test_every_self_check_answers(page):
    quizzes = page.locator("fieldset.quiz")
    for quiz in quizzes.all():
        quiz.get_by_role("radio").first.check()
        said = quiz.get_by_role("status").inner_text()
        assert re.match(r"Noted: it is checked under |a is (not )?right\.", said)
    predictions = page.locator('fieldset.quiz:has([name^="prediction-"])').count()
    assert page.locator(".checked li .quiz-says", has_text="You ticked a: ").count() == predictions


def test_without_an_address_there_is_no_dead_button(page):
    theirs = [url for url in links(page) if not url.startswith("file:")]
    assert theirs == ["https://creativecommons.org/licenses/by/4.0/"]
    menu = page.get_by_role("button", name="Run this chapter")
    assert menu.count() == (page.name in CHAPTERS)
    if page.name in CHAPTERS:
        menu.click()
        way = page.get_by_role("link", name="How to run it")
        assert way.is_visible()
        assert way.evaluate("a => a.href").endswith("/run.html")
        menu.click()


@pytest.mark.parametrize(("width", "height", "seen"), [(1440, 900, 2), (NARROW, 740, 1)])
def test_nothing_jumps_and_a_chapter_begins_with_its_live_figure(page, width, height, seen):
    page.set_viewport_size({"width": width, "height": height})
    shown_in(page, "light")
    shift, shifts = moved(page), page.evaluate("shifts")
    edges = page.evaluate(EDGES) if page.name in LIVE else []
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    assert shift < MOST_SHIFT, shifts
    if page.name in LIVE and page.name != "index":
        assert max(edges[: 2 + seen]) <= height, "question, slider, pictures"


@pytest.fixture(scope="module")
def walks():
    """What walks through pages have found in Chromium, by the names of the pages."""
    return {}


@pytest.fixture(scope="module")
def in_chromium(context, site, walks):
    """What a walk through a page finds in Chromium."""

    def walk_through(name):
        if name not in walks:
            with visited(context, (site / f"{name}.html").as_uri()) as page:
                walks[name] = walk(Chromium(page))
        return walks[name]

    return walk_through


@pytest.fixture(scope="module", params=["firefox", "webkit"])
def other_browser(request):
    """Firefox or WebKit, for all pages."""
    with engines.start(request.param) as driver:
        yield driver


@pytest.mark.parametrize("name", LIVE)
def test_other_browsers_draw_train_to_the_same_number_and_obey(
    other_browser, in_chromium, site, name
):
    expected = in_chromium(name)
    other_browser.go((site / f"{name}.html").as_uri())
    found = walk(other_browser)
    assert found["losses"] == pytest.approx(expected["losses"], rel=1e-9)
    assert found["said"] == expected["said"]
    assert found["drawn"]["colors"] > MOST_PLAIN
    assert found["drawn"]["lines"] == expected["drawn"]["lines"]


def test_other_browsers_diagnose_alike_by_the_keyboard(other_browser, context, site):
    address = (site / "symptoms.html").as_uri()
    with visited(context, address) as page:
        expected = diagnosed(Chromium(page))
    other_browser.go(address)
    assert diagnosed(other_browser) == expected
    assert expected["curves"] > 1
    assert expected["verdict"]


def diagnosed(page):
    """What the box of the symptoms page says of its first example, chosen with a key."""
    page.wait("() => document.querySelector('.dg-example')")
    page.run("() => document.querySelector('.dg-example').focus()")
    page.press("Enter")
    page.wait("() => document.querySelector('.diagnosis').dataset.verdict")
    return page.run(DIAGNOSED)


def test_other_browsers_find_from_a_folder(other_browser, site):
    other_browser.go(f"{site.as_uri()}/search.html?q=weight%20decay%20vs%20l2")
    other_browser.wait(f"() => ({FOUND})().length > 2")
    found = other_browser.run(FOUND)
    assert f"{site.as_uri()}/chapters/03_regularization.html" in [
        url.partition("#")[0] for url in found[:3]
    ]


def test_other_browsers_refuse_what_the_policy_forbids(other_browser, site):
    with served(site) as address:  # to WebKit, on a page from a file, all of https is 'self'
        other_browser.go(f"{address}/index.html")
        assert other_browser.run(REFUSED) == ALL_REFUSED


@pytest.fixture(scope="module", params=["file", "http"])
def address(request, site):
    """The address of the site, as a folder and as a server gives it."""
    if request.param == "file":
        yield site.as_uri()
    else:
        with served(site) as address:
            yield address


def test_the_policy_breaks_no_page_and_refuses_what_it_forbids(browser, site, address):
    with browser.new_context() as context:
        page = context.new_page()
        complaints = []
        page.on("console", lambda message: complaints.append(f"{page.url}: {message.text}"))
        # From a folder each page is opened anyway, and its console read.
        for name in [*PAGES, "search"] if address.startswith("http") else ["index"]:
            page.goto(f"{address}/{name}.html", wait_until="load")
            page.evaluate(FRAME)
        assert [said for said in complaints if "Content Security Policy" in said] == []
        assert page.evaluate(REFUSED) == ALL_REFUSED


def drawn(page, element):
    """Whether a picture of an element shows anything on its ground."""
    picture = Image.open(io.BytesIO(element.screenshot()))
    return len(picture.convert("L").quantize(2).getcolors()) > 1


@pytest.mark.parametrize("media", ["light", "dark", "forced"])
def test_every_button_shows_its_icon(browser, site, media):
    scheme = "light" if media == "forced" else media
    forced = "active" if media == "forced" else "none"
    with browser.new_context(color_scheme=scheme, forced_colors=forced) as context:
        page = context.new_page()
        page.goto((site / f"{CHAPTERS[0]}.html").as_uri())
        icons = [icon for icon in page.locator(".svg-inline--fa").all() if icon.is_visible()]
        assert len(icons) > 5
        assert [icon for icon in icons if not drawn(page, icon)] == []
        for title in page.locator(".admonition-title:visible").all()[:3]:
            assert drawn_before(page, title)


def drawn_before(page, title):
    """Whether something stands before the words of a title."""
    title.scroll_into_view_if_needed()
    box = title.bounding_box()
    clip = {"x": box["x"] + 6, "y": box["y"] + 6, "width": 24, "height": box["height"] - 12}
    picture = Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("L")
    low, high = picture.getextrema()
    return high - low > 40


def test_the_buttons_above_a_page_work(browser, site):
    with browser.new_context() as context:
        page = context.new_page()
        page.add_init_script("window.print = () => { window.printed = true; }")
        page.goto((site / f"{CHAPTERS[0]}.html").as_uri())
        page.get_by_role("button", name="Download this page").click()
        assert page.get_by_role("link", name=".ipynb").is_visible()
        page.get_by_role("button", name=".pdf").click()
        assert page.evaluate("window.printed")
        page.locator(".btn-fullscreen-button").click()
        page.wait_for_function("document.fullscreenElement !== null")
        block = page.locator(".highlight:visible").first
        block.hover()
        block.locator("button.copybtn").click()
        block.locator("button.copybtn.success").wait_for()


def test_without_javascript_the_playground_is_a_picture(browser, site):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto((site / "index.html").as_uri())
        for picture in page.locator(".playground svg[role=img]").all():
            assert picture.is_visible()
            assert len(picture.get_attribute("aria-label")) >= SHORTEST_ALT
            assert picture.bounding_box()["width"] > 300
        assert "stands still" in page.locator(".playground").inner_text()


def test_in_dark_mode_no_pale_frame_lies_around_the_playground(context, site):
    with visited(context, (site / f"{CHAPTERS[0]}.html").as_uri()) as page:
        shown_in(page, "dark")
        around = page.locator(".text_html:has(.playground)")
        assert around.evaluate("e => getComputedStyle(e).backgroundColor") == "rgba(0, 0, 0, 0)"
        inner = page.locator(".playground").bounding_box()
        assert around.bounding_box()["width"] == inner["width"]


def test_search_finds_a_term(context, site):
    with visited(context, (site / "search.html").as_uri() + "?q=calibration") as page:
        page.locator("#search-results a", has_text="Calibration").wait_for()
        assert page.foreign == []
        assert page.complaints == []


def test_the_button_switches_to_dark(browser, site):
    with browser.new_context() as context:  # of its own, as the choice is kept in it
        page = context.new_page()
        page.goto((site / "index.html").as_uri())
        shown = set()
        for _ in range(3):
            page.locator(".theme-switch-button:visible").first.click()
            shown.add(page.locator("html").get_attribute("data-theme"))
        assert shown == {"light", "dark"}


def git(folder, *arguments):
    """Run Git in a folder; return what it prints."""
    return subprocess.check_output(["git", *arguments], cwd=folder, text=True).strip()


@pytest.fixture(scope="session")
def published(site, tmp_path_factory):
    """The folder of the same site, built for a repository from a commit that is pushed."""
    steps = "init", "add chapters", "commit -m x", "update-ref refs/remotes/origin/main HEAD"

    def make(book):
        shutil.copytree(site.parents[1], book, dirs_exist_ok=True)
        for step in steps:
            git(book, "-c", "user.name=Ann", "-c", "user.email=ann@localhost", *step.split())
        return outcome(build_in(book, repository=ADDRESS))

    book, run = made_once(tmp_path_factory, "published", make)
    assert run["returncode"] == 0, run["stderr"]
    return book / "_build" / "html"


def parsed(site, name):
    """A page of a site as it is written, without its text."""
    document = BeautifulSoup((site / f"{name}.html").read_text("utf8"), "html.parser")
    document.article.decompose()
    return document


@pytest.mark.parametrize("name", PAGES)
def test_with_an_address_the_buttons_lead_there(published, name):
    document = parsed(published, name)
    found = {a["href"] for a in document.select("a[href]")}
    on_github = {url for url in found if "//github.com/" in url}
    extension = "md" if (published / "_sources" / f"{name}.md").exists() else "ipynb"
    assert f"{ADDRESS}/blob/main/{name}.{extension}?plain=1" in on_github
    assert {url.split("?")[0] for url in on_github} == {
        ADDRESS, f"{ADDRESS}/blob/main/{name}.{extension}", f"{ADDRESS}/issues/new",
    }  # fmt: skip
    commit = git(published, "rev-parse", "HEAD")
    elsewhere = {url for url in found if re.match("https://(mybinder|colab)", url)}
    expected = {
        f"https://mybinder.org/v2/gh/ann/book/{commit}?urlpath=lab/tree/{name}.ipynb",
        f"https://colab.research.google.com/github/ann/book/blob/{commit}/{name}.ipynb",
    }
    assert elsewhere == (expected if name in CHAPTERS else set())
    loaded = document.select("[src], link[rel~=stylesheet], link[rel~=preload], link[rel~=icon]")
    assert len(loaded) > 3
    assert [e for e in loaded if "//" in (e.get("src") or e["href"])] == []


# A page of each kind; what the others load is read above.
@pytest.mark.parametrize("name", ["index", CHAPTERS[0], "chapters/guide"])
def test_a_published_page_asks_nobody_and_its_links_are_those_that_are_written(
    context, published, name
):
    written = {a["href"] for a in parsed(published, name).select("a[href^=http]")}
    with visited(context, (published / f"{name}.html").as_uri()) as page:
        assert {url for url in links(page) if url.startswith("http")} == written
        assert quiet(page) == []


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_notebook_to_download_knows_where_its_package_is(published, name):
    (source,) = parsed(published, name).select(".dropdown-download-buttons a[href$='.ipynb']")
    text = (published / f"{name}.html").parent.joinpath(source["href"]).read_text("utf8")
    cell = next(cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code")
    assert "".join(cell["source"]) == first_cell(f"{ADDRESS}/archive/HEAD.zip")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_menus_of_a_published_page_are_accessible(context, published, scheme):
    with visited(context, (published / f"{CHAPTERS[0]}.html").as_uri()) as page:
        shown_in(page, scheme)
        page.get_by_role("button", name="Run this chapter").click()
        assert not broken_rules(page, ".bd-header-article")
