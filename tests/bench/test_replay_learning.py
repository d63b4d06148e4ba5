"""The replay that learns is measured by its command, over a market of 1-minute samples."""

from __future__ import annotations

import json

import pytest

from bench import replay_learning
from bench.__main__ import BENCHMARKS


@pytest.mark.slow
def test_every_hour_of_the_replay_is_learned(tmp_path):
    assert BENCHMARKS["replay_learning"] is replay_learning.run
    (figure,) = replay_learning.run(tmp_path, 2).values()
    assert figure["hours"] == 2 and figure["hours_per_s"] == pytest.approx(
        2 / figure["seconds"], rel=0.1, abs=0.01
    )
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary["hours_learned"] == 2
