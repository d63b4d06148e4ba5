"""The ledger made anew from the data and a person's choices: it must come out the same, and where it does not, the data has changed.

It is rebuilt under the terms of its own era, and from that era's beginning on.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from lib import paths
from lib.contract.times import parse_instant
from lib.data.newest import newest_known_at
from lib.lessons.advance import advance, ledger_at, set_broken_aside
from lib.lessons.eras import LEDGER_FILE
from lib.lessons.ledger_faults import no_ledger
from lib.lessons.store import LedgerStore

#: Where the new one grows, beside the old one.
_FRESH = f".{LEDGER_FILE}.new"


class RebuildResult(NamedTuple):
    """Up to which hour, whether it came out the same, how many rows each table had and has, and that in words."""

    head: str
    same: bool
    before: dict[str, int]
    after: dict[str, int]
    words: str


def rebuild_ledger(
    folder: str | Path | None, progress: Callable[[int, int], object] = lambda done, all_: None
) -> RebuildResult:
    """Rebuild the ledger of a trading_data folder up to its own head, beside the old one, and put it in its place.

    One that is damaged is kept aside and made anew up to the newest data. The caller holds the cycle's lock. Raises MissingDataError where
    there is no ledger.
    """
    place = paths.trading_data(folder)
    path, fresh = place / LEDGER_FILE, place / _FRESH
    if broken := set_broken_aside(path):
        with ledger_at(
            place, newest_known_at(place) or pd.Timestamp(0, tz="UTC"), keep=True, progress=progress
        ) as made:
            return RebuildResult(made.head(), False, {}, _counts(made.contents()), broken)
    with LedgerStore.open_file(path, writable=False) as old:
        if not (head := old.head()):
            raise no_ledger(path)
        advance(old, place, parse_instant(head))  # what a person chose since is no difference
        before, era = old.contents(), old.era()
    clear_unfinished_ledger(place)
    with LedgerStore.open_file(fresh, writable=True) as new:
        new.begin(era)
        advance(new, place, parse_instant(head), progress)
        after = new.contents()
    fresh.replace(path)
    same = before == after
    counts = [_counts(before), _counts(after)]
    words = (
        f"the ledger up to {head} came out the same"
        if same
        else (
            f"the ledger up to {head} came out different: the data has changed since (backfilled gaps, decisions added later). "
            f"Rows before: {_listed(counts[0])}; now: {_listed(counts[1])}"
        )
    )
    return RebuildResult(head, same, *counts, words)


def clear_unfinished_ledger(folder: str | Path | None) -> None:
    """Delete what a rebuild that was killed left beside the ledger. The caller holds the cycle's lock."""
    for name in (_FRESH, f"{_FRESH}-journal"):
        (paths.trading_data(folder) / name).unlink(missing_ok=True)


def _counts(contents: dict[str, list[tuple]]) -> dict[str, int]:
    return {name: len(rows) for name, rows in contents.items()}


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())
