"""What the prompt addition says of evidence: the lessons, the confidence from which answers gain, and what is to be taken from it all.

The same rules as in lib.prompt.sections: numbers and enumerated words only. Lessons come first, because they alone are proven.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lib.analysis.sentences import actual_sentences
from lib.contract.actual_trades import ActualPerformance
from lib.contract.smart_backtest import RealisticBacktest
from lib.contract.words import money, number, rate, win_words
from lib.lessons.conflicts import advice
from lib.lessons.derived import (
    costs_words,
    nearest,
    not_yet,
    other_proven_words,
    pinned_besides,
    to_act_on,
    unpinned,
)
from lib.lessons.lesson import LedgerSummary, Lesson
from lib.lessons.threshold import threshold_lesson
from lib.market.costs import Costs
from lib.prompt.layout import PromptRows, PromptSection

#: Lessons and candidates that are printed at most; the rest is counted.
_MOST_TOLD = 8
_ADVICE = {"favour": "FAVOUR", "avoid": "AVOID"}


def lessons_section(lessons: Sequence[Lesson], summary: LedgerSummary, costs: Costs) -> PromptSection:
    """The lessons to act on, or that there is none yet with how much more it takes; then what is nearest, as unproven."""
    section = PromptSection("LESSONS (from the whole log; only what is called proven is)")
    rows = [f"{_ADVICE[advice(lesson.hypothesis)]}: {lesson.statement}" for lesson in to_act_on(lessons)]
    if rows:
        section.parts += [PromptRows(rows, 10, _MOST_TOLD)]
    else:
        section.parts += [not_yet(lessons, summary, costs)]
    if words := costs_words(lessons):
        section.parts += [words]
    pinned = [f"Pinned by the trader: {lesson.statement}" for lesson in pinned_besides(lessons)]
    section.parts += [PromptRows(pinned, 9, len(pinned))] if pinned else []
    unproven = [lesson.statement for lesson in nearest(unpinned(lessons), costs)]
    if unproven:
        section.parts += ["Nearest to proof, not to be acted on:", PromptRows(unproven, 8, 2)]
    if words := other_proven_words(lessons):
        section.parts += [words]
    return section


def threshold_section(
    threshold: float | None, lessons: Sequence[Lesson], summary: LedgerSummary
) -> PromptSection:
    """The confidence from which answers are proven to gain, with its evidence, or that none is."""
    seen = (
        f"n={number(summary.answers)} answers (each LONG or SHORT recommended while flat, executed or not; one at a "
        "time)."
    )
    found = threshold_lesson(lessons)
    if threshold is None or found is None:
        text = f"unknown: of 0.70, 0.75, 0.80, 0.85 and 0.90 none is proven to gain; {seen}"
    else:
        text = f"{number(threshold, 2)}, proven like any lesson. {found.statement} Of {seen}"
    return PromptSection("RECOMMENDED CONFIDENCE THRESHOLD", [text])


def takeaways_section(
    actual: ActualPerformance | None,
    backtest: RealisticBacktest | None,
    lessons: Sequence[Lesson],
    summary: LedgerSummary,
    statuses: Mapping[str, str],
) -> PromptSection:
    """Only what the figures carry; that they carry nothing yet is a result like any other."""
    count = len(to_act_on(lessons))
    found = [
        f"Proven and to be acted on: the {number(count)} at the top, each net of costs, at its n and interval."
        if count
        else "There is no lesson to act on yet: decide by the static rules."
    ]
    if actual is not None:
        found += [_marked(text, statuses["actual_performance"]) for text in actual_sentences(actual)]
    if backtest is not None and backtest.overall.total:
        found.append(_marked(_backtest_sentence(backtest), statuses["realistic_backtest"]))
    found.append(
        f"Of {number(summary.hypotheses)} hypotheses {number(summary.proven)} are proven, "
        f"{number(summary.candidates)} are not, {number(summary.ended)} have ended. Nothing unproven is a reason to "
        "trade more often, or less carefully, than the static rules say."
    )
    return PromptSection("CRITICAL TAKEAWAYS", [f"{place}. {text}" for place, text in enumerate(found, 1)])


def _marked(sentence: str, status: str) -> str:
    return sentence if status == "ok" else f"(Stale figures) {sentence}"


def _backtest_sentence(backtest: RealisticBacktest) -> str:
    overall, breakeven = backtest.overall, backtest.breakeven_win_rate
    if (
        overall.win_rate_low is None
        or overall.win_rate_high is None
        or overall.win_rate_low <= breakeven <= overall.win_rate_high
    ):
        side = "cannot be told apart from"
    else:
        side = "lies above" if overall.win_rate_low > breakeven else "lies below"
    return (
        f"The entry rule with fixed exits: {win_words(overall)}, n={number(overall.total)}, {side} its break-even of {rate(breakeven)}; "
        f"net {money(overall.total_pnl)}. One window: unproven."
    )
