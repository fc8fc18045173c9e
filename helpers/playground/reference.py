"""The playground's network in NumPy: the readable twin of engine.js, number for number.

A test holds the two to each other. They draw the same points, weights and masks, and train the
same way; their losses differ by rounding alone.
"""

from dataclasses import dataclass
from itertools import count, islice, repeat
from types import SimpleNamespace

from helpers.playground.knobs import complete
import numpy as np

PURPOSES = ("train", "val", "test", "flips", "kernel1", "kernel2", "output", "masks")
FIRST, FIRST_MASK = 2**24, 2**25  # where counting begins; keys are of numbers below 2**23
LEARNING_RATE, BETA_1, BETA_2, EPSILON = 0.001, 0.9, 0.999, 1e-7  # of Adam, as in Keras


@dataclass(frozen=True)
class Run:
    """A finished run.

    Attributes
    ----------
    x_train, y_train, x_val, y_val : float32 arrays of shapes (n, 2) and (n, 1)
        The points, with the labels that the network is given.
    train_loss, val_loss : float32 arrays
        Cross-entropy in nats after each epoch, in inference mode, without the penalty.
    best_epoch : int
        The epoch of the lowest validation loss, counted from 1; 0 if there is none.
    stopped_epoch, restored_epoch : int or None
        Where early stopping ended the run, and whose weights it went back to.
    diverged : bool
        Whether a loss that is not finite ended the run.
    weights : list of float32 arrays
        In Keras' order and shapes.
    train, val : dict
        The `cross_entropy` and `accuracy` that the run ends in.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_val: np.ndarray
    y_val: np.ndarray
    train_loss: np.ndarray
    val_loss: np.ndarray
    best_epoch: int
    stopped_epoch: int | None
    restored_epoch: int | None
    diverged: bool
    weights: list
    train: dict
    val: dict

    def predict(self, x):
        """Return the probability of class 1 at points of shape (n, 2): n numbers."""
        return sigmoid(forward(self.weights, np.asarray(x, dtype="float64"))[0])


def run(**settings):
    """Train a network with the settings and defaults of `Playground`; return its `Run`.

    Raises
    ------
    ValueError
        If there is no such setting, or one is out of its range.
    """
    s = SimpleNamespace(**complete(settings))
    parts = points(s.dataset, s.noise, s.label_noise, s.n_train, s.data_seed)
    shape = (s.width, s.depth)
    masks = drop(s.weights_seed, s.dropout, s.n_train, *shape) if s.dropout else repeat(None)
    steps = training(*parts[0], initial(s.weights_seed, *shape), masks, s.l2)
    with np.errstate(over="ignore", invalid="ignore"):
        ended = follow(islice(steps, s.epochs), parts, s.patience, s.min_delta, s.restore)
        train, val = (evaluate(ended["weights"], *part) for part in parts)
        ended["weights"] = [w.astype("float32") for w in ended["weights"]]
    (x_train, y_train), (x_val, y_val) = ((x.astype("float32"), y[:, None]) for x, y in parts)
    return Run(x_train, y_train, x_val, y_val, **ended, train=train, val=val)


def training(x, y, weights, masks, l2):
    """Train on all points at once, with Adam; yield the weights after each epoch."""
    weights = list(weights)
    means, squares = ([np.zeros_like(w) for w in weights] for _ in range(2))
    for epoch, mask in enumerate(masks, 1):
        logits, outputs = forward(weights, x, mask)
        gradients = backward(weights, outputs, mask, (sigmoid(logits) - y) / len(y), l2)
        rate = LEARNING_RATE * np.sqrt(1 - BETA_2**epoch) / (1 - BETA_1**epoch)
        for i, gradient in enumerate(gradients):
            means[i] += (gradient - means[i]) * (1 - BETA_1)
            squares[i] += (gradient**2 - squares[i]) * (1 - BETA_2)
            weights[i] = weights[i] - rate * means[i] / (np.sqrt(squares[i]) + EPSILON)
        yield list(weights)


def forward(weights, x, masks=None):
    """Return the logits and what each layer takes in; with masks as in training."""
    inputs = [x]
    for layer in range(len(weights) // 2 - 1):
        kernel, bias = weights[2 * layer : 2 * layer + 2]
        outputs = np.maximum(inputs[-1] @ kernel + bias, 0)
        inputs.append(outputs if masks is None else outputs * masks[layer])
    return (inputs[-1] @ weights[-2] + weights[-1]).ravel(), inputs


def backward(weights, inputs, masks, slope, l2):
    """Return the gradients of loss and penalty; slope is the loss's by each point's logit."""
    gradients, slope = [], slope[:, None]
    for layer in reversed(range(len(inputs))):
        kernel = weights[2 * layer]
        penalty = 2 * l2 * kernel if l2 and layer < len(inputs) - 1 else 0
        gradients[:0] = [inputs[layer].T @ slope + penalty, slope.sum(axis=0)]
        if layer:
            slope = slope @ kernel.T * (inputs[layer] > 0)
            slope = slope if masks is None else slope * masks[layer - 1]
    return gradients


def follow(steps, parts, patience, min_delta, restore):
    """Take the steps, with Keras' EarlyStopping if there is a patience; return how they end."""
    losses, target, kept, restored, stopped, diverged = [], np.inf, None, None, None, False
    for epoch, weights in enumerate(steps, 1):
        losses.append([np.float32(cross_entropy(forward(weights, x)[0], y)) for x, y in parts])
        diverged, value = not np.isfinite(losses[-1]).all(), losses[-1][1]
        if patience and (epoch == 1 or np.float32(float(value) + min_delta) < target):
            target, kept, restored = value, weights, epoch
        elif patience and epoch - restored >= patience:
            stopped = epoch
        if diverged or stopped:
            break
    train_loss, val_loss = np.transpose(losses)
    known = np.where(np.isnan(val_loss), np.inf, val_loss)
    if not restore:
        restored = None
    return {
        "train_loss": train_loss, "val_loss": val_loss, "diverged": diverged,
        "best_epoch": int(known.argmin()) + 1 if known.min() < np.inf else 0,
        "stopped_epoch": stopped, "restored_epoch": restored,
        "weights": kept if restored else weights,
    }  # fmt: skip


def sigmoid(logits):
    """Return probabilities."""
    return 1 / (1 + np.exp(-logits))


def cross_entropy(logits, y):
    """Return its mean. From logits, as the logarithm of a rounded probability is inexact."""
    return (np.maximum(logits, 0) - y * logits + np.log1p(np.exp(-np.abs(logits)))).mean()


def evaluate(weights, x, y):
    """Return the scores of a network."""
    logits = forward(weights, x)[0]
    right = ((logits > 0) == (y == 1)).mean()
    return {"cross_entropy": float(cross_entropy(logits, y)), "accuracy": float(right)}


def initial(seed, width, depth):
    """Return Glorot's uniform kernels, and biases of 0."""
    shapes = {"kernel1": (2, width), "kernel2": (width, width), "output": (width, 1)}
    weights = []
    for purpose, shape in shapes.items():
        if purpose != "kernel2" or depth == 2:
            limit = np.sqrt(6 / sum(shape))
            kernel = limit * (2 * uniform(seed, purpose, np.prod(shape)) - 1)
            weights += [kernel.reshape(shape), np.zeros(shape[1])]
    return weights


def points(dataset, noise, label_noise, n_train, seed):
    """Draw training and validation points; flip a share of the training labels."""
    train, val = (draw(dataset, noise, n, seed, of) for n, of in ((n_train, "train"), (70, "val")))
    order = np.argsort(uniform(seed, "flips", n_train))
    wrong = order[: int(label_noise * n_train + 0.5)]
    train[1][wrong] = 1 - train[1][wrong]
    return train, val


def draw(dataset, noise, n, seed, purpose):
    """Draw n points of a data set, the classes by turns."""
    label = np.arange(n) % 2
    u, v, distance, direction = uniform(seed, purpose, 4 * n).reshape(n, 4).T
    if dataset == "moons":
        x, y = np.cos(np.pi * u), np.sin(np.pi * u)
        clean = np.where(label, [1 - x, 0.5 - y], [x, y])
    elif dataset == "circles":
        clean = np.where(label, 0.5, 1) * [np.cos(2 * np.pi * u), np.sin(2 * np.pi * u)]
    elif dataset == "xor":
        x = 2 * u - 1
        clean = np.stack([x, np.where((x > 0) == (label == 0), v, -v)])
    else:
        radius, angle = 0.2 + 1.5 * u, 2.5 * np.pi * u + np.pi * label
        clean = radius * [np.cos(angle), np.sin(angle)]
    radius, angle = noise * np.sqrt(-2 * np.log(1 - distance)), 2 * np.pi * direction
    x = clean + radius * np.stack([np.cos(angle), np.sin(angle)])  # Box and Muller's method
    return x.T.astype("float32").astype("float64"), label.astype("float32")


def drop(seed, rate, n, width, depth):
    """Yield the masks of the hidden layers for each step: 0, or 1 / (1 - rate) for what is kept."""
    threshold = int(rate * 65536 + 0.5)
    for bits in mask_numbers(seed, (depth, -(-n * width // 2))):
        kept = bits.view("<u2")[:, : n * width] >= threshold  # two masks from each number's halves
        yield kept.reshape(depth, width, n).swapaxes(1, 2) / (1 - rate)


# Random numbers. Number k of a stream is mix(mix(k) + key), each purpose with a key of its own.


def mix(x):
    """Hash uint32 to uint32, no two to the same one ("lowbias32", Wellons 2018)."""
    x = (x ^ (x >> 16)) * np.uint32(0x7FEB352D)
    x = (x ^ (x >> 15)) * np.uint32(0x846CA68B)
    return x ^ (x >> 16)


def numbers(seed, purpose, n, skip=0):
    """Return the next n numbers of a stream, uint32."""
    key = mix(np.array([8 * seed + PURPOSES.index(purpose)], dtype="uint32"))
    return mix(mix(np.arange(FIRST + skip, FIRST + skip + n, dtype="uint32")) + key)


def uniform(seed, purpose, n):
    """Return the same in [0, 1)."""
    return numbers(seed, purpose, n) / 2**32


def mask_numbers(seed, shape):
    """Yield an array of numbers for each step; each step has a key of its own."""
    places = mix(np.arange(FIRST_MASK, FIRST_MASK + np.prod(shape), dtype="uint32"))
    for step in count():
        yield mix(places + numbers(seed, "masks", 1, skip=step)).reshape(shape)
