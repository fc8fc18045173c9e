"""The sanitizing file of nbval masks trained numbers and nothing else."""

from pathlib import Path
import re

from nbval.plugin import get_sanitize_patterns
import pytest

RULES = get_sanitize_patterns(Path(__file__).with_name("nbval_sanitize.cfg").read_text("utf8"))


def sanitize(text):
    """Apply the rules as nbval does: in order, each to the whole text."""
    for regex, replacement in dict(RULES).items():
        text = re.sub(regex, replacement, text)
    return text


def test_every_rule_of_the_file_is_read():
    text = Path(__file__).with_name("nbval_sanitize.cfg").read_text("utf8")
    assert len(dict(RULES)) == len(re.findall(r"(?m)^\[.+\]$", text)) == text.count("\nregex:")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("loss 0.601 over 20 seeds", "loss -1.2e-05 over 20 seeds"),
        ("accuracy .914", "accuracy 1.000"),
        ("1,234.5 points", "987.25 points"),
        ("gap 1e-3", "gap 2.5"),
        ("0      1.412121\n1    -95.247961", "0   -0.412121\n1    5.247961"),
        ("[ 0.5 -0.25]", "[-0.5  1.  ]"),
        ("[0.5, 1.]", "[0.98, 0.123]"),
        (
            "setting    loss\n-------  ------\nL2       0.1234",
            "setting   loss\n------- -----\nL2 0.12",
        ),
        ("<td>-0.71</td>", "<td>0.7148</td>"),
        ("took 12 s", "took 0.9 s"),
        ("82 ms an epoch, 480x faster", "7 ms an epoch, 1033x faster"),
        ("best epoch 748 of 4000", "best epoch 1033 of 4000"),
        ("Best epoch: 748", "Best epoch: 1,033"),
        ("best at epoch 98.", "best at epoch 102."),
        ("stopped after 427 of 2,000 epochs", "stopped after 1,027 of 2,000 epochs"),
        ("stops at epoch 427, best epoch is 327", "stops at epoch 98, best epoch is 12"),
        ("patience 9 stopped at 427", "patience 9 stopped at 1427"),
        ("<Dense at 0x7f3a12bc44d0>", "<Dense at 0x7fffffbc0010>"),
        ("change -.297 ± .134", "change +.1 ± 0.02"),
        (
            '<div class="playground" data-playground="{5}">Not here.</div>',
            '<div class="playground" data-playground="{5}"><img src="data:,YQ==" alt="A"></div>',
        ),
    ],
)
def test_other_decimals_and_other_padding_are_equal(one, other):
    assert sanitize(one) == sanitize(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("trained on 30 points", "trained on 300 points"),
        ("4,000 epochs", "4,001 epochs"),
        ("20 seeds.", "10 seeds."),
        ("the size is 30.", "the size is 31."),
        ("shape (30, 2)", "shape (30, 1)"),
        ("28x28 pixels", "32x32 pixels"),
        ("best epoch 748 of 4000", "best epoch 748 of 2000"),
        ("best epoch 748", "last epoch 748"),
        ("stopped after 427 of 2,000 epochs", "stopped after 427 of 4,000 epochs"),
        ("patience 9 stopped at 427", "patience 8 stopped at 427"),
        ("interrupted after 3 epochs", "interrupted after 4 epochs"),
        ("epoch 500  0.1", "epoch 750  0.1"),
        ("best of 20 epochs", "best of 30 epochs"),
        ("stopped after all 20 epochs", "stopped after all 30 epochs"),
        ("loss 0.5", "accuracy 0.5"),
        ("loss 0.5", "loss 1"),
        ("0 1.4\n1 2.5", "0 1.4\n1 2.5\n2 3.5"),
        ("a 0.1 0.2", "a 0.1"),
        ("<td>0.7</td>", "<td>0.7</td><td>0.8</td>"),
        ("loss 0.5", "loss nan"),
        ('<div data-playground="{5}">A</div>', '<div data-playground="{6}">A</div>'),
    ],
)
def test_integers_words_and_shapes_are_not(one, other):
    assert sanitize(one) != sanitize(other)
