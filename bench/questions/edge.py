"""A question with an edge of 0.05 %: the hundredth that is explored and the tenth that is confirmed, and how many episodes that takes.

The sealed part grows: rows that come later belong to it. It is asked how many of its episodes there were when the verdict first was
*proven*, beside what one look at the same level would take, with the spread of the returns that the runs had.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import inf
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from bench.evidence.runs import Bench, quantile, share
from bench.questions.folder import Folder
from bench.questions.market import FREE, SIGNALS_A_DAY, markets, signal_of
from bench.questions.rules import Seen, answers, rules
from bench.questions.seal import BEST, YEAR, t_of
from lib.market.terms import DEFAULT_TERMS, Terms
from lib.questions.confirmation import CONFIRMED
from lib.stats.levels import POWER, SOUGHT_PCT, fixed_sample_size

RUNS = 500
#: The question is the hundredth explored and has the tenth level.
EXPLORED, NUMBER = 100, 10
WITHIN = 1.6
#: Days after the year, so that the sealed part holds several times the fixed number.
LATER = 120
#: With the costs of the standard terms, and without, where targets are further than stops.
WORLDS = {"edge": DEFAULT_TERMS, "edge_without_costs": FREE}


class Found(NamedTuple):
    """One run: sealed episodes until it was proven (infinite if never), and what the question was like."""

    until: float
    mean_pct: float  #: of all sealed episodes
    square: float  #: mean of their squares, percent²
    episodes: int
    place: int  #: its place among the hundred, by t in the open part


def search(rng: np.random.Generator, terms: Terms, year: int = YEAR, later: int = LATER) -> Found:
    """One run on a market of its own; `year` and `later` in days."""
    [history] = markets(year + later, rng, (SOUGHT_PCT,), terms)
    folder = Folder(history, terms, year)
    said = signal_of(history.rows)
    others = [t_of(folder.explored(each)) for each in answers(Seen.of(history.rows), rules()[: EXPLORED - 1])]
    place = 1 + sum(t > t_of(folder.explored(said)) for t in others)
    closed = folder.closed(said, folder.sealed_from)
    net = closed["net_pct"].to_numpy(float)
    until = proven_after(folder, closed, NUMBER)
    return Found(until, float(net.mean()), float((net**2).mean()), len(net), place)


def proven_after(folder: Folder, closed: pd.DataFrame, k: int) -> float:
    """Episodes of the sealed part after which the verdict first is *proven*, infinite if after none; what was proven stays so."""

    def proven(count: int) -> bool:
        return folder.verdict(closed.iloc[:count], k, folder.sealed_from).verdict == "proven"

    return first_count(len(closed), proven)


def first_count(most: int, holds: Callable[[int], bool]) -> float:
    """The smallest number up to `most` of which it holds, infinite if of none; what holds of one holds of all larger ones."""
    if not holds(most):
        return inf
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return float(high)


def edge_figures(bench: Bench, runs: int = RUNS) -> dict[str, Any]:
    """How many episodes it takes, in worlds with costs and without, in so many runs of each."""
    found = {}
    for name, terms in WORLDS.items():
        done = bench.runs(name, partial(search, terms=terms), runs, lambda kept: Found(*kept))
        if done:
            found[name] = told(done)
    return {"edges": found} if found else {}


def told(runs: list[Found]) -> dict[str, Any]:
    """The figures of one world."""
    level = CONFIRMED.level(NUMBER)
    mean = float(np.average([run.mean_pct for run in runs], weights=[run.episodes for run in runs]))
    square = float(np.average([run.square for run in runs], weights=[run.episodes for run in runs]))
    spread = (square - mean**2) ** 0.5
    theory = fixed_sample_size(level, spread, SOUGHT_PCT)
    needed = quantile([run.until for run in runs], POWER)
    over = [
        None if value is None else round(value / theory, 3)
        for value in (needed["value"], *needed["interval"])
    ]
    return {
        "runs": len(runs),
        "edge_pct": SOUGHT_PCT,
        "mean_pct": round(mean, 4),
        "sd_pct": round(spread, 4),
        "level": level,
        "explored": EXPLORED,
        "number": NUMBER,
        "episodes_a_day": SIGNALS_A_DAY,
        "needed": needed,
        "median": quantile([run.until for run in runs], 0.5),
        "theory": round(theory, 1),
        "needed_over_theory": over[0],
        "needed_over_theory_interval": over[1:],
        "within": WITHIN,
        "found_within": share(sum(run.until <= WITHIN * theory for run in runs), len(runs)),
        "among_the_best_explored": share(sum(run.place <= BEST for run in runs), len(runs)),
    }
