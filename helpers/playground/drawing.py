"""The playground's pictures, drawn as the page's scripts draw them: SVG in the same classes.

A test compares both.
"""

import base64
import io
import math

import contourpy
from helpers.playground.formats import format_loss, format_number, format_percent
import numpy as np
from PIL import Image

WIDTH, HEIGHT = 350, 268
LEFT, TOP, RIGHT, BOTTOM = 48, 10, 340, 226  # of what lies inside the axes
CLASS_COLORS = np.array([[86, 180, 233], [230, 159, 0]])
LABEL = 120  # the widest label of an epoch with its distance from the line
MOST_PIECES = 300  # a curve of more epochs is drawn by the lowest and highest of each piece


def element(tag, *children, **attributes):
    """Return an element as text; underscores in the names of attributes stand for hyphens."""
    names = {name: name.rstrip("_").replace("_", "-") for name in attributes}
    given = "".join(f' {names[name]}="{value}"' for name, value in attributes.items())
    return f"<{tag}{given}>{''.join(children)}</{tag}>"


def path(look, d):
    """Return a path of a class."""
    return element("path", class_=look, d=d)


def plane(run, settings):
    """Return the left picture: points, shading and boundary of a reference run."""
    (x0, x1), (y0, y1) = limits = extent(settings)
    to_x, to_y = horizontal(x0, x1), vertical(y0, y1)
    field = probabilities(run, settings, limits)
    rows, columns = field.shape
    marks = [
        mark(to_x(x), to_y(y), label, part)
        for part, xs, ys in (
            ("val", run.x_val, run.y_val),
            ("train", run.x_train, run.y_train),
        )
        for (x, y), label in zip(xs, ys.ravel(), strict=True)
    ]
    lines = [
        [(x0 + (x1 - x0) * c / (columns - 1), y0 + (y1 - y0) * r / (rows - 1)) for c, r in line]
        for line in contourpy.contour_generator(z=field).lines(0.5)
    ]
    boundary = [line_path(line, to_x, to_y) for line in lines]
    looks = [path(look, d) for look in ("pg-boundary-edge", "pg-boundary") for d in boundary]
    return frame(
        plane_label(run, settings),
        axes(ticks(x0, x1, to_x), ticks(y0, y1, to_y), "first input", "second input"),
        inside(shading(field), *marks, *looks),
    )


def curves(run):
    """Return the right picture: the losses of a reference run."""
    reach = max(len(run.val_loss), 2)
    limit, cut = loss_limit(run.train_loss, run.val_loss)
    to_x, to_y = horizontal(0, reach), vertical(0, limit)
    shown = [
        path(f"pg-curve pg-of-{part}", curve_path(losses, to_x, to_y))
        for part, losses in (("train", run.train_loss), ("val", run.val_loss))
    ]
    over = []  # what the frame must not cut
    if run.stopped_epoch:
        label = f"stopped: epoch {format_number(run.stopped_epoch)}"
        at = to_x(run.stopped_epoch)
        row = free_row(at, (run.train_loss, run.val_loss), to_x, to_y)
        shown += epoch_mark(at, label, row)
    if run.best_epoch:
        best = to_x(run.best_epoch), to_y(float(run.val_loss[run.best_epoch - 1]))
        shown += epoch_mark(best[0], f"best: epoch {format_number(run.best_epoch)}", 0)
        over.append(element("circle", class_="pg-best", cx=best[0], cy=best[1], r=4.5))
    if cut:
        text = f"↑ up to {format_number(float(f'{cut:.2g}'))}"
        shown.append(element("text", text, class_="pg-mark-text", x=LEFT + 6, y=TOP + 42))
    return frame(
        curves_label(run),
        axes(
            ticks(0, reach, to_x, 4), ticks(0, limit, to_y),
            "epoch", "cross-entropy (nats)", lines=True,
        ),
        inside(*shown),
        *over,
    )  # fmt: skip


def frame(label, *children):
    """Return a picture with its text alternative."""
    view = f"0 0 {WIDTH} {HEIGHT}"
    return element(
        "svg", *children, viewBox=view, role="img", class_="pg-svg", aria_label=label,
        xmlns="http://www.w3.org/2000/svg",
    )  # fmt: skip


def inside(*children):
    """What is drawn inside stays inside the axes."""
    box = {"x": LEFT, "y": TOP, "width": RIGHT - LEFT, "height": BOTTOM - TOP}
    view = " ".join(map(str, box.values()))
    return element("svg", *children, **box, viewBox=view, class_="pg-inside")


# Axes


def scale(start, stop, at, length):
    """Return what takes a value from start to stop to a place from `at` on."""
    return lambda value: at + length * (value - start) / (stop - start)


def horizontal(start, stop):
    """Return the scale of the first axis."""
    return scale(start, stop, LEFT, RIGHT - LEFT)


def vertical(start, stop):
    """Return the scale of the second axis."""
    return scale(start, stop, BOTTOM, TOP - BOTTOM)


def nice_ticks(start, stop, about):
    """Round numbers between two numbers, about as many as asked for."""
    rough = (stop - start) / about
    power = 10 ** math.floor(math.log10(rough))
    step = power * next(times for times in (1, 2, 5, 10) if times * power >= rough * 0.999)
    first, last = math.ceil(start / step - 1e-9), math.floor(stop * (1 + 1e-9) / step)
    return [float(f"{i * step:.12g}") for i in range(first, last + 1)]


def ticks(start, stop, to, about=5):
    """Return (place, text) of each tick."""
    return [
        (to(value), format_number(value).replace("-", "\N{MINUS SIGN}"))
        for value in nice_ticks(start, stop, about)
    ]


def axes(x_ticks, y_ticks, x_label, y_label, lines=False):
    """Return both axes with ticks and labels; with thin lines across for curves."""
    drawn = []
    for at, text in y_ticks:
        if lines:
            drawn.append(path("pg-line-across", f"M{LEFT} {at}H{RIGHT}"))
        drawn.append(element("path", d=f"M{LEFT - 4} {at}h4"))
        drawn.append(element("text", text, x=LEFT - 6, y=at + 4, text_anchor="end"))
    for at, text in x_ticks:
        last = at > RIGHT - 12 and len(text) > 2  # a long last number stays inside the picture
        drawn.append(element("path", d=f"M{at} {BOTTOM}v4"))
        place = {"x": RIGHT + 6 if last else at, "text_anchor": "end" if last else "middle"}
        drawn.append(element("text", text, y=BOTTOM + 16, **place))
    drawn.append(element("path", d=f"M{LEFT} {TOP}V{BOTTOM}H{RIGHT}"))
    center, middle = (LEFT + RIGHT) / 2, (TOP + BOTTOM) / 2
    drawn.append(element("text", x_label, x=center, y=HEIGHT - 7, text_anchor="middle"))
    turned = f"rotate(-90 12 {middle})"
    drawn.append(element("text", y_label, x=12, y=middle, text_anchor="middle", transform=turned))
    return element("g", *drawn, class_="pg-axes")


# The plane


def extent(settings):
    """The part of the plane that holds nearly all points; more noise needs more room."""
    dataset, room = settings["dataset"], 2.5 * max(0, settings["noise"] - 0.2)
    if dataset == "moons":
        return (-1.9 - room, 2.9 + room), (-1.5 - room, 2 + room)
    reach = (2.2 if dataset == "spiral" else 1.6) + room
    across = reach * (RIGHT - LEFT) / (BOTTOM - TOP)
    return (-across, across), (-reach, reach)


def probabilities(run, settings, limits):
    """What the network predicts on a grid over the plane, row by row from below."""
    width = settings["width"]
    products = 4 * width if settings["depth"] == 1 else width * width
    rows = min(72, max(24, math.floor(math.sqrt(4e7 / products / 1.35) + 0.5)))
    columns = math.floor(rows * 1.35 + 0.5)
    (x0, x1), (y0, y1) = limits
    x = np.linspace(x0, x1, columns, dtype="float32")
    y = np.linspace(y0, y1, rows, dtype="float32")
    grid = np.stack(np.meshgrid(x, y), axis=-1)
    return np.asarray(run.predict(grid.reshape(-1, 2))).reshape(rows, columns)


def shading(field):
    """The field as a small picture that the browser enlarges and smooths, clear where p is 1/2."""
    rows, columns = field.shape
    pixels = np.empty((rows, columns, 4), "uint8")
    pixels[..., :3] = CLASS_COLORS[(field > 0.5).astype(int)]
    pixels[..., 3] = np.round(255 * 0.55 * np.abs(2 * field - 1))
    file = io.BytesIO()
    Image.fromarray(pixels[::-1]).save(file, "png", optimize=True)
    source = base64.b64encode(file.getvalue()).decode()
    # The outer grid points lie on the frame, so the outer half pixels stick out.
    wide, high = (RIGHT - LEFT) / (columns - 1), (BOTTOM - TOP) / (rows - 1)
    return element(
        "image", x=LEFT - wide / 2, y=TOP - high / 2, width=wide * columns, height=high * rows,
        preserveAspectRatio="none", aria_hidden="true", href=f"data:image/png;base64,{source}",
    )  # fmt: skip


def line_path(points, to_x, to_y):
    """Return the path through points."""
    return "M" + "L".join(f"{to_x(x):.1f} {to_y(y):.1f}" for x, y in points)


def mark(x, y, label, part):
    """A point: a circle for class 0, a triangle for class 1; smaller and empty for validation."""
    size = 4.4 if part == "train" else 3.1
    look = f"pg-point pg-{part} pg-class-{int(label)}"
    if not label:
        return element("circle", class_=look, cx=f"{x:.1f}", cy=f"{y:.1f}", r=size)
    half, up, down = 1.15 * size, 1.3 * size, 0.8 * size
    return path(look, f"M{x:.1f} {y - up:.1f}l{half:.2f} {up + down:.2f}h{-2 * half:.2f}z")


def plane_label(run, settings):
    """Return the text alternative of the left picture."""
    train, val = (format_percent(part["accuracy"]) for part in (run.train, run.val))
    return (
        f"Decision boundary among the points ({settings['dataset']}): "
        f"{format_number(len(run.x_train))} to train, {format_number(len(run.x_val))} to validate, "
        f"two classes. The network is right on {train} of the former and {val} of the latter."
    )


# The curves


def loss_limit(*curves):
    """The upper end of the axis, and the highest loss if that lies above."""
    losses = np.concatenate(curves).astype("float64")
    highest = max([0.1, *losses[np.isfinite(losses)]])
    first = max([0.7, *(float(curve[0]) for curve in curves if np.isfinite(curve[0]))])
    limit = min(highest, 20 * first)
    return 1.04 * limit, highest if highest > limit else None


def curve_path(losses, to_x, to_y):
    """Return the path of a curve, by the lowest and highest of each piece."""
    piece = math.ceil(len(losses) / MOST_PIECES)
    line = []
    for start in range(0, len(losses), piece):
        part = [i for i in range(start, min(start + piece, len(losses))) if np.isfinite(losses[i])]
        if part:
            ends = {min(part, key=losses.__getitem__), max(part, key=losses.__getitem__)}
            line += [(i + 1, min(float(losses[i]), 1e6)) for i in sorted(ends)]
    return line_path(line, to_x, to_y) if line else ""


def is_late(at):
    """Whether the label of an epoch stands before its line."""
    return at > LEFT + 0.55 * (RIGHT - LEFT)


def free_row(at, curves, to_x, to_y):
    """Return the first row below the top one in which no curve crosses a label at this place."""
    start, stop = (at - LABEL, at) if is_late(at) else (at, at + LABEL)
    heights = [
        to_y(float(loss))
        for losses in curves
        for i, loss in enumerate(losses)
        if start <= to_x(i + 1) <= stop
    ]
    for row in range(1, 13):
        base = TOP + 12 + 15 * row
        if not any(base - 14 < y < base + 6 for y in heights):
            return row
    return 1


def epoch_mark(at, label, row):
    """A vertical line at an epoch with a label that stays inside the picture."""
    end = is_late(at)
    place = {"x": at + (-5 if end else 5), "y": TOP + 12 + 15 * row}
    anchor = "end" if end else "start"
    text = element("text", label, class_="pg-mark-text", **place, text_anchor=anchor)
    return [path("pg-mark", f"M{at} {TOP}v{BOTTOM - TOP}"), text]


def curves_label(run):
    """Return the text alternative of the right picture."""
    train, val = run.train_loss, run.val_loss
    best = run.best_epoch
    lowest = f", lowest {format_loss(val[best - 1])} at epoch {format_number(best)}" if best else ""
    stopped = run.stopped_epoch
    end = f" Early stopping ended it at epoch {format_number(stopped)}." if stopped else ""
    return (
        f"Cross-entropy from epoch 1 to {format_number(len(val))}: "
        f"training from {format_loss(train[0])} to {format_loss(train[-1])}, "
        f"validation from {format_loss(val[0])} to {format_loss(val[-1])}{lowest}.{end}"
    )


LEGENDS = (
    (
        ("points", "training: class 0, class 1"),
        ("held", "validation: class 0, class 1"),
        ("boundary", "boundary, p = 0.5"),
        ("ghost", "previous run"),
    ),
    (
        ("train", "training"),
        ("val", "validation"),
        ("best", "best epoch"),
        ("old", "previous run"),
    ),
)


def legend_key(look):
    """A small drawing for the legend, in the same classes as the picture itself."""
    if look in ("points", "held"):
        part = "train" if look == "points" else "val"
        return mark(7, 7, 0, part) + mark(20, 7, 1, part)
    if look == "best":
        return element("circle", class_="pg-best", cx=13, cy=7, r=4.5)
    if look == "old":
        ghost = "pg-curve pg-ghost pg-of-"
        return path(f"{ghost}train", "M1 4H25") + path(f"{ghost}val", "M1 10H25")
    looks = {
        "boundary": "pg-boundary",
        "ghost": "pg-boundary pg-ghost",
        "train": "pg-curve pg-of-train",
        "val": "pg-curve pg-of-val",
    }
    return path(looks[look], "M1 7H25")
