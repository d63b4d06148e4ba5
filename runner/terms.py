"""A folder's change of terms, written down by what begins to work on it: the cycle, the live loop, a replay."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from lib.learning.lessons.advance import note_terms
from lib.learning.lessons.eras import TERMS_FILE
from lib.market.terms import Terms
from runner.collect.lock import WriterLock
from runner.errors import WriteFailedError


def keep_terms(folder: Path, terms: Terms, at: pd.Timestamp) -> None:
    """Note that `terms` hold in `folder` from `at` on, where that is a change (lib.learning.lessons.advance.note_terms).

    Raises DataError for a file that cannot be understood, LockedError while another one writes it, WriteFailedError.
    """
    path = folder / TERMS_FILE
    with WriterLock(path):
        try:
            note_terms(folder, terms, at)
        except OSError as error:
            raise WriteFailedError(
                f"{path}: {error.strerror}; the change of terms must be on disk first"
            ) from error
