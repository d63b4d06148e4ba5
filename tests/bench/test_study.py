"""The benchmark of a study asks questions of the markets that it made itself."""

from __future__ import annotations

from bench.study import QUESTIONS, _jobs


def test_the_jobs_are_of_its_own_markets(tmp_path):
    jobs = _jobs(tmp_path, "")
    # Two markets, two questions, two terms.
    assert len(jobs) == 2 * len(QUESTIONS) * 2
    assert {job.place.candles for job in jobs} == {str(tmp_path / f"M{seed}USDT_5m.csv") for seed in range(2)}
