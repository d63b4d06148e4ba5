"""A seeded synthetic market with known truth: candles, ribbon samples, decisions, and planted edges on request.

What is known about the truth. Without an edge the price is a martingale, so that every trade of every setup loses what it costs on average:
fees and slippage, 0.10–0.11 % a trade with the default costs (a little more where one candle holds target and stop). With an edge, each
trade of the simulated trader whose setup has it meets a drift from its entry to its exit that gives it the net mean wanted; all other
trades stay as they were. Anybody else's trade inside such a stretch shares the drift: `truth["planted"]` says how many minutes that is.
Figures in `truth` are read back from the finished market with the code that analyses real ones.

The ribbon has closes from before the first row, as on a chart that has been there for days: its rows are not `partial`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from lib.contract import schema
from lib.contract.times import microseconds, parse_instant, times_index
from lib.errors import ParameterError
from lib.market.candles import resample, with_closed_at
from lib.market.costs import DEFAULT_COSTS, Costs
from lib.market.exits import MINUTE, SECOND, STANDARD
from lib.market.ribbon import WARM_CANDLES, ribbon_on_forming_bars
from lib.market.rules import decide
from lib.simulation.decisions import decisions_frame, truth_of
from lib.simulation.end import DEFAULT_END
from lib.simulation.path import StepPath, VolatilityModel, draw_volumes, to_price
from lib.simulation.planted import Span, check_edges, check_spans
from lib.simulation.trader import DRAWS, Trader
from lib.simulation.view import Market

DecisionKind = Literal["rules", "simulated", "none"]
_START_PRICE = 2500.0
_STEPS_SECONDS = (10, 60)
_QUARTER, DAY = 15 * MINUTE, 1440 * MINUTE
_MAX_DAYS = 400
#: Grows with every change that gives the same seed another market.
GENERATOR = 1
_DAYS_PER_GAP = 3.0
GAP_MINUTES = (1.0, 25.0)


@dataclass(frozen=True)
class SimulatedMarket:
    """A market in memory. Frames are those of the loaders (candles, samples, decisions); `prices` is indexed by known-at."""

    candles_1min: pd.DataFrame
    candles_5min: pd.DataFrame
    candles_15min: pd.DataFrame
    prices: pd.Series
    samples_5min: pd.DataFrame
    samples_15min: pd.DataFrame
    decisions: pd.DataFrame
    truth: dict[str, object]


def simulate_market(
    days: float,
    seed: int,
    end: str | pd.Timestamp = DEFAULT_END,
    step_seconds: int = 10,
    decisions: DecisionKind = "rules",
    edges: dict[str, float] | None = None,
    spans: dict[str, Span] | None = None,
    gaps: int | None = None,
    costs: Costs = DEFAULT_COSTS,
) -> SimulatedMarket:
    """Draw the market of `seed`: `days` up to `end`, a sample every `step_seconds` (10 or 60).

    `edges`: net mean in percent per trade by setup signature or by family ("LONG_WICK_DOWN"); needs decisions="simulated".
    `spans`: the days (from, to) after the first sample in which an edge is there, by its key; without one it always is.
    `gaps`: missing stretches of 1–25 minutes (default: one in three days). Raises ParameterError for what makes no market.
    """
    edges, spans = dict(edges or {}), dict(spans or {})
    _check(days, seed, step_seconds, decisions, edges, gaps, costs)
    check_spans(spans, edges)
    streams = [np.random.Generator(np.random.PCG64(child)) for child in np.random.SeedSequence(seed).spawn(4)]
    market, first_step, spread_pct = _draw_market(days, parse_instant(end), step_seconds, streams[0])
    _cut_gaps(market, first_step, round(days / _DAYS_PER_GAP) if gaps is None else gaps, streams[1])
    trader = None
    if decisions == "simulated":
        moods = streams[2].random((len(market.whole) // 5, DRAWS))
        trader = Trader(market, first_step, moods, costs, edges, spans).run()
    prices = _prices(market, first_step)
    symbol = symbol_of(edges)
    ribbons = {minutes: _ribbon(market, prices, first_step, minutes, symbol) for minutes in (5, 15)}
    candles = _candles(market, spread_pct, streams[3])
    candles_5min = resample(candles, 1, 5)
    if decisions == "rules":
        log = decide(ribbons[5], ribbons[15], candles_5min, candles, costs=costs)
    else:
        log = decisions_frame(trader, costs, candles_5min, ribbons[5], ribbons[15])
    truth = truth_of(log, trader, edges, spans, candles_5min, ribbons[5], ribbons[15])
    return SimulatedMarket(
        candles, candles_5min, resample(candles, 1, 15), prices, ribbons[5], ribbons[15], log, truth
    )


def _check(
    days: float,
    seed: int,
    step_seconds: int,
    decisions: str,
    edges: dict[str, float],
    gaps: int | None,
    costs: Costs,
) -> None:
    if seed < 0:
        raise ParameterError(f"seed {seed}: it is 0 or more")
    if not 0.25 <= days <= _MAX_DAYS:
        raise ParameterError(f"{days:g} days: a simulated market has 0.25 to {_MAX_DAYS}")
    if step_seconds not in _STEPS_SECONDS:
        raise ParameterError(
            f"a step of {step_seconds} seconds: it is {' or '.join(map(str, _STEPS_SECONDS))}"
        )
    if decisions not in get_args(DecisionKind):
        raise ParameterError(f"decisions {decisions!r}: one of {', '.join(get_args(DecisionKind))}")
    if edges and decisions != "simulated":
        raise ParameterError(
            "an edge is planted in the simulated trader's own trades: it needs decisions simulated"
        )
    if gaps is not None and not 0 <= gaps <= 24 * days:
        raise ParameterError(f"{gaps} gaps: 0 to 24 a day")
    best = STANDARD.target_pct - costs.fees_pct
    check_edges(edges, best, -STANDARD.stop_pct - costs.fees_pct)


def _draw_market(
    days: float, end: pd.Timestamp, step_seconds: int, rng: np.random.Generator
) -> tuple[Market, int, np.ndarray]:
    """The market, its first visible step, and the volatility of each step in percent.

    Before the first visible step lies what warms up the ribbon: at least WARM_CANDLES quarters of an hour.
    """
    step = step_seconds * SECOND
    last = microseconds(end) // MINUTE * MINUTE
    first = last - round(days * 1440) * MINUTE
    start = first // _QUARTER * _QUARTER - (WARM_CANDLES + 1) * _QUARTER
    steps = (last - start) // step
    minute_of_day = ((start + np.arange(1, steps + 1) * step) % DAY) / MINUTE
    spread_pct = VolatilityModel().draw(rng, minute_of_day, step_seconds / 60)
    path = StepPath(rng, spread_pct, step_seconds)
    first_step = (first - start) // step
    path.set_price(first_step, _START_PRICE)
    whole = np.arange((last - start) // MINUTE) >= (first - start) // MINUTE
    return Market(path, start, np.ones(steps, dtype=bool), whole), first_step, spread_pct


def _cut_gaps(market: Market, first_step: int, gaps: int, rng: np.random.Generator) -> None:
    """Take away `gaps` stretches of samples, and the candle of every minute that lost one."""
    per_minute = market.per_minute
    for place, size in zip(rng.random(gaps), rng.random(gaps), strict=True):
        low, high = np.log(GAP_MINUTES)
        length = round(np.exp(low + size * (high - low)) * per_minute)
        begin = first_step + int(place * (len(market.path) - first_step - length))
        market.shown[begin : begin + length] = False
    lost = ~market.shown[: len(market.whole) * per_minute].reshape(-1, per_minute).all(axis=1)
    market.whole &= ~lost


def _prices(market: Market, first_step: int) -> pd.Series:
    seen = np.flatnonzero(market.shown[first_step:]) + first_step
    times = times_index(market.start_at + (seen + 1) * market.path.step_seconds * SECOND)
    return pd.Series(to_price(market.path.close[seen]), index=times, name="price")


def symbol_of(edges: dict[str, float]) -> str:
    """The symbol of a simulated market in which these edges were planted."""
    return schema.PLANTED_SYMBOL if edges else schema.SYNTHETIC_SYMBOL


def _ribbon(market: Market, prices: pd.Series, first_step: int, minutes: int, symbol: str) -> pd.DataFrame:
    """Samples of one timeframe, with the closes from before the first row as their history."""
    per_bar = minutes * market.per_minute
    closes = to_price(market.path.close[per_bar - 1 : first_step : per_bar])
    opened = times_index(market.start_at + np.arange(len(closes)) * minutes * MINUTE)
    frame = ribbon_on_forming_bars(prices, minutes, pd.Series(closes, index=opened))
    return frame.assign(symbol=pd.array(np.full(len(frame), symbol), dtype="str"))


def _candles(market: Market, spread_pct: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """1-minute candles; each opens at the close before."""
    path, per_minute = market.path, market.per_minute
    close = path.close[per_minute - 1 :: per_minute]
    opened = np.concatenate([path.close[:1], close[:-1]])
    spread = np.sqrt((spread_pct.reshape(-1, per_minute) ** 2).sum(axis=1))
    levels = {
        "open": opened,
        "high": path.high.reshape(-1, per_minute).max(axis=1),
        "low": path.low.reshape(-1, per_minute).min(axis=1),
        "close": close,
    }
    frame = pd.DataFrame({name: to_price(values) for name, values in levels.items()})
    frame["volume"] = draw_volumes(rng, spread, (close - opened) * 100)
    frame.index = times_index(market.start_at + np.arange(len(frame)) * MINUTE)
    return with_closed_at(frame[market.whole], 1)
