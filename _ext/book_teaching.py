"""What the pages for teachers need: curves of real runs, their diagnosis, and reading times.

```{run-curves} cnn-000             a picture of the losses of this run
:alt: Two curves ...                what it shows, in words
:best:                              with a dot at the lowest validation loss
```
```{run-diagnosis} cnn-000          what `diagnose` says of it
```
```{section-times}                  minutes for each section of each chapter
```
"""

from functools import cache
from html import escape
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from helpers.diagnosis import diagnose, runs
from helpers.playground import drawing
import numpy as np
from reading_times import section_times
from sphinx.util.docutils import SphinxDirective
from static_files import provide

STYLE = Path(__file__).with_name("sheets.css")  # not in _static: all pages load what stands there
STYLED = ('class="run-curves"', 'class="section-times"')


def setup(app):
    """Name the directives."""
    app.add_directive("run-curves", RunCurves)
    app.add_directive("run-diagnosis", RunDiagnosis)
    app.add_directive("section-times", SectionTimes)
    provide(app, STYLE)
    app.connect("html-page-context", _add_style)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _add_style(app, pagename, templatename, context, doctree):
    """Put the style into the pages that need it, and no other."""
    if any(name in context.get("body", "") for name in STYLED):
        app.add_css_file(STYLE.name)


@cache
def _known():
    return {run.id: run for run in runs.runs("all")}


def find(name):
    """Return the run of this name.

    Raises
    ------
    ValueError
        If there is no such run among those that the diagnosis was judged on.
    """
    if name not in _known():
        raise ValueError(f"{name} is not a run of helpers/diagnosis/runs.json.gz: name another")
    return _known()[name]


def losses(run):
    """Return the training and the validation loss of a run; what was not logged is nan."""
    return [
        np.array([np.nan if each is None else each for each in run.history[name]], float)
        for name in ("loss", "val_loss")
    ]


def picture(run, alt, best=False):
    """Return the losses of a run as SVG, as the live figures draw theirs.

    alt: what it shows, in words. best: with a dot at the lowest validation loss.
    """
    train, val = losses(run)
    epochs = np.array(run.history["epoch"]) + 1  # a log may hold every other epoch only
    reach, limit = int(epochs[-1]), drawing.loss_limit(train, val)[0]
    along, to_y = drawing.horizontal(0, reach), drawing.vertical(0, limit)

    def to_x(row):
        return along(int(epochs[row - 1]))

    shown = [
        drawing.path(f"pg-curve pg-of-{part}", drawing.curve_path(values, to_x, to_y))
        for part, values in (("train", train), ("val", val))
    ]
    over = []
    if best:
        at = int(np.nanargmin(val))
        place = {"cx": to_x(at + 1), "cy": to_y(float(val[at]))}
        over.append(drawing.element("circle", class_="pg-best", r=4.5, **place))
    x_ticks, y_ticks = drawing.ticks(0, reach, along, 4), drawing.ticks(0, limit, to_y)
    return drawing.frame(
        escape(alt),
        drawing.axes(x_ticks, y_ticks, "epoch", "loss", lines=True),
        drawing.inside(*shown),
        *over,
    )


class RunDirective(SphinxDirective):
    """A directive about one run; an unknown one is an error that names its line."""

    required_arguments = 1

    def run(self):
        """Return what stands in the directive's place."""
        self.env.note_dependency(str(runs.FILE))
        try:
            return self.of(find(self.arguments[0]))
        except ValueError as error:
            raise self.error(str(error)) from error


class RunCurves(RunDirective):
    """The losses of a run as a picture."""

    option_spec = {"alt": directives.unchanged_required, "best": directives.flag}

    def of(self, run):
        """Return the picture."""
        if not self.options.get("alt"):
            raise ValueError(f"the curves of {run.id} need a line `:alt:` that says what they show")
        svg = picture(run, self.options["alt"], "best" in self.options)
        return [nodes.raw("", f'<div class="run-curves">{svg}</div>', format="html")]


class RunDiagnosis(RunDirective):
    """What `diagnose` says of a run."""

    def of(self, run):
        """Return its first verdict with its confidence and its sentence, as a quotation."""
        found = diagnose(run.history, n_val=run.n_val)
        first = found.verdicts[0]
        words = f" ({first.confidence} confidence). {first.sentence}"
        said = nodes.paragraph("", "", nodes.strong("", first.name), nodes.Text(words))
        return [nodes.block_quote("", said)]


class SectionTimes(SphinxDirective):
    """Minutes for each section of each numbered chapter."""

    def run(self):
        """Return a list of chapters, each with its sections folded into a line."""
        folder = Path(self.env.srcdir, "chapters")
        rows = []
        for number, notebook in enumerate(sorted(folder.glob("0*.ipynb")), 1):
            self.env.note_dependency(str(notebook))
            title, sections = section_times(notebook)
            rows.append(_row(f"{number}. {title}", notebook.stem, sections))
        return [nodes.raw("", "".join(rows), format="html")]


def _row(title, page, sections):
    exercises = sections.get("Exercises", 0)
    reading = sum(sections.values()) - exercises
    lines = "".join(f"<li>{escape(name)}: {minutes}</li>" for name, minutes in sections.items())
    return (
        f'<details class="section-times"><summary>{escape(title)}: {reading} minutes, '
        f"and {exercises} for the exercises</summary><ul>{lines}</ul>"
        f'<p><a href="{page}.html">Open the chapter</a></p></details>'
    )
