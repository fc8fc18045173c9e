"""The package itself: the version that a notebook asks for, and the host it runs on."""

import sys
from types import ModuleType

import helpers
import pytest


def test_a_notebook_for_this_version_is_let_in():
    major, minor, _ = helpers.__version__.split(".")
    for version in (major, f"{major}.{minor}", helpers.__version__):
        helpers.require(version)


@pytest.mark.parametrize("version", ["0.2", "1.00", "1.0.00", "10"])
def test_a_notebook_for_another_version_is_told_so_in_one_line(version):
    with pytest.raises(helpers.VersionError) as caught:
        helpers.require(version)
    (line,) = caught.value._render_traceback_()
    assert f"needs version {version} of" in line
    assert f"{helpers.__version__} is installed" in line
    assert "\n" not in line


def test_colab_is_known_by_its_module(monkeypatch):
    monkeypatch.delitem(sys.modules, "google.colab", raising=False)
    assert not helpers.in_colab()
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    assert helpers.in_colab()
