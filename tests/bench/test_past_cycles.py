from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pandas as pd

from bench.past_cycles import kept_cycles, write_cycles, write_history
from lib.history.log import load_history, record_cycle
from lib.published.insights import compile_insights
from runner.cycle.inputs import Inputs
from runner.cycle.manifest import new_manifest, read_manifests
from runner.cycle.plan import NOTEBOOKS
from runner.cycle.prune import prune
from tests.lib.contract.made import all_published, trades

NOW = datetime(2025, 6, 30, 12, 5, tzinfo=UTC)


def test_a_record_for_every_hour(tmp_path):
    newest = pd.Timestamp("2025-06-15T11:00:00Z")
    path = tmp_path / "training_history.jsonl"
    insights = compile_insights(all_published("2025-10-19T14:00:00Z"), None, "2025-10-19T14:00:00Z")
    record = record_cycle(insights, trades([0.1]), trades([0.1]), [])
    write_history(path, json.dumps(record.model_dump(mode="json")), 30, newest)
    found = load_history(tmp_path)
    assert found.set_aside == [] and [one.cycle_number for one in found.records] == list(range(1, 31))
    assert [one.at for one in found.records] == [
        newest - pd.Timedelta(hours=ago) for ago in range(29, -1, -1)
    ]
    assert found.records[-1].since_last.since == found.records[-2].timestamp


def test_as_many_cycles_as_pruning_keeps_and_the_one_it_takes_next():
    assert len(kept_cycles(24, NOW)) == 24
    year = kept_cycles(365 * 24, NOW)
    assert year[0] == f"{NOW - timedelta(hours=1):%Y%m%dT%H%M%SZ}"
    # An hour ago: its own, those of the 168 hours before the one before it (169 with both ends), and one of each day before that.
    assert len(year) == 1 + 169 + 83


def test_folders_of_cycles_are_real_ones(tmp_path):
    run_dir, outputs = tmp_path / "made" / "20250629T000000Z", tmp_path / "outputs"
    (run_dir / "reports").mkdir(parents=True)
    (run_dir / "reports" / "a.html").write_text("page")
    inputs = Inputs("2025-06-15T11:00:00Z", "2025-06-14T11:00:00Z", 24.0, {"label": "label"}, {})
    new_manifest(run_dir.name, "2025-06-29T00:00:00Z", inputs, NOTEBOOKS, {}).write(run_dir)
    names = kept_cycles(9 * 24, NOW)
    write_cycles(outputs, names, run_dir)
    assert [manifest.cycle for manifest in read_manifests(outputs)] == names
    assert {manifest.started for manifest in read_manifests(outputs)} == {
        f"{datetime.strptime(name, '%Y%m%dT%H%M%SZ').replace(tzinfo=UTC):%Y-%m-%dT%H:%M:%SZ}"
        for name in names
    }
    assert len(prune(outputs, NOW, "20250630T120500Z")) == 1
    assert (run_dir / "reports" / "a.html").read_text() == "page"
    write_cycles(outputs, names, run_dir)
    assert [manifest.cycle for manifest in read_manifests(outputs)] == names
