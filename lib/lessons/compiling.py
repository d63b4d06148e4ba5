"""Lessons out of the ledger: what stood at an instant, with bounds, what is still needed, and what follows from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from lib import paths
from lib.contract.times import iso, parse_instant
from lib.lessons.advance import ledger_at
from lib.lessons.choices import Choices, load_choices
from lib.lessons.conflicts import ProvenLesson, contradictions, told_by_answers
from lib.lessons.derived import nearest, restates_costs, to_act_on
from lib.lessons.evidence import DAY, Snapshot
from lib.lessons.followed import unanswered_questions
from lib.lessons.hypotheses import THRESHOLDS, Hypothesis, hypothesis_of, level_of, log_needed_of
from lib.lessons.lesson import Consequence, LedgerSummary, Lesson, Lessons, Withheld
from lib.lessons.seen import Observations, Seen
from lib.lessons.store import LedgerStore
from lib.lessons.threshold import confidence_threshold
from lib.lessons.trade_rows import TradeCounts
from lib.lessons.wording import needed_words, statement
from lib.market.costs import Costs
from lib.market.readings import instant
from lib.market.terms import Terms
from lib.stats.groups import round_percent, round_rate
from lib.stats.intervals import wilson_interval
from lib.stats.levels import episodes_needed, shrink

#: Days over which the present rate of episodes is taken.
_RATE_DAYS = 14
#: All answers, each of which counted when none was open.
_ANSWERS = "answers.all.answers"


def lessons_at(
    folder: str | Path | None, as_of: str | pd.Timestamp, keep: bool = False, terms: Terms | None = None
) -> Lessons:
    """The lessons of a trading_data folder at `as_of`; with `keep` the ledger's file is brought up to date, else nothing changes.

    They are those of the folder's newest terms, or of `terms` (lib.lessons.advance.ledger_at).
    """
    with ledger_at(folder, as_of, keep, terms=terms) as store:
        return compile_lessons(
            store,
            parse_instant(as_of),
            load_choices(folder),
            unanswered_questions(paths.trading_data(folder)),
        )


def compile_lessons(
    store: LedgerStore, as_of: pd.Timestamp, choices: Choices, unanswered: Collection[str] = ()
) -> Lessons:
    """The lessons that have seen a trade, or have ended, by number; a person's pins and vetoes count as they are now.

    As they stood at the whole hour before `as_of`, as far as the ledger had come when that was new. Those of questions that are
    `unanswered` (ids) are withheld.
    """
    return LessonCompiler(store).compile(as_of, choices, unanswered)


class LessonCompiler:
    """Compiles the lessons of a ledger, which may grow from one time to the next: what did not change is not found again."""

    def __init__(self, store: LedgerStore):
        self._store, self._observations = store, Observations(store)
        self._told: dict[Snapshot, tuple[Seen, Lesson]] = {}

    def go_on(self, store: LedgerStore) -> LessonCompiler:
        """The compiler, of the same ledger that was opened anew."""
        self._store = store
        self._observations.go_on(store)
        return self

    def compile(self, as_of: pd.Timestamp, choices: Choices, unanswered: Collection[str] = ()) -> Lessons:
        """As `compile_lessons`."""
        as_of = as_of.floor("h")
        now, era, store = instant(as_of), self._store.era(), self._store
        costs = era.terms.costs
        rows, trades = store.snapshots(now), store.trade_counts(now)
        answers = self._observations.of(_ANSWERS, False).during(-1, now).at
        begun = {"answers": int(answers[0]) if len(answers) else now}
        begun |= dict.fromkeys(("trades", "held"), trades.begun if trades.trades else now)
        asked = [row for row in rows if row.n or row.status != "candidate"]
        seen = self._observations.seen(asked)
        lessons = [self._lesson(row, found, now, begun) for row, found in zip(asked, seen, strict=True)]
        self._told = dict(zip(asked, zip(seen, lessons, strict=True), strict=True))
        lessons = _chosen(lessons, choices, costs, unanswered)
        return Lessons(
            lessons=lessons,
            summary=_summary(store, rows, lessons, trades, len(answers), as_of, costs),
            optimal_confidence_threshold=confidence_threshold(lessons),
            terms=era.terms,
            terms_since=era.since,
        )

    def _lesson(self, row: Snapshot, seen: Seen, now: int, begun: Mapping[str, int]) -> Lesson:
        """The lesson of a row; where the row and what stands behind it are those of before, the rate alone may be another."""
        before_seen, before = self._told.get(row, (None, None))
        before = before if before_seen is seen else None
        more = _more(row, seen.tempering) if before is None else before.more_episodes
        days = None
        if more is not None:
            since = _counted_since(hypothesis_of(row.id), seen, begun, now)
            per_day = rate_per_day(seen.at, now, max(since, row.registered))
            days = round(more / per_day, 1) if per_day else None
        if before is None:
            return _lesson(row, seen, more, days)
        return before if before.more_days == days else _with_days(before, days)


def _with_days(before: Lesson, days: float | None) -> Lesson:
    """The lesson, which will take so many more days; only what is needed is worded by them."""
    lesson = before.model_copy(update={"more_days": days})
    if needed_words(lesson) == needed_words(before):
        return lesson
    return lesson.model_copy(update={"statement": statement(lesson)})


def _lesson(row: Snapshot, seen: Seen, more: int | None, days: float | None) -> Lesson:
    hypothesis = hypothesis_of(row.id)
    rates = wilson_interval(row.wins, row.n) or (None, None)
    sign = -1.0 if hypothesis.claim == "below" else 1.0
    lesson = Lesson(
        id=row.id,
        stream=hypothesis.stream,
        family=hypothesis.family,
        value=hypothesis.value,
        claim=hypothesis.claim,
        statement="",
        status=row.status,
        why=row.why,
        since=_time(row.since),
        large_since=_time(row.large),
        registered=_time(row.registered),
        n=row.n,
        episodes=row.episodes,
        win_rate=round_rate(100 * row.wins / row.n) if row.n else None,
        win_rate_low=round_rate(rates[0]),
        win_rate_high=round_rate(rates[1]),
        breakeven_win_rate=_breakeven(row),
        net_mean_pct=round_percent(row.mean),
        net_low_pct=round_percent(seen.low),
        net_high_pct=round_percent(seen.high),
        trade_mean_pct=round_percent(row.trade_mean),
        effect_pct=None if row.mean is None else round_percent(shrink(sign * row.mean, row.episodes)),
        level=level_of(hypothesis, row.k),
        evidence=round(max(row.log_e, 0.0) / log_needed_of(hypothesis, row.k), 4),
        tempering=round(seen.tempering, 3),
        doubt=round(row.doubt, 3),
        more_episodes=more,
        more_trades=None if more is None or not row.episodes else round(more * row.n / row.episodes),
        more_days=days,
        beyond_declared=row.beyond,
        trades=seen.trades,
    )
    return lesson.model_copy(update={"statement": statement(lesson)})


def _counted_since(hypothesis: Hypothesis, seen: Seen, begun: Mapping[str, int], now: int) -> int:
    """When a hypothesis could first see anything: streams of a trader since they have `begun`, markets since their first."""
    if hypothesis.stream in begun:
        return begun[hypothesis.stream]
    return int(seen.at[0]) if len(seen.at) else now


def rate_per_day(at: np.ndarray, now: int, since: int) -> float | None:
    """Observations a day over the last RATE_DAYS, or since `since` where that is later; None without any, or within one day."""
    begin = max(now - _RATE_DAYS * DAY, since)
    days = (now - begin) / DAY
    count = int((at > begin).sum())
    return count / days if count and days >= 1 else None


def _more(row: Snapshot, tempering: float) -> int | None:
    if row.status != "candidate":
        return None
    return max(
        0,
        int(np.ceil(episodes_needed(level_of(hypothesis_of(row.id), row.k), row.sd) * tempering))
        - row.episodes,
    )


def _breakeven(row: Snapshot) -> float | None:
    if row.mean_gain is None or row.mean_loss is None:
        return None
    return round_rate(100 * row.mean_loss / (row.mean_gain + row.mean_loss))


def _chosen(
    lessons: list[Lesson], choices: Choices, costs: Costs, unanswered: Collection[str]
) -> list[Lesson]:
    """The lessons with what a person chose, and with what follows from each proven one."""
    pinned, vetoed = choices.lessons_with("pin", "unpin"), choices.lessons_with("veto", "unveto")
    marked = [
        lesson.model_copy(update={"pinned": lesson.id in pinned, "vetoed": lesson.id in vetoed})
        if lesson.id in pinned or lesson.id in vetoed
        else lesson
        for lesson in lessons
    ]
    alone = [_unanswered(_followed_alone(lesson, costs), unanswered) for lesson in marked]
    told = _withheld(alone, "answers", told_by_answers([lesson.hypothesis for lesson in to_act_on(alone)]))
    free = [ProvenLesson(lesson.hypothesis, lesson.evidence) for lesson in to_act_on(told)]
    return _withheld(told, "contradiction", contradictions(free))


def _unanswered(lesson: Lesson, unanswered: Collection[str]) -> Lesson:
    """The lesson, withheld where its question cannot be asked: nobody could say of a tick what it says."""
    if lesson.id not in unanswered or lesson.consequence not in ("act_on", "too_small"):
        return lesson
    return lesson.model_copy(update={"consequence": "withheld", "withheld": "question"})


def _withheld(lessons: list[Lesson], why: Withheld, instead: Mapping[str, str]) -> list[Lesson]:
    """The lessons, those withheld in whose place (by id) another one is told."""
    return [
        lesson.model_copy(
            update={"consequence": "withheld", "withheld": why, "withheld_for": instead[lesson.id]}
        )
        if lesson.id in instead
        else lesson
        for lesson in lessons
    ]


def _followed_alone(lesson: Lesson, costs: Costs) -> Lesson:
    """The lesson with what follows from it where no other one is looked at."""
    if lesson.status != "proven":
        return lesson
    if lesson.vetoed:
        return lesson.model_copy(update={"consequence": "withheld", "withheld": "veto"})
    if lesson.family in THRESHOLDS:
        return lesson.model_copy(update={"consequence": "threshold"})
    large: Consequence = "act_on" if lesson.large_since else "too_small"
    return lesson.model_copy(
        update={"consequence": "restates_costs" if restates_costs(lesson, costs) else large}
    )


def _summary(
    store: LedgerStore,
    rows: Sequence[Snapshot],
    lessons: list[Lesson],
    trades: TradeCounts,
    answers: int,
    as_of: pd.Timestamp,
    costs: Costs,
) -> LedgerSummary:
    counts = Counter(row.status for row in rows)
    now, head = instant(as_of), store.head()
    return LedgerSummary(
        head=min(head, iso(as_of)) if head else "",
        hypotheses=len(rows),
        candidates=counts["candidate"],
        proven=counts["proven"],
        act_on=len(to_act_on(lessons)),
        ended=counts["ended"],
        trades=trades.trades,
        episodes=len(trades.ended_at),
        days=round((now - trades.begun) / DAY, 2) if trades.trades else None,
        episodes_per_day=_rounded(rate_per_day(trades.ended_at, now, trades.begun)),
        answers=answers,
        nearest=next((lesson.evidence for lesson in nearest(lessons, costs, 1)), None),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _time(at: int) -> str | None:
    return iso(pd.Timestamp(at, unit="us", tz="UTC")) if at else None
