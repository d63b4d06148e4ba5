"""The nouns of executing notebooks: what is to be run, and how it ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Status = Literal["waiting", "running", "ok", "failed", "skipped", "interrupted"]
#: What a limit is of; a run that passes one has failed.
Limit = Literal["time", "output", "memory"]
DEFAULT_LOOKBACK_HOURS = 24.0
DEFAULT_LIMIT_S, DEFAULT_OUTPUT_MB, DEFAULT_MEMORY_MB = 300.0, 20.0, 2000.0
MB = 1_000_000
#: Tags of the first cell that reads the data, which the cycle looks at first, and of the first that reads what other notebooks of the
#: cycle left: the cells before it may run while the others are at work.
WAITS = ("reads-data", "reads-results")


@dataclass(frozen=True)
class NotebookJob:
    """One notebook to execute: the source is read, `output` written; each of `writes` must be there afterwards."""

    name: str
    source: Path
    output: Path
    parameters: dict[str, Any] = field(default_factory=dict)
    writes: tuple[Path, ...] = ()
    limit_s: float = DEFAULT_LIMIT_S  #: wall time
    output_mb: float = DEFAULT_OUTPUT_MB  #: of all that its kernel sends, and of the executed copy
    memory_mb: float = DEFAULT_MEMORY_MB  #: of all its processes together
    kernel_name: str | None = None  #: None: the one the notebook names
    folder: Path | None = None  #: that it runs in, where its helpers are; None: the source's own
    waits: bool = False  #: whether a cell of it has a tag of WAITS, before which it can wait


@dataclass(frozen=True)
class NotebookOutcome:
    """How a notebook's run ended. `started` is ISO in UTC; `error` one line, "" when ok."""

    name: str
    status: Status
    error: str = ""
    traceback: str = ""
    started: str | None = None
    seconds: float = 0.0
    attempts: int = 0
    warnings: tuple[str, ...] = ()


#: Told of each change: name, status, seconds since the start.
Watch = Callable[[str, Status, float], None]
