"""What a report says of the lessons and of other notebooks' figures: what its finding is lengthened by.

A notebook runs before the lessons are compiled, or beside the others; its report is written when all have ended.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from lib.contract.dollars import Coin
from lib.draw.all_days import (
    PROVEN,
    chosen_sentence,
    losers_sentence,
    of_own,
    of_setups,
    proven_sentence,
    regimes_sentence,
    rule_over_all_days,
)
from lib.draw.html import escape, sure_html
from lib.draw.words import tight
from lib.lessons.lesson import Lesson
from runner.cycle.held_against import costs_sentence, rule_sentence
from runner.cycle.manifest import Manifest
from runner.cycle.message import message_of
from runner.cycle.run_files import Results

#: A finding to where its first line begins.
_HEAD = re.compile(r'(<div class="finding[^>]*><p[^>]*>)')
_FINDING, _STEP, _CLOSED, _END = '<div class="finding', '<p class="step">', "</p>", "</div>"
_FOLD, _FOLD_END = "<details>", "</details>"


class Beside(NamedTuple):
    """Sentences of a finding, "" for none: what stands right below its first line; before the next step; folded, with how sure that is;
    and a first line, which the notebook's own then follows.
    """

    second: str = ""
    then: str = ""
    sure: str = ""
    first: str = ""


def sentences_beside(results: Results, manifest: Manifest, lessons: Sequence[Lesson]) -> dict[str, Beside]:
    """Name of a notebook → its sentences; without those whose result is missing.

    `lessons`: those of the cycle's insights.
    """
    message, source = message_of(manifest), manifest.source
    of_own_trades = proven_sentence(lessons, {"what the trader chose": of_own(lessons)})
    happened = f"{message.happened[0]} {message.changed}"
    found = {
        "01_actual_trades": Beside(of_own_trades, sure=message.money),
        "02_optimal_vs_actual": Beside(chosen_sentence(lessons) or proven_sentence(lessons, _CHOSEN)),
        "03_smart_backtest": Beside(_of_rule(lessons), *_held_against(results, source)),
        "05_compile_insights": Beside(happened),
    }
    if now := results.regime:
        first, losers = regimes_sentence(lessons), losers_sentence(lessons, now.current_regime)
        found["04_regime_and_wicks"] = Beside(losers, first=first)
    return found


#: The parts of what is proven of hindsight's subject.
_CHOSEN = {
    "setups that the trader chose": of_setups,
    "setups taken every time": lambda each: each.stream == "setups",
}


def _of_rule(lessons: Sequence[Lesson]) -> str:
    proven = proven_sentence(lessons, {"the entry rule": lambda each: each.stream == "rule"})
    return f"{proven} {rule_over_all_days(lessons)}".strip()


def _held_against(results: Results, source: Mapping[str, Any]) -> tuple[str, str]:
    """The trader held against the rule, and why a trade of the latter costs more."""
    actual, rule = results.actual, results.backtest
    if not (actual and rule):
        return "", ""
    who, coin = str(source.get("decisions", "")), Coin.of(source)
    return rule_sentence(actual, rule, who, coin), costs_sentence(actual, rule, coin)


def with_sentences(body: str, beside: Beside) -> str:
    """A report's HTML with these sentences in its finding; as it was where it has no finding."""
    if beside.first:
        body = _HEAD.sub(lambda found: f"{found[1]}{escape(tight(beside.first))}</p><p>", body, count=1)
    begin = body.find(_FINDING)
    end = body.find(_END, begin)
    if begin < 0 or end < 0:
        return body
    below = body.find(_CLOSED, begin) + len(_CLOSED)
    fold, step = body.rfind(_FOLD_END, begin, end), body.find(_STEP, begin, end)
    second = _paragraph(beside.second).replace(PROVEN, f"<strong>{PROVEN}</strong>", 1)
    sure = _paragraph(beside.sure)
    if fold < 0 and beside.sure:
        sure = sure_html([beside.sure])
    last = end if fold < 0 else fold
    before = step if step >= 0 else end if fold < 0 else body.rfind(_FOLD, begin, fold)
    then = _paragraph(beside.then)
    return f"{body[:below]}{second}{body[below:before]}{then}{body[before:last]}{sure}{body[last:]}"


def _paragraph(sentence: str) -> str:
    return sentence and f"<p>{escape(tight(sentence))}</p>"
