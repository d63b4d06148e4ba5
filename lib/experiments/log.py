"""The log of experiments, read back strictly: what cannot follow what is there is an error with its line, never a guess.

`ExperimentLog` is grown row by row, by whoever writes the rows (`accept` before a row is written says why it cannot be) and by whoever reads
a file (`read_log`). One experiment is open at a time. A draw must be the one that seed and number give, so a log that somebody edited to
another arm is seen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from lib.experiments.arm import Letter
from lib.experiments.experiment import Experiment
from lib.experiments.rows import (
    Answered,
    Begin,
    BlockEnded,
    Draw,
    Released,
    Row,
    ShadowLeftOut,
    Stop,
    VerdictFound,
)

#: In the data folder.
EXPERIMENTS_FILE = "experiments.jsonl"


@dataclass
class ExperimentRows:
    """One experiment's rows, by kind, in the order in which they were written."""

    begin: Begin
    draws: list[Draw] = field(default_factory=list)
    answers: dict[int, list[Answered]] = field(default_factory=dict)  #: by block
    left_out: dict[int, list[ShadowLeftOut]] = field(default_factory=dict)  #: by block
    ends: dict[int, BlockEnded] = field(default_factory=dict)  #: by block
    verdict: VerdictFound | None = None
    stop: Stop | None = None
    released: Released | None = None

    @property
    def definition(self) -> Experiment:
        """What is compared."""
        return self.begin.definition

    @property
    def open_block(self) -> Draw | None:
        """The block that has begun and not ended."""
        raise NotImplementedError

    def probability(self) -> float:
        """With which arm a is drawn for the next block: the share; once help is proven all but the holdout."""
        raise NotImplementedError


@dataclass
class ExperimentLog:
    """All experiments of a folder, in the order in which they were begun."""

    experiments: list[ExperimentRows] = field(default_factory=list)

    @property
    def current(self) -> ExperimentRows | None:
        """The experiment that is running: the last one, unless it was stopped."""
        raise NotImplementedError

    @property
    def rolled_back(self) -> ExperimentRows | None:
        """The last experiment if harm was proven in it and no person has released it: arm b is in force."""
        raise NotImplementedError

    def next_draw(self, at: int) -> Draw:
        """The draw of a block that begins at the tick `at`; to be written before anybody is asked. Raises ValueError where none may begin."""
        raise NotImplementedError

    def why_not(self, row: Row) -> str:
        """Why a row cannot follow what is there; "" if it can."""
        raise NotImplementedError

    def accept(self, row: Row) -> None:
        """Let a row count. Raises ValueError with `why_not`."""
        raise NotImplementedError


def read_log(lines: Iterable[str], path: Path) -> ExperimentLog:
    """The log of a file's whole lines. Raises DataError with file, line, the text that stood there and the remedy."""
    raise NotImplementedError
