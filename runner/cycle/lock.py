"""One cycle at a time: the lock is held in the data folder and in the outputs folder, so that two cycles share neither.

The folders themselves are locked too, which holds though somebody deletes the lock's file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from runner.errors import LockedError
from runner.files.lock import WriterLock, hold

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
                held.callback(os.close, hold(os.open(folder, os.O_RDONLY | os.O_CLOEXEC), folder / NAME))
            except LockedError as error:
                raise LockedError(f"a cycle is already at work there: {error}") from None
        yield
