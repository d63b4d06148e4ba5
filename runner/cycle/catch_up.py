"""Catching up before the notebooks: where the ledger of lessons is days behind, it takes in the missing hours first.

The compile notebook would do so within its wall limit, which months of hours do not fit into. The last day is left to it, so that whoever
looks at a cycle sees the same step as in every other. The hours give what it would take in one by one, so nothing that is published
changes. What would surprise: the ledger keeps what was taken in though the cycle then fails or is interrupted, for it is what was
known at those hours, and not what anybody is told. And after the notebooks: what the setups of the days before the window made is kept, so
that the next hour's notebook 02 need not read all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pandas as pd

from lib.contract import schema
from lib.contract.times import iso, parse_instant
from lib.data.newest import newest_or_refused
from lib.errors import DataError, RibbonError
from lib.market.terms import Terms
from runner.errors import words_of

#: From so many hours behind on there is something to catch up with; so many are left to the compile notebook.
BEHIND_HOURS = 48
LEFT_HOURS = 24
HOUR = pd.Timedelta(hours=1)


def catch_up(
    trading_data: Path,
    as_of: pd.Timestamp,
    terms: Terms,
    stop: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int], object] = lambda done, all_: None,
) -> str:
    """Take in the hours up to LEFT_HOURS before `as_of` where the ledger is over BEHIND_HOURS behind it; a damaged one is made anew first.
    Why that failed, else what was damaged, or "".

    `progress(done, all)` is told of hours. Raises KeyboardInterrupt after the hour in which `stop` says so; that hour is kept.
    The caller holds the cycle's lock. `terms` hold where none did yet; other ones than those of the folder begin when the cycle publishes.
    """
    from lib.lessons.advance import ledger_at, set_broken_aside
    from lib.lessons.choices import choices_warning
    from lib.lessons.eras import LEDGER_FILE, eras_of

    def after_each(done: int, all_: int) -> None:
        progress(done, all_)
        if stop():
            raise KeyboardInterrupt

    broken = ""
    try:
        damaged = (
            set_broken_aside(trading_data / LEDGER_FILE),
            choices_warning(trading_data),
            *_not_taken(trading_data),
            _of_other_data(trading_data),
        )
        broken = "; ".join(said for said in damaged if said)
        if hours_behind(trading_data, as_of) > BEHIND_HOURS:
            first, until = None if eras_of(trading_data) else terms, as_of - LEFT_HOURS * HOUR
            with ledger_at(trading_data, until, keep=True, progress=after_each, terms=first):
                pass
    except Exception as error:  # the notebooks still have something to say without it
        return f"the ledger of lessons could not catch up before the notebooks: {_words(error)}"
    return broken


def _not_taken(trading_data: Path) -> Iterator[str]:
    """Of each file of which no row can be taken, what is wrong: its figures would be those of a folder without it."""
    for name in schema.MARKET_FILES:
        try:
            newest_or_refused(trading_data / name)
        except DataError as error:
            yield str(error)


def _of_other_data(trading_data: Path) -> str:
    """That the own trade which the ledger took in last is none of the folder's, as where one of both was copied from another; ""."""
    from lib.data.decisions import load_decisions
    from lib.lessons.eras import LEDGER_FILE
    from lib.lessons.store import LedgerStore
    from lib.lessons.trade_rows import newest_trade

    with LedgerStore.read_only(trading_data / LEDGER_FILE) as store:
        newest = newest_trade(store.connection) if store else None
    if newest is None:
        return ""
    left, entered = (pd.Timestamp(at, unit="us", tz="UTC") for at in newest)
    known = load_decisions(trading_data, entered - 24 * HOUR, left)[0]
    if ((known["entry_time"] == entered) & (known["exit_time"] == left)).any():
        return ""
    return (
        f"{trading_data / LEDGER_FILE}: its newest trade, entered {iso(entered)}, is not in {schema.DECISIONS_FILE}: one of both is of "
        "other data. Put the right one back, or make the ledger anew from what is there: `ribbon lessons rebuild`"
    )


def setups_to_keep(
    trading_data: Path, as_of: pd.Timestamp, lookback_hours: float, terms: Terms
) -> tuple[str, str]:
    """The outcomes of setups before the window as lib.analysis.past_events keeps them ("" for nothing new), and why they could not be told:
    without them all days are read. Nothing is written yet.
    """
    from lib.analysis.past_events import outcomes_to_keep

    start = as_of - lookback_hours * HOUR
    try:
        return outcomes_to_keep(trading_data, start, start, terms.exits, terms.costs), ""
    except Exception as error:  # the notebooks find the same without it
        return "", _not_kept(error)


def leave_setups(trading_data: Path, text: str, failed: str) -> str:
    """Write what `setups_to_keep` gave; why that failed, or "". The caller holds the cycle's lock."""
    from lib.analysis.past_events import leave_outcomes

    try:
        if text:
            leave_outcomes(trading_data, text)
    except OSError as error:
        return _not_kept(error)
    return failed


def _not_kept(error: Exception) -> str:
    return f"the outcomes of earlier setups could not be kept: {_words(error)}"


def _words(error: Exception) -> str:
    """An error of ours or of the system in its own words; of another one its kind too."""
    return words_of(error) if isinstance(error, RibbonError | OSError) else f"{type(error).__name__}: {error}"


def hours_behind(trading_data: Path, as_of: pd.Timestamp) -> float:
    """Hours from the ledger's head to `as_of`, or from the beginning of its era where there is none; negative if it is ahead.

    A file that is no ledger counts as none: what is to become of it is for lib.lessons.advance to say.
    """
    from lib.lessons.eras import LEDGER_FILE, eras_of
    from lib.lessons.store import LedgerStore
    from lib.lessons.streams.hour import first_hour

    head = ""
    with suppress(DataError), LedgerStore.read_only(trading_data / LEDGER_FILE) as store:
        head = store.head() if store else ""
    eras = eras_of(trading_data)
    since = head or (eras[-1].since if eras else "")
    begun = parse_instant(since) if since else first_hour(trading_data)
    return 0.0 if begun is None else (as_of - begun) / HOUR
