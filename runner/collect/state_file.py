"""`collector.json`: what the collector is doing, for `ribbon status`; replaced whole at every beat.

What would surprise: it must be writable when the disk is full, because that is what it then has to say (docs/guarantees.md, D4). So a
reserve of the same size lies beside it; when no new file can be made, the reserve's own blocks are written over and the two files change
places. The text is padded to a fixed size for that. A reader must look at `written` all the same: a state that grew old tells that nobody
writes it any more.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from lib.contract.standing import open_file
from lib.data.atomic import replace_text

STATE_FILE = "collector.json"
RESERVE_FILE = ".collector.reserve"
_BLOCK_BYTES = 8 * 1024


class StateFile:
    """The state of one data folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / STATE_FILE
        self._reserve = folder / RESERVE_FILE
        self._spare = self._reserve.with_suffix(".spare")

    def write(self, state: dict[str, object]) -> bool:
        """Replace the state; False where even the reserve could not be used. What a reading brought is never lost over this."""
        text = _padded(json.dumps(state, indent=2, ensure_ascii=True, allow_nan=False))
        try:
            replace_text(self.path, text)
        except OSError:
            return self._use_reserve(text.encode())
        self._lay_by(len(text))
        return True

    def _use_reserve(self, data: bytes) -> bool:
        try:
            with open_file(self._reserve, "r+b") as file:  # it must be there: its blocks are what counts
                file.write(data)
                file.truncate()
                file.flush()
                os.fsync(file.fileno())
            self._spare.unlink(missing_ok=True)
            self._spare.hardlink_to(self.path)  # so that the blocks of the state before become the reserve
            self._reserve.replace(self.path)
            self._spare.replace(self._reserve)
        except OSError:
            return False
        return True

    def _lay_by(self, size: int) -> None:
        """See to it that the reserve has real blocks of `size` bytes."""
        try:
            self._spare.unlink(missing_ok=True)  # of one that was killed while the two changed places
            if self._reserve.exists() and self._reserve.stat().st_size >= size:
                return
            self._reserve.write_bytes(b" " * size)
        except OSError:
            return  # tried again at the next beat


def _padded(text: str) -> str:
    blocks = len(text) // _BLOCK_BYTES + 1
    return text.ljust(blocks * _BLOCK_BYTES - 1) + "\n"
