"""A content security policy in every page: what the book does not use, no page can do.

Written over the pages as they are in the end, so that each inline script and handler has its hash.
It holds under file://, too, where `'self'` means files (and to WebKit all of https).
"""

import base64
import hashlib
from html import unescape
from pathlib import Path
import re

CHARSET = re.compile(r'<meta charset="[^"]*"\s*/?>', re.IGNORECASE)
POLICY = re.compile(r'\n<meta http-equiv="Content-Security-Policy"[^>]*>')
INLINE = re.compile(r"<(script|style)\b([^>]*)>(.*?)</\1>", re.DOTALL)
HANDLER = re.compile(r'<\w[^>]*?\son[a-z]+="([^"]*)"')
DATA = re.compile(r'type="(?:application|text)/(?!javascript)')  # no script: nothing runs it


def setup(app):
    """Write the policies when all pages are as they will stay."""
    app.connect("build-finished", _write, priority=930)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _write(app, exception):
    if exception or app.builder.format != "html":
        return
    for path in Path(app.outdir).glob("**/*.html"):
        path.write_text(with_policy(path.read_text("utf8")), "utf8")


def with_policy(html):
    """Return a page with its policy right behind its character set, before all that it loads."""
    html = POLICY.sub("", html)
    meta = f'\n<meta http-equiv="Content-Security-Policy" content="{policy(html)}" />'
    return CHARSET.sub(lambda charset: charset[0] + meta, html, count=1)


def policy(html):
    """Return the policy of a page.

    Styles in attributes are allowed: the formulas and the tables of pandas have them.
    """
    scripts, styles = [], []
    for tag, attributes, content in INLINE.findall(html):
        if tag == "style":
            styles.append(_hash(content))
        elif "src=" not in attributes and not DATA.search(attributes):
            scripts.append(_hash(content))
    handlers = [_hash(unescape(code)) for code in HANDLER.findall(html)]
    directives = {
        "default-src": ["'none'"],
        "script-src": ["'self'", *scripts],
        "script-src-attr": ["'unsafe-hashes'", *handlers] if handlers else ["'none'"],
        "style-src": ["'self'", *styles],
        "style-src-attr": ["'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'", "data:"],
        "media-src": ["'self'"],
        "connect-src": ["'self'"],  # no script asks; Lighthouse asks for robots.txt in its place
        "worker-src": ["blob:"],  # the playground's engine
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
    }
    return "; ".join(f"{name} {' '.join(dict.fromkeys(of))}" for name, of in directives.items())


def _hash(code):
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    return f"'sha256-{digest}'"
