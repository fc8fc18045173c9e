"""GitHub's workflows: what may be changed by whom, and that they call the book's own commands.

`make lint` checks their form (check-jsonschema) and their security (zizmor): every action pinned to
a commit, no credentials left behind, no injection.
"""

import re

import launch
import pytest
import yaml

WORKFLOWS = sorted((launch.ROOT / ".github" / "workflows").glob("*.yml"))
COMMANDS = ["README.md", "CONTRIBUTING.md", ".ci/run"]


def text_of(name):
    return (launch.ROOT / name).read_text("utf8")


def jobs():
    """The name of every job, the job, and what it is permitted to do."""
    for path in WORKFLOWS:
        workflow = yaml.safe_load(path.read_text("utf8"))
        for name, job in workflow["jobs"].items():
            yield name, job, job.get("permissions", workflow.get("permissions"))


def commands(job):
    return [step["run"] for step in job.get("steps", []) if "run" in step]


def test_only_two_jobs_may_change_anything_and_none_by_default():
    writing = {}
    for name, _, permissions in jobs():
        assert isinstance(permissions, dict), f"{name} has GitHub's default permissions"
        writes = {what for what, allowed in permissions.items() if allowed != "read"}
        if writes:
            writing[name] = writes
    assert writing == {"launch": {"contents"}, "deploy": {"pages", "id-token"}}


def test_the_jobs_that_may_change_something_run_nobody_else_s_code():
    used = {name: (commands(job), job) for name, job, _ in jobs()}
    for name in ("launch", "deploy"):
        run, job = used[name]
        assert set(run) <= {"make launch", "tools/push_launch _build/launch"}
        for step in job["steps"]:
            assert step.get("uses", "actions/").startswith("actions/")
    needed = re.search(r"^launch:([^#\n]*)", text_of("Makefile"), re.M)[1]
    assert needed.strip() == "", "`make launch` needs no set-up, which would install packages"


def test_nothing_is_published_that_was_not_tested_or_is_not_main():
    publishing = {name: job for name, job, _ in jobs()}
    assert {"test", "book", "launch"} <= set(publishing["deploy"]["needs"])
    assert "test" in publishing["launch"]["needs"]
    for name in ("book", "launch"):
        assert publishing[name]["if"] == "github.ref == 'refs/heads/main'"


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
    assert not [tool for tool in tools if not (launch.ROOT / tool).is_file()]
    assert named or tools
