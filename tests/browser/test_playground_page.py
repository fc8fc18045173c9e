"""The playground in a page of its own: what stands still, what moves, hash, keyboard, errors."""

from html import escape
import json
from pathlib import Path
import re
import runpy

from axe import broken_rules
from conftest import WATCH_SHIFTS
import helpers
from helpers.playground import SETTINGS, Playground, from_options, script, style
from helpers.playground.knobs import KNOBS, check
import pytest

QUICK = {"epochs": 300, "width": 20}
LONG = {"epochs": 10_000, "width": 500}
WAIT = 120_000  # milliseconds for whatever a test waits for, on a busy machine, too
PHONE = {"width": 390, "height": 844}
NO_WORKER = "window.Worker = class { constructor() { throw new Error('forbidden'); } };"
COUNT_WORKERS = """(() => {
    const Real = Worker;
    window.workers = 0;
    window.Worker = class extends Real { constructor(...all) { super(...all); workers++; } };
})();"""


def element(settings=QUICK, **options):
    """A playground as the site has it; its still is of a quick run, whatever the settings are."""
    settings = {**QUICK, **settings}
    given = {"name": "one", "controls": ["l2"], "question": "Why?", "settings": settings, **options}
    quick = {**settings, **{name: min(settings[name], most) for name, most in QUICK.items()}}
    still = from_options({**given, "settings": quick}).skeleton()
    return re.sub(
        'data-playground="[^"]*"', f'data-playground="{escape(json.dumps(given))}"', still
    )


@pytest.fixture(scope="module")
def context(browser):
    """One context for all pages."""
    context = browser.new_context()
    yield context
    context.close()


@pytest.fixture
def show(context, tmp_path):
    """Open a page with these elements, from the disk; what it complains of is collected."""
    pages = []

    def open_page(*elements, fragment="", init="", live=True, size=None, **media):
        run = f"<script>(() => {{ {script()}\nhydrate(document); }})()</script>" if live else ""
        path = tmp_path / f"page{len(pages)}.html"
        path.write_text(
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>page</title>'
            '<meta name="viewport" content="width=device-width">'
            f"<style>body {{ margin: 16px; }} {style()}</style><main><h1>A page</h1>"
            f'{"".join(elements)}<h2 id="below" style="margin-top: 3000px">Below</h2></main>{run}',
            "utf8",
        )
        page = context.new_page()
        pages.append(page)
        page.set_default_timeout(WAIT)
        page.complaints = []
        page.on("console", lambda m: page.complaints.append(m.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("request", lambda r: page.complaints.append(r.url) if r.url[:4] == "http" else None)
        page.add_init_script(init)
        page.set_viewport_size(size or {"width": 1280, "height": 900})
        page.emulate_media(**media)
        page.goto(path.as_uri() + fragment)
        return page

    yield open_page
    for page in pages:
        page.close()


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
    ).json_value()


def in_state(page, state):
    page.wait_for_function(
        "state => document.querySelector('[data-engine]').dataset.state === state", arg=state
    )


def at_epoch(page, epoch):
    page.wait_for_function(
        "epoch => document.querySelector('[data-engine]').dataset.epoch == epoch", arg=epoch
    )


def move(page, label, key):
    page.get_by_label(label, exact=True).focus()
    page.keyboard.press(key)


def hold(page, stop):
    """Move the first slider to a stop without letting go."""
    page.locator("[data-engine] input[type=range]").first.evaluate(
        """(slider, stop) => {
            slider.value = stop;
            slider.dispatchEvent(new Event("input", { bubbles: true }));
        }""",
        stop,
    )


def unfold(page):
    page.locator("summary", has_text="More").first.evaluate("s => s.parentElement.open = true")


# Settings


def edges(knob):
    """Values that a setting may take, and values just beyond its range."""
    allowed = [knob["initial"], *knob.get("stops", ()), *knob.get("choices", ())]
    allowed += [*knob.get("sweep", ())] + ([knob["off"]] if "off" in knob else [])
    if "choices" in knob or "flag" in knob:
        return [*allowed, *([True, False] if "flag" in knob else [])], ["x", 3]
    step = 1 if knob.get("whole") else 1e-9
    beyond = [knob["min"] - step, knob["max"] + step]
    return [*allowed, knob["min"], knob["max"]], beyond


def test_python_page_and_engine_agree_on_the_settings(page):
    refuses = """(settings) => {
        try { engine().configure(settings); } catch (error) { return error.message; }
    }"""
    assert page.evaluate("KNOBS") == KNOBS
    assert page.evaluate("defaultSettings()") == Playground().settings == SETTINGS
    for name, knob in KNOBS.items():
        allowed, beyond = edges(knob)
        for value in allowed:
            assert page.evaluate(refuses, {name: value}) is None, (name, value)
            assert page.evaluate("([name, value]) => isValid(name, value)", [name, value])
            assert Playground(**{name: value}).settings[name] == check(name, value) == value
        for value in beyond:
            assert name in page.evaluate(refuses, {name: value}), (name, value)
            assert not page.evaluate("([name, value]) => isValid(name, value)", [name, value])
            with pytest.raises(Exception, match=name):  # traitlets' and this package's
                Playground(**{name: value})
            with pytest.raises(ValueError, match=f"^{name} must be"):
                check(name, value)


# The style sheets


def test_a_browser_knows_all_that_the_style_sheets_declare(page):
    book = Path(helpers.__file__).parents[1] / "_static" / "book.css"
    declared = re.findall(r"^ +([a-z-]+):\s+([^;{}]+);", style() + book.read_text("utf8"), re.M)
    assert len(declared) > 200
    unknown = page.evaluate(
        "(all) => all.filter(([name, value]) => !CSS.supports(name, value))",
        [[name, value.removesuffix(" !important")] for name, value in declared],
    )
    assert unknown == []


# The still


NUMBER = r"-?\d+\.?\d*(?:e-?\d+)?"
SHAPES = """(root) => [...root.querySelectorAll(".pg-figures .pg-figure svg *")]
    .filter((each) => each.matches("path, circle, text"))
    .map((each) => [
        each.tagName, each.getAttribute("class"), each.textContent,
        ["d", "cx", "cy", "r", "x", "y"].map((name) => each.getAttribute(name) ?? "").join(" "),
    ])"""
BOXES = """(root) => [...root.querySelectorAll(
        ".pg-body > *, .pg-controls *, .pg-figures > *, .pg-button, .pg-results > *, .pg-table *")]
    .filter((each) => each.checkVisibility() && !each.matches("noscript, option"))
    .map((each) => {
        const { x, y, width, height } = each.getBoundingClientRect();
        return [each.tagName, each.className, ...[x, y, width, height].map(Math.round)];
    })"""
TEXTS = """(root) => [...root.querySelectorAll("[aria-label], th, td, label, .pg-ends, .pg-value")]
    .filter((each) => each.checkVisibility({ visibilityProperty: true }))
    .map((each) => each.getAttribute("aria-label") ?? each.textContent)"""


def apart(shapes):
    """Shapes as (what they are, their numbers), the boundary as a set of points."""
    found, boundary = [], set()
    for tag, look, text, place in shapes:
        numbers = [float(number) for number in re.findall(NUMBER, place)]
        if look in ("pg-boundary", "pg-boundary-edge"):
            boundary |= {(round(x), round(y)) for x, y in zip(*[iter(numbers)] * 2, strict=True)}
        else:
            found.append((tag, look, text, numbers))
    return found, boundary


STILLS = [
    {"data_seed": 13},
    {"dataset": "spiral", "n_train": 100, "noise": 0.1},
    {"dataset": "xor", "depth": 2, "dropout": 0.2, "l2": 0.01},
    {"dataset": "circles", "patience": 5, "label_noise": 0.2},
]


@pytest.mark.parametrize("settings", STILLS)
def test_the_still_is_the_figure_of_its_own_run(show, settings):
    options = {"controls": ["patience", "n_train"]}
    page = element(settings, controls=options["controls"])
    still, live = show(page, live=False), show(page)
    finished(live)
    roots = [each.locator(".playground") for each in (still, live)]
    (first, one), (second, other) = (apart(root.evaluate(SHAPES)) for root in roots)
    assert len(first) == len(second)
    for (*kind, numbers), (*same, others) in zip(first, second, strict=True):
        assert kind == same
        assert numbers == pytest.approx(others, abs=0.11), kind
    assert one
    assert all(any(abs(x - u) + abs(y - v) <= 2 for u, v in other) for x, y in one)
    assert all(any(abs(x - u) + abs(y - v) <= 2 for u, v in one) for x, y in other)
    assert roots[0].evaluate(TEXTS) == roots[1].evaluate(TEXTS)


@pytest.mark.parametrize("size", [{"width": 1440, "height": 900}, PHONE, {**PHONE, "width": 320}])
def test_the_figure_takes_the_place_of_the_still_without_a_jump(show, size):
    page = element(controls=["l2", "depth", "restore"])
    still = show(page, live=False, size=size)
    live = show(page, size=size, init=WATCH_SHIFTS)
    waiting = still.locator(".playground").evaluate(BOXES)
    finished(live)
    for _ in range(2):  # until the last frame is reported
        live.evaluate("() => new Promise(requestAnimationFrame)")
    ours = live.locator(".playground").evaluate(BOXES)
    assert [box[:2] for box in waiting] == [box[:2] for box in ours]
    for box, own in zip(waiting, ours, strict=True):
        assert box[2:] == pytest.approx(own[2:], abs=1), box
    assert live.evaluate("shift") < 0.02
    assert live.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("live", [False, True])
def test_an_accessibility_check_finds_nothing(show, scheme, live):
    page = show(element(controls=["l2", "depth", "restore"]), live=live, color_scheme=scheme)
    if live:
        finished(page)
        unfold(page)
        page.get_by_role("button", name="Reveal test").click()
    assert not broken_rules(page)


# What the reader does


def test_a_slider_changes_the_run_and_the_address(show):
    page = show(element())
    first = finished(page)
    assert page.evaluate("location.hash") == ""
    move(page, "L2 (λ)", "End")
    second = finished(page, first)
    assert page.evaluate("location.hash") == "#one?l2=1"
    assert page.get_by_label("L2 (λ)").get_attribute("aria-valuetext") == "L2 1"
    assert float(second["trainLoss"]) > float(first["trainLoss"])
    page.reload()
    assert finished(page)["valLoss"] == second["valLoss"], "a link leads to the same run"
    page.get_by_role("button", name="Reset").click()
    assert finished(page, second)["valLoss"] == first["valLoss"]
    assert page.complaints == []


def test_while_a_slider_is_held_all_that_is_shown_is_visibly_of_the_old_run(show):
    page = show(element())
    first = finished(page)
    old = page.locator(".pg-figures.pg-old, .pg-says.pg-old, .pg-results.pg-old")
    assert old.count() == 0
    hold(page, 8)
    assert old.count() == 3
    assert page.locator(".pg-body").get_attribute("aria-busy") == "true"
    assert page.get_by_text("Let go to train with λ = 0.03").is_visible()
    assert data(page)["state"] == "done", "nothing trains before the reader lets go"
    hold(page, 0)
    assert old.count() == 0, "back where it was"
    assert page.get_by_text("Let go").count() == 0
    hold(page, 8)
    page.locator("[data-engine] input[type=range]").first.dispatch_event("change")
    finished(page, first)
    assert old.count() == 0
    assert page.locator(".pg-body").get_attribute("aria-busy") == "false"


def test_the_figures_are_of_the_new_run_from_its_first_frame_on(show):
    page = show(element({"width": 200}))
    finished(page)
    page.evaluate("""() => {
        window.seen = [];
        const look = () => {
            const data = document.querySelector("[data-engine]").dataset;
            const old = (part) => document.querySelector(part).matches(".pg-old");
            seen.push([data.state, data.frames, old(".pg-figures"), old(".pg-says")].join());
            if (data.state !== "done") requestAnimationFrame(look);
        };
        window.look = look;
    }""")
    frames = data(page)["frames"]
    unfold(page)
    epochs = page.get_by_label("Epochs")
    epochs.focus()
    page.keyboard.press("End")
    page.evaluate("look()")
    finished(page, {"valLoss": ""})
    page.wait_for_function("seen[seen.length - 1].startsWith('done')")
    seen = [row.split(",") for row in page.evaluate("seen")]
    training = [row for row in seen if row[0] == "training"]
    drawn_or_old = {(int(drawn) > int(frames), old == "true") for _, drawn, old, _ in training}
    assert drawn_or_old <= {(False, True), (True, False)}
    assert {row[3] for row in training} == {"true"}, "the sentence waits for the end"
    assert seen[-1][2:] == ["false", "false"]
    assert int(data(page)["frames"]) > int(frames) + 2, "it moves while it trains"


def test_a_long_run_says_how_long_it_will_take(context):
    page = context.new_page()
    page.add_script_tag(content=script())

    def left(epoch, busy, epochs=4000, patience=None):
        return page.evaluate(
            "([update, settings]) => timeLeft(update, settings)",
            [{"epoch": epoch, "busy": busy}, {"epochs": epochs, "patience": patience}],
        )

    assert left(500, 1000) == ", about 7 s left"
    assert left(20, 1000) == ", about 4 min left"
    assert left(500, 1000, patience=50) == ", at most about 7 s left"
    assert left(500, 900) == "", "too soon to say"
    assert left(3000, 1100) == "", "over before it is read"
    assert left(0, 3000) == ""
    page.close()


def test_two_wide_layers_cannot_be_asked_for_by_accident(show):
    page = show(element({"width": 500}, controls=["depth", "width"]))
    first = finished(page)
    page.get_by_label("Hidden layers").select_option("2")
    second = finished(page, first)
    assert page.evaluate("location.hash") == "#one?width=100&depth=2"
    slider = page.get_by_label("Width")
    assert slider.get_attribute("aria-valuetext") == "100 units in each hidden layer"
    assert slider.evaluate("e => e.value === e.max"), "the slider offers no more"
    assert "100 units" in page.locator(".pg-note").inner_text()
    page.get_by_label("Hidden layers").select_option("1")
    finished(page, second)
    move(page, "Width", "End")
    assert slider.get_attribute("aria-valuetext") == "1,000 units in each hidden layer"


def test_a_sweep_of_two_layers_leaves_out_the_widths_that_take_minutes(context):
    page = context.new_page()
    page.add_script_tag(content=script())
    widths = "depth => sweepOf('width', { ...defaultSettings(), depth })"
    assert max(page.evaluate(widths, 1)) == 500
    assert max(page.evaluate(widths, 2)) == 100
    page.close()


def test_a_link_to_two_wide_layers_is_honoured_with_a_warning(show):
    page = show(element({"epochs": 1}), fragment="#one?width=200&depth=2")
    finished(page)
    assert "take a long time" in page.locator(".pg-note").inner_text()
    unfold(page)
    said = page.get_by_label("Width").get_attribute("aria-valuetext")
    assert said == "200 units in each hidden layer"


def test_new_data_and_new_weights_change_their_seeds_only(show):
    page = show(element())
    run = finished(page)
    for name, label in (("New data", "Data seed"), ("New weights", "Weights seed")):
        page.get_by_role("button", name=name).click()
        run = finished(page, run)
        unfold(page)
        assert page.get_by_label(label, exact=True).input_value() == "2"


MALFORMED = {
    "#one?l2=7": "L2 must be",
    "#one?l2=0.1=2&dropout=lots": "Dropout must be",
    "#one?penalty=1": "not a setting",
    "#one?<img src=x onerror=alert(1)>=1": "not a setting",
    "#one?%E0%A4%A=1": "not a setting",
    **{f"#one?restore={name}": f"not “{name}”" for name in ("toString", "__proto__", "valueOf")},
    "#one?toString=1&__proto__=2": "“toString” is not a setting",
}


def test_a_malformed_address_is_ignored_with_a_message(show):
    plain = finished(show(element()))
    for fragment, said in MALFORMED.items():
        page = show(element(), fragment=fragment)
        assert finished(page)["valLoss"] == plain["valLoss"], fragment
        note = page.locator("[role=status]").first.inner_text()
        assert said in note
        assert "native code" not in note
        assert page.locator("img[src=x]").count() == 0
        assert page.complaints == []


def test_a_link_is_laid_over_where_the_figure_began(show):
    page = show(element(controls=["dropout", "l2"]))
    first = finished(page)
    move(page, "Dropout", "End")
    second = finished(page, first)
    page.evaluate("location.hash = '#one?l2=0.1'")
    third = finished(page, second)
    assert page.get_by_label("Dropout", exact=True).get_attribute("aria-valuetext") == "no dropout"
    page.reload()
    assert finished(page)["valLoss"] == third["valLoss"]


def test_each_playground_reads_its_own_part_and_anchors_work(show):
    both = [element(), element(name="two")]
    page = show(*both, fragment="#two?l2=1;one?width=5")
    two = finished(page, index=1)
    page.locator("[data-engine]").first.scroll_into_view_if_needed()
    assert finished(page)["valLoss"] != two["valLoss"]
    assert page.get_by_label("L2 (λ)").nth(1).get_attribute("aria-valuetext") == "L2 1"
    page = show(*both, fragment="#below")
    assert page.evaluate("scrollY") > 1000
    assert page.evaluate("location.hash") == "#below"


def test_nothing_trains_before_it_is_seen(show):
    page = show('<div style="height: 3000px"></div>', element(), init=COUNT_WORKERS)
    in_state(page, "waiting")
    assert page.evaluate("workers") == 0
    page.locator("[data-engine]").scroll_into_view_if_needed()
    finished(page)


WIDGET = """(settings) => {
    const traits = { state: "idle", ...settings };
    window.states = [];
    const model = {
        get: (name) => traits[name], save_changes: () => states.push(traits.state),
        set: (name, value) => { traits[name] = value; }, on: () => {}, off: () => {},
    };
    const below = document.createElement("div");
    below.style.marginTop = "3000px";
    document.body.append(below);
    render({ model, el: below });
}"""


def test_the_kernel_hears_that_a_run_waits_and_that_it_trains(context):
    page = context.new_page()
    page.set_content("<h1>A page</h1>")
    page.add_script_tag(content=script())
    page.evaluate(WIDGET, {**SETTINGS, **QUICK, "name": "one", "controls": ["l2"], "sweep": "l2"})
    page.wait_for_function("states[states.length - 1] === 'waiting'")
    page.locator("[data-engine]").scroll_into_view_if_needed()
    page.wait_for_function("states[states.length - 1] === 'done'")
    assert page.evaluate("[...new Set(states)]") == ["idle", "waiting", "training", "done"]
    page.close()


def test_a_slider_that_moves_during_a_run_cancels_it(show):
    page = show(element(LONG))
    in_state(page, "training")
    for _ in range(3):
        move(page, "L2 (λ)", "ArrowRight")
    after = finished(page)
    page.reload()
    assert finished(page)["valLoss"] == after["valLoss"], "the last setting is the one shown"
    assert page.complaints == []


def test_without_a_worker_the_same_run_comes_out(show):
    plain = finished(show(element()))
    page = show(element(), init=NO_WORKER)
    assert finished(page)["valLoss"] == plain["valLoss"]
    assert page.complaints == []


def test_play_says_what_it_does(show):
    page = show(element(LONG))
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Play").click()
    page.get_by_role("button", name="Pause").wait_for()
    finished(page)
    page.get_by_role("button", name="Run again").wait_for()


def test_steps_go_to_one_two_five_ten_and_so_on(show):
    page = show(element())
    finished(page)
    for epoch in (1, 2, 5, 10, 20, 50, 100, 200, 300):
        page.get_by_role("button", name="Step").click()
        at_epoch(page, epoch)
    finished(page)


# Whether a run has stood at a stop, such as 1, 2, 5 or 10, for a second.
STANDS = r"""() => {
    const { epoch } = document.querySelector("[data-engine]").dataset;
    if (epoch !== window.before) [window.before, window.since] = [epoch, performance.now()];
    return /^[125]0*$/.test(epoch) && performance.now() - window.since > 1000;
}"""


def test_a_step_during_a_run_pauses_it_at_the_next_stop(show):
    page = show(element({**LONG, "n_train": 300, "depth": 2}))  # long before its last stop
    page.wait_for_function("document.querySelector('[data-engine]').dataset.epoch > 10")
    page.get_by_role("button", name="Step").click()
    page.get_by_role("button", name="Play").wait_for()
    page.wait_for_function(STANDS)
    at = data(page)["epoch"]
    page.wait_for_timeout(300)
    assert data(page) | {"epoch": at} == data(page)
    assert data(page)["state"] == "training"


@pytest.mark.parametrize("attribute", ["{", "[]", "null", '{"settings": 3}', '{"controls": 1}'])
def test_a_malformed_element_is_never_blank(show, attribute):
    page = show(f'<div class="playground" data-playground="{escape(attribute)}">A still</div>')
    page.wait_for_function("document.querySelector('.playground').dataset.state")
    assert page.locator(".playground").inner_text().strip()
    assert not [line for line in page.complaints if "Error" in line]


def test_the_sweep_draws_a_curve_and_reads_it(show):
    page = show(element({"epochs": 100, "width": 5}))
    finished(page)
    page.get_by_role("button", name="Sweep").click()
    page.get_by_text("70 of 70 networks").wait_for()
    page.get_by_text("Over 10 seeds the validation loss (geometric mean) is lowest").wait_for()
    assert page.locator(".pg-swept .pg-seed[d^=M]").count() == 2 * 10 + 1  # one in the legend
    page.get_by_text("Numbers of the sweep").click()
    assert page.locator(".pg-swept td:last-child").all_inner_texts().count("lowest") == 1
    assert page.complaints == []


def test_the_test_figure_comes_only_when_asked_for(show):
    page = show(element())
    finished(page)
    figure = page.get_by_text("Test, fresh data: cross-entropy")
    assert figure.count() == 0
    page.get_by_role("button", name="Reveal test").click()
    assert "You have looked once" in figure.inner_text()
    run = data(page)
    move(page, "L2 (λ)", "End")
    finished(page, run)
    assert figure.count() == 0
    page.get_by_role("button", name="Reveal test").click()
    assert "2 times" in figure.inner_text()


def test_a_gap_is_positive_where_validation_is_worse(context):
    page = context.new_page()
    page.add_script_tag(content=script())
    run = {
        "train": {"crossEntropy": 0.1, "accuracy": 1},
        "val": {"crossEntropy": 0.3, "accuracy": 0.9},
    }
    rows = page.evaluate("run => resultRows(run, null)", run)
    assert rows[-1] == ["Validation is worse by", "+0.200", "+10.0 points"]
    page.close()


@pytest.mark.parametrize("allowed", [True, False])
def test_a_button_that_copies_says_so_itself(show, allowed):
    write = "text => { window.copied = text; return Promise.resolve(); }"
    refuse = "() => Promise.reject(new Error('forbidden'))"
    page = show(
        element(),
        init="Object.defineProperty(navigator, 'clipboard', "
        f"{{ value: {{ writeText: {write if allowed else refuse} }} }})",
    )
    finished(page)
    target = page.get_by_role("button", name="Copy link")
    width = target.bounding_box()["width"]
    target.click()
    answer = page.get_by_role("button", name="Copied" if allowed else "Copy it below")
    answer.wait_for()
    assert answer.bounding_box()["width"] >= width
    assert page.locator("textarea").is_visible() is not allowed
    assert page.locator(".pg-note").inner_text() == ""
    page.get_by_role("button", name="Copy link").wait_for()


@pytest.mark.parametrize(
    "settings",
    [{"depth": 2, "dropout": 0.2, "l2": 0.01}, {"dataset": "spiral", "patience": 5, "epochs": 50}],
)
def test_the_keras_code_runs(show, tmp_path, settings):
    page = show(
        element({"epochs": 30, "width": 8, **settings}),
        init="Object.defineProperty(navigator, 'clipboard', { value: null })",
    )
    finished(page)
    page.get_by_role("button", name="Copy as Keras code").click()
    (tmp_path / "script.py").write_text(page.locator("textarea").input_value(), "utf8")
    code = runpy.run_path(str(tmp_path / "script.py"))
    assert code["history"].epoch


# How it looks


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_with_reduced_motion_the_still_stays_until_the_run_is_done(show, motion):
    page = show(element(LONG), reduced_motion=motion)
    page.wait_for_function("document.querySelector('[data-engine]')?.dataset.epoch > 500")
    page.get_by_role("button", name="Pause").click()
    still = page.locator(".pg-figure image")
    assert still.count() == (motion == "reduce")
    page.get_by_role("button", name="Play").click()
    assert finished(page)["frames"] == "1" if motion == "reduce" else finished(page)
    assert still.count() == 0


def test_the_previous_run_is_in_the_legend_only_when_there_is_one(show):
    page = show(element())
    run = finished(page)
    entries = page.locator(".pg-legend li", has_text="previous run")
    assert [entry.is_visible() for entry in entries.all()] == [False, False]
    move(page, "L2 (λ)", "End")
    finished(page, run)
    assert [entry.is_visible() for entry in entries.all()] == [True, True]
    legends = page.get_by_role("list", name="Legend of")
    assert legends.count() == page.locator(".pg-legend:visible").count() == 2


CONTRAST = """() => {
    const paint = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const light = (...colors) => {
        for (const color of colors) { paint.fillStyle = color; paint.fillRect(0, 0, 1, 1); }
        const [r, g, b] = [...paint.getImageData(0, 0, 1, 1).data].map((c) =>
            c <= 10.31 ? c / 3294.6 : ((c / 255 + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const paper = getComputedStyle(document.querySelector(".playground")).backgroundColor;
    const line = getComputedStyle(document.querySelector(".pg-legend .pg-ghost")).stroke;
    return CLASS_COLORS.map((color) => {
        const [a, b] = [light(line), light(paper, `rgb(${color} / 0.55)`)];
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    });
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_previous_boundary_stands_out_from_the_shading(show, scheme):
    page = show(element(), live=False, color_scheme=scheme)
    page.add_script_tag(content=script())
    assert min(page.evaluate(CONTRAST)) >= 3


def test_with_more_contrast_lines_are_stronger(show):
    page = show(element(), live=False)
    stroke = "e => getComputedStyle(e).strokeWidth"
    curve = page.locator(".pg-figure .pg-curve").first
    before = curve.evaluate(stroke)
    page.emulate_media(contrast="more")
    assert curve.evaluate(stroke) > before


@pytest.mark.parametrize("controls", [["l2"], ["l2", "n_train"], ["l2", "n_train", "epochs"]])
def test_a_telephone_shows_slider_both_pictures_and_the_sentence_together(show, controls):
    page = show(element(controls=controls), size=PHONE)
    finished(page)
    edges = page.evaluate("""() => {
        const box = (part) => document.querySelector(part).getBoundingClientRect();
        const figures = [...document.querySelectorAll(".pg-figure")];
        return [box(".pg-controls").top, box(".pg-controls").bottom,
            ...figures.slice(0, 2).map((each) => each.getBoundingClientRect().bottom),
            box(".pg-says").top, box(".pg-says").bottom];
    }""")
    assert edges == sorted(edges)
    header = 56  # of the site, which stays
    assert edges[-1] - edges[0] + header <= PHONE["height"]
    row = page.locator(".pg-row .pg-button").evaluate_all("all => all.map(b => b.offsetTop)")
    assert len(set(row)) == 1, "the buttons stand in one row"
    figure = page.locator(".pg-figure").nth(1).bounding_box()
    unfold(page)
    assert page.locator(".pg-figure").nth(1).bounding_box() == figure, (
        "more settings push nothing away"
    )


@pytest.mark.parametrize("width", [390, 360, 320])
def test_it_fits_a_narrow_window(show, width):
    page = show(element(controls=["l2", "n_train", "epochs"]), size={**PHONE, "width": width})
    finished(page)
    unfold(page)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width


def test_one_worker_serves_all_runs_of_a_playground(show):
    page = show(element(), init=COUNT_WORKERS)
    run = finished(page)
    for _ in range(3):
        move(page, "L2 (λ)", "ArrowRight")
        run = finished(page, run)
    assert page.evaluate("workers") == 1
