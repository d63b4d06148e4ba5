"""The temporary place of a check: every run finds its data and its run folder under the same two paths, one run after the other.

A path may stand in an output, so that two folders would make two runs differ. The real data folder and the real outputs are only read.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lib.contract.times import parse_instant
from runner.cycle.models import Watch
from runner.lookahead.folder import AlteredFolder, alter_folder, copy_learning, whole_folder
from runner.lookahead.rows import Mode
from runner.processes.scratch import private_folder, remove_folder

WHOLE = "whole"
_MODES: dict[str, Mode] = {"cut": "cut", "poison": "poison", "sink": "sink"}


@dataclass(frozen=True)
class Workplace:
    """Where runs happen and how: `warm` is the socket to fork from, `stop()` says that somebody wants the end."""

    root: Path
    warm: Path | None = None
    at_once: int = 2
    stop: Callable[[], bool] = lambda: False
    watch: Watch | None = None
    tell: Callable[[str], None] = field(default=lambda line: None)

    @property
    def data(self) -> Path:
        """The data folder of the run at hand."""
        return self.root / "data"

    @property
    def run(self) -> Path:
        """The run folder of the run at hand."""
        return self.root / "run"

    def prepare(
        self,
        source: Path,
        as_of: str,
        mode: Mode | str,
        insights: Sequence[Path | None] = (),
        clock: str | None = None,
    ) -> AlteredFolder:
        """Empty the place and lay out the data for one run, a Mode or `whole`; a person's choices are those up to `clock`."""
        for folder in (self.data, self.run):
            shutil.rmtree(folder, ignore_errors=True)
        instant = parse_instant(as_of)
        altered = AlteredFolder({}, ())
        if mode == WHOLE:
            whole_folder(source, self.data)
        else:
            altered = alter_folder(source, self.data, instant, _MODES[mode])
        copy_learning(source, self.data, instant, insights, parse_instant(clock) if clock else None)
        for folder in ("notebooks", "results", "reports"):
            (self.run / folder).mkdir(parents=True)
        return altered


@contextmanager
def workplace(
    tell: Callable[[str], None] = lambda line: None, stop: Callable[[], bool] = lambda: False
) -> Iterator[Workplace]:
    """A place of its own that is gone afterwards, with a warm process where there is one."""
    from runner.cycle.stages import at_once
    from runner.warm.client import warm_or_plain

    root = private_folder("ribbon-lookahead-", Path(tempfile.gettempdir()).resolve())
    try:
        with warm_or_plain() as warm:
            yield Workplace(root, warm.socket, at_once(warm=warm.socket is not None), stop, tell=tell)
    finally:
        remove_folder(root)
