"""`collector.json`: whole at any instant, and told even when the disk is full."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pandas as pd
import pytest

from runner.collect import state_file
from runner.collect.collector_state import ChartState, CollectorState
from runner.collect.state_file import RESERVE_FILE, StateFile
from runner.errors import WriteFailedError
from runner.files.journal import Journal


def refuse(path: Path, text: str) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def full_disk(monkeypatch):
    """No file can be made; what exists can be written over."""
    monkeypatch.setattr(state_file, "replace_text", refuse)


def told(state: StateFile) -> dict:
    return json.loads(state.path.read_text())


def test_a_full_disk_can_be_told_again_and_again_without_new_blocks(tmp_path, monkeypatch):
    state, reserve = StateFile(tmp_path), tmp_path / RESERVE_FILE
    assert state.write({"beat": 0})
    blocks = {state.path.stat().st_ino, reserve.stat().st_ino}
    assert len(blocks) == 2
    with monkeypatch.context() as full:
        full.setattr(state_file, "replace_text", refuse)
        for beat in range(1, 20):
            assert state.write({"beat": beat})
            assert told(state) == {"beat": beat}
            assert {state.path.stat().st_ino, reserve.stat().st_ino} == blocks
            assert {path.name for path in tmp_path.iterdir()} == {"collector.json", RESERVE_FILE}
    assert state.write({"beat": 20})
    assert told(state) == {"beat": 20}


def test_a_longer_state_gets_a_longer_reserve(tmp_path, monkeypatch):
    state = StateFile(tmp_path)
    long = {"words": "x" * 9_000}
    state.write({"beat": 0})
    state.write(long)
    assert (tmp_path / RESERVE_FILE).stat().st_size == state.path.stat().st_size == 16_384
    monkeypatch.setattr(state_file, "replace_text", refuse)
    assert state.write(long | {"beat": 1})
    assert told(state)["beat"] == 1
    assert state.write({"beat": 2})
    assert told(state) == {"beat": 2}


def test_a_folder_that_takes_nothing_is_no_reason_to_stop(tmp_path, full_disk):
    assert not StateFile(tmp_path).write({"status": "reading"})


def test_what_a_kill_left_while_the_two_changed_places_goes_with_the_next_state(tmp_path):
    state, spare = StateFile(tmp_path), tmp_path / ".collector.spare"
    spare.write_text("left")
    assert state.write({"status": "reading"}) and not spare.exists()


@pytest.mark.parametrize(("status", "rows"), [("disk_full", "3 rows"), ("stopped", "8 rows")])
def test_rows_that_the_disk_never_took_are_told(status, rows):
    charts = {"5min": ChartState(rows_given_up=3, rows_waiting=4), "15min": ChartState(rows_waiting=1)}
    state = CollectorState(status=status, written="2026-01-05T00:00:00Z", charts=charts)
    found = state.findings(pd.Timestamp("2026-01-05T00:00:05Z"))
    (lost,) = [each for each in found if "were lost" in each.what]
    assert lost.what.startswith(f"{rows} of it") and "--gaps" in lost.fix


@pytest.mark.parametrize(
    ("begins", "fix"),
    [("No space left on device", "Free some space"), ("other content", "start `ribbon collect`")],
)
def test_a_file_that_somebody_wrote_anew_is_no_fault_of_the_disk(tmp_path, begins, fix):
    path = tmp_path / "rows.csv"
    with Journal(path, ["timestamp", "note"]) as journal:
        journal.append(["1,a"])
        path.write_text("timestamp,note\n2,b\n3,c\n")
        with pytest.raises(WriteFailedError) as refused:
            journal.append(["4,d"])
    disk = (
        str(refused.value) if begins == "other content" else f"{path}: {begins}; nothing of 1 rows was kept"
    )
    state = CollectorState(status="disk_full", written="2026-01-05T00:00:00Z", disk=disk)
    (found,) = state.findings(pd.Timestamp("2026-01-05T00:00:05Z"))
    assert begins in found.what and fix in found.fix
