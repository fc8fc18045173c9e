"""A small network in plain NumPy, trained and logged as Keras would.

All weights lie in one array, so that an optimizer's step is a few calls; the layers are views.
"""

import itertools

import numpy as np

POINTS = 150  # of a fresh curve, at least where there are as many epochs


def initialize(rng, widths, settings):
    """Return the flat weights, and views of them: a matrix and a row of biases a layer."""
    sizes = list(itertools.pairwise(widths))
    flat = np.zeros(sum(a * b + b for a, b in sizes), "float32")
    views = views_of(flat, sizes)
    for (matrix, bias), (a, b) in zip(views, sizes, strict=True):
        matrix[:] = rng.standard_normal((a, b)) * np.sqrt(2 / a if b != widths[-1] else 1 / a)
        if settings["fault"] == "dead units" and b != widths[-1]:
            bias[:] = -30
    return flat, views, sizes


def views_of(flat, sizes):
    views, at = [], 0
    for a, b in sizes:
        views.append((flat[at : at + a * b].reshape(a, b), flat[at + a * b : at + a * b + b]))
        at += a * b + b
    return views


def forward(views, x, rng=None, dropout=0.0):
    """Return the activations of all layers; with `rng` in training mode."""
    activations = [x]
    for matrix, bias in views[:-1]:
        x = np.maximum(x @ matrix + bias, 0)
        if rng is not None and dropout:
            x *= (rng.random(x.shape, dtype="float32") >= dropout) / np.float32(1 - dropout)
        activations.append(x)
    matrix, bias = views[-1]
    return [*activations, x @ matrix + bias]


def loss_of(outputs, y, classes):
    """Return mean loss, score and the gradient at the outputs."""
    n = len(y)
    if classes == 0:
        error = outputs[:, 0] - y
        return float(np.mean(error.astype(float) ** 2)), np.nan, (2 / n * error)[:, None]
    top = outputs.max(axis=1, keepdims=True)
    powers = np.exp(outputs - top)
    total = powers.sum(axis=1, keepdims=True)
    losses = np.log(total[:, 0]) + top[:, 0] - outputs[np.arange(n), y]
    gradient = powers / total
    right = float(np.mean(outputs.argmax(axis=1) == y))
    gradient[np.arange(n), y] -= 1
    return float(losses.mean(dtype=float)), right, gradient / np.float32(n)


def backward(views, slopes, activations, gradient, l2, dropout):
    """Write the gradient of the loss with its penalty into the views `slopes`."""
    for layer in reversed(range(len(views))):
        matrix, _ = views[layer]
        slopes[layer][0][:] = activations[layer].T @ gradient + 2 * l2 * matrix
        slopes[layer][1][:] = gradient.sum(axis=0)
        if layer:
            gradient = (gradient @ matrix.T) * (activations[layer] > 0)
            if dropout:
                gradient /= 1 - dropout


def optimizer(settings, size):
    """Return a function that takes a step down the slope, in place."""
    first, second = np.zeros(size, "float32"), np.zeros(size, "float32")
    steps = [0]

    def adam(flat, slope, rate):
        steps[0] += 1
        first[:] = 0.9 * first + 0.1 * slope
        second[:] = 0.999 * second + 0.001 * slope * slope
        rate *= np.sqrt(1 - 0.999 ** steps[0]) / (1 - 0.9 ** steps[0])
        flat -= np.float32(rate) * first / (np.sqrt(second) + np.float32(1e-7))

    def momentum(flat, slope, rate):
        first[:] = 0.9 * first - np.float32(rate) * slope
        flat += first

    return adam if settings["optimizer"] == "adam" else momentum


def rate_at(settings, epoch):
    """Return the learning rate of an epoch, counted from 0."""
    share = epoch / settings["epochs"]
    factors = {
        "constant": 1.0,
        "cosine": 0.5 * (1 + np.cos(np.pi * share)),
        "steps": 0.1 ** int(3 * share),
        "frozen": 1.0 if share < 0.3 else 1e-4,
        "growing": 1000.0**share,
    }
    return settings["rate"] * factors[settings["schedule"]]


def check_points(settings):
    """Return the epochs, counted from 1, at which the truth is measured."""
    points = 4 * POINTS if settings["stop"] else POINTS
    epochs = settings["epochs"]
    return {*range(1, epochs + 1, max(1, epochs // points)), epochs}


def thin(curves):
    """Keep some POINTS points of the truth, the first and the last among them."""
    step = max(1, len(curves) // POINTS)
    return curves[::step] + ([] if (len(curves) - 1) % step == 0 else curves[-1:])


def train(rng, parts, settings):
    """Train one network; return its log, by epoch, and the curves of its truth."""
    classes = settings["classes"]
    floats = [a.astype("float32") for a in parts[:6:2]]
    targets = [a.astype("float32" if classes == 0 else int) for a in parts[1:6:2]]
    (x, x_val, x_fresh), (y, y_val, y_fresh) = floats, targets
    flat, views, sizes = initialize(
        rng, [x.shape[1], *settings["hidden"], max(classes, 1)], settings
    )
    slope = np.zeros_like(flat)
    slopes, step = views_of(slope, sizes), optimizer(settings, len(flat))
    wanted = check_points(settings)
    if settings["fault"] == "trained on validation":
        for _ in range(150):
            run_epoch(rng, views, slopes, flat, slope, step, x_val, y_val, 0.003, settings)
    log, curves, best, waited = [], [], np.inf, 0
    for epoch in range(settings["epochs"]):
        rate = rate_at(settings, epoch)
        loss, right = run_epoch(rng, views, slopes, flat, slope, step, x, y, rate, settings)
        row = {"epoch": epoch, "loss": loss, "accuracy": right}
        if (epoch + 1) % settings["every"] == 0:
            val_loss, row["val_accuracy"], _ = loss_of(forward(views, x_val)[-1], y_val, classes)
            row["val_loss"] = val_loss + logged_penalty(views, settings)
            best, waited = (row["val_loss"], 0) if row["val_loss"] < best else (best, waited + 1)
        log.append(row)
        stopped = bool(settings["stop"]) and waited >= settings["stop"]
        if epoch + 1 in wanted or stopped:
            fresh, inference = (
                loss_of(forward(views, a)[-1], b, classes)[0]
                for a, b in ((x_fresh, y_fresh), (x, y))
            )
            curves.append((epoch + 1, fresh, inference))
        if stopped:
            break
    return log, thin(curves)


def run_epoch(rng, views, slopes, flat, slope, step, x, y, rate, settings):
    """Take an epoch's steps; return the mean loss, with a logged penalty, and the accuracy."""
    n = len(x)
    size = settings["batch"] or n
    order = rng.permutation(n)
    sums = np.zeros(2)
    for start in range(0, n, size):
        rows = order[start : start + size]
        inputs = x[rows]
        if settings["input_noise"]:
            noise = rng.standard_normal(inputs.shape, dtype="float32")
            inputs = inputs + np.float32(settings["input_noise"]) * noise
        activations = forward(views, inputs, rng, settings["dropout"])
        loss, right, gradient = loss_of(activations[-1], y[rows], settings["classes"])
        sums += len(rows) * np.array([loss + logged_penalty(views, settings), right])
        backward(views, slopes, activations, gradient, settings["l2"], settings["dropout"])
        step(flat, slope, rate)
    return sums / n


def logged_penalty(views, settings):
    if not (settings["l2"] and settings["logs_penalty"]):
        return 0.0
    return settings["l2"] * sum(float((matrix.astype(float) ** 2).sum()) for matrix, _ in views)
