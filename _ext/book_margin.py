"""Definitions in the margin: beside the first link to a term of the glossary, its first sentence.

The page has it, and shows it, where the margin has room; elsewhere the link leads to the term.
"""

from pathlib import PurePosixPath
import re

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

GLOSSARY = "chapters/glossary"
ENDS = re.compile(r"\.(?=\s|$)")  # a sentence; the point of 0.8 does not
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
    """Return the terms of the glossary's document: by anchor, the name and the first sentence.

    A sentence is a list of nodes: text, formulas, emphasis; its links are text.
    """
    found = {}
    for section in glossary.findall(nodes.section):
        text = next((node for node in section.children if isinstance(node, nodes.paragraph)), None)
        if text is not None:
            name = section.children[0].astext()
            found |= dict.fromkeys(section["ids"], (name, _first_sentence(text)))
    return found


def _first_sentence(paragraph):
    sentence = []
    for node in paragraph.children:
        is_formula = isinstance(node, nodes.math | nodes.emphasis | nodes.literal)
        text = node.astext()
        end = None if is_formula else ENDS.search(text)
        whole = nodes.Text(text[: end.end()] if end else text)
        sentence.append(node.deepcopy() if is_formula else whole)
        if end:
            break
    return sentence


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
    copies = [node.deepcopy() for node in sentence]
    return margin_note(
        "", nodes.paragraph("", "", nodes.strong("", name), nodes.Text(". "), *copies)
    )


def _open(self, node):
    self.body.append('<div class="margin-note" role="note" aria-label="Definition">')


def _close(self, node):
    self.body.append("</div>\n")


def _skip(self, node):
    raise nodes.SkipNode
