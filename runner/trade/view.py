"""What a decider is shown at a tick, made from what is known and from the book; also without a loop, for a dry run."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from lib.contract.schema import SAMPLE_FILES
from lib.errors import MissingDataError
from lib.market.readings import instant
from lib.market.regime import CANDLES, regimes
from lib.market.setups import TRIGGER_REACH
from lib.market.wicks import newest_wick
from runner.trade.book import Book
from runner.trade.clock import MachineClock, SetClock
from runner.trade.events import Event
from runner.trade.feed import LiveFeed
from runner.trade.known import MarketTables, stamp
from runner.trade.lost import read_account
from runner.trade.models import TickView
from runner.trade.rails import account
from runner.trade.settings import TradeSettings

SHOWN_CANDLES = 48
_SHOWN_SAMPLES_US = 3_600_000_000
#: A regime is told as long as the candle it was measured at is the newest there can be.
_REGIME_FRESH = pd.Timedelta(minutes=5)


def view_of(known: MarketTables, book: Book, reason: str, now: int) -> TickView:
    """The view of the newest sample; `reason` says why the decider is asked, `now` (microseconds) whose day it is."""
    five, fifteen = (known.candles[name].recent(SHOWN_CANDLES) for name in ("5min", "15min"))
    at = stamp(known.at)
    prices = known.main.price[:0]
    if book.held is not None:
        path, _ = known.watched_since(book.held.at)
        prices = path.sample_price[path.sample_at > book.held.at]
    fresh = len(five) > 0 and at - five["closed_at"].iloc[-1] <= _REGIME_FRESH
    return TickView(
        at=at,
        readings={name: table.reading() for name, table in known.samples.items()},
        candles_5min=five,
        candles_15min=fifteen,
        position=book.position(prices),
        account=account(book, now),
        gate_reason=reason,
        wick=newest_wick(five.iloc[-3:], at - TRIGGER_REACH),
        regime=str(regimes(five.iloc[-CANDLES:])["regime"].iloc[-1]) if fresh else "UNKNOWN",
        samples={name: table.recent(known.at - _SHOWN_SAMPLES_US) for name, table in known.samples.items()},
    )


def view_now(folder: Path, settings: TradeSettings) -> TickView:
    """The view of the newest rows in `folder`, however old they are. Holds no lock and writes nothing.

    Raises MissingDataError where a timeframe has no sample yet, EventLogError.
    """
    from lib.data.newest import newest_known_at

    now = MachineClock().now_us()
    newest = newest_known_at(folder, now=stamp(now))
    clock = SetClock(instant(newest) if newest is not None else 0)
    known = LiveFeed(folder, clock).known
    for name, table in known.samples.items():
        if not table.known:
            raise MissingDataError(
                "there is no sample to show", path=folder / SAMPLE_FILES[name], fix="Start `ribbon collect`"
            )
    book = Book.from_events(read_account(folder) or [Event("open", clock.at_us, price=settings.paper.equity)])
    book.settle(now)
    return view_of(known, book, "interval", clock.at_us)
