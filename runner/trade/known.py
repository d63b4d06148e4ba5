"""What is known at a tick: samples and closed candles up to an instant, the same for live and replayed ticks.

A table holds a frame and how many of its rows are known. A replay loads the whole history once and moves the counts; the live feed
replaces the frames by longer ones. Nobody outside a feed sees a row beyond the count. Arrays stand beside the frames because a replay
asks 40,000 times a month.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from lib.contract import schema
from lib.market.exits import MINUTE, SECOND, PricePath
from lib.market.fills import BEAT_S, growth_s
from lib.market.readings import STEP_SAMPLES, instants, typical_step
from lib.market.ribbon import FROZEN_SECONDS, colour_names, line_names
from runner.trade.models import Reading

_LEAST_SAMPLES = 8
_SLOT = 5 * MINUTE
#: Qualities of rows whose price counts as none.
_NO_PRICE = ["venue_mismatch", "frozen"]
#: Rows of one beat that repeat each other lie at most so far apart. At a longer step they are minutes without a trade.
_REPEATS = 20 * SECOND
#: The other chart's price stands in once the 5-minute chart has had none for so long, in seconds.
_STANDS_IN_S = 25.0


def stamp(at: int) -> pd.Timestamp:
    """Microseconds since 1970 as a time in UTC."""
    return pd.Timestamp(at, unit="us", tz="UTC").as_unit("us")


class SampleTable:
    """The samples of one timeframe; frames as lib.data.loaders gives them, quality causal.

    `as_batch`: which prices count is as an analysis has it (lib.market.rules), to which a chart that stands still is no silence.
    """

    def __init__(self, timeframe: str, frame: pd.DataFrame, as_batch: bool = False) -> None:
        self.timeframe, self.as_batch = timeframe, as_batch
        self.known = 0
        self.broken = ""  #: why the newest row was set aside: schema, ahead (of the clock); "" if it was not
        self.load(frame)

    def load(self, frame: pd.DataFrame) -> None:
        """Take another frame; what is known of it is told by `know`."""
        self.frame = frame
        self.at = instants(frame.index)
        self.price = frame["price"].to_numpy(float)
        self.quality = frame["quality"].to_numpy(object)
        repeats, standing = _standing(frame, self.at)
        if not self.as_batch:
            self.quality = np.where(standing & (self.quality == "ok"), "frozen", self.quality)
        self.state = frame["state"].to_numpy(object)
        self.symbol = frame["symbol"].to_numpy(object)
        #: Rows whose price is one to trade at (docs/guarantees.md, L11).
        self.usable = ~np.isin(self.quality, ["venue_mismatch"] if self.as_batch else _NO_PRICE)
        self._told = np.cumsum(self.usable & ~repeats)
        self.told_at = self.at[self.usable & ~repeats]  #: when one of them told something
        self.shown = np.where(
            self.quality == "ok", self.state, "unknown"
        )  #: the state, where it says anything

    def know(self, until: int) -> None:
        """Everything stamped up to `until` (microseconds)."""
        self.known = int(np.searchsorted(self.at, until, side="right"))

    @property
    def newest(self) -> int:
        """Place of the newest known row; −1 without one."""
        return self.known - 1

    @property
    def told(self) -> int:
        """How many of `told_at` are known."""
        return int(self._told[self.newest]) if self.known else 0

    @property
    def fault(self) -> str:
        """What is wrong with the newest row: ahead, schema, frozen, partial, venue_mismatch; "" if nothing."""
        if self.broken or not self.known:
            return self.broken
        quality = str(self.quality[self.newest])
        return "" if quality == "ok" else quality

    def reading(self) -> Reading:
        """The newest sample, lines and colours included."""
        row = self.frame.iloc[self.newest]
        lines, colours = line_names(self.frame.columns), colour_names(self.frame.columns)
        return Reading(
            timeframe=self.timeframe,
            at=stamp(int(self.at[self.newest])),
            price=float(self.price[self.newest]),
            state=str(self.state[self.newest]),
            quality=str(self.quality[self.newest]),
            symbol=str(self.symbol[self.newest]),
            lines={name: float(row[name]) for name in lines},
            colours={name.removesuffix("_color"): str(row[name]) for name in colours},
        )

    def recent(self, since: int) -> pd.DataFrame:
        """The known rows stamped at `since` or later."""
        return self.frame.iloc[int(np.searchsorted(self.at, since)) : self.known]


def _standing(frame: pd.DataFrame, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """By row: whether it repeats price and lines of the row before, and whether nothing has changed for a minute by then."""
    values = frame[["price", *line_names(frame.columns)]].to_numpy(float)
    same = (values[1:] == values[:-1]) | (np.isnan(values[1:]) & np.isnan(values[:-1]))
    repeats = np.zeros(len(frame), dtype=bool)
    repeats[1:] = same.all(axis=1) & (np.diff(at) <= _REPEATS)
    begun = np.maximum.accumulate(np.where(repeats, 0, np.arange(len(frame))))
    return repeats, at - at[begun] >= FROZEN_SECONDS * SECOND


class CandleTable:
    """The closed candles of one timeframe."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.known = 0
        self.load(frame)

    def load(self, frame: pd.DataFrame) -> None:
        """Take another frame."""
        self.frame = frame
        self.closed_at = instants(frame["closed_at"])

    def know(self, until: int) -> None:
        """Everything that closed by `until` (microseconds)."""
        self.known = int(np.searchsorted(self.closed_at, until, side="right"))

    @property
    def newest_close(self) -> int:
        """When the newest known candle closed, in microseconds; −1 without one."""
        return int(self.closed_at[self.known - 1]) if self.known else -1

    def recent(self, count: int) -> pd.DataFrame:
        """The newest `count` known candles."""
        return self.frame.iloc[max(0, self.known - count) : self.known]

    def since(self, at: int) -> pd.DataFrame:
        """The known candles that closed after `at`."""
        return self.frame.iloc[int(np.searchsorted(self.closed_at, at, side="right")) : self.known]


@dataclass
class MarketTables:
    """All tables of a folder, and the instant they are known up to."""

    samples: dict[str, SampleTable]
    candles: dict[str, CandleTable]
    step_s: float = BEAT_S  #: the data's own step; live it is the collector's beat, and two rows far apart do not make it longer
    measured: bool = False  #: whether it is taken from the data (replays)
    #: Where the rows' clock was set forward: an instant between two rows, and by how many microseconds (runner.trade.feed).
    clock_set: list[tuple[int, int]] = field(default_factory=list)
    _candles_of: tuple[object, ...] = field(default=(), repr=False)
    _path: PricePath | None = field(default=None, repr=False)

    @property
    def main(self) -> SampleTable:
        """The samples that prices and ticks are taken from."""
        return self.samples["5min"]

    def know(self, until: int) -> None:
        """Move every table to `until` (microseconds)."""
        for table in (*self.samples.values(), *self.candles.values()):
            table.know(until)
        if self.measured:
            self._measure_step()

    @property
    def growth_s(self) -> float:
        """By how many seconds ages and waits grow: step − 10 s where the data's own step is longer (docs/guarantees.md, Live loop)."""
        return growth_s(self.step_s)

    def _measure_step(self) -> None:
        """Take the step anew where the newest one differs from it."""
        table = self.main
        if table.known < _LEAST_SAMPLES:
            return
        newest = table.at[max(0, table.known - 2) : table.known]
        if typical_step(newest) != self.step_s:
            self.step_s = typical_step(table.at[max(0, table.known - STEP_SAMPLES) : table.known])

    @property
    def at(self) -> int:
        """When the newest 5-minute sample was taken, in microseconds."""
        return int(self.main.at[self.main.newest])

    @property
    def price(self) -> float:
        """Its price."""
        return float(self.main.price[self.main.newest])

    @property
    def usable(self) -> bool:
        """Whether its price is one to trade at: not of another venue, not frozen, and of a row that was not set aside."""
        return self.main.newest >= 0 and bool(self.main.usable[self.main.newest]) and not self.main.broken

    @property
    def priced_at(self) -> int:
        """When either chart's price last told something, in microseconds; −1 without one."""
        newest = [table.told_at[: table.told][-1:] for table in self._of_the_market()]
        return int(max(np.concatenate([[-1], *newest])))

    def told_since(self, at: int) -> np.ndarray:
        """When either chart's price told something after `at`: microseconds, in order."""
        found = [
            table.told_at[int(np.searchsorted(table.told_at, at, side="right")) : table.told]
            for table in self._of_the_market()
        ]
        return np.unique(np.concatenate([np.empty(0, np.int64), *found]))

    def as_passed(self, times: np.ndarray) -> np.ndarray:
        """Instants of rows (microseconds, in order) on a clock that nobody set: the time between two is what really passed."""
        passed = times.copy()
        for at, by in self.clock_set:
            passed[times > at] -= by
        return passed

    def _of_the_market(self) -> list[SampleTable]:
        """The tables with rows, of the symbol that the 5-minute chart shows: all give the price of one market."""
        known = [table for table in self.samples.values() if table.known]
        symbols = [table.symbol[table.newest] for table in known]
        return [table for table, symbol in zip(known, symbols, strict=True) if symbol == symbols[0]]

    def watched_since(self, at: int) -> tuple[PricePath, np.ndarray]:
        """What a trade since `at` is judged by: candles and samples that are known, and the samples' states.

        Begins a little earlier, because the candle before an entry tells how long candles are, and at a whole slot of the longer ones.
        """
        begin = (at // _SLOT - 2) * _SLOT
        tables = [self.candles[name] for name in schema.MINUTES]
        # The count alone does not tell: the live feed drops as many old candles as it takes new ones.
        held = (at, *(table.known for table in tables), *(table.newest_close for table in tables))
        if held != self._candles_of:
            fine, five = (self.candles[name].since(begin) for name in ("1min", "5min"))
            self._path, self._candles_of = PricePath.of(fine, five), held
        table = self.main
        rows = slice(int(np.searchsorted(table.at, begin)), table.known)
        usable = table.usable[rows]
        times, prices, states = (each[rows][usable] for each in (table.at, table.price, table.shown))
        for other in self._of_the_market():
            if (
                other is not table
                and not other.as_batch
                and len(places := self._standing_in(other, begin, times))
            ):
                times = np.append(times, other.at[places])
                order = np.argsort(times, kind="stable")
                times, prices = times[order], np.append(prices, other.price[places])[order]
                # Its ribbon is another: it says nothing of this one's state.
                states = np.append(states, np.full(len(places), "unknown", dtype=object))[order]
        return replace(self._path, sample_at=times, sample_price=prices), states

    def _standing_in(self, other: SampleTable, begin: int, times: np.ndarray) -> np.ndarray:
        """The rows of the other chart whose price stands in for the 5-minute chart's, which has prices at `times`."""
        places = np.arange(int(np.searchsorted(other.at, begin)), other.known)
        places = places[other.usable[places]]
        before = np.append(begin, times)[np.searchsorted(times, other.at[places], side="right")]
        return places[other.at[places] - before > (_STANDS_IN_S + self.growth_s) * SECOND]
