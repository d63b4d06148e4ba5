"""A sweep of the entry rule against a loop over backtesting.py: the same combinations, candles and rules, the same trades counted.

backtesting.py can express the rules: entries at the close, target and stop as bracket orders of which it takes the stop first, a
time exit at a close. Its strategy is handed the same signals, so that neither side is timed for finding them.
"""

from __future__ import annotations

import warnings
from contextlib import redirect_stderr
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.measure import Figures, figure, seconds
from lib.analysis.sweep import Sweep, run_sweep
from lib.analysis.sweep_candidates import SweepSpace, prepare_signals, wick_shown
from lib.market.candles import with_closed_at
from lib.market.exits import PricePath
from lib.market.readings import instants
from lib.market.ribbon import ribbon_on_forming_bars
from lib.market.rules import entry_signals

DAYS = 60
#: Both run this one; backtesting.py walks every candle in Python, so there cannot be many.
SPACE = SweepSpace((0.2, 0.3, 0.5), (0.15, 0.3), (20.0, 45.0), (20.0, 60.0), ((), (0.05, 0.3)))
#: Ours alone, on the same candles: a sweep of the size one would make.
LARGE = SweepSpace(
    (0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8),
    (0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5),
    (10.0, 20.0, 30.0, 45.0, 60.0, 90.0),
    (0.0, 20.0, 40.0, 60.0),
    ((), (0.05, 0.3), (0.1, 0.3), (0.3, 0.8)),
)
BAND_LABELS = {"none": (), "0.05–0.3": (0.05, 0.3)}


def market(days: int = DAYS, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """5-minute candles of a random walk (five steps a candle), and the entry rule's signals on its ribbons."""
    random = np.random.default_rng(seed)
    count = days * 288
    steps = 2500 * np.exp(np.cumsum(random.normal(0, 5e-4, count * 5))).reshape(count, 5)
    opened = np.concatenate([[2500.0], steps[:-1, -1]])
    index = pd.date_range("2025-01-01", periods=count, freq="5min", tz="UTC", unit="us", name="timestamp")
    reach = np.column_stack([opened, steps])
    frame = pd.DataFrame(
        {"open": opened, "high": reach.max(axis=1), "low": reach.min(axis=1), "close": steps[:, -1]},
        index=index,
    )
    candles = with_closed_at(frame, 5)
    prices = pd.Series(steps[:, -1], index=pd.DatetimeIndex(candles["closed_at"]))
    return candles, entry_signals(
        candles, ribbon_on_forming_bars(prices, 5), ribbon_on_forming_bars(prices, 15)
    )


def sweep(candles: pd.DataFrame, signals: pd.DataFrame, space: SweepSpace) -> Sweep:
    """Ours, from signals to figures of every combination."""
    path = PricePath.of(candles.iloc[:0], candles)
    return run_sweep(prepare_signals(signals, candles, path, space))


def loop(candles: pd.DataFrame, signals: pd.DataFrame, space: SweepSpace) -> pd.DataFrame:
    """One backtesting.py run a combination: its closed trades and the sum of their gross returns in percent."""
    from backtesting import Backtest

    frame = candles.rename(columns=str.capitalize)[["Open", "High", "Low", "Close"]]
    # An order given at the last close is filled in the bar after it: one that stands still.
    after = pd.DataFrame(
        [[candles["close"].iloc[-1]] * 4], columns=frame.columns, index=[candles["closed_at"].iloc[-1]]
    )
    frame = pd.concat([frame, after]).tz_localize(None)
    test = Backtest(frame, strategy(), cash=1e9, trade_on_close=True)
    closes = instants(candles["closed_at"])
    rows = np.searchsorted(closes, instants(signals["entry_time"]))
    sign = np.where(signals["direction"] == "LONG", 1, -1)
    found = []
    for row in space.combinations().itertuples():
        entry = np.zeros(len(frame), dtype=int)
        shown = wick_shown(signals, candles, BAND_LABELS[row.wick])
        entry[rows[shown]] = sign[shown]
        stats = test.run(
            entry=entry,
            target=row.target_pct,
            stop=row.stop_pct,
            hold=int(row.hold_minutes // 5),
            spacing=int(row.spacing_minutes // 5),
        )
        found.append((len(stats["_trades"]), 100 * stats["_trades"]["ReturnPct"].sum()))
    return pd.DataFrame(found, columns=["trades", "gross_pct"])


def strategy() -> type:
    """The entry rule for backtesting.py; made here, as that package is for benchmarks only."""
    from backtesting import Strategy

    class EntryRule(Strategy):
        entry: Any = None
        target, stop, hold, spacing = 0.3, 0.15, 9, 4

        def init(self) -> None:
            self.last = -(10**9)

        def next(self) -> None:
            at = len(self.data) - 1
            if self.trades:
                if at - self.last < self.hold:
                    return
                self.trades[0].close()
            sign = self.entry[at]
            if sign and at - self.last >= self.spacing:
                price = self.data.Close[-1]
                order = self.buy if sign > 0 else self.sell
                order(
                    size=1, tp=price * (1 + sign * self.target / 100), sl=price * (1 - sign * self.stop / 100)
                )
                self.last = at

    return EntryRule


def run(folder: Path) -> Figures:
    """Both on the same space, and ours alone on a large one; trades and gross returns must agree in every combination."""
    import vectorbt  # noqa: F401  (imported before the clock starts, as backtesting.py is)

    with warnings.catch_warnings(), redirect_stderr(StringIO()):
        # It warns of a trade that is open at the end, which neither side counts, and draws a progress bar for each run.
        warnings.simplefilter("ignore")
        import backtesting  # noqa: F401

        candles, signals = market()
        results: dict[str, Any] = {}
        ours_s = seconds(lambda: results.update(ours=sweep(candles, signals, SPACE).table), repeats=3)
        other_s = seconds(lambda: results.update(other=loop(candles, signals, SPACE)))
        large_s = seconds(partial(sweep, candles, signals, LARGE))
    ours, other = results["ours"], results["other"]
    gross = ours["total_pct"] + 0.11 * ours["trades"]
    if (ours["trades"] != other["trades"]).any() or not np.allclose(gross, other["gross_pct"], atol=1e-6):
        raise RuntimeError(f"the two differ:\n{ours.join(other, rsuffix='_other').to_string()}")
    large = len(LARGE.combinations())
    found = figure(
        ours_s,
        other_s,
        "a loop over backtesting.py",
        combinations=len(ours),
        candles=len(candles),
        trades=int(ours["trades"].sum()),
        combos_candles_per_second=round(len(ours) * len(candles) / ours_s),
        other_combos_candles_per_second=round(len(ours) * len(candles) / other_s),
        large_combinations=large,
        large_s=round(large_s, 4),
        large_combos_candles_per_second=round(large * len(candles) / large_s),
    )
    return {"sweep": found}
