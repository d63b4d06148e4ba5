"""What the market's setups, the entry rule and wicks made with standard exits: the streams `setups`, `rule` and `wicks`.

Entries are at closes of 5-minute candles, at unslipped prices, and pay the whole round trip, as in the backtest. `setups` and `rule`
hold one position at a time; their walk ends at the first trade that is open, and the next hour takes it up there. An entry over a
gap is left out as `gap` and holds no position (docs/definitions.md, Ribbon). What would surprise: a trade counts as open until its
whole hold is past, however soon it ended.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from lib.analysis.regime_and_wicks import WICK_KEYS
from lib.data.window import MarketWindow
from lib.lessons.streams.models import Candidate, declared_bounds, judged_until
from lib.lessons.streams.own_trades import trade_id
from lib.market.costs import SIGN
from lib.market.exits import MINUTE, PricePath, hypothetical_exit
from lib.market.readings import instants
from lib.market.rules import SPACING_MINUTES, entry_signals
from lib.market.setup_events import setup_directions
from lib.market.terms import Terms
from lib.market.wicks import wick_entries, wicks

#: An entry: direction, instant, price, and what a wick is called.
Entry = tuple[str, int, float, str]


def setup_candidates(
    window: MarketWindow, path: PricePath, settled_until: int, terms: Terms
) -> list[Candidate]:
    """The track `setups`: a trade at each event (lib.market.setup_events), where no earlier one is open."""
    candles = window.candles_5min
    directions = setup_directions(candles, window.samples_5min)
    closes = zip(directions, instants(candles["closed_at"]), candles["close"], strict=True)
    entries = (
        ("LONG" if sign > 0 else "SHORT", int(at), float(price), "")
        for sign, at, price in closes
        if sign and at > settled_until
    )
    return walk(entries, path, terms)


def rule_candidates(
    window: MarketWindow, path: PricePath, settled_until: int, last_entry: int | None, terms: Terms
) -> list[Candidate]:
    """The track `rule`: the original entry rule's trades, at least SPACING_MINUTES apart."""
    signals = entry_signals(window.candles_5min, window.samples_5min, window.samples_15min)
    return walk(_entries(signals, settled_until), path, terms, SPACING_MINUTES, last_entry)


def wick_candidates(
    window: MarketWindow, path: PricePath, settled_until: int, terms: Terms
) -> list[Candidate]:
    """The track `wicks`: a trade in the direction of every wick, overlapping or not."""
    candles = window.candles_5min
    found = wick_entries(wicks(candles), candles, *WICK_KEYS.values())
    kinds = {column: kind for kind, column in WICK_KEYS.items()}
    entries = _entries(found.assign(kind=found["kind"].map(kinds)), settled_until)
    return [_standard_trade(entry, path, terms) for entry in entries]


def walk(
    entries: Iterator[Entry],
    path: PricePath,
    terms: Terms,
    spacing_minutes: float = 0.0,
    last_entry: int | None = None,
) -> list[Candidate]:
    """The trades that one position at a time allows, as far as they are closed, and the open one that ends the walk."""
    taken: list[Candidate] = []
    earliest = 0 if last_entry is None else last_entry + int(spacing_minutes * MINUTE)
    for entry in entries:
        if entry[1] < earliest:
            continue
        trade = _standard_trade(entry, path, terms)
        taken.append(trade)
        if trade.left_out:
            continue
        if trade.end_at is None:
            break
        earliest = max(trade.end_at, trade.entry_at + int(spacing_minutes * MINUTE))
    return taken


def _entries(frame: pd.DataFrame, settled_until: int) -> Iterator[Entry]:
    kinds = frame["kind"] if "kind" in frame else [""] * len(frame)
    rows = zip(frame["direction"], instants(frame["entry_time"]), frame["entry_price"], kinds, strict=True)
    return (
        (direction, int(at), float(price), kind) for direction, at, price, kind in rows if at > settled_until
    )


def _standard_trade(entry: Entry, path: PricePath, terms: Terms) -> Candidate:
    direction, at, price, kind = entry
    found = hypothetical_exit(path, SIGN[direction], at, price, terms.exits)
    gap = found is not None and found.is_gap
    known = found is not None and not gap and at <= judged_until(path, terms)
    gross = SIGN[direction] * (found.price - price) / price * 100 if known else 0.0
    return Candidate(
        at,
        found.at if known else None,
        direction,
        trade_id(pd.Timestamp(at, unit="us", tz="UTC"), direction),
        gross - terms.round_trip_pct,
        *declared_bounds(terms.exits, terms.costs),
        left_out="gap" if gap else "",
        words={"kind": kind},
    )
