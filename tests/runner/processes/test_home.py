"""A user without a home, as in a container, or with one that takes nothing, as a service has it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from runner import main
from runner.processes.home import home_of_libraries

CACHES = {"NUMBA_CACHE_DIR", "MPLCONFIGDIR"}
SETTINGS = {"JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"}


@pytest.fixture
def nothing_set(monkeypatch):
    for name in CACHES | SETTINGS:
        monkeypatch.delenv(name, raising=False)


def set_of_them() -> set[str]:
    return (CACHES | SETTINGS) & set(os.environ)


def test_libraries_that_keep_something_work_without_a_home():
    code = """
from runner.processes.home import home_of_libraries
with home_of_libraries():
    from jupyter_core.paths import jupyter_data_dir, jupyter_path
    import os, matplotlib
    from numba.core.config import CACHE_DIR
    told = [jupyter_data_dir(), jupyter_path()[0], matplotlib.get_configdir(), CACHE_DIR]
    print(all(os.path.isdir(os.path.dirname(each)) for each in told), CACHE_DIR == os.environ["NUMBA_CACHE_DIR"])
print(os.path.isdir(os.path.dirname(CACHE_DIR)))
"""
    bare = {name: value for name, value in os.environ.items() if name not in CACHES | SETTINGS}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        env=bare | {"HOME": "~", "PYTHONPATH": str(Path.cwd())},
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "True True\nFalse\n", "")


@pytest.mark.parametrize("home, needed", [("~", CACHES | SETTINGS), ("file", CACHES), ("", set())])
def test_every_command_has_them(home, needed, tmp_path, monkeypatch, nothing_set):
    (tmp_path / "file").touch()
    monkeypatch.setenv("HOME", home if home == "~" else str(tmp_path / home))
    seen: list[set[str]] = []
    monkeypatch.setattr(main, "_main", lambda: seen.append(set_of_them()))
    main.main()
    assert (seen, set_of_them()) == ([needed], set())


def test_what_a_person_set_and_what_a_tilde_means_stay(tmp_path, monkeypatch, nothing_set):
    monkeypatch.setenv("HOME", "~")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    with home_of_libraries():
        assert (os.environ["NUMBA_CACHE_DIR"], os.environ["HOME"]) == (str(tmp_path), "~")
    assert os.environ["NUMBA_CACHE_DIR"] == str(tmp_path)
