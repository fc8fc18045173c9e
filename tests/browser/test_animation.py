"""The film of a live figure, as the README shows it."""

import io

import animate
from helpers.playground import Playground, script, style
from PIL import Image
import pytest

FIGURE = Playground("l2", name="start", question="Which L2?", epochs=40, width=8)


@pytest.fixture
def page(browser, tmp_path):
    """A page with a live figure that trains quickly."""
    path = tmp_path / "page.html"
    run = f"<script>(() => {{ {script()}\nhydrate(document); }})()</script>"
    path.write_text(
        f'<!doctype html><meta charset="utf-8"><style>{style()}</style>{FIGURE.skeleton()}{run}',
        "utf8",
    )
    page = browser.new_page(viewport=animate.VIEW)
    page.goto(path.as_uri())
    yield page
    page.close()


def test_a_film_has_a_picture_of_every_finished_run(page):
    pictures, losses = animate.film(page)
    assert len(pictures) == len(set(pictures)) == len(losses) == animate.STOPS + 1
    assert page.locator("input[type=range]").first.get_attribute("aria-valuetext").endswith("0.01")
    with Image.open(io.BytesIO(animate.joined(pictures))) as film:
        assert film.n_frames == len(pictures)
        assert film.info["loop"] == 0
        with Image.open(io.BytesIO(pictures[0])) as first:
            assert film.size == first.size
