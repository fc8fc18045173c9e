"""Several files of one run: their names say whose the columns are that do not say so themselves."""

from dataclasses import replace

from helpers.diagnosis.columns import listed, meaning, quoted
from helpers.diagnosis.tables import Table

METRICS = ("loss", "score")


def named_after_files(tables, labels):
    """Name columns after the labels of their files: TensorBoard's "Value", and "loss" of train.csv.

    Of two files of TensorBoard whose names say nothing, the first is read as training.
    """
    board = [table.format.startswith("TensorBoard") for table in tables]
    if all(board) and len(tables) == 2 and not any(meaning(label).phase for label in labels):
        labels = [f"{phase} {label}" for phase, label in zip(("train", "val"), labels, strict=True)]
        tables[0].notes.append(
            "The names of the files do not say which is which: the first was read as training, the "
            "second as validation."
        )
    if len(tables) == 1 and not board[0]:
        return tables
    named = [_named(table, label) for table, label in zip(tables, labels, strict=True)]
    _note_repeats(named)
    return named


def _note_repeats(tables):
    """Say which curves several files hold: they are logs of several runs, of which one is read."""
    names = [name for table in tables for name in {col.name: None for col in table.columns}]
    metrics = [name for name in names if meaning(name).kind in METRICS]
    repeated = [name for name in metrics if metrics.count(name) > 1]
    if repeated:
        tables[0].notes.append(
            f"More than one file holds {listed(repeated)}: the first that does was read. "
            "Give one run at a time."
        )


def _named(table, label):
    found = meaning(label)
    notes = table.notes
    if table.format.startswith("TensorBoard"):
        if not found.phase:
            notes = [*notes, f"Nothing says whose the values of {quoted(label)} are: training?"]
        name = label if found.kind in METRICS else f"{found.phase or 'train'} loss"
        rename = {"Value": name}
    else:
        kinds = {col.name: meaning(col.name) for col in table.columns}
        metrics = [name for name, kind in kinds.items() if kind.kind in METRICS]
        if not found.phase or any(kinds[name].phase for name in metrics):
            return table
        rename = {name: f"{found.phase} {name}" for name in metrics}
    columns = [replace(col, name=rename.get(col.name, col.name)) for col in table.columns]
    return Table(table.format, columns, notes, table.running)
