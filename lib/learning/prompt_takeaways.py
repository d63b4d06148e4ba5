"""The last sections of the prompt addition: which confidence the record supports, and what is to be taken from all of it.

The same rules as in lib.learning.prompt_sections: numbers and enumerated words only.
"""

from __future__ import annotations

from collections.abc import Mapping

from lib.analysis.results import ActualPerformance, RealisticBacktest
from lib.learning.lessons.sentences import actual_sentences
from lib.learning.prompt_layout import PromptSection
from lib.learning.words import money, number, rate, won


def threshold_section(threshold: float | None, actual: ActualPerformance | None) -> PromptSection:
    """The confidence that the record supports, or that it supports none yet."""
    if actual is None:
        text = "unknown: the actual trades were not analyzed."
    elif threshold is None:
        text = "unknown: at no level from 0.70 to 0.90 do 30 episodes show a net mean above zero (one-sided 95 %)."
    else:
        text = f"{number(threshold, 2)}: the smallest level whose trades have 30 episodes and a net mean above zero (one-sided 95 %)."
    return PromptSection("RECOMMENDED CONFIDENCE THRESHOLD", [text])


def takeaways_section(
    actual: ActualPerformance | None,
    backtest: RealisticBacktest | None,
    candidates: int,
    statuses: Mapping[str, str],
) -> PromptSection:
    """Only what the figures carry; that they carry nothing yet is a result like any other."""
    found = []
    if actual is not None:
        found += [_marked(text, statuses["actual_performance"]) for text in actual_sentences(actual)]
    if backtest is not None and backtest.overall.total:
        found.append(_marked(_backtest_sentence(backtest), statuses["realistic_backtest"]))
    found.append(
        f"Candidate lessons: {number(candidates)}, all unproven; supported lessons: none. Nothing above is a reason to trade more "
        "often, or less carefully, than the static rules say."
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
        f"The entry rule with fixed exits: {won(overall)}, n={number(overall.total)}, {side} its break-even of {rate(breakeven)}; "
        f"net {money(overall.total_pnl)}. One window: unproven."
    )
