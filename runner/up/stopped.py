"""The parts of a running `ribbon up` that somebody stopped (`supervisorctl stop trade`): each leaves a mark until its next start."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pandas as pd

from lib.contract.times import iso
from runner.up.orphans import answers_at
from runner.up.programs import CONFIG, FOLDER

_ENDING = ".stopped"


def note_stopped(data: Path, name: str) -> None:
    """Leave the mark of a part over the data folder `data`."""
    with contextlib.suppress(OSError):  # a part ends when it is told to, whatever the disk says
        _mark(data, name).touch()


def note_started(data: Path, name: str) -> None:
    """Take it away."""
    with contextlib.suppress(OSError):
        _mark(data, name).unlink(missing_ok=True)


def forget_stopped(data: Path) -> None:
    """Take all away: a new `ribbon up` begins."""
    for mark in (data / FOLDER).glob(f"*{_ENDING}"):
        note_started(data, mark.stem)


def stopped_findings(data: Path) -> list[tuple[str, str]]:
    """What is stopped of the `ribbon up` that runs over a data folder, and how it goes on; nothing where none runs."""
    marks = sorted((data / FOLDER).glob(f"*{_ENDING}"))
    if not marks or not answers_at(data / FOLDER):
        return []
    told = []
    for mark in marks:
        with contextlib.suppress(OSError):  # it has been started meanwhile
            since = iso(pd.Timestamp(mark.stat().st_mtime, unit="s", tz="UTC").floor("s"))
            what = f"`ribbon up` runs, and its part {mark.stem} is stopped since {since}"
            told.append(
                (what, f"`supervisorctl -c {data / FOLDER / CONFIG} start {mark.stem}` starts it again")
            )
    return told


def _mark(data: Path, name: str) -> Path:
    return data / FOLDER / f"{name}{_ENDING}"
