"""What followed each lesson: own trades before and since it was proven and large enough, side by side, and how much evidence there was.

A look back, and no controlled test: the market moves on by itself, and the trades before are among those that made the lesson, so its
own group looked its best (or worst) then and falls back towards its mean whatever anybody does. So no sentence names a cause.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from pydantic import Field

from lib import paths
from lib.contract.results import Model
from lib.contract.times import iso, parse_instant
from lib.data.atomic import replace_json
from lib.experiments.folder import Judged
from lib.experiments.judgement import ArmFigures
from lib.history.by_lessons import LessonSplit
from lib.lessons.eras import LEDGER_FILE
from lib.lessons.evidence import DAY, Snapshot
from lib.lessons.hypotheses import hypothesis_of
from lib.lessons.lesson import EvidenceCounts
from lib.lessons.store import LedgerStore
from lib.lessons.wording import claim_words, subject
from lib.market.readings import instant, instants
from lib.stats.differences import LEAST_EPISODES, welch_interval
from lib.stats.groups import round_percent

_RESULT_NAME = "lesson_history"
#: "Before" is as long as "while", so that both saw about as many trades, but at least this many days: a lesson of yesterday
#: compared with the day before it would be compared with that day's market. Two weeks are also what present rates are taken over.
_LEAST_BEFORE_DAYS = 14
Verdict = Literal["better", "worse", "not told apart", "too few"]
VERDICTS: tuple[Verdict, ...] = ("better", "worse", "not told apart", "too few")
#: Said once wherever effects are shown.
CAVEAT = (
    "No controlled test: the market changed as well, the trades before include those that made the lesson, "
    "and of twenty 95 % intervals one misses by chance."
)


class Sides(Model):
    """Episodes before and since, side by side."""

    episodes_before: int = Field(description="Episodes before the lesson was active.")
    episodes_while: int = Field(description="Episodes since then, until it ended.")
    mean_before_pct: float | None = Field(
        description="Mean of the episodes' net returns before, percent; null without an episode."
    )
    mean_while_pct: float | None = Field(
        description="Mean of the episodes' net returns since, percent; null without an episode."
    )
    difference_pct: float | None = Field(
        description="Mean since less mean before, points of percent; null where either side has no episode."
    )
    low_pct: float | None = Field(
        description="Lower end of its 95 % Welch interval, points of percent; null without a spread on both sides."
    )
    high_pct: float | None = Field(
        description="Upper end of its 95 % Welch interval, points of percent; null without a spread on both sides."
    )


class LessonEffect(Model):
    """A lesson and what followed.

    It counts from when it was proven and not too small, whatever else followed from it: a contradiction or a veto may have withheld it.
    """

    id: str = Field(description="The lesson's id: its hypothesis.")
    statement: str = Field(description="What it claims of which trades, in words.")
    large_since: str = Field(description="Since when it was proven and not too small, ISO time in UTC.")
    until: str | None = Field(description="When it ended, ISO time in UTC; null while it stands.")
    before_from: str = Field(description="Where the time before begins, ISO time in UTC.")
    verdict: Verdict = Field(
        description="How own trades since compare with those before, by the interval of `own`."
    )
    trades_before: int = Field(description="Own trades of the episodes before.")
    trades_while: int = Field(description="Own trades of the episodes since.")
    own: Sides = Field(description="All own trades, an episode dated by its first entry.")
    group: Sides = Field(description="Only the trades that the lesson is about, an episode dated by its end.")


class LessonHistory(Model):
    """What notebook 06 leaves of the lessons in the run folder, and of the controlled test."""

    evidence: EvidenceCounts | None = Field(
        description="How many hypotheses stand how; null for insights of a version without these counts."
    )
    verdicts: dict[str, int] = Field(description="Lessons by verdict, each verdict named.")
    ended: int | None = Field(
        None, description="Lessons of these that ended since; null in files of before it was counted."
    )
    split: LessonSplit | None = Field(
        None,
        description="The window's trades by the lessons to act on; null without such a lesson, or without the trades.",
    )
    effects: list[LessonEffect] = Field(
        description="Each lesson that was ever active; the better first, then the worse, then the undecided."
    )
    experiment: str = Field(
        "", description="Where the newest experiment stands, in a sentence; empty where none was begun."
    )
    experiment_state: str = Field(
        "", description="Its verdict (helps, harms), or running, or ended; empty where none was begun."
    )
    arms: list[ArmFigures] = Field(
        default_factory=list,
        description="What was traded under each arm of it, a first; empty where none was begun.",
    )


class _Own(NamedTuple):
    """Own episodes as arrays of one length: first entry (microseconds), mean net return (percent), trades."""

    begun: np.ndarray
    mean: np.ndarray
    trades: np.ndarray


def evidence_counts(insights: Mapping[str, Any]) -> EvidenceCounts | None:
    """The counts of insights; None for those of a version that had none."""
    summary = insights.get("evidence")
    return None if summary is None else EvidenceCounts.read(summary)


def effects_at(folder: str | Path | None, as_of: str | pd.Timestamp) -> list[LessonEffect]:
    """`lesson_effects` of a trading_data folder's ledger as it is kept, which is not advanced; none where there is no ledger.

    Raises DataError for a file that is no ledger.
    """
    with LedgerStore.read_only(paths.trading_data(folder) / LEDGER_FILE) as store:
        return [] if store is None else lesson_effects(store, as_of)


def lesson_effects(store: LedgerStore, as_of: str | pd.Timestamp) -> list[LessonEffect]:
    """Each lesson that was ever proven and large enough by `as_of`: those after which trades were better first, then worse, then undecided.

    An episode of own trades belongs to the side of its first entry; one that begins after the lesson ended belongs to none. Among equal
    verdicts the newest lesson comes first.
    """
    now = instant(parse_instant(as_of))
    large = [row for row in store.snapshots(now) if row.large]
    if not large:
        return []
    own = _own_episodes(store.trades(now))
    effects = [_effect(store, own, row, now) for row in large]
    newest_first = sorted(effects, key=lambda effect: (effect.large_since, effect.id), reverse=True)
    return sorted(newest_first, key=lambda effect: VERDICTS.index(effect.verdict))


def verdict_counts(effects: Sequence[LessonEffect]) -> dict[str, int]:
    """How many lessons have each verdict."""
    return {verdict: sum(effect.verdict == verdict for effect in effects) for verdict in VERDICTS}


def ended_count(effects: Sequence[LessonEffect]) -> int:
    """How many of the lessons have ended."""
    return sum(effect.until is not None for effect in effects)


def publish_effects(
    effects: Sequence[LessonEffect],
    evidence: EvidenceCounts | None,
    run_dir: str | Path,
    experiment: Judged | None = None,
    split: LessonSplit | None = None,
) -> LessonHistory:
    """The lessons' history, the window's trades by them (`split`), and where the newest `experiment` stands, with what was traded under
    each arm.

    Written to `<run_dir>/results/lesson_history.json`, which the list of cycles quotes, if there is a run_dir.
    """
    found = LessonHistory(
        evidence=evidence,
        verdicts=verdict_counts(effects),
        ended=ended_count(effects),
        split=split,
        effects=list(effects),
    )
    if experiment is not None:
        arms = [experiment.judgement.a, experiment.judgement.b]
        stands = {"experiment": experiment.words, "experiment_state": experiment.state}
        found = found.model_copy(update=stands | {"arms": arms})
    if run_dir:
        folder = Path(run_dir) / "results"
        folder.mkdir(parents=True, exist_ok=True)
        result = {"name": _RESULT_NAME, "result": found.model_dump(mode="json")}
        replace_json(folder / f"{_RESULT_NAME}.json", result)
    return found


def _effect(store: LedgerStore, own: _Own, row: Snapshot, now: int) -> LessonEffect:
    hypothesis, begun = hypothesis_of(row.id), row.large
    end = row.since if row.status == "ended" else now
    first = begun - max(end - begun, _LEAST_BEFORE_DAYS * DAY)
    before = (own.begun >= first) & (own.begun < begun)
    since = (own.begun >= begun) & (own.begun < end)
    sides = _sides(own.mean[before], own.mean[since])
    at, x, *_ = store.observed(hypothesis.group, False, first, end)
    return LessonEffect(
        id=row.id,
        statement=f"{subject(hypothesis)} {claim_words(hypothesis)}",
        large_since=_time(begun),
        until=_time(end) if row.status == "ended" else None,
        before_from=_time(first),
        verdict=_verdict(sides),
        trades_before=int(own.trades[before].sum()),
        trades_while=int(own.trades[since].sum()),
        own=sides,
        group=_sides(x[at <= begun], x[at > begun]),
    )


def _sides(before: np.ndarray, since: np.ndarray) -> Sides:
    found = welch_interval(before, since)
    return Sides(
        episodes_before=len(before),
        episodes_while=len(since),
        mean_before_pct=round_percent(before.mean()) if len(before) else None,
        mean_while_pct=round_percent(since.mean()) if len(since) else None,
        difference_pct=round_percent(found.mean) if found else None,
        low_pct=round_percent(found.low) if found else None,
        high_pct=round_percent(found.high) if found else None,
    )


def _verdict(sides: Sides) -> Verdict:
    if min(sides.episodes_before, sides.episodes_while) < LEAST_EPISODES:
        return "too few"
    if sides.low_pct is None or sides.high_pct is None:
        return "not told apart"
    if sides.low_pct > 0:
        return "better"
    return "worse" if sides.high_pct < 0 else "not told apart"


def _own_episodes(trades: pd.DataFrame) -> _Own:
    episodes = trades.assign(entered=instants(trades["entry_time"])).groupby("episode", sort=True)
    found = episodes.agg(begun=("entered", "min"), mean=("net_pct", "mean"), trades=("net_pct", "size"))
    return _Own(
        found["begun"].to_numpy(np.int64), found["mean"].to_numpy(float), found["trades"].to_numpy(np.int64)
    )


def _time(at: int) -> str:
    return iso(pd.Timestamp(at, unit="us", tz="UTC"))
