"""Bring the ledger up to date: hour after whole hour, what was known then, and a person's choices in their place.

An hour is seen through a window that ends with it, whether it is taken in when it is new or years later, so a rebuilt ledger is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pandas as pd

from lib import paths
from lib.analysis.streams.hour import first_hour, hour_tables
from lib.analysis.streams.models import Carry
from lib.data.times import iso, parse_instant
from lib.errors import BrokenLedgerError
from lib.learning.lessons.choices import Choices, load_choices
from lib.learning.lessons.hypotheses import STREAMS
from lib.learning.lessons.store import LEDGER_FILE, Kept, LedgerStore
from lib.market.readings import instant

HOUR = pd.Timedelta(hours=1)
#: Hours in one transaction while catching up.
BATCH = 24


@contextmanager
def ledger_at(
    folder: str | Path | None,
    as_of: str | pd.Timestamp,
    keep: bool = False,
    progress: Callable[[int, int], object] = lambda done, all_: None,
) -> Iterator[LedgerStore]:
    """The ledger with every whole hour up to `as_of` taken in: of the file if `keep`, else of a copy that is thrown away.

    `progress(done, all)` is told of hours. An `as_of` before the ledger's head adds nothing: ask the store for how things stood then.
    Raises what lib.data.window.load_window does, and DataError for a file that cannot be reached. One that is no ledger is moved aside as
    `.broken` and made anew if `keep`, and is a BrokenLedgerError else.
    """
    place = paths.trading_data(folder)
    if keep:
        _set_broken_aside(place / LEDGER_FILE)
    with LedgerStore.opened(place / LEDGER_FILE, writable=keep) as store:
        advance(store, place, parse_instant(as_of), progress)
        yield store


def _set_broken_aside(path: Path) -> None:
    """Move a file that is no ledger out of the way, so that it is rebuilt; nothing is lost."""
    try:
        with LedgerStore.opened(path, writable=False) as store:
            store.check()
            store.load()
    except BrokenLedgerError:
        taken = [found.name for found in path.parent.glob(f"{path.name}.broken*")]
        number = next(number for number in count() if f"{path.name}.broken{number or ''}" not in taken)
        path.replace(path.with_name(f"{path.name}.broken{number or ''}"))


def advance(
    store: LedgerStore,
    place: Path,
    as_of: pd.Timestamp,
    progress: Callable[[int, int], object] = lambda done, all_: None,
) -> None:
    """Take in the whole hours after the store's head up to `as_of`."""
    kept, choices = store.load(), load_choices(place)
    hours = _hours_after(kept.head, place, as_of)
    if kept.head:
        with store.transaction():
            kept = _chosen(store, kept, choices)
    for first in range(0, len(hours), BATCH):
        with store.transaction():
            for place_in, hour in enumerate(hours[first : first + BATCH], first + 1):
                kept = _take_in(store, kept, place, hour)
                kept = _chosen(store, kept, choices)
                progress(place_in, len(hours))


def _hours_after(head: str, place: Path, as_of: pd.Timestamp) -> list[pd.Timestamp]:
    first = parse_instant(head) + HOUR if head else first_hour(place)
    if first is None:
        return []
    return list(pd.date_range(first, as_of.floor("h"), freq="h"))


def _take_in(store: LedgerStore, kept: Kept, place: Path, hour: pd.Timestamp) -> Kept:
    tables, carry = hour_tables(place, hour, Carry.model_validate(kept.carry))
    for stream in STREAMS:
        kept.ledger.fold(stream, tables[stream])
    kept.ledger.expire(instant(hour))
    after = Kept(iso(hour), kept.choices, carry.model_dump(mode="json"), kept.ledger)
    store.add(after, tables["trades"])
    return after


def _chosen(store: LedgerStore, kept: Kept, choices: Choices) -> Kept:
    """Apply the choices that were made at the head, or before it where data came in late."""
    applied = kept.choices
    for lesson in choices.retired_by(kept.head, kept.choices):
        applied += 1
        if lesson:
            kept.ledger.retire(lesson, instant(parse_instant(kept.head)))
    if applied == kept.choices:
        return kept
    after = kept._replace(choices=applied)
    store.add(after, None)
    return after
