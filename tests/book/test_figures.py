"""Each picture of the book has drawings of it, wide and narrow, light, and legible."""

import base64
from pathlib import Path
import re
import sys

import book_figures
import matplotlib as mpl
import matplotlib.pyplot as plt
import nbformat
from nbformat.v4 import new_code_cell, new_notebook, new_output
import notebooks
import numpy as np
import pytest

import figures

ROOT = Path(__file__).parents[2]
NOTEBOOKS = [ROOT / "index.ipynb", ROOT / "symptoms.ipynb", *sorted(ROOT.glob("chapters/*.ipynb"))]
DRAWINGS = sorted([*ROOT.glob("figures/**/*.svg"), *ROOT.glob("chapters/figures/**/*.svg")])
TELEPHONE = 328  # CSS pixels that a figure has there
SMALLEST = 11  # such pixels, of text
HEAVIEST = 150 * 1024  # bytes
ALL_OF_THEM = 8 * 2**20
GLYPHS = re.compile(r'<g (?:style="[^"]*" )?transform="[^"]*?scale\(([\d.]+) -')
PLOT = "import matplotlib.pyplot as plt\n_ = plt.plot([1, 3, 2])"


def panels():
    """A figure of three panels with one scale, a legend below them, and a surface."""
    style = {"figure.constrained_layout.use": True, "font.size": 11, "legend.frameon": False}
    with mpl.rc_context(style):
        return _panels()


def _panels():
    figure, axes = plt.subplots(1, 3, figsize=(8, 3), sharey=True)
    for ax in axes:
        ax.plot([1, 2, 3], [1, 3, 2], color="#0072b2", label="loss")
        ax.set(xlabel="epoch", title="a rather long title of one panel")
    axes[0].set_ylabel("loss")
    shade = np.linspace(0, 1, 400).reshape(20, 20)
    axes[2].imshow(shade, cmap="RdBu", alpha=0.5, extent=(1, 3, 1, 3), aspect="auto")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center")
    return figure


@pytest.fixture
def figure():
    """The same, closed in the end."""
    figure = panels()
    yield figure
    plt.close(figure)


def size(svg):
    """The width and the height of a drawing, in points."""
    return tuple(map(float, book_figures.SIZE.search(svg).groups()))


def words(svg):
    """The sizes of a drawing's text, in points."""
    return [100 * float(scale) for scale in GLYPHS.findall(svg)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_picture_of_a_notebook_is_drawn(path):
    without = figures.undrawn(nbformat.read(path, as_version=4), path)
    assert not without, f"{path.name}: no drawing of {', '.join(without)}; run `make notebooks`"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_drawing_has_its_picture(path):
    cells = {cell.id for cell in nbformat.read(path, as_version=4).cells}
    drawn = figures.place(path).glob("*.svg")
    assert {file.stem.removesuffix("-narrow") for file in drawn} <= cells


def test_no_drawing_is_heavy_or_too_small_to_read():
    for path in DRAWINGS:
        svg = path.read_text("utf8")
        assert len(svg.encode()) <= HEAVIEST, f"{path.name} has {len(svg) // 1024} KB"
        if path.stem.endswith("-narrow") and words(svg):
            smallest = round(min(words(svg)) * TELEPHONE / size(svg)[0], 1)
            assert smallest >= SMALLEST, f"{path.name} has text of {smallest:.1f} pixels"
    assert sum(path.stat().st_size for path in DRAWINGS) <= ALL_OF_THEM


def test_a_narrow_figure_has_its_panels_below_each_other_and_large_words(figure):
    before, after = figures.wide(figure), figures.narrow(figure)
    assert size(before)[0] > size(before)[1]
    assert size(after)[1] > 1.5 * size(after)[0]
    assert min(words(after)) * TELEPHONE / size(after)[0] >= SMALLEST
    lefts = {round(ax.get_position().x0, 2) for ax in figure.axes}
    assert len(lefts) == 1
    assert [ax.get_ylabel() for ax in figure.axes] == ["loss"] * 3
    assert all(ax.yaxis.get_tick_params()["labelleft"] for ax in figure.axes)


def test_a_narrow_figure_breaks_names_and_moves_a_legend_that_hides_a_curve():
    with mpl.rc_context({"figure.constrained_layout.use": True}):
        figure, (above, below) = plt.subplots(1, 2, figsize=(8, 3))
    above.errorbar([1, 2], ["the first of two settings", "b"], xerr=0.1)
    below.plot(range(9), [1, 5, 2, 6, 1, 7, 2, 8, 3], label="from one end to the other")
    below.legend(loc="center")
    figures.narrow(figure)
    assert above.get_yticklabels()[0].get_text() == "the first of two\nsettings"
    figure.draw_without_rendering()
    assert below.get_legend().get_window_extent().y1 < below.bbox.y0
    plt.close(figure)


def test_a_legend_that_stood_beside_the_axes_leaves_them_their_width():
    with mpl.rc_context({"figure.constrained_layout.use": True}):
        figure, ax = plt.subplots(figsize=(6.4, 3.8))
    for number in range(4):
        ax.plot([1, 2, 3], [number, 3, 2], label=f"training with penalty number {number}")
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    svg = figures.narrow(figure)
    assert size(svg)[0] <= 72 * figures.NARROW_INCHES + 15  # and the rim
    figure.draw_without_rendering()
    assert ax.bbox.width > 0.7 * figure.bbox.width
    plt.close(figure)


def test_the_same_figure_gives_the_same_drawing(figure):
    again = panels()
    assert figures.wide(figure) == figures.wide(again)
    assert figures.narrow(figure) == figures.narrow(again)
    plt.close(again)


def test_a_drawing_is_transparent_and_says_no_date(figure):
    svg = figures.wide(figure)
    assert "#ffffff" not in svg
    assert not re.search(r"<!--|<metadata>|<\?xml|20\d\d-\d\d", svg)


def test_tints_look_the_same_on_white_without_white():
    colors = plt.get_cmap("RdBu")(np.linspace(0, 1, 256))[:, :3]
    tints = figures.without_white(plt.get_cmap("RdBu"))(np.linspace(0, 1, 256))
    on_white = 1 - tints[:, 3:] * (1 - tints[:, :3])
    assert np.abs(on_white - colors).max() < 1e-6
    assert tints[:, 3].min() < 0.05
    assert tints[:, 3].max() > 0.9


def test_a_tint_is_the_same_in_both_drawings(figure):
    before, after = figures.wide(figure), figures.narrow(figure)
    assert book_figures.EMBEDDED.findall(before) == book_figures.EMBEDDED.findall(after)
    assert len(book_figures.EMBEDDED.findall(before)) == 1


def test_many_marks_and_lines_become_one_picture():
    figure, ax = plt.subplots()
    ax.scatter(*np.random.default_rng(0).normal(size=(2, 20_000)), s=4)
    svg = figures.wide(figure)
    plt.close(figure)
    assert svg.count("<use") < 100
    assert "data:image/" in svg
    assert len(svg) < HEAVIEST


@pytest.mark.parametrize("color", ["0072b2", "d55e00", "009e73", "cc79a7", "e69f00", "08306b"])
def test_colors_reach_their_contrast_in_the_dark_and_keep_their_hue(color):
    dark = book_figures.in_the_dark(color)
    ground = [channel / 255 for channel in book_figures.GROUND]
    channels = [int(dark[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    assert book_figures.contrast(channels, ground) >= book_figures.LEAST_CONTRAST - 0.05
    before = [int(color[at : at + 2], 16) for at in (0, 2, 4)]
    assert np.argsort(channels).tolist() == np.argsort(before).tolist()


def test_ink_and_ground_change_sides():
    assert book_figures.in_the_dark("000000") == "dde3e9"
    assert book_figures.in_the_dark("ffffff") == "14181d"
    svg = '<svg width="1pt"><path style="fill: none; stroke: #000000"/></svg>'
    dark = book_figures.dark(svg)
    assert 'fill="#dde3e9"' in dark
    assert "stroke: #dde3e9" in dark


def test_a_map_in_colors_changes_sides_and_digits_do_not():
    figure, (ax, other) = plt.subplots(1, 2)
    ax.imshow(np.eye(8), cmap="Blues")
    other.imshow(np.eye(8), cmap="gray")
    light = figures.wide(figure)
    plt.close(figure)
    (map_before, digits), (map_after, same) = (
        book_figures.EMBEDDED.findall(svg) for svg in (light, book_figures.dark(light))
    )
    assert map_before != map_after
    assert digits == same


@pytest.mark.filterwarnings("ignore")
def test_an_executed_notebook_has_drawings_of_its_pictures(tmp_path, capsys):
    path = tmp_path / "page.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(PLOT, id="curve")]), path)
    assert notebooks.main([str(path)]) == 0
    assert sorted(file.name for file in (tmp_path / "figures" / "page").iterdir()) == [
        "curve-narrow.svg", "curve.svg",
    ]  # fmt: skip
    notebook = nbformat.read(path, as_version=4)
    assert set(notebook.cells[0].outputs[0].data) == {"image/png", "text/plain"}
    assert notebook.cells[0].execution_count == 1
    assert figures.undrawn(notebook, path) == []
    narrow = tmp_path / "figures" / "page" / "curve-narrow.svg"
    narrow.write_text(narrow.read_text().replace('data-of="', 'data-of="0'))
    assert figures.undrawn(notebook, path) == ["curve"]
    assert notebooks.main([str(path)]) == 0
    assert "no drawing of the picture of curve" in capsys.readouterr().out
    assert figures.undrawn(nbformat.read(path, as_version=4), path) == []


def test_drawings_are_written_in_place_of_those_before(tmp_path):
    path = tmp_path / "page.ipynb"
    png = base64.b64encode(b"picture").decode()
    data = {"image/png": png, figures.WIDE: "<svg />", figures.NARROW: "<svg />"}
    cell = new_code_cell("x", id="new", outputs=[new_output("display_data", data)])
    notebook = new_notebook(cells=[cell])
    figures.place(path).mkdir(parents=True)
    (figures.place(path) / "old.svg").touch()
    figures.write(figures.take(notebook), path)
    assert {file.name for file in figures.place(path).iterdir()} == {"new.svg", "new-narrow.svg"}
    assert figures.undrawn(notebook, path) == []
    assert list(book_figures.drawings(tmp_path)) == [figures.digest(png)]


def test_matplotlib_is_not_needed_where_the_site_is_built():
    assert "matplotlib" not in Path(book_figures.__file__).read_text("utf8")
    assert sys.modules["book_figures"].Image
