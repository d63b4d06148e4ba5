"""training_insights.json: the four results of a cycle and the lessons of the ledger merged, each section marked ok, stale or failed.

An analyzer that failed keeps its last good section, marked stale with its own as_of; one that never had any is null and failed.
Nothing is dropped and nothing made up. The insights name the hash of the prompt addition composed from them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Literal, NamedTuple

import pandas as pd
from pydantic import Field, ValidationError, create_model, model_validator

from lib.contract.analyzers import ANALYZERS, Analyzer
from lib.contract.envelope import ResultEnvelope
from lib.contract.results import Model
from lib.contract.times import iso, parse_instant
from lib.contract.words import instant_or_none
from lib.lessons.derived import best_setups, candidate_setups, key_lessons, worst_setups
from lib.lessons.lesson import NO_LESSONS, LedgerSummary, Lesson, Lessons
from lib.market.terms import DEFAULT_TERMS, Terms
from lib.prompt.addition import compose_of
from lib.prompt.archive import sha256_of
from lib.published.accepting import Reason, accepted_results, kind_of, refusal

Status = Literal["ok", "failed", "stale"]
#: Data that ends longer before as_of than this makes a section stale.
_MAX_DATA_AGE = pd.Timedelta(minutes=60)


class SectionOrigin(Model):
    """Where a section's figures come from; as_of is their own, older than the insights' where they were carried over."""

    as_of: str | None = Field(
        None, description="Instant of the section's own figures, ISO time in UTC; null where there are none."
    )
    window_start: str | None = Field(
        None, description="Start of their window, ISO time in UTC; null where there are none."
    )
    data_until: str | None = Field(
        None, description="When their newest data became known, ISO time in UTC; null where there are none."
    )
    lookback_hours: float | None = Field(
        None, description="Length of their window, hours; null where there are none."
    )
    reason: Reason | None = Field(
        None, description="Why the section is stale or failed; null where it is ok."
    )


class Provenance(Model):
    """What the insights were made from."""

    source: dict[str, Any] = Field(
        description="Who decided on what market: decisions, synthetic, symbol, the coin that dollars are per 1 of, their decimals where "
        "more than 2, and a label in words."
    )
    window: dict[str, Any] = Field(
        description="Start, as_of, data_until (ISO time in UTC), lookback_hours and coverage of the window."
    )
    rows: dict[str, dict[str, Any]] = Field(
        description="Rows read by file: rows_in, ok, and set_aside by reason."
    )
    thresholds: dict[str, dict[str, Any]] = Field(
        description="The notebooks' thresholds by section; the unit stands in a name (_pct, _minutes)."
    )
    sections: dict[str, SectionOrigin] = Field(description="Where each section's figures come from.")
    terms: Terms = Field(
        DEFAULT_TERMS,
        description="Costs, exits and their ranges that these insights are of; of older files, which name none, the default ones.",
    )
    terms_since: str = Field(
        "",
        description="Instant the ledger's evidence begins at, ISO time in UTC; empty for the start of the log.",
    )
    prompt_sha256: str = Field("", description="Hash of what Claude is told.")
    prompt_bytes: int = Field(0, description="Size of what Claude is told, bytes of UTF-8.")
    composed_sha256: str = Field(
        "", description="Hash of what these insights say; the same unless a person holds another prompt."
    )
    prompt_held: str = Field("", description="Hash of a held prompt that is told; empty where none is.")
    prompt_held_since: str = Field(
        "", description="Since when a person holds it, ISO time in UTC; empty where none is held."
    )


class _Dated(Model):
    last_updated: str = Field(description="The as_of of these insights, ISO time in UTC.")


#: The result of each analyzer by its key; null where a file is of before the analyzer.
_Results = create_model(
    "_Results",
    __base__=_Dated,
    **{
        analyzer.key: (
            analyzer.model | None,
            Field(None, description=f"Result of {analyzer.title.lower()}; null where it failed."),
        )
        for analyzer in ANALYZERS
    },
)


class TrainingInsights(_Results):
    """The file's keys (docs/definitions.md, Result keys): when, the results by their analyzers' keys, and what follows.

    A section that the version which wrote the file did not have never had a result: it is null and failed, like any other such.
    """

    best_setups: list[str] = Field(description="Statements of the lessons to act on that favour a setup.")
    worst_setups: list[str] = Field(
        description="Statements of the lessons to act on that advise against a setup."
    )
    candidate_setups: list[str] = Field(
        description="Statements of at most 10 unproven setups, own trades before markets, nearest to proof first."
    )
    optimal_confidence_threshold: float | None = Field(
        description="Smallest of five confidences, 0 to 1, at or above which answers are proven to gain after costs; null for none."
    )
    lessons: list[Lesson] = Field(description="All lessons of the ledger at this instant.")
    evidence: LedgerSummary = Field(description="What the lessons rest on.")
    sections: dict[str, Status] = Field(description="ok, stale or failed, by the section's key.")
    provenance: Provenance = Field(description="What the insights were made from.")

    @model_validator(mode="after")
    def _every_section_has_a_mark(self) -> TrainingInsights:
        for analyzer in ANALYZERS:
            if analyzer.key not in self.sections:
                self.sections[analyzer.key] = "failed"
                self.provenance.sections[analyzer.key] = SectionOrigin(reason="no_result")
        return self


class Section(NamedTuple):
    """One analyzer's part of the insights."""

    status: Status
    result: Model | None
    origin: SectionOrigin
    thresholds: dict[str, Any]


class Compiled(NamedTuple):
    """Insights as they are published, and the prompt addition that is composed of them."""

    insights: dict[str, Any]
    prompt: str


def compile_insights(
    results: Mapping[str, ResultEnvelope | None],
    previous: Mapping[str, Any] | Callable[[], Mapping[str, Any] | None] | None,
    as_of: str | pd.Timestamp,
    lessons: Lessons = NO_LESSONS,
) -> dict[str, Any]:
    """The insights of `compile_told` alone."""
    return compile_told(results, previous, as_of, lessons).insights


def compile_told(
    results: Mapping[str, ResultEnvelope | None],
    previous: Mapping[str, Any] | Callable[[], Mapping[str, Any] | None] | None,
    as_of: str | pd.Timestamp,
    lessons: Lessons = NO_LESSONS,
) -> Compiled:
    """Insights at `as_of` from the results by analyzer name, as JSON-ready dict, and their prompt addition, whose hash they name.
    `lessons` are those of the ledger at this `as_of` (lib.lessons.compiling); setups, key lessons and threshold are theirs.

    A result counts if it validates, was made at this very `as_of` and from the same kind of data as the others; it is stale if its data
    ends more than 60 min earlier. Otherwise the section of `previous` (insights of this as_of or an earlier one, from the same kind
    of data and under the same terms; or what reads them) stands in as stale. Raises PublishError when no result counts.
    """
    now = parse_instant(as_of)
    accepted = accepted_results(results, as_of)
    first = next(iter(accepted.values()))
    before = cache(
        lambda: _usable(previous() if callable(previous) else previous, now, first.source, lessons.terms)
    )
    sections = {
        analyzer.key: _section(analyzer, results.get(analyzer.name), first, before, now)
        for analyzer in ANALYZERS
    }
    found, summary, costs = lessons.lessons, lessons.summary, lessons.terms.costs
    merged = {key: section.result for key, section in sections.items()}
    if (actual := merged["actual_performance"]) is not None:
        merged["actual_performance"] = actual.model_copy(
            update={"key_lessons": key_lessons(found, summary, costs)}
        )
    insights = TrainingInsights(
        last_updated=iso(now),
        **merged,
        best_setups=best_setups(found),
        worst_setups=worst_setups(found),
        candidate_setups=candidate_setups(found, costs),
        optimal_confidence_threshold=lessons.optimal_confidence_threshold,
        lessons=found,
        evidence=summary,
        sections={key: section.status for key, section in sections.items()},
        provenance=_provenance(accepted, sections, now, lessons),
    ).model_dump(mode="json")
    by_name = {analyzer.name: merged[analyzer.key] for analyzer in ANALYZERS}
    prompt = compose_of(by_name, found, summary, insights)
    sha256 = sha256_of(prompt)
    insights["provenance"] |= {
        "prompt_sha256": sha256,
        "prompt_bytes": len(prompt.encode()),
        "composed_sha256": sha256,
    }
    return Compiled(insights, prompt)


def _section(
    analyzer: Analyzer,
    found: ResultEnvelope | None,
    first: ResultEnvelope,
    before: Callable[[], TrainingInsights | None],
    now: pd.Timestamp,
) -> Section:
    reason: Reason | None = "no_result" if found is None else refusal(found, now)
    if found is not None and found.name != analyzer.name:
        reason = "invalid_result"
    if reason is None and kind_of(found.source) != kind_of(first.source):
        reason = "other_source"
    if reason is not None:
        return _carried_over(analyzer.key, before(), reason)
    old = now - instant_or_none(found.data_until) > _MAX_DATA_AGE
    origin = SectionOrigin(
        as_of=iso(now),
        window_start=found.window_start,
        data_until=found.data_until,
        lookback_hours=found.lookback_hours,
        reason="old_data" if old else None,
    )
    result = analyzer.model.model_validate(found.result)
    return Section("stale" if old else "ok", result, origin, found.parameters)


def _carried_over(key: str, before: TrainingInsights | None, reason: Reason) -> Section:
    result = getattr(before, key) if before else None
    if result is None or before.sections.get(key) not in ("ok", "stale"):
        return Section("failed", None, SectionOrigin(reason=reason), {})
    origin = before.provenance.sections[key].model_copy(update={"reason": reason})
    return Section("stale", result, origin, before.provenance.thresholds.get(key, {}))


def _usable(
    previous: Mapping[str, Any] | None, now: pd.Timestamp, source: dict[str, Any], terms: Terms
) -> TrainingInsights | None:
    """The insights published before, if sections of theirs may stand in: valid, not of a later as_of, of the same data and terms."""
    if previous is None:
        return None
    try:
        insights = TrainingInsights.read(previous)
    except ValidationError:
        return None
    made, origin = instant_or_none(insights.last_updated), insights.provenance
    if made is None or made > now or kind_of(origin.source) != kind_of(source) or origin.terms != terms:
        return None
    return insights if {analyzer.key for analyzer in ANALYZERS} <= set(insights.provenance.sections) else None


def _provenance(
    accepted: dict[str, ResultEnvelope], sections: dict[str, Section], now: pd.Timestamp, lessons: Lessons
) -> Provenance:
    first = next(iter(accepted.values()))
    newest = max(instant_or_none(found.data_until) for found in accepted.values())
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
        terms=lessons.terms,
        terms_since=lessons.terms_since,
    )
