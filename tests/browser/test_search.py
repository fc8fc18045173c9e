"""The site's search finds the pages by the words people use, from a server as from file://."""

from functools import partial
from urllib.parse import quote

from axe import broken_rules
from lab import WAIT
from measure_site import served
import pytest
import test_site

build, site, context = test_site.build, test_site.site, test_site.context
FOUND = test_site.FOUND

SYMPTOMS, OWN_MODEL = "symptoms", "chapters/08_your_own_model"
BASELINE, PENALTY = "chapters/02_baseline", "chapters/03_regularization"
DROPOUT, AUGMENTATION = "chapters/04_dropout", "chapters/05_augmentation"
STOPPING, COMBINING = "chapters/06_early_stopping", "chapters/07_combining"
BEYOND, GLOSSARY = "chapters/09_beyond", "chapters/glossary"
# What people ask, and the pages of which one must be among the first three.
ASKED = {
    "data leakage": [OWN_MODEL, SYMPTOMS],
    "test set leakage": [OWN_MODEL, SYMPTOMS, GLOSSARY],
    "class imbalance": [SYMPTOMS],
    "class_weight": [SYMPTOMS],
    "imbalanced classes": [SYMPTOMS],
    "accuracy stuck": [SYMPTOMS],
    "loss stuck at 0.693": [SYMPTOMS],
    "validation loss fluctuates": [SYMPTOMS],
    "validation accuracy higher than training accuracy": [SYMPTOMS],
    "validation loss lower than training loss": [SYMPTOMS],
    "validation loss increases but accuracy also increases": [SYMPTOMS],
    "val_loss increasing": [BASELINE, SYMPTOMS],
    "nan loss": [SYMPTOMS],
    "transfer learning": [OWN_MODEL, SYMPTOMS],
    "fine-tuning": [OWN_MODEL, SYMPTOMS],
    "ReduceLROnPlateau": [SYMPTOMS],
    "learning curve more data": [OWN_MODEL],
    "how many validation samples": [OWN_MODEL],
    "overfitting small dataset": [OWN_MODEL, BASELINE, AUGMENTATION],
    "validation_split": [OWN_MODEL, SYMPTOMS],
    "LSTM overfitting": [SYMPTOMS, BASELINE],
    "PyTorch": ["chapters/pytorch"],
    "bias variance tradeoff": ["chapters/01_bias_variance"],
    "weight decay vs l2": [PENALTY],
    "regularisation": [PENALTY],
    "l1 vs l2": [PENALTY],
    "dropout training loss higher than validation": [DROPOUT, SYMPTOMS],
    "data augmentation": [AUGMENTATION],
    "early stopping mode": [STOPPING],
    "early stoping": [STOPPING],
    "restore_best_weights": [STOPPING],
    "hyperparameter search": [COMBINING],
    "k-fold cross validation": [COMBINING, "chapters/cross_validation"],
    "double descent": [BEYOND],
    "google colab": ["run"],
}
SERVED = ["data leakage", "class_weight", "val_loss increasing", "regularisation"]
HOSTILE = [
    "<img src=x onerror=document.title='x'>", "__proto__", "constructor toString", "%", "\\ ( [ *",
    "a" * 5000, "the of", "😀 ∂L/∂w",
]  # fmt: skip


@pytest.fixture(scope="module", params=["file", "http"])
def address(request, site):
    """Where the site is, as a folder and from a server."""
    if request.param == "file":
        yield site.as_uri()
        return
    with served(site) as server:
        yield server


@pytest.fixture(scope="module")
def page(context, address):
    """The search page; `complaints` is what its console says, `asked` what it loads."""
    page = context.new_page()
    page.set_default_timeout(WAIT)
    page.complaints, page.asked = [], []
    page.on("console", partial(test_site.listen, page))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("request", lambda request: page.asked.append(request.url))
    yield page
    page.close()


def search(page, address, query):
    """Search, and return the names of the pages that are shown, the best first."""
    page.goto(f"{address}/search.html?q={quote(query)}")
    page.wait_for_function("() => document.querySelector('.search-summary')?.innerText")
    return [name(url, address) for url in page.evaluate(FOUND)]


def name(url, address):
    """The name of a page, as the table of contents has it."""
    return url.removeprefix(f"{address}/").partition(".html")[0]


@pytest.mark.parametrize("query", ASKED)
def test_finds_the_page_that_answers(page, address, query):
    if address.startswith("http:") and query not in SERVED:
        pytest.skip("the same script ranks the same records as from the disk")
    found = search(page, address, query)
    assert set(found[:3]) & set(ASKED[query]), found
    assert len(found) == len(set(found))
    assert page.complaints == []


def test_leads_to_the_section_and_shows_the_words(page, address):
    search(page, address, "restore_best_weights")
    item = page.locator("ul.search > li").first
    assert "restore_best_weights" in item.locator("mark").all_inner_texts()
    item.get_by_role("link").click()
    page.wait_for_url(f"{address}/{STOPPING}.html#*")
    assert page.locator(":target").count() == 1


def test_says_which_word_no_page_has(page, address):
    assert search(page, address, "overfitting zebrafish")
    said = page.get_by_role("status").inner_text()
    assert said == "10 pages, the best first. No page has “zebrafish”."


def test_says_where_to_begin_when_no_page_has_any_word(page, address):
    assert search(page, address, "zebrafish") == []
    said = page.get_by_role("status")
    assert said.inner_text().startswith("No page has these words. Try others, or begin here: ")
    said.get_by_role("link").click()
    page.wait_for_url(f"{address}/{SYMPTOMS}.html")
    assert page.locator("article h1").count() == 1


@pytest.mark.parametrize("query", HOSTILE)
def test_a_strange_query_is_only_text(page, address, query):
    search(page, address, query)
    assert page.locator("input[name=q]").first.input_value() == query.strip()
    assert page.locator("#search-results img").count() == 0
    assert page.title().startswith("Search")
    assert page.complaints == []


def test_a_chapter_leads_to_the_search_and_loads_nothing_of_it(page, address):
    page.asked.clear()
    page.goto(f"{address}/{BASELINE}.html")
    assert [url for url in page.asked if "search" in url] == []
    page.keyboard.press("Control+k")
    page.keyboard.type("early stopping")
    page.keyboard.press("Enter")
    page.wait_for_selector("ul.search > li")
    assert STOPPING in [name(url, address) for url in page.evaluate(FOUND)][:3]
    assert page.complaints == []
    assert [url for url in page.asked if not url.startswith((address, "data:", "blob:"))] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_accessibility_check_finds_nothing(page, address, scheme):
    page.emulate_media(color_scheme=scheme)
    search(page, address, "validation loss zebrafish")
    page.evaluate(test_site.TRANSITIONS)
    assert not broken_rules(page)


def test_fits_on_a_telephone(page, address):
    page.set_viewport_size({"width": test_site.NARROW, "height": test_site.HEIGHT})
    search(page, address, "ReduceLROnPlateau restore_best_weights")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= test_site.NARROW + 1
