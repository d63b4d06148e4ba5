"""A place looked at, and brought up to date."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from runner.files.lock import WriterLock
from runner.upgrade.steps import STEPS, OldFile, Place


@dataclass(frozen=True)
class Upgraded:
    """A file that was brought up: what had been old, and where it stands as it was."""

    path: Path
    what: str
    copy: Path


def find_old(place: Place) -> list[OldFile]:
    """Everything that is old, by steps; changes nothing. Raises what the steps raise."""
    return [old for step in STEPS for old in step(place)]


def upgrade(place: Place) -> list[Upgraded]:
    """Bring up everything that is old; nothing to do is fine, and so is doing it again after a crash.

    Raises LockedError before anything is changed, where one of the files has a writer.
    """
    found = find_old(place)
    for old in found:
        if old.locked:
            WriterLock(old.path).acquire().release()
    return [Upgraded(old.path, old.what, old.bring_up()) for old in found]
