"""The prompt addition: a template that the insights fill, at most 6,000 bytes, the same bytes for the same insights.

What is left out when space runs out are rows, the least important first, and the text says how many; never a section, a mark of
failure, or a takeaway.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lib.analysis.results_actual import ActualPerformance
from lib.analysis.results_backtest import RealisticBacktest
from lib.analysis.results_optimal import OptimalComparison
from lib.analysis.results_regimes import RegimeAnalysis
from lib.learning.lessons.lesson import LedgerSummary, Lesson
from lib.learning.prompt_layout import fitted
from lib.learning.prompt_lessons import lessons_section, takeaways_section, threshold_section
from lib.learning.prompt_sections import (
    actual_section,
    backtest_section,
    gap_section,
    header,
    patterns_section,
    regime_section,
    status_line,
)

MAX_BYTES = 6000


def compose_prompt(insights: Mapping[str, Any], max_bytes: int = MAX_BYTES) -> str:
    """The prompt addition of insights (lib.learning.insights.TrainingInsights as a dict); ASCII, ends in a newline.

    Raises PublishError where even without any row it would be longer than `max_bytes`.
    """
    actual = _model(ActualPerformance, insights["actual_performance"])
    backtest = _model(RealisticBacktest, insights["realistic_backtest"])
    regime = _model(RegimeAnalysis, insights["regime_analysis"])
    provenance = insights["provenance"]
    source = provenance["source"]
    by_key = {
        "optimal_comparison": gap_section(_model(OptimalComparison, insights["optimal_comparison"]), source),
        "actual_performance": actual_section(actual, source),
        "realistic_backtest": backtest_section(backtest),
        "regime_analysis": regime_section(regime),
    }
    for key, section in by_key.items():
        section.parts[:0] = status_line(insights["sections"][key], provenance["sections"][key])
    patterns = patterns_section(regime)
    patterns.parts[:0] = status_line(
        insights["sections"]["regime_analysis"], provenance["sections"]["regime_analysis"]
    )
    found = [Lesson.model_validate(lesson) for lesson in insights["lessons"]]
    summary = LedgerSummary.model_validate(insights["evidence"])
    sections = [
        lessons_section(found, summary),
        *by_key.values(),
        patterns,
        threshold_section(insights["optimal_confidence_threshold"], summary),
        takeaways_section(actual, backtest, found, summary, insights["sections"]),
    ]
    opening = header(insights["last_updated"], provenance["window"], source)
    return fitted(opening, sections, max_bytes)


def _model(kind: type, section: Any) -> Any:
    return None if section is None else kind.model_validate(section)
