"""Put notebooks with the outputs that they are stored with into a folder for BOOK_CACHE.

    python tools/cache_stored.py FOLDER chapters/*.ipynb

The site then shows these outputs and does not execute the notebooks again.
"""

import argparse
from pathlib import Path
import sys

from jupyter_cache import get_cache
from jupyter_cache.cache.main import NbValidityError


def main(arguments=None):
    """Fill the folder that is named on the command line; 1 if a notebook has no outputs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("notebooks", nargs="+", type=Path)
    options = parser.parse_args(arguments)
    cache = get_cache(options.folder)
    for path in options.notebooks:
        try:
            cache.cache_notebook_file(path, overwrite=True)
        except NbValidityError as error:
            print(f"{path} was not executed from top to bottom: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
