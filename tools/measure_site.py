"""Print what the pages of the built site weigh, and what Lighthouse says of them.

    python tools/measure_site.py                 after `make book`
    python tools/measure_site.py --runs 1 index  one run, of the pages named

The weight is that of a first visit, gzipped as servers send it, without figures: the page and all
scripts, styles and fonts that it names. Lighthouse needs Node.js and Chromium or Chrome; without
them its last table is printed, with its date. Each figure is the median of the runs.
"""

import argparse
import contextlib
from datetime import date
from functools import partial
import gzip
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
import json
import os
from pathlib import Path
import re
import shutil
from statistics import median
import subprocess
import sys
import threading

from chromium import INSTALLED

ROOT = Path(__file__).parents[1]
SITE = ROOT / "_build" / "html"
STORED = Path(__file__).with_name("lighthouse.json")
LIGHTHOUSE = "lighthouse@12.8.2"
CATEGORIES = {
    "performance": "performance",
    "accessibility": "accessibility",
    "best-practices": "best practices",
    "seo": "SEO",
}
AUDITS = {  # its name here and its digits; in ms, but for the last
    "first-contentful-paint": ("first paint", None),
    "largest-contentful-paint": ("largest paint", None),
    "total-blocking-time": ("blocked", None),
    "cumulative-layout-shift": ("shift", 3),
}
MEASURED = re.compile(r"(index|symptoms|chapters/\d\w+)$")  # unless others are named
DEVICES = {"mobile": [], "desktop": ["--preset=desktop"]}
COMPRESSED = (".html", ".css", ".js", ".json", ".svg", ".xml", ".txt", ".ipynb")
LOADED = re.compile(r'<(?:link|script)\b[^>]*?\b(?:href|src)="([^"?#:]+\.(?:css|js))(?:\?[^"]*)?"')
FONT = re.compile(r"url\([\"']?([^\"')]+\.woff2)[\"']?\)")
KINDS = {".html": "page", ".css": "styles", ".js": "scripts", ".woff2": "fonts"}


def page_names(site):
    """Return the names of the pages of a site in the order of its contents, then all others."""
    found = {path.relative_to(site).with_suffix("").as_posix() for path in site.glob("**/*.html")}
    found = {name for name in found if not name.startswith("_")}
    listed = re.findall(r"(?:root|file): *([\w/.-]+)", (ROOT / "_toc.yml").read_text("utf8"))
    return [*(name for name in listed if name in found), *sorted(found - {*listed})]


def weight(page):
    """Return the gzipped bytes of what a page loads at the first visit, without figures, by kind.

    Parameters
    ----------
    page : path
        A page of the built site.

    Returns
    -------
    dict
        Of the kinds "page", "styles", "scripts" and "fonts"; all fonts that the styles name count.
    """
    page = Path(page).resolve()
    sizes = dict.fromkeys(KINDS.values(), 0)
    for path in {page, *_loaded(page)}:
        sizes[KINDS[path.suffix]] += len(_packed(path))
    return sizes


def _loaded(page):
    named = {(page.parent / name).resolve() for name in LOADED.findall(page.read_text("utf8"))}
    for sheet in (path for path in named if path.suffix == ".css"):
        named = named | {
            (sheet.parent / f).resolve() for f in FONT.findall(sheet.read_text("utf8"))
        }
    return named


def _packed(path):
    data = path.read_bytes()
    return data if path.suffix == ".woff2" else gzip.compress(data, 6)


def print_weights(site):
    """Print the table of weights in kB, and the size of the site's folder."""
    print("First visit, kB gzipped, without figures")
    print(f"{'page':30}" + "".join(f"{kind:>9}" for kind in (*KINDS.values(), "together")))
    for name in page_names(site):
        sizes = weight(site / f"{name}.html")
        row = [*sizes.values(), sum(sizes.values())]
        print(f"{name:30}" + "".join(f"{size / 1000:9.1f}" for size in row))
    total = sum(path.stat().st_size for path in site.glob("**/*") if path.is_file())
    print(f"The site's folder: {total / 1e6:.1f} MB\n")


class Handler(SimpleHTTPRequestHandler):
    """Serves files gzipped, as the hosts of static sites do."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        """Answer with a file, or 404."""
        path = Path(self.translate_path(self.path))
        if path.is_dir():
            path /= "index.html"
        if not path.is_file():
            self.send_error(404)
            return
        packed = path.suffix in COMPRESSED
        data = gzip.compress(path.read_bytes(), 6) if packed else path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "max-age=31536000")
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments):
        """Say nothing."""


@contextlib.contextmanager
def served(site):
    """Serve a folder on a free port of this machine; give the address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=site)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def measured(address, device, runs):
    """Return the medians of what Lighthouse says of an address on a device, by short names."""
    reports = [_report(address, DEVICES[device]) for _ in range(runs)]
    scores = {
        short: round(100 * median(report["categories"][name]["score"] for report in reports))
        for name, short in CATEGORIES.items()
    }
    audits = {
        short: round(median(report["audits"][name]["numericValue"] for report in reports), digits)
        for name, (short, digits) in AUDITS.items()
    }
    failed = sorted({name for report in reports for name in _failed(report)})
    return {**scores, **audits, "failed": failed}


def _report(address, options):
    flags = [
        "--headless=new",
        *(["--no-sandbox"] if os.name == "posix" and not os.geteuid() else []),
    ]
    command = ["npx", "--yes", LIGHTHOUSE, address, "--quiet", "--output=json", *options]
    command.append(f"--chrome-flags={' '.join(flags)}")
    browser = next(filter(None, map(shutil.which, INSTALLED)))
    environment = {**os.environ, "CHROME_PATH": browser}
    run = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if run.returncode:
        sys.exit(f"Lighthouse failed on {address}: {run.stderr.strip().splitlines()[-1]}")
    return json.loads(run.stdout)


def _failed(report):
    """Return the names of the audits that cost points in all but performance."""
    audits = report["audits"]
    for name in (name for name in CATEGORIES if name != "performance"):
        for part in report["categories"][name]["auditRefs"]:
            score = audits[part["id"]]["score"]
            if part["weight"] and score is not None and score < 1:
                yield part["id"]


def run_lighthouse(site, names, runs):
    """Measure pages on each device; return a row for each, with the date."""
    today = date.today().isoformat()
    rows = []
    with served(site) as address:
        for name in names:
            for device in DEVICES:
                print(f"  {name}, {device}", file=sys.stderr)
                found = measured(f"{address}/{name}.html", device, runs)
                rows.append({"page": name, "device": device, **found, "date": today, "runs": runs})
    return rows


def stored():
    """Return the rows that were measured last."""
    return json.loads(STORED.read_text("utf8")) if STORED.exists() else []


def store(rows):
    """Write rows in the place of older ones of the same pages."""
    new = {(row["page"], row["device"]) for row in rows}
    old = [row for row in stored() if (row["page"], row["device"]) not in new]
    STORED.write_text(json.dumps([*old, *rows], indent=1) + "\n", "utf8")


def print_lighthouse(rows):
    """Print a table of Lighthouse' results."""
    print(f"{LIGHTHOUSE}, medians; times in ms")
    columns = [*CATEGORIES.values(), *(short for short, _ in AUDITS.values()), "runs", "date"]
    print(f"{'page':30}{'device':>8}" + "".join(f"{column:>15}" for column in columns))
    for row in rows:
        values = "".join(f"{row[column]:>15}" for column in columns)
        print(f"{row['page']:30}{row['device']:>8}{values}  {' '.join(row['failed'])}".rstrip())


def main():
    """Measure the built site, or say what is missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", nargs="*", help="such as chapters/02_baseline")
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    if not SITE.exists():
        sys.exit(f"{SITE.relative_to(ROOT)} is missing: run `make book` first")
    names = arguments.pages or [name for name in page_names(SITE) if MEASURED.match(name)]
    if unknown := [name for name in names if not (SITE / f"{name}.html").exists()]:
        sys.exit(
            f"no page {unknown[0]!r} in the built site: there are {', '.join(page_names(SITE))}"
        )
    print_weights(SITE)
    if shutil.which("npx") and any(map(shutil.which, INSTALLED)):
        store(run_lighthouse(SITE, names, arguments.runs))
    else:
        print("No Node.js with Chromium or Chrome here: what was measured last.")
    print_lighthouse(stored())


if __name__ == "__main__":
    main()
