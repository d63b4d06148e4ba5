"""What the market's setups, the entry rule and wicks made with standard exits: the streams `setups`, `rule` and `wicks`.

Entries are at closes of 5-minute candles, at unslipped prices, and pay the whole round trip, as in the backtest. `setups` and `rule`
hold one position at a time; their walk ends at the first trade that is open, and the next hour takes it up there. An entry over a
gap is left out as `gap` and holds no position (docs/definitions.md, Ribbon). What would surprise: a trade counts as open until its
whole hold is past, however soon it ended.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import pandas as pd

from lib.analysis.regime_and_wicks import WICK_KEYS
from lib.lessons.streams.models import Candidate, judged_until
from lib.lessons.streams.own_trades import trade_id
from lib.market.costs import SIGN
from lib.market.exits import MINUTE, PricePath, hypothetical_exit
from lib.market.readings import instants
from lib.market.rules import SPACING_MINUTES, entry_signals
from lib.market.setup_events import setup_directions
from lib.market.terms import Terms, declared_bounds
from lib.market.wicks import wick_entries, wicks

#: An entry: direction, instant, price, and what a wick is called.
Entry = tuple[str, int, float, str]


class Entries:
    """Entries of one kind in order of their times."""

    def __init__(self, entries: Iterable[Entry]):
        self._entries = list(entries)
        self._at = [entry[1] for entry in self._entries]

    def between(self, after: int, until: int) -> Iterator[Entry]:
        """Those after an instant and by another."""
        return islice(self._entries, bisect_right(self._at, after), bisect_right(self._at, until))


@dataclass(frozen=True)
class MarketEntries:
    """All that frames of candles and samples show to enter at."""

    setups: Entries
    signals: Entries
    wicks: Entries

    @classmethod
    def of(
        cls, candles_5min: pd.DataFrame, samples_5min: pd.DataFrame, samples_15min: pd.DataFrame
    ) -> MarketEntries:
        """The entries at the closes of 5-minute candles."""
        directions = setup_directions(candles_5min, samples_5min)
        closes = zip(
            directions.tolist(),
            instants(candles_5min["closed_at"]).tolist(),
            candles_5min["close"].tolist(),
            strict=True,
        )
        found = wick_entries(wicks(candles_5min), candles_5min, *WICK_KEYS.values())
        kinds = {column: kind for kind, column in WICK_KEYS.items()}
        return cls(
            setups=Entries(
                ("LONG" if sign > 0 else "SHORT", at, price, "") for sign, at, price in closes if sign
            ),
            signals=Entries(_entries(entry_signals(candles_5min, samples_5min, samples_15min))),
            wicks=Entries(_entries(found.assign(kind=found["kind"].map(kinds)))),
        )


def setup_candidates(entries: Iterable[Entry], path: PricePath, terms: Terms) -> list[Candidate]:
    """The track `setups`: a trade at each event (lib.market.setup_events), where no earlier one is open."""
    return walk(entries, path, terms)


def rule_candidates(
    signals: Iterable[Entry], path: PricePath, last_entry: int | None, terms: Terms
) -> list[Candidate]:
    """The track `rule`: the original entry rule's trades, at least SPACING_MINUTES apart."""
    return walk(signals, path, terms, SPACING_MINUTES, last_entry)


def wick_candidates(entries: Iterable[Entry], path: PricePath, terms: Terms) -> list[Candidate]:
    """The track `wicks`: a trade in the direction of every wick, overlapping or not."""
    return [_standard_trade(entry, path, terms) for entry in entries]


def walk(
    entries: Iterable[Entry],
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


def _entries(frame: pd.DataFrame) -> Iterator[Entry]:
    kinds = frame["kind"].tolist() if "kind" in frame else [""] * len(frame)
    columns = (
        frame["direction"].tolist(),
        instants(frame["entry_time"]).tolist(),
        frame["entry_price"].tolist(),
    )
    return zip(*columns, kinds, strict=True)


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
        trade_id(at, direction),
        gross - terms.round_trip_pct,
        *declared_bounds(terms.exits, terms.costs),
        left_out="gap" if gap else "",
        words={"kind": kind},
    )
