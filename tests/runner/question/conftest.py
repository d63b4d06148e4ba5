from __future__ import annotations

from pathlib import Path

import pytest

from tests.runner.ask.made import asked_here
from tests.runner.question.made import KEPT_AT, clock_at, folder_of


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Questions are asked here, without processes of their own, and what is kept is kept at KEPT_AT."""
    for module in ("question.keep", "question.follow", "ask.explore", "ask.confirm"):
        monkeypatch.setattr(f"runner.{module}.ask_in_processes", asked_here)
    clock_at(monkeypatch, KEPT_AT)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder of nine days, in which nothing is kept yet."""
    return folder_of(tmp_path / "data")
