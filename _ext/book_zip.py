"""All notebooks in one archive, notebooks.zip, which the site offers for download.

python _ext/book_zip.py             writes it into _build
"""

from pathlib import Path
import zipfile

import helpers

ROOT = Path(helpers.__file__).parents[1]  # the repository, wherever the pages are built
NAME, FOLDER = "notebooks.zip", "handling-overfitting"
# What a notebook needs to run, and what says how it may be used.
NOTEBOOKS = ("index.ipynb", "symptoms.ipynb", "chapters/*.ipynb", "chapters/recipe.py")
NEEDED = (
    "helpers/**/*", "pyproject.toml", "requirements*.txt", "constraints.txt", "LICENSE*",
    "CITATION.cff",
)  # fmt: skip
LEFT_OUT = {"__pycache__", ".ipynb_checkpoints"}
DATE = (2026, 1, 1, 0, 0, 0)  # the same archive from the same files
README = """\
Handling Overfitting in Deep Learning: all notebooks

You need Python 3.11, 3.12 or 3.13, and 3 GB of disk. In a terminal, in this folder:

    python -m venv .venv
    .venv/bin/python -m pip install --no-deps -e .
    .venv/bin/python -m pip install -r requirements.txt
    .venv/bin/jupyter lab chapters

On Windows write .venv\\Scripts\\ in place of .venv/bin/. The second line installs the package
`helpers` of this folder, which every chapter imports. In a Jupyter that has TensorFlow already,
`%pip install -e ..` in a chapter, and a restart of its kernel, is enough.

chapters/recipe.py needs nothing of this: it is plain Keras, a program to start your own from.
"""


def setup(app):
    """Write the archive beside the pages."""
    app.connect("builder-inited", _write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _write(app):
    if app.builder.format == "html":
        write(Path(app.outdir, NAME), app.srcdir)


def files(source, root=ROOT):
    """Return what goes into the archive: a dict of its name there to the file.

    source: the folder of the book's pages. root: that of the package and the requirements.
    """
    found = {}
    for folder, patterns in ((Path(source), NOTEBOOKS), (Path(root), NEEDED)):
        for path in sorted(each for pattern in patterns for each in folder.glob(pattern)):
            if path.is_file() and not LEFT_OUT.intersection(path.relative_to(folder).parts):
                found[path.relative_to(folder).as_posix()] = path
    return found


def write(target, source, root=ROOT):
    """Write the archive of the notebooks in the folder `source` to the file `target`."""
    target = Path(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        contents = {"README.txt": README.encode()}
        contents |= {name: path.read_bytes() for name, path in files(source, root).items()}
        for name, content in contents.items():
            entry = zipfile.ZipInfo(f"{FOLDER}/{name}", DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)


if __name__ == "__main__":
    write(ROOT / "_build" / NAME, ROOT)
    print(f"wrote _build/{NAME}")
