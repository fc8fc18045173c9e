# @title In Colab, install the book's package. Elsewhere, see that it fits.
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
import subprocess
import sys
from tempfile import NamedTemporaryFile

from IPython.core.error import UsageError

SOURCE = ""  # where the package is, in a copy of the published book
if "google.colab" in sys.modules:
    if not SOURCE:
        raise UsageError(
            "this copy of the chapter does not know where its package is: "
            "open the chapter by the button of its page"
        )
    with NamedTemporaryFile("w", suffix=".txt") as kept:
        for name in ("tensorflow", "tensorflow-cpu", "keras", "numpy"):
            with suppress(PackageNotFoundError):
                print(f"{name}=={version(name)}", file=kept, flush=True)
        pip = [sys.executable, "-m", "pip", "install", "-c", kept.name]
        run = subprocess.run(
            [*pip, SOURCE], capture_output=True, text=True, check=False
        )
    if run.returncode:
        said = [s for s in run.stderr.splitlines() if s.startswith("ERROR")]
        raise UsageError(
            "the package `helpers` is not installed: check the network and "
            "the version in Runtime > Change runtime type, then run this "
            f"cell again ({(*said, run.stderr)[0]})"
        )

try:
    from helpers import require
except Exception as error:
    ran_nothing = error.__traceback__.tb_next is None
    if isinstance(error, ModuleNotFoundError) and ran_nothing:
        raise UsageError(
            "the book's package `helpers` is missing: run in a cell "
            f"`%pip install tensorflow {SOURCE or '-e ..'}`, then restart "
            "the kernel"
        ) from None
    found = find_spec("helpers")
    hidden_by = found.origin or found.submodule_search_locations[0]
    raise UsageError(
        f"{hidden_by} hides the book's package, which is called `helpers`, "
        "too: rename or remove it, then restart the kernel"
    ) from None
require("0.2")
