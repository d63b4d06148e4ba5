"""One planted edge, nothing else: how many in-group episodes the ledger takes to find it, beside what one look at fixed numbers would take.

Episodes are independent: one trade each, never overlapping. Of the table only the family asked is filled, because nothing that the ledger
holds of other families bears on it; so every hypothesis has the number, and with it the level, that it has in a log of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import ceil, inf
from statistics import median
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from bench.evidence.payoffs import Payoff, heavy_tails, standard_exits, two_points
from bench.evidence.runs import Bench, finite, quantile, share
from bench.evidence.tables import USUAL_VARIANCE, World, priced, spaced
from lib.lessons.hypotheses import FAMILIES, Hypothesis
from lib.lessons.ledger import Ledger
from lib.market.readings import instants
from lib.stats.levels import POWER, fixed_sample_size, level

RUNS, SPARSE_RUNS = 1000, 400
EDGE_PCT = 0.05
TRADES_A_DAY = 40
#: A run ends unfound after so many times the fixed number; the ledger itself shelves what it has asked for three times it.
GIVEN_UP_AFTER = 4
#: Days taken in at once, after which a run that has found it ends.
SPAN_DAYS = 5


class Case(NamedTuple):
    """Where the edge is planted and how it is asked, how returns are shaped, and whether the group's trades come in spells."""

    name: str
    family: str
    value: str
    claim: str
    share: float  #: expected; only sets how long a run may be
    payoff: Callable[[float, float], Payoff] = standard_exits
    lasting: bool = False

    @property
    def runs(self) -> int:
        """How often it is run: sparse groups need long logs."""
        return RUNS if self.share > 0.1 else SPARSE_RUNS


#: The pattern's is the figure that is quoted.
QUOTED = "pattern_20_percent"
CASES = (
    Case("direction_50_percent", "direction", "LONG", "above", 0.5),
    Case(QUOTED, "pattern", "all_green", "above", 0.2),
    Case("direction_50_percent_beats", "direction", "LONG", "beats", 0.5),
    Case("pattern_20_percent_beats", "pattern", "all_green", "beats", 0.2),
    Case("pattern_20_percent_two_points", "pattern", "all_green", "above", 0.2, two_points),
    Case("pattern_20_percent_heavy_tails", "pattern", "all_green", "above", 0.2, heavy_tails),
    Case("pattern_20_percent_in_spells", "pattern", "all_green", "above", 0.2, standard_exits, True),
    Case("pattern_20_percent_beats_in_spells", "pattern", "all_green", "beats", 0.2, standard_exits, True),
    Case("setup_5_percent", "setup", "LONG_ALL_RED_15MIN", "above", 0.05),
    Case("setup_5_percent_beats", "setup", "LONG_ALL_RED_15MIN", "beats", 0.05),
)


class Sought(NamedTuple):
    """Episodes of the group and of all until it was found (infinite if never), the hypothesis' number, the group's share."""

    inside: float
    all: float
    k: int
    share: float


def search(rng: np.random.Generator, case: Case) -> Sought:
    """One run: feed a fresh ledger until it has found the edge or the run is given up."""
    world = World(edges={(case.family, case.value): EDGE_PCT}, payoff=case.payoff)
    longest = ceil(GIVEN_UP_AFTER * fixed_number(case, 200, case.share) / case.share)
    table = spaced(longest, rng, TRADES_A_DAY, case.lasting)
    for family in FAMILIES["trades"]:
        if family != case.family:
            table[family] = ""
    table = priced(table, world, rng.random(len(table)))
    ledger, at = Ledger.new(recording=False), None
    name = Hypothesis("trades", case.family, case.value, case.claim).id  # type: ignore[arg-type]
    rows = SPAN_DAYS * TRADES_A_DAY
    for first in range(0, len(table), rows):
        ledger.fold("trades", table.iloc[first : first + rows])
        entry = ledger.entries.get(name)
        if entry is not None and entry.status != "candidate":
            at = entry.proven_at or None
            break
    inside = (table[case.family] == case.value).to_numpy()
    entry = ledger.entries[name]
    if at is None:
        return Sought(inf, inf, entry.k, float(inside.mean()))
    return Sought(*counted(table, inside, entry.born, at), entry.k, float(inside.mean()))


def counted(table: pd.DataFrame, inside: np.ndarray, born: int, at: int) -> tuple[int, int]:
    """Episodes of the group that counted from `born` until `at` (microseconds), and all of the log until then."""
    ended = instants(table["exit_time"]) <= at
    return int((inside & ended & (instants(table["entry_time"]) >= born)).sum()), int(ended.sum())


def fixed_number(case: Case, k: int, part: float, edge_pct: float = EDGE_PCT) -> float:
    """In-group episodes that one look at the k-th hypothesis' own level needs: ((z(1−α_k) + z(0.8))·sd/δ)².

    `sd` is that of trades with the edge, which is the smaller: an edge makes targets more frequent (with `edge_pct` 0 that of all others,
    which a test would have to assume). Against the others, (1 − s)/s times as many, the variance is sd² + sd'²·s/(1 − s) an episode.
    """
    variance = case.payoff(edge_pct, USUAL_VARIANCE).sd ** 2
    if case.claim == "beats":
        variance += case.payoff(0.0, USUAL_VARIANCE).sd ** 2 * part / (1 - part)
    return fixed_sample_size(level(k), variance**0.5, EDGE_PCT)


def power_figures(bench: Bench) -> dict[str, Any]:
    """Each case's figures, and the quoted one's at the top."""

    def runs(case: Case) -> list[Sought]:
        return bench.runs(f"planted_{case.name}", partial(search, case=case), case.runs, Sought._make)

    found = {case.name: told(case, runs(case)) for case in CASES}
    quoted = found[QUOTED]
    return {
        "planted_edge": EDGE_PCT,
        "planted_quoted": QUOTED,
        "trades_needed": quoted["trades_needed"],
        "trades_theory": quoted["trades_theory"],
        "needed_over_theory": quoted["needed_over_theory"],
        "planted": found,
    }


def told(case: Case, runs: list[Sought]) -> dict[str, Any]:
    """A case's figures. `trades_needed` are in-group episodes of one trade each, by which POWER of the runs had found the edge."""
    part = float(np.mean([run.share for run in runs]))
    k = round(median(run.k for run in runs))
    theory = fixed_number(case, k, part)
    needed = quantile([run.inside for run in runs], POWER)
    over = [
        None if value is None else round(value / theory, 3)
        for value in (needed["value"], *needed["interval"])
    ]
    days = quantile([run.all / TRADES_A_DAY for run in runs], POWER)
    return {
        "hypothesis": f"trades.{case.family}.{case.value}.{case.claim}",
        "group_share": round(part, 4),
        "k": k,
        "k_range": [min(run.k for run in runs), max(run.k for run in runs)],
        "level": level(k),
        "sd_pct": round(case.payoff(EDGE_PCT, USUAL_VARIANCE).sd, 4),
        "found": share(sum(run.inside < inf for run in runs), len(runs)),
        "trades_needed": needed["value"],
        "trades_needed_interval": needed["interval"],
        "trades_median": finite(median(run.inside for run in runs)),
        "trades_theory": round(theory, 1),
        "trades_theory_at_null_sd": round(fixed_number(case, k, part, 0.0), 1),
        "needed_over_theory": over[0],
        "needed_over_theory_interval": over[1:],
        "days_needed": days["value"],
        "days_needed_interval": days["interval"],
    }
