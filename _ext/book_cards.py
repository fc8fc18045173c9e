"""The card of a page, which shows where its address is shared: its title and its figure."""

import base64
import io
import json
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1200, 630  # pixels, as Open Graph's readers show them
LARGEST = 150_000  # bytes
MARGIN, GAP = 56, 28  # pixels: around the words, and around the picture
# Where the words stand, (left, top, right, bottom): the picture has the rest.
ABOVE, BESIDE, ALL = (0, 0, WIDTH, 196), (0, 0, 424, HEIGHT), (0, 0, WIDTH, HEIGHT)
INK, PALE, PAPER = "#14263d", "#c3cfdf", "#ffffff"
FONTS = Path(__file__).parents[1] / "_static" / "fonts"
TITLE, TEXT, SMALL = "book-serif-600", "book-serif-400", "book-sans"
# The mark, as in _static/favicon.svg: a square of 32 by 32 with two classes and, between them, the
# boundary of two moons, three curves of Bezier.
UPPER, LOWER = "#56b4e9", "#e69f00"
BOUNDARY = (
    ((35, -3), (33, 8), (29, 17), (24.5, 20)),
    ((24.5, 20), (20, 23), (18, 13), (14, 13)),
    ((14, 13), (9, 13), (7, 24), (5, 35)),
)
# Colors that few pixels have, such as a line's, keep a place of their own in the palette.
PALETTE = {"colors": 256, "method": Image.Quantize.MAXCOVERAGE, "kmeans": 1, "dither": 0}


def font(name, size):
    """Return a face of the site, in pixels."""
    return ImageFont.truetype(FONTS / f"{name}.woff2", size)


def place(page):
    """Return where the card of a page lies in the site."""
    return f"_static/cards/{page.replace('/', '-')}.png"


def figure(notebook, cell):
    """Return the picture of a cell, as bytes of a PNG, and its alt text.

    Raises
    ------
    ValueError
        If the notebook has no such cell, or the cell no picture.
    """
    path = Path(notebook)
    cells = json.loads(path.read_text("utf8"))["cells"] if path.exists() else []
    found = next((each for each in cells if each.get("id") == cell), {})
    outputs = [output.get("data", {}) for output in found.get("outputs", [])]
    pictures = [data["image/png"] for data in outputs if "image/png" in data]
    if not pictures:
        raise ValueError(f"{path.name} has no picture in a cell {cell!r} for the page's card")
    alt = found["metadata"].get("mystnb", {}).get("image", {}).get("alt", "")
    return base64.b64decode("".join(pictures[0])), alt


def card(title, description, book, notebook=None, cell=None):
    """Return the card of a page as bytes of a PNG, 1200 by 630 pixels.

    Parameters
    ----------
    title, description, book : str
        The page's title, what it says of itself, and the book's title.
    notebook : path, optional
        The notebook whose figure is drawn, if `cell` is given.
    cell : str, optional
        The name of the cell with the figure. Without one the description stands in its place.

    Raises
    ------
    ValueError
        If the cell has no picture, or the card would be too large.
    """
    picture = Image.open(io.BytesIO(figure(notebook, cell)[0])) if cell else None
    words = max((ABOVE, BESIDE), key=lambda box: _scale(picture, box)) if cell else ALL
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle(words, fill=INK)
    _draw_mark(image, (MARGIN, 36), 44)
    room = words[2] - 2 * MARGIN
    if book != title:
        place = (MARGIN, 96, room, 76) if words == BESIDE else (MARGIN + 62, 40, room - 62, 32)
        _write(draw, book, place, PALE, SMALL, 30)
    top = 200 if words == BESIDE else 98
    _write(draw, title, (MARGIN, top, room, 68 if words != BESIDE else 360), PAPER, TITLE, 56)
    if picture:
        _paste(image, picture, words)
    else:
        _write(draw, description, (MARGIN, 236, room, 330), PALE, TEXT, 46)
    return _png(image, title)


def _png(image, title):
    """Return an image as bytes of a PNG with a palette."""
    file = io.BytesIO()
    image.quantize(**PALETTE).save(file, "PNG", optimize=True)
    if file.tell() > LARGEST:
        raise ValueError(f"the card of {title!r} has {file.tell():,} bytes, not {LARGEST:,}")
    return file.getvalue()


def _draw_mark(image, corner, size, scale=4):
    """Draw the mark into a square; drawn larger and made smaller, its edges are smooth."""
    unit = size * scale / 32
    line = [_bezier(curve, step / 20) for curve in BOUNDARY for step in range(21)]
    line = [(x * unit, y * unit) for x, y in line]
    mark = Image.new("RGB", (size * scale, size * scale), LOWER)
    draw = ImageDraw.Draw(mark)
    draw.polygon([*line, (-3 * unit, 35 * unit), (-3 * unit, -3 * unit)], fill=UPPER)
    draw.line(line, fill=PAPER, width=round(2.6 * unit), joint="curve")
    shape = Image.new("L", mark.size)
    ImageDraw.Draw(shape).rounded_rectangle((0, 0, *mark.size), 7 * unit, fill=255)
    small = (size, size)
    lanczos = Image.Resampling.LANCZOS
    image.paste(mark.resize(small, lanczos), corner, shape.resize(small, lanczos))


def _bezier(points, t):
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
    return tuple(sum(w * p[axis] for w, p in zip(weights, points, strict=True)) for axis in (0, 1))


def _write(draw, text, box, color, name, largest):
    """Write a text into a box (left, top, width, height), in the largest type that fits."""
    left, top, width, height = box
    for size in range(largest, 19, -2):
        face = font(name, size)
        lines = _lines(text, face, width)
        widest = max(map(face.getlength, lines))
        if widest <= width and round(1.3 * size) * (len(lines) - 1) + size <= height:
            break
    for number, line in enumerate(lines):
        draw.text((left, top + number * round(1.3 * size)), line, fill=color, font=face)


def _lines(text, face, width):
    """Break a text into lines that are no wider than this."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and face.getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _rest(words):
    """Return what the words leave of the card, without a margin: (left, top, right, bottom)."""
    left, top = (words[2], 0) if words == BESIDE else (0, words[3])
    return left + GAP, top + GAP, WIDTH - GAP, HEIGHT - GAP


def _scale(picture, words):
    """Return how much larger a picture becomes beside words that stand in this box."""
    left, top, right, bottom = _rest(words)
    return min((right - left) / picture.width, (bottom - top) / picture.height)


def _paste(image, picture, words):
    """Fit a picture into what the words leave, on white."""
    scale = _scale(picture, words)
    size = (round(picture.width * scale), round(picture.height * scale))
    picture = picture.convert("RGBA").resize(size, Image.Resampling.LANCZOS)
    left, top, right, bottom = _rest(words)
    corner = ((left + right - size[0]) // 2, (top + bottom - size[1]) // 2)
    image.paste(picture, corner, picture)
