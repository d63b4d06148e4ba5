"""What a cycle's publishing does unasked, what it refuses, and how far back a record reads."""

from __future__ import annotations

import pandas as pd
import pytest

from lib.data.window import load_window
from lib.errors import ParameterError, PublishError
from lib.prompt.addition import compose_prompt
from lib.published import cycle as cycles
from lib.published.cycle import (
    cycle_insights,
    cycle_record,
    cycle_results,
    publish_cycle,
    records_with,
    stored_records,
)
from lib.published.insights import compile_insights
from lib.published.pair import load_insights
from tests.lib.contract.made import AS_OF, all_published
from tests.lib.lessons.made_lessons import lesson, lessons
from tests.lib.published.test_cycle import ELEVEN, TEN, TWELVE, cycle, folder

__all__ = ["folder"]
EARLIER = "2025-10-19T14:00:00Z"
NEXT_DAY = "2025-06-16T11:30:00Z"  #: 25.5 hours after TEN
HEAD = "timestamp,direction,entry_recommended,confidence,entry_price,executed,reasoning,exit_price,exit_reason,pnl_pct,entry_time,exit_time"


def test_a_window_that_is_analyzed_here_is_of_a_day(folder, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "lib.analysis.run.analyze_window", lambda window, terms: asked.append(window) or all_published(TWELVE)
    )
    assert cycle_results("", folder, TWELVE)[1] == TWELVE
    assert [(window.as_of, window.lookback_hours) for window in asked] == [(pd.Timestamp(TWELVE), 24.0)]


def test_insights_alone_leave_the_ledger_as_it_is(folder):
    before = sorted(folder.iterdir())
    cycle_insights(all_published(TWELVE), folder, TWELVE)
    assert sorted(folder.iterdir()) == before
    cycle_insights(all_published(TWELVE), folder, TWELVE, publish=True)
    assert sorted(folder.iterdir()) != before


def test_what_cannot_be_published_is_refused_before_the_ledger_is_touched(folder):
    before = sorted(folder.iterdir())
    with pytest.raises(PublishError, match="no analyzer has a valid result"):
        cycle_insights(all_published(ELEVEN), folder, TWELVE, publish=True)
    assert sorted(folder.iterdir()) == before


def test_an_older_cycle_replaces_a_newer_one_only_where_it_is_forced(tmp_path):
    for as_of in (AS_OF, EARLIER):
        insights = compile_insights(all_published(as_of), None, as_of)
        given = (insights, compose_prompt(insights), "", tmp_path, True)
        if as_of == AS_OF:
            publish_cycle(*given)
    with pytest.raises(PublishError, match="--force"):
        publish_cycle(*given)
    assert load_insights(tmp_path)["last_updated"] == AS_OF
    publish_cycle(*given, force=True)
    assert load_insights(tmp_path)["last_updated"] == EARLIER


def test_a_record_is_of_its_cycles_own_window_and_takes_its_own_place_among_the_others(folder):
    """Whatever window asks: one that ends before the trade was closed, or hours after."""
    _, first = cycle(folder, TEN)
    _, second = cycle(folder, ELEVEN)
    assert (first.window.n, second.window.n) == (0, 1)
    window = load_window(folder, TWELVE, 24)
    assert (
        records_with(window) == records_with(window, "", stored_records(window)) == (second, [first, second])
    )
    narrow = load_window(folder, "2025-06-15T10:20:00Z", 24)
    assert records_with(narrow) == (second, [first, second])


def test_lessons_are_those_of_the_windows_own_insights(folder, monkeypatch):
    long = lesson("answers.direction.LONG.above")
    found = [long, lesson("answers.direction.SHORT.below", consequence="restates_costs")]
    insights = {"last_updated": TWELVE, "lessons": [each.model_dump(mode="json") for each in found]}
    monkeypatch.setattr(cycles, "load_insights", lambda folder: insights)
    assert cycles.lessons_of(load_window(folder, TWELVE, 24)) == found
    assert cycles.lessons_of(load_window(folder, ELEVEN, 24)) == []


def test_lessons_are_those_of_the_run_folder_where_one_is_given(folder, tmp_path_factory):
    """Not the published ones. A folder without insights is told, and one of another hour has none."""
    run = tmp_path_factory.mktemp("run")
    window = load_window(folder, TWELVE, 24)
    with pytest.raises(ParameterError, match="run 05_compile_insights first"):
        cycles.lessons_of(window, run)
    long, short = lesson("answers.direction.LONG.above"), lesson("answers.direction.SHORT.below")
    for found, publish in ((short, True), (long, False)):
        insights = compile_insights(all_published(TWELVE), None, TWELVE, lessons(found))
        publish_cycle(insights, compose_prompt(insights), run, folder, publish=publish)
    assert [each.id for each in cycles.lessons_of(window)] == [short.id]
    assert [each.id for each in cycles.lessons_of(window, run)] == [long.id]
    assert cycles.lessons_of(window, run) == cycles.lessons_of(window, str(run))
    assert cycles.lessons_of(load_window(folder, ELEVEN, 24), run) == []


def test_an_analysis_that_failed_is_not_tried_again_for_the_record(folder, monkeypatch):
    def fails(*_given):
        raise AssertionError("tried again")

    monkeypatch.setattr(cycles, "actual_trades", fails)
    _, record = cycle(folder, TEN, failing=("actual_trades",))
    assert record.window is None and record.since_last is None


def test_trades_of_a_failed_analysis_are_not_counted(folder):
    """Given or not: somebody's own frame is no analysis."""
    results = {name: found for name, found in all_published(TWELVE).items() if name != "actual_trades"}
    insights = compile_insights(results, None, TWELVE)
    window = load_window(folder, TWELVE, 24, trades_suffice=True)
    closed = cycles.actual_trades(window).closed
    assert len(closed)
    record = cycle_record(insights, "", closed, 24, folder, [])
    assert record.window is None and record.since_last is None


def trade(entered: str, left: str) -> str:
    return f"{entered},LONG,True,0.8,100.0,True,,100.3,TP_HIT,0.3,{entered},{left}\n"


def test_trades_since_a_cycle_of_longer_ago_than_the_window_are_all_counted(folder):
    """Also those that were open when it was made, and where nothing but trades is left of the folder."""
    _, first = cycle(folder, TEN)
    log = [
        trade("2025-06-15T08:55:00Z", "2025-06-15T09:40:00Z"),  # over when the cycle before was made
        trade("2025-06-15T09:15:00Z", "2025-06-15T10:00:01Z"),
        trade("2025-06-15T11:05:00Z", "2025-06-15T11:20:00Z"),
        trade("2025-06-16T11:00:00Z", "2025-06-16T11:30:00Z"),
    ]
    (folder / "claude_decisions.csv").write_text(f"{HEAD}\n{''.join(log)}")
    for path in [*folder.glob("ema_data_*"), *folder.glob("candlesticks_*")]:
        path.unlink()
    insights = compile_insights(all_published(NEXT_DAY), None, NEXT_DAY)
    window = load_window(folder, NEXT_DAY, 24, trades_suffice=True)
    closed = cycles.actual_trades(window).closed
    record = cycle_record(insights, "", closed, 24, folder, [first])
    assert (record.window.n, record.since_last.n, record.since_last.since) == (1, 3, TEN)
    # Nor is it a matter of how long the window is: within it nothing more is read.
    wide = load_window(folder, NEXT_DAY, 48, trades_suffice=True)
    closed = cycles.actual_trades(wide).closed
    record = cycle_record(insights, "", closed, 48, folder, [first])
    assert (record.window.n, record.since_last.n) == (4, 3)
