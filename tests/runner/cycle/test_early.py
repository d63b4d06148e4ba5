"""A notebook that is begun early: it prepares itself, waits before the cell that reads what others leave, and is ended wherever it is."""

from __future__ import annotations

import time
from pathlib import Path

import nbformat
import psutil
import pytest

from runner.cycle.execute import Execution
from runner.cycle.models import NotebookJob
from tests.runner.waiting import is_running, wait_until

SLOW_S = 6.0
RESULT = "import pathlib, time\nresult = pathlib.Path(folder) / 'result'\n"
PREPARES = "import os, pathlib, time\n_ = (pathlib.Path(folder) / 'pid').write_text(str(os.getpid()))"
READS = "print((pathlib.Path(folder) / 'result').read_text())"


@pytest.fixture
def jobs(tmp_path, tiny):
    """Makes the job of a first notebook, and of a second that reads what the first left, where it waits for it."""

    def make(
        first: str, prepares: str = PREPARES, reads: str = READS, limit_s: float = 60.0, waits: bool = True
    ) -> tuple[NotebookJob, NotebookJob]:
        made = []
        for name, cells in (("first", [RESULT + first]), ("second", [prepares, reads])):
            can_wait = waits and name == "second"
            path = tmp_path / "in" / f"{name}.ipynb"
            tiny.notebook(path, *cells, parameters='folder = ""', waits=1 if can_wait else None)
            limit = limit_s if name == "second" else 60.0
            output = tmp_path / "out" / f"{name}.ipynb"
            made.append(
                NotebookJob(name, path, output, {"folder": str(tmp_path)}, limit_s=limit, waits=can_wait)
            )
        return made[0], made[1]

    return make


@pytest.fixture(params=["plain", "forked"])
def warm(request) -> Path | None:
    return request.getfixturevalue("warm_socket") if request.param == "forked" else None


def prepared(folder: Path) -> int | None:
    """The kernel of the second notebook, once it has run its first cell."""
    path = folder / "pid"
    return int(path.read_text()) if path.exists() and path.read_text() else None


def printed(job: NotebookJob) -> list[str]:
    copy = nbformat.read(job.output, as_version=4)
    return [output.text for cell in copy.cells for output in cell.get("outputs", [])]


@pytest.mark.slow
def test_it_prepares_itself_meanwhile_and_reads_what_was_left(tmp_path, jobs, warm):
    """Its limit is shorter than what it waits, and neither that nor its seconds count the waiting."""
    # The first one ends only once the second is prepared, and long after that.
    first, second = jobs(
        f"while not (result.parent / 'pid').exists(): time.sleep(0.05)\ntime.sleep({2 * SLOW_S})\n_ = result.write_text('left')",
        limit_s=2 * SLOW_S,
    )
    told: list[tuple[str, str]] = []
    with Execution(2, lambda name, status, seconds: told.append((name, status)), warm=warm) as execution:
        assert execution.run([first], [second])["first"].status == "ok"
        assert {name for name, _ in told} == {"first"} and prepared(tmp_path)
        found = execution.run([second])["second"]
    assert (found.status, found.error) == ("ok", "")
    assert printed(second) == ["left\n"]
    assert found.seconds < 2 * SLOW_S
    cells = nbformat.read(second.output, as_version=4).cells
    assert max(cell.metadata.papermill.get("duration") or 0.0 for cell in cells) < SLOW_S


@pytest.mark.slow
def test_the_first_one_failing_lets_it_go_on(tmp_path, jobs, warm_socket):
    first, second = jobs(
        "_ = result.write_text('half')\nwhile not (result.parent / 'pid').exists(): time.sleep(0.05)\n"
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    )
    with Execution(2, warm=warm_socket) as execution:
        assert execution.run([first], [second])["first"].status == "failed"
        kernel = prepared(tmp_path)
        assert execution.run([second])["second"].status == "ok"
    assert printed(second) == ["half\n"] and prepared(tmp_path) == kernel


@pytest.mark.slow
def test_one_that_dies_before_it_is_told_to_go_on_is_a_failed_notebook_and_no_more(tmp_path, jobs):
    """As where memory is short. Nobody looks between its death and its being told, and what it was told is read by nobody."""
    first, second = jobs("_ = result.write_text('left')")
    with Execution(2) as execution:
        execution.prepare([second])
        wait_until(lambda: prepared(tmp_path))
        kernel = psutil.Process(prepared(tmp_path))
        for process in (kernel.parent(), kernel):
            process.kill()
        psutil.wait_procs([kernel], timeout=10)
        found = execution.run([second, first])
    assert found["second"].error.startswith("its process died (killed by signal 9)")
    assert (found["second"].status, found["first"].status) == ("failed", "ok")


@pytest.mark.slow
def test_an_interrupt_ends_it_while_it_waits(tmp_path, jobs, warm):
    first, second = jobs("time.sleep(600)")
    # Some while after it is prepared, so that it does wait.
    since: list[float] = []

    def stop() -> bool:
        if prepared(tmp_path):
            since.append(time.monotonic())
        return bool(since) and since[-1] - since[0] > 1.0

    with (
        pytest.raises(KeyboardInterrupt) as caught,
        Execution(2, stop=stop, warm=warm) as execution,
    ):
        execution.run([first], [second])
    assert {name: outcome.status for name, outcome in caught.value.outcomes.items()} == {
        "first": "interrupted"
    }
    assert not is_running(prepared(tmp_path))
    assert not second.output.exists()


@pytest.mark.slow
def test_one_that_is_not_wanted_after_all_is_ended(tmp_path, jobs, warm_socket):
    first, second = jobs("while not (result.parent / 'pid').exists(): time.sleep(0.05)\n1 / 0")
    with Execution(2, warm=warm_socket) as execution:
        execution.run([first], [second])
        kernel = prepared(tmp_path)
        assert is_running(kernel)
        execution.drop("second")
        assert not is_running(kernel) and not second.output.exists()
        execution.drop("second")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("prepares", "reads"),
    [(f"{PREPARES}\ntime.sleep(600)", "0"), (PREPARES, "time.sleep(600)")],
    ids=["before it waits", "after it waited"],
)
def test_its_limit_ends_it(tmp_path, jobs, warm_socket, prepares, reads):
    """Before it waits also while others are at work, and nothing of it is left then."""
    first, second = jobs(
        f"while not (result.parent / 'pid').exists(): time.sleep(0.05)\ntime.sleep({SLOW_S + 2})",
        prepares,
        reads,
        SLOW_S,
    )
    with Execution(2, warm=warm_socket) as execution:
        execution.run([first], [second])
        if reads == "0":
            wait_until(lambda: not is_running(prepared(tmp_path)))
        found = execution.run([second])["second"]
    assert (found.status, "stopped at its limit of 6 s" in found.error) == ("failed", True)
    assert found.seconds < SLOW_S + 6.0
    assert not is_running(prepared(tmp_path))


@pytest.mark.slow
def test_without_the_tag_or_room_it_is_begun_in_its_turn(tmp_path, jobs, warm_socket):
    for at_once, waits in ((2, False), (1, True)):
        first, second = jobs("time.sleep(2); _ = result.write_text('left')", waits=waits)
        with Execution(at_once, warm=warm_socket) as execution:
            execution.run([first], [second])
            assert prepared(tmp_path) is None
            assert execution.run([second])["second"].status == "ok"
        (tmp_path / "pid").unlink()


@pytest.mark.slow
def test_one_that_fails_before_it_waits_is_told_in_its_turn(tmp_path, jobs, warm_socket):
    first, second = jobs("time.sleep(3)", "1 / 0")
    with Execution(2, warm=warm_socket) as execution:
        assert set(execution.run([first], [second])) == {"first"}
        assert "ZeroDivisionError" in execution.run([second])["second"].error


@pytest.mark.slow
def test_it_is_prepared_before_any_runs_however_long_nobody_looks(tmp_path, jobs, warm):
    _, second = jobs("", limit_s=SLOW_S)
    with Execution(2, warm=warm) as execution:
        execution.prepare([second])
        wait_until(lambda: prepared(tmp_path), 60)
        kernel = prepared(tmp_path)
        time.sleep(1.5 * SLOW_S)  # no poll sees it wait
        (tmp_path / "result").write_text("there")
        found = execution.run([second])["second"]
    assert (found.status, found.error) == ("ok", "")
    assert printed(second) == ["there\n"] and prepared(tmp_path) == kernel


@pytest.mark.slow
def test_what_is_prepared_and_never_run_is_ended(tmp_path, jobs, warm_socket):
    first, second = jobs("pass")
    with Execution(2, warm=warm_socket) as execution:
        execution.prepare([first, second])
        wait_until(lambda: prepared(tmp_path), 60)
    assert not is_running(prepared(tmp_path))
    assert not second.output.exists() and not first.output.exists()
