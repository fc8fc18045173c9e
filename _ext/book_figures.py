"""The site's figures: drawings in light and dark, wide and narrow, and pictures of known size.

tools/notebooks.py stores each figure of a notebook as SVG, too, in figures/ beside it. Where the
digest in such a drawing is that of the picture in the notebook, a page shows the drawing; where
there is none, or it is of another run, it shows the notebook's picture.
"""

import base64
from colorsys import hls_to_rgb, rgb_to_hls
from html import escape, unescape
import io
from pathlib import Path
import re

import numpy as np
from PIL import Image
from static_files import provide, script_tag

DRAWINGS = "figures/*/*.svg"  # beside the notebooks
SCRIPT = Path(__file__).with_name("figures.js")
HEAVIEST = 150 * 1024  # bytes of a picture
TELEPHONE = "screen and (max-width: 640px)"
PIXELS_A_POINT = 4 / 3
GROUND, INK = (0x14, 0x18, 0x1D), (0xDD, 0xE3, 0xE9)  # of the theme's dark pages
LEAST_CONTRAST = 4.5  # of what carries data, on the dark ground
DIGEST = 16  # digits of the hash by which a drawing knows its picture
MOSTLY = 0.9  # of the pixels
GRAY = 0.08  # a color whose channels differ by less has no hue

IMG = re.compile(r"<img\b[^>]*>")
ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
SIZE = re.compile(r'<svg\b[^>]*?\bviewBox="0 0 ([\d.]+) ([\d.]+)"')
OF = re.compile(r'<svg\b[^>]*?\bdata-of="(\w+)"')
EMBEDDED = re.compile(r'(?<="data:image/png;base64,)[^"]+')
PAINT = re.compile(r"\b((?:fill|stroke|stop-color)(?:: ?|=\"))#([0-9a-f]{6})\b")


def setup(app):
    """Show on every page the drawings of its figures, and give each picture its size."""
    app.connect("builder-inited", _read_drawings)
    provide(app, SCRIPT)
    app.connect("html-page-context", _place, priority=600)
    app.add_css_file("figures.css")
    return {"parallel_read_safe": True, "parallel_write_safe": False}


def drawings(folder):
    """Return the paths of a book's drawings by the digest of the picture that each redraws."""
    found = {}
    for path in sorted([*folder.glob(DRAWINGS), *folder.glob(f"*/{DRAWINGS}")]):
        if not path.stem.endswith("-narrow") and (of := OF.search(path.read_text("utf8"))):
            found[of[1]] = path
    return found


def _read_drawings(app):
    app.book_drawings = drawings(Path(app.srcdir))


def _place(app, pagename, templatename, context, doctree):
    """Replace the pictures of a page by their drawings, or else size them."""
    body = context.get("body", "")
    if "_images/" not in body:
        return
    eager = iter([pagename == app.config.root_doc])  # the first of the landing page

    def show(tag):
        attributes = {name: unescape(value) for name, value in ATTRIBUTE.findall(tag[0])}
        folder, _, name = attributes.get("src", "").rpartition("/")
        if not folder.endswith("_images"):
            return tag[0]
        attributes["loading"] = "eager" if next(eager, False) else "lazy"
        attributes["decoding"] = "async"
        if drawing := app.book_drawings.get(Path(name).stem[:DIGEST]):
            return _drawing(app, f"{folder}/", drawing, attributes)
        return _picture(app, folder, name, attributes)

    context["body"] = IMG.sub(show, body)
    if 'class="chart"' in context["body"]:
        context["body"] += script_tag(context, SCRIPT.name)


def _drawing(app, folder, drawing, attributes):
    """Return the four drawings of a figure as HTML: light and dark, each wide and narrow."""
    app.builder.images = {
        source: name
        for source, name in app.builder.images.items()
        if not attributes["src"].endswith(f"/{name}")
    }
    pictures = []
    for scheme in ("light", "dark"):
        wide, narrow = (
            _written(app, drawing.with_stem(drawing.stem + suffix), scheme)
            for suffix in ("", "-narrow")
        )
        source = _tag("source", media=TELEPHONE, srcset=folder + narrow[0], **_size(narrow[1]))
        if scheme == "dark":
            attributes = attributes | {"loading": "lazy"}  # where it is hidden it is not fetched
        shown = attributes | {"src": folder + wide[0], "class": f"only-{scheme}"} | _size(wide[1])
        pictures.append(f"<picture>{source}{_tag('img', **shown)}</picture>")
    return f'<span class="chart">{"".join(pictures)}</span>'


def _written(app, drawing, scheme):
    """Write a drawing into the site, in light or dark; return its name and its size in points."""
    svg = drawing.read_text("utf8")
    name = f"{drawing.parent.name}-{drawing.stem}{'-dark' if scheme == 'dark' else ''}.svg"
    folder = Path(app.outdir, app.builder.imagedir)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(dark(svg) if scheme == "dark" else svg, "utf8")
    return name, [PIXELS_A_POINT * float(points) for points in SIZE.search(svg).groups()]


def _picture(app, folder, name, attributes):
    """Return a picture as HTML with its size, as WebP if that is smaller."""
    source = next((key for key, value in app.builder.images.items() if value == name), None)
    if source is None or Path(name).suffix == ".svg":
        return _tag("img", **attributes)
    with Image.open(Path(app.srcdir, source)) as image:
        attributes |= _size(image.size)
        image.save(packed := io.BytesIO(), "WEBP", lossless=True, method=4)
    if packed.tell() < Path(app.srcdir, source).stat().st_size:
        del app.builder.images[source]
        attributes["src"] = f"{folder}/{Path(name).stem}.webp"
        target = Path(app.outdir, app.builder.imagedir, Path(name).stem + ".webp")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(packed.getvalue())
    return _tag("img", **attributes)


def _size(pixels):
    return dict(zip(("width", "height"), map(round, pixels), strict=True))


def _tag(name, **attributes):
    pairs = [f'{key}="{escape(str(value))}"' for key, value in attributes.items()]
    return f"<{name} {' '.join(pairs)}>"


# Light ink on a dark ground


def dark(svg):
    """Return a drawing in the ink of dark pages: grays change sides, colors stay what they are."""
    ink = "#" + "".join(f"{channel:02x}" for channel in INK)
    svg = PAINT.sub(lambda found: f"{found[1]}#{in_the_dark(found[2])}", svg)
    svg = EMBEDDED.sub(lambda found: _map_in_the_dark(found[0]), svg)
    return svg.replace("<svg ", f'<svg fill="{ink}" ', 1)  # what names no color is black


def in_the_dark(color):
    """Return the color, six hexadecimal digits, that stands for another one on dark pages."""
    channels = [int(color[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    ground, ink = ([channel / 255 for channel in each] for each in (GROUND, INK))
    if max(channels) - min(channels) < GRAY:
        light = sum(channels) / 3
        channels = [i + light * (g - i) for g, i in zip(ground, ink, strict=True)]
    else:
        hue, light, saturation = rgb_to_hls(*channels)
        while contrast(channels, ground) < LEAST_CONTRAST:
            light += 0.01
            channels = hls_to_rgb(hue, light, saturation)
    return "".join(f"{round(255 * channel):02x}" for channel in channels)


def _map_in_the_dark(packed):
    """Return an embedded PNG as it is, but a map in colors with dark for light, light for dark.

    Tints and lines are transparent where there is nothing, and images of digits are gray.
    """
    with Image.open(io.BytesIO(base64.b64decode(packed))) as image:
        pixels = np.asarray(image.convert("RGBA")) / 255
    colors, is_opaque = pixels[..., :3], pixels[..., 3] == 1
    most, least = colors.max(axis=-1, keepdims=True), colors.min(axis=-1, keepdims=True)
    if is_opaque.mean() < MOSTLY or (most - least).max() < GRAY:
        return packed
    ground = np.array(GROUND) / 255
    pixels[..., :3] = ground + (1 - ground) * (colors + 1 - most - least)  # another lightness
    turned = Image.fromarray(np.round(255 * pixels).astype(np.uint8))
    turned.save(file := io.BytesIO(), "PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode()


def contrast(one, other):
    """Return the contrast of two colors, as WCAG 2 defines it, from 1 to 21."""
    light = [
        0.05 + sum(
            weight * (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4)
            for weight, c in zip((0.2126, 0.7152, 0.0722), color, strict=True)
        )
        for color in (one, other)
    ]  # fmt: skip
    return max(light) / min(light)
