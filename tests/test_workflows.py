"""GitHub's workflows: valid, pinned, with the least permissions, and made of tested commands."""

from pathlib import Path
import re
import subprocess
import sys

import launch
import pytest
import yaml

FOLDER = launch.ROOT / ".github" / "workflows"
WORKFLOWS = sorted(FOLDER.glob("*.yml"))
TARGETS = re.findall(r"^([a-z-]+):", (launch.ROOT / "Makefile").read_text("utf8"), re.M)


def jobs(path):
    return yaml.safe_load(path.read_text("utf8"))["jobs"]


def steps():
    """Every step of every job."""
    return [
        step for path in WORKFLOWS for job in jobs(path).values() for step in job.get("steps", [])
    ]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_fits_githubs_schema(path):
    command = [Path(sys.executable).with_name("check-jsonschema")]
    command += ["--builtin-schema", "vendor.github-workflows", path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_action_is_pinned_to_a_commit_and_says_which_version_that_is():
    lines = [line for path in WORKFLOWS for line in path.read_text("utf8").splitlines()]
    used = [line.strip() for line in lines if re.match(r"\s*(- )?uses:", line)]
    assert used
    for line in used:
        assert re.search(r"uses: [\w./-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+$", line) or line.endswith(
            "uses: ./.github/workflows/test.yml"
        ), line


def test_every_step_runs_a_target_of_make_or_a_tool():
    for step in steps():
        if "run" in step:
            program, target, *_ = step["run"].split()
            assert program == "make" or (launch.ROOT / program).stat().st_mode & 0o100
            assert program != "make" or target in TARGETS


def test_no_job_may_do_more_than_it_must():
    test = yaml.safe_load((FOLDER / "test.yml").read_text("utf8"))
    assert test["permissions"] == {"contents": "read"}
    publish = yaml.safe_load((FOLDER / "publish.yml").read_text("utf8"))
    assert publish["permissions"] == {}
    assert {name: job["permissions"] for name, job in publish["jobs"].items()} == {
        "test": {"contents": "read"},
        "book": {"contents": "read"},
        "launch": {"contents": "write"},
        "deploy": {"pages": "write", "id-token": "write"},
    }
    assert set(publish["jobs"]["deploy"]["needs"]) == {"test", "book", "launch"}


def test_pull_requests_are_tested_and_main_is_published():
    on = {path.name: yaml.safe_load(path.read_text("utf8"))[True] for path in WORKFLOWS}  # "on"
    assert "pull_request" in on["test.yml"]
    assert on["publish.yml"]["push"] == {"branches": ["main"]}
    assert "pull_request" not in on["publish.yml"]


def test_caches_are_keyed_on_what_they_depend_on():
    keys = [step["with"]["key"] for step in steps() if "actions/cache@" in step.get("uses", "")]
    assert keys
    for key in keys:
        for part in ("helpers/**", "requirements.txt", "constraints.txt", "chapters/*.ipynb"):
            assert f"'{part}'" in key
    for path in WORKFLOWS:
        for job in jobs(path).values():
            uses = {step.get("uses", "").split("@")[0]: step for step in job.get("steps", [])}
            runs = [step["run"] for step in job.get("steps", []) if "run" in step]
            if any(run.startswith("make") and run != "make launch" for run in runs):
                setup = uses["actions/setup-python"]["with"]
                assert setup["cache"] == "pip"
                assert "constraints.txt" in setup["cache-dependency-path"]


def test_the_job_that_may_push_installs_nothing():
    job = jobs(FOLDER / "publish.yml")["launch"]
    runs = [step["run"] for step in job["steps"] if "run" in step]
    assert runs == ["make launch", "tools/push_launch _build/launch"]
    needed = re.search(r"^launch:([^#\n]*)", (launch.ROOT / "Makefile").read_text("utf8"), re.M)[1]
    assert needed.strip() == "", "`make launch` needs no set-up"


def test_only_main_is_published():
    publish = jobs(FOLDER / "publish.yml")
    for name in ("book", "launch"):
        assert publish[name]["if"] == "github.ref == 'refs/heads/main'"
