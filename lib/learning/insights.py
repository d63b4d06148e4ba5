"""training_insights.json: the four results of a cycle and the lessons of the ledger merged, each section marked ok, stale or failed.

An analyzer that failed keeps its last good section, marked stale with its own as_of; one that never had any is null and failed.
Nothing is dropped and nothing made up. The insights name the hash of the prompt addition composed from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import pandas as pd
from pydantic import ValidationError

from lib.analysis.published import ANALYZERS, RESULT_MODELS, SECTION_KEYS, Published
from lib.analysis.results import (
    ActualPerformance,
    Model,
    OptimalComparison,
    RealisticBacktest,
    RegimeAnalysis,
)
from lib.data.times import iso, parse_instant
from lib.errors import PublishError
from lib.learning.lessons.derived import best_setups, candidate_setups, key_lessons, worst_setups
from lib.learning.lessons.lesson import NO_LESSONS, LedgerSummary, Lesson, Lessons
from lib.learning.prompt import compose_prompt
from lib.learning.prompts.kept import sha256_of
from lib.learning.words import known_instant

Status = Literal["ok", "failed", "stale"]
Reason = Literal["no_result", "invalid_result", "other_as_of", "other_source", "old_data"]
#: Data that ends longer before as_of than this makes a section stale.
MAX_DATA_AGE = pd.Timedelta(minutes=60)


class SectionOrigin(Model):
    """Where a section's figures come from; as_of is their own, older than the insights' where they were carried over."""

    as_of: str | None = None
    window_start: str | None = None
    data_until: str | None = None
    lookback_hours: float | None = None
    reason: Reason | None = None


class Provenance(Model):
    """What the insights were made from."""

    source: dict[str, Any]
    window: dict[str, Any]
    rows: dict[str, dict[str, Any]]
    thresholds: dict[str, dict[str, Any]]
    sections: dict[str, SectionOrigin]
    prompt_sha256: str = ""  #: of what Claude is told
    prompt_bytes: int = 0
    composed_sha256: str = ""  #: of what these insights say; the same unless a person holds another prompt
    prompt_held: str = ""  #: the hash of a held prompt that is told; "" where none is
    prompt_held_since: str = ""


class TrainingInsights(Model):
    """The file's keys (docs/definitions.md, Result keys)."""

    last_updated: str
    actual_performance: ActualPerformance | None
    optimal_comparison: OptimalComparison | None
    realistic_backtest: RealisticBacktest | None
    regime_analysis: RegimeAnalysis | None
    best_setups: list[str]
    worst_setups: list[str]
    candidate_setups: list[str]
    optimal_confidence_threshold: float | None
    lessons: list[Lesson]
    evidence: LedgerSummary
    sections: dict[str, Status]
    provenance: Provenance


class Section(NamedTuple):
    """One analyzer's part of the insights."""

    status: Status
    result: Model | None
    origin: SectionOrigin
    thresholds: dict[str, Any]


def compile_insights(
    results: Mapping[str, Published | None],
    previous: Mapping[str, Any] | None,
    as_of: str | pd.Timestamp,
    lessons: Lessons = NO_LESSONS,
) -> dict[str, Any]:
    """Insights at `as_of` from the results by analyzer name, as JSON-ready dict; complete with the hash of its prompt addition.

    `lessons` are those of the ledger at this `as_of` (lib.learning.lessons.compiling); setups, key lessons and threshold are theirs.

    A result counts if it validates, was made at this very `as_of` and from the same kind of data as the others; it is stale if its
    data ends more than 60 min earlier. Otherwise the section of `previous` (insights of this as_of or an earlier one, from the same
    kind of data) stands in as stale. Raises PublishError when no result counts; `previous` then stays what is published.
    """
    now = parse_instant(as_of)
    accepted = {name: results.get(name) for name in ANALYZERS}
    accepted = {name: found for name, found in accepted.items() if found and _refusal(found, now) is None}
    if not accepted:
        raise PublishError(
            "no analyzer has a valid result of this cycle: nothing is published, what is published stays"
        )
    first = next(iter(accepted.values()))
    before = _usable(previous, now, first.source)
    sections = {
        SECTION_KEYS[name]: _section(name, results.get(name), first, before, now) for name in ANALYZERS
    }
    found, summary = lessons.lessons, lessons.summary
    merged = {key: section.result for key, section in sections.items()}
    if (actual := merged["actual_performance"]) is not None:
        merged["actual_performance"] = actual.model_copy(update={"key_lessons": key_lessons(found, summary)})
    insights = TrainingInsights(
        last_updated=iso(now),
        **merged,
        best_setups=best_setups(found),
        worst_setups=worst_setups(found),
        candidate_setups=candidate_setups(found),
        optimal_confidence_threshold=lessons.optimal_confidence_threshold,
        lessons=found,
        evidence=summary,
        sections={key: section.status for key, section in sections.items()},
        provenance=_provenance(accepted, sections, now),
    ).model_dump(mode="json")
    prompt = compose_prompt(insights)
    sha256 = sha256_of(prompt)
    insights["provenance"] |= {
        "prompt_sha256": sha256,
        "prompt_bytes": len(prompt.encode()),
        "composed_sha256": sha256,
    }
    return insights


def _refusal(found: Published, now: pd.Timestamp) -> Reason | None:
    """Why a result may not stand in this cycle's insights, as far as it alone tells."""
    if known_instant(found.data_until) is None or known_instant(found.window_start) is None:
        return "invalid_result"
    if known_instant(found.as_of) != now:
        return "other_as_of"
    try:
        RESULT_MODELS[found.name].model_validate(found.result)
    except ValidationError:
        return "invalid_result"
    return None


def _section(
    name: str, found: Published | None, first: Published, before: TrainingInsights | None, now: pd.Timestamp
) -> Section:
    reason: Reason | None = "no_result" if found is None else _refusal(found, now)
    if found is not None and found.name != name:
        reason = "invalid_result"
    if reason is None and _kind(found.source) != _kind(first.source):
        reason = "other_source"
    if reason is not None:
        return _carried_over(SECTION_KEYS[name], before, reason)
    old = now - known_instant(found.data_until) > MAX_DATA_AGE
    origin = SectionOrigin(
        as_of=iso(now),
        window_start=found.window_start,
        data_until=found.data_until,
        lookback_hours=found.lookback_hours,
        reason="old_data" if old else None,
    )
    result = RESULT_MODELS[name].model_validate(found.result)
    return Section("stale" if old else "ok", result, origin, found.parameters)


def _carried_over(key: str, before: TrainingInsights | None, reason: Reason) -> Section:
    result = getattr(before, key) if before else None
    if result is None or before.sections.get(key) not in ("ok", "stale"):
        return Section("failed", None, SectionOrigin(reason=reason), {})
    origin = before.provenance.sections[key].model_copy(update={"reason": reason})
    return Section("stale", result, origin, before.provenance.thresholds.get(key, {}))


def _usable(
    previous: Mapping[str, Any] | None, now: pd.Timestamp, source: dict[str, Any]
) -> TrainingInsights | None:
    """The insights published before, if sections of theirs may stand in: valid, not of a later as_of, and of the same kind of data."""
    if previous is None:
        return None
    try:
        insights = TrainingInsights.model_validate(previous)
    except ValidationError:
        return None
    made = known_instant(insights.last_updated)
    if made is None or made > now or _kind(insights.provenance.source) != _kind(source):
        return None
    return insights if set(SECTION_KEYS.values()) <= set(insights.provenance.sections) else None


def _kind(source: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(source.get(key) for key in ("decisions", "synthetic", "symbol"))


def _provenance(
    accepted: dict[str, Published], sections: dict[str, Section], now: pd.Timestamp
) -> Provenance:
    first = next(iter(accepted.values()))
    newest = max(known_instant(found.data_until) for found in accepted.values())
    rows: dict[str, dict[str, Any]] = {}
    for found in accepted.values():
        rows = {**found.rows, **rows}
    return Provenance(
        source=first.source,
        window={
            "start": first.window_start,
            "as_of": iso(now),
            "lookback_hours": first.lookback_hours,
            "data_until": iso(newest),
            "coverage": first.coverage,
        },
        rows=dict(sorted(rows.items())),
        thresholds={key: section.thresholds for key, section in sections.items()},
        sections={key: section.origin for key, section in sections.items()},
    )
