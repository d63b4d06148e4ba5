"""Five markets that move together, of which none, one or all have the edge: how often the question replicates, and how soon.

All five have the same signal at the same time, and one spread; a market without the edge is a martingale, whose trades hang together with
the others' all the same. A study looks once, so a look on each day tells how soon four of five studies would have had it; one market
alone is looked at after each episode, and what was proven once stays so, which is in its favour.
"""

from __future__ import annotations

from functools import partial
from math import inf
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from bench.evidence.runs import Bench, quantile, share
from bench.questions.edge import first_count
from bench.questions.market import BEGIN_US, FREE, markets, signal_of
from lib.market.exits import MINUTE
from lib.market.readings import instants
from lib.questions.confirmation import CONFIRMED, confirmation, episodes_of, question_bounds
from lib.questions.history import History
from lib.questions.replication import REPLICATED, replicates
from lib.questions.trades import question_trades
from lib.stats.betting import MEAN
from lib.stats.levels import POWER, SOUGHT_PCT

RUNS = 500
MARKETS = 5
CORRELATIONS = (0.5, 0.8)
#: Length of the sealed part, and how many days lie between two at whose ends a study might have looked.
DAYS, EVERY = 200, 1
NUMBER = 1
_DAY = 24 * 60 * MINUTE


class Seen(NamedTuple):
    """One run: at which looks it replicated, whether at the last, and when the first market alone was proven (days, infinite if never)."""

    looks: list[int]  #: days
    end: bool
    alone: float


def observe(
    rng: np.random.Generator, edges: int, correlation: float, days: int = DAYS, every: int = EVERY
) -> Seen:
    """One run: so many of the markets have the edge, the first ones."""
    chosen = tuple(SOUGHT_PCT if place < edges else None for place in range(MARKETS))
    closed = [_closed(history) for history in markets(days, rng, chosen, FREE, correlation)]
    ends = [instants(each["exit_time"]) for each in closed]
    evidence = [on_the_way(each) for each in closed]

    def at(day: int) -> list[float]:
        until = BEGIN_US + day * _DAY
        return [each[int((end <= until).sum())] for each, end in zip(evidence, ends, strict=True)]

    looks = [day for day in range(every, days + 1, every) if replicates(at(day), NUMBER)]
    return Seen(looks, bool(looks) and looks[-1] == days, _proven_on(closed[0], ends[0]))


def _closed(history: History) -> pd.DataFrame:
    return question_trades(signal_of(history.rows), history.rows, history.path, FREE.exits, FREE.costs).closed


def on_the_way(closed: pd.DataFrame) -> list[float]:
    """The log e-value before any and after each of the closed trades, every one an episode: what `end_log_e` is of so many of them."""
    x, tempering, _ = episodes_of(closed)
    worst, _ = question_bounds(FREE.exits, FREE)
    sums, found = MEAN.start(), [0.0]
    for value, inflation in zip(x.tolist(), tempering.tolist(), strict=True):
        MEAN.bet(sums, value, worst, inflation)
        found.append(MEAN.log_e(sums))
    return found


def _proven_on(closed: pd.DataFrame, ends: np.ndarray) -> float:
    """The day on which one market alone is proven."""

    def proven(count: int) -> bool:
        part = closed.iloc[:count]
        return confirmation(part, NUMBER, "", "", 0.0, FREE.exits, FREE).verdict == "proven"

    count = first_count(len(closed), proven)
    return count if count == inf else float((ends[int(count) - 1] - BEGIN_US) / _DAY)


def together_figures(bench: Bench, runs: int = RUNS) -> dict[str, Any]:
    """How often it replicates where at most one market has the edge, and how soon where all have, in so many runs of each world."""
    found: dict[str, Any] = {}
    for correlation in CORRELATIONS:
        worlds = {}
        for name, edges in {"none": 0, "one": 1, "all": MARKETS}.items():
            run = partial(observe, edges=edges, correlation=correlation)
            # What a run keeps are its looks at one level: at another one it is done anew, of the same markets.
            level = f"at {REPLICATED.level(NUMBER):g}"
            done = bench.runs(f"together_{name}_{correlation:g}", run, runs, lambda kept: Seen(*kept), level)
            if done:
                worlds[name] = told(done)
        if worlds:
            found[f"{correlation:g}"] = worlds
    if not found:
        return {}
    stated = {
        "markets": MARKETS,
        "days": DAYS,
        "edge_pct": SOUGHT_PCT,
        "level": REPLICATED.level(NUMBER),
        "level_alone": CONFIRMED.level(NUMBER),
    }
    return {"together": stated | {"by_correlation": found}}


def told(runs: list[Seen], every: int = EVERY) -> dict[str, Any]:
    """The figures of one world. `looked_on` is the first day from which on each look would have found it in POWER of the runs."""
    count = len(runs)
    shares = {day: sum(day in run.looks for run in runs) / count for day in range(every, DAYS + 1, every)}
    short = [day for day, part in shares.items() if part < POWER]
    first = (max(short) + every) if short else every
    return {
        "replicates": share(sum(run.end for run in runs), count),
        "at_any_look": share(sum(bool(run.looks) for run in runs), count),
        "looked_on": first if first <= DAYS else None,
        "alone_days": quantile([run.alone for run in runs], POWER),
        "alone_proven": share(sum(run.alone < inf for run in runs), count),
    }
