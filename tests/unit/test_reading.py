"""Training logs: what is read from real files, from what people paste, and from hostile text.

What Python reads, reading.js reads, too: to the same numbers, notes and errors.
"""

import base64
from dataclasses import fields
import json
import math
from pathlib import Path
import random
import shutil
import subprocess

from helpers.diagnosis.reading import read
import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris
from sklearn.neural_network import MLPClassifier, MLPRegressor
from wild_logs import WILD

ROOT = Path(__file__).parents[2]
HISTORIES = sorted(path for path in (ROOT / "tests/histories").iterdir() if path.name[0].isdigit())
TRUTH = json.loads((ROOT / "tests/histories/truth.json").read_text())
CURVES = ("train_loss", "val_loss", "train_score", "val_score", "learning_rate")
OTHERS = ("score_name", "higher_is_better", "train_is_batch", "format", "notes")
FORMATS = {
    "keras_csv": "Keras CSVLogger",
    "own_percent": "CSV",
    "pandas_index": "pandas CSV",
    "hf": "Hugging Face trainer_state",
    "bar": "Keras progress bar",
    "keras3": "Keras progress bar",
    "own_text": "log file",
    "hist_json": "dict",
    "fastai": "fastai table",
    "lightning": "Lightning metrics.csv",
    "yolo": "YOLO results.csv",
}
NODE = shutil.which("node")
SMALL = "epoch,loss,val_loss\n0,0.8,0.7\n1,0.6,0.65\n"
UNREADABLE = {
    "empty": b"",
    "blank": b" \n\n\t\n",
    "colors only": b"\x1b[1m",
    "binary": random.Random(0).randbytes(20_000),
    "picture": b"\x89PNG\r\n\x1a\n" + random.Random(1).randbytes(500),
    "prose": b"The loss was fine and we saw 3 epochs of it.\nThen 5 more.",
    "markup": b"<html><body><p>loss of 3 things</p></body></html>",
    "header only": b"epoch,loss,val_loss\n",
    "no header": b"0,0.8,0.7\n1,0.6,0.65\n",
    "no number": b"epoch,loss,val_loss\na,b,c\nd,e,f\n",
    "only a rate": b"epoch,lr\n0,0.1\n1,0.2\n",
    "no lists": b'{"a": {"b": "c"}}',
    "empty dict": b"{}",
    "empty list": b"[]",
    "list of words": b'["a", "b"]',
    "one long line": b"x" * 200_000,
    "too many columns": json.dumps({f"a{i}": [1, 2] for i in range(2000)}).encode(),
}
HOSTILE = {
    "digits": "\n".join("loss " + "1" * 19_000 + "x loss 0.5" for _ in range(20)),
    "dots": "\n".join("a" + ".a" * 40_000 + " loss 0.5" for _ in range(10)),
    "blanks": "epoch,loss\n" + "\n".join("0,x" + " " * 90_000 + "x" for _ in range(20)),
    "dashes": "\n".join("a - " * 20_000 for _ in range(20)),
    "wide": "\n".join(",".join(f"c{j}x{i}" for i in range(9000)) for j in range(30)),
    "quotes": '{"' + "'" * 500_000 + "\\" * 500_000 + "}",
    "commas": "{" + ", " * 300_000 + "}",
    "escapes": "\x1b[" * 200_000,
    "brackets": "[1;" * 300_000 + "\n[1, 2] loss 0.5",
    "restarts": "epoch,loss\n" + "\n".join(f"{i * 7919 % 1000},0.5" for i in range(20_000)),
    "distinct words": "\n".join(f"job{i}x9 run{i * 7} loss {1 / (i + 1)}" for i in range(9000)),
    "the prototype": '{"__proto__": {"loss": [1, 2]}, "constructor": {"a": {"f1": [3, 4]}}}',
}
SPLINTERS = [
    "nan",
    "inf",
    "%",
    ",",
    "\t",
    ";",
    "|",
    "\n",
    "\r",
    "\b",
    "\x1b[1m",
    "__proto__",
    "loss",
]
SPLINTERS += [
    "val_loss",
    " - ",
    "epoch",
    "'",
    '"',
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "é",
    "\ufffd",
    "1e999",
]
SPLINTERS += [
    "\u2028",
    "-",
    "0.5",
    "No log",
    "None",
    "step",
    "test_acc",
    "acc: 50%",
    "\x00",
    "😀",
    "\uff10",
]
SPLINTERS += [
    "1_000",
    "0x10",
    "..",
    "=",
    "train",
    "val",
    "best",
    "Epoch 3/10",
    "\u0130",
    "\xa0",
    "\x85",
]


def values(curve):
    return None if curve is None else curve.y.tolist()


def as_logged(numbers):
    return [math.nan if number is None else number for number in numbers or []]


# Files


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.name)
def test_real_files_have_all_their_epochs(path):
    history = read(path)
    truth = TRUTH[path.name]
    form = path.stem.split("_", 1)[1]
    per_epoch = 2 if form == "hf" else 1
    assert history.format == FORMATS[form]
    assert len(history.val_loss.y) == truth["epochs"]
    assert len(history.train_loss.y) == truth["epochs"] * per_epoch
    assert not history.train_is_batch
    for name in CURVES:
        curve = getattr(history, name)
        assert curve is None or np.all(np.diff(curve.x) > 0)
        assert curve is None or len(curve.x) == len(curve.y)
    for curve in (history.train_score, history.val_score):
        assert curve is None or (curve.y.min() >= 0 and curve.y.max() <= 1)


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.name)
def test_validation_loss_follows_the_fresh_loss(path):
    truth = TRUTH[path.name]
    fresh = np.interp(
        np.arange(1, truth["epochs"] + 1), truth["fresh_at_epoch"], truth["fresh_loss"]
    )
    loss = read(path).val_loss.y
    if not np.all(np.isfinite(fresh)):
        assert not np.any(np.isfinite(loss))
    elif truth["epochs"] > 5:
        assert np.corrcoef(fresh, loss)[0, 1] > 0.5


@pytest.mark.parametrize("name", WILD)
def test_pasted_logs(name):
    wild = WILD[name]
    history = read(wild["text"], names=wild.get("names"))
    read_as = {"train": "train_loss", "val": "val_loss"}
    for key in ("train", "val", "train_score", "val_score"):
        if key in wild:
            found = values(getattr(history, read_as.get(key, key)))
            assert (found is None) == (wild[key] is None), key
            assert (found or []) == pytest.approx(as_logged(wild[key]), rel=1e-12, nan_ok=True), key
    curve = history.train_loss or history.val_loss or history.val_score
    assert curve.x.tolist() == wild.get("x", curve.x.tolist())
    if "val_x" in wild:
        assert history.val_loss.x.tolist() == wild["val_x"]
    assert history.format == wild.get("format", history.format)
    assert history.train_is_batch == wild.get("is_batch", history.train_is_batch)
    assert history.higher_is_better == wild.get("higher", True)
    for words in wild.get("notes", []):
        assert any(words in note for note in history.notes), (words, history.notes)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "ascii"])
def test_encodings(encoding):
    assert read(SMALL.encode(encoding)).val_loss.y.tolist() == [0.7, 0.65]


def test_broken_encoding_is_said_and_harms_no_number():
    history = read("epoch,loss,val_loss,précision\n0,0.8,0.7,1\n1,0.6,0.65,1\n".encode("latin-1"))
    assert history.val_loss.y.tolist() == [0.7, 0.65]
    assert "could not be decoded" in " ".join(history.notes)


def test_two_files_of_tensorboard(tmp_path):
    paths = []
    for name, loss in (("run-train-tag-epoch_loss", 0.8), ("run-validation-tag-epoch_loss", 0.9)):
        paths.append(tmp_path / f"{name}.csv")
        paths[-1].write_text(f"Wall time,Step,Value\n1.7e9,0,{loss}\n1.7e9,1,{loss / 2}\n")
    for source in (paths, {"train": paths[0], "val": str(paths[1])}):
        history = read(source)
        assert history.format == "TensorBoard CSV"
        assert history.train_loss.y.tolist() == [0.8, 0.4]
        assert history.val_loss.y.tolist() == [0.9, 0.45]
        assert history.val_loss.x.tolist() == [0, 1]


def test_four_files_of_tensorboard(tmp_path):
    paths = []
    for part in ("train", "validation"):
        for tag in ("loss", "accuracy"):
            paths.append(tmp_path / f"{part}_epoch_{tag}.csv")
            paths[-1].write_text(f"Wall time,Step,Value\n1,0,0.{len(paths)}\n2,1,0.{len(paths)}5\n")
    history = read(paths)
    assert [values(getattr(history, name)) for name in CURVES[:4]] == [
        [0.1, 0.15],
        [0.3, 0.35],
        [0.2, 0.25],
        [0.4, 0.45],
    ]


def test_files_of_tensorboard_without_telling_names(tmp_path):
    for name, loss in (("a", 0.8), ("b", 0.9)):
        (tmp_path / f"{name}.csv").write_text(f"Wall time,Step,Value\n1,0,{loss}\n2,1,{loss / 2}\n")
    history = read([tmp_path / "a.csv", tmp_path / "b.csv"])
    assert (history.train_loss.y[0], history.val_loss.y[0]) == (0.8, 0.9)
    assert "the first was read as training" in " ".join(history.notes)


def test_training_and_validation_in_files_of_their_own(tmp_path):
    (tmp_path / "train.csv").write_text("epoch,loss,acc\n1,0.8,0.5\n2,0.7,0.6\n")
    (tmp_path / "val.csv").write_text("epoch,loss,acc\n1,0.9,0.4\n2,0.8,0.5\n")
    history = read([tmp_path / "train.csv", tmp_path / "val.csv"])
    assert history.val_loss.y.tolist() == [0.9, 0.8]
    assert history.train_score.y.tolist() == [0.5, 0.6]


def test_files_of_several_runs_are_said_to_be(tmp_path):
    paths = [tmp_path / f"{name}.csv" for name in "abc"]
    for i, path in enumerate(paths):
        path.write_text(f"epoch,loss,val_loss\n1,0.{i + 1},0.8\n2,0.{i + 1}5,0.7\n")
    history = read(paths)
    assert history.train_loss.y.tolist() == [0.1, 0.15]
    assert "More than one file holds “loss”, “val_loss”" in " ".join(history.notes)


def test_paths(tmp_path):
    path = tmp_path / "my log.csv"
    path.write_text(SMALL)
    assert read(path).notes == read(str(path)).notes == read(SMALL).notes
    with pytest.raises(FileNotFoundError, match=r"There is no file .*other\.csv"):
        read(tmp_path / "other.csv")
    with pytest.raises(FileNotFoundError, match=r"lgo\.csv"):
        read("lgo.csv")
    with pytest.raises(ValueError, match="is a folder"):
        read(tmp_path)


# Objects


class Run:
    """As Keras' History."""

    def __init__(self, history, epoch):
        self.history, self.epoch = history, epoch


def test_keras_history():
    run = Run({"loss": [0.8, 0.6], "val_loss": np.array([0.7, 0.65])}, [5, 6])
    history = read(run)
    assert history.format == "Keras History"
    assert history.train_loss.x.tolist() == [5, 6]
    assert history.val_loss.y.tolist() == [0.7, 0.65]


def test_keras_history_with_validation_every_few_epochs():
    history = read(Run({"loss": [0.8, 0.6, 0.5, 0.4], "val_loss": [0.7, 0.65]}, [0, 1, 2, 3]))
    assert history.val_loss.x.tolist() == [1, 3]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(("kind", "score"), [(MLPClassifier, "accuracy"), (MLPRegressor, "r2")])
def test_scikit_learn(kind, score):
    x, y = load_iris(return_X_y=True)
    model = kind(max_iter=12, early_stopping=True, n_iter_no_change=20, random_state=0)
    model.fit(x, y)
    history = read(model)
    assert history.train_loss.y.tolist() == model.loss_curve_
    assert history.val_score.y.tolist() == model.validation_scores_
    assert (history.score_name, history.format) == (score, "scikit-learn loss_curve_")
    assert values(read(model.loss_curve_).train_loss) == model.loss_curve_


def test_boosted_trees():
    class Booster:
        def evals_result(self):
            return {"validation_0": {"rmse": [3.0, 2]}, "validation_1": {"rmse": [3.5, 3]}}

    history = read(Booster())
    assert history.train_loss.y.tolist() == [3, 2]
    assert history.val_loss.y.tolist() == [3.5, 3]
    assert read(Booster().evals_result()).val_loss.y.tolist() == [3.5, 3]


def test_data_frames():
    frame = pd.DataFrame({"loss": [0.8, 0.6], "val_loss": [0.7, 0.65]}, index=[3, 4])
    assert read(frame).train_loss.x.tolist() == [3, 4]
    lightning = pd.read_csv(ROOT / "tests/histories/13_lightning.csv")
    want = read(ROOT / "tests/histories/13_lightning.csv")
    for name in CURVES:
        assert values(getattr(read(lightning), name)) == values(getattr(want, name))


def test_data_frame_with_rows_of_training_and_validation():
    rows = {"epoch": [1, 1, 2, 2], "phase": ["train", "val"] * 2, "loss": [0.8, 0.9, 0.7, 0.8]}
    history = read(pd.DataFrame(rows))
    assert history.train_loss.y.tolist() == [0.8, 0.7]
    assert history.val_loss.y.tolist() == [0.9, 0.8]


def test_divergence_in_a_data_frame_is_not_taken_for_empty_cells():
    frame = pd.DataFrame({"loss": [0.8, np.nan, np.nan], "val_loss": [0.7, np.nan, np.nan]})
    assert np.isnan(read(frame).val_loss.y).tolist() == [False, True, True]


def test_given_names():
    text = "when,a,b,c\n1,0.8,0.7,50\n2,0.6,0.65,60\n"
    names = {"epoch": "when", "train_loss": "a", "val_loss": "b", "val_score": "c"}
    history = read(text, names=names, higher_is_better=False)
    assert history.train_loss.y.tolist() == [0.8, 0.6]
    assert (history.val_score.y.tolist(), history.score_name) == ([50, 60], "c")
    assert not history.higher_is_better
    with pytest.raises(ValueError, match="no column “d”; there are “when”, “a”, “b”, “c”"):
        read(text, names={"val_loss": "d"})
    with pytest.raises(ValueError, match="“loss” is not one of train_loss, val_loss"):
        read(text, names={"loss": "a"})


@pytest.mark.parametrize("source", [None, 3, {}, [], {"loss": []}, object(), np.zeros((2, 2))])
def test_other_objects_are_refused_in_one_line(source):
    with pytest.raises(ValueError, match=r"\w") as caught:
        read(source)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", UNREADABLE)
def test_unreadable_text_is_refused_in_one_line(name):
    with pytest.raises(ValueError, match=r"^[A-Z].*[.:]") as caught:
        read(UNREADABLE[name])
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_more_rows_than_can_be_read():
    with pytest.raises(ValueError, match="10,000,001 rows are more than the 10,000,000"):
        read({"loss": np.zeros(10_000_001)})


def test_a_long_plain_csv_is_read_as_a_short_one():
    rows = [f"{e},{1 / (e + 1):.6g},{'' if e % 2 else 0.5}" for e in range(60_000)]
    text = "\n".join(["epoch,loss,val_loss", *rows])
    assert len(text) > 1_000_000  # so that pandas reads it
    fast, slow = read(text), read(text + "\n60000,nan,0.5")
    assert fast.train_loss.y.tolist() == slow.train_loss.y[:-1].tolist()
    assert fast.val_loss.x.tolist() == slow.val_loss.x[:-1].tolist() == list(range(0, 60_000, 2))


def test_a_long_plain_csv_may_hold_nan():
    rows = [f"{e},{1 / (e + 1):.12g},{'nan' if e > 50_000 else 0.5}" for e in range(60_000)]
    text = "\n".join(["epoch,loss,val_loss", *rows])
    fast, slow = read(text), read(text + "\n60000,0.5%,0.5")
    assert np.isnan(fast.val_loss.y).sum() == np.isnan(slow.val_loss.y).sum() == 9999
    assert fast.train_loss.y.tolist() == slow.train_loss.y[:-1].tolist()


# JavaScript


def read_in_node(sources, folder):
    """Read sources, each (bytes, names) or a list of files, with reading.js."""
    cases = [
        {
            "files": [
                {"name": name, "base64": base64.b64encode(data).decode()} for name, data in files
            ],
            "names": names or {},
            "higherIsBetter": None,
        }
        for files, names in sources
    ]
    path = folder / "logs.json"
    path.write_text(json.dumps(cases))
    script = Path(__file__).with_name("read_logs.mjs")
    command = [NODE, "--no-warnings", script, ROOT / "helpers/diagnosis/reading.js", path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def read_in_python(data, names):
    try:
        history = read(data, names=names)
    except ValueError as error:
        return {"error": str(error)}
    return {field.name: getattr(history, field.name) for field in fields(history)}


def assert_same(python, browser):
    assert python.get("error") == browser.get("error")
    if "error" in python:
        return
    assert {name: python[name] for name in OTHERS} == {name: browser[name] for name in OTHERS}
    for name in CURVES:
        ours, theirs = python[name], browser[name]
        assert (ours is None) == (theirs is None), name
        for axis in "xy" if ours else "":
            numbers = [float(text) for text in theirs[axis]]
            found = getattr(ours, axis)
            np.testing.assert_allclose(found, numbers, rtol=1e-12, atol=0, err_msg=name)


def logs():
    for path in HISTORIES:
        yield path.read_bytes(), None
    for wild in WILD.values():
        yield wild["text"].encode(), wild.get("names")
    for data in (*UNREADABLE.values(), *(text.encode() for text in HOSTILE.values())):
        yield data, None
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "latin-1"):
        yield SMALL.replace("val_loss", "val_loss é").encode(encoding), None


@pytest.mark.skipif(not NODE, reason="no Node.js, which reads logs as the page does")
def test_python_and_javascript_read_the_same(tmp_path):
    cases = list(logs())
    answers = read_in_node([([("", data)], names) for data, names in cases], tmp_path)
    for (data, names), answer in zip(cases, answers, strict=True):
        assert_same(read_in_python(data, names), answer)


def mutated(text, texts, rng):
    """Damage a text in a few places."""
    for _ in range(rng.randint(1, 8)):
        place, draw = rng.randint(0, len(text)), rng.random()
        if draw < 0.5:
            text = text[:place] + rng.choice(SPLINTERS) + text[place:]
        elif draw < 0.7:
            text = text[:place] + text[place + rng.randint(1, 40) :]
        elif draw < 0.8:
            text = text[:place] + rng.choice(texts)[: rng.randint(1, 300)] + text[place:]
        elif draw < 0.9:
            lines = text.split("\n")
            rng.shuffle(lines)
            text = "\n".join(lines)
        else:
            text = text.replace(rng.choice(SPLINTERS), rng.choice(SPLINTERS))
    return text


@pytest.mark.skipif(not NODE, reason="no Node.js, which reads logs as the page does")
@pytest.mark.parametrize("seed", range(2))
def test_damaged_logs_are_read_the_same_or_refused_the_same(seed, tmp_path):
    rng = random.Random(seed)
    texts = [data.decode("utf-8", "ignore")[:3000] for data, _ in logs()]
    cases = [mutated(rng.choice(texts), texts, rng).encode() for _ in range(300)]
    answers = read_in_node([([("", data)], None) for data in cases], tmp_path)
    assert sum("error" not in answer for answer in answers) > 100
    for data, answer in zip(cases, answers, strict=True):
        assert_same(read_in_python(data, None), answer)


@pytest.mark.skipif(not NODE, reason="no Node.js, which reads logs as the page does")
def test_files_of_tensorboard_read_the_same(tmp_path):
    data = b"Wall time,Step,Value\n1,0,0.5\n2,1,0.25\n"
    for names in (
        ("run-train.csv", "run-validation.csv"),
        ("a.csv", "b.csv"),
        ("x/train_acc.csv",),
    ):
        paths = [tmp_path / Path(name).name for name in names]
        for path in paths:
            path.write_bytes(data)
        (answer,) = read_in_node([([(name, data) for name in names], None)], tmp_path)
        assert_same(read_in_python(paths, None), answer)
