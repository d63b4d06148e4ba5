"""What became of each lesson: whether its own observations since it was proven and large enough go on to say what it claims.

A test on data that did not make the lesson. A comparison with the time before would be none: the lesson became one while its group looked
its best (or worst), and falls back towards its mean whatever anybody does. Whether telling a lesson helps is another question, of the
controlled test alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from pathlib import Path
from typing import Any, Literal

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
from lib.lessons.evidence import Snapshot
from lib.lessons.hypotheses import Claim, hypothesis_of
from lib.lessons.lesson import ENDED, EvidenceCounts
from lib.lessons.store import LedgerStore
from lib.lessons.wording import claim_words, subject
from lib.market.readings import instant
from lib.stats.differences import LEAST_EPISODES
from lib.stats.groups import round_percent
from lib.stats.intervals import Interval, mean_interval

_RESULT_NAME = "lesson_history"
Verdict = Literal["held", "turned", "not told apart", "too few"]
VERDICTS: tuple[Verdict, ...] = ("held", "turned", "not told apart", "too few")
#: Said once wherever verdicts are shown.
CAVEAT = (
    "A lesson is judged by what came after it was proven: the 95 % interval of that mean against zero. Of forty groups with nothing to "
    "find in them one would go on and one would turn by chance; lessons share trades, so they are not so many findings; and when a lesson "
    "ended was chosen by these same figures. Whether telling a lesson helps is another question."
)


class LessonEffect(Model):
    """A lesson and what became of it.

    It counts from when it was proven and not too small, whatever else followed from it: a contradiction or a veto may have withheld it.
    """

    id: str = Field(description="The lesson's id: its hypothesis.")
    statement: str = Field(description="What it claims of which trades, in words.")
    large_since: str = Field(description="Since when it was proven and not too small, ISO time in UTC.")
    until: str | None = Field(description="When it ended, ISO time in UTC; null while it stands.")
    ended: str = Field(description="Why it ended, in words; empty while it stands.")
    verdict: Verdict = Field(
        description="How its own observations since then stand to its claim, by their interval."
    )
    episodes: int = Field(
        description="Its own observations that ended since then, until it ended: episodes of its group, of who does better pairs of these "
        "and the others."
    )
    mean_pct: float | None = Field(
        description="Their mean: net return of an episode, or difference to the others, percent; null without one."
    )
    low_pct: float | None = Field(
        description="Lower end of the mean's 95 % interval, percent; null without a spread to measure."
    )
    high_pct: float | None = Field(
        description="Upper end of the mean's 95 % interval, percent; null without a spread to measure."
    )

    @property
    def unit(self) -> str:
        """What `episodes` counts."""
        return "pairs" if hypothesis_of(self.id).claim == "beats" else "episodes"


class LessonHistory(Model):
    """What notebook 06 leaves of the lessons in the run folder, and of the controlled test."""

    evidence: EvidenceCounts | None = Field(
        description="How many hypotheses stand how; null for insights of a version without these counts."
    )
    verdicts: dict[str, int] = Field(description="Lessons by verdict, each verdict named.")
    ended: int | None = Field(
        None, description="Lessons of these that ended since; null in files of before it was counted."
    )
    no_longer_true: int | None = Field(
        None,
        description="Lessons of these that ended as no longer true; null in files of before it was counted.",
    )
    split: LessonSplit | None = Field(
        None,
        description="The window's trades by the lessons to act on; null without such a lesson, or without the trades.",
    )
    effects: list[LessonEffect] = Field(
        description="Each lesson that was ever proven and large enough; those that held first, then those that turned, then the undecided."
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
    """Each lesson that was ever proven and large enough by `as_of`: those that held first, then those that turned, then the undecided.

    Among equal verdicts the newest lesson comes first.
    """
    now = instant(parse_instant(as_of))
    effects = [_effect(store, row, now) for row in store.snapshots(now) if row.large]
    newest_first = sorted(effects, key=lambda effect: (effect.large_since, effect.id), reverse=True)
    return sorted(newest_first, key=lambda effect: VERDICTS.index(effect.verdict))


def verdict_counts(effects: Sequence[LessonEffect]) -> dict[str, int]:
    """How many lessons have each verdict."""
    return {verdict: sum(effect.verdict == verdict for effect in effects) for verdict in VERDICTS}


def ended_counts(effects: Sequence[LessonEffect]) -> tuple[int, int]:
    """How many of the lessons have ended, and how many of these as no longer true."""
    why = [effect.ended for effect in effects if effect.until is not None]
    return len(why), why.count(ENDED["no_longer"])


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
    ended, no_longer_true = ended_counts(effects)
    found = LessonHistory(
        evidence=evidence,
        verdicts=verdict_counts(effects),
        ended=ended,
        no_longer_true=no_longer_true,
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


def _effect(store: LedgerStore, row: Snapshot, now: int) -> LessonEffect:
    hypothesis = hypothesis_of(row.id)
    end = row.since if row.status == "ended" else now
    _, x, _, _, tempering = store.observed(hypothesis.group, hypothesis.claim == "beats", row.large, end)
    found = _interval(x, tempering)
    return LessonEffect(
        id=row.id,
        statement=f"{subject(hypothesis)} {claim_words(hypothesis)}",
        large_since=_time(row.large),
        until=_time(end) if row.status == "ended" else None,
        ended=ENDED[row.why] if row.status == "ended" else "",
        verdict=_verdict(hypothesis.claim, len(x), found),
        episodes=len(x),
        mean_pct=found and found.mean,
        low_pct=found and found.low,
        high_pct=found and found.high,
    )


def _interval(x: np.ndarray, tempering: np.ndarray) -> Interval | None:
    """The mean of `x` with its 95 % t interval, rounded; days that hang together widen it by the root of the newest `tempering`, their
    variance inflation (docs/evidence-method.md, Observations). None without a value.
    """
    found = mean_interval(x)
    if found is None or found.low is None or found.high is None:
        return found and Interval(round_percent(found.mean), None, None)
    half = (found.high - found.mean) * sqrt(tempering[-1])
    return Interval(*map(round_percent, (found.mean, found.mean - half, found.mean + half)))


def _verdict(claim: Claim, episodes: int, found: Interval | None) -> Verdict:
    """Where the interval lies: on the claimed side of zero, on the other, or on both."""
    if episodes < LEAST_EPISODES:
        return "too few"
    if found is None or found.low is None or found.high is None or found.low <= 0 <= found.high:
        return "not told apart"
    return "held" if (found.high < 0) == (claim == "below") else "turned"


def _time(at: int) -> str:
    return iso(pd.Timestamp(at, unit="us", tz="UTC"))
