"""Simulated weeks as the tables of closed trades that the ledger is fed with, the net mean of every trade being known.

An outcome is drawn apart from all else: given when trades are entered, how long they are held and what they are told by, each has the mean
that its world gives it, at every time and in every group. So the mean of any group's trades in an episode has it too. (Were holding
times tied to outcomes, episodes would end sooner after losses, and a mean per episode would differ from the mean per trade.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from bench.evidence.answers import FIRST, ONCE, Decider, answer_rows
from bench.evidence.attributes import STEP_MINUTES, STEPS_A_WEEK, Market, attributes, market
from bench.evidence.payoffs import BEST_PCT, WORST_PCT, Payoff, hold_quantiles, standard_exits
from lib.lessons.hypotheses import FAMILIES, STREAMS
from lib.market.readings import instants
from lib.stats.episodes import assign_episodes

BEGIN = np.datetime64("2026-01-05T00:00:00", "us")
MINUTE = 60_000_000
DAY_MINUTES = 1440
#: Variance until the time exit (percent²) in calm, usual and wild hours, and the share of the time below each.
VARIANCES = (0.03, 0.06, 0.16)
VOLATILITY_STEPS = (-0.5, 0.8)
#: How much the log rate of entries grows with volatility.
CROWDING = 0.5
#: At least so many trades of one's own a week; the mean is above.
LEAST_TRADES, MEAN_TRADES = 280, 320
#: Entries a week of the streams that need no trader.
MARKET_ENTRIES = {"setups": 120, "rule": 140, "wicks": 60}
#: Correlation of the outcomes of trades that overlap.
ICC = 0.5
HELD_MINUTES = (15, 30, 45)
#: Of trades that never overlap: a standard deviation near 0.16.
USUAL_VARIANCE = 0.03


@dataclass(frozen=True)
class World:
    """What trades earn: the net mean of all (percent), that of single groups, and a lean by direction whose sign each day draws anew."""

    mean_pct: float = 0.0
    edges: dict[tuple[str, str], float] = field(default_factory=dict)
    day_pct: float = 0.0
    payoff: Callable[[float, float], Payoff] = standard_exits

    def means(self, table: pd.DataFrame, leans: np.ndarray) -> np.ndarray:
        """The net mean of each trade of a table with family columns and `minute`."""
        found = np.full(len(table), self.mean_pct)
        for (family, value), edge in self.edges.items():
            if family in table:
                found[(table[family] == value).to_numpy()] = edge
        if self.day_pct and "regime" in table:
            side = np.where(table["regime"].str.endswith("_LONG"), 1.0, -1.0)
            found += self.day_pct * side * leans[(table["minute"] // DAY_MINUTES).to_numpy(dtype=int)]
        return found


def null_weeks(
    weeks: int, rng: np.random.Generator, world: World | None = None, decider: Decider = "once"
) -> dict[str, pd.DataFrame]:
    """The tables of all streams over so many weeks: crowded trades of one's own, what the analyzers of the market saw, and the answers of
    such a decider.
    """
    world = world or World()
    moves = market(weeks * STEPS_A_WEEK, True, rng)
    leans = rng.choice([-1.0, 1.0], size=7 * weeks + 2)
    own = np.maximum(rng.poisson(MEAN_TRADES, size=weeks), LEAST_TRADES)
    tables = {"trades": _stream("trades", moves, own, world, leans, rng)}
    for stream, entries in MARKET_ENTRIES.items():
        counts = np.maximum(rng.poisson(entries, size=weeks), 1)
        tables[stream] = _stream(stream, moves, counts, world, leans, rng)
    tables["held"] = _held(tables["trades"], world, rng)
    tables["answers"] = _answers(moves, weeks, world, leans, decider, rng)
    return {stream: tables[stream] for stream in STREAMS}


def _stream(
    stream: str,
    moves: Market,
    counts: np.ndarray,
    world: World,
    leans: np.ndarray,
    rng: np.random.Generator,
) -> pd.DataFrame:
    steps = _entries(moves, counts, rng)
    minutes = steps * STEP_MINUTES + rng.random(len(steps)) * STEP_MINUTES
    order = np.argsort(minutes, kind="stable")
    steps, minutes = steps[order], minutes[order]
    level = np.searchsorted(VOLATILITY_STEPS, moves.volatility[steps])
    quantile = rng.integers(0, 101, size=len(steps))
    hold = np.array([hold_quantiles(variance) for variance in VARIANCES])[level, quantile]
    table = attributes(moves, steps, rng)[list(FAMILIES[stream])]
    table["minute"], table["variance"] = minutes, np.array(VARIANCES)[level]
    table["entry_time"], table["exit_time"] = _times(minutes), _times(minutes + np.maximum(hold, 0.2))
    table["episode"] = assign_episodes(table["entry_time"], table["exit_time"])
    return _priced(table, world, leans, rng)


def _entries(moves: Market, counts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Steps of entries: so many a week, the more volatile the hour the more of them."""
    found = []
    for week, count in enumerate(counts):
        part = slice(week * STEPS_A_WEEK, (week + 1) * STEPS_A_WEEK)
        rates = np.cumsum(np.exp(CROWDING * moves.volatility[part]))
        picked = np.searchsorted(rates, rng.random(count) * rates[-1], side="right")
        found.append(np.minimum(picked, STEPS_A_WEEK - 1) + week * STEPS_A_WEEK)
    return np.concatenate(found)


def _answers(
    moves: Market,
    weeks: int,
    world: World,
    leans: np.ndarray,
    decider: Decider,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """What the walk makes of each answer that counts, and what the world adds to it."""
    steps = _entries(moves, np.full(weeks, ONCE if decider == "once" else FIRST), rng)
    levels = np.searchsorted(VOLATILITY_STEPS, moves.volatility)
    rows = answer_rows(moves, levels, steps, decider, rng)
    rows["net_pct"] += world.means(rows.assign(minute=rows["begun"]), leans)
    begun, ended = _times(rows["begun"].to_numpy()), _times(rows["ended"].to_numpy())
    numbers = np.arange(len(rows))
    names = [f"a{number}" for number in numbers]
    return rows.assign(entry_time=begun, exit_time=ended, episode=numbers, trade=names)


def _held(own: pd.DataFrame, world: World, rng: np.random.Generator) -> pd.DataFrame:
    """Every third trade of one's own as if held longer, each way of holding a row; what is gained by it bears no costs."""
    chosen = own.iloc[::3].drop(columns=list(FAMILIES["trades"]))
    table = pd.concat([chosen.assign(hold=str(minutes)) for minutes in HELD_MINUTES])
    longer = table["hold"].astype(int).to_numpy() * MINUTE
    table["exit_time"] += longer.astype("timedelta64[us]")
    table = table.sort_values(["entry_time", "hold"], ignore_index=True)
    table["episode"] = assign_episodes(table["entry_time"], table["exit_time"])
    return _priced(table, replace(world, mean_pct=0.0), np.zeros(0), rng)


def spaced(count: int, rng: np.random.Generator, a_day: int = 40, lasting: bool = False) -> pd.DataFrame:
    """Own trades without outcomes that never overlap: so many a day, each an episode of its own; attributes drawn anew unless `lasting`."""
    spacing = DAY_MINUTES / a_day
    minutes = np.arange(count) * spacing
    steps = (minutes // STEP_MINUTES).astype(int)
    moves = market(int(steps[-1]) + 1, lasting, rng)
    table = attributes(moves, steps, rng)[list(FAMILIES["trades"])]
    table["minute"], table["variance"] = minutes, USUAL_VARIANCE
    table["entry_time"], table["exit_time"] = _times(minutes), _times(minutes + spacing * 0.8)
    table["episode"] = np.arange(count)
    return table


def priced(table: pd.DataFrame, world: World, uniform: np.ndarray) -> pd.DataFrame:
    """The table with outcomes at these quantiles of what each trade earns in the world."""
    return _outcomes(table, world.means(table, np.zeros(0)), world, uniform)


def _priced(table: pd.DataFrame, world: World, leans: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    own, shared = rng.random(len(table)), rng.random(int(table["episode"].iloc[-1]) + 1)
    together = rng.random(len(table)) < np.sqrt(ICC)
    uniform = np.where(together, shared[table["episode"].to_numpy()], own)
    return _outcomes(table, world.means(table, leans), world, uniform)


def _outcomes(table: pd.DataFrame, means: np.ndarray, world: World, uniform: np.ndarray) -> pd.DataFrame:
    net, variances = np.empty(len(table)), table["variance"].to_numpy()
    for mean in np.unique(means):
        for variance in np.unique(variances):
            chosen = (means == mean) & (variances == variance)
            net[chosen] = world.payoff(float(mean), float(variance)).at(uniform[chosen])
    names = [f"t{place}" for place in range(len(table))]
    return table.assign(net_pct=net, worst_pct=WORST_PCT, best_pct=BEST_PCT, trade=names)


def _times(minutes: np.ndarray) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(BEGIN + (minutes * MINUTE).astype("timedelta64[us]"), tz="UTC")


def days_of(tables: dict[str, pd.DataFrame], days: float = 1.0) -> Iterator[dict[str, pd.DataFrame]]:
    """The tables cut into spans of so many days, an episode in the span in which it ended; spans without any left out."""
    ends = {name: _span_of_rows(table, days) for name, table in tables.items()}
    for span in range(1 + max(int(found[-1]) for found in ends.values())):
        parts = {}
        for name, table in tables.items():
            first, last = np.searchsorted(ends[name], [span, span + 1])
            if last > first:
                parts[name] = table.iloc[first:last]
        if parts:
            yield parts


def _span_of_rows(table: pd.DataFrame, days: float) -> np.ndarray:
    """In which span each row's episode ended; an end on the border belongs to the span before."""
    exits = instants(table["exit_time"])
    numbers = table["episode"].to_numpy()
    last = np.full(int(numbers[-1]) + 1, np.iinfo(np.int64).min)
    np.maximum.at(last, numbers, exits)
    since = last[numbers] - BEGIN.astype(np.int64)
    return (since - 1) // int(days * DAY_MINUTES * MINUTE)
