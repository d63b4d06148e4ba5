"""The walls between the rooms, each shown to be seen when it has a hole: who imports whom, and that lib stays pure."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lib.paths import repository_root

ROOT = repository_root()


def lint_imports(folder: Path) -> subprocess.CompletedProcess:
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command as run; run()",
        "--no-cache",
    ]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env={"PYTHONPATH": str(folder)}
    )


def test_the_walls_between_the_rooms_stand():
    result = lint_imports(ROOT)
    assert result.returncode == 0, result.stdout


#: Module, what it imports, the contract that breaks, and what is said of it.
HOLES = [
    ("lib/market/leak.py", "import runner.errors", "lib imports nothing of runner", "lib.market.leak -> runner.errors"),
    ("lib/data/leak.py", "import requests", "lib opens no socket", "lib.data.leak -> requests"),
    ("lib/analysis/leak.py", "import matplotlib.pyplot", "what computes never draws", "lib.analysis.leak -> matplotlib"),
    ("runner/cycle/leak.py", "import vectorbt", "vectorbt is imported in one place", "runner.cycle.leak -> vectorbt"),
    ("runner/why/leak.py", "import bokeh.plotting", "bokeh is a script in a page", "runner.why.leak -> bokeh"),
    ("lib/stats/leak.py", "import lib.lessons.lesson", "lib: no arrow up", "lib.stats.leak -> lib.lessons.lesson"),
    ("lib/leak.py", "", "lib: no arrow up", "- lib.leak"),
    ("runner/trade/leak.py", "import runner.claude.decider", "runner: no arrow up", "runner.trade.leak -> runner.claude.decider"),
    ("runner/collect/leak.py", "import runner.fetch.backfill", "runner: no arrow up", "runner.collect.leak -> runner.fetch.backfill"),
    ("lib/market/readings.py", "import lib.market.wicks", "no circle", "No cycles are allowed in lib.market."),
]  # fmt: skip


@pytest.fixture(scope="module")
def holed(tmp_path_factory) -> str:
    """What is said of a house with every hole at once: looking at a house takes seconds."""
    folder = tmp_path_factory.mktemp("house")
    for package in ("lib", "runner"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    for module, line, *_ in HOLES:
        (folder / module).write_text(f"{line}\n", encoding="utf-8")
    result = lint_imports(folder)
    assert result.returncode == 1
    return result.stdout


@pytest.mark.parametrize(("contract", "said"), [hole[2:] for hole in HOLES])
def test_a_hole_in_a_wall_is_seen(holed, contract, said):
    assert re.search(rf"^{contract}.*BROKEN", holed, flags=re.MULTILINE)
    section = re.search(
        rf"^{contract}[^\n]*\n-+\n(.*?)(\n\n\n[^\n]+\n---|\Z)", holed, flags=re.MULTILINE | re.DOTALL
    )
    assert said in section[1]


IMPURE_MODULES = {
    "asyncio", "ctypes", "http", "multiprocessing", "sched", "selectors", "signal", "socket", "socketserver", "ssl", "subprocess",
    "threading", "time", "timeit", "urllib",
}  # fmt: skip
CLOCK_CALLS = {"now", "utcnow", "today"}
PROCESS_CALLS = re.compile(r"^os\.(system|popen|fork\w*|exec\w+|spawn\w+|posix_spawn\w*|kill\w*)$")


def impurities(source: str) -> list[str]:
    """What in `source` reads a clock, opens a socket or starts a process."""
    found = []
    for node in ast.walk(ast.parse(source)):
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        found += [
            f"line {node.lineno}: import {name}"
            for name in modules
            if name.partition(".")[0] in IMPURE_MODULES
        ]
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        current = any(
            isinstance(value, ast.Constant) and value.value in ("now", "today") for value in node.args
        )
        clock = name.rpartition(".")[2] in CLOCK_CALLS or (current and re.search("Timestamp|datetime", name))
        if clock or PROCESS_CALLS.match(name):
            found.append(f"line {node.lineno}: {ast.unparse(node)}")
    return found


def test_lib_reads_no_clock_opens_no_socket_starts_no_process():
    found = {path.name: impurities(path.read_text(encoding="utf-8")) for path in (ROOT / "lib").rglob("*.py")}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "line",
    [
        "import time",
        "from urllib.request import urlopen",
        "datetime.now(UTC)",
        "pd.Timestamp.utcnow()",
        "pd.Timestamp('now', tz='UTC')",
        "np.datetime64('today')",
        "os.system('ls')",
        "def f():\n    import subprocess",
    ],
)
def test_an_impurity_is_seen(line):
    assert len(impurities(line)) == 1


def test_what_only_looks_impure_is_let_through():
    assert (
        impurities("import datetime, os\nos.path.exists(p)\nas_of.today\npd.Timestamp('2025-05-04')\nnow = 1")
        == []
    )


#: Below lib.contract; what the kernel shows of processes, handles that were given, and the null device.
OPENED_AS_IT_IS = {
    "lib/opened.py",
    "runner/processes/memory.py",
    "runner/warm/job.py",
    "runner/warm/provisioner.py",
}


def readings(source: str) -> list[str]:
    """What in `source` reads a file by another way than lib.contract.standing, which never waits for a pipe."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name, whole = ast.unparse(node.func).rpartition(".")[2], ast.unparse(node)
        if name in ("read_text", "read_bytes") and not whole.startswith("files("):  # of the package
            found.append(f"line {node.lineno}: {whole}")
        modes = [
            value.value
            for value in node.args
            if isinstance(value, ast.Constant) and isinstance(value.value, str)
        ]
        elsewhere = whole.startswith(("gzip.", "fsspec."))  # of a file that was looked at, of another machine
        if ast.unparse(node.func) == "open" or (
            not elsewhere and name == "open" and any(re.fullmatch("[rab+t]+", mode) for mode in modes)
        ):
            found.append(f"line {node.lineno}: {whole}")
    return found


def test_every_file_is_read_by_way_of_the_one_place_that_waits_for_no_pipe():
    found = {}
    for path in (*(ROOT / "lib").rglob("*.py"), *(ROOT / "runner").rglob("*.py")):
        name = str(path.relative_to(ROOT))
        if name != "lib/contract/standing.py" and name not in OPENED_AS_IT_IS:
            found[name] = readings(path.read_text(encoding="utf-8"))
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "line", ["path.read_text()", "(a / b).read_bytes()", "open(path)", "path.open('rb')", "path.open('ab')"]
)
def test_a_reading_past_it_is_seen(line):
    assert len(readings(line)) == 1


def test_what_is_written_anew_or_is_no_file_is_let_through():
    assert readings("path.open('wb')\nledger.open()\nos.open(path, 0)\nfile_bytes(path)") == []
