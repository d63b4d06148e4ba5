"""A folder's change of terms, written down by what begins to work on it: the cycle, the live loop, a replay."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from lib.learning.lessons.advance import note_terms
from lib.learning.lessons.eras import TERMS_FILE, eras_of
from lib.market.terms import Terms
from runner.collect.lock import WriterLock
from runner.errors import WriteFailedError


def keep_terms(folder: Path, terms: Terms, at: pd.Timestamp) -> str:
    """Note that `terms` hold in `folder` from `at` on (lib.learning.lessons.advance.note_terms); what a change means, in words, else "".

    Raises DataError for a file that cannot be understood, LockedError while another one writes it, WriteFailedError.
    """
    path = folder / TERMS_FILE
    with WriterLock(path):
        try:
            before = eras_of(folder)
            era = note_terms(folder, terms, at)
        except OSError as error:
            raise WriteFailedError(
                f"{path}: {error.strerror}; the change of terms must be on disk first"
            ) from error
    if not before or era.terms == before[-1].terms:
        return ""
    return (
        f"the terms have changed ({era.terms.words()}): lessons begin anew with what is entered after {era.since}; those until then: "
        f"`ribbon lessons list --terms {before[-1].key}`"
    )
