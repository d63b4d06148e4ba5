from __future__ import annotations

import shutil
from collections import namedtuple

import pytest

from bench import history_growth
from bench.history_growth import run, told


@pytest.mark.slow
def test_days_of_growth_at_toy_size(tmp_path, forking):
    (figure,) = run(tmp_path, spans=(1, 9), timed=1, weighed=1).values()
    spans = ["1 day", "9 days"]
    names = ("cycle_s", "cycle_ratio", "cpu_s", "cpu_ratio", "peak_mb", "peak_ratio")
    assert all(list(figure[name]) == spans for name in names)
    # Six notebooks, their kernels and the reports: less than two seconds would be the command's own alone.
    assert figure["cpu_s"]["1 day"] > 2
    # A week of hours, the hour that is to be pruned, and the last cycle of each day before.
    assert figure["cycles_listed"]["1 day"] == 24 and 169 < figure["cycles_listed"]["9 days"] <= 173
    assert 150 < figure["peak_mb"]["1 day"] < 5000
    assert figure["cycle_ratio"]["1 day"] == figure["peak_ratio"]["1 day"] == 1.0
    histories = {days: (tmp_path / f"data-{days}" / "training_history.jsonl").read_text() for days in (1, 9)}
    assert {days: text.count("\n") for days, text in histories.items()} == {1: 24, 9: 216}


def test_what_grows_by_more_than_a_fifth_is_not_flat():
    flat = told({"cycle_s": {1: 4.0, 30: 4.2, 365: 4.8}, "peak_mb": {1: 500.0, 30: 450.0, 365: 510.0}})
    assert flat["cycle_ratio"] == {"1 day": 1.0, "30 days": 1.05, "1 year": 1.2}
    assert flat["peak_ratio"] == {"1 day": 1.0, "30 days": 0.9, "1 year": 1.02}
    assert flat["flat_within_20_percent"] is True
    for grown in ({"cycle_s": {1: 4.0, 365: 4.9}}, {"peak_mb": {1: 500.0, 365: 601.0}}):
        assert told({"cycle_s": {1: 1.0}} | grown)["flat_within_20_percent"] is False


def test_a_full_disk_is_told_before_it_is_full(tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(0, 0, 10**9))
    with pytest.raises(RuntimeError, match=r"1\.0 GB are free, a year takes 5; TMPDIR"):
        history_growth.run(tmp_path)
    assert list(tmp_path.iterdir()) == []
