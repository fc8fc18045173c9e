"""Formulas, set by KaTeX when the site is built: no page loads a script for them.

KaTeX (in `katex`, as its release 0.19.1 has it) runs in V8, which comes as a Python package. Each
formula is HTML to look at and MathML to listen to. Its fonts are cut to the characters that stand
in the book and written into its style sheet, so that no line moves when they arrive.
"""

import base64
from functools import cache
from html import escape, unescape
import io
from pathlib import Path
import re
import shutil

from docutils import nodes
from fontTools import subset
import lightningcss
from py_mini_racer import JSEvalException
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from v8 import library

KATEX = Path(__file__).with_name("katex")
SHEET = "katex.css"
MARK = 'class="katex"'
SEEN = re.compile(r'<span class="katex-html"')
SPAN = re.compile(r"<(/?)span\b[^>]*>([^<]*)")
CLASS = re.compile(r"\.([A-Za-z][\w-]*)")
FACE = re.compile(r"@font-face\{[^}]*\}")
RULE = re.compile(r"\{([^{}]*)\}")
SOURCES = re.compile(r"src:url\((fonts/[\w-]+\.woff2)\)[^}]*")
LINE = r"\\"
OPENING = re.compile(r"[(\[\u201c\u2018]+\Z")
CLOSING = re.compile(r"\A(?:[,.;:!?)\]\u201d\u2019]+|-\w+)")
CLASSES = "notranslate nohighlight"
# As large as the text around it. A long display scrolls inside, with room for what is high.
# A display that has no room on one line goes on after a sign of relation or operation.
ROOM = (
    ".katex{font-size:1.1em}.katex-display{overflow:auto hidden;padding-block:.3em}"
    ".katex-display>.katex,.math-kept>.math{white-space:normal}.math-kept{white-space:nowrap}"
)
logger = logging.getLogger(__name__)


def setup(app):
    """Set formulas by KaTeX, with its style sheet on the pages that have one."""
    app.add_html_math_renderer("katex", (_visit_math, None), (_visit_display, None))
    app.connect("doctree-resolved", _keep_signs)
    app.connect("html-page-context", _add_sheet)
    app.connect("build-finished", _write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


@cache
def formula(tex, display=False):
    r"""Return a formula as HTML and MathML.

    Parameters
    ----------
    tex : str
        LaTeX without its dollar signs.
    display : bool, default False
        Whether it stands on lines of its own.

    Raises
    ------
    ValueError
        If KaTeX does not know a command, or braces do not match.
    """
    options = {"displayMode": display, "strict": "error", "throwOnError": True}
    try:
        return library(KATEX / "katex.min.js").call("katex.renderToString", tex, options)
    except JSEvalException as error:
        found = re.search(r"(?:ParseError|Error): (?:KaTeX parse error: )?(.*)", str(error))
        raise ValueError(found[1] if found else str(error)) from None


def _set(node, tex, display):
    """Return a formula of a page; where there is a fault, its source, and a warning names it."""
    try:
        return formula(tex, display)
    except ValueError as error:
        source = " ".join(node.astext().split())
        logger.warning("KaTeX cannot set $%s$: %s", source, error, location=node)
        return escape(tex)


def _keep_signs(app, doctree, docname):
    """Hand a formula the signs that touch it, such as a comma: no line may begin with one."""
    for node in list(doctree.findall(nodes.math)):
        at = node.parent.index(node)
        before, after = node.parent[max(at - 1, 0) : at], node.parent[at + 1 : at + 2]
        for name, pattern, texts in (("before", OPENING, before), ("after", CLOSING, after)):
            found = pattern.search(texts[0]) if texts and isinstance(texts[0], nodes.Text) else None
            if found:
                node[name] = found[0]
                node.parent.replace(texts[0], nodes.Text(pattern.sub("", texts[0], count=1)))


def _visit_math(self, node):
    before, after = (escape(node.get(name, "")) for name in ("before", "after"))
    tag = self.starttag(node, "span", "", CLASS=f"math {CLASSES}")
    html = f"{before}{tag}{_set(node, node.astext(), display=False)}</span>{after}"
    self.body.append(f'<span class="math-kept">{html}</span>' if before or after else html)
    raise nodes.SkipNode


def _visit_display(self, node):
    self.body.append(self.starttag(node, "div", CLASS=f"math {CLASSES}"))
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append(f"{_set(node, _aligned(node), display=True)}</div>\n")
    raise nodes.SkipNode


def _aligned(node):
    r"""Return the TeX of a display, several lines or paragraphs of it as Sphinx aligns them."""
    if node["nowrap"]:  # it brings its own environment
        return node.astext()
    parts = [part for part in node.astext().split("\n\n") if part.strip()]
    split = [rf"\begin{{split}}{part}\end{{split}}" if LINE in part else part for part in parts]
    if len(split) == 1:
        return split[0]
    return rf"\begin{{aligned}}{LINE.join(split)}\end{{aligned}}"


def _add_sheet(app, pagename, templatename, context, doctree):
    if MARK in context.get("body", ""):
        app.add_css_file(SHEET)


def _write(app, exception):
    """Write KaTeX' style sheet with the fonts that the pages use."""
    if exception or app.builder.format != "html":
        return
    texts = (path.read_text("utf8") for path in Path(app.outdir).glob("**/*.html"))
    pages = [text for text in texts if MARK in text]
    folder = Path(app.outdir, "_static")
    if pages:
        (folder / SHEET).write_text(sheet(pages), "utf8")
        shutil.copy(KATEX / "katex.LICENSE.txt", folder)


def characters(html):
    """Return all that is seen of a page's formulas."""
    found = []
    for start in SEEN.finditer(html):
        depth = 0
        for span in SPAN.finditer(html, start.start()):
            depth += -1 if span[1] else 1
            if not depth:
                break
            found.append(span[2])
    return unescape("".join(found))


def sheet(pages):
    """Return KaTeX' style sheet for pages: the rules and fonts that their formulas use.

    The fonts are cut to the characters of the formulas, and stand inside the sheet.
    """
    text = (KATEX / "katex.min.css").read_text("utf8")
    words = {word for page in pages for word in re.findall(r"[\w-]+", page)}
    unused = {name for name in CLASS.findall(text) if name not in words}
    rules = lightningcss.process_stylesheet(FACE.sub("", text), unused_symbols=unused) + ROOM
    used = {_face(rule) for rule in RULE.findall(rules)}
    shown = "".join(map(characters, pages))
    faces = [face for face in FACE.findall(text) if _face(face) in used]
    return "".join(_embedded(face, shown) for face in faces) + rules


def _face(rule):
    """Return what a rule says of the font: the family, and whether it is bold and italic."""
    family = re.search(r"KaTeX_\w+", rule)
    bold, italic = "font-weight:700" in rule, "font-style:italic" in rule
    return family[0] if family else "KaTeX_Main", bold, italic


def _embedded(face, shown):
    source = SOURCES.search(face)
    font = base64.b64encode(_cut(KATEX / source[1], shown)).decode()
    return SOURCES.sub(f'src:url(data:font/woff2;base64,{font}) format("woff2")', face)


def _cut(path, shown):
    """Return a font as the bytes of WOFF2 with the glyphs of the characters shown."""
    options = subset.Options(flavor="woff2", hinting=False)
    font = subset.load_font(path, options)
    cutter = subset.Subsetter(options)
    cutter.populate(text=shown)
    cutter.subset(font)
    written = io.BytesIO()
    subset.save_font(font, written, options)
    return written.getvalue()
