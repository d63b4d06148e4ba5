"""A cluster of real processes on this machine: the same records as the pool's, a worker killed in mid-job, a scheduler that goes away."""

from __future__ import annotations

import sys
import threading

import psutil
import pytest

from lib.errors import ParameterError
from runner.errors import ClusterError
from runner.study import cluster as cluster_module
from runner.study.cluster import run_cluster
from runner.study.run import Means
from tests.runner.study.made import cluster, jobs_of, kept_records, run, start_worker, study_file
from tests.runner.waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.serial]


def at_work(process) -> bool:
    """Whether a worker runs a question: those are processes of its own."""
    return bool(psutil.Process(process.pid).children())


def test_pool_and_cluster_give_the_same_records_though_a_worker_is_killed_in_mid_job(tmp_path):
    by_pool, by_cluster = study_file(tmp_path / "pool"), study_file(tmp_path / "cluster")
    run(by_pool, Means(processes=2))
    with cluster(tmp_path / "grid") as (address, _, (first, _)):
        killed = []

        def kill() -> None:
            wait_until(lambda: at_work(first), 90)
            killed.append(first.pid)
            first.kill()

        killer = threading.Thread(target=kill)
        killer.start()
        found, _ = run(by_cluster, Means(cluster=address))
        killer.join()
    assert killed and {cell.state for cell in found.cells} == {"answered"}
    records = kept_records(by_pool)
    assert len(records) == 4 and kept_records(by_cluster) == records
    asked = (by_cluster.parent / "data/questions/record.jsonl").read_text(encoding="utf-8")
    assert asked.count('"kind": "asked"') == 4  # each job was recorded once


def test_a_worker_that_joins_a_running_study_takes_jobs(tmp_path):
    place, grid, took = study_file(tmp_path / "study", markets=4), tmp_path / "grid", []
    with cluster(grid, workers=1) as (address, _, workers):

        def join() -> None:
            wait_until(lambda: kept_records(place), 120)
            before = len(kept_records(place))
            workers.append(start_worker(grid, address, "late"))
            wait_until(lambda: at_work(workers[-1]), 120)
            took.append(before)

        joiner = threading.Thread(target=join)
        joiner.start()
        found, _ = run(place, Means(cluster=address))
        joiner.join()
    # It was not there when the study began, and worked before the study ended.
    assert took and 1 <= took[0] < 8
    assert {cell.state for cell in found.cells} == {"answered"} and len(kept_records(place)) == 8
    asked = (place.parent / "data/questions/record.jsonl").read_text(encoding="utf-8")
    assert asked.count('"kind": "asked"') == 8  # each job was recorded once


def test_a_scheduler_that_goes_away_is_told_and_the_folder_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster_module, "GONE_S", 1.0)
    place, said = study_file(tmp_path / "study"), []
    with cluster(tmp_path / "grid") as (address, scheduler, _):

        def kill() -> None:
            wait_until(lambda: kept_records(place), 90)
            scheduler.kill()

        killer = threading.Thread(target=kill)
        killer.start()
        with pytest.raises(ClusterError, match=r"went away\. What is done is kept"):
            run(place, Means(cluster=address))
        killer.join()
    before = kept_records(place)
    assert 1 <= len(before) < 4 and (tmp_path / "study/out/small/study.html").is_file()
    found, _ = run(place, Means(processes=2), said=said)
    assert {cell.state for cell in found.cells} == {"answered"}
    assert f"open parts: 4 jobs; {len(before)} done" in said
    assert before.items() <= kept_records(place).items()


def test_a_worker_of_another_version_or_of_many_threads_gets_no_job(tmp_path, monkeypatch):
    jobs, said = jobs_of(study_file(tmp_path / "study")), []
    monkeypatch.setattr(cluster_module, "WORKERS_S", 3.0)
    with cluster(tmp_path / "grid", workers=1) as (address, _, _):
        real = cluster_module.code_version()
        monkeypatch.setattr(cluster_module, "code_version", _Elsewhere(real))
        with pytest.raises(ClusterError, match="has no worker that may be used"):
            run_cluster(jobs, address, lambda job, record: pytest.fail("it was run"), say=said.append)
    assert len(said) == 1 and f"it has version {real}, and this is" in said[0]
    monkeypatch.undo()
    assert "it has 4 threads" in cluster_module._unfit(4, real) and cluster_module._unfit(1, real) == ""
    assert "cannot say its version" in cluster_module._unfit(1, ModuleNotFoundError("runner"))


class _Elsewhere:
    """The version of this side, which the worker does not have: there it is found by its name, and is the real one."""

    def __init__(self, real: str) -> None:
        self.real = real

    def __call__(self) -> str:
        return f"{self.real}-changed"

    def __reduce__(self) -> object:
        from runner.study.job import code_version

        return _itself, (code_version,)


def _itself(given):
    return given


def test_nobody_at_the_address(monkeypatch):
    monkeypatch.setattr(cluster_module, "CONNECT_S", 1.0)
    with pytest.raises(ClusterError, match="no scheduler answers at tcp"):
        run_cluster([], "tcp://127.0.0.1:9", lambda job, record: None)


def test_without_the_extra_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(
        ParameterError, match=r"extra `grid`, which is not installed: pip install 'ribbon-lab\[grid\]'"
    ):
        run_cluster([], "tcp://127.0.0.1:9", lambda job, record: None)
