from __future__ import annotations

import json

import pytest

from bench.cycle import check, run
from runner.cycle.inputs import Inputs
from runner.cycle.manifest import new_manifest
from runner.cycle.plan import NOTEBOOKS


@pytest.fixture
def ended(tmp_path):
    """A cycle's folder and one of papermill's, both with the same result."""
    inputs = Inputs("2025-06-15T11:00:00Z", "2025-06-14T11:00:00Z", 24.0, {"label": "label"}, {})
    manifest = new_manifest("20250615T110500Z", "2025-06-15T11:05:00Z", inputs, NOTEBOOKS, {})
    manifest.status = "ok"
    outputs, other = tmp_path / "outputs", tmp_path / "papermill"
    for run_dir in (outputs / manifest.cycle, other):
        (run_dir / "results").mkdir(parents=True)
        (run_dir / "results" / "actual_trades.json").write_text("{}")
    manifest.write(outputs / manifest.cycle)
    return outputs, other, manifest


def test_a_cycle_with_the_same_results_counts(ended):
    check(ended[0], ended[1])


@pytest.mark.parametrize(
    ("change", "complaint"),
    [("result", "differ"), ("none", "differ"), ("status", "ended partial"), ("plain", "started plain")],
)
def test_any_other_does_not(ended, change, complaint):
    outputs, other, manifest = ended
    if change == "result":
        (other / "results" / "actual_trades.json").write_text('{"n": 1}')
    elif change == "none":
        (other / "results" / "actual_trades.json").unlink()
    elif change == "status":
        manifest.status = "partial"
    else:
        manifest.warnings.append("notebooks were started plain, not from a warm process")
    manifest.write(outputs / manifest.cycle)
    with pytest.raises(RuntimeError, match=complaint):
        check(outputs, other)


@pytest.mark.slow
@pytest.mark.serial
def test_both_figures_of_a_small_market(tmp_path, forking):
    figures = run(tmp_path, days=1, plan=NOTEBOOKS[:2])
    assert list(figures) == ["cycle", "cycle_warm"]
    assert figures["cycle"]["other_s"] == figures["cycle_warm"]["other_s"] > 0
    assert figures["cycle_warm"]["figures"] == 11
    assert 0.2 < figures["cycle_warm"]["drawing_share"] < 1
    assert 0 < figures["cycle_warm"]["ours_s"] < figures["cycle"]["ours_s"]
    assert json.loads(json.dumps(figures)) == figures
    assert len(list((tmp_path / "outputs" / "cycle_warm").glob("2*"))) == 2
