"""The site's tables: one row of headings, intervals drawn to scale, the numbers as they were."""

import book_tables
from bs4 import BeautifulSoup
import pandas as pd
import pytest


def page(frame):
    """The table that a page shows of a data frame."""
    html = frame.to_html(border=1).replace('class="dataframe"', 'border="1" class="dataframe"')
    return BeautifulSoup(book_tables.dataframe(html), "html.parser").table


def settings(**columns):
    return pd.DataFrame(columns, index=pd.Index(["off", "on"], name="setting"))


def row(cells):
    return [cell.get_text(" ", strip=True) for cell in cells]


def centers(table):
    return [float(circle["cx"]) for circle in table.find_all("circle")]


def test_the_name_of_the_index_stands_in_the_row_of_headings():
    table = page(settings(accuracy=["0.91", "0.92"]))
    (heading,) = table.thead.find_all("tr")
    assert row(heading.find_all("th")) == ["setting", "accuracy"]


def test_two_names_of_an_index_stand_there_too():
    index = pd.MultiIndex.from_tuples([("a", 1), ("a", 2)], names=["", "setting"])
    table = page(pd.DataFrame({"factor": ["1.0 [0.9, 1.1]", "2.0 [1.5, 2.5]"]}, index=index))
    (heading,) = table.thead.find_all("tr")
    assert row(heading.find_all("th")) == ["", "setting", "factor"]
    assert len(centers(table)) == 2


def test_intervals_keep_their_numbers_and_are_drawn_on_the_scale_of_their_column():
    cells = ["0.50 [0.40, 0.60]", "0.90 [0.80, 1.00]"]
    table = page(settings(**{"loss": cells, "n": ["3", "4"]}))
    assert [row(r.find_all("td")) for r in table.tbody.find_all("tr")] == [
        ["0.50 [0.40, 0.60]", "3"], ["0.90 [0.80, 1.00]", "4"],
    ]  # fmt: skip
    least, most = book_tables.MARGIN, book_tables.WIDTH - book_tables.MARGIN
    assert centers(table) == pytest.approx(
        [least + (most - least) * share for share in (1 / 6, 5 / 6)], abs=0.1
    )
    assert all(svg["aria-hidden"] == "true" for svg in table.find_all("svg"))


def test_a_factor_is_drawn_on_a_logarithmic_scale_that_holds_no_change():
    table = page(settings(**{"loss, factor": ["0.50 [0.25, 1.00]", "2.00 [1.00, 4.00]"]}))
    middle = book_tables.WIDTH / 2
    assert [float(line["x1"]) for line in table.select("line.none")] == [middle, middle]
    low, high = centers(table)
    assert middle - low == pytest.approx(high - middle)


def test_a_single_interval_is_drawn_only_beside_no_change():
    index = pd.Index(["on"], name="setting")
    table = page(pd.DataFrame({"a": ["0.5 [0.4, 0.6]"], "a, change": ["+0.1 [0.0, 0.2]"]}, index))
    assert len(centers(table)) == 1


def test_settings_that_stand_across_have_a_scale_in_each_row():
    frame = pd.DataFrame(
        {"off": ["0.1 [0.0, 0.2]", "50 [40, 60]"], "on": ["0.3 [0.2, 0.4]", "70 [60, 80]"]},
        index=["loss", "epochs"],
    ).rename_axis(columns="setting")
    first, second, third, fourth = centers(page(frame))
    assert (first, second) == pytest.approx((third, fourth))


@pytest.mark.parametrize("cells", [["0.5 [0.4, 0.6]", "none"], ["0.5", "0.6"]])
def test_other_cells_stay_as_they_are(cells):
    table = page(settings(a=cells))
    assert row(table.tbody.find_all("td")) == cells
    assert not table.find_all("svg")


def test_an_empty_cell_is_left_out():
    table = page(settings(a=["", "0.5 [0.4, 0.6]"], b=["", "+0.1 [0.0, 0.2]"]))
    assert row(table.tbody.find_all("td"))[:2] == ["", ""]


def test_a_table_without_names_is_only_framed():
    table = page(pd.DataFrame({"a": ["0.5 [0.4, 0.6]", "0.1 [0.0, 0.2]"]}))
    assert not table.find_all("svg")


def test_the_name_of_a_call_may_break_before_its_arguments():
    frame = pd.DataFrame({"loss": ["0.9"]}, index=pd.Index(["Random<T>(0.1)"], name="layer"))
    (name,) = page(frame).select("tbody th")
    assert name.decode_contents() == "Random&lt;T&gt;(<wbr/>0.1)"
