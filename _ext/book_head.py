"""What a page says of itself to a search engine, and wherever its address is shared.

A title of its own, the description that stands in `_descriptions.yml`, a card, and, where the
address of the site is known, the course that the page is a part of as schema.org describes it.
"""

from html import escape
import json
from pathlib import Path
import re

import book_cards
from book_parts import LICENSE
from sphinx.util import logging
import yaml

DESCRIPTIONS = "_descriptions.yml"
SHORTEST, LONGEST = 120, 160  # characters: what a search engine shows of a description
NUMBER = re.compile(r"^(\d+)\.? (.*)", re.DOTALL)
MARKUP = re.compile(r"<[^>]*>")

logger = logging.getLogger(__name__)


def setup(app):
    """Read the descriptions, draw the cards, and write both into the head of every page."""
    app.connect("env-updated", _read)
    app.connect("html-page-context", _describe)
    app.connect("build-finished", _draw_cards)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def is_site(app):
    """Whether it is the site that is built: pages in files of their own."""
    return app.builder.name == "html"


def read_descriptions(folder):
    """Return what `_descriptions.yml` in a folder says: by page, its `description` and `figure`."""
    path = Path(folder, DESCRIPTIONS)
    return (yaml.safe_load(path.read_text("utf8")) or {}) if path.exists() else {}


def complaints(described, pages):
    """Return what is wrong with the descriptions of these pages, one line each."""
    lines = []
    for page in sorted(pages):
        text = described.get(page, {}).get("description", "")
        if not text:
            lines.append(f"{page} has no description: write one into {DESCRIPTIONS}")
        elif not SHORTEST <= len(text) <= LONGEST:
            lines.append(
                f"the description of {page} in {DESCRIPTIONS} has {len(text)} characters, "
                f"not {SHORTEST} to {LONGEST}"
            )
    strangers = sorted(set(described) - set(pages))
    return lines + [f"{DESCRIPTIONS} describes {page}, which is not there" for page in strangers]


def _read(app, env):
    if is_site(app):
        env.book_descriptions = read_descriptions(app.srcdir)
        for line in complaints(env.book_descriptions, env.found_docs):
            logger.warning(line)
        for line in leave_out_missing(env.book_descriptions, app.srcdir):
            logger.warning(line)


def leave_out_missing(descriptions, folder):
    """Take figures that are not there out of the descriptions; return a line on each."""
    lines = []
    for page, described in descriptions.items():
        try:
            if "figure" in described:
                book_cards.figure(Path(folder, f"{page}.ipynb"), described["figure"])
        except ValueError as error:
            del described["figure"]
            lines.append(f"{error}: run `make notebooks`, or name another in {DESCRIPTIONS}")
    return lines


def title_of(heading):
    """Return a heading as words: "4 Dropout" of `4. <em>Dropout</em>`."""
    return NUMBER.sub(r"\1 \2", MARKUP.sub("", heading))


def _short_title(app, page, heading):
    """Return the title of a page as the table of contents has it, with its number."""
    site_map = app.env.external_site_map
    short = site_map[page].title if page in site_map else None
    number = NUMBER.match(MARKUP.sub("", heading))
    if short and number:
        return f"{number[1]} {short}"
    return short or title_of(heading)


def _describe(app, pagename, templatename, context, doctree):
    """Write title and tags of a page."""
    book = app.config.html_title
    is_root = pagename == app.config.root_doc
    title = _short_title(app, pagename, context.get("title", ""))
    context["page_title"] = book if is_root or not title else f"{title} · {book}"
    if not (is_site(app) and doctree):
        return
    described = app.env.book_descriptions.get(pagename)
    if not described:
        return
    base = app.config.html_baseurl
    if base and is_root:
        context["pageurl"] = base
    card = book_cards.place(pagename)
    tags = {
        "og:type": "website" if is_root else "article",
        "og:site_name": book,
        "og:title": title_of(context["title"]),
        "og:description": described["description"],
        "og:url": context.get("pageurl"),
        "og:image": base + card if base else context["pathto"](card, resource=True),
        "og:image:type": "image/png",
        "og:image:width": book_cards.WIDTH,
        "og:image:height": book_cards.HEIGHT,
        "og:image:alt": _alt(app, pagename, described, context),
    }
    lines = [_meta("name", "description", described["description"])]
    lines += [_meta("property", name, value) for name, value in tags.items() if value]
    lines += [_meta("name", "twitter:card", "summary_large_image")]
    if base:
        lines.append(_structured(_course(app) if is_root else _part(app, pagename)))
    context["metatags"] += "".join(f"{line}\n" for line in lines)


def _meta(kind, name, value):
    return f'<meta {kind}="{name}" content="{escape(str(value))}" />'


def _alt(app, pagename, described, context):
    """Return what is to be seen on a page's card."""
    title = title_of(context["title"])
    if "figure" not in described:
        return f"The title of the page: {title}"
    _, alt = book_cards.figure(Path(app.srcdir, f"{pagename}.ipynb"), described["figure"])
    return f"{title}. {alt}"


def _structured(data):
    """Return data of schema.org as the block of a page that search engines read."""
    text = json.dumps({"@context": "https://schema.org", **data}, ensure_ascii=False)
    return f'<script type="application/ld+json">{text.replace("<", chr(92) + "u003c")}</script>'


def _course(app):
    """Return the book as a course with its parts, the pages in reading order."""
    pages = [name for name in app.env.external_site_map if name != app.config.root_doc]
    return {
        "@type": "Course",
        **_identity(app, app.config.root_doc),
        "provider": {"@type": "Organization", "name": app.config.author},
        "author": {"@type": "Organization", "name": app.config.author},
        "inLanguage": app.config.language,
        "isAccessibleForFree": True,
        "license": LICENSE,
        "educationalLevel": "Intermediate",
        "hasPart": [{"@type": "LearningResource", **_identity(app, name)} for name in pages],
    }


def _part(app, pagename):
    """Return a page as a part of the course."""
    book = {"@type": "Course", "@id": app.config.html_baseurl, "name": app.config.html_title}
    return {"@type": "LearningResource", **_identity(app, pagename), "isPartOf": book}


def _identity(app, pagename):
    """Return address, name, description and picture of a page."""
    base, described = app.config.html_baseurl, app.env.book_descriptions.get(pagename, {})
    is_root = pagename == app.config.root_doc
    url = base if is_root else f"{base}{app.builder.get_target_uri(pagename)}"
    return {
        "@id": url,
        "url": url,
        "name": app.env.titles[pagename].astext(),
        "description": described.get("description", ""),
        "image": base + book_cards.place(pagename),
    }


def _numbered_title(app, page):
    """Return the heading of a page with the number of its chapter, which no line parts from it."""
    number = app.env.toc_secnumbers.get(page, {}).get("", ())
    return "\N{NO-BREAK SPACE}".join([*map(str, number), app.env.titles[page].astext()])


def _draw_cards(app, exception):
    """Draw the cards of all pages that have a description."""
    if exception or not is_site(app):
        return
    for page, described in app.env.book_descriptions.items():
        if page not in app.env.found_docs:
            continue
        try:
            card = book_cards.card(
                _numbered_title(app, page),
                described.get("description", ""),
                app.config.html_title,
                notebook=Path(app.srcdir, f"{page}.ipynb"),
                cell=described.get("figure"),
            )
        except ValueError as error:
            logger.warning(str(error))
            continue
        path = Path(app.outdir, book_cards.place(page))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(card)
