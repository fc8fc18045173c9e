"""The page "What do you see?" and the diagnosis' advice: links lead somewhere, lines run."""

import ast
import itertools
import json
from pathlib import Path
import re

from docutils.nodes import make_id
import helpers
import keras
from mdit_py_plugins.anchors.index import slugify
import nbformat
import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
ADVICE = json.loads(
    Path(helpers.__file__).with_name("diagnosis").joinpath("advice.json").read_text("utf8")
)
VERDICTS = [
    "overfitting", "gap", "improving", "level", "nothing learned", "diverging", "unstable",
    "validation better", "broken split", "leak", "cannot tell",
]  # fmt: skip
PARTS = {"what", "why", "keras", "pytorch", "chapter", "link"}
HEADING = re.compile(r"^#{1,3} (.+)$", re.MULTILINE)
FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def text_of(path):
    """Return the Markdown of a page."""
    if path.suffix == ".md":
        return path.read_text("utf8")
    cells = nbformat.read(path, as_version=4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def headings(path):
    """Return the headings of a page, without markup, from the outside of its blocks of code."""
    return [re.sub(r"[`*$]", "", title) for title in HEADING.findall(FENCED.sub("", text_of(path)))]


def source(page):
    """Return the file that a page of the site is made from."""
    stem = ROOT / page.removesuffix(".html")
    (path,) = (p for p in (stem.with_suffix(".ipynb"), stem.with_suffix(".md")) if p.exists())
    return path


def blocks(language):
    """Return the blocks of the page of symptoms in a language."""
    return [code for found, code in FENCED.findall(text_of(SYMPTOMS)) if found == language]


SYMPTOMS = ROOT / "symptoms.ipynb"
TRIES = [attempt for advice in ADVICE.values() for attempt in advice["try"]]
KERAS = sorted({*blocks("python"), *(attempt["keras"] for attempt in TRIES)})
PYTORCH = sorted({*blocks("py"), *(attempt["pytorch"] for attempt in TRIES)})


@pytest.mark.parametrize("name", VERDICTS)
def test_every_verdict_has_its_words_and_things_to_try(name):
    advice = ADVICE[name]
    assert advice.keys() == {"title", "means", "try", "unknown"}
    assert 2 <= len(advice["try"]) <= 4
    assert advice["unknown"]
    sentences = [advice["means"], *advice["unknown"], *(a["why"] for a in advice["try"])]
    assert all(sentence.endswith(".") for sentence in sentences)
    for attempt in advice["try"]:
        assert attempt.keys() == PARTS
        assert all(attempt.values())


def test_there_is_advice_for_the_verdicts_and_no_other():
    assert list(ADVICE) == VERDICTS


@pytest.mark.parametrize("link", sorted({attempt["link"] for attempt in TRIES}))
def test_advice_leads_to_a_section_of_the_site(link):
    page, anchor = link.split("#")
    assert anchor in {make_id(title) for title in headings(source(page))}


def test_advice_names_the_chapter_that_it_leads_to():
    for attempt in TRIES:
        number = re.match(r"chapters/0(\d)_", attempt["link"])
        title = headings(source(attempt["link"].split("#")[0]))[0]
        assert attempt["chapter"] == (number[1] if number else title)


def test_links_with_an_anchor_lead_to_a_heading():
    targets = re.findall(r"\]\(([^)#\s:]*)#([^)\s]+)\)", text_of(SYMPTOMS))
    assert targets
    for name, anchor in targets:
        assert anchor in {slugify(title) for title in headings(ROOT / (name or SYMPTOMS))}


def test_the_list_names_every_symptom_once_in_the_order_of_the_page():
    titles = headings(SYMPTOMS)
    listed = re.findall(r"^\d+\. \[(.+)\]\(#(.+)\)$", text_of(SYMPTOMS), re.MULTILINE)
    assert [title for title, _ in listed] == titles[2:-1]
    assert [anchor for _, anchor in listed] == [slugify(title) for title in titles[2:-1]]


def test_every_symptom_has_a_picture_a_check_and_its_lines_in_both_libraries():
    cells = nbformat.read(SYMPTOMS, as_version=4).cells
    pictures = [c for c in cells if "mystnb" in c.metadata]
    checks = text_of(SYMPTOMS).count("**To tell, in a minute.**")
    assert len(pictures) == checks == len(blocks("python")) == len(blocks("py")) - 1 == 12
    assert all("image/png" in output.data for c in pictures for output in c.outputs)


def test_the_landing_page_leads_here_by_its_second_link():
    links = re.findall(r"\]\(([^)\s]+)\)", text_of(ROOT / "index.ipynb"))
    assert links[1] == "symptoms.ipynb"


def reader_s_own(code):
    """Return what a block expects: arrays of two classes, a compiled model, its history."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 4)).astype("float32")
    y = np.arange(60).reshape(-1, 1) % 2
    own = {"x": x, "y": y, "groups": np.arange(60) // 3}
    for part, rows in {"train": slice(40), "val": slice(40, 50), "test": slice(50, 60)}.items():
        own |= {f"x_{part}": x[rows], f"y_{part}": y[rows]}
    several = "sparse_categorical" in code and "binary" not in code
    last = keras.layers.Dense(2, "softmax") if several else keras.layers.Dense(1, "sigmoid")
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(8, "relu"), last])
    model.compile("adam", "sparse_categorical_crossentropy" if several else "binary_crossentropy")
    if "history" in code:
        own["history"] = model.fit(x, y, validation_data=(x, y), verbose=0)
    return {"keras": keras, "model": model, **own}


@pytest.mark.parametrize("code", KERAS, ids=itertools.count())
def test_the_keras_lines_run_as_they_are_pasted(code, monkeypatch, tmp_path):
    own, fit = reader_s_own(code), keras.Model.fit

    def few_epochs(model, *args, epochs=1, **options):
        model.run_eagerly = True  # tracing would take longer
        return fit(model, *args, epochs=min(epochs, 2), **{**options, "verbose": 0})

    monkeypatch.setattr(keras.Model, "fit", few_epochs)
    monkeypatch.chdir(tmp_path)  # one writes a log
    assert "helpers" not in code
    exec(code, own)


@pytest.mark.parametrize("code", PYTORCH, ids=itertools.count())
def test_the_pytorch_lines_are_python(code):
    ast.parse(code)
