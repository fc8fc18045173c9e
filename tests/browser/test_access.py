"""What a page owes those who do not see it, do not point, need it large, or read it on paper.

Each page is opened once, with its folds open and the test revealed, and then looked at in light and
dark, wide and narrow: in all four ways with VIEWS=all (`make site-check`), else in two.
"""

import os

from axe import COLORS, THIN, broken_rules
from lab import SHOW, finished_run
import pytest
import test_site
from test_site import BAD_FORMULAS, FRAME, LIVE, PAGES, SET, TRANSITIONS, visited

build, site = test_site.build, test_site.site

WIDE, NARROW, SMALLEST, HEIGHT = 1440, 360, 320, 900  # 320 pixels: a wide page at 400%
UNFOLD = "() => document.querySelectorAll('details').forEach((each) => { each.open = true; })"
# Axe leaves this rule out unless it is asked for.
ALL_RULES = {"rules": {"td-has-header": {"enabled": True}}}
SHOWN = "scheme => document.documentElement.dataset.theme === scheme"
# What ends beyond the window, and lies in nothing that scrolls.
OUTSIDE = """() => {
    const scrolls = (element) => element !== document.body && element !== document.documentElement
        && /auto|scroll|hidden|clip/.test(getComputedStyle(element).overflowX);
    const held = (element) => {
        for (let each = element; each; each = each.parentElement) if (scrolls(each)) return true;
    };
    return [...document.querySelectorAll("article *")]
        .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !held(e))
        .map((e) => e.outerHTML.slice(0, 200));
}"""
# Groups and pictures of which nothing but their role would be heard.
NAMELESS = """() => [...document.querySelectorAll(
    "[role=note], [role=group], [role=img], .exercise, nav, article button, select")]
    .filter((e) => e.checkVisibility())
    .filter((e) => ![e.ariaLabel, e.getAttribute("aria-labelledby"), e.title, e.labels?.length,
        e.matches("button") && e.textContent.trim()].some(Boolean))
    .map((e) => e.outerHTML.slice(0, 200))"""
# A title beside the same label is read as a description: the words are heard twice.
TWICE = """() => [...document.querySelectorAll("[title][aria-label]")]
    .filter((e) => e.title && e.title === e.ariaLabel).map((e) => e.outerHTML.slice(0, 200))"""
# The theme looks for what scrolls a while after the window, or a fold, has changed.
REACHED = """() => [...document.querySelectorAll("pre[tabindex='-1'], .output[tabindex='-1']")]
    .every((e) => e.scrollWidth <= e.clientWidth)"""
# The stops of the Tab key that show nothing when they have the focus: neither they, nor a label or
# another element beside or around them, change in any of these.
UNSEEN = """() => {
    const names = ["boxShadow", "borderColor", "backgroundColor"];
    const ring = ({ outlineStyle, outlineWidth, outlineColor }) =>
        outlineStyle === "none" || outlineWidth === "0px" || outlineColor.endsWith(", 0)")
            ? "no ring" : [outlineStyle, outlineWidth, outlineColor].join();
    const style = (each) => each ? getComputedStyle(each) : {};
    const look = (element) => [element, element.parentElement, element.nextElementSibling]
        .map((each) => each && [ring(style(each)), ...names.map((name) => style(each)[name])]);
    const stops = [...document.querySelectorAll(
        "a[href], button, input, select, textarea, summary, [tabindex]")]
        .filter((e) => e.tabIndex >= 0 && !e.disabled && e.checkVisibility(
            { checkVisibilityCSS: true, checkOpacity: false }) && !e.closest("[inert]"));
    const unseen = [];
    let seen = 0;
    for (const stop of stops) {
        document.activeElement.blur();
        const before = look(stop).join("|");
        stop.focus({ preventScroll: true, focusVisible: true });
        if (document.activeElement !== stop) continue;
        if (stop.type === "radio" || stop.matches(":focus-visible")) {
            const after = look(stop).join("|");
            seen += 1;
            if (after === before) unseen.push(stop.outerHTML.slice(0, 200));
        } else unseen.push(`not by the keyboard: ${stop.outerHTML.slice(0, 200)}`);
    }
    document.activeElement.blur();
    return [seen, unseen];
}"""


@pytest.fixture(scope="module")
def context(browser):
    """One browser context for all pages."""
    with browser.new_context(
        viewport={"width": WIDE, "height": HEIGHT}, reduced_motion="reduce"
    ) as context:
        yield context


VIEWS = [(scheme, width) for width in (WIDE, NARROW) for scheme in ("light", "dark")]
# The same part of all pages is looked at on one of them, and in all ways, as is the first page.
WHOLE, SEEN_IN_ALL = "chapters/02_baseline", {"chapters/02_baseline", "index"}


def views(name):
    """The schemes and widths of a page: each scheme and each width once, as its neighbors not."""
    if os.environ.get("VIEWS") == "all" or name in SEEN_IN_ALL:
        return VIEWS
    return [VIEWS[3], VIEWS[0]] if PAGES.index(name) % 2 else [VIEWS[2], VIEWS[1]]


@pytest.fixture(scope="module", params=PAGES)
def page(request, context, site):
    """A page of the site with everything open that can be opened."""
    with visited(context, (site / f"{request.param}.html").as_uri()) as page:
        page.evaluate(SET)
        page.evaluate(UNFOLD)
        page.evaluate(THIN)
        if request.param in LIVE:
            page.evaluate(SHOW)
            finished_run(page)
            page.get_by_role("button", name="Reveal test").click()
        page.name, page.view = request.param, None
        yield page


def seen_in(page, width=WIDE, scheme="light"):
    """Show a page at a width, in light or dark, until nothing in it changes any more."""
    if page.view == (width, scheme):
        return
    page.view = width, scheme
    page.set_viewport_size({"width": width, "height": HEIGHT})
    page.emulate_media(color_scheme=scheme)
    page.wait_for_function(
        "scheme => document.documentElement.dataset.theme === scheme", arg=scheme
    )
    page.evaluate(FRAME)
    page.evaluate(TRANSITIONS)
    page.evaluate("() => { dispatchEvent(new Event('resize')); }")  # a change of media sends none
    page.wait_for_function(REACHED)


def own_part(page):
    """What a page does not share with all others, whose colors are looked at on one of them."""
    return None if page.name == WHOLE else "article"


def test_an_accessibility_check_finds_nothing(page):
    for scheme, width in views(page.name):
        seen_in(page, width, scheme)
        if scheme == "light":
            found = broken_rules(page, options=ALL_RULES)
        else:
            found = broken_rules(page, own_part(page), COLORS)
        assert not found, f"{scheme}, {width} pixels: {found}"


def test_on_paper_all_is_dark_on_light_whatever_the_screen_shows(page):
    seen_in(page, scheme="dark")
    page.emulate_media(color_scheme="dark", media="print")
    found = broken_rules(page, own_part(page), COLORS)
    page.emulate_media(color_scheme="dark", media="screen")
    assert not found


def test_the_focus_is_seen_on_every_stop_of_the_keyboard(page):
    for scheme in ("dark", "light"):
        seen_in(page, scheme=scheme)
        page.keyboard.press("Tab")  # from here on the focus is the keyboard's
        stops, unseen = page.evaluate(UNSEEN)
        assert stops > 10
        assert unseen == [], scheme


def test_code_in_a_fold_that_is_opened_is_within_reach_of_the_keyboard(browser, site):
    with (
        browser.new_context(viewport={"width": NARROW, "height": HEIGHT}) as context,
        visited(context, (site / "chapters/02_baseline.html").as_uri()) as page,
    ):
        page.evaluate(UNFOLD)
        page.wait_for_function(REACHED)
        assert page.locator("details pre[tabindex='0']").count() > 1


@pytest.mark.parametrize("width", [NARROW, SMALLEST])
def test_nothing_is_wider_than_a_narrow_window(page, width):
    page.view = None  # whatever the scheme
    page.set_viewport_size({"width": width, "height": HEIGHT})
    page.evaluate(FRAME)
    widest = page.evaluate("document.scrollingElement.scrollWidth")
    assert widest <= width, page.evaluate(OUTSIDE)
    assert page.evaluate(BAD_FORMULAS) == []


def test_what_is_heard_has_a_name_and_says_it_once(page):
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate(TWICE) == []


def test_the_contents_tell_which_page_is_open(page):
    current = page.locator('nav [aria-current="page"]')
    assert current.count() == (page.name != "index")  # it stands in no list
    assert set(current.evaluate_all("all => all.map(a => a.getAttribute('href'))")) <= {"#"}
