"""Build the environment that Binder builds, by repo2docker's own steps, but without Docker.

    python tools/like_binder.py FOLDER

makes FOLDER/environment, a virtual environment, and FOLDER/book, what Binder checks out, and
prints what is large and what was left out. What repo2docker brings itself (JupyterLab and so on,
with conda) is installed with pip, in the versions of its lock file.
"""

import argparse
import contextlib
from importlib import metadata, resources
import os
from pathlib import Path, PurePosixPath
import shutil
import tempfile
from urllib.parse import urlsplit

import environments
from environments import find_python, renew, run
import launch
from repo2docker import buildpacks
import yaml

BASE = "conda/environment.py-{version}.yml"  # what repo2docker wants
LOCK = "/tmp/env/environment.lock"  # where it puts what conda made of that
ELSEWHERE = {"jupyterhub-singleuser": "jupyterhub"}  # conda's name: pip's name
WITHOUT_PIP = {"python", "nodejs", "pip"}
LARGEST = 12


def build(folder):
    """Build the environment, and the folder in which Binder would start.

    Parameters
    ----------
    folder : path
        A new folder.

    Raises
    ------
    RuntimeError
        If the folder `binder` is not for Python, or one of repo2docker's steps fails.
    """
    environment, book = Path(folder, "environment").absolute(), Path(folder, "book").absolute()
    launch.write(book, address="")
    with contextlib.chdir(book):
        pack = buildpacks.PythonBuildPack(base_image="")
        pack.platform = "linux/amd64"
        if not pack.detect():
            raise RuntimeError("repo2docker sees no Python project in binder/")
        first = pack.get_preassemble_scripts()
        rest = [*pack.get_assemble_scripts(), *((None, s) for s in pack.get_post_build_scripts())]
        files = pack.get_preassemble_script_files()
        version, packages = pack.python_version, base(pack)
    run([find_python(version), "-m", "venv", environment], book)
    run([environment / "bin" / "pip", "install", "-q", *packages], book)
    variables = {
        "KERNEL_PYTHON_PREFIX": str(environment),
        "NB_PYTHON_PREFIX": str(environment),
        "PATH": f"{environment / 'bin'}:{os.environ['PATH']}",
    }
    with tempfile.TemporaryDirectory() as alone:  # as in the image: these files and no others
        for target, source in files.items():
            path = Path(alone, target)
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(book / source, path)
        for _, script in first:
            run(["bash", "-c", script], alone, variables)
    for _, script in rest:
        run(["bash", "-c", script], book, variables)


def base(pack):
    """Return pip's requirements for what repo2docker installs before it looks at a project."""
    folder = resources.files(buildpacks)
    wanted = yaml.safe_load((folder / BASE.format(version=pack.python_version)).read_text())
    names = {spec.partition("=")[0] for spec in wanted["dependencies"]} - WITHOUT_PIP
    (lock,) = [source for source, target in pack.get_build_script_files().items() if target == LOCK]
    held = dict(map(_name_and_version, _addresses((folder / lock).read_text())))
    return [f"{ELSEWHERE.get(name, name)}=={held[name]}" for name in sorted(names)]


def _addresses(lock):
    """Return the packages of a lock file of conda's: after @EXPLICIT, one address a line."""
    return lock.partition("@EXPLICIT\n")[2].split()


def _name_and_version(address):
    """Return both from an address that ends in name-version-build.conda, as conda defines it."""
    return PurePosixPath(urlsplit(address).path).name.rsplit("-", 2)[:2]


def sizes(environment):
    """Return the bytes of every package in a virtual environment: a dict, largest first."""
    (site,) = Path(environment).glob("lib/python*/site-packages")
    found = {}
    for package in metadata.distributions(path=[str(site)]):
        paths = (Path(package.locate_file(file)) for file in package.files or ())
        found[package.name] = sum(path.stat().st_size for path in paths if path.is_file())
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def disk(folder):
    """Return the bytes of all files in a folder."""
    return sum(p.lstat().st_size for p in Path(folder).rglob("*") if not p.is_dir())


def report(environment):
    """Return the table of the largest packages, and what the book needs but a Binder does not."""
    held = sizes(environment)
    here = {name.lower().replace("_", "-") for name in held}
    pins = (launch.ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    left_out = sorted({line.split("==")[0] for line in pins} - here)
    rows = [f"{name:<24}{size / 1e6:>8.0f} MB" for name, size in list(held.items())[:LARGEST]]
    return "\n".join(
        [
            *rows,
            f"{f'all, with {len(held) - LARGEST} others':<24}{disk(environment) / 1e6:>8.0f} MB",
            f"Left out: {', '.join(left_out)}",
        ]
    )


def main(arguments=None):
    """Build in the folder named on the command line, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args(arguments).folder
    own = [launch.ROOT / name for name in ("pyproject.toml", "constraints.txt")]
    files = [*sorted((launch.ROOT / "binder").iterdir()), *own, __file__, environments.__file__]
    renew(folder, build, files)
    shutil.rmtree(folder / "book")
    launch.write(folder / "book", address="")
    print(report(folder / "environment"))


if __name__ == "__main__":
    main()
