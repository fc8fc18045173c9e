"""Join JavaScript modules into one classic script, which a page opened from a file may load."""

import json
from pathlib import Path
import re

# The three forms an import may have, each before all code; the formatter breaks a long one.
NAMED = re.compile(r'^import \{\s*([\w\s,]+?),?\s*\} from "(\.[\w./-]+\.js)";\n', re.M)
JSON = re.compile(r'^import (\w+) from "(\.[\w./-]+\.json)" with \{ type: "json" \};\n', re.M)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|class|const|let) (\w+))", re.M)
EXPORT_LIST = re.compile(r"^export \{\s*([\w\s,]+?),?\s*\};\n", re.M)
LIKE_IMPORT = re.compile(r"^import\s*(?:[{*\"']|.*\bfrom\s*[\"']).*", re.M)
LIKE_EXPORT = re.compile(r"^export\s*(?:default\b|[{*]|var\b).*", re.M)


def bundle(entry):
    """Return a module, and all that it imports, as statements of one script.

    Each module is a function of its own, so that names cannot collide; it becomes a constant that
    holds its exports, `diagnosis_box_js` for `diagnosis/box.js`. A JSON file becomes its data.

    Parameters
    ----------
    entry : path
        The module that imports the others, by paths that begin with a dot.

    Raises
    ------
    ValueError
        If a module imports or exports in another form, in a circle, or if two have one name.
    """
    constants = {}  # by file, in the order in which they can run
    _add(Path(entry).resolve(), constants, ())
    names = [_name(path) for path in constants]
    if twice := {_name(path) for path in constants if names.count(_name(path)) > 1}:
        raise ValueError(
            f"two modules have one name, with their folders: {', '.join(sorted(twice))}"
        )
    return "\n".join(constants.values())


def _name(path):
    return re.sub(r"\W", "_", f"{path.parent.name}_{path.name}")


def _add(path, constants, above):
    """Add the constant of a file behind those of what it imports."""
    if path in above:
        raise ValueError(f"{path.name} imports itself by way of {above[-1].name}")
    if path in constants:
        return
    text = path.read_text("utf-8")
    if path.suffix == ".json":
        constants[path] = f"const {_name(path)} = {_literal(json.loads(text))};"
        return
    for found in (*NAMED.finditer(text), *JSON.finditer(text)):
        _add((path.parent / found[2]).resolve(), constants, (*above, path))
    constants[path] = _constant(path, text)


def _literal(data):
    """Return data as JavaScript in which a key `__proto__` is a key like any other."""
    text = json.dumps(data, ensure_ascii=False)
    return f"JSON.parse({json.dumps(text, ensure_ascii=False)})"


def _constant(path, text):
    """Return a module as a constant that holds its exports."""

    def imported(found):
        return _name((path.parent / found[2]).resolve())

    text = NAMED.sub(lambda found: f"const {{ {_pairs(found[1])} }} = {imported(found)};\n", text)
    text = JSON.sub(lambda found: f"const {found[1]} = {imported(found)};\n", text)
    names = [found[1] for found in EXPORT.finditer(text)]
    names += [_pairs(found[1]) for found in EXPORT_LIST.finditer(text)]
    text = EXPORT_LIST.sub("", EXPORT.sub("", text))
    if other := LIKE_IMPORT.search(text) or LIKE_EXPORT.search(text):
        raise ValueError(
            f'{path.name}: write import {{ a, b }} from "./module.js"; and export before a '
            f"function, class, const or let, or as a list; not {other[0]!r}"
        )
    return f"const {_name(path)} = (() => {{\n{text}return {{ {', '.join(names)} }};\n}})();"


def _pairs(names):
    """Return imported names, `a, b as c`, as a pattern takes them: `a, b: c`."""
    return re.sub(r"\s+as\s+", ": ", " ".join(names.split()))
