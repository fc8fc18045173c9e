"""Say which links of the built site lead nowhere, each in one line.

    python tools/links.py [FOLDER]      after `make book`; FOLDER is _build/html

Of every page it looks at all that its elements link or load, and at what the style sheets load. A
file must be there by the path that a page opened from a file uses, an anchor must stand in its
page, and a link to a state of a live figure must name a figure and settings of it. Links to other
hosts are not followed: `make links-external` does that.
"""

import json
from pathlib import Path
import re
import sys
from urllib.parse import parse_qsl, unquote, urldefrag

from bs4 import BeautifulSoup
from helpers.playground.knobs import KNOBS, check

SITE = Path(__file__).parents[1] / "_build" / "html"
ELSEWHERE = re.compile(r"(?:[a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)
NAMES = ("href", "src", "data", "poster", "action")
SETS = ("srcset", "imagesrcset")
LOADED = re.compile(r"""url\(\s*["']?([^"')]+)""")
TOP = {"", "top"}
TEMPLATES = "_static"  # the theme leaves some there, which are no pages


def read(path):
    """Return what a built page links (`targets`), and what links to it may name."""
    page = BeautifulSoup(path.read_text("utf8"), "html.parser")
    found = [each[name].strip() for name in NAMES for each in page.find_all(attrs={name: True})]
    sets = [each[name] for name in SETS for each in page.find_all(attrs={name: True})]
    found += [part.split()[0] for text in sets for part in re.split(r",\s+", text)]
    figures = page.find_all(attrs={"data-playground": True})
    return {
        "targets": set(found),
        "anchors": {each["id"] for each in page.find_all(id=True)}
        | {each["name"] for each in page.find_all("a", attrs={"name": True})},
        "figures": {json.loads(each["data-playground"])["name"] for each in figures},
    }


def broken(folder):
    """Return one line for each link of a site that leads nowhere.

    Parameters
    ----------
    folder : path
        The built site.

    Raises
    ------
    ValueError
        If there is no page in it.
    """
    folder = Path(folder).resolve()
    hidden = folder / TEMPLATES
    files = [path for path in sorted(folder.rglob("*.html")) if hidden not in path.parents]
    pages = {path: read(path) for path in files}
    if not pages:
        raise ValueError(f"{folder} has no page: run `make book` first")
    lines = []
    for path, page in pages.items():
        for target in sorted(page["targets"]):
            fault = _fault(target, path, pages, folder)
            if fault:
                lines.append(f"{path.relative_to(folder)}: {target!r} {fault}")
    for sheet in sorted(folder.rglob("*.css")):
        for target in sorted(set(LOADED.findall(sheet.read_text("utf8")))):
            fault = _fault(target.partition("#")[0], sheet, pages, folder)
            if fault:
                lines.append(f"{sheet.relative_to(folder)}: {target!r} {fault}")
    return lines


def _fault(target, source, pages, folder):
    """Return what is wrong with a link, or "" if it is right or leads to another host."""
    if ELSEWHERE.match(target):
        return "leads into this machine" if target.lower().startswith("file:") else ""
    address, fragment = urldefrag(target)
    place = unquote(address.partition("?")[0])
    if place.startswith("/"):
        is_served = source == folder / "404.html"  # it is shown at any depth, by a server
        return "" if is_served else "does not work in a page opened from a file"
    path = (source.parent / place).resolve() if place else source
    if not (path.is_relative_to(folder) and path.is_file()):
        return "leads to no file of the site"
    return _fault_in_page(fragment, pages[path]) if path in pages else ""


def _fault_in_page(fragment, page):
    if "?" in fragment:
        return "; ".join(filter(None, (_fault_of_state(s, page) for s in fragment.split(";"))))
    fragment = unquote(fragment)
    return "" if fragment in page["anchors"] | TOP else f"names no anchor: {fragment!r}"


def _fault_of_state(text, page):
    """Return what is wrong with a state of a live figure, `name?l2=0.01&dropout=0.5`."""
    name, _, settings = text.partition("?")
    if unquote(name) not in page["figures"]:
        return f"names no live figure: {unquote(name)!r}"
    for setting, value in parse_qsl(settings, keep_blank_values=True):
        try:
            check(setting, _value(setting, value))
        except ValueError as error:
            return f"sets no state: {error}"
    return ""


def _value(setting, text):
    """Return the value of a setting as the page reads it out of a link."""
    knob = KNOBS.get(setting, {})
    if "off" in knob and text == "off":
        return knob["off"]
    if knob.get("flag"):
        return {"true": True, "false": False}.get(text, text)
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() else number


def main(folder=SITE):
    """Print the broken links of a site; return 1 if there is one."""
    try:
        lines = broken(folder)
    except ValueError as error:
        lines = [str(error)]
    print("\n".join(lines) or "every link of the site leads somewhere")
    return bool(lines)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
