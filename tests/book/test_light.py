"""What makes the pages light and safe, each part for itself: formulas, icons, styles, policy."""

import base64
import hashlib
import io
from pathlib import Path
import re
import subprocess
import sys

import book_icons
import book_math
import book_policy
import book_weight
from bs4 import BeautifulSoup
import measure_site
import pytest
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.console import strip_escape_sequences
from sphinx.util.docutils import docutils_namespace

EXT = Path(book_math.__file__).parent
SETTINGS = {
    "extensions": ["myst_parser", "book_math"],
    "html_math_renderer": "katex",
    "myst_enable_extensions": ["amsmath", "dollarmath"],
    "html_theme": "basic",
}


def built(folder, text, **settings):
    """Build a page of MyST Markdown; return HTML, the folder of the site, and the warnings."""
    (folder / "index.md").write_text(text, "utf8")
    out, said = folder / "out", io.StringIO()
    overrides = {**SETTINGS, **settings}
    with docutils_namespace():
        app = Sphinx(folder, None, out, out, "html", overrides, status=None, warning=said)
        app.build()
    warnings = strip_escape_sequences(said.getvalue())
    return (out / "index.html").read_text("utf8"), out, warnings


def static(folder, **files):
    """Write files into a folder `_static`, by their names with the dot as two underscores."""
    (folder / "_static").mkdir()
    for name, text in files.items():
        (folder / "_static" / name.replace("__", ".")).write_text(text, "utf8")
    return folder / "_static"


def test_a_formula_is_something_to_see_and_something_to_hear():
    html = book_math.formula(r"\hat f_D")
    assert "<math" in html
    assert 'class="katex-html" aria-hidden="true"' in html
    assert "katex-display" in book_math.formula("x", display=True)
    assert not re.search("tabindex|<a |href", html)


def test_no_line_begins_with_the_sign_behind_a_formula(tmp_path):
    html, _, _ = built(tmp_path, "# A page\n\nThe rate ($p$), a $k$-fold split and $n$ rows.\n")
    kept = BeautifulSoup(html, "html.parser").select(".math-kept")
    signs = [[each for each in span.children if isinstance(each, str)] for span in kept]
    assert signs == [["(", "),"], ["-fold"]]


def test_a_wrong_formula_is_named_in_one_line_with_its_page(tmp_path):
    _, _, said = built(tmp_path, "# A page\n\nHere, $a + \\wrong{b}$ is not TeX.\n")
    [line] = said.strip().splitlines()
    assert re.search(r"index\.md:3: WARNING: KaTeX cannot set \$a \+ \\wrong\{b\}\$: ", line)
    assert "\\wrong at position" in line


def test_displays_of_several_lines_and_numbered_ones_are_set(tmp_path):
    text = "# A\n\n$$\na &= b \\\\\nc &= d\n$$ (first)\n\n\\begin{align}\nx &= 1\n\\end{align}\n"
    html, _, said = built(tmp_path, text)
    assert said == ""
    assert html.count("katex-display") == 2
    assert '<span class="eqno">(1)' in html


def test_the_fonts_hold_what_is_shown_and_stand_in_the_sheet(tmp_path):
    _, out, _ = built(tmp_path, "# A\n\n$x = \\lambda$\n")
    sheet = (out / "_static" / "katex.css").read_text("utf8")
    faces = re.findall(r"font-family:(KaTeX_\w+);[^}]*url\(data:font/woff2;base64,([^)]+)", sheet)
    assert {name for name, _ in faces} == {"KaTeX_Main", "KaTeX_Math"}
    assert "url(fonts/" not in sheet
    whole = (book_math.KATEX / "fonts" / "KaTeX_Main-Regular.woff2").stat().st_size
    assert all(len(base64.b64decode(font)) < whole / 4 for _, font in faces)
    assert (out / "_static" / "katex.LICENSE.txt").exists()


def test_a_page_without_formulas_loads_nothing_for_them(tmp_path):
    html, out, _ = built(tmp_path, "# A\n\nNo formula.\n")
    assert "katex" not in html
    assert not (out / "_static" / "katex.css").exists()


def test_an_icon_becomes_the_picture_of_that_name():
    html = book_icons.with_pictures('<i class="fa-solid fa-bars fa-lg"></i>')
    assert html.startswith('<svg class="svg-inline--fa fa-lg" aria-hidden="true"')
    assert 'fill="currentColor"' in html
    assert book_icons.with_pictures(html) == html


def test_an_icon_keeps_what_else_its_element_says():
    icon = '<i class="theme-switch fa-solid fa-sun   fa-lg" data-mode="light" title="Light"></i>'
    html = book_icons.with_pictures(icon)
    assert html.startswith('<svg class="svg-inline--fa theme-switch fa-lg" aria-hidden="true"')
    assert ' data-mode="light">' in html
    assert book_icons.with_pictures('<span class="other"></span>') == '<span class="other"></span>'


def test_an_icon_without_a_picture_is_named_with_the_remedy(tmp_path):
    text = '# A\n\n<i class="fas fa-anchor"></i>\n'
    _, _, said = built(tmp_path, text, extensions=[*SETTINGS["extensions"], "book_icons"])
    assert said.splitlines() == [
        "WARNING: index.html: no icon 'anchor': put anchor.svg into _ext/icons"
    ]


def test_the_engine_is_closed_before_python_ends():
    code = """
import atexit, os, book_math
def report():
    try:
        book_math.formula("y")
    except Exception:
        print("closed", flush=True)
    os._exit(0)
atexit.register(report)
book_math.formula("x")
"""
    run = subprocess.run([sys.executable, "-c", code], cwd=EXT, capture_output=True, check=False)
    assert run.stdout.decode().strip() == "closed", run.stderr.decode()


def test_a_script_that_is_not_javascript_is_named():
    with pytest.raises(ExtensionError, match=r"a\.js is not JavaScript: "):
        book_weight.small_script("a.js", "const = 3;")


def test_a_librarys_sheet_keeps_the_rules_that_can_apply():
    rules = ".used{color:red} .unused{color:red} .made-here{color:red} .used .unused{top:0}"
    used = book_weight.usage(['<p class="used">', "element.className = `made-${kind}`"])
    assert book_weight.small_sheet("basic.css", rules, used) == ".used,.made-here{color:red}"
    assert book_weight.small_sheet("book.css", ".unused{top:0}", used) == ".unused{top:0}"


def test_a_sheet_that_is_not_css_is_named():
    with pytest.raises(ExtensionError, match=r"book\.css is not CSS: "):
        book_weight.small_sheet("book.css", "p { color: }}", book_weight.usage([]))


PAGE = """<html><head><meta charset="utf-8" />
<!-- a remark --><link rel="preload" as="script" href="_static/a.js">
<link rel="stylesheet" href="_static/a.css?v=1" /><link rel="stylesheet" href="_static/b.css" />
<script src="_static/doctools.js?v=2"></script><script src="_static/a.js"></script>
<script>first();</script></head>
<body><button onclick="go()">Go</button><script src="_static/scripts/bootstrap.js"></script>
</body></html>
"""


SCRIPT = "f( `a  b ${`c  //`}` ); // says\n//# sourceMappingURL=a.js.map"


def lightened(folder, **pages):
    """Write pages into a site of some files, and lighten it."""
    files = {"a__css": "p { top: 0 }", "b__css": "i { top: 0 }", "a__js": SCRIPT}
    static(folder, **files, unused__png="x", doctools__js="", a__js__LICENSE__txt="Mine")
    (folder / "_static" / "scripts").mkdir()
    (folder / "_static" / "scripts" / "bootstrap.js").write_text("b()", "utf8")
    for name, text in pages.items():
        (folder / f"{name}.html").write_text(text, "utf8")
    book_weight.lighten(folder)
    return {name: (folder / f"{name}.html").read_text("utf8") for name in pages}


def test_a_page_loads_what_it_uses_and_waits_for_nothing(tmp_path):
    page = lightened(tmp_path, index=PAGE)["index"]
    assert re.findall(r"<(?:script|link)[^>]*>", page) == [
        f'<link rel="stylesheet" href="_static/site.css?v={digest(tmp_path, "site.css")}" />',
        f'<script defer src="_static/a.js?v={digest(tmp_path, "a.js")}">',
        "<script>",
    ]
    assert (tmp_path / "_static" / "site.css").read_text("utf8") == "p{top:0}\ni{top:0}"
    assert (tmp_path / "_static" / "a.js").read_text("utf8") == "f(`a  b ${`c  //`}`);"


def test_a_menu_keeps_the_script_that_opens_it(tmp_path):
    menu = PAGE.replace("<button ", '<button data-bs-toggle="dropdown" ')
    pages = lightened(tmp_path, index=PAGE, menu=menu)
    assert "bootstrap.js" not in pages["index"]
    assert "bootstrap.js" in pages["menu"]


def test_a_sheet_that_not_all_pages_load_stays_with_those_that_do(tmp_path):
    other = PAGE.replace('<link rel="stylesheet" href="_static/b.css" />', "")
    pages = lightened(tmp_path, index=PAGE, other=other)
    assert (tmp_path / "_static" / "site.css").read_text("utf8") == "p{top:0}"
    assert "b.css" in pages["index"]
    assert "b.css" not in pages["other"]


def test_what_no_page_names_is_deleted_and_licenses_stay(tmp_path):
    lightened(tmp_path, index=PAGE)
    left = {path.name for path in (tmp_path / "_static").glob("**/*")}
    assert left == {"site.css", "a.js", "a.js.LICENSE.txt"}


def test_a_librarys_variable_stays_for_the_sheet_that_reads_it(tmp_path):
    link = '<link rel="stylesheet" href="_static/basic.css" />'
    (tmp_path / "_static").mkdir()
    (tmp_path / "_static" / "a.css").write_text("p { color: var(--ink) }", "utf8")
    library = ":root { --ink: red; --paper: red }"
    (tmp_path / "_static" / "basic.css").write_text(library, "utf8")
    (tmp_path / "index.html").write_text(f"<head>{link}{link.replace('basic', 'a')}</head>", "utf8")
    book_weight.lighten(tmp_path)
    text = (tmp_path / "_static" / "site.css").read_text("utf8")
    assert text == ":root{--ink:red}\np{color:var(--ink)}"


def test_a_sheet_stands_with_those_that_it_imports(tmp_path):
    (tmp_path / "_static" / "styles").mkdir(parents=True)
    (tmp_path / "_static" / "basic.css").write_text("p { background: url(file.png) }", "utf8")
    theme = tmp_path / "_static" / "styles" / "theme.css"
    theme.write_text('@import "../basic.css"; i { background: url("../file.png") }', "utf8")
    link = '<link rel="stylesheet" href="_static/styles/theme.css" />'
    (tmp_path / "index.html").write_text(f"<head>{link}</head>", "utf8")
    book_weight.lighten(tmp_path)
    text = (tmp_path / "_static" / "site.css").read_text("utf8")
    assert text == "p,i{background:url(file.png)}"


def test_a_site_that_is_light_already_stays_as_it_is(tmp_path):
    first = lightened(tmp_path, index=PAGE)["index"]
    book_weight.lighten(tmp_path)
    assert (tmp_path / "index.html").read_text("utf8") == first


def digest(folder, name):
    return hashlib.sha256((folder / "_static" / name).read_bytes()).hexdigest()[:8]


def test_the_policy_allows_what_stands_in_the_page_and_forbids_the_rest():
    page = book_policy.with_policy(PAGE)
    meta = re.search(r'charset="utf-8" />\n<meta http-equiv="Content-Security-Policy" [^>]*', page)
    allowed = dict(part.split(" ", 1) for part in policy_of(meta[0]).split("; "))
    assert allowed["default-src"] == "'none'"
    assert allowed["script-src"] == f"'self' {sha256('first();')}"
    assert allowed["script-src-attr"] == f"'unsafe-hashes' {sha256('go()')}"
    assert allowed["connect-src"] == "'self'"
    assert book_policy.with_policy(page) == page


def test_data_in_a_page_need_no_permission():
    page = PAGE.replace("<script>", '<script type="application/ld+json">')
    assert "sha256" not in re.search("script-src [^;]*", book_policy.policy(page))[0]


def policy_of(meta):
    return re.search('content="([^"]*)"', meta)[1]


def sha256(code):
    return f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'"


def test_a_page_weighs_what_it_loads(tmp_path):
    (tmp_path / "_static").mkdir()
    (tmp_path / "_static" / "a.css").write_text("@font-face{src:url(a.woff2)}", "utf8")
    (tmp_path / "_static" / "a.woff2").write_bytes(bytes(range(200)))
    (tmp_path / "index.html").write_text('<link href="_static/a.css?v=1"><img src="a.png">', "utf8")
    weight = measure_site.weight(tmp_path / "index.html")
    assert weight["fonts"] == 200
    assert weight["scripts"] == 0
    assert 0 < weight["styles"] < 100


def test_a_page_measured_again_takes_the_place_of_what_was_stored(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(measure_site, "STORED", tmp_path / "lighthouse.json")
    shorts = [
        *measure_site.CATEGORIES.values(),
        *(short for short, _ in measure_site.AUDITS.values()),
    ]
    row = {**dict.fromkeys(shorts, 97), "failed": [], "date": "2026-01-01", "runs": 3}
    measure_site.store([{**row, "page": name, "device": "mobile"} for name in ("index", "run")])
    measure_site.store([{**row, "page": "index", "device": "mobile", "date": "2026-02-02"}])
    measure_site.print_lighthouse(measure_site.stored())
    _, _, run, index = capsys.readouterr().out.splitlines()
    assert run.startswith("run ")
    assert run.endswith("2026-01-01")
    assert index.endswith("2026-02-02")
