"""The local pool with real processes: each job once, one that dies is replaced, one that always dies is told, none is left."""

from __future__ import annotations

import threading
from collections import Counter

import psutil
import pytest

from runner.study import pool
from runner.study.pool import run_pool
from tests.runner.study.made import jobs_of, study_file
from tests.runner.waiting import wait_until


@pytest.fixture
def jobs(tmp_path):
    return jobs_of(study_file(tmp_path))


def ours() -> list[psutil.Process]:
    """The pool's processes."""
    found = []
    for process in psutil.Process().children():
        try:
            if pool._WORKER in process.cmdline():
                found.append(process)
        except psutil.Error:
            continue
    return found


@pytest.mark.slow
@pytest.mark.serial
def test_a_process_that_is_killed_in_mid_job_loses_and_doubles_nothing(jobs):
    def kill() -> None:
        wait_until(lambda: any(process.children() for process in ours()), 60)
        next(process for process in ours() if process.children()).kill()

    killer, done = threading.Thread(target=kill), []
    killer.start()
    run_pool(jobs, 2, lambda job, record: done.append((job.id, record)))
    killer.join()
    assert Counter(name for name, _ in done) == Counter(job.id for job in jobs)
    assert {record.state for _, record in done} == {"answered"} and ours() == []


@pytest.mark.slow
def test_a_job_whose_process_always_dies_is_told_and_the_others_go_on(jobs, monkeypatch):
    monkeypatch.setattr(pool, "_WORKER", "runner.study.none_of_that_name")
    done = []
    run_pool(jobs[:2], 2, lambda job, record: done.append(record))
    assert {record.id for record in done} == {job.id for job in jobs[:2]} and len(done) == 2
    for record in done:
        assert record.state == "refused" and "ended 3 times without an answer" in record.reason
        assert "none_of_that_name" in record.reason


@pytest.mark.slow
@pytest.mark.serial
def test_once_it_is_stopped_no_process_is_left(jobs):
    done: list[str] = []
    run_pool(
        jobs,
        2,
        lambda job, record: done.append(job.id),
        lambda: any(process.children() for process in ours()),
    )
    assert ours() == [] and len(done) < 4
