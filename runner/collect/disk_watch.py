"""Whether a collector's rows reach the disk; said once when they stop doing so and once when they do again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from runner.errors import WriteFailedError


class Written(Protocol):
    """Files that keep what the disk does not take, until it does."""

    def write(self) -> object:
        """Write what waits; raises WriteFailedError while the disk takes nothing, FsyncFailedError when all is lost."""


class DiskWatch:
    """`fault` is what the disk said, "" while it takes all; `again` names when a writer tries again."""

    def __init__(self, say: Callable[[str], object], again: str) -> None:
        self._say, self._again = say, again
        self.fault = ""

    def write(self, files: Iterable[Written]) -> None:
        """Write what waits in each of `files`. Raises FsyncFailedError."""
        fault = ""
        for each in files:
            try:
                each.write()
            except WriteFailedError as error:
                fault = str(error)
        if fault and not self.fault:
            self._say(f"disk: {fault}; tried again at every {self._again}")
        elif self.fault and not fault:
            self._say("disk: writing goes on")
        self.fault = fault
