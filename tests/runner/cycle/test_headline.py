from __future__ import annotations

import json

from runner.cycle.headline import FIGURES, headline


def test_figures_are_copied_and_missing_ones_are_none(tmp_path):
    (tmp_path / "results").mkdir()
    actual = {
        "total_trades": 18,
        "win_rate": 44.4,
        "total_pnl": -12.5,
        "scalper_score": {"total": 41.0, "grade": "F"},
    }
    (tmp_path / "results" / "actual_trades.json").write_text(json.dumps({"result": actual}))
    (tmp_path / "results" / "smart_backtest.json").write_text("{torn")
    (tmp_path / "results" / "regime_and_wicks.json").write_text("[]")
    lessons = {"evidence": {"active": 0, "nearest": None}, "verdicts": {"better": 1}}
    (tmp_path / "results" / "lesson_history.json").write_text(json.dumps({"result": lessons}))
    found = headline(tmp_path)
    assert set(found) == set(FIGURES)
    assert {name: value for name, value in found.items() if value is not None} == {
        "trades": 18,
        "win_rate": 44.4,
        "net_pnl": -12.5,
        "score": 41.0,
        "grade": "F",
        "active_lessons": 0,
        "lesson_verdicts": {"better": 1},
    }
