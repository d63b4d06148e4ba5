"""ticks.csv: one row for every tick that asked nobody (docs/data-contracts.md, docs/guarantees.md, L1)."""

from __future__ import annotations

from pathlib import Path

from lib.data.formats import instant_text
from runner.errors import WriteFailedError
from runner.files.journal import Journal

TICKS_FILE = "ticks.csv"
COLUMNS = ("timestamp", "outcome", "reason_code")
#: In every version's file; a column that is added goes behind them.
FIRST_COLUMNS = COLUMNS[:3]


def tick_journal(folder: Path) -> Journal:
    """The journal under a folder's ticks."""
    return Journal(folder / TICKS_FILE, COLUMNS, later=COLUMNS[len(FIRST_COLUMNS) :])


class TickLog:
    """The ticks file of a folder; holds its lock while open. `at_once`: rows that are written together; 1 live, more in a replay."""

    def __init__(self, folder: Path, at_once: int = 1) -> None:
        self._journal = tick_journal(folder)
        self._at_once = at_once
        self._waiting: list[tuple[int, str, str]] = []
        self._failed = False

    def __enter__(self) -> TickLog:
        self._journal.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.flush()
        finally:
            self._journal.close()

    @property
    def behind(self) -> bool:
        """Whether the disk did not take the rows written last."""
        return self._failed

    def write(self, at: int, outcome: str, reason_code: str) -> None:
        """One tick's row; one that the disk does not take waits for the next."""
        self._waiting.append((at, outcome, reason_code))
        if len(self._waiting) >= self._at_once:
            self.flush()

    def flush(self) -> None:
        """Write what waits; what the disk does not take goes on waiting."""
        if not self._waiting:
            return
        try:
            self._journal.append(
                [self._row(instant_text(at), outcome, code) for at, outcome, code in self._waiting]
            )
        except WriteFailedError:
            self._failed = True
        else:
            self._failed = False
            self._waiting.clear()

    def _row(self, *texts: str) -> str:
        fields = dict(zip(COLUMNS, texts, strict=True))
        return ",".join(fields.get(name, "") for name in self._journal.header)
