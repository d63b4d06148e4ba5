"""`collector.json`: what the collector is doing, for `ribbon status`; replaced whole at every beat.

What would surprise: a reserve of a few kilobytes lies beside it and is given up when the disk is full, because a full disk is just what the
state must still be able to say (GUARANTEES D4). A reader must look at `written` all the same: a state that grew old tells that nobody
writes it any more.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from lib.data.atomic import replace_json

STATE_FILE = "collector.json"
RESERVE_FILE = ".collector.reserve"
_RESERVE_BYTES = 32 * 1024


class StateFile:
    """The state of one data folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / STATE_FILE
        self._reserve = folder / RESERVE_FILE

    def write(self, state: dict[str, object]) -> bool:
        """Replace the state; False where even the reserve was not enough. What a reading brought is never lost over this."""
        try:
            replace_json(self.path, state)
        except OSError:
            with contextlib.suppress(OSError):
                self._reserve.unlink()
                replace_json(self.path, state)
                return True
            return False
        self._lay_by()
        return True

    def _lay_by(self) -> None:
        if self._reserve.exists():
            return
        try:
            self._reserve.write_bytes(b"\n" * _RESERVE_BYTES)
        except OSError:
            with contextlib.suppress(OSError):
                self._reserve.unlink()
