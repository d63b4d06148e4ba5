"""What a report says of other notebooks' figures: the sentence of lib.draw.beside that its finding is lengthened by, after the next step.

A notebook runs before the lessons are compiled, or beside the others; its report is written when all have ended.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from lib.contract.actual_trades import ActualPerformance
from lib.contract.optimal_vs_actual import OptimalComparison
from lib.contract.smart_backtest import RealisticBacktest
from lib.draw.beside import clash_sentence, rule_sentence
from lib.draw.html import escape
from lib.draw.words import tight
from lib.lessons.derived import to_act_on
from lib.lessons.lesson import Lesson
from runner.cycle.manifest import Manifest
from runner.cycle.message import message_of

_FINDING, _STEP, _CLOSED, _END = '<div class="finding', '<p class="step">', "</p>", "</div>"


def sentences_beside(run_dir: Path, manifest: Manifest, lessons: Sequence[Lesson]) -> dict[str, str]:
    """Name of a notebook → the sentence; none where a result is missing, of an older version, or says nothing.

    `lessons`: those of the cycle's insights.
    """
    coin = str(manifest.source.get("coin", "coin"))
    found = {"01_actual_trades": message_of(manifest).money}
    # A result that cannot be read has its own page, which says so.
    with suppress(OSError, ValueError, KeyError, TypeError):
        actual = ActualPerformance.read(_result(run_dir, "actual_trades"))
        backtest = RealisticBacktest.read(_result(run_dir, "smart_backtest"))
        who = str(manifest.source.get("decisions", ""))
        found["03_smart_backtest"] = rule_sentence(actual, backtest, who, coin)
    with suppress(OSError, ValueError, KeyError, TypeError):
        optimum = OptimalComparison.read(_result(run_dir, "optimal_vs_actual"))
        found["02_optimal_vs_actual"] = clash_sentence(to_act_on(lessons), optimum)
    return {name: sentence for name, sentence in found.items() if sentence}


def with_sentence(body: str, sentence: str) -> str:
    """A report's HTML with a sentence in its finding, after the next step, or at its end; as it was where it has no finding, or there is
    none to say.
    """
    begin = body.find(_FINDING)
    end = body.find(_END, begin)
    if not sentence or begin < 0 or end < 0:
        return body
    step = body.find(_STEP, begin, end)
    place = end if step < 0 else body.find(_CLOSED, step) + len(_CLOSED)
    return f"{body[:place]}<p>{escape(tight(sentence))}</p>{body[place:]}"


def _result(run_dir: Path, name: str) -> Any:
    return json.loads((run_dir / "results" / f"{name}.json").read_text(encoding="utf-8"))["result"]
