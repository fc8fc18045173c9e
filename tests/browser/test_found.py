"""How the built site is found and shared: heads, cards, and what only a published site has."""

import functools
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
import json
from pathlib import Path
import re
import subprocess
import sys
import threading
from urllib.parse import urlsplit
from xml.etree import ElementTree

from address import ROOT
from bs4 import BeautifulSoup
import links
from PIL import Image
import pytest
import test_site
from test_site import PAGES

build, site, context = test_site.build, test_site.site, test_site.context
published = test_site.published
MAKEFILE = ROOT / "Makefile"
BASE = "https://ann.github.io/book/"
BOOK = "Handling Overfitting in Deep Learning"


def head(folder, name):
    return BeautifulSoup((folder / f"{name}.html").read_text("utf8"), "html.parser").head


def said(head):
    """What the tags of a head say, by their names."""
    tags = head.find_all("meta", content=True)
    return {tag.get("property") or tag.get("name"): tag["content"] for tag in tags}


def course(head):
    """What a head tells of schema.org."""
    found = head.find_all("script", type="application/ld+json")
    return [json.loads(each.string) for each in found]


def test_every_link_leads_somewhere(site):
    assert links.broken(site) == []


def test_every_link_of_the_published_site_leads_somewhere(published):
    assert links.broken(published) == []


def test_every_page_has_its_own_title_description_and_card(site):
    heads = {name: head(site, name) for name in PAGES}
    titles = [each.title.string for each in heads.values()]
    assert titles[0] == BOOK
    assert all(title.endswith(f" · {BOOK}") for title in titles[1:])
    described = [said(each) for each in heads.values()]
    for values in (titles, *([each[key] for each in described] for key in
                             ("description", "og:title", "og:image", "og:image:alt"))):  # fmt: skip
        assert len(set(values)) == len(PAGES)
    for name, tags in zip(PAGES, described, strict=True):
        assert tags["description"] == tags["og:description"]
        assert tags["twitter:card"] == "summary_large_image"
        card = (site / f"{name}.html").parent / tags["og:image"]
        assert Image.open(card).size == (1200, 630)
        assert card.stat().st_size <= 150_000


def test_a_site_without_an_address_names_none(site):
    for name in PAGES:
        found = head(site, name)
        assert not {"og:url"} & set(said(found))
        assert not found.find_all("link", rel="canonical")
        assert course(found) == []
    for name in ("sitemap.xml", "robots.txt", "releases.atom", "404.html"):
        assert not (site / name).exists()


def test_a_published_site_says_where_its_pages_are(published):
    urls = {name: BASE if name == "index" else f"{BASE}{name}.html" for name in PAGES}
    for name, url in urls.items():
        found = head(published, name)
        tags = said(found)
        assert tags["og:url"] == url
        assert found.find("link", rel="canonical")["href"] == url
        assert (published / tags["og:image"].removeprefix(BASE)).is_file()
        (feed,) = found.find_all("link", type="application/atom+xml")
        assert (published / feed["href"].removeprefix(BASE)).is_file()
    listed = ElementTree.parse(published / "sitemap.xml").getroot()
    assert [place.text for place in listed.findall(".//{*}loc")] == list(urls.values())
    assert f"Sitemap: {BASE}sitemap.xml" in (published / "robots.txt").read_text().splitlines()
    assert ElementTree.parse(published / "releases.atom").getroot().findall("{*}entry")


def test_a_published_site_is_a_course_with_its_parts(published):
    (book,) = course(head(published, "index"))
    assert book["@type"] == "Course"
    assert {"name", "description", "provider"} <= set(book)
    assert [part["url"] for part in book["hasPart"]] == [f"{BASE}{n}.html" for n in PAGES[1:]]
    for name in PAGES[1:]:
        (part,) = course(head(published, name))
        assert part["isPartOf"]["@id"] == BASE
        assert part["description"] == said(head(published, name))["description"]


def test_a_page_without_a_description_fails_the_build_in_one_line(tmp_path):
    test_site.book_of_two_pages(tmp_path, ["# A page"], "It says nothing of itself.")
    (tmp_path / "_descriptions.yml").write_text("index: {description: Too short.}\n", "utf8")
    run = test_site.build_in(tmp_path, repository="")
    assert run.returncode != 0
    assert re.findall(r"WARNING: ([^\x1b\n]+)", run.stderr) == [
        "the description of index in _descriptions.yml has 10 characters, not 120 to 160",
        "other has no description: write one into _descriptions.yml",
    ]


def test_a_link_to_another_host_that_leads_nowhere_is_one_line(tmp_path, served):
    text = f"[there]({served}index.html) and [gone]({served}gone.html)"
    test_site.book_of_two_pages(tmp_path, ["# A page"], text)
    test_site.write("", tmp_path)
    command = re.search(r"^links-external:.*\n((?:\t.*\n)+)", MAKEFILE.read_text("utf8"), re.M)[1]
    arguments = command.replace("\\\n", " ").partition("jupyter-book ")[2].split()
    run = subprocess.run(
        [Path(sys.executable).with_name("jupyter-book"), *arguments],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode != 0
    (line,) = [line for line in run.stderr.splitlines() if "broken link" in line]
    assert "other.md" in line
    assert f"{served}gone.html" in line


class Pages(SimpleHTTPRequestHandler):
    """A host like GitHub Pages: the site under /book/, and its page 404 for whatever is missing."""

    def translate_path(self, path):
        """Return the file of an address."""
        return super().translate_path(path.removeprefix("/book"))

    def send_error(self, code, message=None, explain=None):
        """Answer with the page 404."""
        page = (self.site / "404.html").read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture(scope="module")
def served(published):
    """The address of the published site on this machine."""
    handler = functools.partial(type("Here", (Pages,), {"site": published}), directory=published)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/book/"
        server.shutdown()


def test_what_is_missing_leads_back_from_any_depth(context, served):
    page = context.new_page()
    missing = []
    page.on("response", lambda answer: missing.append(answer.url) if not answer.ok else None)
    for address in ("gone.html", "chapters/far/away/gone.html"):
        page.goto(served + address)
        assert page.get_by_role("heading", level=1).inner_text() == "There is no such page"
        assert page.evaluate("document.styleSheets[0].cssRules.length") > 100
        page.get_by_role("link", name="the first page").click()
        assert page.title() == BOOK
    assert [urlsplit(url).path for url in missing if "gone" not in url] == []
    page.close()
