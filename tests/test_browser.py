"""How the tests find a browser."""

from types import SimpleNamespace

from conftest import MISSING, find_browser, give_up
import pytest


def playwright(executable):
    return SimpleNamespace(chromium=SimpleNamespace(executable_path=str(executable)))


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """A machine on which nothing is installed."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("conftest.Path", lambda *parts: tmp_path.joinpath("".join(map(str, parts))))
    return tmp_path


def executable(path):
    path.write_text("#!/bin/sh")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("name", ["chromium", "google-chrome"])
def test_an_installed_browser_comes_first(nowhere, name):
    own = executable(nowhere / "own")
    installed = executable(nowhere / name)
    assert find_browser(playwright(own)) == {"executable_path": str(installed)}


def test_playwrights_own_comes_next(nowhere):
    assert find_browser(playwright(executable(nowhere / "own"))) == {}


def test_without_a_browser_a_test_is_skipped_but_on_ci_it_fails(nowhere, monkeypatch):
    assert find_browser(playwright(nowhere / "own")) is None
    assert "install Chromium" in MISSING
    assert len(MISSING.splitlines()) == 1
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no browser"):
        give_up()
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no browser"):
        give_up()
