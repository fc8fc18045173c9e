"""JavaScript modules that are joined into one classic script."""

from bundle import bundle
import pytest

FILES = {
    "main.js": """// The entry.
import { mean } from "./parts/mean.js";
import { long as spread, kinds, Sum } from "./parts/spread.js";
import { mean as other } from "./other/mean.js";
import TABLE from "./parts/table.json" with { type: "json" };

const total = 1; // a name that another module has, too

export function main() {
  const keys = Object.keys(TABLE);
  return [mean([1, 2, 6]), spread(), other, kinds, new Sum(2).value, total, keys, TABLE.__proto__];
}
""",
    "parts/mean.js": """const total = (values) => values.reduce((a, b) => a + b, 0);

export const mean = (values) => total(values) / values.length;
""",
    "other/mean.js": "const mean = 4;\nexport { mean };\n",
    "parts/spread.js": """import {
  mean,
} from "./mean.js";

export function long() {
  return mean([mean([4]), helper()]);
}

function helper() {
  return 6;
}

export const kinds = `
import keras
from os import path`.trim();

export class Sum {
  constructor(value) {
    this.value = value;
  }
}
""",
    "parts/table.json": '{"__proto__": "</script>\\u2028", "constructor": 1}',
}


@pytest.fixture
def modules(tmp_path):
    """Write modules, some of them other ones than `FILES`; return the path of the first."""

    def write(**other):
        book = tmp_path / "book"
        files = FILES | {name.replace("_js", ".js"): text for name, text in other.items()}
        for name, text in files.items():
            (book / name).parent.mkdir(parents=True, exist_ok=True)
            (book / name).write_text(text, "utf8")
        return book / "main.js"

    return write


def test_modules_become_one_script_in_which_their_names_do_not_collide(browser, modules):
    script = bundle(modules())
    page = browser.new_page()
    found = page.evaluate(f'(() => {{ "use strict"; {script}\nreturn book_main_js.main(); }})()')
    page.close()
    kinds = "import keras\nfrom os import path"
    assert found == [3, 5, 4, kinds, 2, 1, ["__proto__", "constructor"], "</script>\u2028"]
    assert script.count("const mean = (values)") == 1


@pytest.mark.parametrize(
    "line",
    [
        'import * as all from "./parts/mean.js";',
        'import "./parts/mean.js";',
        'import mean from "./parts/mean.js";',
        'import { mean } from "elsewhere";',
        "export default 1;",
        'export { total } from "./parts/mean.js";',
        "export var total = 1;",
    ],
)
def test_another_form_is_refused_by_name(modules, line):
    with pytest.raises(ValueError, match=r"main\.js: write import .* not "):
        bundle(modules(main_js=f"{line}\n"))


def test_circles_and_equal_names_are_refused(modules):
    entry = modules(
        main_js='import { a } from "./other.js";\n',
        other_js='import { b } from "./main.js";\nexport const a = 1;\n',
    )
    with pytest.raises(ValueError, match=r"main\.js imports itself by way of other\.js"):
        bundle(entry)
    again = 'import { mean as m } from "./more/parts/mean.js";\n'
    entry = modules(main_js=f'import {{ mean }} from "./parts/mean.js";\n{again}')
    folder = entry.parent / "more" / "parts"
    folder.mkdir(parents=True)
    (folder / "mean.js").write_text(FILES["parts/mean.js"], "utf8")
    with pytest.raises(ValueError, match=r"^two modules have one name.*: parts_mean_js$"):
        bundle(entry)
