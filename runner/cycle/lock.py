"""One cycle at a time: the lock is held in the data folder and in the outputs folder, so that two cycles share neither."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from runner.errors import LockedError
from runner.files.lock import WriterLock

#: Stands for "the learning cycle in this folder"; no file of this name exists, only its lock.
NAME = "learning-cycle"


@contextmanager
def cycle_lock(trading_data: Path, outputs: Path) -> Iterator[None]:
    """Hold both folders' cycle locks; raises LockedError at once, naming the holder. A killed holder's locks are free."""
    folders = sorted({trading_data.resolve(), outputs.resolve()})
    with ExitStack() as held:
        for folder in folders:
            try:
                held.enter_context(WriterLock(folder / NAME))
            except LockedError as error:
                raise LockedError(f"a cycle is already at work there: {error}") from None
        yield
