"""Tables without a name for their first column name their rows."""

import pytest
from row_headers import named

HEAD = '<thead>\n<tr class="row-odd">{corner}\n<th class="head"><p>loss</p></th>\n</tr>\n</thead>\n'
ROW = '<tr class="row-even"><td><p>baseline</p></td>\n<td><p>0.5</p></td>\n</tr>'
TABLE = f"<table>{HEAD}<tbody>\n{ROW}\n</tbody></table>"
NAMED = '<tr class="row-even"><th scope="row"><p>baseline</p></th>\n<td><p>0.5</p></td>\n</tr>'


@pytest.mark.parametrize("corner", ["<td></td>", '<th class="head"></th>', "<td><p></p></td>"])
def test_an_empty_corner_makes_the_first_cells_headers(corner):
    table = TABLE.format(corner=corner)
    assert named(f"<p>x</p>{table}{table}") == f"<p>x</p>{table}{table}".replace(ROW, NAMED)


def test_a_table_with_a_name_above_its_first_column_stays_as_it_is():
    table = TABLE.format(corner='<th class="head"><p>setting</p></th>')
    assert named(table) == table
    assert named("<p>no table</p>") == "<p>no table</p>"
