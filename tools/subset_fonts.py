"""Cut the site's faces to the characters that the book uses, into _static/fonts.

    npm pack @fontsource/source-serif-4 @fontsource-variable/source-sans-3     and unpack both
    python tools/subset_fonts.py SERIF/files SANS/files

Needs fontTools and brotli. Adobe reserves the name Source for the uncut fonts: these are called
Book Serif and Book Sans. Their licence is in _static/fonts/OFL.txt.
"""

from pathlib import Path
import sys
import tempfile

from fontTools import merge, subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

TO = Path(__file__).parents[1] / "_static" / "fonts"
ASCII = [*range(0x20, 0x7F), 0xA0, *map(ord, "–—‘’“”•…↑↓−")]
ACCENTS = [*map(ord, "áäåçéèêëíïóöôøúüñßÄÖÜÉ×÷±½²³µ·°§©")]
LATIN = sorted({*ASCII, *range(0xA0, 0x100), *map(ord, "Œœ€′\u2009")})
GREEK = [ord("λ")]
FEATURES = ["kern", "liga", "lnum", "tnum"]
WEIGHTS = {"wght": (400, 600)}  # of the sans, which is variable
SERIFS = {"400-normal": LATIN, "400-italic": ASCII + ACCENTS, "600-normal": ASCII + ACCENTS}


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
        file = f"{sans}/source-sans-3-{{}}-wght-normal.woff2".format
        save(
            TTFont(cut(file("latin"), ASCII + ACCENTS, latin, WEIGHTS)),
            "Book Sans",
            "book-sans.woff2",
        )
        save(
            TTFont(cut(file("greek"), GREEK, greek, WEIGHTS)), "Book Sans", "book-sans-greek.woff2"
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
