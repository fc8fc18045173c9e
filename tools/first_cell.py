# @title In Colab, install the book's package. Elsewhere, see that it fits.
from importlib.metadata import version
import subprocess
import sys

from IPython.core.error import UsageError

SOURCE = ""  # where the package is, in a copy of the published book
if "google.colab" in sys.modules:
    if not SOURCE:
        raise UsageError(
            "this copy of the chapter does not know where its package is: "
            "open the chapter by the button of its page"
        )
    with open("/tmp/kept.txt", "w") as kept:  # Colab's own stay as they are
        for name in ("tensorflow", "keras", "numpy"):
            print(f"{name}=={version(name)}", file=kept)
    pip = [sys.executable, "-m", "pip", "install", "-c", kept.name, SOURCE]
    run = subprocess.run(pip, capture_output=True, text=True, check=False)
    if run.returncode:
        said = [s for s in run.stderr.splitlines() if s.startswith("ERROR")]
        raise UsageError(
            "the package `helpers` is not installed: check the network and "
            "the version in Runtime > Change runtime type, then run this "
            f"cell again ({(*said, run.stderr)[0]})"
        )

try:
    from helpers import require
except ImportError:
    raise UsageError(
        "the book's package `helpers` is missing: run `pip install "
        f"tensorflow {SOURCE or '-e ..'}`, then restart the kernel"
    ) from None
require("0.2")
