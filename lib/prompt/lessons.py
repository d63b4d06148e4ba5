"""What the prompt addition says of evidence: what is to be taken from it all, the lessons, and the confidence from which answers gain.

The same rules as in lib.prompt.sections: numbers and enumerated words only. This stands first, because it alone is proven. A lesson's win
rate is not told: it is never what is tested, and beside it would stand a break-even of its own, of which the next decision has no use.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from lib.analysis.sentences import verdict
from lib.contract.actual_trades import ActualPerformance
from lib.contract.dollars import A_COIN, Coin
from lib.contract.smart_backtest import RealisticBacktest
from lib.contract.words import money, net_mean, number, rate, win_words
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
from lib.lessons.wording import effect_words, statement
from lib.market.terms import Terms
from lib.prompt.layout import PromptRows, PromptSection

#: Lessons that are printed at most; of how many they are the first is said. The best are first.
_MOST_TOLD, _MOST_NEAREST = 8, 1
#: How a lesson to act on begins by what it advises, and one that a person pinned.
ADVICE = {"favour": "FAVOUR: ", "avoid": "AVOID: "}
_QUESTION_LINES = "What a QUESTION says of the candle that has just closed stands in each tick: LONG, SHORT, none, or unknown."
#: A question in a lesson to act on, as lib.lessons.wording names it.
_QUESTION_TOLD = re.compile(r"FAVOUR: .*?\bQUESTION ([a-z][a-z0-9_]{2,30}) says")
PINNED = "Pinned by the trader: "


def questions_told(text: str) -> list[str]:
    """Names of the questions of one's own that a prompt addition tells a lesson of, in its order; each once."""
    return list(dict.fromkeys(_QUESTION_TOLD.findall(text)))


def told_words(lesson: Lesson) -> str:
    """A lesson as Claude is told it."""
    return statement(lesson, effect_words)


def lessons_section(lessons: Sequence[Lesson], summary: LedgerSummary, terms: Terms) -> PromptSection:
    """The lessons to act on, or that there is none yet; then which questions are nearest to proof, as unproven."""
    section = PromptSection("LESSONS (from the whole log; only what is called proven is)")
    rows = [f"{ADVICE[advice(lesson.hypothesis)]}{told_words(lesson)}" for lesson in to_act_on(lessons)]
    if rows:
        section.parts += [PromptRows(rows, 10, _MOST_TOLD, counted="lessons to act on, the best first")]
        if questions_told("\n".join(rows[:_MOST_TOLD])):
            section.parts += [_QUESTION_LINES]
    else:
        section.parts += [not_yet(lessons, summary)]
    if words := costs_words(lessons, told_words):
        section.parts += [words]
    pinned = [f"{PINNED}{told_words(lesson)}" for lesson in pinned_besides(lessons)]
    section.parts += [PromptRows(pinned, 9, len(pinned), counted="that the trader pinned")]
    unproven = [told_words(lesson) for lesson in nearest(unpinned(lessons), terms.costs)]
    section.parts += [PromptRows(unproven, 8, _MOST_NEAREST, "Nearest to proof, not to be acted on:")]
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
        text = f"{number(threshold, 2)}, proven like any lesson. {told_words(found)} Of {seen}"
    return PromptSection("RECOMMENDED CONFIDENCE THRESHOLD", [text])


def takeaways_section(
    results: Mapping[str, Any],
    whose: str,
    lessons: Sequence[Lesson],
    terms: Terms,
    statuses: Mapping[str, str],
    coin: Coin = A_COIN,
) -> PromptSection:
    """The conclusion: what to act on, what the window's trades came to, what a trade must win, and that nothing else counts.

    Only what the figures carry; that they carry nothing yet is a result like any other. `whose`: the trades, as "your trades".
    """
    actual: ActualPerformance | None = results["actual_trades"]
    backtest: RealisticBacktest | None = results["smart_backtest"]
    count = len(to_act_on(lessons))
    found = [
        f"Act on the {number(count)} proven {'lesson' if count == 1 else 'lessons'} below; else decide by the static rules."
        if count
        else "There is no lesson to act on yet: decide by the static rules."
    ]
    if actual is not None:
        found.append(_marked(_trades_sentence(actual, whose, coin), statuses["actual_performance"]))
    found.append(
        f"With the standard exits (target {number(terms.target_pct, 2)} %, stop {number(terms.stop_pct, 2)} %) a trade breaks "
        f"even after costs where more than {rate(terms.breakeven_win_rate)} win."
    )
    if backtest is not None and backtest.overall.total:
        found.append(_marked(_backtest_sentence(backtest, coin), statuses["realistic_backtest"]))
    found.append(
        "Nothing unproven is a reason to trade more often, or less carefully, than the static rules say."
    )
    return PromptSection("CRITICAL TAKEAWAYS", [f"{place}. {text}" for place, text in enumerate(found, 1)])


def _marked(sentence: str, status: str) -> str:
    return sentence if status == "ok" else f"(Stale figures) {sentence}"


def _trades_sentence(actual: ActualPerformance, whose: str, coin: Coin) -> str:
    overall = actual.overall
    if overall.total == 0:
        return "In this window no trade has closed, n=0."
    verdicts = {"gained": "they gained on average", "lost": "they lost on average"}
    size = f"n={number(overall.total)} in {number(overall.episodes)} ep"
    side = verdicts.get(verdict(overall), "whether they gain or lose cannot be told")
    return (
        f"In this window {whose} made {money(overall.total_pnl, coin)} after costs, {money(actual.gross_pnl, coin)} before them: {size}, "
        f"{net_mean(overall)}; {side}. One window: unproven."
    )


def _backtest_sentence(backtest: RealisticBacktest, coin: Coin) -> str:
    overall, breakeven = backtest.overall, backtest.breakeven_win_rate
    low, high = overall.win_rate_low, overall.win_rate_high
    if low is None or high is None or low <= breakeven <= high:
        side = "cannot be told apart from that"
    else:
        side = "lies above that" if low > breakeven else "lies below that"
    return (
        f"The entry rule with fixed exits in this window: {win_words(overall)}, n={number(overall.total)}, {side}; "
        f"net {money(overall.total_pnl, coin)}. Unproven."
    )
