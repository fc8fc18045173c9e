"""What is trained: each family draws the settings of its runs, from an rng and the run's number.

The two halves of a family hold the same kinds: what differs goes by `number // 2`.
"""

import numpy as np

MOST_STEPS = 25_000  # a run that would take more gets larger batches
DEFAULTS = {
    "n": 100,
    "n_val": 100,
    "noise": 0.2,
    "classes": 2,  # 0: regression
    "wrong": 0.0,  # share of wrong labels
    "wrong_in": "train",  # or "all": validation and fresh rows too
    "hidden": (100,),
    "optimizer": "adam",
    "rate": 0.003,
    "schedule": "constant",
    "batch": 32,  # 0: all rows
    "dropout": 0.0,
    "l2": 0.0,
    "logs_penalty": False,
    "input_noise": 0.0,
    "epochs": 200,
    "every": 1,  # epochs between two validations
    "first": 0,  # epochs cut off the log's start
    "stop": 0,  # patience of early stopping; 0: none
    "scores": True,
    "fault": "",
}


def pick(rng, *choices):
    return choices[int(rng.integers(len(choices)))]


def log_uniform(rng, low, high):
    return float(f"{np.exp(rng.uniform(np.log(low), np.log(high))):.3g}")


AIMS = (*2 * ["overfit"], *3 * ["improve"], *3 * ["gap"], "level", "any")
ROWS = {  # training rows: few, many
    "moons": ((20, 120), (200, 2000)),
    "circles": ((25, 150), (200, 2000)),
    "table": ((60, 500), (800, 4000)),
    "digits": ((60, 400), (300, 1000)),
    "breast_cancer": ((40, 150), (200, 330)),
    "curve": ((20, 100), (200, 2000)),
    "plane": ((50, 300), (500, 3000)),
    "diabetes": ((50, 150), (150, 280)),
}
MOST_VAL = {"digits": 300, "breast_cancer": 120, "diabetes": 80}


def draw_settings(rng, data, classes=2):
    """Draw settings that are likely to end in one of the verdicts, not sure to."""
    aim = pick(rng, *AIMS)
    few, many = ROWS[data]
    settings = {**DEFAULTS, "data": data, "classes": classes}
    settings |= {
        "n": int(log_uniform(rng, *(few if aim in ("overfit", "gap") else many))),
        "n_val": min(int(log_uniform(rng, 10, 1000)), MOST_VAL.get(data, 1000)),
        "noise": round(float(rng.uniform(0.1, 0.35)), 2),
        "optimizer": pick(rng, "adam", "adam", "sgd"),
        "batch": pick(rng, 0, 16, 32, 32, 64, 128),
        "scores": bool(rng.random() < 0.85),
    }
    settings |= AIMED[aim](rng)
    settings["rate"] *= 10.0 if settings["optimizer"] == "sgd" else 1.0
    return habits(rng, settings)


def aim_overfit(rng):
    return {
        "hidden": pick(rng, (100,), (200,), (300,), (64, 64), (100, 50)),
        "rate": log_uniform(rng, 0.001, 0.02),
        "epochs": int(log_uniform(rng, 100, 2000)),
        "wrong": pick(rng, 0.0, 0.0, 0.1, 0.2, 0.3),
        "wrong_in": pick(rng, "train", "all"),
        "dropout": pick(rng, 0.0, 0.0, 0.0, 0.3),
    }


def aim_improve(rng):
    return {
        "hidden": pick(rng, (3,), (20,), (50,), (100,), (32, 32)),
        "rate": log_uniform(rng, 0.0001, 0.002),
        "epochs": int(log_uniform(rng, 5, 150)),
        "dropout": pick(rng, 0.0, 0.0, 0.3),
        "l2": pick(rng, 0.0, 0.0, 0.001),
    }


def aim_level(rng):
    return {
        "hidden": pick(rng, (2,), (4,), (8,), (16,), (32,), (16, 16)),
        "rate": log_uniform(rng, 0.001, 0.02),
        "epochs": int(log_uniform(rng, 20, 600)),
        "schedule": pick(rng, "constant", "cosine", "frozen", "steps"),
        "wrong": pick(rng, 0.0, 0.0, 0.1),
        "wrong_in": pick(rng, "train", "all"),
        "l2": pick(rng, 0.0, 0.001, 0.01),
    }


def aim_gap(rng):
    return {
        "hidden": pick(rng, (32,), (100,), (64, 32)),
        "rate": log_uniform(rng, 0.001, 0.01),
        "epochs": int(log_uniform(rng, 60, 500)),
        "schedule": pick(rng, "constant", "cosine", "frozen", "steps"),
        "noise": round(float(rng.uniform(0.05, 0.2)), 2),
        "dropout": pick(rng, 0.0, 0.0, 0.3, 0.5),
        "l2": pick(rng, 0.0, 0.0, 0.001, 0.003),
    }


def aim_any(rng):
    return {
        "n": int(log_uniform(rng, 40, 400)),
        "hidden": pick(rng, (1,), (10,), (100,), (250,), (30, 30)),
        "rate": log_uniform(rng, 0.00003, 0.3),
        "epochs": int(log_uniform(rng, 5, 1000)),
        "schedule": pick(rng, "constant", "cosine", "frozen", "steps"),
        "wrong": pick(rng, 0.0, 0.2),
        "dropout": pick(rng, 0.0, 0.5),
        "l2": pick(rng, 0.0, 0.01),
    }


AIMED = {
    "overfit": aim_overfit,
    "improve": aim_improve,
    "level": aim_level,
    "gap": aim_gap,
    "any": aim_any,
}


def habits(rng, settings):
    """Draw how the run is logged and stopped, and keep its number of steps small."""
    epochs = settings["epochs"]
    settings["logs_penalty"] = bool(settings["l2"]) and bool(rng.random() < 0.5)
    if rng.random() < 0.12 and epochs >= 30:
        settings["every"] = pick(rng, 2, 5, 10)
    elif rng.random() < 0.1 and epochs >= 40:
        settings["first"] = int(rng.integers(3, epochs // 3))
    elif rng.random() < 0.12 and epochs >= 40:
        settings["stop"] = pick(rng, 5, 10, 20, 50)
    if settings["classes"] == 0:
        settings |= {"wrong": 0.0, "scores": False}
    return within_steps(settings)


def within_steps(settings):
    """Make the batches larger where the run would take more than MOST_STEPS."""
    n = settings["n"]
    batch = settings["batch"] or n
    while settings["epochs"] * -(-n // batch) > MOST_STEPS:
        batch *= 2
    settings["batch"] = 0 if batch >= n else batch
    return settings


def moons(rng, number):
    return draw_settings(rng, "moons")


def circles(rng, number):
    return draw_settings(rng, "circles")


def table(rng, number):
    return draw_settings(rng, "table", pick(rng, 2, 2, 3, 5, 10))


def digits(rng, number):
    return draw_settings(rng, "digits", pick(rng, 10, 10, 10, 5, 3))


def cancer(rng, number):
    return draw_settings(rng, "breast_cancer")


def regression(rng, number):
    """Draw a regression; the scale of its targets makes losses of 1e-4 to 1e4."""
    settings = draw_settings(rng, pick(rng, "curve", "curve", "plane", "diabetes"), 0)
    settings["noise"] = round(float(rng.uniform(0.05, 0.8)), 2)
    return settings | {"report": log_uniform(rng, 0.01, 100)}


def plain(rng, **changes):
    """Draw a run without a fault on any classification data, then change what is given."""
    data = changes.pop("data", None) or pick(rng, "moons", "circles", "table", "digits")
    few, many = ROWS[data]
    settings = {**DEFAULTS, "data": data, "classes": 10 if data == "digits" else 2}
    settings |= {
        "n": int(log_uniform(rng, few[1], many[1] // 2)),
        "n_val": min(int(log_uniform(rng, 30, 500)), 300),
        "hidden": pick(rng, (32,), (64,), (100,), (32, 32)),
        "rate": log_uniform(rng, 0.001, 0.005),
        "epochs": int(log_uniform(rng, 15, 300)),
        "batch": pick(rng, 0, 32, 64),
    }
    return habits(rng, settings | {"scores": bool(rng.random() < 0.85)} | changes)


def nothing(rng, number):
    changes = [
        {"rate": 0.0},
        {"rate": 1e-7},
        {"fault": "dead units", "rate": 0.001},
        {"fault": "random labels", "l2": 0.3, "n": 1000, "hidden": (32,)},
        {"fault": "constant inputs"},
    ]
    data = "table" if number // 2 % 5 == 3 else None
    return plain(rng, data=data, **changes[number // 2 % 5])


def unstable(rng, number):
    if number // 2 % 2:
        return plain(rng, optimizer="adam", rate=log_uniform(rng, 0.03, 0.2), batch=32)
    rate = log_uniform(rng, 0.1, 0.6)
    return plain(rng, optimizer="sgd", rate=rate, hidden=(64, 64), batch=32)


def diverging(rng, number):
    changes = [
        {"optimizer": "sgd", "rate": log_uniform(rng, 100, 1e5), "hidden": (64, 64)},
        {"optimizer": "sgd", "rate": log_uniform(rng, 0.05, 0.5), "schedule": "growing"},
        {"data": "curve", "optimizer": "sgd", "rate": log_uniform(rng, 0.5, 5), "classes": 0},
        {"optimizer": "adam", "rate": log_uniform(rng, 0.01, 0.1), "schedule": "growing"},
    ]
    return plain(rng, **changes[number // 2 % 4])


def better(rng, number):
    changes = [
        {"dropout": 0.7, "rate": 0.001},
        {"input_noise": round(float(rng.uniform(0.4, 1.0)), 2)},
        {"fault": "easier validation", "n_val": 600},
        {"dropout": 0.5, "input_noise": 0.3},
    ]
    data = pick(rng, "moons", "circles", "table") if number // 2 % 4 == 2 else None
    return plain(rng, data=data, **changes[number // 2 % 4])


def split(rng, number):
    changes = [
        {"fault": "sorted by label", "data": "digits", "classes": 10},
        {"fault": "sorted by label", "data": pick(rng, "moons", "circles", "table")},
        {"fault": "sorted by column", "data": pick(rng, "moons", "curve")},
        {"fault": "other group", "data": pick(rng, "table", "breast_cancer")},
    ][number // 2 % 4]
    if changes["data"] == "curve":
        changes["classes"] = 0
    settings = plain(rng, **changes)
    if settings["fault"].startswith("sorted"):
        settings["n_val"] = min(settings["n_val"], settings["n"] // 4)
    return settings


def leak(rng, number):
    few = {"n": int(log_uniform(rng, 60, 200)), "epochs": int(log_uniform(rng, 100, 600))}
    changes = [
        {"fault": "duplicates", "wrong": 0.2, "hidden": (200,), **few},
        {"fault": "label as a column", "data": pick(rng, "table", "moons", "breast_cancer")},
        {"fault": "trained on validation", "wrong": 0.2, "wrong_in": "all", **few},
        {"fault": "label as a column", "data": "table", "n": 4000, "batch": 16, "rate": 0.01},
    ]
    return plain(rng, **changes[number // 2 % 4])


def constant(rng, number):
    return plain(rng, fault="one label")


def book(rng, number):
    """Draw the network of the moons, 2-500-1, with one of the remedies or none."""
    remedy = (
        {},
        {"l2": pick(rng, 0.001, 0.01)},
        {"dropout": 0.5},
        {"input_noise": 0.2},
        {"hidden": (pick(rng, 2, 4, 10),)},
        {"n": pick(rng, 100, 300)},
        {"epochs": int(log_uniform(rng, 20, 150))},
        {"l2": 0.001, "dropout": 0.5},
        {"stop": pick(rng, 20, 100)},
    )[number // 2 % 9]
    drawn = {"data": "moons", "n": 30, "n_val": 70, "hidden": (500,), "rate": 0.001}
    drawn |= {"epochs": int(log_uniform(rng, 300, 3000)), "wrong": pick(rng, 0.0, 0.0, 0.1)}
    return DEFAULTS | drawn | remedy | {"logs_penalty": "l2" in remedy}


def cnn(rng, number):
    """Draw a convolutional network on few images of digits."""
    remedy = (
        {},
        {"augment": True},
        {"wrong": 0.2},
        {"dropout": 0.5},
        {"augment": True, "wrong": 0.1},
    )
    drawn = {"data": "images", "classes": 10, "n": pick(rng, 50, 200, 500), "n_val": 200}
    drawn |= {"noise": 0.0, "hidden": (64,), "rate": pick(rng, 0.001, 0.003)}
    return DEFAULTS | drawn | {"epochs": int(log_uniform(rng, 12, 90))} | remedy[number // 2 % 5]


USUAL = (  # data, rows, hidden units, epochs, and what differs from the usual
    ("moons", 40, (300,), 1500, {}),
    ("moons", 500, (30,), 400, {}),
    ("moons", 300, (2,), 400, {}),
    ("circles", 120, (200,), 1200, {"rate": 0.002}),
    ("circles", 800, (32, 32), 80, {}),
    ("circles", 400, (32,), 10, {}),
    ("table", 200, (128,), 150, {"classes": 5}),
    ("table", 200, (128, 64), 250, {"classes": 5, "dropout": 0.5}),
    ("table", 2500, (48,), 70, {}),
    ("table", 2500, (48,), 5, {}),
    ("table", 700, (200, 200), 90, {"wrong": 0.3}),
    ("table", 1800, (2,), 90, {"classes": 3}),
    ("table", 500, (64, 64), 60, {"classes": 3, "optimizer": "sgd", "rate": 25.0}),
    ("table", 500, (64,), 60, {"classes": 3, "optimizer": "sgd", "rate": 0.6}),
    ("digits", 120, (100,), 150, {}),
    ("digits", 120, (100,), 200, {"wrong": 0.3}),
    ("digits", 800, (48,), 25, {}),
    ("digits", 800, (200,), 120, {"wrong": 0.2}),
    ("digits", 250, (3,), 400, {}),
    ("digits", 800, (48,), 60, {"optimizer": "sgd", "rate": 0.01}),
    ("breast_cancer", 80, (48,), 250, {}),
    ("breast_cancer", 280, (8,), 80, {}),
    ("breast_cancer", 180, (150,), 250, {"wrong": 0.2}),
    ("breast_cancer", 280, (8,), 100, {}),
    ("digits", 220, (200, 100), 100, {"dropout": 0.5}),
    ("moons", 80, (80,), 500, {"l2": 0.003}),
)


def usual(rng, number):
    """Draw one of the settings that people use, with sizes around the usual ones."""
    data, n, hidden, epochs, changes = USUAL[number // 2 % len(USUAL)]
    settings = {**DEFAULTS, "data": data, "hidden": hidden}
    settings |= {
        "classes": 10 if data == "digits" else 2,
        "n": int(n * rng.uniform(0.7, 1.4)),
        "epochs": max(5, int(epochs * rng.uniform(0.5, 1.6))),
        "noise": round(float(rng.uniform(0.1, 0.3)), 2),
        "rate": log_uniform(rng, 0.001, 0.01),
        "n_val": pick(rng, 25, 40, 100, 120, 200, 200, 250, 250, 300, 400),
        "batch": pick(rng, 0, 16, 32, 32, 64),
        "scores": bool(rng.random() < 0.8),
    }
    settings |= changes
    settings["n_val"] = min(settings["n_val"], MOST_VAL.get(data, 1000))
    settings["logs_penalty"] = bool(settings["l2"]) and bool(rng.random() < 0.5)
    return within_steps(settings)


FAMILIES = {  # how many, and how each is drawn
    "usual": (390, usual),
    "moons": (64, moons),
    "circles": (48, circles),
    "table": (76, table),
    "digits": (64, digits),
    "cancer": (48, cancer),
    "regression": (64, regression),
    "nothing": (20, nothing),
    "unstable": (24, unstable),
    "diverging": (24, diverging),
    "better": (20, better),
    "split": (20, split),
    "leak": (24, leak),
    "constant": (10, constant),
    "book": (32, book),
    "cnn": (24, cnn),
}
DESIGNED = {
    "nothing": "nothing learned",
    "better": "validation better",
    "split": "broken split",
    "leak": "leak",
    "constant": "leak",  # what a loss near 0 at once looks like
}
