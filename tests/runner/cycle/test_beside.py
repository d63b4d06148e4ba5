"""What a report says of other notebooks' figures is set into its finding, escaped, and left out where a result is missing."""

from __future__ import annotations

import json

import pytest

from lib.draw.html import STEP, Finding
from runner.cycle.beside import sentences_beside, with_sentence
from runner.cycle.inputs import Inputs
from runner.cycle.manifest import new_manifest
from runner.cycle.plan import NOTEBOOKS
from tests.lib.contract import made
from tests.lib.draw.test_hindsight import learned
from tests.lib.draw.test_optimal_vs_actual import comparison
from tests.lib.lessons.made_lessons import lesson

LONG = lesson("answers.setup.LONG_BOTH_GREEN.above")


@pytest.fixture
def manifest():
    source = {"label": "x", "synthetic": False, "decisions": "live", "coin": "ETH"}
    inputs = Inputs("2025-06-15T11:00:00Z", "2025-06-14T11:00:00Z", 24.0, source, {})
    return new_manifest("20250615T110500Z", "2025-06-15T11:05:00Z", inputs, NOTEBOOKS, {})


def test_each_report_gets_its_sentence_and_none_where_results_are_missing(manifest, tmp_path):
    assert sentences_beside(tmp_path, manifest, [LONG]) == {}
    manifest.headline = {
        "by_lessons": {
            "lessons": 1,
            "others": 0,
            "fit": {"trades": 9, "pnl": 1.0},
            "rest": {"trades": 9, "pnl": -1.0},
            "of a later version": 1,
        }
    }
    (tmp_path / "results").mkdir()
    results = {
        "actual_trades": made.actual(),
        "smart_backtest": made.backtest(),
        "optimal_vs_actual": comparison(learnable=learned()).model_dump(mode="json"),
    }
    for name, result in results.items():
        (tmp_path / "results" / f"{name}.json").write_text(json.dumps({"result": result}))
    found = sentences_beside(tmp_path, manifest, [LONG])
    assert found["01_actual_trades"].startswith("The 9 trades that fit the lesson to act on made $1.00;")
    assert found["02_optimal_vs_actual"].startswith("LONG (both ribbons green) is a proven lesson")
    assert found["03_smart_backtest"].startswith("You ") and "than the rule" in found["03_smart_backtest"]
    (tmp_path / "results" / "actual_trades.json").write_text("{torn")
    assert "03_smart_backtest" not in sentences_beside(tmp_path, manifest, [LONG])


def test_a_sentence_stands_in_the_finding_after_the_step():
    body = f"<p>x</p>{Finding(['First.', f'{STEP}wait.', 'Third.'], ['n 4.'])._repr_html_()}<div>rest</div>"
    found = with_sentence(body, "A < B.")
    assert "wait.</p><p>A &lt; B.</p><p>Third.</p><details>" in found
    alone = with_sentence(Finding(["First."])._repr_html_(), "Then.")
    assert alone.endswith("<p>Then.</p></div>")
    assert with_sentence(body, "") == body and with_sentence("<p>x</p>", "Then.") == "<p>x</p>"
