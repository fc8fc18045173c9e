"""The playground in a page of its own: hash, keyboard, sweep, what goes wrong, how it moves."""

from html import escape
import json
import subprocess
import sys

from helpers.playground import SETTINGS, Playground, script, style
import pytest

QUICK = {"epochs": 300, "width": 20}
WAIT = 20_000  # milliseconds until a run ends
NO_WORKER = "window.Worker = class { constructor() { throw new Error('forbidden'); } };"
COUNT_WORKERS = """(() => {
    const Real = Worker;
    window.workers = 0;
    window.Worker = class extends Real { constructor(...all) { super(...all); workers++; } };
})();"""


def element(**options):
    settings = {**QUICK, **options.pop("settings", {})}
    given = json.dumps({"name": "one", "controls": ["l2"], "settings": settings, **options})
    return (
        f'<div class="playground" data-playground="{escape(given)}"><img src="data:,"'
        ' alt="the picture of a run"></div>'
    )


@pytest.fixture(scope="module")
def show(browser, tmp_path_factory):
    """Open a page with these elements, from the disk; what it complains of is collected."""
    contexts = []

    def open_page(*elements, fragment="", init="", **options):
        path = tmp_path_factory.mktemp("page") / "page.html"
        path.write_text(
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>page</title>'
            f"<style>{style()}</style><main><h1>A page</h1>{''.join(elements)}"
            '<h2 id="below" style="margin-top: 3000px">Below</h2></main>'
            f"<script>(() => {{ {script()}\nhydrate(document); }})()</script>",
            "utf8",
        )
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda m: page.complaints.append(m.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("request", lambda r: page.complaints.append(r.url) if r.url[:4] == "http" else None)
        page.add_init_script(init)
        page.goto(path.as_uri() + fragment)
        return page

    yield open_page
    for context in contexts:
        context.close()


def data(page, index=0):
    return page.locator("[data-engine]").nth(index).evaluate("e => ({...e.dataset})")


def finished(page, before=None, index=0):
    """Wait until a run ends in another validation loss; return the data attributes."""
    return page.wait_for_function(
        """([index, before]) => {
            const data = {...document.querySelectorAll("[data-engine]")[index]?.dataset};
            return data.state === "done" && data.valLoss !== before && data;
        }""",
        arg=[index, before and before["valLoss"]],
        timeout=WAIT,
    ).json_value()


def move(page, label, key):
    page.get_by_label(label, exact=True).focus()
    page.keyboard.press(key)


def test_python_page_and_engine_agree_on_the_settings(browser):
    page = browser.new_page()
    page.add_script_tag(content=script())
    knobs = page.evaluate("KNOBS")
    assert {name: knob["initial"] for name, knob in knobs.items()} == SETTINGS
    refuses = """(settings) => {
        try { engine().configure(settings); } catch (error) { return error.message; }
    }"""
    for name, trait in Playground().traits().items():
        if "max" in knobs.get(name, {}):
            assert knobs[name]["max"] == trait.max, name
            assert knobs[name].get("off", knobs[name]["min"]) in (trait.min, None), name
            assert page.evaluate(refuses, {name: trait.max}) is None, name
            assert name in page.evaluate(refuses, {name: trait.max + 1}), name
            assert name in page.evaluate(refuses, {name: trait.min - 1}), name
    page.close()


def test_a_slider_changes_the_run_and_the_address(show):
    page = show(element())
    first = finished(page)
    assert page.evaluate("location.hash") == ""
    move(page, "L2", "End")
    second = finished(page, first)
    assert page.evaluate("location.hash") == "#one?l2=1"
    assert page.get_by_label("L2", exact=True).get_attribute("aria-valuetext") == "L2 1"
    assert float(second["trainLoss"]) > float(first["trainLoss"])
    page.reload()
    assert finished(page)["valLoss"] == second["valLoss"], "a link leads to the same run"
    page.get_by_role("button", name="Reset").click()
    assert finished(page, second)["valLoss"] == first["valLoss"]
    assert page.complaints == []


def test_new_data_and_new_weights_change_their_seeds_only(show):
    page = show(element())
    run = finished(page)
    for name, label in (("New data", "Data seed"), ("New weights", "Weights seed")):
        page.get_by_role("button", name=name).click()
        run = finished(page, run)
        page.locator("summary", has_text="More").first.evaluate("s => s.parentElement.open = true")
        assert page.get_by_label(label, exact=True).input_value() == "2"


@pytest.mark.parametrize(
    ("fragment", "said"),
    [
        ("#one?l2=7", "L2 must be"),
        ("#one?l2=0.1=2&dropout=lots", "Dropout must be"),
        ("#one?penalty=1", "no setting"),
        ("#one?<img src=x onerror=alert(1)>=1", "no setting"),
        ("#one?%E0%A4%A=1", "no setting"),
    ],
)
def test_a_malformed_address_is_ignored_with_a_message(show, fragment, said):
    plain = finished(show(element()))
    page = show(element(), fragment=fragment)
    assert finished(page)["valLoss"] == plain["valLoss"]
    assert said in page.locator("[role=status]").first.inner_text()
    assert page.locator("img[src=x]").count() == 0
    assert page.complaints == []


def test_each_playground_reads_its_own_part_and_anchors_work(show):
    both = [element(), element(name="two")]
    page = show(*both, fragment="#two?l2=1;one?width=5")
    one, two = finished(page), finished(page, index=1)
    assert one["valLoss"] != two["valLoss"]
    assert page.get_by_label("L2", exact=True).nth(1).get_attribute("aria-valuetext") == "L2 1"
    page = show(*both, fragment="#below")
    assert page.evaluate("scrollY") > 1000
    assert page.evaluate("location.hash") == "#below"


def test_nothing_trains_before_it_is_seen(show):
    page = show('<div style="height: 3000px"></div>', element())
    page.wait_for_timeout(500)
    assert data(page)["state"] == "idle"
    page.locator("[data-engine]").scroll_into_view_if_needed()
    finished(page)


def test_a_slider_that_moves_during_a_run_cancels_it(show):
    page = show(element(settings={"epochs": 10_000, "width": 500}))
    page.wait_for_function("document.querySelector('[data-engine]').dataset.state === 'training'")
    for _ in range(3):
        move(page, "L2", "ArrowRight")
    after = finished(page)
    page.reload()
    assert finished(page)["valLoss"] == after["valLoss"], "the last setting is the one shown"
    assert page.complaints == []


def test_without_a_worker_the_same_run_comes_out(show):
    plain = finished(show(element()))
    page = show(element(), init=NO_WORKER)
    assert finished(page)["valLoss"] == plain["valLoss"]
    assert page.complaints == []


def test_pause_and_step(show):
    page = show(element(settings={"epochs": 10_000, "width": 500}))
    page.wait_for_function("document.querySelector('[data-engine]').dataset.epoch > 0")
    page.get_by_role("button", name="Pause").click()
    page.wait_for_timeout(300)
    at = int(data(page)["epoch"])
    page.get_by_role("button", name="Step").click()
    page.wait_for_function(
        "at => document.querySelector('[data-engine]').dataset.epoch == at + 1", arg=at
    )
    assert data(page)["state"] == "training"


def test_a_step_after_the_end_begins_anew(show):
    page = show(element())
    finished(page)
    page.get_by_role("button", name="Step").click()
    page.wait_for_function("document.querySelector('[data-engine]').dataset.epoch == 1")
    page.wait_for_timeout(300)
    assert data(page)["epoch"] == "1"


@pytest.mark.parametrize("attribute", ["{", "[]", "null", '{"settings": 3}', '{"controls": 1}'])
def test_a_malformed_element_is_never_blank(show, attribute):
    page = show(f'<div class="playground" data-playground="{escape(attribute)}">'
                '<img src="data:," alt="the picture of a run"></div>')  # fmt: skip
    page.wait_for_timeout(300)
    text = page.locator(".playground").inner_text()
    assert text.strip()
    assert not [line for line in page.complaints if "Error" in line]


def test_the_sweep_draws_a_curve_and_reads_it(show):
    page = show(element(settings={"epochs": 100, "width": 5}))
    finished(page)
    page.get_by_role("button", name="Sweep").click()
    page.get_by_text("35 of 35 networks").wait_for(timeout=WAIT)
    page.get_by_text("Mean validation loss is lowest").first.wait_for()
    assert page.complaints == []


def test_the_test_figure_comes_only_when_asked_for(show):
    page = show(element())
    finished(page)
    figure = page.get_by_text("Test, fresh data: cross-entropy")
    assert figure.count() == 0
    page.get_by_role("button", name="Reveal test").click()
    assert "You have looked once" in figure.inner_text()
    run = data(page)
    move(page, "L2", "End")
    finished(page, run)
    assert figure.count() == 0
    page.get_by_role("button", name="Reveal test").click()
    assert "2 times" in figure.inner_text()


@pytest.mark.parametrize(
    "settings",
    [{"depth": 2, "dropout": 0.2, "l2": 0.01}, {"dataset": "spiral", "patience": 5, "epochs": 50}],
)
def test_the_keras_code_runs(show, tmp_path, settings):
    page = show(element(settings={"epochs": 30, "width": 8, **settings}))
    finished(page)
    page.get_by_role("button", name="Copy as Keras code").click()
    box = page.locator("textarea")
    code = box.input_value() if box.count() else page.evaluate("navigator.clipboard.readText()")
    (tmp_path / "script.py").write_text(code, "utf8")
    run = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_with_reduced_motion_only_the_last_frame_shows(show, motion):
    page = show(element(settings={"epochs": 10_000, "width": 500}), reduced_motion=motion)
    page.wait_for_function("document.querySelector('[data-engine]')?.dataset.epoch > 2000")
    page.get_by_role("button", name="Pause").click()
    still = page.get_by_alt_text("the picture of a run")
    assert still.count() == (motion == "reduce")
    page.get_by_role("button", name="Play").click()
    finished(page)
    assert still.count() == 0


def test_one_worker_serves_all_runs_of_a_playground(show):
    page = show(element(), init=COUNT_WORKERS)
    run = finished(page)
    for _ in range(3):
        move(page, "L2", "ArrowRight")
        run = finished(page, run)
    assert page.evaluate("workers") == 1
