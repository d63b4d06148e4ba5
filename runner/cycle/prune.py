"""Which old cycles are deleted.

RULE: every cycle of the last 7 days stays; of the days before, the last cycle of each UTC day stays for 90 days; the last 24 before the
running one stay whatever their age. Failed cycles count like any other. A folder that is not named like a cycle or has no manifest is
never touched.

No clock is trusted alone: age counts from the newest cycle but the one that is running, and from now where that is earlier. A clock that
jumped ahead names this one cycle and ages none; one that was set back, or was put right again, finds nothing old in what lies after it.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

RULE = "all cycles of the last 7 days, then the last one of each day for 90 days, and in any case the last 24"
_KEEP_ALL = timedelta(days=7)
_KEEP_DAILY = timedelta(days=90)
_KEEP_LAST = 24
MANIFEST = "manifest.json"
_CYCLE_NAME = re.compile(r"(\d{8}T\d{6}Z)(?:-(\d+))?")
_BEING_REMOVED = ".pruned-"


def started_at(name: str) -> tuple[datetime, int] | None:
    """When a cycle folder of this name was started, and its number within that second; None if it is no such name."""
    found = _CYCLE_NAME.fullmatch(name)
    if found is None:
        return None
    try:
        moment = datetime.strptime(found[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
    return moment, int(found[2] or 1)


def cycle_folders(outputs: Path) -> list[Path]:
    """Folders of cycles, newest first: named like one, a real folder, with a manifest."""
    found = [
        path
        for path in outputs.iterdir()
        if started_at(path.name) and path.is_dir() and not path.is_symlink() and (path / MANIFEST).is_file()
    ]
    return sorted(found, key=lambda path: started_at(path.name) or (), reverse=True)


def to_remove(names: Iterable[str], now: datetime, running: str) -> list[str]:
    """The cycles that RULE gives up, oldest first; `running` is the name of the one at work, whose clock says `now`."""
    others = sorted((moment, name) for name in names if name != running and (moment := started_at(name)))
    if not others:
        return []
    reference = min(now, others[-1][0][0])
    last_of_day = {moment[0].date(): name for moment, name in others}
    removed = []
    for (moment, _), name in others[:-_KEEP_LAST]:
        age = reference - moment
        if age <= _KEEP_ALL or (age <= _KEEP_DAILY and last_of_day[moment.date()] == name):
            continue
        removed.append(name)
    return removed


def prune(outputs: Path, now: datetime, running: str) -> list[str]:
    """Delete what RULE gives up; returns the names. What cannot be deleted is tried again by the next cycle, and ends none."""
    _clear(
        outputs
    )  # what an earlier cycle left would stand in the way of a cycle that was put back under its name
    removed = []
    for name in to_remove([path.name for path in cycle_folders(outputs)], now, running):
        # Renamed first: a removal that is cut short must not leave half a cycle under its name.
        with suppress(OSError):
            (outputs / name).rename(outputs / f"{_BEING_REMOVED}{name}")
            removed.append(name)
    _clear(outputs)
    return removed


def _clear(outputs: Path) -> None:
    for path in outputs.glob(f"{_BEING_REMOVED}*"):
        if started_at(path.name.removeprefix(_BEING_REMOVED)) and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
