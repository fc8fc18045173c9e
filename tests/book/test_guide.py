"""The printed guide is of the text that the page has, and the page leads to it."""

from print_guide import PDF, SOURCE, pages, title


def test_the_pdf_is_one_page_of_this_text():
    pdf = PDF.read_bytes()
    assert pages(pdf) == 1
    assert title().encode() in pdf, "run `make book` and `make guide`"


def test_the_page_leads_to_it():
    assert f"]({PDF.name})" in SOURCE.read_text("utf8")
    assert PDF.parent == SOURCE.parent
