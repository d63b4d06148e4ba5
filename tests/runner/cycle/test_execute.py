"""What docs/guarantees.md, C3, asks of one notebook's run, and the traps that concern one notebook's run."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest

from runner.cycle.execute import execute_all
from runner.cycle.executed import FAILURE_TAG
from runner.cycle.models import NotebookJob, NotebookOutcome
from runner.processes.environment import RUN_VARIABLE
from tests.runner.waiting import is_running

LIMIT_S = 12.0
#: For what ends by itself: on a busy machine a start alone may take the other one.
AMPLE_S = 90.0
#: A limit is kept if the tree is gone so soon after it; under load a kill takes its time.
GRACE_S = 6.0
#: A length that no other process sleeps: by it, what was spawned is found.
NAP = f"600.{os.getpid()}"
SPAWN = f"""import os, subprocess
child = subprocess.Popen(["sleep", "{NAP}"], start_new_session=True)
subprocess.Popen(["sh", "-c", "setsid sleep {NAP} & exit 0"]).wait()
print(child.pid)
"""
SWALLOW = """import time
while True:
    try:
        time.sleep(600)
    except BaseException:
        pass"""
HANG = """import ctypes, signal
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
ctypes.PyDLL(None).sleep(600)"""  # in C, with the interpreter's lock held
FAULTS = {
    "raises": "1 / 0",
    "sleeps": "import time; time.sleep(600)",
    "swallows": SWALLOW,
    "leaves": "import os; os._exit(0)",
    "dies": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "hangs": HANG,
}
MORE_FAULTS = {
    "exits": "import sys; sys.exit(0)",
    "spawns and sleeps": SPAWN + "import time; time.sleep(600)",
    "spawns and dies": SPAWN + "os._exit(1)",
    "spins": "import itertools; sum(itertools.repeat(0))",
    "kills its runner": "import os, signal; os.kill(os.getppid(), signal.SIGKILL); import time; time.sleep(600)",
    "forgets to write": "x",
}
#: What has to be stopped.
ENDLESS = {"sleeps", "swallows", "hangs", "spawns and sleeps", "spins"}
FINE = {
    "well": "print(x)",
    "spawns": SPAWN,
    "expects": "1 + 1",
}


def limit_of(name: str) -> float:
    return LIMIT_S if name in ENDLESS else AMPLE_S


def job(folder: Path, tiny, name: str, code: str, **options) -> NotebookJob:
    source = tiny.notebook(folder / "in" / f"{name}.ipynb", code, "print('end')", parameters="x = 1")
    writes = (folder / "missing.json",) if name == "forgets to write" else ()
    values = {"parameters": {"x": 3}, "limit_s": limit_of(name), "writes": writes} | options
    return NotebookJob(name, source, folder / "out" / f"{name}.ipynb", **values)


def execute(one: NotebookJob, warm: Path | None = None) -> NotebookOutcome:
    return execute_all([one], 1, warm=warm)[one.name]


@pytest.fixture(scope="module")
def loaded(warm_socket, tmp_path_factory, tiny) -> Path:
    """The socket of a server that has its imports done: what waits for them has its limit running."""
    first = job(tmp_path_factory.mktemp("first"), tiny, "well", "x")
    assert execute(first, warm_socket).status == "ok"
    return warm_socket


@pytest.fixture(scope="module", params=["plain", "forked"])
def runs(request, tmp_path_factory, tiny):
    """Everything that can happen to a notebook, once, side by side: in processes of their own, and in forked ones."""
    folder = tmp_path_factory.mktemp("runs")
    jobs = [job(folder, tiny, name, code) for name, code in (FAULTS | MORE_FAULTS | FINE).items()]
    warm = request.getfixturevalue("loaded") if request.param == "forked" else None
    endless, ending = ([each for each in jobs if (each.name in ENDLESS) is end] for end in (True, False))
    # What waits for its limit costs nothing, but a start does: two at once fit into it on a busy machine.
    return folder, execute_all(endless, 5 if warm else 2, warm=warm) | execute_all(ending, 4, warm=warm)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*FAULTS, *MORE_FAULTS])
def test_no_failed_notebook_reads_as_a_success(runs, name):
    folder, outcomes = runs
    outcome = outcomes[name]
    assert outcome.status == "failed"
    assert outcome.error
    assert ("stopped at its limit" in outcome.error) == (name in ENDLESS)
    assert outcome.seconds <= limit_of(name) + GRACE_S
    copy = nbformat.read(folder / "out" / f"{name}.ipynb", as_version=4)
    nbformat.validate(copy)
    assert copy.metadata.ribbon.status == "failed"
    assert copy.metadata.papermill.exception is True
    assert copy.cells[0].metadata.tags == [FAILURE_TAG]
    assert outcome.error.splitlines()[0] in copy.cells[0].source
    statuses = [cell.metadata.papermill.status for cell in copy.cells[1:]]
    if name != "forgets to write":
        assert "failed" in statuses
        assert statuses[-1] in ("pending", "failed")  # the last cell never ran: not `completed`


@pytest.mark.slow
def test_a_kernel_that_is_not_there_is_told_with_what_to_do(tmp_path, tiny):
    outcome = execute(job(tmp_path, tiny, "well", "x", kernel_name="ir"))
    assert outcome.status == "failed"
    assert "No such kernel named ir. Open it in JupyterLab, choose the kernel Python 3" in outcome.error


def test_a_file_that_the_system_refuses_a_notebook_is_told_with_what_to_do(tmp_path, tiny):
    outcome = execute(job(tmp_path, tiny, "well", f"open({str(tmp_path)!r})"))
    assert outcome.status == "failed"
    refused = f"IsADirectoryError: [Errno 21] Is a directory: '{tmp_path}', in cell "
    assert outcome.error.startswith(refused)
    assert outcome.error.endswith(". A folder stands where a file belongs: move it away")


def test_one_that_passes_its_limit_before_its_first_cell_is_told_as_that(tmp_path, tiny):
    outcome = execute(job(tmp_path, tiny, "well", "x", limit_s=0.05))
    told = "stopped at its limit of 0.05 s (`[cycle] limit_s`), in its start: the machine is slow or busy"
    assert (outcome.status, outcome.error) == ("failed", told)


def test_a_notebook_that_names_no_kernel_is_told_with_what_to_do(tmp_path, tiny):
    unnamed = job(tmp_path, tiny, "well", "x")
    found = json.loads(unnamed.source.read_text())
    found["metadata"].pop("kernelspec", None)
    unnamed.source.write_text(json.dumps(found))
    outcome = execute(unnamed)
    assert outcome.status == "failed"
    assert "The notebook names no kernel. Open it in JupyterLab, choose the kernel Python 3" in outcome.error


def test_a_notebook_that_names_no_language_has_its_kernels(tmp_path, tiny):
    unnamed = job(tmp_path, tiny, "well", "print(x)")
    found = json.loads(unnamed.source.read_text())
    found["metadata"] = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    unnamed.source.write_text(json.dumps(found))
    outcome = execute(unnamed)
    assert (outcome.status, outcome.error) == ("ok", "")


def test_a_notebook_of_a_newer_format_is_told_with_what_to_do(tmp_path, tiny):
    newer = job(tmp_path, tiny, "well", "x")
    found = json.loads(newer.source.read_text())
    newer.source.write_text(json.dumps(found | {"nbformat": 5, "nbformat_minor": 1}))
    outcome = execute(newer)
    assert outcome.status == "failed"
    assert "The notebook is of format 5.1, and 4 is the newest that can be read. Open it in" in outcome.error


@pytest.mark.slow
def test_a_notebook_that_asks_a_person_is_told_with_what_to_do(tmp_path, tiny):
    outcome = execute(job(tmp_path, tiny, "well", "input('your name? ')"))
    assert outcome.status == "failed"
    assert "StdinNotImplementedError" in outcome.error
    assert (
        "Nobody can be asked in a cycle: write the value in the cell, or make it a parameter" in outcome.error
    )


@pytest.mark.slow
def test_an_error_that_no_kernel_can_send_is_told_with_what_to_do(tmp_path, tiny):
    code = "raise ValueError('half a pair: \\ud83d')"
    outcome = execute(job(tmp_path, tiny, "half", code, limit_s=AMPLE_S))
    assert outcome.status == "failed"
    assert "hold half a character (a lone surrogate). Print such text by `ascii(text)`" in outcome.error
    assert outcome.error.endswith(f", in cell 4 (`{code}`)")


@pytest.mark.slow
def test_an_error_that_the_kernel_could_only_print_is_told_with_what_to_do(tmp_path, tiny):
    """Without a file left to open IPython fails at the traceback too, and prints both."""
    code = "get_ipython().InteractiveTB = None\nraise OSError(24, 'Too many open files', 'a.json')"
    outcome = execute(job(tmp_path, tiny, "full", code, limit_s=AMPLE_S))
    assert outcome.status == "failed"
    assert outcome.error == (
        "OSError: [Errno 24] Too many open files: 'a.json', in cell 4 (`get_ipython().InteractiveTB = None`). "
        "Too many files are open: raise the limit (`ulimit -n`)"
    )


@pytest.mark.slow
def test_a_folder_or_a_pipe_in_place_of_a_result_is_none(tmp_path, tiny):
    made, piped = tmp_path / "folder.json", tmp_path / "pipe.json"
    code = f"import os; os.mkdir({str(made)!r}); os.mkfifo({str(piped)!r})"
    outcome = execute(job(tmp_path, tiny, "well", code, writes=(made, piped)))
    assert outcome.status == "failed"
    assert "without writing folder.json, pipe.json" in outcome.error


@pytest.mark.slow
@pytest.mark.parametrize("name", [*FAULTS, *MORE_FAULTS, *FINE])
def test_nothing_is_left_running(runs, name):
    folder, _ = runs
    copy = nbformat.read(folder / "out" / f"{name}.ipynb", as_version=4)
    printed = [
        word
        for cell in copy.cells
        for output in cell.get("outputs", [])
        if output.get("name") == "stdout"
        for word in output.text.split()[:1]
    ]
    for pid in (int(text) for text in printed if text.isdigit() and text != "3"):
        assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    sleepers = [
        found for found in psutil.process_iter(["cmdline"]) if found.info["cmdline"] == ["sleep", NAP]
    ]
    assert sleepers == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("raises", r"ZeroDivisionError: division by zero"),
        ("sleeps", r"stopped at its limit of 12 s.*time\.sleep"),
        ("swallows", r"stopped at its limit of 12 s"),
        ("hangs", r"stopped at its limit of 12 s"),
        ("spins", r"stopped at its limit of 12 s"),
        ("leaves", r"DeadKernelError"),
        ("dies", r"DeadKernelError"),
        ("exits", r"SystemExit"),
        # The process above a kernel is what runs the notebook, above a forked one the head of that kernel alone.
        ("kills its runner", r"its process died \(killed by signal 9\)|DeadKernelError"),
        ("forgets to write", r"without writing missing\.json"),
    ],
)
def test_the_error_says_what_happened(runs, name, words):
    outcome = runs[1][name]
    assert re.search(words, outcome.error)


@pytest.mark.slow
def test_a_traceback_is_kept_without_terminal_colours(runs):
    outcome = runs[1]["raises"]
    assert "1 / 0" in outcome.traceback
    assert "\x1b" not in outcome.traceback


@pytest.mark.slow
@pytest.mark.parametrize("name", FINE)
def test_a_success_is_stamped_as_one(runs, name):
    folder, outcomes = runs
    copy = nbformat.read(folder / "out" / f"{name}.ipynb", as_version=4)
    assert outcomes[name].status == "ok"
    assert outcomes[name].error == ""
    assert copy.metadata.ribbon == {"status": "ok", "error": ""}
    assert FAILURE_TAG not in str(copy.cells[0].metadata)


@pytest.mark.slow
def test_parameters_arrive(runs):
    copy = nbformat.read(runs[0] / "out" / "well.ipynb", as_version=4)
    assert [output.text for cell in copy.cells for output in cell.get("outputs", [])] == ["3\n", "end\n"]


def test_an_unknown_parameter_fails_before_a_kernel_starts(tmp_path, tiny):
    started = time.monotonic()
    outcome = execute(job(tmp_path, tiny, "well", "1", parameters={"y": 3}))
    assert time.monotonic() - started < 2
    assert (outcome.status, outcome.attempts) == ("failed", 0)
    assert "no parameter y" in outcome.error
    copy = nbformat.read(tmp_path / "out" / "well.ipynb", as_version=4)
    assert copy.metadata.ribbon.status == "failed"


def test_an_executed_copy_of_before_is_not_taken_for_this_run(tmp_path, tiny):
    old = job(tmp_path, tiny, "well", "print('old')")
    assert execute(old).status == "ok"
    refused = execute(job(tmp_path, tiny, "well", "print('new')", parameters={"y": 1}))
    assert refused.status == "failed"
    assert "old" not in (tmp_path / "out" / "well.ipynb").read_text()


def test_kernels_side_by_side_do_not_answer_for_each_other(tmp_path, tiny):
    code = "import os; print(x, os.getcwd(), os.environ['OMP_NUM_THREADS'], os.environ['MPLBACKEND'])"
    jobs = [job(tmp_path, tiny, f"n{n}", code, parameters={"x": n}, limit_s=60.0) for n in range(4)]
    outcomes = execute_all(jobs, 4)
    for n in range(4):
        assert outcomes[f"n{n}"].status == "ok"
        copy = nbformat.read(tmp_path / "out" / f"n{n}.ipynb", as_version=4)
        printed = next(cell.outputs[0].text for cell in copy.cells if cell.get("outputs"))
        assert printed == f"{n} {tmp_path / 'in'} 1 module://matplotlib_inline.backend_inline\n"
    assert not [*Path.cwd().glob("kernel-ipc*"), *(tmp_path / "in").glob("kernel-ipc*")]


def test_kernels_talk_over_private_sockets(tmp_path, tiny):
    code = """import json, os, pathlib, psutil, stat
from ipykernel import get_connection_file
told = json.loads(pathlib.Path(get_connection_file()).read_text())
folder = pathlib.Path(told["ip"]).parent
listening = [c.laddr.ip for c in psutil.Process().net_connections("inet") if c.status == psutil.CONN_LISTEN]
print(told["transport"], oct(stat.S_IMODE(folder.stat().st_mode) & 0o777), len(told["ip"]) < 60, listening)"""
    outcome = execute(job(tmp_path, tiny, "ports", code, limit_s=60.0))
    copy = nbformat.read(tmp_path / "out" / "ports.ipynb", as_version=4)
    outputs = [output for cell in copy.cells for output in cell.get("outputs", [])]
    assert outcome.status == "ok"
    # The one port is the pipe on which ipykernel collects its own subprocesses' prints: this machine only.
    assert outputs[0].text.splitlines()[0] == "ipc 0o700 True ['127.0.0.1']"
    assert all(output.get("name") != "stderr" for output in outputs)


def test_a_notebook_sees_no_secret(tmp_path, tiny, monkeypatch):
    """docs/guarantees.md, S4: what it prints ends in a report."""
    for name in ("RIBBON_NOTIFY__URLS", "HTTPS_PROXY", "ANTHROPIC_API_KEY", "DATABASE_URL"):
        monkeypatch.setenv(name, f"tgram://canary-{name}")
    code = "import os, subprocess\nprint(os.environ)\nprint(subprocess.check_output(['env']).decode())"
    assert execute(job(tmp_path, tiny, "told", code, limit_s=60.0)).status == "ok"
    copy = (tmp_path / "out" / "told.ipynb").read_text()
    assert "JUPYTER_RUNTIME_DIR" in copy and "canary" not in copy


@pytest.mark.parametrize("kind", ["plain", "forked"])
def test_a_notebook_imports_what_lies_beside_it_and_nothing_of_the_folder_that_ribbon_is_started_in(
    request, tmp_path, tiny, monkeypatch, kind
):
    warm = request.getfixturevalue("loaded") if kind == "forked" else None
    (start := tmp_path / "start").mkdir()
    for name in ("numpy", "tenacity", "mine", "lib"):  # tenacity: what no warm process has imported
        (start / f"{name}.py").write_text("raise RuntimeError('a module of the folder of the start')")
    code = "import numpy, tenacity, lib.errors, mine, os\nprint(mine.WORD, os.environ['RIBBON_OUTPUTS'])"
    one = job(tmp_path, tiny, "imports", code)
    (one.source.parent / "mine.py").write_text("WORD = 'beside'")
    monkeypatch.chdir(start)
    monkeypatch.setenv("RIBBON_OUTPUTS", "made")
    outcome = execute(one, warm)
    assert outcome.status == "ok", outcome.error
    assert f"beside {start / 'made'}" in one.output.read_text(encoding="utf-8")


def test_braces_in_a_path_are_meant_as_they_are(tmp_path, tiny):
    folder = tmp_path / "odd {x} folder"
    assert execute(job(folder, tiny, "well", "x", limit_s=60.0)).status == "ok"
    assert (folder / "out" / "well.ipynb").is_file()


@pytest.mark.slow
def test_what_numba_compiles_would_be_seen(tmp_path, tiny, monkeypatch):
    """The switch that tests/test_real_cycle.py relies on."""
    monkeypatch.setenv("NUMBA_DUMP_BYTECODE", "1")
    code = "import numba; _ = numba.njit(lambda x: x + 1)(1)"
    assert execute(job(tmp_path, tiny, "compiles", code, limit_s=60.0)).status == "ok"
    assert "LOAD_FAST" in (tmp_path / "out" / "compiles.ipynb").read_text()


def test_a_slow_cell_is_written_while_it_runs_with_all_before_it(tmp_path, tiny, warm_socket):
    seen: list[str] = []
    slow = job(tmp_path, tiny, "slow", "import time; print('before'); time.sleep(3)", limit_s=60.0)

    def watch(name: str, status: str, seconds: float) -> None:
        if slow.output.is_file():
            seen.append(slow.output.read_text())

    assert execute_all([slow], 1, watch, warm=warm_socket)["slow"].status == "ok"
    assert any('"status": "running"' in text and "before" in text for text in seen)
    assert '"status": "running"' not in seen[-1]


RUNNER = """
import sys
from pathlib import Path
from runner.cycle.execute import execute_all
from runner.cycle.models import NotebookJob
folder = Path(sys.argv[1])
execute_all([NotebookJob("n", folder / "in" / "n.ipynb", folder / "out.ipynb", limit_s=120.0)], 1)
"""


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_kernels_do_not_outlive_their_runner(tmp_path, tiny, number):
    code = f"import os, pathlib\n_ = pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(os.getpid()))\n{SWALLOW}"
    tiny.notebook(tmp_path / "in" / "n.ipynb", code)
    mark = f"outer-{os.getpid()}-{number}"
    runner = subprocess.Popen(
        [sys.executable, "-c", RUNNER, str(tmp_path)],
        env=os.environ | {RUN_VARIABLE: mark},
        stderr=subprocess.DEVNULL,
    )
    try:
        kernel = int(wait_for(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text()))
        child = psutil.Process(kernel).ppid()
        assert is_running(child)
        runner.send_signal(number)
        runner.wait(timeout=30)
    finally:
        runner.kill()
        runner.wait()
    wait_for(lambda: not is_running(kernel) and not is_running(child))


def wait_for(found, seconds: float = 30.0):
    end = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
    return value


@pytest.mark.slow
@pytest.mark.serial
@pytest.mark.faults
@pytest.mark.parametrize("kind", ["plain", "forked"])
def test_counted_faults(request, tmp_path, tiny, fault_runs, kind):
    """Each fault `fault_runs` times, mixed and side by side: always in time, always gone, never a success.

    A plain start takes seconds of the processor, because there are two large processes to it: a fifth of the runs.
    """
    warm = request.getfixturevalue("loaded") if kind == "forked" else None
    started = max(fault_runs // 5, 1)
    runs, at_once = (fault_runs - started, 20) if warm else (started, 8)
    names = [f"{name} {n}" for name in FAULTS for n in range(runs)]
    random.Random(1).shuffle(names)
    for start in range(0, len(names), 60):
        part = names[start : start + 60]
        jobs = [job(tmp_path, tiny, name, FAULTS[name.split()[0]], limit_s=10.0) for name in part]
        outcomes = execute_all(jobs, at_once, warm=warm)  # what waits for its limit costs nothing
        late = {name: o.seconds for name, o in outcomes.items() if o.seconds > 10.0 + GRACE_S}
        passed = [name for name, o in outcomes.items() if o.status != "failed"]
        stamped = [
            json.loads((tmp_path / "out" / f"{name}.ipynb").read_text())["metadata"]["ribbon"]["status"]
            for name in part
        ]
        assert (late, passed, set(stamped)) == ({}, [], {"failed"})
        left = [
            found
            for found in psutil.process_iter(["cmdline"])
            if str(tmp_path) in " ".join(found.info["cmdline"] or [])
        ]
        assert left == []
