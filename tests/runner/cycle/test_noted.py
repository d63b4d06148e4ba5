"""What the lessons say stands at the headings of a report's tables, and nothing where a file or a heading is missing."""

from __future__ import annotations

import json

from lib.contract.optimal_vs_actual import PatternStats, StandardExits
from lib.paths import notebooks
from runner.cycle.noted import (
    DIRECTIONS,
    IN_REGIME,
    SETUPS,
    WICKS,
    Note,
    lessons_beside,
    notes_beside,
    with_notes,
)
from runner.cycle.run_files import results_of
from tests.lib.contract import made
from tests.lib.draw.test_lessons import insights
from tests.lib.draw.test_optimal_vs_actual import comparison
from tests.lib.lessons.made_lessons import candidate, lesson

GREEN = "LONG_BOTH_GREEN"


def test_reports_get_the_notes_of_their_tables(tmp_path):
    assert lessons_beside(tmp_path) == [] and notes_beside(results_of(tmp_path), []) == {}
    lost = made.group(23, 12, -15.35, -0.018) | {"signature": GREEN}
    now = {"current_regime": "RANGING_QUIET", "current_patterns": [lost]}
    every = StandardExits(n=12, win_rate=58.0, net_mean_pct=0.003)
    seen = PatternStats(signature=GREEN, count=1, avg_pnl=1.0, avg_pnl_pct=0.1, win_rate=50.0, standard=every)
    before = seen.model_copy(update={"signature": "LONG_MIXED", "standard": None})
    optimum = comparison(optimal_patterns=[seen, before]).model_dump(mode="json")
    results = {
        "optimal_vs_actual": optimum,
        "smart_backtest": made.backtest(top_patterns=[lost]),
        "regime_and_wicks": made.regime(**now),
    }
    (tmp_path / "results").mkdir()
    for name, result in results.items():
        (tmp_path / "results" / f"{name}.json").write_text(json.dumps({"result": result}))
    told = insights(
        lesson(f"answers.setup.{GREEN}.above"), candidate("answers.regime.RANGING_QUIET_LONG.above")
    )
    (tmp_path / "training_insights.json").write_text(json.dumps(told))
    found = notes_beside(results_of(tmp_path), lessons_beside(tmp_path))
    (hindsight,), (rule,) = found["02_optimal_vs_actual"], found["03_smart_backtest"]
    assert hindsight.heading == "By setup" and "taken at each fresh signal, this window" in hindsight.html
    assert rule.heading == "By setup" and "taken by the entry rule, this window" in rule.html
    assert rule.html.startswith('<div class="scroll"') and "The first row counts" in rule.html
    (days,) = found[
        "04_regime_and_wicks"
    ]  # its own setups stand in their table; both pages before have them beside the lesson
    assert days.before and days.heading == "The entry rule in this regime"
    assert (
        "The regimes, over all days" in days.html and "<b>Ranging quiet, now: LONG answers</b>" in days.html
    )
    assert "<table" not in days.html  # of rule and wicks nothing was seen
    (tmp_path / "results" / "smart_backtest.json").write_text("{torn")
    assert list(notes_beside(results_of(tmp_path), lessons_beside(tmp_path))) == [
        "02_optimal_vs_actual",
        "04_regime_and_wicks",
    ]
    assert list(notes_beside(results_of(tmp_path), [])) == []


def test_the_headings_of_notes_are_those_of_the_notebooks():
    headings = {
        "01_actual_trades": {DIRECTIONS},
        "02_optimal_vs_actual": {SETUPS},
        "03_smart_backtest": {SETUPS},
        "04_regime_and_wicks": {IN_REGIME, WICKS},
    }
    for name, wanted in headings.items():
        cells = json.loads((notebooks() / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
        begun = {
            "".join(cell["source"]).partition("\n")[0] for cell in cells if cell["cell_type"] == "markdown"
        }
        assert {f"## {heading}" for heading in wanted} <= begun, name


def test_a_note_stands_under_its_heading_or_before_it():
    body = '<h2 id="By-setup">By setup</h2><table></table>'
    assert with_notes(body, [Note("By setup", "<p>x</p>")]) == (
        '<h2 id="By-setup">By setup</h2><p>x</p><table></table>'
    )
    assert with_notes(body, [Note("By setup", "<p>x</p>", before=True)]).startswith("<p>x</p><h2")
    assert with_notes(body, [Note("Elsewhere", "<p>x</p>")]) == with_notes(body, []) == body
