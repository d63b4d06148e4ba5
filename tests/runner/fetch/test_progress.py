"""Progress of work that is counted in one unit, or in several."""

from __future__ import annotations

import io

import pytest

from runner.fetch import progress
from runner.terminal.console import SafeConsole


@pytest.fixture
def terminal(monkeypatch) -> io.StringIO:
    """What a terminal of 100 columns gets."""
    out = io.StringIO()
    shown = SafeConsole(file=out, force_terminal=True, color_system=None, width=100)
    monkeypatch.setattr(progress, "console", lambda: shown)
    return out


def test_a_terminal_shows_a_bar_for_each_unit(terminal):
    with progress.steps("replay", {"ticks": 1_440, "hours learned": 24}) as done:
        done("ticks", 1_000)
        done("hours learned", 6)
        done("ticks", 440)
    ticks, hours = (line for line in terminal.getvalue().splitlines()[-3:] if "replay" in line)
    assert "1440/1440 ticks" in ticks and "6/24" in hours and "hours learned" in hours


def test_one_unit_is_told_without_its_name(terminal):
    with progress.step("a.csv", 20) as done:
        done(5)
        done(6)
    assert "11/20 rows" in terminal.getvalue()


def test_a_log_gets_one_line_and_the_quiet_none(capsys):
    with progress.steps("replay", {"ticks": 1_440, "hours learned": 24}) as done:
        done("ticks", 1_440)
    with progress.step("a.csv", 20, quiet=True) as advance:
        advance(20)
    assert capsys.readouterr().err == "replay: 1,440 ticks, 24 hours learned\n"
