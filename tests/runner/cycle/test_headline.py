from __future__ import annotations

import json

import pytest

from lib.history.log import store_record
from lib.prompt.difference import text_change
from runner.cycle.cycle import _note_not_taken
from runner.cycle.headline import FIGURES, headline, hold_since, not_taken, note_recorded
from runner.cycle.inputs import Inputs
from runner.cycle.manifest import new_manifest
from runner.cycle.plan import NOTEBOOKS
from tests.lib.history.test_log import FIRST, SECOND, THIRD, cycle


def test_figures_are_copied_and_missing_ones_are_none(tmp_path):
    (tmp_path / "results").mkdir()
    actual = {
        "total_trades": 18,
        "win_rate": 44.4,
        "total_pnl": -12.5,
        "breakeven_win_rate": 53.3,
        "scalper_score": {"total": 41.0, "grade": "F"},
    }
    (tmp_path / "results" / "actual_trades.json").write_text(json.dumps({"result": actual}))
    (tmp_path / "results" / "smart_backtest.json").write_text("{torn")
    (tmp_path / "results" / "regime_and_wicks.json").write_text("[]")
    lessons = {"evidence": {"act_on": 0, "proven": 12, "nearest": None}, "verdicts": {"held": 1}}
    (tmp_path / "results" / "lesson_history.json").write_text(json.dumps({"result": lessons}))
    found = headline(tmp_path)
    assert set(found) == set(FIGURES)
    assert {name: value for name, value in found.items() if value is not None} == {
        "trades": 18,
        "win_rate": 44.4,
        "breakeven_win_rate": 53.3,
        "net_pnl": -12.5,
        "score": 41.0,
        "grade": "F",
        "lessons_to_act_on": 0,
        "proven_lessons": 12,
        "lesson_verdicts": {"held": 1},
    }


@pytest.mark.parametrize(
    "text", ['{"result": {"win_rate": NaN, "total_trades": 3}}', '{"result": ' + "[" * 100_000]
)
def test_what_is_no_json_has_no_figures(tmp_path, text):
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "actual_trades.json").write_text(text)
    assert set(headline(tmp_path).values()) == {None}


def test_a_figure_of_another_kind_is_none(tmp_path):
    (tmp_path / "results").mkdir()
    odd = {
        "win_rate": "much",
        "total_trades": True,
        "total_pnl": 1e999,
        "overall": 3,
        "scalper_score": {"grade": ["A"]},
    }
    (tmp_path / "results" / "actual_trades.json").write_text(
        json.dumps({"result": odd}).replace("Infinity", "1e999")
    )
    assert set(headline(tmp_path).values()) == {None}


def test_a_result_that_was_not_taken_is_named_with_its_reason(tmp_path):
    assert not_taken(tmp_path) == {}
    sections = {
        "actual_performance": {"reason": "other_as_of"},
        "realistic_backtest": {"reason": "no_result"},
        "optimal_comparison": {"reason": "old_data"},
        "regime_analysis": {"reason": None},
    }
    (tmp_path / "training_insights.json").write_text(json.dumps({"provenance": {"sections": sections}}))
    assert {key: why.split()[-1] for key, why in not_taken(tmp_path).items()} == {
        "actual_performance": "as_of",
        "realistic_backtest": "more",
    }


@pytest.fixture
def manifest():
    inputs = Inputs(SECOND, FIRST, 24.0, {"label": "x", "synthetic": False, "decisions": "live"}, {})
    made = new_manifest("20251019T150500Z", SECOND, inputs, NOTEBOOKS, {})
    for entry in made.notebooks.values():
        entry["status"] = "ok"
    return made


def test_what_is_told_anew_is_that_of_this_cycle_s_own_record(tmp_path, manifest):
    note_recorded(tmp_path, manifest)
    assert manifest.prompt_change == {}
    change = text_change("", None, "# N\n")
    for as_of in (FIRST, SECOND, THIRD):
        record = cycle(as_of, [0.1], [], [])
        own = change.model_copy(update={"sha256_before": as_of})
        store_record(tmp_path, record.model_copy(update={"prompt_change": own}))
    note_recorded(tmp_path, manifest)
    assert manifest.prompt_change["sha256_before"] == SECOND


def test_a_record_of_an_earlier_run_is_not_this_cycle_s(tmp_path, manifest):
    store_record(tmp_path, cycle(SECOND, [0.1], [], []))
    manifest.notebooks["06_training_history"]["status"] = "failed"
    note_recorded(tmp_path, manifest)
    assert manifest.prompt_change == {}


@pytest.mark.parametrize("text", ["{torn", "[]", '{"provenance": {"prompt_held_since": 3}}', "{}"])
def test_since_when_a_prompt_is_held(tmp_path, text):
    assert hold_since(tmp_path) == ""
    (tmp_path / "training_insights.json").write_text(text)
    assert hold_since(tmp_path) == ""
    (tmp_path / "training_insights.json").write_text('{"provenance": {"prompt_held_since": "2026"}}')
    assert hold_since(tmp_path) == "2026"


def test_a_cycle_whose_result_was_not_taken_is_partial_and_names_the_notebook(tmp_path, manifest):
    manifest.status = "ok"
    _note_not_taken(manifest, tmp_path)
    assert manifest.status == "ok"
    sections = {"realistic_backtest": {"reason": "no_result"}}
    (tmp_path / "training_insights.json").write_text(json.dumps({"provenance": {"sections": sections}}))
    _note_not_taken(manifest, tmp_path)
    assert manifest.status == "partial"
    failed = [name for name, entry in manifest.notebooks.items() if entry["status"] == "failed"]
    assert failed == ["03_smart_backtest"]
    assert manifest.notebooks[failed[0]]["error"].startswith("it ended well, but")
