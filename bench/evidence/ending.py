"""What becomes of a lesson when its edge goes, turns, or stays: episodes of its group until it is found to be no longer true."""

from __future__ import annotations

from functools import partial
from math import inf
from typing import Any

import numpy as np
import pandas as pd

from bench.evidence.power import EDGE_PCT
from bench.evidence.runs import Bench, quantile, share
from bench.evidence.tables import World, priced, spaced
from lib.lessons.hypotheses import FAMILIES
from lib.lessons.ledger import Ledger
from lib.market.readings import instants

RUNS = 400
FAMILY, VALUE = "direction", "LONG"
LESSON = f"trades.{FAMILY}.{VALUE}.above"
#: Edges after the lesson was found; the words name the figures.
AFTER = {"vanishes": 0.0, "reverses": -EDGE_PCT, "lasts": EDGE_PCT}
#: Half of the rows are in the group: enough to find nearly every edge, and then 1,000 episodes and more.
SEARCHED, WATCHED = 1600, 2200
HORIZONS = (500, 1000)
SPAN = 200


def ending(rng: np.random.Generator, after_pct: float) -> float | None:
    """One run: in-group episodes after it was found until the lesson ends, infinite if it outlives the run; None if never found."""
    table = spaced(SEARCHED + WATCHED, rng)
    for family in FAMILIES["trades"]:
        if family != FAMILY:
            table[family] = ""
    uniform = rng.random(len(table))
    before, after = (
        priced(table, World(edges={(FAMILY, VALUE): edge}), uniform) for edge in (EDGE_PCT, after_pct)
    )
    at = fold_until(before.iloc[:SEARCHED], "proven_at")
    if not at:
        return None
    turned = int((instants(table["exit_time"]) <= at).sum())
    whole = pd.concat([before.iloc[:turned], after.iloc[turned : turned + WATCHED]])
    ended = fold_until(whole, "since", "no_longer")
    if not ended:
        return inf
    inside, ends = (whole[FAMILY] == VALUE).to_numpy(), instants(whole["exit_time"])
    return float((inside & (ends > at) & (ends <= ended)).sum())


def fold_until(table: pd.DataFrame, field: str, why: str = "") -> int:
    """Feed a fresh ledger until the lesson is found, or has ended for that reason; the field of its entry then, 0 where it never is."""
    ledger = Ledger.new(recording=False)
    for first in range(0, len(table), SPAN):
        ledger.fold("trades", table.iloc[first : first + SPAN])
        entry = ledger.entries[LESSON]
        if (entry.why == why) if why else entry.proven_at:
            return getattr(entry, field)
        if entry.why == "shelved":
            return 0
    return 0


def ending_figures(bench: Bench) -> dict[str, Any]:
    """Episodes until the end by what became of the edge; where it stays, the share that is retired all the same."""
    found: dict[str, Any] = {"lesson": LESSON, "edge_pct": EDGE_PCT}
    for name, edge in AFTER.items():
        runs = bench.runs(f"retirement_{name}", partial(ending, after_pct=edge), RUNS)
        ended = [run for run in runs if run is not None]
        within = {
            f"retired_by_{most}": share(sum(run <= most for run in ended), len(ended)) for most in HORIZONS
        }
        found[name] = {"median": quantile(ended, 0.5), "by_80_percent": quantile(ended, 0.8)} | within
    return {"retirement": found}
