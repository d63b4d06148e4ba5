"""A person's choices, written down and at once in force: the lock of their file, and rolling back what Claude is told.

Republishing takes the cycle's lock too: two that replace insights and prompt addition at once could leave a pair that does not fit.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lib.contract.times import iso
from lib.errors import ParameterError
from lib.lessons.choices import CHOICES_FILE
from lib.prompt.archive import read_archive
from lib.prompt.hold import PromptInForce, add_hold, load_hold, prompt_in_force_of
from lib.published.pair import load_insights, publish
from runner.cycle.inputs import now_utc
from runner.cycle.lock import cycle_lock
from runner.errors import WriteFailedError
from runner.files.journal import cut_torn_end
from runner.files.lock import WriterLock


@contextmanager
def choices_file(trading_data: Path) -> Iterator[Path]:
    """The file of choices, to be appended to: locked, and ending in a whole line (what a kill left goes to `<file>.torn`)."""
    path = trading_data / CHOICES_FILE
    with WriterLock(path):
        if path.exists():
            fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
            try:
                cut_torn_end(fd, path)
            finally:
                os.close(fd)
        yield path


def choose_prompt(trading_data: Path, sha256: str) -> PromptInForce | None:
    """Hold the kept prompt of this hash from now on, or with "" none; returns what is told now, None while nothing is published.

    Chosen again, it changes nothing but what a kill left undone. Raises DataError for a prompt that is not kept as it was,
    ParameterError where nothing is held that could be released, LockedError while a cycle or another choice is at work,
    WriteFailedError.
    """
    with cycle_lock(trading_data, trading_data), choices_file(trading_data) as path:
        hold, insights = load_hold(trading_data), load_insights(trading_data)
        told_held = insights["provenance"]["prompt_held"] if insights else ""
        if sha256:
            read_archive(trading_data, sha256)
        elif hold is None and not told_held:
            raise ParameterError("no prompt addition is held, so there is nothing to release")
        try:
            if (hold.sha256 if hold else "") != sha256:
                add_hold(trading_data, sha256, iso(now_utc().floor("s")), insights)
            if insights is None:
                return None
            told = prompt_in_force_of(trading_data, insights)
            publish(trading_data, told.insights, told.prompt, composed=told.composed)
        except OSError as error:
            raise WriteFailedError(
                f"{path.parent}: {error.strerror}; `ribbon lessons prompts` says what is in force now. Free some space and choose again"
            ) from error
        return told
