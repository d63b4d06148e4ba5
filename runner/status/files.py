"""How new a folder's samples and candles are, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from lib.contract import schema
from lib.contract.standing import is_there, packed_remedy
from lib.contract.times import iso, parse_instant
from lib.data.newest import (
    NOT_TAKEN_FIX,
    newest_in,
    newest_or_refused,
    not_taken_at_end,
)
from lib.data.one_market import mixed_folder
from runner.cycle.inputs import LATE_FIX, behind_data
from runner.status.unchanged import Unchanged
from runner.trade.events import EVENTS_FILE

#: Bytes of a file's end that are looked at for rows that cannot be taken: some hours and days of them, and of decisions a thousand.
_END_BYTES, _DECISION_BYTES = 128 * 1024, 1 << 20


class FilesOfFolder:
    """The files of samples and candles, each read again where it changed. A finding has `part`, `what` and `fix`."""

    def __init__(self, folder: Path, memory: Unchanged) -> None:
        self._folder, self._memory = folder, memory

    def there(self) -> list[Path]:
        """Those that are there: samples before candles."""
        names = (*schema.SAMPLE_FILES.values(), *schema.CANDLE_FILES.values())
        return [self._folder / name for name in names if is_there(self._folder / name)]

    def packed(self) -> list[dict[str, str]]:
        """The folder's files that are not there and stand packed beside their place, which nobody reads."""
        names = (
            *schema.SAMPLE_FILES.values(),
            *schema.CANDLE_FILES.values(),
            schema.DECISIONS_FILE,
            EVENTS_FILE,
        )
        told = {name: packed_remedy(self._folder / name) for name in names}
        return [_finding(f"{name} is not there", fix) for name, fix in told.items() if fix]

    def mixed(self) -> list[dict[str, str]]:
        """That files do not belong together, as a finding; none where they do. Raises DataError, OSError."""
        files = [
            self._folder / name for name in (*schema.SAMPLE_FILES.values(), *schema.CANDLE_FILES.values())
        ]
        told = self._memory.of("mixed", files, lambda: mixed_folder(self._folder))
        return [_finding(*told)] if told else []

    def newest(self, path: Path, now: pd.Timestamp) -> tuple[pd.Timestamp | None, list[dict[str, str]]]:
        """The newest row's time up to `now`, None without one; and findings: rows that cannot be taken, rows ahead of the clock.

        Raises DataError where no row can be taken.
        """
        last = self._memory.of(f"newest {path.name}", [path], lambda: newest_or_refused(path))
        if last is None:
            return None, []
        length = _DECISION_BYTES if path.name == schema.DECISIONS_FILE else _END_BYTES
        told = self._memory.of(f"set aside {path.name}", [path], lambda: not_taken_at_end(path, length))
        findings = [_finding(told, NOT_TAKEN_FIX)] if told else []
        if last <= now:
            return last, findings
        newest = newest_in(path, now=now)
        if last != newest:
            what = (
                f"{path.name} has rows ahead of this machine's clock, up to {iso(last)}; they are set aside"
            )
            findings.append(_finding(what, "Set the clock right"))
        return newest, findings


def late_cycle(found: dict[str, Any], now: pd.Timestamp) -> list[dict[str, str]]:
    """That the samples of a status are live and its cycles have stopped, as a finding."""
    ages = [
        age for name, age in (found["data"] or {}).items() if age and name in schema.SAMPLE_FILES.values()
    ]
    newest = max((parse_instant(age["at"]) for age in ages), default=None)
    published = parse_instant(found["last_cycle"]["at"]) if found["last_cycle"] else None
    told = behind_data(published, newest, now)
    return [{"part": "cycle", "what": told, "fix": LATE_FIX}] if told else []


def _finding(what: str, fix: str) -> dict[str, str]:
    return {"part": "data", "what": what, "fix": fix}
