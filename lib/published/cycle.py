"""What the compile and the history notebook read and write: a cycle's results in, its insights, prompt addition and record out.

Reading is not publishing: without `publish` only the run folder is written to, and without a run folder nothing is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from lib.analysis.trades import actual_trades
from lib.contract.envelope import ResultEnvelope
from lib.contract.schema import INSIGHTS_FILE, PROMPT_FILE
from lib.contract.times import parse_instant
from lib.data.atomic import json_text, replace_text
from lib.data.window import MarketWindow, load_window
from lib.errors import DataError, ParameterError
from lib.history.by_lessons import LessonSplit, split_by_lessons
from lib.history.log import (
    append_record,
    previous_record,
    recent_history,
    record_cycle,
    store_record,
    trades_closed_since,
)
from lib.history.records import CycleRecord
from lib.lessons.advance import LAST
from lib.lessons.compiling import lessons_at
from lib.lessons.eras import era_at, eras_of
from lib.lessons.lesson import Lesson
from lib.market.terms import DEFAULT_TERMS, Terms
from lib.prompt.addition import terms_told
from lib.prompt.archive import LESSON_STATES, PROMPT, read_archive, sha256_of
from lib.prompt.difference import PromptBefore, PromptChange, prompt_change, read_states
from lib.prompt.hold import PromptInForce, prompt_in_force
from lib.published.accepting import accepted_results
from lib.published.insights import compile_insights
from lib.published.pair import checked_insights, insights_in, load_insights, load_results, read_prompt
from lib.published.pair import publish as publish_insights

HOUR = pd.Timedelta(hours=1)


def cycle_terms(given: Mapping[str, float], trading_data: str | Path = "", as_of: str = "") -> Terms:
    """The terms that are `given`, or else those of the folder at `as_of`, the newest without one (lib.lessons.eras).

    What is to be published is of the newest: older ones would be noted as a change back to them.
    """
    if given:
        return Terms.model_validate(given)
    return era_at(eras_of(trading_data), parse_instant(as_of) if as_of else LAST).terms


def cycle_results(
    run_dir: str | Path,
    trading_data: str | Path = "",
    as_of: str = "",
    lookback_hours: float = 24.0,
    terms: Terms = DEFAULT_TERMS,
) -> tuple[dict[str, ResultEnvelope | None], str]:
    """Results by analyzer name, and their as_of: of a run folder, or else of the window, analyzed here under `terms`.

    Raises ParameterError for a run folder without any result and no as_of to go by.
    """
    if not run_dir:
        from lib.analysis.run import analyze_window

        results = analyze_window(load_window(trading_data, as_of, lookback_hours), terms)
    else:
        results = load_results(run_dir)
    found = next((result for result in results.values() if result), None)
    if not as_of and found is None:
        raise ParameterError(
            f"{run_dir}: no results there; run notebooks 01 to 04 with this run_dir, or `ribbon cycle`"
        )
    return results, as_of or found.as_of


def cycle_insights(
    results: Mapping[str, ResultEnvelope | None],
    trading_data: str | Path,
    as_of: str,
    publish: bool = False,
    terms: Terms | None = None,
) -> dict[str, Any]:
    """The insights of these results and of the ledger at `as_of`; with `publish` the ledger's file takes in the hours up to it.

    The ledger is that of `terms`, or of the folder's newest ones; with `publish` a change of terms is noted (`terms.jsonl`).
    A folder's own insights stand in for analyses that failed. Raises PublishError (lib.published.insights), with the ledger as it was.
    """
    accepted_results(results, as_of)  # refuses what cannot be published before the ledger is touched
    lessons = lessons_at(trading_data, as_of, publish, terms)
    return compile_insights(results, lambda: load_insights(trading_data), as_of, lessons)


def publish_cycle(
    insights: Mapping[str, Any],
    prompt: str,
    run_dir: str | Path = "",
    trading_data: str | Path = "",
    publish: bool = False,
    force: bool = False,
) -> dict[str, str]:
    """Write insights and prompt addition into the run folder, if any, and with `publish` replace the published ones.

    Where a person holds an older prompt addition, that one is told in place of `prompt`, which is kept beside it. Returns what went where,
    in words; raises PublishError (lib.published.pair) with nothing replaced.
    """
    told = prompt_in_force(trading_data, insights, prompt)
    return publish_told(told, run_dir, trading_data, publish=publish, force=force)


def publish_told(
    told: PromptInForce,
    run_dir: str | Path,
    trading_data: str | Path,
    *,
    publish: bool,
    force: bool,
    standing: Mapping[str, Any] | None = None,
) -> dict[str, str]:
    """As `publish_cycle`, of what is told where any hold was looked at; `standing` as of lib.published.pair.publish."""
    written = {"run folder": "none given"}
    checked = checked_insights(told.insights) if publish else None
    if run_dir:
        replace_text(Path(run_dir) / PROMPT_FILE, told.prompt)
        replace_text(Path(run_dir) / INSIGHTS_FILE, checked.text if checked else json_text(told.insights))
        written["run folder"] = "insights and prompt addition written"
    if checked:
        publish_insights(trading_data, checked, told.prompt, force, told.composed, standing)
    written["live loop"] = "told" if publish else "not told: publish is False"
    if since := told.insights["provenance"]["prompt_held_since"]:
        written["held"] = f"the prompt addition is one that a person holds since {since}"
    return written | ({"warning": told.warning} if told.warning else {})


def stored_records(window: MarketWindow) -> Sequence[CycleRecord]:
    """The records of the folder, of the last weeks: what can be read before a cycle has compiled its insights."""
    return recent_history(window.trading_data, window.as_of).records


def records_with(
    window: MarketWindow, run_dir: str | Path = "", stored: Sequence[CycleRecord] | None = None
) -> tuple[CycleRecord | None, Sequence[CycleRecord]]:
    """This cycle's record and all records with it in its place; None and the `stored` ones where no cycle has run yet.

    The record is of the run folder's insights, or else of the published ones; `stored` is what `stored_records` gives, None to read them.
    """
    if stored is None:
        stored = stored_records(window)
    insights = _insights_of(run_dir) if run_dir else load_insights(window.trading_data)
    if insights is None:
        return None, stored
    at = pd.Timestamp(insights["last_updated"])
    if at != window.as_of:
        window = load_window(
            window.trading_data, at, insights["provenance"]["window"]["lookback_hours"], trades_suffice=True
        )
    closed = None
    if insights["sections"]["actual_performance"] != "failed":
        closed = actual_trades(window, terms_told(insights).costs).closed
    told = read_prompt(run_dir or window.trading_data).text
    record = cycle_record(insights, told, closed, window.lookback_hours, window.trading_data, stored)
    others = [other for other in stored if other.timestamp != record.timestamp]
    return record, sorted([*others, record], key=lambda other: other.at)


def trades_by_lessons(window: MarketWindow, run_dir: str | Path = "") -> LessonSplit | None:
    """The window's closed trades by the lessons to act on, of the run folder's insights or else of the published ones.

    None where these are of another instant, their trades could not be analyzed, or no entry can be held against a lesson.
    """
    insights = _insights_at(window, run_dir)
    if insights is None or insights["sections"]["actual_performance"] == "failed":
        return None
    return split_by_lessons(actual_trades(window, terms_told(insights).costs).closed, insights)


def lessons_of(window: MarketWindow, run_dir: str | Path = "") -> list[Lesson]:
    """The lessons of the insights that `trades_by_lessons` takes; none where these are of another instant."""
    insights = _insights_at(window, run_dir)
    return [] if insights is None else [Lesson.read(found) for found in insights["lessons"]]


def _insights_at(window: MarketWindow, run_dir: str | Path) -> dict[str, Any] | None:
    """The run folder's insights, or the published ones without one; None where they are of another instant than the window."""
    insights = _insights_of(run_dir) if run_dir else load_insights(window.trading_data)
    return insights if insights and pd.Timestamp(insights["last_updated"]) == window.as_of else None


def cycle_record(
    insights: Mapping[str, Any],
    told: str,
    closed: pd.DataFrame | None,
    hours: float,
    trading_data: str | Path,
    stored: Sequence[CycleRecord],
) -> CycleRecord:
    """The record of a cycle by its insights and what it told ("" where that is lost); `stored` are those before it, of the folder.

    `closed` are the closed trades of its window of so many `hours`; they do not count where they could not be analyzed.
    """
    since_last = None
    if insights["sections"]["actual_performance"] == "failed":
        closed = None
    if closed is not None:
        since_last = _since_last(insights, closed, hours, trading_data, stored)
    record = record_cycle(insights, closed, since_last, stored)
    change = _change(insights, told, trading_data, stored, since_last)
    return record.model_copy(update={"prompt_change": change})


def _since_last(
    insights: Mapping[str, Any],
    closed: pd.DataFrame,
    hours: float,
    trading_data: str | Path,
    records: Sequence[CycleRecord],
) -> pd.DataFrame:
    """Trades closed since the cycle before, read further back than the window where that cycle was longer ago."""
    at = pd.Timestamp(insights["last_updated"])
    before = previous_record(records, at)
    if before is not None and (back := (at - before.at) / HOUR + 1) > hours:
        window = load_window(trading_data, at, back, trades_suffice=True)
        closed = actual_trades(window, terms_told(insights).costs).closed
    return trades_closed_since(closed, records, at)


def _change(
    insights: Mapping[str, Any],
    told: str,
    trading_data: str | Path,
    records: Sequence[CycleRecord],
    trades: pd.DataFrame | None,
) -> PromptChange | None:
    """What these insights tell beside the cycle before theirs; None where `told` is not their own prompt addition."""
    if sha256_of(told) != insights["provenance"]["prompt_sha256"]:
        return None
    record = previous_record(records, insights["last_updated"])
    return prompt_change(insights, told, _before(trading_data, record) if record else None, trades)


def _before(trading_data: str | Path, record: CycleRecord) -> PromptBefore:
    """What the cycle of a record told, as far as it is kept."""
    states = _kept(
        trading_data, record.prompt_change.lessons_sha256 if record.prompt_change else "", LESSON_STATES
    )
    return PromptBefore(
        record.prompt_sha256,
        _kept(trading_data, record.prompt_sha256, PROMPT),
        None if states is None else read_states(states),
    )


def _kept(trading_data: str | Path, sha256: str, suffix: str) -> str | None:
    try:
        return read_archive(trading_data, sha256, suffix) if sha256 else None
    except (DataError, ParameterError):
        return None


def _insights_of(run_dir: str | Path) -> dict[str, Any]:
    path = Path(run_dir) / INSIGHTS_FILE
    insights = insights_in(path)
    if insights is None:
        raise ParameterError(f"{path}: no insights to record; run 05_compile_insights first")
    return insights


def publish_record(
    record: CycleRecord | None, trading_data: str | Path = "", publish: bool = False, follows: bool = False
) -> str:
    """Store the record with `publish`; says in words what happened. `follows`: it may be appended (lib.history.log.append_record)."""
    if record is None:
        return "nothing to store: no cycle has been published yet"
    if not publish:
        return "not stored: publish is False"
    (append_record if follows else store_record)(trading_data, record)
    return "stored in training_history.jsonl"
