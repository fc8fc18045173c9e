"""The printed sheets are of the text that their pages have, and each page leads to its own."""

from print_sheets import TITLES, pages, printed, source, target, title
import pytest


@pytest.mark.parametrize("name", TITLES)
def test_the_pdf_is_one_page_of_this_text(name):
    pdf = target(name).read_bytes()
    assert pages(pdf) == 1
    assert title(name).encode() in pdf, "run `make book` and `make sheets`"


@pytest.mark.parametrize("name", TITLES)
def test_the_page_leads_to_it(name):
    assert f"]({target(name).name})" in source(name).read_text("utf8")
    assert target(name).parent == source(name).parent


def test_a_page_that_is_not_built_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"poster\.html is missing: run `make book` first"):
        printed(None, "poster", tmp_path)
