"""Draw the figures of an executed notebook once more: as SVG for a page, wide and narrow.

`install` runs in the kernel of tools/notebooks.py, and nowhere else: readers pay nothing for it.
It adds two formats to what a figure is displayed as. `take` takes them out of the outputs again,
and `write` puts them beside the notebook, into figures/, with the digest of the picture in it.
"""

import base64
import hashlib
import io
from itertools import pairwise
import math
import re
import shutil
import textwrap

WIDE, NARROW = "application/x-figure-wide", "application/x-figure-narrow"
NARROW_INCHES = 4.2  # 328 CSS pixels of a telephone show a point as 1.08 of them
SMALLEST_POINTS = 10.5  # of text in a narrow figure: 11.4 such pixels
MOST_STACKED = 3  # more panels stand in two columns
PANEL_RATIO = (0.5, 0.62, 0.85)  # of a narrow panel's height to its width: least, most, in columns
MOST_SQUARE = 0.9  # the same of a panel with equal scales, in a column of its own
WORDS_INCHES = 0.55  # for the title of a panel and the labels below it
ROW_LABEL = 18  # characters in a line of a narrow figure's long tick labels
SHORTEST = 8  # characters of a line that was broken
MOST_MARKS = 600  # of a scatter that is drawn mark by mark
MOST_CORNERS = 1000  # of an area
MOST_LINES = 40  # of axes whose lines are drawn one by one
MOST_COVERED = 0.3  # of narrow axes by their legend
LARGE = 30_000  # bytes of an embedded PNG
DOTS_PER_INCH = 150  # of what is not drawn by lines
TINT = "#tint"
DIGITS = 16  # of the hash by which a drawing knows its picture

SETTINGS = {
    "svg.fonttype": "path",  # a page's fonts do not reach into its pictures
    "svg.hashsalt": "figure",
    "path.simplify_threshold": 0.25,
    "image.composite_image": False,
}
NUMBER = re.compile(r"(?<![\w.#])-?\d+\.\d{3,}(?![\w.])")
TINTED = re.compile(
    rf'<a xlink:href="{TINT}"[^>]*>\s*(<image .*?)\s*style="[^"]*"(.*?/>)\s*</a>', re.DOTALL
)
PIXELS = re.compile(r'(?<=")data:image/png;base64,\s*([^"]+)(?=")')
NOISE = re.compile(
    r"<\?xml.*?\?>\s*|<!DOCTYPE.*?>\s*|<!--.*?-->\s*|<metadata>.*?</metadata>\s*", re.DOTALL
)


def take(notebook):
    """Take the drawings out of the outputs: a dict of (wide, narrow) by the id of the cell."""
    found = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            drawn = [data.pop(kind, None) for kind in (WIDE, NARROW)]
            if "image/png" in data and all(drawn):
                of = digest(data["image/png"])
                found[cell.id] = [svg.replace("<svg ", f'<svg data-of="{of}" ', 1) for svg in drawn]
    return found


def write(drawings, path):
    """Write the drawings of the notebook at a path beside it, in place of those before."""
    folder = place(path)
    shutil.rmtree(folder, ignore_errors=True)
    for name, both in drawings.items():
        folder.mkdir(parents=True, exist_ok=True)
        for suffix, svg in zip(("", "-narrow"), both, strict=True):
            (folder / f"{name}{suffix}.svg").write_text(svg, "utf8", newline="\n")


def place(path):
    """Return the folder with the drawings of the notebook at a path."""
    return path.parent / "figures" / path.stem


def undrawn(notebook, path):
    """Return the ids of the cells whose picture has no drawing, or one of another run."""
    return [
        cell.id
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
        and not _is_drawn(digest(output.data["image/png"]), place(path) / cell.id)
    ]


def _is_drawn(of, stem):
    files = [stem.with_name(f"{stem.name}{suffix}.svg") for suffix in ("", "-narrow")]
    return all(file.exists() and f'data-of="{of}"' in file.read_text("utf8") for file in files)


def digest(png):
    """Return the hash of a picture, given as base64, by which a drawing of it is known."""
    return hashlib.sha256(base64.b64decode(png)).hexdigest()[:DIGITS]


def install(shell):
    """Let an IPython shell display figures, and panels that hold one, as WIDE and NARROW, too."""
    from IPython.core.formatters import BaseFormatter  # noqa: PLC0415 (only a kernel has it)

    for kind, draw in ((WIDE, wide), (NARROW, narrow)):
        formatter = BaseFormatter(parent=shell.display_formatter)
        formatter.format_type, formatter.print_method = kind, "_repr_only_by_type_"
        # Not Figure itself: the inline backend takes that out of all formatters when it starts.
        formatter.for_type_by_name("matplotlib.figure", "FigureBase", draw)
        formatter.for_type_by_name(
            "helpers.widgets", "Panel", lambda panel, draw=draw: draw(panel.figure)
        )
        shell.display_formatter.formatters[kind] = formatter  # behind that of the PNG


def wide(figure):
    """Return a figure as it is, as the text of an SVG."""
    _lighten(figure)
    return _svg(figure)


def narrow(figure):
    """Return a figure laid out for a telephone, as the text of an SVG; it stays laid out so."""
    _lighten(figure)
    _stack(figure)
    _fit_words(figure)
    return _svg(figure)


def _svg(figure):
    import matplotlib as mpl  # noqa: PLC0415 (the tool that reads the notebooks needs none)

    with mpl.rc_context(SETTINGS):
        none = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        options = {"bbox_inches": "tight", "transparent": True, "dpi": DOTS_PER_INCH}
        figure.savefig(file := io.StringIO(), format="svg", metadata=none, **options)
    return shorten(file.getvalue())


def shorten(svg):
    """Return Matplotlib's SVG without what a page does not need: comments, digits, white."""
    svg = NUMBER.sub(_round, NOISE.sub("", svg))
    svg = PIXELS.sub(_repack, TINTED.sub(r"\1\2", svg))
    return re.sub(r"\s*\n\s*", "\n", svg).strip() + "\n"


def _round(number):
    value = float(number[0])
    return f"{value:.2f}".rstrip("0").rstrip(".") if abs(value) >= 1 else f"{value:.4g}"


def _repack(pixels):
    """Pack an embedded PNG as small as its colors allow; what stays large becomes WebP."""
    from PIL import Image  # noqa: PLC0415

    packed = base64.b64decode(pixels[1])
    image = Image.open(io.BytesIO(packed))
    if image.mode == "RGBA" and image.getextrema()[3] == (255, 255):
        image = image.convert("RGB")
    if image.mode == "RGB" and len(image.getcolors(1 << 24)) <= 256:
        image = image.quantize(256)
    kind, options = "png", {"optimize": True}
    if len(packed) > LARGE and image.mode != "P":
        kind, options = "webp", {"quality": 70, "alpha_quality": 30}
    image.save(file := io.BytesIO(), kind, **options)
    packed = min(packed, file.getvalue(), key=len) if kind == "png" else file.getvalue()
    return f"data:image/{kind};base64,{base64.b64encode(packed).decode()}"


# What is not drawn by lines


def _lighten(figure):
    """Embed images as they are, turn the white of tints into nothing, and dense clouds to dots."""
    from matplotlib.collections import (  # noqa: PLC0415
        LineCollection,
        PathCollection,
        PolyCollection,
        QuadMesh,
    )
    from matplotlib.image import AxesImage  # noqa: PLC0415

    for image in figure.findobj(AxesImage):
        image.set_interpolation("none")
        if image.get_alpha() not in (None, 1) and image.get_url() != TINT:
            image.set_cmap(without_white(image.get_cmap()))
            image.set_url(TINT)
    many = [line for ax in figure.axes if len(ax.lines) > MOST_LINES for line in ax.lines]
    many += [c for c in figure.findobj(LineCollection) if len(c.get_paths()) > MOST_LINES]
    many += [c for c in figure.findobj(PathCollection) if len(c.get_offsets()) > MOST_MARKS]
    many += [
        area for area in figure.findobj(PolyCollection)
        if sum(map(len, area.get_paths())) > MOST_CORNERS
    ]  # fmt: skip
    for drawn in [*figure.findobj(QuadMesh), *many]:
        drawn.set_rasterized(True)


def without_white(colormap):
    """Return a color map that looks the same on white and has no white in it, but transparency."""
    from matplotlib.colors import ListedColormap  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    colors = colormap(np.linspace(0, 1, 256))
    colors[:, 3] = 1 - colors[:, :3].min(axis=1)
    colors[:, :3] = 1 - (1 - colors[:, :3]) / np.maximum(colors[:, 3:], 1e-6)
    return ListedColormap(np.clip(colors, 0, 1))


# A narrow figure


def _stack(figure):
    """Place the panels of a figure below each other, in as many columns as can be read."""
    from matplotlib.gridspec import GridSpec  # noqa: PLC0415

    panels = _panels(figure)
    before = figure.get_size_inches()
    if not panels:
        figure.set_size_inches(NARROW_INCHES, before[1] * NARROW_INCHES / before[0])
        return
    slots, columns = _slots(panels)
    heights = [0] * (1 + max(row for row, _ in slots.values()))
    for place, (row, slot) in slots.items():
        width = NARROW_INCHES * (1 if slot == slice(None) else 1 / columns)
        heights[row] = max(heights[row], _height(panels[place][0], before, width))
    grid = GridSpec(len(heights), columns, figure=figure, height_ratios=heights)
    for place, (row, slot) in slots.items():
        beside = [p for p, at in slots.items() if at[0] == row and at[1] != slot]
        under = [p for p, at in slots.items() if at in ((row + 1, slot), (row + 1, slice(None)))]
        for ax in panels[place]:
            left = slot == 0 or not any(_share_y(ax, panels[other][0]) for other in beside)
            below = not any(_share_x(ax, panels[other][0]) for other in under)
            _show_labels(ax, panels, left=left, below=below)
            ax.set_subplotspec(grid[row, slot])
    lines = sum(math.ceil(len(each.get_texts()) / min(each._ncols, 2)) for each in figure.legends)
    figure.set_size_inches(NARROW_INCHES, sum(heights) + 0.2 * lines)


def _panels(figure):
    """Return the axes at each place of the figure's grid: (first row, first column, columns)."""
    found = {}
    for ax in figure.axes:
        spec = ax.get_subplotspec()
        if spec and not hasattr(ax, "_colorbar"):
            place = spec.rowspan.start, spec.colspan.start, len(spec.colspan)
            found.setdefault(place, []).append(ax)
    return dict(sorted(found.items()))


def _slots(panels):
    """Return for each place its row and its column, or all columns, and how many there are."""
    grid = next(iter(panels.values()))[0].get_gridspec()
    small = [place for place in panels if place[2] == 1]
    crowded = any(_is_crowded(ax) for place in small for ax in panels[place])
    columns = 1 if len(small) <= MOST_STACKED or crowded else min(2, grid.ncols)
    if columns == 2 == grid.nrows and len(set(grid.get_height_ratios() or [1])) > 1:
        small.sort(key=lambda place: place[1])  # what stands below each other stays together
    slots, row, column = {}, 0, 0
    for place in [*small, *(place for place in panels if place not in small)]:
        if place in small:
            slots[place] = row, column
            row, column = (row, column + 1) if column + 1 < columns else (row + 1, 0)
        else:
            slots[place] = row + bool(column), slice(None)
            row, column = row + 1 + bool(column), 0
    return slots, columns


def _is_crowded(ax):
    """Say whether axes need a column of their own: for a legend, or for words beside the rows."""
    return bool(ax.get_legend()) or _has_words(ax)


def _has_words(ax):
    labels = [text.get_text() for text in ax.get_yticklabels()]
    return any(re.search("[a-z]{3}", label) and "$" not in label for label in labels)


def _height(ax, before, width):
    """Return how high a panel becomes, in inches, if it becomes so wide."""
    spec = ax.get_subplotspec()
    grid = spec.get_gridspec()
    ratios = grid.get_height_ratios() or [1] * grid.nrows
    height = before[1] * sum(ratios[row] for row in spec.rowspan) / sum(ratios)
    ratio = height / (before[0] * len(spec.colspan) / grid.ncols)
    if ax.get_aspect() != "auto":
        return min(ratio, MOST_SQUARE if width == NARROW_INCHES else ratio) * width
    least, most, most_in_columns = PANEL_RATIO
    ratio = min(max(ratio, least), most if width == NARROW_INCHES else most_in_columns)
    return max(ratio * width + WORDS_INCHES, height if _has_words(ax) else 0)


def _share_x(ax, other):
    return ax.get_shared_x_axes().joined(ax, other)


def _share_y(ax, other):
    return ax.get_shared_y_axes().joined(ax, other)


def _show_labels(ax, panels, *, left, below):
    """Show what axes share with a neighbor only at the axes at whose end it stands now."""
    if not ax.axison:
        return
    others = [other for axes in panels.values() for other in axes if other is not ax]
    in_row = [other for other in others if _share_y(ax, other)]
    in_column = [other for other in others if _share_x(ax, other)]
    if in_row:
        ax.tick_params(labelleft=left)
        ax.set_ylabel(ax.get_ylabel() or next(filter(None, (a.get_ylabel() for a in in_row)), ""))
        ax.yaxis.label.set_visible(left)
    if in_column:
        ax.tick_params(labelbottom=below)
        names = (other.get_xlabel() for other in in_column)
        ax.set_xlabel(ax.get_xlabel() or next(filter(None, names), ""))
        ax.xaxis.label.set_visible(below)


# The words of a narrow figure


def _fit_words(figure):
    """Enlarge what cannot be read on a telephone, break long lines, and find room for legends."""
    from matplotlib.text import Text  # noqa: PLC0415

    figure.draw_without_rendering()  # so that ticks have their words
    for text in figure.findobj(Text):
        text.set_fontsize(max(text.get_fontsize(), SMALLEST_POINTS))
    for ax in figure.axes:
        if _has_words(ax):
            words = [textwrap.fill(text.get_text(), ROW_LABEL) for text in ax.get_yticklabels()]
            ax.set_yticks(ax.get_yticks(), words)
    figure.draw_without_rendering()
    for ax in figure.axes:
        _thin_out(ax)
    whole = figure.bbox.width
    for ax in figure.axes:
        slot = whole / (ax.get_gridspec().ncols if ax.get_subplotspec() else 1)
        room = min(0.9 * slot, whole - ax.bbox.x0)  # up to the figure's edge
        for text in (ax.title, ax._left_title, ax._right_title, ax.xaxis.label):
            _break(text, room)
        _break(ax.yaxis.label, ax.bbox.height, along="height")
    for text in (figure._suptitle, figure._supxlabel):
        if text:
            _break(text, 0.98 * whole)
    for legend in [*figure.legends]:
        _fold_legend(figure, legend)
    for ax in figure.axes:
        if legend := ax.get_legend():
            _place_legend(ax, legend)


def _thin_out(ax):
    """Leave out every second number below axes where they would touch."""
    numbers = [text for text in ax.get_xticklabels() if text.get_text() and text.get_visible()]
    boxes = [text.get_window_extent() for text in numbers]
    gap = 0.4 * SMALLEST_POINTS * ax.figure.dpi / 72
    if any(left.x1 + gap > right.x0 for left, right in pairwise(boxes)):
        for text in numbers[1::2]:
            text.set_visible(False)


def _break(text, most, along="width"):
    """Break the lines that are longer than what they have, in pixels."""
    words = text.get_text()
    characters = max(map(len, words.split("\n")))
    while (length := getattr(text.get_window_extent(), along)) > most and characters > SHORTEST:
        characters = max(SHORTEST, min(characters - 1, int(characters * most / length)))
        broken = (textwrap.fill(line, characters) for line in words.split("\n"))
        text.set_text("\n".join(broken))


def _fold_legend(figure, legend):
    """Give the legend of a whole figure as many columns as fit."""
    words = [text.get_text() for text in legend.get_texts()]
    while legend._ncols > 1 and legend.get_window_extent().width > figure.bbox.width:
        folded = figure.legend(
            legend.legend_handles, words, loc="outside lower center", ncols=legend._ncols - 1,
            fontsize=legend.get_texts()[0].get_fontsize(), frameon=legend.get_frame_on(),
        )  # fmt: skip
        legend.remove()
        legend = folded
        figure.draw_without_rendering()


def _crosses(line, frame):
    """Say whether a curve runs through a box of the figure."""
    path = line.get_transform().transform_path(line.get_path())
    return len(path) > len(("start", "end")) and path.intersects_bbox(frame, filled=False)


def _place_legend(ax, legend):
    """Move a legend below its axes that stands beside them, is too large, or hides a curve."""
    from matplotlib.transforms import offset_copy  # noqa: PLC0415

    inside, frame = ax.bbox, legend.get_window_extent()
    covers = frame.width * frame.height / (inside.width * inside.height)
    fits = frame.width < inside.width and frame.x1 <= inside.x1 + 1 and covers < MOST_COVERED
    if fits and not any(_crosses(line, frame) for line in ax.lines):
        return
    points = 72 / ax.figure.dpi
    labels = ax.xaxis.get_tightbbox()  # none where they are hidden
    below = (inside.y0 - labels.y0 if labels else 0) * points + 4
    words = [text.get_text() for text in legend.get_texts()]
    own = dict(zip(*reversed(ax.get_legend_handles_labels()), strict=True))
    handles = [
        own.get(word, drawn) for word, drawn in zip(words, legend.legend_handles, strict=True)
    ]
    room = ax.figure.bbox.width - inside.x0  # of the axes, once no legend stands beside them
    columns = max(1, min(len(words), int(room // (frame.width / legend._ncols))))
    ax.legend(
        handles, words, title=legend.get_title().get_text() or None, ncols=columns,
        loc="upper center", bbox_to_anchor=(0.5, 0), borderaxespad=0,
        bbox_transform=offset_copy(ax.transAxes, ax.figure, y=-below, units="points"),
        fontsize=legend.get_texts()[0].get_fontsize(), frameon=legend.get_frame_on(),
    )  # fmt: skip
    width, height = ax.figure.get_size_inches()
    ax.figure.set_size_inches(width, height + 0.2 * math.ceil(len(words) / columns))
