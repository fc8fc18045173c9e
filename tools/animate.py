"""Film the live figure of the built landing page into docs/playground.webp, for the README.

    python tools/animate.py          after `make book`; needs Chromium or Chrome

Its L2 slider goes from off, where the network overfits, to where the validation loss stays low.
"""

import io
from pathlib import Path
import sys

import chromium
from PIL import Image

ROOT = Path(__file__).parents[1]
BUILT = ROOT / "_build" / "html" / "index.html"
FILM = ROOT / "docs" / "playground.webp"
MOST_BYTES = 400_000
STOPS = 7  # of the slider: from off to 0.01
WAIT = 120_000  # milliseconds for a run, on a busy machine, too
VIEW = {"width": 1280, "height": 1000}
SHOWN, FIRST, LAST = 700, 1800, 3500  # milliseconds of a frame, of the first, of the last
FIGURE = "[data-engine]"
# Sentences of two to four lines move nothing, and a key's focus shows no ring.
STEADY = """
    *, ::before, ::after { transition: none !important; }
    .pg-says { min-height: 7.5em; }
    input:focus-visible { outline: none !important; }
"""
DONE = f"""before => {{
    const {{state, valLoss}} = document.querySelector("{FIGURE}")?.dataset ?? {{}};
    return state === "done" && valLoss !== before && valLoss;
}}"""
SHOW = f"""() => document.querySelector("{FIGURE}")
    .scrollIntoView({{ block: "center", behavior: "instant" }})"""
# From the question to the sentence about the run.
CLIP = f"""() => {{
    const figure = document.querySelector("{FIGURE}");
    const boxes = [".pg-question", ".pg-controls", ".pg-figures", ".pg-says"]
        .map((name) => figure.querySelector(name).getBoundingClientRect());
    const edge = (name, choose) => choose(...boxes.map((box) => box[name]));
    const [x, y] = [edge("left", Math.min) - 12, edge("top", Math.min) - 12];
    return {{
        x, y, width: edge("right", Math.max) + 12 - x, height: edge("bottom", Math.max) + 12 - y,
    }};
}}"""


def film(page):
    """Move the slider of an open page from stop to stop.

    Returns two lists: a picture, and the validation loss, of each finished run.
    """
    page.set_default_timeout(WAIT)
    page.wait_for_selector(FIGURE)
    page.add_style_tag(content=STEADY)
    page.evaluate(SHOW)  # out of sight it does not begin
    losses = [page.wait_for_function(DONE).json_value()]
    clip = page.evaluate(CLIP)
    pictures = [page.screenshot(clip=clip)]
    slider = page.locator(f"{FIGURE} input[type=range]").first
    for _ in range(STOPS):
        slider.press("ArrowRight")
        losses.append(page.wait_for_function(DONE, arg=losses[-1]).json_value())
        pictures.append(page.screenshot(clip=clip))
    return pictures, list(map(float, losses))


def joined(pictures):
    """Return an animation, the bytes of a WebP, of PNGs of one size."""
    first, *rest = [Image.open(io.BytesIO(picture)).convert("RGB") for picture in pictures]
    times = [FIRST, *[SHOWN] * (len(rest) - 1), LAST]
    result = io.BytesIO()
    first.save(
        result, "webp", save_all=True, append_images=rest, duration=times, loop=0, quality=80,
        method=6,
    )  # fmt: skip
    return result.getvalue()


def main():
    """Film the built landing page."""
    if not BUILT.exists():
        sys.exit(f"{BUILT.relative_to(ROOT)} is missing: run `make book` first")
    with chromium.launched() as browser:
        page = browser.new_page(viewport=VIEW, color_scheme="light")
        page.goto(BUILT.as_uri())
        pictures, losses = film(page)
    film_of = joined(pictures)
    if len(film_of) > MOST_BYTES:
        sys.exit(f"the animation has {len(film_of):,} bytes; {MOST_BYTES:,} are allowed")
    FILM.write_bytes(film_of)
    print(f"wrote {FILM.relative_to(ROOT)}: validation loss {losses[0]:.2f} to {losses[-1]:.2f}")


if __name__ == "__main__":
    main()
