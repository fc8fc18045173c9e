"""GitHub's workflows: what may be changed by whom, and that they call the book's own commands.

`make lint` checks their form (check-jsonschema) and their security (zizmor): every action pinned to
a commit, no credentials left behind, no injection.
"""

import itertools
import re
import tomllib

from address import ROOT
from packaging.specifiers import SpecifierSet
import pytest
import yaml

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = r"[\w.-]+/[\w./-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+"
COMMANDS = ["README.md", "CONTRIBUTING.md", ".ci/run"]


def text_of(name):
    return (ROOT / name).read_text("utf8")


def jobs():
    """The name of every job, the job, and what it is permitted to do."""
    for path in WORKFLOWS:
        workflow = yaml.safe_load(path.read_text("utf8"))
        for name, job in workflow["jobs"].items():
            yield name, job, job.get("permissions", workflow.get("permissions"))


def commands(job):
    """What a job runs, once for each case of its matrix."""
    cases = job.get("strategy", {}).get("matrix", {}).get("include", [{}])
    for case, step in itertools.product(cases, job.get("steps", [])):
        yield re.sub(
            r"\$\{\{ matrix\.(\w+) }}", lambda name, case=case: case[name[1]], step.get("run", "")
        )


def test_only_two_jobs_may_change_anything():
    writing = {}
    for name, _, permissions in jobs():
        assert isinstance(permissions, dict), f"{name} has GitHub's default permissions"
        writes = {what for what, allowed in permissions.items() if allowed != "read"}
        if writes:
            writing[name] = writes
    assert writing == {"deploy": {"pages", "id-token"}, "release": {"contents"}}


def test_the_jobs_that_may_change_something_run_neither_the_book_nor_the_code_of_others():
    changing = {name: job for name, job, _ in jobs() if name in ("deploy", "release")}
    for job in changing.values():
        used = [step["uses"] for step in job["steps"] if "uses" in step]
        assert all(action.startswith("actions/") for action in used)
        assert not [action for action in used if action.startswith("actions/checkout@")]
    runs = [step["run"] for job in changing.values() for step in job["steps"] if "run" in step]
    assert [run.split()[:3] for run in runs] == [["gh", "release", "create"]]


def test_no_checkout_leaves_credentials_behind():
    steps = [step for _, job, _ in jobs() for step in job.get("steps", [])]
    checkouts = [step for step in steps if step.get("uses", "").startswith("actions/checkout@")]
    assert len(checkouts) >= 5
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_every_action_is_pinned_to_a_commit_and_says_which_version_that_is():
    for path in WORKFLOWS:
        used = re.findall(r"uses: (?!\./)(.*)", path.read_text("utf8"))
        assert not [line for line in used if not re.fullmatch(PINNED, line)], path.name


def test_nothing_is_published_that_was_not_tested_or_is_not_main():
    publishing = {name: job for name, job, _ in jobs()}
    assert {"test", "hosts", "book"} <= set(publishing["deploy"]["needs"])
    assert publishing["book"]["if"] == "github.ref == 'refs/heads/main'"


def test_every_python_is_tested_and_the_hosts_run_that_of_binder():
    supported = re.search(r"^SUPPORTED := (.*)", text_of("Makefile"), re.M)[1].split()
    project = tomllib.loads(text_of("pyproject.toml"))["project"]
    allowed = SpecifierSet(project["requires-python"])
    assert sorted(supported) == [v for v in (f"3.{n}" for n in range(9, 20)) if v in allowed]
    cases = {name: job["strategy"]["matrix"]["include"] for name, job, _ in jobs()
             if "strategy" in job}  # fmt: skip
    assert sorted(case["python"] for case in cases["test"]) == sorted(supported)
    (hosts,) = [job for name, job, _ in jobs() if name == "hosts" and "steps" in job]
    (python,) = [step["with"]["python-version"] for step in hosts["steps"]
                 if "python-version" in step.get("with", {})]  # fmt: skip
    assert text_of("binder/runtime.txt").strip() == f"python-{python}"


def weekly():
    """What the weekly workflow runs, by the names of its jobs."""
    path = ROOT / ".github" / "workflows" / "weekly.yml"
    found = yaml.safe_load(path.read_text("utf8"))
    return {name: "\n".join(commands(job)) for name, job in found["jobs"].items()}


def test_every_week_the_newest_versions_run_on_other_data():
    assert re.search(r"echo \"BOOK_SEED=.*\$RANDOM", weekly()["newest"])
    assert re.search(r"^make test-hosts .*NEWEST=1 .*BOOK_SEED=", weekly()["newest"], re.M)


def test_every_week_links_to_other_hosts_and_what_is_pinned_are_looked_at():
    assert "make links-external" in weekly()["links"]
    assert "make audit" in weekly()["audit"]
    audit = re.search(r"^audit:.*\n((?:\t.*\n)+)", text_of("Makefile"), re.M)[1]
    assert re.search(r"pip-audit -r constraints\.txt", audit)
    assert re.search(r"zizmor (?!.*--offline).*\.github", audit)


def test_what_happens_every_week_stands_in_one_place():
    scheduled = [path.name for path in WORKFLOWS if "schedule:" in path.read_text("utf8")]
    assert scheduled == ["weekly.yml"]


def test_nothing_is_released_that_was_not_tested():
    released = {name: job for name, job, _ in jobs()}
    assert {"test", "archive"} <= set(released["release"]["needs"])
    steps = list(commands(released["archive"]))
    assert "make -s release-notes TAG=" in steps[2]
    assert {"make book", "make pdf", "make zip"} <= set(steps)


def test_the_commands_of_the_readme_are_run():
    first_screen = text_of("README.md").split("\n## ")[0]
    promised = set(re.findall(r"^(make [a-z-]+)", first_screen, re.M))
    assert promised == {"make book", "make test"}
    run = {command for _, job, _ in jobs() for command in commands(job)}
    for command in promised:
        assert any(line.startswith(command) for line in run), f"no workflow runs `{command}`"
        assert re.search(rf"^(.+ )?{command}\b", text_of(".ci/run"), re.M), command


@pytest.mark.parametrize("name", [*COMMANDS, *(f".github/workflows/{p.name}" for p in WORKFLOWS)])
def test_every_command_that_is_named_is_there(name):
    named = re.findall(r"(?:^|`|run: |\s{4})make ([a-z-]+)", text_of(name), re.M)
    targets = re.findall(r"^([a-z-]+):", text_of("Makefile"), re.M)
    assert set(named) <= set(targets)
    tools = re.findall(r"\b(tools/\w+(?:\.py)?)\b", text_of(name))
    assert not [tool for tool in tools if not (ROOT / tool).is_file()]
    assert named or tools
