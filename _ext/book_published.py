"""What only a published site has, as it needs an address: sitemap, robots.txt, feed and 404 page.

The address is `html: baseurl:` in _config.yml or, without that, where GitHub Pages puts the site of
the repository. Without a repository there is none, and nothing of this is written.
"""

from pathlib import Path
import re
from urllib.parse import quote, urljoin, urlsplit
from xml.etree import ElementTree

from bs4 import BeautifulSoup
from markdown_it import MarkdownIt
from sphinx.errors import ConfigError
from sphinx.util import logging

CHANGES, FEED, NOT_FOUND = "CHANGELOG.md", "releases.atom", "404"
REPOSITORY = re.compile(r"https://github\.com/([\w.-]+)/([\w.-]+?)(?:\.git)?/?", re.ASCII)
RELEASE = re.compile(r"^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)\s*$", re.MULTILINE)
END = re.compile(r"^(?:## |\[[^\]]+\]: )", re.MULTILINE)  # of what is said of a release
ATOM, SITEMAP = "http://www.w3.org/2005/Atom", "http://www.sitemaps.org/schemas/sitemap/0.9"
LOST = """<section id="not-found"><h1>There is no such page</h1>
<p>The address may be mistyped, or the page has moved. Begin with
<a href="index.html">the first page</a>, <a href="symptoms.html">look for what you see</a>, or
<a href="search.html">search the book</a>.</p></section>"""

logger = logging.getLogger(__name__)


def setup(app):
    """Find the address, add the page 404, and write the files when the pages are built."""
    app.connect("config-inited", _find_address)
    app.connect("html-collect-pages", _add_not_found)
    app.connect("html-page-context", _link_feed)
    # When the pages are as light as they will be, and before their policies are written.
    app.connect("build-finished", _write, priority=925)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def address_of(given, repository):
    """Return the address of the site, with a slash at its end; "" if it is not known.

    Parameters
    ----------
    given : str or None
        The setting `html: baseurl:`.
    repository : str or None
        The address of the repository on GitHub.

    Raises
    ------
    ConfigError
        If `given` is not the address of a site.
    """
    if given:
        parts = urlsplit(given)
        if parts.scheme not in ("https", "http") or not parts.netloc or parts.query:
            raise ConfigError(
                f"html: baseurl: in _config.yml must be like https://example.org/book/, "
                f"not {given!r}"
            )
        return given.rstrip("/") + "/"
    found = REPOSITORY.fullmatch(repository or "")
    if not found:
        return ""
    owner, name = found[1].lower(), found[2]
    host = f"{owner}.github.io"
    return f"https://{host}/" if name.lower() == host else f"https://{host}/{name}/"


def _find_address(app, config):
    repository = config.html_theme_options.get("repository_url")
    config.html_baseurl = address_of(config.html_baseurl, repository)


def _is_published(app):
    return app.builder.name == "html" and app.config.html_baseurl


def _add_not_found(app):
    if _is_published(app):
        yield NOT_FOUND, {"title": "Page not found", "body": LOST}, "page.html"


def _link_feed(app, pagename, templatename, context, doctree):
    if _is_published(app):
        feed = app.config.html_baseurl + FEED
        context["metatags"] = context.get("metatags", "") + (
            f'<link rel="alternate" type="application/atom+xml" title="Releases" href="{feed}" />\n'
        )
        if pagename == NOT_FOUND:
            context["pageurl"] = None
            context["metatags"] += '<meta name="robots" content="noindex" />\n'


def _write(app, exception):
    """Write the files beside the pages."""
    if exception or not _is_published(app):
        return
    folder, base = Path(app.outdir), app.config.html_baseurl
    pages = [name for name in app.env.external_site_map if name in app.env.found_docs]
    urls = [base if name == app.config.root_doc else f"{base}{quote(name)}.html" for name in pages]
    _save(folder / "sitemap.xml", sitemap(urls))
    robots = f"User-agent: *\nAllow: /\n\nSitemap: {base}sitemap.xml\n"
    (folder / "robots.txt").write_text(robots, "utf8")
    page = folder / f"{NOT_FOUND}.html"
    page.write_text(anywhere(page.read_text("utf8"), base), "utf8")
    changes = Path(app.srcdir, CHANGES)
    found = releases(changes.read_text("utf8")) if changes.exists() else []
    if not found:
        form = "## [1.0.0] - 2026-01-31"
        logger.warning(f"{CHANGES} has no release for the feed: a heading like `{form}`")
    repository = app.config.html_theme_options.get("repository_url")
    _save(folder / FEED, feed(found, base, repository, app.config.html_title, app.config.author))


def _save(path, root):
    ElementTree.indent(root)
    ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def sitemap(urls):
    """Return the sitemap of pages as an XML element."""
    root = ElementTree.Element("urlset", xmlns=SITEMAP)
    for url in urls:
        ElementTree.SubElement(ElementTree.SubElement(root, "url"), "loc").text = url
    return root


def anywhere(html, base):
    """Return a page whose links work at any depth: from the root of the host."""
    page = BeautifulSoup(html, "html.parser")
    root = urlsplit(base).path
    for name in ("href", "src", "action"):
        for element in page.find_all(attrs={name: re.compile(r"^(?!#|//|[a-z][a-z0-9+.-]*:)")}):
            element[name] = urljoin(root, element[name])
    if "data-content_root" in page.html.attrs:
        page.html["data-content_root"] = root
    return str(page)


def releases(text):
    """Return what a changelog says: for every release its version, date and text in Markdown."""
    found = []
    for heading in RELEASE.finditer(text):
        end = END.search(text, heading.end())
        body = text[heading.end() : end.start() if end else len(text)]
        found.append((heading[1], heading[2], body.strip()))
    return found


def feed(found, base, repository, title, author):
    """Return the releases as an Atom feed, an XML element (RFC 4287).

    `found` is as `releases` returns it, the newest first; `repository` may be None.
    """
    root = ElementTree.Element("feed", xmlns=ATOM)
    _add(root, "title", f"{title}: releases")
    _add(root, "id", base)
    _add(root, "updated", _noon(found[0][1]) if found else "1970-01-01T00:00:00Z")
    _add(root, "link", href=base + FEED, rel="self")
    _add(root, "link", href=base)
    _add(_add(root, "author"), "name", author)
    for version, date, text in found:
        url = f"{repository}/releases/tag/v{version}" if repository else f"{base}#v{version}"
        entry = _add(root, "entry")
        _add(entry, "title", f"Version {version}")
        _add(entry, "id", url)
        _add(entry, "link", href=url)
        _add(entry, "updated", _noon(date))
        _add(entry, "content", MarkdownIt().render(text), type="html")
    return root


def _noon(date):
    return f"{date}T12:00:00Z"


def _add(parent, name, text=None, **attributes):
    element = ElementTree.SubElement(parent, name, attributes)
    element.text = text
    return element
