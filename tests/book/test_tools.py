"""The tool that executes and normalizes the notebooks."""

import copy

from helpers.playground import Playground
from nbclient.exceptions import CellExecutionError
import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
import notebooks
import pytest

PLAYGROUND = Playground("l2", name="here", epochs=20, width=8)


def make(*sources):
    return new_notebook(cells=[new_code_cell(source) for source in sources])


def test_normalize_removes_what_differs_between_two_runs():
    notebook = make("1 + 1")
    notebook.metadata.update(
        widgets={"state": {}}, language_info={"name": "python", "version": "3"}
    )
    cell = notebook.cells[0]
    cell.metadata["execution"] = {"iopub.status.busy": "2026-01-01"}
    cell.execution_count = 3
    view = {notebooks.WIDGET_VIEW: {"model_id": "ab"}, "text/html": "<p>panel</p>"}
    cell.outputs = [new_output("execute_result", data=view, execution_count=1)]
    notebooks.normalize(notebook)
    assert "widgets" not in notebook.metadata
    assert notebook.metadata.language_info == notebooks.LANGUAGE
    assert notebook.metadata.kernelspec == notebooks.KERNEL
    assert cell.metadata == {}
    assert cell.outputs[0].data == {"text/html": "<p>panel</p>"}
    assert cell.outputs[0].execution_count == cell.execution_count == 3


def test_normalize_keeps_alt_text_ids_tags_and_markdown():
    notebook = make("x = 1")
    notebook.cells.append(new_markdown_cell("Text."))
    notebook.cells[0].metadata.update(mystnb={"image": {"alt": "A curve."}}, tags=["hide-input"])
    before = copy.deepcopy(notebook.cells)
    notebooks.normalize(notebook)
    assert notebook.cells == before


def test_a_playground_gets_its_picture_once():
    notebook = make("playground")
    output = new_output(
        "display_data", {"text/html": PLAYGROUND._repr_mimebundle_()[0]["text/html"]}
    )
    notebook.cells[0].outputs = [output]
    notebooks.normalize(notebook)
    assert output.data["text/html"] == PLAYGROUND.html()
    kept = output.data["text/html"] = PLAYGROUND.html().replace("boundary", "border")
    notebooks.normalize(notebook)
    assert output.data["text/html"] == kept, "a stored picture stays"


def test_neighbouring_outputs_of_one_stream_are_merged():
    streams = [("stdout", "a\n"), ("stdout", "b\n"), ("stderr", "c\n"), ("stdout", "d\n")]
    outputs = [new_output("stream", name=name, text=text) for name, text in streams]
    merged = notebooks.merge_streams(outputs)
    assert [(o.name, o.text) for o in merged] == [
        ("stdout", "a\nb\n"), ("stderr", "c\n"), ("stdout", "d\n"),
    ]  # fmt: skip


def test_a_second_run_changes_nothing(tmp_path, capsys):
    path = tmp_path / "page.ipynb"
    nbformat.write(
        make(
            "for i in range(3):\n    print(i)",
            "data = b'x' * 200_000_000",
        ),
        path,
    )
    assert notebooks.main([str(path)]) == 0
    first = path.read_bytes()
    assert notebooks.main(["--all", str(path)]) == 0
    assert path.read_bytes() == first
    assert first.endswith(b"}\n")
    reasons, *table = capsys.readouterr().out.splitlines()
    assert reasons == f"{path}: a cell has not been executed"
    assert table[0].split() == ["notebook", "seconds", "resident", "MiB", "own", "MiB"]
    resident, own = map(float, table[1].split()[2:])
    assert resident > own > 200  # the kernel's memory was measured


def test_only_what_is_out_of_date_is_executed(tmp_path, capsys):
    path = tmp_path / "page.ipynb"
    code = "with open('runs.txt', 'a') as file:\n    file.write('x')"
    nbformat.write(make(code), path)
    assert notebooks.main([str(path)]) == 0
    assert notebooks.main([str(path)]) == 0
    assert (tmp_path / "runs.txt").read_text() == "x"
    assert "all outputs are up to date" in capsys.readouterr().out
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].source += "\n"
    nbformat.write(notebook, path)
    assert notebooks.main([str(path)]) == 0
    assert (tmp_path / "runs.txt").read_text() == "xx"
    assert f"{path}: its code has changed" in capsys.readouterr().out


def test_times_leaves_the_notebook_alone(tmp_path):
    path = tmp_path / "page.ipynb"
    nbformat.write(make("1 + 1"), path)
    before = path.read_bytes()
    assert notebooks.main(["--times", str(path)]) == 0
    assert path.read_bytes() == before


def test_a_failing_cell_leaves_the_notebook_alone(tmp_path, capsys):
    path = tmp_path / "page.ipynb"
    nbformat.write(make("print('before')", "1 / 0"), path)
    before = path.read_bytes()
    assert notebooks.main([str(path)]) == 1
    assert path.read_bytes() == before
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_a_kernel_that_dies_is_one_clear_line(tmp_path, capsys):
    path = tmp_path / "page.ipynb"
    nbformat.write(make("print('before')", "import os\nos._exit(1)"), path)
    before = path.read_bytes()
    assert notebooks.main([str(path)]) == 1
    assert path.read_bytes() == before
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith(f"{path}: the kernel died in the cell that begins 'import os'")


def test_notebooks_run_beside_each_other(tmp_path, capsys):
    meet = (
        "import os, time\nopen('{}', 'w').close()\n"
        "while not os.path.exists('{}'):\n    time.sleep(0.1)"
    )
    paths = [tmp_path / "a.ipynb", tmp_path / "b.ipynb"]
    for path, names in zip(paths, (("a", "b"), ("b", "a")), strict=True):
        nbformat.write(make(meet.format(*names)), path)
    assert notebooks.main(list(map(str, paths))) == 0
    assert {"a.ipynb", "b.ipynb"} <= set(capsys.readouterr().out.split())


def test_execute_runs_in_the_folder_of_the_notebook(tmp_path):
    (tmp_path / "here.txt").write_text("found")
    notebook = make("print(open('here.txt').read())")
    seconds, _ = notebooks.execute(notebook, tmp_path)
    assert notebook.cells[0].outputs[0].text == "found\n"
    assert seconds > 0
    with pytest.raises(CellExecutionError):
        notebooks.execute(make("open('there.txt')"), tmp_path)
