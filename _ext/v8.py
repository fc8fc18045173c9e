"""JavaScript libraries at work while the site is built, in the engine V8: no Node.js is needed."""

import atexit
from functools import cache

from py_mini_racer import MiniRacer


@cache
def library(path):
    """Return an engine that has run a script; its `call` calls a function of the library.

    The engine is closed before Python ends: left to itself, it often waits there for ever.
    """
    engine = MiniRacer()
    atexit.register(engine.close)
    engine.eval(path.read_text("utf8"))
    return engine
