"""Weeks in which nothing is to be found: how often something is, at every look, and by ledgers that lack a precaution."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from bench.evidence.answers import DECIDERS, Decider
from bench.evidence.ledgers import Untempered, WithoutMultiplicity, each_alone, fold_days, found_by
from bench.evidence.runs import Bench, share
from bench.evidence.tables import World, days_of, null_weeks
from lib.lessons.hypotheses import CLAIMS, THRESHOLDS
from lib.lessons.ledger import Ledger
from lib.market.readings import instants

RUNS, ABLATIONS, LOOKED = 1000, 200, 20
WEEKS = 4
#: Weeks of a run, and runs; of years so many are told first.
NULLS = {"null_week": (1, RUNS), "null_4_weeks": (WEEKS, RUNS), "null_year": (52, 300)}
FIRST_YEARS = 50
#: Days of all streams taken in at once. Lessons are latched at every episode all the same; only setups get their numbers stream by stream.
SPAN_DAYS = 7
DAY_PCT = 0.04
HOUR = 3_600_000_000
#: What is to be seen when looks are compared, for in null weeks there is nothing.
EDGE_PCT = 0.15


class Found(NamedTuple):
    """What a run saw: ids of lessons, claims asked of groups with trades, own trades and episodes, answers that counted among all."""

    lessons: list[str]
    asked: dict[str, int]
    trades: int
    episodes: int
    answers: int


def weeks(
    rng: np.random.Generator,
    count: int,
    world: World | None = None,
    judge: type[Ledger] = Ledger,
    alone: bool = False,
    decider: Decider = "once",
) -> Found:
    """One run: so many weeks of all streams through a fresh ledger; `alone`: each trade is an episode; `decider`: how it answers."""
    tables = null_weeks(count, rng, world, decider)
    own = tables["trades"]
    if alone:
        tables = {name: each_alone(table) for name, table in tables.items()}
    ledger = judge.new(recording=False)
    lessons = [change.id for change in found_by(fold_days(ledger, tables, SPAN_DAYS))]
    asked = Counter(entry.hypothesis.claim for entry in ledger.entries.values() if entry.n)
    answers = int((tables["answers"]["all"] != "").sum())
    return Found(lessons, dict(asked), len(own), int(own["episode"].iloc[-1]) + 1, answers)


def null_figures(
    bench: Bench, name: str, runs: int = 0, deciders: Sequence[Decider] = DECIDERS[:1]
) -> dict[str, Any]:
    """The figures of null weeks, months or years (a name of NULLS), of so many runs of them (0: all): of a decider that answers once, or of
    those that repeat an answer.
    """
    count, usual = NULLS[name]
    found = {}
    for decider in deciders:
        run = partial(weeks, count=count, decider=decider)
        results = bench.runs(name, run, runs or usual, Found._make, decider)
        key = name if decider == "once" else f"{name}_repeated_{decider}"
        found[key] = told(results) | played(results)
    return found


def ablation_figures(bench: Bench) -> dict[str, Any]:
    """What a missing precaution would do in four null weeks."""
    single = partial(weeks, count=WEEKS, judge=WithoutMultiplicity)
    alone = partial(weeks, count=WEEKS, alone=True)
    return {
        "without_multiplicity_4_weeks": told(
            bench.runs("without_multiplicity", single, ABLATIONS, Found._make)
        ),
        "trades_as_episodes_4_weeks": told(bench.runs("trades_as_episodes", alone, ABLATIONS, Found._make)),
    }


def day_figures(bench: Bench) -> dict[str, Any]:
    """Four weeks in which each day leans to one side, the next to any: the same runs with and without tempering."""
    run = partial(weeks, count=WEEKS, world=World(day_pct=DAY_PCT))
    untempered = bench.runs("day_regimes", partial(run, judge=Untempered), RUNS, Found._make, "untempered")
    return {
        "day_regimes_4_weeks": told(bench.runs("day_regimes", run, RUNS, Found._make)) | {"day_pct": DAY_PCT},
        "day_regimes_4_weeks_untempered": told(untempered),
    }


def told(runs: list[Found]) -> dict[str, Any]:
    """The share of runs with any lesson, of which a threshold of confidence is one, by claim, and the families that they are of."""
    families = Counter(lesson.split(".")[1] for run in runs for lesson in run.lessons)
    claims = {
        claim: sum(any(f".{claim}" in lesson for lesson in run.lessons) for run in runs) for claim in CLAIMS
    }
    thresholds = sum(any(is_threshold(lesson) for lesson in run.lessons) for run in runs)
    return share(sum(bool(run.lessons) for run in runs), len(runs)) | {
        "threshold": share(thresholds, len(runs)),
        "runs_by_claim": claims,
        "lessons_by_family": dict(families.most_common()),
    }


def is_threshold(lesson: str) -> bool:
    """Whether a lesson is that answers from a threshold on gain."""
    return lesson.split(".")[1] in THRESHOLDS


def played(runs: list[Found]) -> dict[str, Any]:
    """How much was in play: own trades, episodes and hypotheses with trades, the least and the mean of a run."""
    counts = {
        "trades": [run.trades for run in runs],
        "episodes": [run.episodes for run in runs],
        "answers": [run.answers for run in runs],
        "hypotheses": [sum(run.asked.values()) for run in runs],
    }
    counts |= {f"hypotheses_{claim}": [run.asked[claim] for run in runs] for claim in CLAIMS}
    return {
        name: {"least": min(found), "mean": round(float(np.mean(found)), 1)} for name, found in counts.items()
    }


def looks(rng: np.random.Generator) -> tuple[int, int, int]:
    """One week with an edge, looked at every hour and taken in at once: looks, lessons, and lessons not seen at the first look after."""
    world = World(edges={("direction", "LONG"): EDGE_PCT})
    table = null_weeks(1, rng, world)["trades"]
    whole, hourly = Ledger.new(recording=False), Ledger.new(recording=False)
    latched = {change.id: change.at for change in found_by(whole.fold("trades", table))}
    seen: dict[str, int] = {}
    count = 0
    for part in days_of({"trades": table}, 1 / 24):
        hourly.fold("trades", part["trades"])
        count += 1
        hour = -(-int(instants(part["trades"]["exit_time"]).max()) // HOUR)
        for name, entry in hourly.entries.items():
            if entry.proven_at:
                seen.setdefault(name, hour)
    wanted = {name: -(-at // HOUR) for name, at in latched.items()}
    return (
        count,
        len(wanted),
        sum(seen.get(name) != hour for name, hour in wanted.items()) + len(seen.keys() - wanted.keys()),
    )


def look_figures(bench: Bench) -> dict[str, Any]:
    """Whether a look after every hour shows what the ledger latched at the episodes, and nothing else."""
    found = np.array(bench.runs("looks", looks, LOOKED)).sum(axis=0)
    return {"looks": dict(zip(("looks", "lessons", "seen_otherwise"), map(int, found), strict=True))}
