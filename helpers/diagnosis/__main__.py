"""Diagnose a training log from a shell.

python -m helpers.diagnosis log.csv [--plot out.png] [--json] [--n-val 200]
python -m helpers.diagnosis train.csv validation.csv     (TensorBoard's export)
some-command | python -m helpers.diagnosis -
"""

import argparse
import json
import os
import sys

from .report import diagnose
from .texts import text_of_bytes


def main(arguments=None):
    """Print the diagnosis; return 0, or 2 after one line on standard error for bad input."""
    options = _parser().parse_args(arguments)
    try:
        found = diagnose(
            _source(options.log),
            n_val=options.n_val,
            higher_is_better={"higher": True, "lower": False, None: None}[options.better],
            names=dict(_pair(text) for text in options.name),
        )
        if options.plot:
            _save(found, options.plot)
    except (OSError, ValueError) as error:
        print(f"helpers.diagnosis: {' '.join(_message(error).split())}", file=sys.stderr)
        return 2
    try:
        text = json.dumps(found.to_dict(), indent=1, allow_nan=False) if options.json else found
        print(text, flush=True)
    except BrokenPipeError:  # as by `| head`: the rest is not wanted, at the exit neither
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m helpers.diagnosis", description="Say what a training log shows."
    )
    parser.add_argument("log", nargs="+", help="a log file, two of TensorBoard's, or - to read one")
    parser.add_argument("--plot", metavar="FILE", help="draw the curves with the verdict in them")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    parser.add_argument("--n-val", type=int, metavar="ROWS", help="number of validation rows")
    parser.add_argument("--better", choices=("higher", "lower"), help="which scores are better")
    parser.add_argument(
        "--name",
        action="append",
        default=[],
        metavar="ROLE=COLUMN",
        help="which column is what, for example val_loss=my_column",
    )
    return parser


def _source(log):
    if "-" not in log:
        return log[0] if len(log) == 1 else log
    if len(log) > 1:
        raise ValueError("log: - reads standard input, so it must stand alone.")
    return text_of_bytes(sys.stdin.buffer.read()) + "\n"


def _pair(text):
    role, equals, column = text.partition("=")
    if not equals:
        raise ValueError(f"--name must be ROLE=COLUMN, as in val_loss=my_column; got {text!r}.")
    return role, column


def _message(error):
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror or 'cannot be read'}."
    return str(error)


def _save(found, path):
    import matplotlib  # noqa: PLC0415 - only a picture needs it

    matplotlib.use("Agg")
    found.plot().figure.savefig(path, dpi=150, bbox_inches="tight")


if __name__ == "__main__":
    sys.exit(main())
