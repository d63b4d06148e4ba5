from __future__ import annotations

from lib.learning.history_report import text_report
from tests.lib.learning.test_history import FIRST, SECOND, cycle


def test_nothing_recorded():
    assert text_report([], set_aside=2) == (
        "No cycle is recorded yet: `ribbon cycle` records one.\n"
        "2 lines of the history file are no records and were set aside.\n"
    )


def test_the_report():
    one = cycle(FIRST, [0.2, -0.1, -0.1, -0.1, -0.1], [0.1], [])
    two = cycle(SECOND, [0.2, 0.2, 0.2, -0.1, -0.1], [0.2], [one])
    report = text_report([one, two])
    assert report.isascii()
    lines = report.splitlines()
    assert lines[0] == "Training history: 2 cycles, 2025-10-19 14:00Z to 2025-10-19 15:00Z"
    rows = [line.split() for line in lines if line.strip().startswith(("1 ", "2 "))]
    told = "2 2025-10-19 15:00Z 5 60.0 % [23.1 to 88.2] +$4.00 100.0 A+ 1 +$2.00 RANGING_QUIET"
    assert rows[1] == told.split()
    week = "2025-W42 2 2 2 100.0 % [34.2 to 100.0] +$3.00 79.5"
    assert week.split() in [line.split() for line in lines]
    assert "  cycle 2, 2025-10-19 15:00Z" in lines and "    - Scalper score: 100.0 A+ after 59.0 D." in lines
    assert lines.count("    - Prompt addition: what changed was not recorded.") == 2
    assert len({len(line) for line in lines if line.startswith("  ---")}) >= 1


def test_only_the_last_cycles_are_listed_but_all_weeks_count():
    one = cycle(FIRST, [0.1], [0.1], [])
    report = text_report([one, cycle(SECOND, [0.1], [0.2], [one])], last=1)
    assert "The newest cycle" in report and "  cycle 1," not in report
    assert "2025-W42       2       2" in report


def test_a_cycle_without_figures_says_so():
    bare = cycle(FIRST, [0.1], [], []).model_copy(update={"window": None, "since_last": None, "regime": None})
    assert "no figures" in text_report([bare])
