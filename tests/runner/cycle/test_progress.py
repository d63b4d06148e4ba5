from __future__ import annotations

import io

from rich.console import Console

from runner.cycle.progress import LiveProgress, PlainProgress, progress

TITLES = {"01_actual_trades": "Actual trades", "05_compile_insights": "Insights"}


def test_a_log_gets_one_line_a_change():
    out = io.StringIO()
    with progress(TITLES, Console(file=out)) as shown:
        assert type(shown) is PlainProgress
        shown.watch("01_actual_trades", "running", 0.0)
        shown.watch("01_actual_trades", "running", 1.0)
        shown.watch("01_actual_trades", "ok", 2.34)
        shown.watch("05_compile_insights", "skipped", 0.0)
    assert (
        out.getvalue()
        == "01_actual_trades: running\n01_actual_trades: ok (2.3 s)\n05_compile_insights: skipped\n"
    )


def test_a_terminal_gets_a_table_of_all_notebooks():
    out = io.StringIO()
    with progress(TITLES, Console(file=out, force_terminal=True, width=80)) as shown:
        assert isinstance(shown, LiveProgress)
        shown.watch("01_actual_trades", "failed", 12.0)
    last = out.getvalue()
    assert "01  Actual trades" in last
    assert "failed" in last
    assert "12.0 s" in last
    assert "waiting" in last  # the one nobody has told of yet


def test_a_log_gets_a_line_every_tenth_of_the_hours():
    out = io.StringIO()
    with progress(TITLES, Console(file=out)) as shown:
        for done in range(1, 1235):
            shown.caught_up(done, 1234)
    lines = out.getvalue().splitlines()
    assert lines[0] == "lessons catch up: 1 of 1,234 hours (0 %)"
    assert lines[1] == "lessons catch up: 124 of 1,234 hours (10 %)"
    assert lines[-1] == "lessons catch up: 1,234 of 1,234 hours (100 %)"
    assert len(lines) == 11


def test_few_hours_get_no_more_lines_than_they_are():
    out = io.StringIO()
    with progress(TITLES, Console(file=out)) as shown:
        for done in (1, 2, 3):
            shown.caught_up(done, 3)
    assert [line.split("(")[1] for line in out.getvalue().splitlines()] == ["33 %)", "66 %)", "100 %)"]


def test_a_terminal_gets_one_line_that_grows_above_the_table():
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=80)
    with progress(TITLES, console) as shown:
        shown.watch("01_actual_trades", "waiting", 0.0)
        assert "catch up" not in out.getvalue()
        for done in range(1, 1235):
            shown.caught_up(done, 1234)
    with console.capture() as drawn:
        console.print(shown.shown())
    lines = drawn.get().splitlines()
    assert "lessons catch up: 1,234 of 1,234 hours (100 %)" in lines[0]
    assert "01  Actual trades" in lines[1] and len(lines) == 3
    # Drawn a few times a second at most, and at the end.
    assert out.getvalue().count("hours (") < 20 and "hours (100 %)" in out.getvalue()
