"""A pytest plugin: nbval runs each exercise's solution, too, after a chapter's last cell.

Solutions stand as Python in the `<details>` of Markdown cells. Each is an item of its own, such as
`chapters/02_baseline.ipynb::Solution 4`, in the kernel that has run the chapter; what it
defines is gone before the next. It fails with its own traceback.
"""

from collections import defaultdict
from pathlib import Path
import re

from nbformat.v4 import new_code_cell
from nbval.plugin import IPyNbCell, IPyNbFile
import pytest

FOLDED = re.compile(r"^<details><summary>Solution.*?^</details>", re.M | re.S)
EXERCISE = re.compile(r"^\*\*(\d+)\. ", re.M)
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.M | re.S)
IN_KERNEL = Path(__file__).with_name("namespace.py")
ENTER = f"""
get_ipython().around = __import__("runpy").run_path({str(IN_KERNEL)!r})
get_ipython().around["enter"]()
"""
LEAVE = "get_ipython().around['leave']()"


def solutions(notebook):
    """Return the number of the exercise and the code of each solution that has code."""
    found = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for folded in FOLDED.finditer(cell.source):
                numbers = EXERCISE.findall(cell.source[: folded.start()])
                code = "\n".join(PYTHON.findall(folded[0]))
                if code:
                    found.append((int(numbers[-1]) if numbers else 0, code))
    return found


class Solution(IPyNbCell):
    """A solution, run as a cell of its chapter."""

    def runtest(self):
        """Run it, and put the chapter's namespace back, whatever happens."""
        self._run_hidden(ENTER)
        try:
            super().runtest()
        finally:
            self._run_hidden(LEAVE)

    def _run_hidden(self, code):
        client = self.parent.kernel.kc
        reply = client.execute_interactive(code, store_history=False, timeout=60)["content"]
        if reply["status"] != "ok":
            raise RuntimeError(f"{code.strip()} failed: {reply.get('evalue')}")

    def repr_failure(self, excinfo):
        """Name the solution where nbval names the cell."""
        return super().repr_failure(excinfo).replace("Cell ", "Solution ", 1)

    def reportinfo(self):
        """Name the solution where nbval names the cell."""
        path, line, _ = super().reportinfo()
        return path, line, f"{self.parent.nodeid}::{self.name}"


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    """Add the solutions to the cells of a notebook."""
    report = yield
    if isinstance(collector, IPyNbFile) and report.passed:
        for number, code in solutions(collector.nb):
            item = Solution.from_parent(
                collector, name=f"Solution {number}", cell_num=number,
                cell=new_code_cell(code), options=defaultdict(bool),
            )  # fmt: skip
            report.result.append(item)
    return report
