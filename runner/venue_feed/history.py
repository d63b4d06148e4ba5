"""Before the first beat: the hole since the folder's last minute is filled, and what warms the longest lines is fetched.

Both are what `ribbon backfill --exchange` does, into the same files, so that a folder without rows begins with days that teach, and the
first sample is `ok`. Where an exchange keeps too few minutes for that, its longer candles warm the lines, and nothing of them is written.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from lib.contract import schema
from lib.contract.times import iso
from lib.market.ribbon import WARM_CANDLES
from lib.market.terms import Terms
from runner.errors import NoCandlesError
from runner.fetch.backfill import backfill, refuse_if_written
from runner.fetch.candles import fetch_history
from runner.fetch.exchange_clock import told_by_both
from runner.files import tables
from runner.files.journal import Journal
from runner.files.present import last_time
from runner.venue_feed.venue import Venue
from runner.venue_feed.words import FeedFault

#: What a folder without rows gets: the 15-minute ribbon warm, and half a day beside it.
_FIRST = pd.Timedelta(minutes=max(schema.MINUTES.values()) * WARM_CANDLES) + pd.Timedelta(hours=12)
#: An older hole is not filled at a start: that would take minutes.
_LONGEST = pd.Timedelta(days=30)
_MINUTE = pd.Timedelta(minutes=1)


def prepare(
    venue: Venue, folder: Path, market: str, terms: Terms, now: pd.Timestamp, say: Callable[[str], object]
) -> None:
    """Bring the folder up to the last minute that closed. Raises LockedError, DataError, ExchangeError."""
    refuse_if_written(folder)
    last = _begin(folder)
    since = now - _FIRST if last is None else max(last, now - _LONGEST)
    if last is not None and since > last:
        say(
            f"the folder ends at {iso(last)}; filled is from {iso(since.floor('min'))} on. For more: `ribbon backfill --gaps`"
        )
    if now - since < 2 * _MINUTE:
        return
    say(f"fetching {(now - since) // _MINUTE:,} minutes of {venue.symbol} from {venue.name}")
    try:
        history = fetch_history(venue.exchange, venue.symbol, since, now)
    except NoCandlesError:
        return
    done = backfill(
        history, folder, f"{venue.name} {venue.symbol}", terms, market, quiet=True, accept_jumps=True
    )
    rows = {name: file["rows"] for name, file in done.files.items()}
    say(
        f"written: {sum(int(rows[name]) for name in schema.SAMPLE_FILES.values()):,} samples, from {iso(since.floor('min'))} on"
    )


def warm_closes(venue: Venue, timeframe: str, now: pd.Timestamp) -> pd.Series | None:
    """Closes of the newest candles of a timeframe that have closed, index = open; None where the exchange gives none."""
    try:
        rows, now = venue.bars(timeframe), told_by_both(now, venue.clock_off())
    except FeedFault:
        return None
    length = schema.MINUTES[timeframe] * 60_000
    closed = [row for row in rows if row[0] + length <= now.timestamp() * 1_000]
    index = pd.DatetimeIndex(pd.to_datetime([row[0] for row in closed], unit="ms", utc=True)).as_unit("us")
    return pd.Series([float(row[4]) for row in closed], index=index) if closed else None


def _begin(folder: Path) -> pd.Timestamp | None:
    """Make the candle files with their `source`, where there are none; the time from which on minutes are wanted, None for a new folder."""
    for name in schema.CANDLE_FILES:
        with tables.candles_journal(folder, name, with_source=True) as journal:
            journal.begin()
            if name == "1min":
                minutes = last_time(journal)
    samples = []
    for name, file in schema.SAMPLE_FILES.items():
        path = folder / file
        if path.exists():
            with Journal(path, schema.SAMPLE_COLUMNS) as journal:
                samples.append((last_time(journal), name))
    known = [time for time, _ in samples if time is not None]
    if minutes is not None:
        return minutes
    return min(known).floor("15min") if known else None
