"""`--cluster ADDRESS`: the jobs of a study on the workers of a Dask cluster that somebody has started.

A job is a line of JSON, and so is what comes back. Only this process keeps records, so a job that two workers ran is recorded once. Dask
gives the jobs of a worker that is lost to another. What would surprise: a worker is asked for its version and its threads before it gets a
job, also one that comes later; of jobs no more than two a worker are with the cluster at a time, so that newcomers find some.
"""

from __future__ import annotations

import logging
import queue
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from lib.errors import ParameterError
from lib.questions.study import JobRecord
from runner.errors import ClusterError
from runner.study.job import Job, code_version, run_text
from runner.study.pool import ATTEMPTS, Done
from runner.study.progress import Say

#: Waited for the scheduler at the start, for a first usable worker, and for a scheduler that went away.
CONNECT_S, WORKERS_S, GONE_S = 30.0, 60.0, 10.0
_LOOK_S, _PROBE_EVERY_S = 0.2, 2.0
_AT_ONCE = 2


@dataclass
class _Sent:
    """A job that is with the cluster, and the workers that may run it."""

    job: Job
    future: Any
    workers: set[str]


@dataclass
class _Cluster:
    """A connection, and what is known of its workers."""

    client: Any
    say: Say
    usable: set[str] = field(default_factory=set)
    known: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    looked: float = 0.0

    def look(self) -> None:
        """See which workers are there, and ask newcomers whether they may be used."""
        if time.monotonic() - self.looked < _PROBE_EVERY_S and self.looked:
            return
        self.looked = time.monotonic()
        there = self.client.nthreads()
        self.usable &= there.keys()
        self.known &= there.keys()
        fresh = sorted(there.keys() - self.known)
        if not fresh:
            return
        versions = self.client.run(code_version, workers=fresh, on_error="return")
        for address in fresh:
            why = _unfit(there[address], versions.get(address))
            if why and address not in self.told:
                self.say(f"worker {address} is not used: {why}")
                self.told.add(address)
            if not why:
                self.usable.add(address)
            self.known.add(address)


def run_cluster(
    jobs: Sequence[Job],
    address: str,
    done: Done,
    stopped: Callable[[], bool] = lambda: False,
    say: Say = lambda line: None,
) -> None:
    """Run jobs on the cluster at `address`, calling `done` in this process with each record; returns early once `stopped()`.

    Raises ParameterError without the extra, ClusterError where the scheduler does not answer or goes away, or no worker may be used.
    """
    client = _client(address)
    sent: dict[str, _Sent] = {}
    try:
        _work(_Cluster(client, say), address, deque(jobs), sent, done, stopped)
    finally:
        with suppress(Exception):  # whoever is gone needs no word
            if client.status == "running":
                client.cancel([each.future for each in sent.values()], force=True)
        with suppress(Exception):
            client.close(timeout=2)


def _work(
    cluster: _Cluster,
    address: str,
    waiting: deque[Job],
    sent: dict[str, _Sent],
    done: Done,
    stopped: Callable[[], bool],
) -> None:
    ended: queue.SimpleQueue[Any] = queue.SimpleQueue()
    lost: dict[str, int] = {}
    idle_since = time.monotonic()
    while (waiting or sent) and not stopped():
        _check_scheduler(cluster.client, address, stopped)
        with _answering(cluster.client):
            cluster.look()
            for each in [each for each in sent.values() if not each.workers & cluster.usable]:
                _take_back(each, sent, waiting)
            while waiting and len(sent) < _AT_ONCE * len(cluster.usable):
                _send(cluster, waiting.popleft(), sent, ended)
        if cluster.usable:
            idle_since = time.monotonic()
        elif time.monotonic() - idle_since > WORKERS_S:
            raise ClusterError(
                f"{address} has no worker that may be used. Start some of this version with one thread each: "
                f"`dask worker {address} --nthreads 1`; what is done is kept, and the same command goes on"
            )
        with suppress(queue.Empty):
            _receive(cluster, ended.get(timeout=_LOOK_S), sent, waiting, lost, done)


def _receive(
    cluster: _Cluster,
    future: Any,
    sent: dict[str, _Sent],
    waiting: deque[Job],
    lost: dict[str, int],
    done: Done,
) -> None:
    """Take what a future came to; one that is no more in `sent` was taken back, and says nothing."""
    each = next((each for each in sent.values() if each.future.key == future.key), None)
    if each is None:
        return
    job = each.job
    record, why = _result(future)
    if record is not None and record.version == job.version:
        del sent[job.id]
        done(job, record)
        return
    _take_back(each, sent, waiting)
    if record is not None:
        cluster.say(f"a worker has become another version ({record.version}), and its answer is not taken")
        cluster.known.clear()
        cluster.usable.clear()
        cluster.looked = 0.0
        return
    if why:  # not merely cancelled with the scheduler that knew it
        # Dask gives up a job whose worker has died several times: it is not to kill as many again.
        lost[job.id] = lost.get(job.id, 0) + (ATTEMPTS if why.startswith("KilledWorker") else 1)
        if lost[job.id] >= ATTEMPTS:
            waiting.remove(job)
            done(
                job,
                JobRecord(
                    id=job.id, version=job.version, state="refused", reason=f"no worker answered it: {why}"
                ),
            )


def _result(future: Any) -> tuple[JobRecord | None, str]:
    """The record of a future that has ended; without one why, or "" where it was cancelled."""
    if future.status == "cancelled":
        return None, ""
    try:
        return JobRecord.model_validate_json(future.result(timeout=CONNECT_S)), ""
    except Exception as error:  # whatever was raised there, or on the way
        if future.status == "cancelled":
            return None, ""
        return None, " ".join(f"{type(error).__name__}: {error}".split())[:300]


def _send(cluster: _Cluster, job: Job, sent: dict[str, _Sent], ended: queue.SimpleQueue[Any]) -> None:
    workers = set(cluster.usable)
    future = cluster.client.submit(
        run_text,
        job.model_dump_json(),
        key=f"ribbon-study-{job.id}-{time.monotonic_ns()}",
        workers=sorted(workers),
        allow_other_workers=False,
        pure=False,
    )
    sent[job.id] = _Sent(job, future, workers)
    future.add_done_callback(ended.put)


def _take_back(each: _Sent, sent: dict[str, _Sent], waiting: deque[Job]) -> None:
    with suppress(Exception):
        each.future.cancel(force=True)
    del sent[each.job.id]
    waiting.appendleft(each.job)


def _check_scheduler(client: Any, address: str, stopped: Callable[[], bool]) -> None:
    """Wait a little for a scheduler that went away; raises ClusterError where it stays away."""
    end = time.monotonic() + GONE_S
    while client.status != "running" and not stopped():
        if time.monotonic() > end or client.status in ("closed", "closing"):
            raise ClusterError(
                f"the scheduler at {address} went away. What is done is kept: start a cluster, and the same command goes on with the rest"
            )
        time.sleep(_LOOK_S)


class _answering:
    """An error of the connection inside is no error while the scheduler is away: `_check_scheduler` tells, the next time round."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        if error is None or not isinstance(error, Exception):
            return False
        end = time.monotonic() + 1.0  # the client notices a moment after
        while self.client.status == "running" and time.monotonic() < end:
            time.sleep(0.05)
        return self.client.status != "running" or isinstance(error, OSError | TimeoutError)


def _unfit(threads: int, version: object) -> str:
    """Why a worker may not be used; "" where it may."""
    if isinstance(version, Exception) or not isinstance(version, str):
        return f"it cannot say its version of ribbon-lab ({version!r:.120}); install this one there"
    if version != code_version():
        return f"it has version {version}, and this is {code_version()}"
    return "" if threads == 1 else f"it has {threads} threads; start it with --nthreads 1 (and more workers)"


def _client(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError:
        raise ParameterError(
            "--cluster takes the extra `grid`, which is not installed: pip install 'ribbon-lab[grid]'; without it leave --cluster out"
        ) from None
    logging.getLogger("distributed").setLevel(
        logging.CRITICAL
    )  # what it has to say is said here, in our words
    try:
        return Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise ClusterError(
            f"no scheduler answers at {address} ({' '.join(str(error).split())[:160] or type(error).__name__}). "
            "Look at the address that `dask scheduler` printed, like tcp://10.0.0.5:8786"
        ) from None
