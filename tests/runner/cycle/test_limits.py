"""Caps on output and memory: real notebooks that print, show and hold without end, by all ways there are (docs/guarantees.md, C3)."""

from __future__ import annotations

import json
import time
from itertools import pairwise
from pathlib import Path

import nbformat
import psutil
import pytest

from runner.cycle import process as process_module
from runner.cycle.execute import execute_all
from runner.cycle.models import NotebookJob
from runner.processes.environment import RUN_VARIABLE

OUTPUT_MB, MEMORY_MB = 3.0, 1000.0
#: Ample: a notebook that reaches it was not stopped by its cap.
WALL_S = 60.0
SLEEP = "import time; time.sleep(600)"
PRINT = "while True: print('x' * 1000)"
SHOW = """from IPython.display import HTML, display
shown = display(HTML("x"), display_id=True)
while True: shown.update(HTML("x" * 10_000))"""
RAW = """import os, sys
descriptor = sys.stdout._original_stdstream_copy  # past what collects a kernel's prints
while True: os.write(descriptor, b"x" * 1_000_000)"""
FILL = """import numpy
held = []
while True: held.append(numpy.ones(1_000_000))"""
CHILDREN = """import multiprocessing, time
def fill():
    held = bytearray(b"x") * 350_000_000  # three of it are too much, two are not
    time.sleep(600)
children = [multiprocessing.get_context("fork").Process(target=fill) for _ in range(3)]
for child in children: child.start()
time.sleep(600)"""
PRINTS_TOO_MUCH = {
    "prints": "import time\nwhile True: time.sleep(1e-4), print('x' * 1000)",
    "prints fast": PRINT,
    "prints errors": PRINT.replace("1000)", "1000, file=__import__('sys').stderr)"),
    "displays": "from IPython.display import HTML, display\nwhile True: display(HTML('x' * 1000))",
    "shows again": SHOW,
    "giant": "'x' * 100_000_000",
    "descriptor": "import os\nwhile True: os.write(1, b'x' * 1000)",
    "child prints": "import subprocess\nsubprocess.run(['yes'])",
    "raw": RAW,
    "lines": "print('\\n' * 2_000_000)",  # few bytes where they are sent, many where they are written
}
HOLDS_TOO_MUCH = {"holds": FILL, "children hold": CHILDREN}
SHARE = """import os, time
held = bytearray(b"x") * 500_000_000
children = [os.fork() for _ in range(3)]
if 0 in children:
    time.sleep(2)  # what a child shares with its kernel is held once
    os._exit(0)
for child in children: _ = os.waitpid(child, 0)"""
FINE = {"prints much": "for n in range(2000): print('x' * 1000)", "shares": SHARE}


def job(folder: Path, tiny, name: str, code: str, limit_s: float = WALL_S) -> NotebookJob:
    source = tiny.notebook(folder / "in" / f"{name}.ipynb", code, "print('end')", parameters="x = 1")
    copy = folder / "out" / f"{name}.ipynb"
    return NotebookJob(name, source, copy, limit_s=limit_s, output_mb=OUTPUT_MB, memory_mb=MEMORY_MB)


@pytest.fixture(scope="module")
def loaded(warm_socket, tmp_path_factory, tiny) -> Path:
    """The socket of a server that has its imports done: what waits for them has its limit running."""
    first = job(tmp_path_factory.mktemp("first"), tiny, "first", "x")
    assert execute_all([first], 1, warm=warm_socket)["first"].status == "ok"
    return warm_socket


@pytest.fixture(scope="module")
def forked(loaded, tmp_path_factory, tiny):
    """All of them in forked processes."""
    folder = tmp_path_factory.mktemp("forked")
    named = PRINTS_TOO_MUCH | HOLDS_TOO_MUCH | FINE
    return folder, execute_all(
        [job(folder, tiny, name, code) for name, code in named.items()], 2, warm=loaded
    )


def check(folder: Path, outcomes, name: str, cap: str) -> None:
    """It failed at its cap, says so in the record and in the copy, soon and small."""
    outcome = outcomes[name]
    assert (outcome.status, outcome.error.partition(",")[0]) == ("failed", f"stopped at its {cap}")
    assert outcome.seconds < WALL_S / 2
    copy = nbformat.read(folder / "out" / f"{name}.ipynb", as_version=4)
    assert copy.metadata.ribbon == {"status": "failed", "error": outcome.error}
    assert outcome.error in copy.cells[0].source
    assert (
        folder / "out" / f"{name}.ipynb"
    ).stat().st_size < 1_000_000  # of much that was shown the beginning


@pytest.mark.slow
@pytest.mark.parametrize("name", PRINTS_TOO_MUCH)
def test_whatever_way_it_prints_it_is_stopped_at_its_cap(forked, name):
    check(*forked, name, "output limit of 3 MB (`[cycle] output_mb`)")


@pytest.mark.slow
@pytest.mark.parametrize("name", HOLDS_TOO_MUCH)
def test_what_it_holds_is_counted_with_its_children(forked, name):
    check(*forked, name, "memory limit of 1000 MB (`[cycle] memory_mb`)")


@pytest.mark.slow
@pytest.mark.parametrize("name", FINE)
def test_what_stays_below_goes_on(forked, name):
    assert (forked[1][name].status, forked[1][name].error) == ("ok", "")


@pytest.mark.slow
def test_the_cell_is_named_and_shows_the_beginning(forked):
    folder, outcomes = forked
    assert outcomes["prints"].error.endswith("in cell 3 (`import time`)")
    copy = nbformat.read(folder / "out" / "prints.ipynb", as_version=4)
    shown = "".join(output.text for cell in copy.cells for output in cell.get("outputs", []))
    assert shown.startswith("x" * 1000 + "\n") and 50_000 < len(shown) <= 100_000


@pytest.mark.slow
def test_of_those_that_were_stopped_nothing_is_left(forked):
    left = [found for found in psutil.process_iter(["cmdline"]) if found.info["cmdline"] == ["yes"]]
    ours = [found for found in left if RUN_VARIABLE in found.environ()]
    assert ours == []


@pytest.mark.slow
def test_started_processes_keep_their_caps_too(tmp_path, tiny):
    named = {"prints": PRINTS_TOO_MUCH["prints"], "holds": HOLDS_TOO_MUCH["holds"]}
    outcomes = execute_all([job(tmp_path, tiny, name, code) for name, code in named.items()], 2)
    check(tmp_path, outcomes, "prints", "output limit of 3 MB (`[cycle] output_mb`)")
    check(tmp_path, outcomes, "holds", "memory limit of 1000 MB (`[cycle] memory_mb`)")


def test_neither_anothers_limit_nor_an_interrupt_waits_for_what_is_hard_to_read(
    tmp_path, tiny, loaded, monkeypatch
):
    """A copy that takes long to read, and then a Ctrl-C: the loop goes on looking, and ends the other run first."""
    read, ended, looks = process_module.read_executed, {}, []

    def slowly(output: Path, *rest):
        if output.stem == "well":
            time.sleep(4)
        ended[output.stem] = time.monotonic()
        return read(output, *rest)

    def watch(name: str, status: str, seconds: float) -> None:
        looks.append(time.monotonic())

    monkeypatch.setattr(process_module, "read_executed", slowly)
    jobs = [job(tmp_path, tiny, "well", "x"), job(tmp_path, tiny, "sleeps", SLEEP)]
    verdict_at: list[float] = []

    def stop() -> bool:
        """A second after the quick one was done."""
        if not verdict_at and is_done(jobs[0].output):
            verdict_at.append(time.monotonic())
        return bool(verdict_at) and time.monotonic() > verdict_at[0] + 1

    with pytest.raises(KeyboardInterrupt) as caught:
        execute_all(jobs, 2, watch, stop, warm=loaded)
    statuses = {name: outcome.status for name, outcome in caught.value.outcomes.items()}
    assert statuses == {"well": "ok", "sleeps": "interrupted"}
    assert ended["sleeps"] < ended["well"]
    in_time = [moment for moment in looks if moment < verdict_at[0] + 1]
    assert max(after - before for before, after in pairwise(in_time)) < 2


def is_done(output: Path) -> bool:
    """Whether papermill has written a copy whose cells have all run."""
    try:
        marks = json.loads(output.read_text())["metadata"]["papermill"]
    except (OSError, ValueError, KeyError):
        return False
    return bool(marks.get("end_time"))


def test_work_of_the_meanwhile_keeps_no_limit_waiting(tmp_path, tiny, loaded):
    slept: list[float] = []

    def meanwhile() -> bool:
        time.sleep(6)
        slept.append(6)
        return False

    one = job(tmp_path, tiny, "sleeps", SLEEP, limit_s=5.0)
    looks: list[float] = []
    execute_all([one], 1, lambda *_: looks.append(time.monotonic()), warm=loaded, meanwhile=meanwhile)
    assert slept
    assert max(after - before for before, after in pairwise(looks)) < 2
