from __future__ import annotations

import pytest

from bench.hindsight import run


@pytest.mark.slow
def test_nulls_are_measured_and_the_kept_past_is_the_read_one(tmp_path):
    found = run(tmp_path, days=7)
    nulls, past = found["hindsight_nulls"], found["past_events"]
    assert nulls["shifts"] == 200 and nulls["events"] > 20
    parts = sum(nulls[name] for name in ("perfect_s", "selection_s", "learnable_s"))
    assert nulls["processor_s"] == pytest.approx(parts, abs=2e-4) and parts > 0
    assert past["outcomes"] > 50 and past["other"] == "reading the 14 days before"
