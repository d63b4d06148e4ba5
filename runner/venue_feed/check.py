"""Whether an exchange can be collected from, and how its market stands now: for people who set things up, and for `ribbon doctor`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from lib.contract import schema
from lib.contract.quality import VENUE_REMEDIES
from lib.market.ribbon import LINE_PERIODS
from runner.collect.settings import CollectSettings
from runner.errors import ExchangeError
from runner.fetch.causes import CAUSES
from runner.fetch.exchange_clock import CLOCKS_APART_S
from runner.venue_feed.chart import PriceAt, VenueChart
from runner.venue_feed.history import warm_closes
from runner.venue_feed.live import LiveVenue
from runner.venue_feed.stream import Stream
from runner.venue_feed.venue import Venue
from runner.venue_feed.words import REMEDIES, FeedFault, FeedRefusal

#: So many minutes are asked for to see the price.
_BACK_S = 600.0


@dataclass(frozen=True)
class VenueFound:
    """An exchange that answered: the market in its own spelling and the folder's, and what it told."""

    exchange: str
    symbol: str  #: as ccxt writes it, ETH/USDT
    market: str  #: as the folder names it, ETHUSDT
    price: float  #: quote currency
    at: str  #: the minute that price is of, ISO 8601 in UTC
    streams: bool  #: whether it has a websocket that is used
    clock_off_s: float  #: by how many seconds this machine's clock is ahead
    problems: tuple[str, ...] = ()  #: what is wrong all the same, with what to do


def check_venue(settings: CollectSettings) -> VenueFound:
    """Ask the exchange for the market that `settings` name.

    Raises ParameterError where there is no such exchange or market, ExchangeError where it gives no candles; each says what to do.
    """
    with LiveVenue(settings) as venue:
        return _found(venue, settings)


def _found(venue: Venue, settings: CollectSettings) -> VenueFound:
    try:
        minutes = [each for each in venue.minutes(time.time() - _BACK_S) if each.sound]
        off, unsure = venue.clock_off() or (0.0, 0.0)
    except FeedFault as fault:
        raise ExchangeError(_words(FeedRefusal(fault.reason, fault.detail), venue)) from fault
    problems = []
    if venue.market.get("active") is False:
        problems.append(REMEDIES["not_traded"])
    if abs(off) - unsure > CLOCKS_APART_S:
        problems.append(
            f"this machine's clock is {off:+.1f} s ahead of the exchange's. {CAUSES['clock'].fix}"
        )
    if not minutes:
        raise ExchangeError(
            f"{venue.name} tells no minute of {venue.symbol} of the last ten: is it traded there?"
        )
    newest = minutes[-1]
    at = pd.Timestamp(newest.opened, unit="s", tz="UTC").isoformat().replace("+00:00", "Z")
    return VenueFound(
        venue.name,
        venue.symbol,
        settings.market,
        newest.close,
        at,
        bool(Stream.kind(venue.name)),
        round(off, 2),
        tuple(problems),
    )


def look_once(settings: CollectSettings) -> dict[str, dict[str, Any]]:
    """By timeframe what the ribbon shows now, with the keys of runner.collect.once; raises as `check_venue`."""
    with LiveVenue(settings) as venue:
        found, now = _found(venue, settings), pd.Timestamp.now("UTC").as_unit("us")
        return {name: _told(venue, found, name, now) for name in settings.timeframes}


def _told(venue: Venue, found: VenueFound, timeframe: str, now: pd.Timestamp) -> dict[str, Any]:
    chart = VenueChart(timeframe, warm_closes(venue, timeframe, now))
    row = chart.samples([PriceAt(now.timestamp(), found.price, found.exchange)]).iloc[0]
    lines = {
        f"MMA{period}": {
            "value": float(row[f"MMA{period}"]),
            "colour": row[f"MMA{period}_color"],
            "word": row[f"MMA{period}_color"],
        }
        for period in LINE_PERIODS
    }
    remedy = VENUE_REMEDIES.get(row["quality"])
    return {
        "refusal": None,
        "source": found.exchange,
        "symbol": found.market,
        "price": found.price,
        "candle": _forming(venue, timeframe),
        "state": row["state"],
        "lines": lines,
        "missing": [],
        "problems": [*found.problems, *([f"{row['quality']}. {remedy}"] if remedy else [])],
    }


def _forming(venue: Venue, timeframe: str) -> Mapping[str, float] | None:
    try:
        rows = venue.bars(timeframe)
    except FeedFault:
        return None
    return dict(zip(schema.CANDLE_COLUMNS[1:], map(float, rows[-1][1:6]), strict=True)) if rows else None


def _words(refusal: FeedRefusal, venue: Venue) -> str:
    return f"{venue.name}: {refusal.reason}. {refusal.remedy} ({refusal.detail})"
