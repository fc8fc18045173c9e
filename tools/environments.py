"""Build an environment made to look like Binder's or Google Colab's, to run the chapters in.

    python tools/environments.py binder .venv-binder
    python tools/environments.py colab .venv-colab

makes FOLDER/environment from tests/hosts, unless it was made from the same files, and FOLDER/book,
a copy of this checkout. binder/postBuild installs the book's libraries into Binder's; Colab's
notebooks install the package from FOLDER/book.zip. With the variable NEWEST Binder's has the newest
libraries, and Colab's is that of today, not the oldest that the book supports.
"""

import hashlib
import os
from pathlib import Path
import shutil
import subprocess
import sys

from first_cell import write_cell

ROOT = Path(__file__).parents[1]
# What the book's widgets ask of Colab's own module, which every Python there has loaded.
COLAB = {
    "google/colab/__init__.py": "from google.colab import output\n",
    "google/colab/output.py": """\
class _widgets:
    _installed_url = None


def enable_custom_widget_manager():
    pass
""",
    "colab.pth": "import google.colab\n",
}
MADE_FROM = {
    "binder": [*sorted((ROOT / "binder").iterdir()), ROOT / "constraints.txt",
               ROOT / "pyproject.toml", ROOT / "tests/hosts/binder.txt"],
    "colab": sorted((ROOT / "tests/hosts").glob("*.txt")),
}  # fmt: skip
NEWEST = os.environ.get("NEWEST", "")


def run(command, folder, variables=()):
    """Run a step in a folder, with further environment variables; return what it prints.

    Raises
    ------
    RuntimeError
        If it fails; the message ends with what the step said.
    """
    done = subprocess.run(
        list(map(str, command)), cwd=folder, env={**os.environ, **dict(variables)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{command} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def find_python(version):
    """Return the Python of a version, or this one if it is not installed."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    for candidate in [f"python{version}", *pyenv.glob(f"{version}.*/bin/python")]:
        found = shutil.which(candidate)
        check = [found, "-c", "import ensurepip"]
        if found and not subprocess.run(check, capture_output=True, check=False).returncode:
            return found
    print(f"Python {version}, which the host runs, is not installed: this is {sys.version}.")
    return sys.executable


def copy_book(folder):
    """Copy this checkout as it is now, but not what Git ignores."""
    shutil.rmtree(folder, ignore_errors=True)
    names = run(["git", "ls-files", "-coz", "--exclude-standard"], ROOT).split("\0")
    for source in (ROOT / name for name in names if (ROOT / name).is_file()):
        target = folder / source.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def build(host, environment, book):
    """Build a host's environment in a new folder, for a copy of the book."""
    commands = environment / "bin"
    name, version = host, (ROOT / "binder/runtime.txt").read_text("utf8").strip()
    if host == "colab" and NEWEST:
        name, version = "colab-now", "3.13"
    python = find_python(version.removeprefix("python-"))
    run([python, "-m", "venv", environment], book)
    run([commands / "pip", "install", "-q", "-r", ROOT / f"tests/hosts/{name}.txt"], book)
    if host == "binder":
        if NEWEST:
            (book / "constraints.txt").write_text("")
        run(["bash", "binder/postBuild"], book, {"PATH": f"{commands}:{os.environ['PATH']}"})
        return
    (site,) = environment.glob("lib/python*/site-packages")
    for name, text in COLAB.items():
        Path(site, name).parent.mkdir(exist_ok=True)
        Path(site, name).write_text(text, "utf8")


def main(host, folder):
    """Build in a folder what is not there."""
    folder = Path(folder).absolute()
    environment, book, stamp = folder / "environment", folder / "book", folder / "built-from"
    copy_book(book)
    key = hashlib.sha256(f"{sys.version} {folder} {NEWEST}".encode())
    for file in [*MADE_FROM[host], Path(__file__)]:
        key.update(file.read_bytes())
    if not stamp.exists() or stamp.read_text() != key.hexdigest():
        stamp.unlink(missing_ok=True)
        shutil.rmtree(environment, ignore_errors=True)
        build(host, environment, book)
        stamp.write_text(key.hexdigest())
    if host == "colab":
        archive = shutil.make_archive(folder / "book", "zip", folder, "book")
        for notebook in (book / "chapters").glob("*.ipynb"):
            write_cell(notebook, archive)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except RuntimeError as error:
        sys.exit(str(error))
