"""The weight of the pages: of the theme's scripts and styles only what a page uses is loaded.

When all pages are written: scripts that nothing needs go, the others are deferred; the style sheets
that all pages share become one, without rules for what no page contains; white space and comments
go; and of the files in `_static` those stay that a page, a sheet or a script names.
"""

import base64
from fnmatch import fnmatch
from functools import partial
import hashlib
from pathlib import Path
import posixpath
import re

import lightningcss
from py_mini_racer import JSEvalException
from sphinx.errors import ExtensionError
from v8 import library

SHARED = "site.css"
AT_ONCE = "fonts/book-*.woff2"  # are there with the first line, so that no line is set anew
# Scripts, and what a page contains that needs them; icons drawn by a script, and the keys and marks
# of Sphinx' own search, nothing does. Without bootstrap.js a button's title shows as titles do.
NEEDED_BY = {
    "fontawesome.js": None,
    "doctools.js": None,
    "sphinx_highlight.js": None,
    "bootstrap.js": 'data-bs-toggle="dropdown"',
    "clipboard.min.js": 'class="highlight',
    "copybutton.js": 'class="highlight',
}
# Whose rules may be thrown away. The book's own sheets have none to spare.
LIBRARIES = ("styles/*.css", "basic.css", "pygments.css", "copybutton.css", "mystnb.*.css")
TERSER = Path(__file__).with_name("terser") / "terser.min.js"  # its release 5.51.4
OPTIONS = {"compress": False, "mangle": False, "format": {"comments": False}}
AS_THEY_ARE = ("*.min.js", "scripts/*.js", "search-records.js")  # small already
WIDGETS = "application/vnd.jupyter.widget"  # the state of widgets, which no page can show

COMMENT = re.compile(r"\s*<!--.*?-->", re.DOTALL)
PRELOADED = re.compile(r'\s*<link rel="preload" as="script"[^>]*>')
SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>\s*", re.DOTALL)
SHEET = re.compile(  # not one for paper alone
    r'\s*<link\b(?=[^>]*\brel="stylesheet")(?![^>]*\bmedia=)[^>]*\bhref="([^"]*?)_static/([^"?]+)[^>]*>'
)
STATIC = re.compile(r'(_static/)([\w./-]+\.(?:css|js))(?:\?[^"]*)?(?=")')
IMPORT = re.compile(r'@import "([^"]+)";')
ADDRESS = re.compile(r"url\(\s*[\"']?(?!data:|#|/|https?:)([^\"')]+)[\"']?\s*\)")
ICON_FONT = re.compile(r"@font-face\s*\{[^}]*Font Awesome[^}]*\}")
SYMBOL = re.compile(r"[.#](-?[A-Za-z_][\w-]*)")
VARIABLE = re.compile(r"(--[\w-]+)\s*:")
USED_VARIABLE = re.compile(r"var\(\s*(--[\w-]+)")
WORD = re.compile(r"[\w-]+")
BEGINNING = re.compile(r"([\w-]+-)(?:\$\{|[\"']\s*\+)")  # of a name that a script puts together
SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)


def setup(app):
    """Take the state of widgets out of each page, and the rest when all pages are written."""
    app.connect("html-page-context", _drop_widgets, priority=950)
    app.connect("build-finished", _lighten, priority=920)  # after the icons
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _drop_widgets(app, pagename, templatename, context, doctree):
    scripts = context.get("script_files", [])
    scripts[:] = [script for script in scripts if not _kind(script).startswith(WIDGETS)]


def _kind(script):
    return getattr(script, "attributes", {}).get("type") or ""


def _lighten(app, exception):
    if not exception and app.builder.format == "html":
        lighten(Path(app.outdir))


def lighten(root):
    """Rewrite the pages of a site, and what they load, so that they load what they use.

    Parameters
    ----------
    root : Path
        The site's folder, with its scripts and style sheets in `_static`.
    """
    static = root / "_static"
    paths = [path for path in root.glob("**/*.html") if static not in path.parents]
    pages = {path: _lean(path.read_text("utf8")) for path in paths}
    shared, sheets = _shared(pages.values()), _sheets(static, pages.values())
    variables = [" ".join(USED_VARIABLE.findall(text)) for text in sheets.values()]
    used = usage([*pages.values(), *_scripts(static, pages.values()), *variables])
    _write_sheets(static, sheets, shared, used)
    for path, page in pages.items():
        pages[path] = STATIC.sub(partial(_versioned, static), _with_shared(page, shared))
        path.write_text(pages[path], "utf8")
    _prune(root, pages.values())


def _lean(page):
    """Return a page without the scripts that it does not need, those in its head deferred."""
    unused = [name for name, mark in NEEDED_BY.items() if not mark or mark not in page]
    head, end, body = page.partition("</head>")
    head = SCRIPT.sub(_deferred, PRELOADED.sub("", COMMENT.sub("", head)))
    return SCRIPT.sub(partial(_if_used, unused), head + end + body)


def _deferred(script):
    if script[2].startswith("DOCUMENTATION_OPTIONS."):  # of Sphinx' own search, too
        return ""
    waits = "src=" not in script[1] or re.search(r"\b(defer|async)\b", script[1])
    return script[0] if waits else script[0].replace("<script", "<script defer", 1)


def _if_used(unused, script):
    return "" if any(f"/{name}" in script[1] for name in unused) else script[0]


def _scripts(static, pages):
    """Write the scripts that pages load without white space and comments; return their texts."""
    names = {name for page in pages for _, name in STATIC.findall(page) if name.endswith(".js")}
    for path in (static / name for name in sorted(names)):
        text = path.read_text("utf8")
        if not any(path.match(pattern) for pattern in AS_THEY_ARE):
            text = small_script(path.name, text)
        path.write_text(SOURCE_MAP.sub("", text), "utf8")
        yield path.read_text("utf8")


def small_script(name, text):
    """Return a script without white space and comments, every name in it as it was.

    Functions of the playground are sent to its worker as text, so that names have to stay.

    Raises
    ------
    ExtensionError
        If it is not JavaScript.
    """
    try:
        return library(TERSER).call("Terser.minify_sync", text, OPTIONS)["code"]
    except JSEvalException as error:
        raise ExtensionError(f"{name} is not JavaScript: {str(error).splitlines()[0]}") from None


def _sheets(static, pages):
    """Return the style sheets that pages load: their texts by their names."""
    names = {name for page in pages for _, name in SHEET.findall(page)} - {SHARED}
    return {name: _read_sheet(static, name) for name in sorted(names)}


def _write_sheets(static, sheets, shared, used):
    """Write the shared sheets as one, and each of the others for itself."""
    small = {name: small_sheet(name, text, used) for name, text in sheets.items()}
    if shared:
        (static / SHARED).write_text("\n".join(small[name] for name in shared), "utf8")
    for name in small.keys() - {*shared}:
        (static / name).write_text(small[name], "utf8")


def _shared(pages):
    """Return the names of the sheets that all pages load, in order.

    Pages from an earlier build, whose sheets are one already, have no say.
    """
    lists = [[name for _, name in SHEET.findall(page)] for page in pages]
    lists = [names for names in lists if names and SHARED not in names]
    return [name for name in lists[0] if all(name in names for names in lists)] if lists else []


def _with_shared(page, names):
    """Return a page with one link in the place of those to the shared sheets."""
    first = SHEET.search(page)
    if not first or f"_static/{SHARED}" in page:
        return page
    link = f'\n<link rel="stylesheet" href="{first[1]}_static/{SHARED}" />'
    rest = SHEET.sub(lambda sheet: "" if sheet[2] in names else sheet[0], page[first.start() :])
    return page[: first.start()] + link + rest


def usage(texts):
    """Return a function that says whether pages and scripts contain a name of a style sheet.

    A script may also put it together, from a beginning that it contains and something else.
    """
    words = {word for text in texts for word in WORD.findall(text)}
    beginnings = tuple({found for text in texts for found in BEGINNING.findall(text)})
    return lambda name: name in words or name.startswith(beginnings)


def small_sheet(name, text, used):
    """Return a style sheet without white space and, if a library's, without unused rules.

    Raises
    ------
    ExtensionError
        If it is not CSS.
    """
    unused, text = set(), ICON_FONT.sub("", text)
    if any(fnmatch(name, pattern) for pattern in LIBRARIES):
        names = {*SYMBOL.findall(text), *VARIABLE.findall(text)}
        unused = {name for name in names if not used(name)}
    try:
        return lightningcss.process_stylesheet(text, filename=name, unused_symbols=unused)
    except ValueError as error:
        raise ExtensionError(f"{name} is not CSS: {error}") from None


def _read_sheet(static, name):
    """Return a sheet with those that it imports, its addresses relative to `_static`."""
    folder = posixpath.dirname(name)

    def within(relative):
        return posixpath.normpath(posixpath.join(folder, relative))

    text = (static / name).read_text("utf8")
    text = ADDRESS.sub(lambda found: f'url("{_address(static, within(found[1]))}")', text)
    return IMPORT.sub(lambda found: _read_sheet(static, within(found[1])), text)


def _address(static, name):
    """Return the address of a file, which for the faces of the text holds the file itself."""
    if not fnmatch(name, AT_ONCE):
        return name
    font = base64.b64encode((static / name).read_bytes()).decode()
    return f"data:font/woff2;base64,{font}"


def _versioned(static, found):
    """Return an address with a digest of the file's contents, so that a cache sees a change."""
    path = static / found[2]
    if not path.exists():
        return found[0]
    return f"{found[1]}{found[2]}?v={hashlib.sha256(path.read_bytes()).hexdigest()[:8]}"


def _prune(root, pages):
    """Delete what neither a page nor what it loads names: in `_static`, and Sphinx' own index."""
    files = {path for path in (root / "_static").glob("**/*") if path.is_file()}
    kept = {path for path in files if "LICENSE" in path.name or path.name == "OFL.txt"}
    texts = [*pages]
    while texts:
        words = set(re.findall(r"[\w.-]+", " ".join(texts)))
        named = {path for path in files - kept if path.name in words}
        kept |= named
        texts = [path.read_text("utf8") for path in named if path.suffix in (".css", ".js")]
    for path in files - kept:
        path.unlink()
        path.with_name(f"{path.name}.LICENSE.txt").unlink(missing_ok=True)
    for folder in sorted((root / "_static").glob("**/"), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()
    if not any("searchindex.js" in page for page in pages):
        (root / "searchindex.js").unlink(missing_ok=True)
