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
