"""The log of experiments, read back strictly: what cannot follow what is there is an error with its line, never a guess.

`ExperimentLog` is grown row by row, by whoever writes the rows (`why_not` says before a row is written why it cannot be) and by whoever
reads a file (`read_log`). One experiment runs at a time. A draw must be the one that seed and number give, so a log that somebody edited
to another arm is seen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from lib.errors import DataError
from lib.experiments.rows import Begin, Draw, Released, Row, read_row
from lib.experiments.running import ExperimentRows

#: In the data folder.
EXPERIMENTS_FILE = "experiments.jsonl"
PUT_BACK = "Put the file back from a copy, or move it away and begin with a new experiment"
#: Characters of a refused line that are shown.
_SHOWN = 160


@dataclass
class ExperimentLog:
    """All experiments of a folder, in the order in which they were begun."""

    experiments: list[ExperimentRows] = field(default_factory=list)

    @property
    def newest(self) -> ExperimentRows | None:
        """The experiment that was begun last, running or not."""
        return self.experiments[-1] if self.experiments else None

    @property
    def current(self) -> ExperimentRows | None:
        """The experiment that is running: the last one, unless it was stopped."""
        return self.newest if self.newest is not None and self.newest.stop is None else None

    @property
    def rolled_back(self) -> ExperimentRows | None:
        """The last experiment if harm was proven in it and no person has released it: arm b is in force."""
        newest = self.newest
        harmful = newest is not None and newest.verdict is not None and newest.verdict.verdict == "harms"
        return newest if harmful and newest.released is None else None

    def next_id(self) -> str:
        """What the next experiment is called."""
        return f"e{len(self.experiments) + 1}"

    def next_draw(self, at: int) -> Draw:
        """The draw of a block that begins at the tick `at`, to be written before anybody is asked. ValueError where none may begin."""
        if self.current is None:
            raise ValueError("no experiment is running")
        row = self.current.next_draw(at)
        if fault := self.why_not(row):
            raise ValueError(fault)
        return row

    def why_not(self, row: Row) -> str:
        """Why a row cannot follow what is there; "" if it can."""
        if isinstance(row, Begin):
            return self._why_not_begin(row)
        if self.newest is None or row.experiment != self.newest.definition.id:
            return f"{row.experiment} is not the experiment that was begun last"
        if isinstance(row, Released) and self.rolled_back is None:
            return f"there is nothing to release: no harm was proven in {row.experiment}, or it was released"
        return self.newest.why_not(row)

    def _why_not_begin(self, row: Begin) -> str:
        if row.experiment != row.definition.id or row.definition.id != self.next_id():
            return f"it is not called {self.next_id()}, which comes next"
        if self.current is not None:
            return f"{self.current.definition.id} is running, and one runs at a time"
        if self.rolled_back is not None:
            return f"harm was proven in {self.rolled_back.definition.id}, and nobody has released it"
        if self.newest is not None and self.newest.open_block is not None:
            return f"block {self.newest.open_block.block} of {self.newest.definition.id} has not ended"
        if (row.a_sha256, row.b_sha256) != (row.definition.a.sha256(), row.definition.b.sha256()):
            return "the hashes are not those of its arms"
        return ""

    def accept(self, row: Row) -> None:
        """Let a row count. Raises ValueError with `why_not`."""
        if fault := self.why_not(row):
            raise ValueError(f"{row.kind} of {row.experiment}: {fault}")
        if isinstance(row, Begin):
            self.experiments.append(ExperimentRows(row))
        elif self.newest is not None:
            self.newest.take(row)


def read_log(lines: Iterable[str], path: Path) -> ExperimentLog:
    """The log of a file's whole lines, without their ends. Raises DataError with file, line, the text that was there and the remedy."""
    log = ExperimentLog()
    for number, line in enumerate(lines, 1):
        try:
            log.accept(read_row(line))
        except ValueError as error:
            raise DataError(
                f"this cannot stand here ({_why(error)}): «{shown(line)}»",
                path=path,
                line=number,
                fix=PUT_BACK,
            ) from None
    return log


def shown(line: str) -> str:
    """A line as an error shows it."""
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"


def _why(error: ValueError) -> str:
    """One sentence of what is wrong with a line."""
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {first['msg']}" if place else first["msg"]
