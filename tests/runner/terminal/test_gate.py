"""The gate before stdout and stderr: whoever writes, nothing unseen leaves; and codes of ours still do."""

from __future__ import annotations

import io
import logging
import re
import sys
import warnings

import pytest
import typer
from rich.live import Live
from rich.text import Text

from lib.paths import repository_root
from runner.terminal.console import SafeConsole, console
from runner.terminal.gate import Gate, log_to_stderr, open_gate, say

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
