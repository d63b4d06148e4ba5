"""A notebook that somebody opened shows the demo while nothing was collected, and says so; nothing else ever falls back."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from lib import opened, paths

ROW = "timestamp,price\n2025-06-03T00:00:00Z,1\n"
SAY_FOLDER = """
from lib import paths
paths.repository_root = lambda: __import__("pathlib").Path(%r)
print(paths.trading_data(%r))
"""


@pytest.fixture
def repository(tmp_path, monkeypatch) -> Path:
    """A repository with a demo and nothing else; its trading_data folder."""
    folder = tmp_path / "trading_data"
    (folder / "demo").mkdir(parents=True)
    (folder / "demo" / "ema_data_5min.csv").write_text(ROW)
    (folder / "ema_data_5min.csv").write_text("timestamp,price\n")  # of a collector that read nothing
    monkeypatch.setattr(paths, "repository_root", lambda: tmp_path)
    monkeypatch.delenv("RIBBON_TRADING_DATA", raising=False)
    return folder


@pytest.fixture
def said(monkeypatch) -> list[str]:
    """What a notebook is shown."""
    told: list[str] = []
    monkeypatch.setattr(opened, "is_opened", lambda: True)
    monkeypatch.setattr(opened, "_say", told.append)
    return told


def test_an_open_notebook_shows_the_demo_and_says_so(repository, said):
    assert paths.trading_data() == paths.trading_data("") == repository / "demo"
    assert len(said) == 2 and "**demo**" in said[0] and "synthetic" in said[0]


def test_with_any_row_of_its_own_a_folder_is_opened_itself(repository, said):
    (repository / "claude_decisions.csv").write_text(ROW)
    assert paths.trading_data() == repository and said == []


def test_without_a_demo_there_is_nothing_to_fall_back_on(repository, said):
    (repository / "demo" / "ema_data_5min.csv").unlink()
    assert paths.trading_data() == repository and said == []


def test_a_folder_that_is_named_is_taken(repository, said, tmp_path, monkeypatch):
    assert paths.trading_data(repository) == repository
    monkeypatch.setenv("RIBBON_TRADING_DATA", str(tmp_path))
    assert paths.trading_data() == tmp_path and said == []


def test_no_command_and_no_test_falls_back(repository, monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "notebooks/00_start.ipynb")  # as in a shell below a notebook
    assert "ipykernel.kernelapp" not in sys.modules or not opened.is_opened()
    assert paths.trading_data() == repository


@pytest.mark.slow
@pytest.mark.parametrize(
    ("session", "named", "falls_back"), [(True, "", True), (False, "", False), (True, "own", False)]
)
def test_a_kernel_falls_back_only_in_a_session_of_jupyter(repository, session, named, falls_back):
    """papermill, nbval and a cycle start kernels without a session. Run again, the cell says it again."""
    from jupyter_client.manager import start_new_kernel

    unset = {"RIBBON_TRADING_DATA", "JPY_SESSION_NAME"}
    environment = {key: value for key, value in os.environ.items() if key not in unset}
    environment |= {"JPY_SESSION_NAME": "notebooks/01.ipynb"} if session else {}
    manager, client = start_new_kernel(env=environment, cwd=str(Path(__file__).parents[2]))
    shown: list[dict] = []
    try:
        name = str(repository / named) if named else ""
        cell = SAY_FOLDER % (str(repository.parent), name)
        for source in (cell, f"paths.trading_data({name!r})", cell):
            client.execute_interactive(source, output_hook=shown.append, timeout=60)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    texts = [message["content"]["text"].strip() for message in shown if message["msg_type"] == "stream"]
    told = [message for message in shown if message["msg_type"] == "display_data"]
    assert set(texts) == {str(repository / ("demo" if falls_back else named))}, json.dumps(texts)
    assert len(told) == (2 if falls_back else 0)
