"""Exercises as cards: number, place, time and difficulty on the head, the solution inside.

In a notebook an exercise is a paragraph that begins in bold, "**3. In code, 15 minutes, medium.**",
with its solution in <details> below it.
"""

import re

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.transforms.post_transforms import SphinxPostTransform

HEAD = re.compile(r"(\d+)\. (.+), (\d+ minutes), (easy|medium|hard)\.$")
NUMBERED = re.compile(r"\d+\. ")


def setup(app):
    """Make the cards when the pages are written."""
    app.add_post_transform(Exercises)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


class Exercises(SphinxPostTransform):
    """Wrap each exercise of a section `Exercises`, with its solution."""

    default_priority = 208
    formats = ("html",)

    def run(self, **kwargs):
        """Do so on this page."""
        for section in list(self.document.findall(nodes.section)):
            if section.children and section.children[0].astext() == "Exercises":
                _wrap(section)


def _wrap(section):
    """Put the nodes from each head to the next into a card."""
    card = None
    for node in section.children[1:]:
        if head := _head(node):
            card = nodes.container(classes=["exercise"])
            section.insert(section.index(node), card)
            card.append(nodes.raw("", _words(head), format="html"))
            node.remove(_bold(node))
        if card is not None and not isinstance(node, nodes.section):
            section.remove(node)
            card.append(node)


def _head(node):
    """Return what the head of an exercise says, or None if the node begins none."""
    bold = _bold(node) if isinstance(node, nodes.paragraph) else None
    if bold is None:
        return None
    text = bold.astext()
    found = HEAD.match(text)
    if not found and NUMBERED.match(text):
        raise ExtensionError(
            f'exercise "{text}": write its head as **1. In code, 15 minutes, medium.** with easy, '
            "medium or hard"
        )
    return found


def _bold(paragraph):
    """Return the bold words that a paragraph begins with, or None."""
    first = next((node for node in paragraph.children if node.astext()), None)
    return first if isinstance(first, nodes.strong) else None


def _words(head):
    number, place, minutes, level = head.groups()
    return (
        f'<p class="exercise-head"><b>Exercise {number}</b> <span>{place}</span> '
        f"<span>{minutes}</span> "
        f'<span class="exercise-level" data-level="{level}">{level}</span></p>'
    )
