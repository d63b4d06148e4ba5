"""The live feed: the folder's CSVs tailed, each new 5-minute sample a tick; and how old the newest sample of either timeframe is.

Ages (docs/guarantees.md, D6, L3) run on the monotonic clock from the moment a sample was first seen, plus the delay its own stamp had by
then, so that a jump of the wall clock neither freshens stale data nor stales fresh data. Rows stamped ahead of the wall clock are set
aside, also those that were taken before it was set back (L10). Whoever writes the rows follows a clock that was set forward a little later
than it is seen here: rows stamped by the clock as it was count by that, and where the stamps go over to the new one is noted
(`MarketTables.clock_set`).
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd

from lib.contract import schema
from lib.data.loaders import candles_of, empty_candles, parse_candles, parse_samples, samples_of
from lib.data.rows import AHEAD, Rows
from lib.data.slices import Slice
from lib.errors import MissingDataError
from lib.market.exits import MINUTE
from lib.market.fills import BEAT_S
from runner.trade.clock import Clock, ClockWatch
from runner.trade.known import CandleTable, MarketTables, SampleTable, stamp
from runner.trade.tail import Tail

#: Kept in memory: what prompts, regimes and open trades look back to.
_KEEP = pd.Timedelta(hours=6)
#: A frozen run is seen whole if it began at most this long ago.
_CONTEXT = pd.Timedelta(minutes=15)
#: A beat writes the two samples one after the other: the tick waits so long for the second.
SETTLE_S = 2.0
_PRICE = "price"
#: Rows are stamped at most so long after they are seen, in seconds, unless their clock is another.
_EARLY_S = 0.5


class Feed(Protocol):
    """Where ticks come from."""

    known: MarketTables

    def poll(self) -> bool:
        """Take in what is new; True if that is a tick."""
        ...

    def age_s(self, timeframe: str) -> float:
        """Seconds since the newest sample of a timeframe; infinite without one."""
        ...

    def price_age_s(self) -> float:
        """Seconds since the newest price of either chart that told something; infinite without one."""
        ...


class LiveFeed:
    """Tails a folder. Rows that are there when it starts are known, and no tick."""

    def __init__(self, folder: Path, clock: Clock, step_s: float = BEAT_S) -> None:
        self.clock = clock
        self._samples = {
            name: Tail(folder / file, _sample_rows, _KEEP) for name, file in schema.SAMPLE_FILES.items()
        }
        self._candles = {
            name: Tail(folder / file, partial(_candle_rows, schema.MINUTES[name] * MINUTE), _KEEP)
            for name, file in schema.CANDLE_FILES.items()
        }
        self._raw: dict[str, pd.DataFrame] = {}
        #: By timeframe, and of prices: monotonic moment, delay of the stamp.
        self._seen: dict[str, tuple[float, float]] = {}
        self._priced = -1
        self._watch = ClockWatch(clock)
        #: Seconds that the wall clock was set and the rows do not show yet; less than 0: back.
        self._not_followed = 0.0
        self._waiting_since: float | None = None
        nothing = samples_of(_no_samples())
        self.known = MarketTables(
            {name: SampleTable(name, nothing) for name in self._samples},
            {name: CandleTable(empty_candles()) for name in self._candles},
            step_s,
        )
        self._take()
        if not any(tail.path.exists() for tail in self._samples.values()):
            raise MissingDataError(
                "no samples are there yet",
                path=folder,
                fix="Start `ribbon collect`, or name its folder with --trading-data",
            )
        self._ticked = int(self.known.main.at[-1]) if self.known.main.known else -1
        self._aside = self._samples["5min"].set_aside.total()

    def poll(self) -> bool:
        """Read what was appended; True once a new 5-minute sample is there and its 15-minute one, or that did not come in time."""
        self._take()
        newest = {
            name: int(table.at[-1]) if table.known else -1 for name, table in self.known.samples.items()
        }
        if newest["5min"] <= self._ticked:
            return self._newly_broken()
        if newest["15min"] < newest["5min"]:
            now = self.clock.monotonic()
            self._waiting_since = now if self._waiting_since is None else self._waiting_since
            if now - self._waiting_since < SETTLE_S:
                return False
        self._waiting_since = None
        self._ticked = newest["5min"]
        return True

    def _newly_broken(self) -> bool:
        """A row that failed its schema is a tick too: one on which nothing is done."""
        tail = self._samples["5min"]
        fresh = tail.broken != "" and tail.set_aside.total() > self._aside
        self._aside = tail.set_aside.total()
        return fresh

    def age_s(self, timeframe: str) -> float:
        """By the monotonic clock since it was seen, and the delay it was seen with."""
        if timeframe not in self._seen:
            return float("inf")
        moment, delay = self._seen[timeframe]
        return self.clock.monotonic() - moment + delay

    def price_age_s(self) -> float:
        """The same of the newest price."""
        return self.age_s(_PRICE)

    def _see(self, what: str, at: int) -> None:
        delay = (self.clock.now_us() - at) / 1e6
        before = delay - max(0.0, self._not_followed)
        self._seen[what] = (self.clock.monotonic(), max(0.0, delay if before < -_EARLY_S else before))

    def _follow(self, stamps: np.ndarray) -> None:
        """Note where between these rows their clock was set forward, once the newest cannot be of the clock as it was."""
        was = self.clock.now_us() - round(self._not_followed * 1e6)
        if self._not_followed <= 0:
            self._not_followed = 0.0
        elif stamps[-1] > was + _EARLY_S * 1e6:
            if len(stamps) > 1:
                first = int(np.diff(stamps).argmax())
                between = int(stamps[first] + stamps[first + 1]) // 2
                self.known.clock_set.append((between, round(self._not_followed * 1e6)))
            self._not_followed = 0.0

    def _drop_ahead(self, latest: int) -> None:
        """Set aside what was taken before the clock was set back. How old the rest is nobody knows until a new row comes."""
        for name, table in self.known.samples.items():
            if not table.known or table.at[-1] <= latest:
                continue
            kept = table.frame[table.at <= latest]
            self._samples[name].set_aside["ahead"] += len(table.frame) - len(kept)
            table.load(kept)
            table.known = len(kept)
            self._raw[name] = self._raw[name].loc[: stamp(latest)]
            self._seen.pop(name, None)
            self._seen.pop(_PRICE, None)
            if table is self.known.main:
                self._ticked = int(table.at[-1]) if table.known else -1
        self._priced = min(self._priced, self.known.priced_at)
        for table in self.known.candles.values():
            if table.newest_close > latest:
                table.load(table.frame[table.closed_at <= latest])
                table.known = len(table.closed_at)

    def _take(self) -> None:
        self._not_followed += self._watch.look()
        self._drop_ahead(self.clock.now_us() + AHEAD)
        now = stamp(self.clock.now_us())
        for name, tail in self._samples.items():
            rows = tail.poll(now)
            table = self.known.samples[name]
            table.broken = tail.broken
            if rows is not None:
                self._take_samples(name, table, rows, tail.restarted)
        for name, tail in self._candles.items():
            rows = tail.poll(now)
            if rows is not None:
                fresh = candles_of(rows, schema.MINUTES[name])
                self._take_candles(self.known.candles[name], fresh, tail.restarted)
        if (priced := self.known.priced_at) > self._priced:
            self._priced = priced
            self._see(_PRICE, priced)

    def _take_samples(self, name: str, table: SampleTable, rows: pd.DataFrame, anew: bool) -> None:
        before = table.at[-1] if table.known else np.iinfo(np.int64).min
        raw = rows if anew or not len(self._raw.get(name, ())) else _joined(self._raw[name], rows)
        self._raw[name] = raw[raw.index > raw.index[-1] - _CONTEXT]
        fresh = samples_of(raw, causal=True)
        frame = fresh if anew or not table.known else _joined(table.frame, fresh)
        table.load(frame[frame.index > frame.index[-1] - _KEEP])
        table.known = len(table.at)
        if table.at[-1] > before:
            self._follow(table.at[table.at >= before])
            self._see(name, int(table.at[-1]))

    def _take_candles(self, table: CandleTable, fresh: pd.DataFrame, anew: bool) -> None:
        frame = fresh if anew or table.frame.empty else _joined(table.frame, fresh)
        table.load(frame[frame.index > frame.index[-1] - _KEEP])
        table.known = len(table.closed_at)


def _joined(frame: pd.DataFrame, later: pd.DataFrame) -> pd.DataFrame:
    """Rows that do not lie behind what is there: a file only grows, so an older row is one that the loaders set aside too."""
    later = later[later.index > frame.index[-1]]
    return pd.concat([frame, later]) if len(later) else frame


def _sample_rows(piece: Slice, now: int) -> Rows:
    return parse_samples(piece, None, None, None, now)


def _candle_rows(length: int, piece: Slice, now: int) -> Rows:
    return parse_candles(piece, None, None, None, now - length)


def _no_samples() -> pd.DataFrame:
    index = pd.DatetimeIndex([], tz="UTC", name="timestamp").as_unit("us")
    return pd.DataFrame({"price": pd.Series(dtype=float)}, index=index)
