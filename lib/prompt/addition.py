"""The prompt addition: a template that the insights fill, at most 4,200 bytes, the same bytes for the same insights.

The conclusion comes first, then what it rests on. What is left out when space runs out are rows, the least important first; of lessons the
text says of how many it tells the first. Never left out is a section, a mark of failure, or a takeaway.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from lib.contract.analyzers import ANALYZER, ANALYZERS
from lib.contract.dollars import Coin
from lib.lessons.derived import to_act_on
from lib.lessons.lesson import LedgerSummary, Lesson
from lib.market.terms import Terms
from lib.prompt.layout import MAX_BYTES, PromptSection, fit
from lib.prompt.lessons import lessons_section, takeaways_section, threshold_section
from lib.prompt.sections import SECTIONS, header, owner_of, reading_section, status_line

#: A count that is not 0.
_COUNTED = re.compile(r"\bn=[1-9]")


def compose_prompt(insights: Mapping[str, Any]) -> str:
    """The prompt addition of insights (lib.published.insights.TrainingInsights as a dict); ASCII, ends in a newline.

    Raises PublishError where even without any row it would be longer than MAX_BYTES.
    """
    results = {
        analyzer.name: None
        if insights[analyzer.key] is None
        else analyzer.model.model_validate(insights[analyzer.key])
        for analyzer in ANALYZERS
    }
    found = [Lesson.model_validate(lesson) for lesson in insights["lessons"]]
    return compose_of(results, found, LedgerSummary.model_validate(insights["evidence"]), insights)


def compose_of(
    results: Mapping[str, Any],
    found: Sequence[Lesson],
    summary: LedgerSummary,
    insights: Mapping[str, Any],
) -> str:
    """As `compose_prompt`, of insights whose results (by analyzer name, None for none), lessons and counts are at hand as models."""
    provenance, terms = insights["provenance"], terms_told(insights)
    whose, coin = owner_of(provenance["source"])[0], Coin.of(provenance["source"])
    sections = [
        takeaways_section(results, whose, found, terms, insights["sections"], coin),
        lessons_section(found, summary, terms),
        threshold_section(insights["optimal_confidence_threshold"], found, summary),
        *_analyzed(results, insights, to_act_on(found)),
        reading_section(),
    ]
    opening = header(insights["last_updated"], provenance["window"], provenance["source"])
    return fit(opening, sections, MAX_BYTES)


def figures_told(text: str) -> bool:
    """Whether a prompt addition tells figures of the window: a count of something in a section of an analyzer."""
    headings = tuple(f"## {analyzer.heading}" for analyzer in ANALYZERS)
    return any(
        section.startswith(headings) and _COUNTED.search(section)
        for section in re.split(r"^(?=## )", text, flags=re.MULTILINE)
    )


def terms_told(insights: Mapping[str, Any]) -> Terms:
    """The terms that insights are of; the default ones where they are of before they named any."""
    return Terms.model_validate(insights["provenance"].get("terms", {}))


def _analyzed(
    results: Mapping[str, Any], insights: Mapping[str, Any], acted: Sequence[Lesson]
) -> list[PromptSection]:
    """The analyzers' sections in the order of print, each led by what is wrong with its figures, if anything."""
    sections = []
    for name, wordings in SECTIONS.items():
        key = ANALYZER[name].key
        state = status_line(insights["sections"][key], insights["provenance"]["sections"][key])
        for wording in wordings:
            section = wording(results[name], insights["provenance"]["source"], acted)
            section.parts[:0] = state
            sections.append(section)
    return sections
