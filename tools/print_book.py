"""Print the built site as one PDF: title page, contents, bookmarks, page numbers, inner links.

    python tools/print_book.py          after `make book`; needs Chromium or Chrome

The pages become one document, _build/pdf/book.html, that Chromium prints twice: the second time
with the page numbers in its contents. Code that the site folds away is left out, and the solutions
stand at the end.
"""

from html import escape
import io
from pathlib import Path
import posixpath
import re
import sys
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup
from chromium import launched
from citation import author, read_citation
from pypdf import PdfReader
import yaml

ROOT = Path(__file__).parents[1]
SITE, FOLDER = ROOT / "_build" / "html", ROOT / "_build" / "pdf"
LOOK = Path(__file__).with_suffix(".css")
MOST_PAGES, MOST_BYTES = 250, 15_000_000
WAIT = 120_000  # milliseconds until the pictures are there
# Marks and buttons of the site, what stands there for dark or narrow screens, folded code.
LEFT_OUT = ".headerlink, script, style, button, source, .only-dark, .dark-only, .cell details"
REFERENCES = ("aria-labelledby", "aria-describedby", "for", "headers")
FRAGMENT = re.compile(r"url\(#([^)]+)\)")
SET = """async () => {
    await document.fonts.ready;
    await window.MathJax?.startup?.promise;
    const loaded = (each) => each.decode().catch(() => {});
    await Promise.all([...document.images].map(loaded));
    return [...document.images].filter((each) => !each.naturalWidth).map((each) => each.src);
}"""
NUMBER = """pages => {
    for (const each of document.querySelectorAll("[data-page-of]"))
        each.textContent = pages[each.dataset.pageOf];
}"""


def parts(toc):
    """Return the parts of a table of contents: pairs of a caption, or None, and names of pages."""
    named = [(part.get("caption"), part["chapters"]) for part in toc["parts"]]
    inner = [(caption, [chapter["file"] for chapter in chapters]) for caption, chapters in named]
    return [(None, [toc["root"]]), *inner]


def own_id(name, identifier=""):
    """Return an identifier of a page in the whole document; without one, that of the page."""
    return "--".join(filter(None, (name.replace("/", "-"), identifier)))


def link(href, name, names):
    """Return where a link of a page leads in the whole document: None if nowhere."""
    split = urlsplit(href)
    if split.scheme:
        return href if split.scheme in ("http", "https", "mailto") else None
    base = f"{name}.html"
    path = posixpath.normpath(posixpath.join(posixpath.dirname(base), unquote(split.path)))
    target = (path if split.path else base).removesuffix(".html")
    if target not in names:
        return None
    # What stands behind a question mark sets a live figure, which paper does not have.
    fragment = split.fragment if "?" not in split.fragment else ""
    return f"#{own_id(target, unquote(fragment))}"


def address(url, name, folder):
    """Return the address of a file that a page names; data stays as it is."""
    if urlsplit(url).scheme:
        return url
    path = (folder / f"{name}.html").parent / unquote(urlsplit(url).path)
    return path.resolve().as_uri()


def chapter(html, name, names, folder=SITE):
    """Return a page's article for the whole document, and its solutions.

    Parameters
    ----------
    html : str
        The page as it was built.
    name : str
        Its name, such as "chapters/02_baseline".
    names : collection of str
        All pages that are printed: links to others lead nowhere.
    folder : path, default the built site
        What the page's addresses are relative to.

    Returns
    -------
    article : bs4.Tag
        A `section` whose id, ids and links are those of the whole document.
    solutions : list of bs4.Tag
        What was folded away as a solution, in order; each now has an id.

    Raises
    ------
    ValueError
        If the page has no article.
    """
    article = BeautifulSoup(html, "html.parser").select_one("article.bd-article")
    if article is None:
        raise ValueError(f"{name}.html has no article: run `make book` again")
    article.name, article["id"] = "section", own_id(name)
    for element in article.select(LEFT_OUT):
        element.decompose()
    for cell in article.select(".cell"):
        if not cell.get_text(strip=True) and not cell.select("img, svg"):
            cell.decompose()
    for element in article.find_all(True):
        _readdress(element, name, names, folder)
    article["id"] = own_id(name)
    return article, _solutions(article, name)


def _readdress(element, name, names, folder):
    """Make one element's ids, links and addresses those of the whole document."""
    if "id" in element.attrs:
        element["id"] = own_id(name, element["id"])
    for attribute in REFERENCES:
        if attribute in element.attrs:
            value = element[attribute]
            ids = value if isinstance(value, list) else value.split()
            element[attribute] = " ".join(own_id(name, each) for each in ids)
    for attribute, value in element.attrs.items():
        if isinstance(value, str) and "url(#" in value:
            element[attribute] = FRAGMENT.sub(
                lambda found: f"url(#{own_id(name, found[1])})", value
            )
    if element.name == "img":
        element.attrs.pop("loading", None)  # what is out of view would not be printed
        element.attrs.pop("srcset", None)
        element["src"] = address(element["src"], name, folder)
    if element.name == "details" and "section-times" not in element.get("class", ()):
        element["open"] = ""
    if element.name == "input" and "name" in element.attrs:
        element["name"] = own_id(name, element["name"])
    if "href" in element.attrs:
        target = link(element["href"], name, names)
        if target is None:
            del element["href"]
        else:
            element["href"] = target


def _solutions(article, name):
    """Take the solutions out of a page, and leave links to them."""
    found = []
    for fold in article.select("details"):
        if not fold.summary.get_text(strip=True).startswith("Solution"):
            continue
        number = len(found) + 1
        identifier, back = own_id(name, f"solution-{number}"), own_id(name, f"exercise-{number}")
        where = (
            f'<p class="print-solution" id="{back}"><a href="#{identifier}">Solution</a> '
            f'on page <span data-page-of="{identifier}"></span></p>'
        )
        fold.insert_before(BeautifulSoup(where, "html.parser"))
        fold.extract()
        fold.summary.decompose()
        fold.name, fold["id"], fold["data-back"] = "div", identifier, back
        del fold["open"]
        found.append(fold)
    return found


def mend_links(document):
    """Let links to what was left out lead to the page that it stood on."""
    known = {element["id"] for element in document.select("[id]")}
    for anchor in document.select('a[href^="#"]'):
        if anchor["href"][1:] not in known:
            anchor["href"] = anchor["href"].split("--")[0]


def heading(element):
    """Return the words of the first heading of an element."""
    return " ".join(element.find(["h1", "h2"]).get_text().split())


def sections(article):
    """Return the second-level headings of a page: pairs of words and identifier."""
    found = [(each, each.find_parent("section")) for each in article.find_all("h2")]
    return [(" ".join(each.get_text().split()), section["id"]) for each, section in found]


def entry(words, identifier, level):
    """Return a line of the contents."""
    return (
        f'<li class="print-{level}"><a href="#{identifier}">{escape(words)}</a>'
        f'<span data-page-of="{identifier}"></span></li>'
    )


def contents(listed):
    """Return the contents as HTML.

    listed: pairs of a part's caption, or None, and its pages as `chapter` returned them.
    """
    lines = []
    for caption, articles in listed:
        if caption:
            lines.append(f'<li class="print-part">{escape(caption)}</li>')
        for article in articles:
            lines.append(entry(heading(article), article["id"], "chapter"))
            lines += [entry(*section, "section") for section in sections(article)]
    return f'<section id="contents"><h1>Contents</h1><ol>{"".join(lines)}</ol></section>'


def answers(solved):
    """Return the page of solutions as HTML: from pairs of a page's article and its solutions."""
    found = ['<section id="solutions" class="bd-article"><h1>Solutions</h1>']
    for article, solutions in solved:
        words = escape(heading(article))
        found.append(f'<section id="{article["id"]}--solutions"><h2>{words}</h2>')
        for number, solution in enumerate(solutions, 1):
            back = solution["data-back"]
            found.append(f'<h3><a href="#{back}">Exercise {number}</a></h3>{solution}')
        found.append("</section>")
    return "".join([*found, "</section>"])


def title_page(citation, url=""):
    """Return the first page as HTML, from what CITATION.cff says and the book's address."""
    of = {name: escape(value) for name, value in citation.items() if isinstance(value, str)}
    authors = ", ".join(escape(author(each)) for each in citation["authors"])
    where = f'<p><a href="{escape(url)}">{escape(url)}</a></p>' if url else ""
    return (
        f'<section id="title-page"><h1>{of["title"]}</h1><p>{of["abstract"]}</p>'
        f"<footer><p>{authors}</p><p>Version {of['version']}, {of['date-released']}</p>{where}"
        "<p>Text and figures: CC BY 4.0. Code: MIT license. The live figures of the site stand "
        "here as the pictures they begin with, and folded code is in the notebooks.</p></footer>"
        "</section>"
    )


def head(pages, title, folder):
    """Return the document's head: the styles of all pages, and what sets formulas, once each."""
    kept = {}
    for name, html in pages.items():
        for element in BeautifulSoup(html, "html.parser").head.find_all(
            ["link", "style", "script"]
        ):
            for attribute in ("href", "src"):
                if attribute in element.attrs:
                    element[attribute] = address(element[attribute], name, folder)
            look = element.name == "style" or "stylesheet" in element.get("rel", ())
            if look or (element.name == "script" and "mathjax" in str(element).lower()):
                kept.setdefault(str(element))
    own = f"<style>{LOOK.read_text('utf8')}</style>"
    return f'<meta charset="utf-8"><title>{escape(title)}</title>{"".join(kept)}{own}'


def running_heads(articles):
    """Return the style that prints the title of each page's article above it."""
    rules = []
    for number, article in enumerate(articles):
        words = heading(article).replace("\\", "\\\\").replace('"', '\\"')
        rules.append(
            f'@page part{number} {{ @top-center {{ content: "{words}"; }} }}\n'
            f'[id="{article["id"]}"] {{ page: part{number}; }}\n'
        )
    return f"<style>{''.join(rules)}</style>"


def compose(pages, toc, citation, url="", folder=SITE):
    """Return the whole book as one HTML document.

    Parameters
    ----------
    pages : dict of str to str
        Name of a page to its HTML.
    toc, citation : dict
        Contents of _toc.yml and CITATION.cff.
    url : str, default ""
        Where the book's repository is, if that is known.
    folder : path, default the built site
        What the pages' addresses are relative to.
    """
    made = {name: chapter(html, name, pages, folder) for name, html in pages.items()}
    articles = [article for article, _ in made.values()]
    end = BeautifulSoup(answers([each for each in made.values() if each[1]]), "html.parser")
    listed = [(caption, [made[name][0] for name in names]) for caption, names in parts(toc)]
    body = "".join(
        [
            title_page(citation, url),
            contents([*listed, ("", [end.section])]),
            *map(str, articles),
            str(end),
        ]
    )
    document = BeautifulSoup(f'<main class="bd-content">{body}</main>', "html.parser")
    mend_links(document)
    return (
        '<!doctype html><html lang="en" data-theme="light" data-mode="light"><head>'
        f"{head(pages, citation['title'], folder)}{running_heads([*articles, end.section])}</head>"
        f"<body>{document}</body></html>"
    )


def page_numbers(pdf):
    """Return on which page each target of an inner link stands: a dict of id to number from 1."""
    reader = PdfReader(io.BytesIO(pdf))
    at = {
        name: reader.get_destination_page_number(destination) + 1
        for name, destination in reader.named_destinations.items()
    }
    return {name.removeprefix("/"): number for name, number in at.items()}


def printed(browser, document):
    """Return a composed document, from its file, as the bytes of a PDF.

    Raises
    ------
    ValueError
        If a picture is missing; it is named.
    """
    tab = browser.new_page()
    tab.set_default_timeout(WAIT)
    tab.goto(Path(document).resolve().as_uri())
    missing = tab.evaluate(SET)
    if missing:
        raise ValueError(f"a picture is missing, {missing[0]}: run `make book` again")
    how = {"prefer_css_page_size": True, "outline": True, "tagged": True, "print_background": True}
    tab.evaluate(NUMBER, page_numbers(tab.pdf(**how)))
    pdf = tab.pdf(**how)
    tab.close()
    return pdf


def read_site():
    """Return the built pages in the order of the contents, and the contents.

    Raises
    ------
    ValueError
        If a page is missing.
    """
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf8"))
    names = [name for _, part in parts(toc) for name in part]
    missing = [name for name in names if not (SITE / f"{name}.html").exists()]
    if missing:
        raise ValueError(f"_build/html/{missing[0]}.html is missing: run `make book` first")
    return {name: (SITE / f"{name}.html").read_text("utf8") for name in names}, toc


def main():
    """Print the built site.

    Raises
    ------
    ValueError
        If the site, CITATION.cff or a picture is not as it should be; the command line shows it
        in one line.
    """
    pages, toc = read_site()
    citation = read_citation(ROOT / "CITATION.cff")
    url = yaml.safe_load((ROOT / "_config.yml").read_text("utf8"))["repository"]["url"]
    FOLDER.mkdir(parents=True, exist_ok=True)
    document, target = FOLDER / "book.html", FOLDER / "book.pdf"
    document.write_text(compose(pages, toc, citation, url), "utf8")
    with launched() as browser:
        pdf = printed(browser, document)
    count = len(PdfReader(io.BytesIO(pdf)).pages)
    if count > MOST_PAGES or len(pdf) > MOST_BYTES:
        raise ValueError(f"{count} pages, {len(pdf) / 1e6:.1f} MB: more than {MOST_PAGES} or 15 MB")
    target.write_bytes(pdf)
    print(f"wrote {target.relative_to(ROOT)}: {count} pages, {len(pdf) / 1e6:.1f} MB")


if __name__ == "__main__":
    try:
        main()
    except ValueError as error:
        sys.exit(str(error))
