"""Build an environment made to look like Google Colab's, to run the chapters' first cell in.

    python tools/like_colab.py FOLDER

makes FOLDER/environment from tests/hosts/colab.txt, with a module `google.colab` that every Python
in it has loaded, FOLDER/book.zip, what pip would fetch from the repository, and FOLDER/book, the
notebooks that Colab opens.
"""

import argparse
from pathlib import Path
import shutil

import environments
from environments import find_python, renew, run
from helpers.address import write_source
import launch

PYTHON = "3.12"
PACKAGES = launch.ROOT / "tests" / "hosts" / "colab.txt"
# What the book's widgets ask of Colab's own module.
MODULES = {
    "google/colab/__init__.py": "from google.colab import output\n",
    "google/colab/output.py": """\
class _widgets:
    _installed_url = None


def enable_custom_widget_manager():
    pass
""",
    "colab.pth": "import google.colab\n",
}


def build(folder):
    """Build the environment.

    Parameters
    ----------
    folder : path
        A new folder.

    Raises
    ------
    RuntimeError
        If a step fails.
    """
    environment = Path(folder, "environment").absolute()
    environment.parent.mkdir(parents=True)
    run([find_python(PYTHON), "-m", "venv", environment], folder)
    run([environment / "bin/pip", "install", "-q", "--no-compile", "-r", PACKAGES], folder)
    (site,) = environment.glob("lib/python*/site-packages")
    for name, text in MODULES.items():
        Path(site, name).parent.mkdir(exist_ok=True)
        Path(site, name).write_text(text, encoding="utf-8")


def write_book(folder):
    """Write the package as pip would fetch it, and notebooks that know where it is."""
    book, archive = Path(folder, "book"), Path(folder, "book.zip").absolute()
    shutil.rmtree(book, ignore_errors=True)
    launch.write(book, address="")
    shutil.make_archive(archive.with_suffix(""), "zip", folder, "book")
    for notebook in (book / "chapters").glob("*.ipynb"):
        write_source(notebook, str(archive))


def main(arguments=None):
    """Build in the folder named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args(arguments).folder
    renew(folder, build, [PACKAGES, __file__, environments.__file__])
    write_book(folder)


if __name__ == "__main__":
    main()
