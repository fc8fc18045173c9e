"""The picture of a playground where nothing runs: the same network, trained by Keras."""

from functools import lru_cache
import io

from helpers import plots
from helpers.playground.network import build
from helpers.training import fit, predict
import keras
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
import numpy as np

N_VAL = 70


@lru_cache(maxsize=8)
def picture(**settings):
    """Return a PNG of the decision boundary and the curves that these settings end in."""
    rng = np.random.default_rng(settings["data_seed"])
    x, y = draw(settings["dataset"], settings["noise"], settings["n_train"], rng)
    validation = draw(settings["dataset"], settings["noise"], N_VAL, rng)
    wrong = rng.permutation(len(y))[: round(settings["label_noise"] * len(y))]
    y[wrong] = 1 - y[wrong]
    keras.utils.set_random_seed(settings["weights_seed"])
    model = build(**{name: settings[name] for name in ("width", "depth", "dropout", "l2")})
    logs = fit(
        model, x, y, batch_size=len(x), epochs=settings["epochs"], validation_data=validation,
        also_evaluate={"train": (x, y)}, callbacks=_stopping(**settings),
    ).history  # fmt: skip
    figure = Figure(figsize=(8, 3.6), dpi=80, layout="constrained", facecolor="white")
    left, right = figure.subplots(1, 2)
    plots.boundary(lambda plane: predict(model, plane), ax=left, resolution=100)
    plots.points(*validation, part="validation", ax=left)
    plots.points(x, y, ax=left)
    plots.curves(logs, "cross_entropy", ax=right, label="cross-entropy (nats)")
    right.set_ylim(bottom=0)
    FigureCanvasAgg(figure).print_png(png := io.BytesIO())
    return png.getvalue()


def draw(dataset, noise, n, rng):
    """Draw n points of a data set, the classes by turns, as engine.js does."""
    label = np.arange(n) % 2
    u, v = rng.random((2, n))
    sign = 1 - 2 * label
    if dataset == "moons":
        x = np.stack([np.cos(np.pi * u), np.sin(np.pi * u)]) * sign + label * [[1], [0.5]]
    elif dataset == "circles":
        x = (1 - label / 2) * [np.cos(2 * np.pi * u), np.sin(2 * np.pi * u)]
    elif dataset == "xor":
        x = np.stack([2 * u - 1, np.sign(2 * u - 1) * sign * v])
    else:
        radius, angle = 0.2 + 1.5 * u, 2.5 * np.pi * u + np.pi * label
        x = radius * [np.cos(angle), np.sin(angle)]
    x = x.T + rng.normal(0, noise, (n, 2))
    return x.astype("float32"), label.astype("float32").reshape(-1, 1)


def _stopping(patience, min_delta, restore, **_):
    if patience is None:
        return ()
    return keras.callbacks.EarlyStopping(
        "val_cross_entropy", min_delta, patience, mode="min", restore_best_weights=restore
    )
