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
ABOVE, BESIDE, ALL = (0, 0, WIDTH, 196), (0, 0, 400, HEIGHT), (0, 0, WIDTH, HEIGHT)
INK, PALE, PAPER = "#14263d", "#b9c7d9", "#ffffff"
BLUE, ORANGE = "#56b4e9", "#e69f00"
# The mark: two moons that do not touch, as curves of Bezier in a square of 32 by 32.
MARK = (
    (ORANGE, ((4, 6), (9, 18), (13, 22), (28, 9))),
    (BLUE, ((4, 7), (8, 20), (12, 24), (28, 26))),
)
COLORS = 128


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
    _draw_mark(image, (MARGIN, 38), 44)
    room = words[2] - 2 * MARGIN
    if book != title:
        place = (MARGIN, 96, room, 76) if words == BESIDE else (MARGIN + 62, 44, room - 62, 32)
        _write(draw, book, place, PALE, 30)
    top = 206 if words == BESIDE else 104
    _write(draw, title, (MARGIN, top, room, 68 if words != BESIDE else 360), PAPER, 56)
    if picture:
        _paste(image, picture, words)
    else:
        _write(draw, description, (MARGIN, 236, room, 330), PALE, 46)
    return _png(image, title)


def _png(image, title):
    """Return an image as bytes of a PNG with a palette."""
    file = io.BytesIO()
    image.quantize(COLORS, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    if file.tell() > LARGEST:
        raise ValueError(f"the card of {title!r} has {file.tell():,} bytes, not {LARGEST:,}")
    return file.getvalue()


def _draw_mark(image, corner, size, scale=4):
    """Draw the mark into a square; drawn larger and made smaller, its edges are smooth."""
    layer = Image.new("RGBA", (size * scale, size * scale))
    draw = ImageDraw.Draw(layer)
    unit = size * scale / 32
    for color, points in MARK:
        curve = [_bezier(points, step / 40) for step in range(41)]
        for x, y in curve:
            radius = 1.7 * unit
            box = (x * unit - radius, y * unit - radius, x * unit + radius, y * unit + radius)
            draw.ellipse(box, fill=color)
        draw.line([(x * unit, y * unit) for x, y in curve], fill=color, width=round(3.4 * unit))
    layer = layer.resize((size, size), Image.Resampling.LANCZOS)
    image.paste(layer, corner, layer)


def _bezier(points, t):
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
    return tuple(sum(w * p[axis] for w, p in zip(weights, points, strict=True)) for axis in (0, 1))


def _write(draw, text, box, color, largest):
    """Write a text into a box (left, top, width, height), in the largest type that fits."""
    left, top, width, height = box
    for size in range(largest, 19, -2):
        font = ImageFont.load_default(size)
        lines = _lines(text, font, width)
        widest = max(map(font.getlength, lines))
        if widest <= width and round(1.3 * size) * (len(lines) - 1) + size <= height:
            break
    for number, line in enumerate(lines):
        draw.text((left, top + number * round(1.3 * size)), line, fill=color, font=font)


def _lines(text, font, width):
    """Break a text into lines that are no wider than this."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > width:
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
