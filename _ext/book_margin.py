"""Definitions in the margin: beside the first link to a term of the glossary, its first sentence.

The page has it, and shows it, where the margin has room; elsewhere the link leads to the term.
"""

from pathlib import PurePosixPath
import re

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

GLOSSARY = "chapters/glossary"
FIRST_SENTENCE = re.compile(r".+?[.:](?=\s|$)", re.DOTALL)
INSIDE = nodes.section, nodes.document  # what is one level below them is a block of the page


class margin_note(nodes.Element):  # noqa: N801 (docutils' way to name nodes)
    """A note beside the text."""


def setup(app):
    """Put the notes into the pages when links are resolved."""
    app.add_node(margin_note, html=(_open, _close), latex=(_skip, None), text=(_skip, None))
    app.add_post_transform(Definitions)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


class Definitions(SphinxPostTransform):
    """Put a definition before the block in which a page first links to its term."""

    default_priority = 210
    formats = ("html",)

    def run(self, **kwargs):
        """Do so for every term that the page links to."""
        if self.env.docname == GLOSSARY or GLOSSARY not in self.env.found_docs:
            return
        terms, seen = definitions(self.env.get_doctree(GLOSSARY)), set()
        for link in list(self.document.findall(nodes.reference)):
            page, _, term = link.get("refuri", "").partition("#")
            if term not in terms or PurePosixPath(page).stem != "glossary" or term in seen:
                continue
            seen.add(term)
            block = _block(link)
            if not isinstance(block, nodes.container) and not _is_folded(block):
                block.parent.insert(block.parent.index(block), _note(*terms[term]))


def definitions(glossary):
    """Return the terms of the glossary's document: by anchor, the name and the first sentence."""
    found = {}
    for section in glossary.findall(nodes.section):
        text = next((node for node in section.children if isinstance(node, nodes.paragraph)), None)
        if text is not None:
            sentence = FIRST_SENTENCE.match(text.astext())
            name = section.children[0].astext()
            found |= dict.fromkeys(section["ids"], (name, sentence[0] if sentence else ""))
    return found


def _block(node):
    """Return the paragraph, list, table or box of the page that a node stands in."""
    while not isinstance(node.parent, INSIDE):
        node = node.parent
    return node


def _is_folded(block):
    """Return whether a block stands inside of <details>, which are raw HTML around it."""
    before = block.parent.children[: block.parent.index(block)]
    raw = " ".join(node.astext() for node in before if isinstance(node, nodes.raw))
    return raw.count("<details") > raw.count("</details>")


def _note(name, sentence):
    words = nodes.paragraph("", "", nodes.strong("", name), nodes.Text(f". {sentence}"))
    return margin_note("", words)


def _open(self, node):
    self.body.append('<div class="margin-note" role="note">')


def _close(self, node):
    self.body.append("</div>\n")


def _skip(self, node):
    raise nodes.SkipNode
