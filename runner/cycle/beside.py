"""What a report says of the lessons and of other notebooks' figures: what its finding is lengthened by, before and after the next step.

A notebook runs before the lessons are compiled, or beside the others; its report is written when all have ended.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from lib.draw.all_days import (
    PROVEN,
    chosen_sentence,
    of_own,
    of_regime,
    of_setups,
    of_wicks,
    proven_sentence,
    regimes_sentence,
    rule_over_all_days,
)
from lib.draw.beside import rule_sentence
from lib.draw.html import escape
from lib.draw.words import tight
from lib.lessons.lesson import Lesson
from runner.cycle.manifest import Manifest
from runner.cycle.message import message_of
from runner.cycle.run_files import Results

#: A finding to where its first line begins.
_HEAD = re.compile(r'(<div class="finding[^>]*><p[^>]*>)')
_FINDING, _STEP, _CLOSED, _END = '<div class="finding', '<p class="step">', "</p>", "</div>"


class Beside(NamedTuple):
    """Sentences of a finding, "" for none: what is proven over all days, which stands before the next step, what stands after it, and a
    first line, which the notebook's own then follows.
    """

    proven: str = ""
    then: str = ""
    first: str = ""


def sentences_beside(results: Results, manifest: Manifest, lessons: Sequence[Lesson]) -> dict[str, Beside]:
    """Name of a notebook → its sentences; without those whose result is missing.

    `lessons`: those of the cycle's insights.
    """
    coin = str(manifest.source.get("coin", "coin"))
    then, proven = {"01_actual_trades": message_of(manifest).money}, _proven(results, lessons)
    first = {"02_optimal_vs_actual": chosen_sentence(lessons)}
    if first["02_optimal_vs_actual"]:
        del proven["02_optimal_vs_actual"]  # the first line says it
    if "04_regime_and_wicks" in proven:
        first["04_regime_and_wicks"] = regimes_sentence(lessons)
    if results.actual and results.backtest:
        who = str(manifest.source.get("decisions", ""))
        then["03_smart_backtest"] = rule_sentence(results.actual, results.backtest, who, coin)
    return {
        name: Beside(proven.get(name, ""), then.get(name, ""), first.get(name, ""))
        for name in proven | then | first
    }


def _proven(results: Results, lessons: Sequence[Lesson]) -> dict[str, str]:
    """What is proven of the subject of each page whose own figures are of one window."""
    chosen = {
        "setups that the trader chose": of_setups,
        "setups taken every time": lambda each: each.stream == "setups",
    }
    of_rule = proven_sentence(lessons, {"the entry rule": lambda each: each.stream == "rule"})
    found = {
        "01_actual_trades": proven_sentence(lessons, {"what the trader chose": of_own(lessons)}),
        "02_optimal_vs_actual": proven_sentence(lessons, chosen),
        "03_smart_backtest": f"{of_rule} {rule_over_all_days(lessons)}".strip(),
    }
    if now := results.regime:
        parts = {"this regime": of_regime(now.current_regime), "wicks": of_wicks}
        found["04_regime_and_wicks"] = proven_sentence(lessons, parts)
    return found


def with_sentences(body: str, beside: Beside) -> str:
    """A report's HTML with these sentences in its finding: at its begin, around the next step, or at its end; as it was where it has no
    finding.
    """
    if beside.first:
        body = _HEAD.sub(lambda found: f"{found[1]}{escape(tight(beside.first))}</p><p>", body, count=1)
    begin = body.find(_FINDING)
    end = body.find(_END, begin)
    if begin < 0 or end < 0:
        return body
    step = body.find(_STEP, begin, end)
    before, after = (end, end) if step < 0 else (step, body.find(_CLOSED, step) + len(_CLOSED))
    proven = _paragraph(beside.proven).replace(PROVEN, f"<strong>{PROVEN}</strong>", 1)
    return f"{body[:before]}{proven}{body[before:after]}{_paragraph(beside.then)}{body[after:]}"


def _paragraph(sentence: str) -> str:
    return sentence and f"<p>{escape(tight(sentence))}</p>"
