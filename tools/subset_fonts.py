"""Cut the site's faces to the characters that the book uses, into _static/fonts.

    npm pack @fontsource/source-serif-4 @fontsource-variable/source-sans-3     and unpack both
    python tools/subset_fonts.py SERIF/files SANS/files

Needs fontTools and brotli. Adobe reserves the name Source for the uncut fonts: these are called
Book Serif and Book Sans. Their license is in _static/fonts/OFL.txt.
"""

from pathlib import Path
import sys
import tempfile

from fontTools import merge, subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

TO = Path(__file__).parents[1] / "_static" / "fonts"
# Dashes, quotation marks, bullet, ellipsis, arrows up and down, minus; letters of names; signs.
MARKS = [
    0xA0,
    0x2013,
    0x2014,
    0x2018,
    0x2019,
    0x201C,
    0x201D,
    0x2022,
    0x2026,
    0x2191,
    0x2193,
    0x2212,
]
ACCENTS = [*map(ord, "áäåçéèêëíïóöôøúüñßÄÖÜÉ÷±½²³µ·°§©"), 0xD7]
COMMON = [*range(0x20, 0x7F), *MARKS, *ACCENTS]
REGULAR = sorted({*COMMON, *range(0xA0, 0x100), 0x152, 0x153, 0x20AC, 0x2009})
GREEK = [ord("λ")]
FEATURES = ["kern", "liga", "lnum", "tnum"]
WEIGHTS = {"wght": (400, 600)}  # of the sans, which is variable
SERIFS = {"400-normal": REGULAR, "400-italic": COMMON, "600-normal": COMMON}


def cut(source, characters, to, weights=None):
    """Write the font `source` with nothing but `characters` to the file `to`; return that."""
    font = TTFont(source)
    if weights:
        instancer.instantiateVariableFont(font, weights, inplace=True).save(to)
        font = TTFont(to)
    options = subset.Options(layout_features=FEATURES, hinting=False, notdef_outline=True)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    font.flavor = None
    font.save(to)
    return to


def save(font, family, name):
    """Save a font under the family's own name, as woff2."""
    for record in font["name"].names:
        if record.nameID in {1, 3, 4, 6, 16}:
            record.string = family if record.nameID != 6 else family.replace(" ", "")
    font.flavor = "woff2"
    font.save(TO / name)


def main(serif, sans):
    """Write the five files of the two faces."""
    with tempfile.TemporaryDirectory() as folder:
        latin, greek = (str(Path(folder, name)) for name in ("latin.ttf", "greek.ttf"))
        for style, characters in SERIFS.items():
            cut(f"{serif}/source-serif-4-latin-{style}.woff2", characters, latin)
            cut(f"{serif}/source-serif-4-greek-{style}.woff2", GREEK, greek)
            name = style.removesuffix("-normal")
            save(merge.Merger().merge([latin, greek]), "Book Serif", f"book-serif-{name}.woff2")
        for part, name in {"latin": "book-sans", "greek": "book-sans-greek"}.items():
            source = f"{sans}/source-sans-3-{part}-wght-normal.woff2"
            characters = GREEK if part == "greek" else COMMON
            save(TTFont(cut(source, characters, latin, WEIGHTS)), "Book Sans", f"{name}.woff2")


if __name__ == "__main__":
    main(*sys.argv[1:])
