"""The gate before stdout and stderr: whoever writes, nothing unseen leaves; and codes of ours still do."""

from __future__ import annotations

import io
import logging
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
import typer
from rich.live import Live
from rich.text import Text

from lib.paths import repository_root
from runner.terminal.console import SafeConsole, console
from runner.terminal.gate import Gate, log_to_stderr, open_gate, say
from tests.lib.foreign import trade_tables as tables

FULL = Path("/dev/full")
HOSTILE = "\x1b]0;owned\x07\x1b[31m\x9b2J\u202e\x7f"
SHOWN = r"\x1b]0;owned\x1b[31m\x9b2J\u202e\x7f"


def gated(monkeypatch) -> io.StringIO:
    """Both streams put behind the gate, over one that remembers."""
    kept = io.StringIO()
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, kept)
    open_gate()
    open_gate()  # once is enough
    return kept


@pytest.mark.parametrize(
    "write",
    [
        print,
        lambda text: print(text, file=sys.stderr),
        say,
        lambda text: sys.stdout.writelines([text]),
        lambda text: typer.echo(text),
        lambda text: typer.secho(text, err=True, fg="red"),
        lambda text: typer.echo(text, color=True),
        lambda text: sys.excepthook(ValueError, ValueError(text), None),
        lambda text: sys.stderr.write(warnings.formatwarning(text, UserWarning, "x.py", 1)),
        lambda text: console().print(text, style="red", markup=False),
    ],
)
def test_whoever_writes_nothing_unseen_leaves(monkeypatch, write):
    out = gated(monkeypatch)
    write(HOSTILE)
    assert r"\x1b]0;owned" in out.getvalue() and r"\x9b2J\u202e\x7f" in out.getvalue()
    assert out.getvalue().replace("\n", "").isprintable()


def test_there_is_no_way_past_it(monkeypatch):
    gated(monkeypatch)
    assert isinstance(sys.stdout, Gate) and not sys.stdout.isatty() and not hasattr(sys.stdout, "buffer")
    with pytest.raises(AttributeError):
        sys.stdout.detach()


def test_a_newline_in_data_makes_no_second_line(monkeypatch):
    out = gated(monkeypatch)
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    log_to_stderr()
    logging.getLogger("x").warning("%s", "one\n2026-01-01 INFO forged")
    say("two\nforged")
    assert out.getvalue().count("\n") == 2 and r"one\n2026" in out.getvalue()


def test_what_an_encoding_lacks_is_escaped_and_never_an_error(monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    open_gate()
    typer.echo("ü\udcff")
    sys.stdout.flush()
    assert raw.getvalue() == b"\\xfc\\udcff\n"


def test_our_own_colours_and_tables_work_and_what_stands_in_them_is_cleaned():
    file = io.StringIO()
    shown = SafeConsole(file=file, force_terminal=True, color_system="standard", width=200)
    shown.print(HOSTILE, style="red", markup=False, highlight=False)
    assert file.getvalue() == f"\x1b[31m{SHOWN}\x1b[0m\n"  # rich itself drops the bell
    with Live(Text(HOSTILE), console=shown, auto_refresh=False) as live:
        live.update(Text(f"more {HOSTILE}"), refresh=True)
    assert "\x07" not in file.getvalue() and "\x9b" not in file.getvalue()
    assert f"more {SHOWN}" in file.getvalue() and "\x1b[2K" in file.getvalue()  # the table is drawn over


def test_words_are_said_and_drawn_in_one_room():
    """A newline in data makes a second line where a command writes past `say`, `answer` and the console."""
    past = re.compile(
        r"typer\.(echo|secho|progressbar)|\bConsole\(|\bsys\.std(out|err)\.write|StreamHandler|(?<![\w.])print\("
    )
    runner = repository_root() / "runner"
    found = {
        path.relative_to(runner).as_posix()
        for path in runner.rglob("*.py")
        if past.search(path.read_text()) and path.parent.name != "terminal"
    }
    assert found == {"warm/job.py"}  # the text of a foreign `sys.exit`, into the streams of its job


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has a full disk at hand")
@pytest.mark.parametrize("stderr", ["2>/dev/full", "2>&-"])
@pytest.mark.parametrize(
    "words", ["status --trading-data nowhere", "status --nothing", "backfill --trading-data nowhere"]
)
def test_a_stderr_that_takes_nothing_changes_neither_code_nor_stdout(tmp_path, stderr, words):
    command = f"{sys.executable} -m runner.main {words}"
    run = {"shell": True, "capture_output": True, "text": True, "cwd": tmp_path}
    env = os.environ | {"PYTHONPATH": str(repository_root())}
    whole, lost = (subprocess.run(f"{command} {end}", env=env, **run) for end in ("", stderr))
    assert whole.returncode in (2, 3) and whole.stderr
    assert (lost.returncode, lost.stdout, lost.stderr) == (whole.returncode, whole.stdout, "")


def test_without_a_stdin_nobody_can_be_asked_and_that_is_said(tmp_path):
    """A service may close it; who asks whether a person is there got a traceback."""
    tables.plain(tmp_path / "log.csv")
    command = f"{sys.executable} -m runner.main import-trades log.csv --trading-data data"
    run = {"shell": True, "capture_output": True, "text": True, "cwd": tmp_path}
    env = os.environ | {"PYTHONPATH": str(repository_root())}
    closed, empty = (subprocess.run(f"{command} {end}", env=env, **run) for end in ("<&-", "</dev/null"))
    assert (closed.returncode, closed.stdout, closed.stderr) == (empty.returncode, empty.stdout, empty.stderr)
    assert "nobody can be asked here" in closed.stderr and not (tmp_path / "data").exists()


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has a full disk at hand")
def test_a_console_on_a_stderr_that_takes_nothing_ends_nothing(monkeypatch):
    with FULL.open("w") as full:
        monkeypatch.setattr(sys, "stderr", full)
        open_gate()
        for _ in range(3):
            console().print("a line", style="red")
            say("a line")
        monkeypatch.undo()
        with pytest.raises(OSError, match="No space"):
            full.flush()
        os.dup2(os.open(os.devnull, os.O_WRONLY), full.fileno())  # so that it can be closed
