"""The cycle as a whole, on a small market with tiny notebooks (docs/guarantees.md, C1, C2)."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from lib.contract.analyzers import ANALYZER, ANALYZERS
from lib.errors import EmptyWindowError, PublishError
from lib.market.terms import DEFAULT_TERMS
from lib.prompt.hold import add_hold
from runner.cycle.cycle import run_cycle
from runner.cycle.lock import cycle_lock
from runner.cycle.plan import NOTEBOOKS
from runner.errors import CycleFailed, LockedError, NotebookFailed
from tests.runner.cycle.conftest import is_signed
from tests.runner.waiting import is_running

RAISE = "raise ValueError('<b>canary</b>')"
ALL = {f"n{analyzer.number:02}": RAISE for analyzer in ANALYZERS}


@pytest.fixture(scope="module")
def good(tmp_path_factory, tiny, module_forked_if_possible):
    """A cycle in which all went well."""
    from runner.cycle.stages import Settings

    folder = tmp_path_factory.mktemp("good")
    market, notebooks = tiny.market(folder / "market"), tiny.plan(folder / "notebooks")
    settings = Settings(
        market, folder / "outputs", DEFAULT_TERMS, "newest", jobs=2, limit_s=60.0, notebooks=notebooks
    )
    return settings, run_cycle(settings)


@pytest.mark.slow
class TestAllWell:
    def test_it_says_so(self, good):
        _, cycle = good
        assert cycle.manifest.status == "ok"
        assert cycle.manifest.published
        assert cycle.manifest.warnings == []
        cycle.raise_for_status()

    def test_folder(self, good):
        settings, cycle = good
        assert re.fullmatch(r"\d{8}T\d{6}Z", cycle.run_dir.name)
        names = [path.name for path in sorted((cycle.run_dir / "notebooks").iterdir())]
        assert names == sorted(f"{notebook.name}.ipynb" for notebook in NOTEBOOKS)
        assert all((cycle.run_dir / page).is_file() for page in cycle.manifest.reports.values())
        assert len(cycle.manifest.reports) == len(NOTEBOOKS) + 1
        assert (settings.outputs / "latest").readlink() == Path(cycle.run_dir.name)
        assert not list(cycle.run_dir.rglob("*.part"))
        assert not list(cycle.run_dir.rglob("*window.npz*"))

    def test_published_files_are_the_compiled_ones(self, good):
        settings, cycle = good
        for name in ("training_insights.json", "prompt_addition.md"):
            assert (settings.trading_data / name).read_bytes() == (cycle.run_dir / name).read_bytes()
        found = json.loads((cycle.run_dir / "training_insights.json").read_text())["found"]
        assert found == sorted(ANALYZER)

    def test_manifest(self, good):
        _, cycle = good
        manifest = json.loads((cycle.run_dir / "manifest.json").read_text())
        assert manifest["parameters"]["as_of"] == "2025-06-15T11:00:00Z"
        assert manifest["window_start"] == "2025-06-14T11:00:00Z"
        assert manifest["headline"]["win_rate"] == 44.4
        assert manifest["inputs"]["candlesticks_5min.csv"]["bytes"] > 0
        assert manifest["seconds"] > 0
        for entry in manifest["notebooks"].values():
            assert (entry["status"], entry["attempts"], len(entry["sha256"])) == ("ok", 1, 64)

    def test_reports_show_results_and_no_code(self, good):
        page = (good[1].run_dir / "reports" / "01_actual_trades.html").read_text()
        assert "<td>LONG</td>" in page.replace(' class="short"', "")
        assert "data:image/png;base64" in page
        for unwanted in ("write_text", "<script", 'http-equiv="refresh"', 'src="http', "import json"):
            assert unwanted not in page
        assert "no decisions yet on a synthetic market" in page

    def test_a_rerun_gives_the_same_bytes_in_a_folder_of_its_own(self, good, tiny, forked_if_possible):
        settings, cycle = good
        before = tiny.fingerprint(settings.trading_data)
        again = run_cycle(settings)
        assert again.run_dir != cycle.run_dir
        assert again.manifest.published
        assert tiny.fingerprint(settings.trading_data) == before
        assert tiny.fingerprint(again.run_dir / "results") == tiny.fingerprint(cycle.run_dir / "results")


@pytest.mark.slow
@pytest.mark.parametrize("failing", [("n01",), ("n01", "n02", "n04")])
def test_with_some_analyzers_failing_the_rest_is_published(settings_for, failing):
    settings = settings_for(**dict.fromkeys(failing, RAISE))
    cycle = run_cycle(settings)
    assert (cycle.manifest.status, cycle.manifest.published) == ("partial", True)
    statuses = {name[:2]: entry["status"] for name, entry in cycle.manifest.notebooks.items()}
    assert statuses == {f"0{n}": "failed" if f"n0{n}" in failing else "ok" for n in range(1, 7)}
    assert len(
        json.loads((settings.trading_data / "training_insights.json").read_text())["found"]
    ) == 4 - len(failing)
    page = (cycle.run_dir / "reports" / "01_actual_trades.html").read_text()
    assert "This notebook failed" in page
    assert "ValueError" in page
    assert "&lt;b&gt;canary" in page
    assert "<b>canary" not in page
    with pytest.raises(NotebookFailed, match="01_actual_trades"):
        cycle.raise_for_status()


@pytest.mark.slow
def test_notebooks_that_pass_a_cap_say_so_and_the_rest_is_published(settings_for):
    prints, fills = (
        "while True: print('x' * 1000)",
        "import time\nheld = bytearray(b'x') * 1_500_000_000\ntime.sleep(600)",
    )
    settings = replace(settings_for(n01=prints, n03=fills), output_mb=2.0, memory_mb=1000.0)
    manifest = run_cycle(settings).manifest
    assert (manifest.status, manifest.published) == ("partial", True)
    errors = {name[:2]: entry["error"].partition(",")[0] for name, entry in manifest.notebooks.items()}
    assert {name: error for name, error in errors.items() if error} == {
        "01": "stopped at its output limit of 2 MB (`[cycle] output_mb`)",
        "03": "stopped at its memory limit of 1000 MB (`[cycle] memory_mb`)",
    }


@pytest.mark.slow
def test_a_held_prompt_that_is_gone_is_warned_of(settings_for):
    settings = settings_for()
    add_hold(settings.trading_data, "f" * 64, "2026-01-05T10:00:00Z", None)
    manifest = run_cycle(settings).manifest
    assert manifest.status == "ok" and manifest.prompt_held_since == ""
    assert [warning.partition(":")[0] for warning in manifest.warnings] == [
        "the prompt held since 2026-01-05T10"
    ]


@pytest.mark.slow
def test_a_file_whose_newest_rows_are_mostly_set_aside_is_warned_of(settings_for):
    settings = settings_for()
    path = settings.trading_data / "ema_data_5min.csv"
    head, *rows = path.read_text().splitlines(keepends=True)
    path.write_text(head + "".join(reversed(rows)))
    (warning,) = run_cycle(settings).manifest.warnings
    assert warning.startswith("ema_data_5min.csv, line ") and "out_of_order" in warning


@pytest.mark.slow
def test_an_account_that_cannot_be_told_is_warned_of(settings_for):
    """What makes it so, a lost log too, is in tests/runner/trade/test_lost.py."""
    settings = settings_for()
    (settings.trading_data / "trade_events.csv").write_text("seq,kind\n")
    cycle = run_cycle(settings)
    (warning,) = cycle.manifest.warnings
    assert cycle.manifest.status == "ok" and warning.startswith(
        "the account cannot be told, and `ribbon trade` will not start: "
    )
    assert "the column at stands there 0 times" in (cycle.run_dir / "index.html").read_text()


@pytest.mark.slow
def test_all_failing_changes_nothing(settings_for, tiny):
    settings = settings_for(**ALL)
    before = tiny.fingerprint(settings.trading_data)
    cycle = run_cycle(settings)
    assert tiny.fingerprint(settings.trading_data) == before
    assert (cycle.manifest.status, cycle.manifest.published) == ("failed", False)
    assert [entry["status"] for entry in cycle.manifest.notebooks.values()] == ["failed"] * 4 + [
        "skipped"
    ] * 2
    with pytest.raises(CycleFailed):
        cycle.raise_for_status()


@pytest.mark.slow
def test_a_failing_compile_step_changes_nothing(settings_for, tiny):
    settings = settings_for(n05=RAISE)
    before = tiny.fingerprint(settings.trading_data)
    cycle = run_cycle(settings)
    assert tiny.fingerprint(settings.trading_data) == before
    assert (cycle.manifest.status, cycle.manifest.published) == ("failed", False)
    assert cycle.manifest.notebooks["06_training_history"]["status"] == "skipped"


@pytest.mark.slow
def test_what_a_compile_step_published_before_it_failed_is_told(settings_for):
    code = """import pathlib
for folder in (run_dir, trading_data):
    _ = (pathlib.Path(folder) / "prompt_addition.md").write_text("x")
1 / 0"""
    cycle = run_cycle(settings_for(n05=code))
    assert (cycle.manifest.status, cycle.manifest.published) == ("failed", True)
    assert "published files changed" in (cycle.run_dir / "index.html").read_text()


@pytest.mark.slow
def test_what_a_notebook_takes_away_was_not_published(settings_for):
    code = "import pathlib; (pathlib.Path(trading_data) / 'prompt_addition.md').unlink(); 1 / 0"
    settings = settings_for(n05=code)
    for name in ("training_insights.json", "prompt_addition.md"):
        (settings.trading_data / name).write_text("{}")
    assert run_cycle(settings).manifest.published is False


@pytest.mark.slow
def test_a_compile_step_that_publishes_something_else_has_failed(settings_for):
    code = """import pathlib
for name in ("training_insights.json", "prompt_addition.md"):
    _ = (pathlib.Path(run_dir) / name).write_text("{}")"""
    cycle = run_cycle(settings_for(n05=code))
    assert (cycle.manifest.status, cycle.manifest.published) == ("failed", False)
    assert "not what it compiled" in cycle.manifest.warnings[0]


@pytest.mark.slow
def test_the_result_of_a_notebook_that_failed_later_is_not_compiled(settings_for):
    code = "import pathlib\n_ = (pathlib.Path(run_dir) / 'results' / 'actual_trades.json').write_text('{}')\n1 / 0"
    settings = settings_for(n01=code)
    cycle = run_cycle(settings)
    found = json.loads((cycle.run_dir / "training_insights.json").read_text())["found"]
    assert "actual_trades" not in found
    assert (cycle.run_dir / "results" / "actual_trades.json.failed").exists()


def test_refusals_leave_no_folder(settings_for, market):
    (market / "training_insights.json").write_text('{"last_updated": "2025-06-15T12:00:00Z"}')
    settings = settings_for()
    with pytest.raises(PublishError):
        run_cycle(settings)
    with pytest.raises(EmptyWindowError):
        run_cycle(settings_for(as_of="2025-06-30T12:00:00Z"))
    with cycle_lock(settings.trading_data, settings.outputs), pytest.raises(LockedError):
        run_cycle(settings)
    assert [path.name for path in settings.outputs.iterdir()] == [".locks"]


@pytest.mark.slow
def test_force_publishes_an_older_as_of(settings_for, market):
    (market / "training_insights.json").write_text('{"last_updated": "2025-06-15T12:00:00Z"}')
    assert run_cycle(settings_for(force=True)).manifest.published


RUN = """
import sys
from pathlib import Path
from lib.market.terms import DEFAULT_TERMS
from lib.prompt.hold import add_hold
from runner.cycle.cycle import run_cycle
from runner.cycle.stages import Settings
data, out, notebooks = map(Path, sys.argv[1:])
cycle = run_cycle(Settings(data, out, DEFAULT_TERMS, "newest", jobs=2, limit_s=60.0, notebooks=notebooks))
print(cycle.manifest.status)
"""


@pytest.fixture
def started(settings_for, tiny):
    """A cycle in a process of its own whose first notebook sleeps; yields process, kernel's pid, settings."""
    code = """import os, pathlib, time
_ = (pathlib.Path(trading_data) / "pid").write_text(str(os.getpid()))
time.sleep(600)"""
    settings = settings_for(n01=code)
    arguments = [str(settings.trading_data), str(settings.outputs), str(settings.notebooks)]
    process = subprocess.Popen([sys.executable, "-c", RUN, *arguments], stdout=subprocess.PIPE, text=True)
    pid = settings.trading_data / "pid"
    end = time.monotonic() + 60
    try:
        while not (pid.exists() and pid.read_text()):
            assert time.monotonic() < end
            time.sleep(0.05)
        yield process, int(pid.read_text()), settings
    finally:
        process.kill()
        process.communicate()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_the_children_and_says_so(started, tiny, number):
    process, kernel, settings = started
    process.send_signal(number)
    told, _ = process.communicate(timeout=60)
    assert told.strip() == "interrupted"
    assert not is_running(kernel)
    run = next(path for path in settings.outputs.iterdir() if path.name.startswith("2"))
    manifest = json.loads((run / "manifest.json").read_text())
    assert (manifest["status"], manifest["published"]) == ("interrupted", False)
    assert manifest["notebooks"]["01_actual_trades"]["status"] == "interrupted"
    assert manifest["notebooks"]["05_compile_insights"]["error"] == "not started"
    copy = nbformat.read(run / "notebooks" / "01_actual_trades.ipynb", as_version=4)
    assert copy.metadata.ribbon.status == "interrupted"
    assert is_signed(run / "notebooks" / "01_actual_trades.ipynb")
    assert "interrupted" in (settings.outputs / "index.html").read_text()


@pytest.mark.slow
def test_after_a_kill_the_next_cycle_runs_and_lists_the_dead_one(started, tiny):
    process, kernel, settings = started
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    tiny.plan(settings.notebooks)  # the next one meets notebooks that work
    cycle = run_cycle(settings)
    assert cycle.manifest.status == "ok"
    assert not is_running(kernel)
    assert "ended without a word" in (settings.outputs / "index.html").read_text()
