"""Progress: a line now and then, the last always, and the time that is left at the pace so far."""

from __future__ import annotations

from runner.study.progress import Progress


def test_time_left_at_the_pace_so_far():
    said, now = [], [0.0]
    progress = Progress(4, said.append, lambda: now[0])
    for seconds in (2.0, 30.0, 300.0, 301.0):
        now[0] = seconds
        progress.done()
    assert said == ["… 2 of 4 jobs, about 30 s left", "… 3 of 4 jobs, about 100 s left", "… 4 of 4 jobs"]
