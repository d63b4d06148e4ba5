"""The parts of the bench: worlds without a difference, worlds with one, and one that does harm; and how they are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from statistics import mean
from typing import Any

import numpy as np

from bench.evidence.runs import Bench, quantile, share
from bench.experiment.arms import SIDES, World, entry
from bench.experiment.market import MOVES, MOVES_DIFFERING, TERMS, Market, Side, market
from bench.experiment.run import Outcome, simulate
from lib.experiments.scoring import score_answer

#: Blocks of an experiment in which there is nothing to find: ten weeks of looks at every hour.
BLOCKS = 1_800
DIFFERENCE_PCT = 0.05
#: The method's own: blocks, and pairs with different outcomes, by which 80 % of experiments have found that difference.
TABLES = {"episodes": 524, "paired": 110}
WITHIN = 1.15
POWER = 0.80
#: Without a difference: the world, and how many experiments; all but the first are paired, so that both estimates look at the same blocks.
NULLS = (
    (World("null"), 1_000),
    (World("null_paired"), 300),
    (World("days", day_better=0.6), 300),
    (World("less_often", trades={"a": 1.0, "b": 0.4}), 300),
    (World("repeats", repeats=True), 300),
    (World("days_less_often", trades={"a": 1.0, "b": 0.4}, day_better=0.6), 300),
)
POWER_RUNS, HARM_RUNS = 500, 300
_SLOTS = 20_000
_ROUNDING = 1e-9


def outcome(kept: Any) -> Outcome:
    """What JSON has kept of one."""
    return Outcome(*kept)


def null_figures(bench: Bench) -> dict[str, Any]:
    """Verdicts where there is nothing to find."""
    found = {}
    for world, usual in NULLS:
        paired = world.name != "null"
        run = partial(simulate, world=world, slots=BLOCKS, paired=paired, whole=True)
        runs = bench.runs(world.name, run, usual, outcome)
        if not runs:
            continue
        found[world.name] = {"blocks": BLOCKS, "randomised": _verdicts([each.randomised for each in runs])}
        if paired:
            found[world.name] |= {
                "paired": _verdicts([each.verdict for each in runs]),
                "disagree": share(sum(each.disagree for each in runs), len(runs)),
                "differing_pairs": mean(each.pairs for each in runs),
            }
    return {"nulls": found}


def _verdicts(said: Sequence[str]) -> dict[str, Any]:
    return share(sum(word != "" for word in said), len(said)) | {
        word: sum(each == word for each in said) for word in ("helps", "harms")
    }


def power_figures(bench: Bench) -> dict[str, Any]:
    """How long a difference of 0.05 % takes to be found: of blocks that all trade, and of pairs with different outcomes."""
    better = chance_to_choose(DIFFERENCE_PCT, MOVES, False)
    world = World("difference", better={"a": better, "b": 0.0})
    runs = bench.runs(world.name, partial(simulate, world=world, slots=BLOCKS), POWER_RUNS, outcome)
    better = chance_to_choose(DIFFERENCE_PCT, MOVES_DIFFERING, True)
    skips = World("pairs", better={"a": better, "b": 0.0}, trades={"a": 1.0, "b": 0.0}, moves=MOVES_DIFFERING)
    pairs = bench.runs(
        skips.name, partial(simulate, world=skips, slots=BLOCKS, paired=True), POWER_RUNS, outcome
    )
    return {
        "randomised_power": _power(runs, [run.blocks for run in runs]),
        "paired_power": _power(pairs, [run.pairs for run in pairs]),
    }


def _power(runs: Sequence[Outcome], counts: Sequence[int]) -> dict[str, Any]:
    needed = [count if run.verdict == "helps" else np.inf for run, count in zip(runs, counts, strict=True)]
    return {
        "runs": len(runs),
        "needed": quantile(needed, POWER),
        "median": quantile(needed, 0.5),
        "harms": sum(run.verdict == "harms" for run in runs),
    }


def harm_figures(bench: Bench) -> dict[str, Any]:
    """A lesson that costs 0.05 % a block: when it is rolled back, and what it has cost by then."""
    better = -chance_to_choose(DIFFERENCE_PCT, MOVES, False)
    world = World("harm", better={"a": better, "b": 0.0})
    found = {}
    for paired in (False, True):
        used = replace(world, name=f"harm_{'paired' if paired else 'randomised'}")
        runs = bench.runs(
            used.name, partial(simulate, world=used, slots=BLOCKS, paired=paired), HARM_RUNS, outcome
        )
        back = [run.verdict == "harms" for run in runs]
        blocks = [run.blocks if rolled else np.inf for run, rolled in zip(runs, back, strict=True)]
        cost = [DIFFERENCE_PCT * run.a_blocks for run in runs]
        found["paired" if paired else "randomised"] = {
            "rolled_back": share(sum(back), len(runs)),
            "blocks": {"median": quantile(blocks, 0.5), "most": quantile(blocks, POWER)},
            "cost_pct": {"median": quantile(cost, 0.5), "most": quantile(cost, POWER)},
            "never_rolled_back_pct": DIFFERENCE_PCT * BLOCKS,
        }
    return {"harm": found}


def chance_to_choose(edge_pct: float, moves: float, differing: bool) -> float:
    """With which chance the better side is taken, so that a trade makes the edge on average; `differing`: one that does not end at 0."""
    paths = market(_SLOTS, np.random.default_rng(1), moves=moves)
    made = np.array([_made(paths, slot) for slot in range(_SLOTS)])
    chosen, plain = made.T
    if not differing:
        return float(edge_pct / chosen.mean())
    moved, usual = ((np.abs(values) > _ROUNDING).mean() for values in (chosen, plain))
    return float(edge_pct * usual / (chosen.mean() - edge_pct * (moved - usual)))


def _made(paths: Market, slot: int) -> tuple[float, float]:
    """What the favoured side of a slot makes, and what one that nobody chose does."""
    side: Side = SIDES[slot % 2]
    long, short = (
        score_answer(entry(paths.tick(slot), each), paths.prices(slot), TERMS).net_pct for each in SIDES
    )
    made = {"LONG": long, "SHORT": short}
    return made[paths.favoured(slot) or side], made[side]


def quoted(found: dict[str, Any]) -> dict[str, Any]:
    """What is quoted of all parts, under the names that docs/reference/experiment-figures.md uses."""
    null = found["nulls"]["null"]
    paired = found["nulls"].get("null_paired", {}).get("paired", {"share": None})
    return {
        "null_runs": null["randomised"]["runs"],
        "false_verdict_share": null["randomised"]["share"],
        "false_verdict_interval": null["randomised"]["interval"],
        "false_verdict_share_paired": paired["share"],
        "difference": DIFFERENCE_PCT,
        "episodes_needed": found["randomised_power"]["needed"]["value"],
        "episodes_table": TABLES["episodes"],
        "paired_needed": found["paired_power"]["needed"]["value"],
        "paired_table": TABLES["paired"],
        "within": WITHIN,
    }
