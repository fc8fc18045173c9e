"""What building an environment like Binder's and one like Colab's have in common."""

import contextlib
import hashlib
import os
from pathlib import Path
import shutil
import subprocess
import sys


def run(command, folder, variables=()):
    """Run a step in a folder, with further environment variables.

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
    """Return a Python of a version such as "3.12", or this one if there is none."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    for candidate in [f"python{version}", *sorted(pyenv.glob(f"{version}.*/bin/python"))]:
        with contextlib.suppress(OSError):
            check = [candidate, "-c", "import ensurepip"]
            if subprocess.run(check, capture_output=True, check=False).returncode == 0:
                return candidate
    here = sys.version.split()[0]
    print(f"The host takes Python {version}, which is not installed: this is {here}.")
    return sys.executable


def renew(folder, build, files):
    """Build a folder anew, unless it was built there, by this Python, from the same files.

    Parameters
    ----------
    folder : path
    build : callable
        `build(folder)` fills a new folder.
    files : list of path
    """
    folder, key = Path(folder), hashlib.sha256()
    for file in files:
        key.update(Path(file).read_bytes())
    key.update(f"{sys.version} {folder.absolute()}".encode())
    stamp = folder / "built-from"
    if stamp.exists() and stamp.read_text() == key.hexdigest():
        return
    shutil.rmtree(folder, ignore_errors=True)
    try:
        build(folder)
    except RuntimeError as error:
        sys.exit(f"{folder} could not be built: {error}")
    stamp.write_text(key.hexdigest())
