"""Icons as pictures in the page, not as a font: the theme's own glyphs, from Font Awesome.

The theme names an icon by a class, and would load a script of 1.5 MB or two fonts to draw it. The
few that the pages name stand in `icons` and take its place when all pages are written.
"""

from functools import cache, partial
from pathlib import Path
import re
from urllib.parse import quote

from sphinx.util import logging
from static_files import provide, static_folder

ICONS = Path(__file__).with_name("icons")
ICON = re.compile(r'<(i|span)\b([^>]*)\bclass="([^"]*)"([^>]*)></\1>')
FONTS = {"fa", "fas", "fab", "far", "fa-solid", "fa-brands", "fa-regular"}
SHAPE = re.compile(r"\bfa-(?!solid|brands|regular|lg\b)([\w-]+)")
TITLE = re.compile(r'\s+title="[^"]*"')  # a picture has none; the button around it has a name
OTHER_NAMES = {"pencil-alt": "pencil", "external-link": "arrow-up-right-from-square"}
SHEET = "icons.css"
OUTLINE = re.compile(r'viewBox="([^"]*)".*(<path .*/>)', re.DOTALL)
# What the theme writes before or behind words, by the variable that holds its character.
BOXES = {
    "default": "bell",
    "note": "circle-info",
    "attention": "circle-exclamation",
    "important": "circle-exclamation",
    "caution": "triangle-exclamation",
    "warning": "triangle-exclamation",
    "danger": "triangle-exclamation",
    "error": "circle-xmark",
    "hint": "lightbulb",
    "tip": "lightbulb",
    "seealso": "share",
    "todo": "pencil",
}
CHARACTERS = (
    *("check-circle", "info-circle", "exclamation-triangle", "exclamation-circle", "bell"),
    *("times-circle", "lightbulb", "download", "angle-left", "angle-right", "external-link"),
    *("search-minus", "github", "gitlab", "share", "pencil"),
)
RULES = """
.svg-inline--fa { display: inline-block; height: 1em; vertical-align: -0.125em; }
.admonition.admonition > .admonition-title::after {
  --icon: var(--icon-default);
  height: 1lh;
  background: currentcolor;
  mask: var(--icon) center / contain no-repeat;
  print-color-adjust: exact;
}
@media (forced-colors: active) {
  .admonition.admonition > .admonition-title::after {
    background: CanvasText;
    forced-color-adjust: none;
  }
}
"""
logger = logging.getLogger(__name__)


def setup(app):
    """Put the pictures into the pages once they are written, and their style sheet beside them."""
    app.connect("builder-inited", _write)
    provide(app, ICONS / "icons.LICENSE.txt")
    app.connect("build-finished", _draw, priority=910)
    app.add_css_file(SHEET)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


@cache
def outline(name):
    """Return the view box and the path of an icon; a KeyError if there is none of that name."""
    path = ICONS / f"{OTHER_NAMES.get(name, name)}.svg"
    if not path.exists():
        raise KeyError(name)
    return OUTLINE.search(path.read_text("utf8")).groups()


def with_pictures(html, page=""):
    """Return a page with every icon drawn in the color and size of the text around it.

    A warning names an icon that has no picture.
    """
    return ICON.sub(partial(_picture, page), html)


def _picture(page, icon):
    before, classes, behind = icon[2], icon[3].split(), icon[4]
    if not FONTS.intersection(classes):
        return icon[0]
    name = SHAPE.search(icon[3])[1]
    try:
        box, path = outline(name)
    except KeyError:
        logger.warning("%s: no icon %r: put %s.svg into _ext/icons", page, name, name)
        return icon[0]
    others = [part for part in classes if part not in {*FONTS, f"fa-{name}"}]
    kept = " ".join(["svg-inline--fa", *others])
    attributes = TITLE.sub("", before + behind)
    path = path.replace("<path ", '<path fill="currentColor" ')
    return f'<svg class="{kept}" aria-hidden="true" viewBox="{box}"{attributes}>{path}</svg>'


def style():
    """Return the style sheet: the pictures of the boxes, and no character of the icon fonts."""
    empty = "".join(f'--pst-icon-{name}: "";' for name in CHARACTERS)
    default = f":root {{ {empty} --icon-default: {_address(BOXES['default'])}; }}"
    boxes = "".join(
        f".admonition.{'admonition-' * (kind == 'todo')}{kind} > .admonition-title::after "
        f"{{ --icon: {_address(name)}; }}\n"
        for kind, name in BOXES.items()
        if kind != "default"
    )
    return default + RULES + boxes


def _address(name):
    box, path = outline(name)
    picture = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">{path}</svg>'
    return f'url("data:image/svg+xml,{quote(picture, safe=" /:=")}")'


def _write(app):
    if app.builder.format == "html":
        (static_folder(app) / SHEET).write_text(style(), "utf8")


def _draw(app, exception):
    if exception or app.builder.format != "html":
        return
    for path in Path(app.outdir).glob("**/*.html"):
        page = path.relative_to(app.outdir).as_posix()
        path.write_text(with_pictures(path.read_text("utf8"), page), "utf8")
