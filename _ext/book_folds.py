"""Folded code says what it is, and stands below its figure: "Code of this figure".

A figure's cell holds, from the top: the figure, its caption, its code.
"""

import ast

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.transforms.post_transforms import SphinxPostTransform

MOST_NAMES = 3  # that a summary lists


def setup(app):
    """Name and arrange the folds when MyST-NB has made them."""
    app.add_post_transform(Folds)
    app.add_node(HideCodeCellNode, override=True, html=(_open, _close))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


class Folds(SphinxPostTransform):
    """Give every fold its words, and move it below what its code draws."""

    default_priority = 205  # MyST-NB's HideInputCells is 199
    formats = ("html",)

    def run(self, **kwargs):
        """Do so for each fold of the page."""
        for cell in list(self.document.findall(nodes.container)):
            for fold in [node for node in cell.children if isinstance(node, HideCodeCellNode)]:
                _arrange(cell, fold)


def _arrange(cell, fold):
    """Name the fold of a cell, and put it below output and caption."""
    outputs = [node for node in cell.children if _is(node, "cell_code_output")]
    code = next(node for node in fold.children if _is(node, "cell_code_source"))
    fold["says"] = words(code.astext(), _kind(outputs), cell["hide_mode"] == "all")
    if fold["says"].startswith("The check"):
        cell["classes"].append("check")
    if outputs:
        cell.remove(fold)
        if caption := _caption(cell):
            caption.parent.remove(caption)
            cell.append(caption)
        cell.append(fold)


def _is(node, element):
    return node.get("nb_element") == element if isinstance(node, nodes.container) else False


def _kind(outputs):
    """Return what a cell shows: a figure, a table, other output, or nothing."""
    for kind, node in (("figure", nodes.image), ("table", nodes.raw)):
        if any(list(output.findall(node)) for output in outputs):
            return kind
    return "output" if outputs else ""


def _caption(cell):
    """Return the paragraph behind a figure's cell if it is a caption: all in italics."""
    after = cell.next_node(descend=False, siblings=True)
    if isinstance(after, nodes.paragraph) and all(
        isinstance(child, nodes.emphasis) or not child.astext().strip() for child in after.children
    ):
        after["classes"].append("figure-caption")
        return after
    return None


def words(code, kind="", whole=False):
    """Return what a fold is called.

    Parameters
    ----------
    code : str
        What is folded.
    kind : "figure", "table", "output" or ""
        What stays in view.
    whole : bool
        Whether the whole cell is folded, with its output.
    """
    body = ast.parse(code).body
    checks = sum(_asserts(node) for node in body)
    if checks and (whole or not kind):
        return "The check of this claim" if checks == 1 else "The checks of these claims"
    if whole:
        return "A further table" if "DataFrame" in code or "pd." in code else "Further code"
    if kind:
        return f"Code of this {kind}"
    names = [name for node in body for name in _names(node)]
    if any(isinstance(node, ast.Import | ast.ImportFrom) for node in body):
        return "Imports and settings" if names else "Imports"
    return f"Code that makes {_listed(names)}" if names else "Code of this step"


def _asserts(node):
    """Return whether a statement asserts something, be it in a loop."""
    if isinstance(node, ast.FunctionDef):
        return False
    inside = list(ast.walk(node))
    called = {each.func.id for each in inside if isinstance(each, ast.Call)
              and isinstance(each.func, ast.Name)}  # fmt: skip
    return "claim" in called or any(isinstance(each, ast.Assert) for each in inside)


def _names(node):
    """Return what a statement gives a name to."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else []
    found = [name for target in targets for name in ast.walk(target)]
    return [name.id for name in found if isinstance(name, ast.Name)]


def _listed(names):
    """Return names as a reader lists them, the last ones by their number."""
    names = list(dict.fromkeys(names))
    if len(names) > MOST_NAMES:
        names = [*names[: MOST_NAMES - 1], f"{len(names) - MOST_NAMES + 1} more"]
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _open(self, node):
    self.body.append(f'<details class="hide">\n<summary>{node["says"]}</summary>\n')


def _close(self, node):
    self.body.append("</details>\n")
