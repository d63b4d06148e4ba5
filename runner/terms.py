"""A folder's change of terms, written down by the loop and the replay that begin on it (a cycle does so as it publishes), and in words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from lib.lessons.advance import note_terms
from lib.lessons.eras import TERMS_FILE, Era, eras_of
from lib.market.terms import Terms
from runner.errors import WriteFailedError
from runner.files.lock import WriterLock


def keep_terms(folder: Path, terms: Terms, at: pd.Timestamp) -> str:
    """Note that `terms` hold in `folder` from `at` on (lib.lessons.advance.note_terms); what a change means, in words, else "".

    Raises DataError for a file that cannot be understood, LockedError while another one writes it, WriteFailedError.
    """
    path, before = folder / TERMS_FILE, eras_of(folder)
    if path.exists() and before and before[-1].terms == terms:
        return ""
    with WriterLock(path):
        try:
            era = note_terms(folder, terms, at)
        except OSError as error:
            raise WriteFailedError(
                f"{path}: {error.strerror}; the change of terms must be on disk first"
            ) from error
    return change_words(before, [era])


def change_words(before: Sequence[Era], after: Sequence[Era]) -> str:
    """What it means that the newest era of `after` follows on those `before`; "" where it is the newest of them, or the first of all."""
    if not before or not after or after[-1] == before[-1]:
        return ""
    era = after[-1]
    return (
        f"the terms have changed ({era.terms.words()}): lessons begin anew with what is entered after {era.since}; those until then: "
        f"`ribbon lessons list --terms {before[-1].key}`"
    )
