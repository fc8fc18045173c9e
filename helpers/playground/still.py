"""What stands in a playground's place until its script runs, and where none does.

`skeleton` is for a page whose style sheet is the playground's: it has the structure, the classes
and the size of what the script builds, which then takes its place without a jump. `picture` is for
a notebook on GitHub: both figures and their legends as one SVG. Both show the reference run.
"""

from functools import lru_cache
from html import escape

from helpers.playground import reference
from helpers.playground.drawing import LEGENDS, curves, element, legend_key, plane
from helpers.playground.formats import (
    format_change,
    format_loss,
    format_number,
    format_percent,
    value_text,
)
from helpers.playground.knobs import KNOBS

TABLE_ROWS = 12
BUTTONS = ("Play", "Step", "Reset", "New data", "New weights")


@lru_cache(maxsize=16)
def run(**settings):
    """Return the reference run, and both figures as SVG."""
    trained = reference.run(**settings)
    return trained, (plane(trained, settings), curves(trained))


def skeleton(settings, controls, question, sweep):
    """Return the inside of a playground's element, as HTML."""
    trained, figures = run(**settings)
    asked = [element("p", escape(question), class_="pg-question")] if question else []
    return element(
        "div",
        *asked,
        _controls(controls, settings),
        _says(trained, settings),
        _figures(figures),
        _buttons("pg-buttons pg-row", *map(_button, BUTTONS)),
        _results(trained),
        element("details", element("summary", "More settings"), class_="pg-more", inert=""),
        _sweep(sweep),
        element(
            "div",
            _buttons("pg-buttons", _button("Copy as Keras code"), _button("Copy link")),
            class_="pg-copies",
        ),
        element("noscript", "Without its script this figure stands still."),
        class_="pg-body pg-still", role="group", aria_label="Playground",
    )  # fmt: skip


def sentence(trained):
    """Say how a run ended."""
    if trained.diverged:
        return f"The loss was no longer a number after {len(trained.val_loss):,} epochs."
    fit, held = trained.train, trained.val
    return (
        f"Training loss ends at {format_loss(fit['cross_entropy'])}, validation loss at "
        f"{format_loss(held['cross_entropy'])}; its lowest was "
        f"{format_loss(trained.val_loss[trained.best_epoch - 1])}, "
        f"at epoch {format_number(trained.best_epoch)}."
    )


def _says(trained, settings):
    verdict = element("span", sentence(trained), class_="pg-verdict")
    epochs = [format_number(n) for n in (len(trained.val_loss), settings["epochs"])]
    progress = element("p", "epoch {} of {}".format(*epochs), class_="pg-progress")
    return element("div", element("p", verdict, class_="pg-status"), progress, class_="pg-says")


def _figures(figures):
    left, right = figures
    names = ("Legend of the points", "Legend of the losses")
    pictures = (element("div", left, class_="pg-stack"), right)
    return element(
        "div",
        *(element("figure", picture, class_="pg-figure") for picture in pictures),
        *(
            element("ul", *map(_entry, entries), class_="pg-legend", aria_label=name)
            for name, entries in zip(names, LEGENDS, strict=True)
        ),
        class_="pg-figures",
    )


def _entry(entry):
    look, text = entry
    key = element(
        "svg", legend_key(look), viewBox="0 0 26 14", width=26, height=14, aria_hidden="true"
    )
    absent = {"class_": "pg-absent"} if text == "previous run" else {}
    return element("li", key, text, **absent)


def _button(text):
    play = " pg-play" if text == "Play" else ""
    return element("button", text, type="button", class_=f"pg-button{play}")


def _buttons(look, *children):
    return element("div", *children, class_=look, inert="")


# The controls


def _controls(names, settings):
    shown = (_control(KNOBS[name], settings[name], name, settings) for name in names)
    return element("div", *shown, class_="pg-controls", inert="")


def label_of(knob):
    """Return the label of a setting's control, with the letter that the chapters use."""
    return f"{knob['label']} ({knob['symbol']})" if "symbol" in knob else knob["label"]


def _control(knob, value, name, settings):
    label = element("label", label_of(knob))
    if "stops" in knob:
        parts = [label, *_slider(knob, value, stops_with(name, settings))]
    elif "choices" in knob:
        choices = [_option(choice, choice == value) for choice in knob["choices"]]
        parts = [label, element("select", *choices)]
    elif knob.get("flag"):
        checked = {"checked": ""} if value else {}
        parts = [element("input", type="checkbox", **checked), label]
    else:
        parts = [label, element("input", type="number", value=value)]
    check = " pg-check" if knob.get("flag") else ""
    return element("div", *parts, class_=f"pg-control{check}")


def stops_with(name, settings):
    """Return the stops of a slider, with its own value among them if it is no stop."""
    knob, value = KNOBS[name], settings[name]
    deepest = knob.get("deepest") if settings["depth"] == KNOBS["depth"]["choices"][-1] else None
    stops = [stop for stop in knob["stops"] if not deepest or stop <= deepest]
    return sorted({*stops, value}, key=lambda stop: -1 if stop is None else stop)


def _slider(knob, value, stops):
    first, last = (value_text(knob, stop) for stop in (stops[0], stops[-1]))
    scale = "log scale" if knob.get("log") else ""
    return [
        element("span", value_text(knob, value), class_="pg-value"),
        element(
            "input", type="range", min=0, step=1, class_="pg-range",
            max=len(stops) - 1, value=stops.index(value),
        ),
        element(
            "div", *(element("span", text) for text in (first, scale, last)),
            class_="pg-ends", style=f"--pg-steps: {len(stops) - 1}",
        ),
    ]  # fmt: skip


def _option(text, selected):
    return element("option", str(text), **({"selected": ""} if selected else {}))


def _sweep(name):
    knobs = [(each, knob) for each, knob in KNOBS.items() if "sweep" in knob]
    if "sweep" not in KNOBS[name]:
        name = "l2"
    select = element("select", *(_option(knob["label"], each == name) for each, knob in knobs))
    row = _buttons("pg-buttons", element("label", "Sweep over"), select, _button("Sweep"))
    return element("div", row, class_="pg-sweep")


# The tables


def _results(trained):
    why = element("span", "If you choose a setting by this number, it is no longer a fair test.")
    answer = element("span")
    reveal = element("div", _button("Reveal test"), why, answer, class_="pg-reveal", inert="")
    numbers = element("summary", "Numbers of the curves")
    return element(
        "div",
        _table("Results of this run", ("Points", "Cross-entropy", "Accuracy"), _result(trained)),
        reveal,
        element("details", numbers, _losses(trained), class_="pg-more"),
        class_="pg-results",
    )


def _result(trained):
    rows = [
        (name, format_loss(part["cross_entropy"], 3), format_percent(part["accuracy"]))
        for name, part in (("Training", trained.train), ("Validation", trained.val))
    ]
    loss, accuracy = (trained.val[of] - trained.train[of] for of in ("cross_entropy", "accuracy"))
    points = f"{format_change(-100 * accuracy, 1)} points"
    return [*rows, ("Validation is worse by", format_change(loss), points)]


def _losses(trained):
    last = len(trained.val_loss)
    spread = (1 + round((last - 1) * i / (TABLE_ROWS - 1)) for i in range(TABLE_ROWS))
    rows = [
        (format_number(i), format_loss(trained.train_loss[i - 1]),
         format_loss(trained.val_loss[i - 1]))
        for i in sorted({trained.best_epoch or 1, last, *spread})
    ]  # fmt: skip
    return _table("Cross-entropy over the epochs", ("Epoch", "Training", "Validation"), rows)


def _table(caption, columns, rows):
    head = element("tr", *(element("th", text, scope="col") for text in columns))
    body = (
        element(
            "tr",
            element("th", escape(row[0]), scope="row"),
            *(element("td", escape(text)) for text in row[1:]),
        )
        for row in rows
    )
    return element(
        "table", element("caption", caption), element("thead", head), element("tbody", *body),
        class_="pg-table",
    )  # fmt: skip


# The picture of a notebook


def picture(figure_style, **settings):
    """Return both figures and their legends as one SVG, in light colors."""
    _, figures = run(**settings)
    placed = [
        figure.replace("<svg ", f'<svg x="{366 * i}" y="0" width="350" height="268" ', 1)
        for i, figure in enumerate(figures)
    ]
    places = [(48, 285), (48, 303), (245, 285), (414, 285), (505, 285), (605, 285)]
    entries = [entry for legend in LEGENDS for entry in legend if entry[1] != "previous run"]
    keys = [
        element(
            "g",
            legend_key(look),
            element("text", text, x=32, y=11),
            transform=f"translate({x} {y - 12})",
        )
        for (look, text), (x, y) in zip(entries, places, strict=True)
    ]
    return element(
        "svg",
        element("style", figure_style),
        element("rect", width=716, height=312, fill="#ffffff"),
        *placed,
        element("g", *keys, font_size=12, font_family="system-ui, sans-serif"),
        xmlns="http://www.w3.org/2000/svg", class_="playground pg-svg", viewBox="0 0 716 312",
        width=716, height=312,
    )  # fmt: skip
