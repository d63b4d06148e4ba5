from __future__ import annotations

import json
from dataclasses import replace

import pytest
from pydantic import ValidationError

from lib.analysis.actual_trades import analyze_actual
from lib.analysis.optimal_vs_actual import compare_optimal_with_actual
from lib.analysis.past_events import no_past
from lib.analysis.publish import publish_result
from lib.analysis.trades import actual_trades
from lib.contract.envelope import ResultEnvelope
from tests.builders import at, decisions, flat, window


def market():
    log = decisions(
        [
            {
                "timestamp": 10,
                "direction": "LONG",
                "entry_time": 10,
                "entry_price": 100.0,
                "exit_time": 20,
                "exit_price": 101.0,
                "reasoning": "canary: buy now",
                "exit_reason": "canary: sold",
            }
        ]
    )
    return window(flat(30), decided=log, end=150)


def result_of(seen):
    return analyze_actual(seen, actual_trades(seen))


def test_a_result_is_written_with_what_it_was_made_from(tmp_path):
    seen = market()
    published = publish_result("actual_trades", result_of(seen), seen, tmp_path, fee_pct=0.045)
    path = tmp_path / "results" / "actual_trades.json"
    written = json.loads(path.read_text(encoding="utf-8"))
    assert ResultEnvelope.model_validate(written) == published
    assert (written["as_of"], written["window_start"]) == ("2026-01-05T02:30:00Z", "2026-01-05T00:00:00Z")
    assert (written["data_until"], written["lookback_hours"]) == ("2026-01-05T02:30:00Z", 2.5)
    assert written["parameters"] == {"fee_pct": 0.045}
    assert (written["source"]["decisions"], written["source"]["label"]) == ("live", "your trades")
    assert written["result"]["total_pnl"] == 0.91
    assert path.read_bytes().endswith(b"\n")


def test_the_same_window_gives_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        seen = market()
        publish_result("actual_trades", result_of(seen), seen, tmp_path / name)
    one, two = ((tmp_path / name / "results" / "actual_trades.json").read_bytes() for name in ("one", "two"))
    assert one == two


def test_text_from_outside_is_in_no_result(tmp_path):
    seen = market()
    published = publish_result("actual_trades", result_of(seen), seen, tmp_path)
    assert "canary" not in published.model_dump_json()


def test_data_until_is_the_newest_row_not_the_instant_asked_for():
    seen = replace(market(), as_of=at(500))
    assert publish_result("actual_trades", result_of(seen), seen, "").data_until == "2026-01-05T02:30:00Z"


def test_without_a_run_folder_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    seen = market()
    publish_result("actual_trades", result_of(seen), seen, "")
    assert list(tmp_path.iterdir()) == []


def test_a_result_of_another_analyzer_is_refused(tmp_path):
    seen = market()
    with pytest.raises(ValidationError):
        publish_result("smart_backtest", result_of(seen), seen, tmp_path)
    comparison = compare_optimal_with_actual(seen, actual_trades(seen).closed, no_past()).result
    with pytest.raises(ValidationError):
        publish_result("actual_trades", comparison, seen, tmp_path)
    assert not (tmp_path / "results").exists()
