from __future__ import annotations

import json

import pytest

import bench.__main__ as command
from bench.measure import figure


def test_figures_are_merged_and_those_of_the_others_stay(tmp_path, monkeypatch, capsys):
    two = {"a": figure(1.0, 3.0, "by hand"), "b": {"cycle_s": {"1 day": 2.0}, "flat": True}}
    given = []

    def run(folder):
        given.append(list(folder.iterdir()))
        return two

    monkeypatch.setattr(command, "BENCHMARKS", {"broken": lambda folder: 1 / 0, "both": run})
    target = tmp_path / "outputs" / "bench.json"
    command.main(target, ["both"])
    assert given == [[]]
    assert capsys.readouterr().out.splitlines() == [
        "a: ours 1.000 s, by hand 3.000 s, ratio 3.0",
        "b: cycle_s 1 day 2.0; flat yes",
    ]
    target.write_text(json.dumps(json.loads(target.read_text()) | {"replay": {"hours_per_second": 9.5}}))
    two["a"] = figure(1.0, 4.0, "by hand")
    with pytest.raises(SystemExit, match="no figures of broken"):
        command.main(target, [])
    assert "ZeroDivisionError" in capsys.readouterr().err
    kept = json.loads(target.read_text())
    assert {"a": kept["a"], "b": kept["b"]} == two
    assert kept["replay"] == {"hours_per_second": 9.5} and kept["machine"]["cores"] >= 1
    assert set(kept) == {"a", "b", "replay", "machine"}


def test_a_name_that_is_none_is_refused_before_anything_is_measured(tmp_path):
    with pytest.raises(SystemExit, match="no benchmark is called replays"):
        command.main(tmp_path / "bench.json", ["cycle", "replays"])
    assert not (tmp_path / "bench.json").exists()
