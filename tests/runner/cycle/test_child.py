from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from runner.cycle.child import EXIT_ORPHANED, GO_ON, inner_limit, start_limit
from runner.processes.environment import notebook_environment


@pytest.mark.parametrize(
    ("limit", "inner"), [(300.0, 285.0), (60.0, 54.0), (12.0, 10.0), (5.0, 3.0), (3.0, 1.5)]
)
def test_cells_are_interrupted_before_the_outer_wall(limit, inner):
    # 10 % earlier, at least 2 s and at most 15 s, and never in the first half.
    assert inner_limit(limit) == pytest.approx(inner)


@pytest.fixture
def start(tmp_path):
    def run(job: dict) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-m", "runner.cycle.child"],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=notebook_environment(tmp_path, f"child-{os.getpid()}"),
        )
        process.stdin.write(json.dumps(job).encode() + b"\n")
        process.stdin.flush()
        return process

    return run


def job(tmp_path, source, **options):
    values = {
        "source": str(source),
        "cwd": str(source.parent),
        "output": str(tmp_path / "out.ipynb"),
        "parameters": {"x": 2},
        "limit_s": 60.0,
        "output_bytes": 1_000_000,
        "early": False,
    }
    values |= {
        "kernel_name": None,
        "verdict": str(tmp_path / "verdict.json"),
        "run": f"child-{os.getpid()}",
        "folder": str(tmp_path / "private"),
    }
    return values | options


def test_the_verdict_tells_of_a_success(tmp_path, tiny, start):
    source = tiny.notebook(tmp_path / "n.ipynb", "x", parameters="x = 1")
    with start(job(tmp_path, source)) as process:
        assert process.wait(timeout=60) == 0
    verdict = json.loads((tmp_path / "verdict.json").read_text())
    assert verdict == {"error": "", "traceback": "", "passed": "", "attempts": 1}


@pytest.fixture
def kernels(tmp_path, monkeypatch):
    """Two kernels of which no notebook gets an answer, by their names: "dies" and "sleeps"."""
    for name, code in {"dies": "exit(3)", "sleeps": "import time; time.sleep(600)"}.items():
        folder = tmp_path / "jupyter" / "kernels" / name
        folder.mkdir(parents=True)
        spec = {"argv": [sys.executable, "-c", code], "display_name": name, "language": "python"}
        (folder / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))


@pytest.mark.usefixtures("kernels")
def test_a_kernel_that_is_silent_is_told_with_what_to_do(tmp_path, tiny, start):
    source = tiny.notebook(tmp_path / "n.ipynb", "x", parameters="x = 1")
    with start(job(tmp_path, source, kernel_name="sleeps", limit_s=12.0)) as process:
        assert process.wait(timeout=60) == 0
    error = json.loads((tmp_path / "verdict.json").read_text())["error"]
    assert error.endswith(". The machine is slow or busy: raise `[cycle] limit_s`")


@pytest.mark.parametrize(("limit", "start"), [(12.0, 10), (100.0, 60), (300.0, 142), (1800.0, 892)])
def test_a_start_may_take_a_minute_or_half_of_the_limit(limit, start):
    assert start_limit(int(inner_limit(limit))) == start


@pytest.mark.usefixtures("kernels")
@pytest.mark.parametrize(("kernel", "attempts"), [("dies", 2), ("no-such-kernel", 1)])
def test_a_kernel_that_never_comes_up_is_started_once_more(tmp_path, tiny, start, kernel, attempts):
    """One that is not there at all cannot come up the second time."""
    source = tiny.notebook(tmp_path / "n.ipynb", "x", parameters="x = 1")
    with start(job(tmp_path, source, kernel_name=kernel)) as process:
        assert process.wait(timeout=60) == 0
    verdict = json.loads((tmp_path / "verdict.json").read_text())
    assert verdict["attempts"] == attempts
    assert verdict["error"] and (kernel != "no-such-kernel" or "no-such-kernel" in verdict["error"])
    assert "limit_s" not in verdict["error"], "more time helps no kernel that dies"


def test_it_goes_when_its_runner_is_gone(tmp_path, tiny, start):
    source = tiny.notebook(tmp_path / "n.ipynb", "import time; time.sleep(600)", parameters="x = 1")
    with start(job(tmp_path, source)) as process:
        (tmp_path / "private").mkdir()
        process.stdin.close()
        assert process.wait(timeout=30) == EXIT_ORPHANED
    assert not (tmp_path / "verdict.json").exists()
    assert not (tmp_path / "private").exists()


def test_one_that_is_told_to_go_on_before_it_has_read_its_job_goes_on(tmp_path, tiny):
    """Both lines in one read: a busy machine lets a process begin late."""
    source = tiny.notebook(tmp_path / "n.ipynb", "x", parameters="x = 1", waits=0)
    (tmp_path / "private").mkdir()
    told = json.dumps(job(tmp_path, source, early=True)).encode() + b"\n" + GO_ON
    with subprocess.Popen(
        [sys.executable, "-m", "runner.cycle.child"],
        stdin=subprocess.PIPE,
        env=notebook_environment(tmp_path, f"child-{os.getpid()}"),
    ) as process:
        process.stdin.write(told)
        process.stdin.flush()
        assert process.wait(timeout=60) == 0
    assert json.loads((tmp_path / "verdict.json").read_text())["error"] == ""
