from __future__ import annotations

import numpy as np
import pandas as pd

from lib.draw.axis import days
from lib.draw.side_by_side import Run, draw_both
from lib.draw.style import new_axes
from tests.builders import at


def run(name: str, exits: list[tuple[float, float]], until: float = 600) -> Run:
    """Trades of (minute of the exit, net return)."""
    times = [at(minute) for minute, _ in exits]
    return Run(
        name, pd.DataFrame({"exit_time": times, "net_pct": [net for _, net in exits]}), at(0), at(until)
    )


def test_both_step_at_their_exits_from_window_start_to_end():
    ax = draw_both(new_axes(), run("A", [(60, 0.2), (30, -0.1)]), run("B", [(90, -0.3)], until=300))
    a, b = (line for line in ax.lines if not line.get_label().startswith("_"))
    assert np.allclose(a.get_ydata(), [0, -0.1, 0.1, 0.1]) and np.allclose(b.get_ydata(), [0, -0.3, -0.3])
    assert np.allclose(a.get_xdata(), days([at(minute) for minute in (0, 30, 60, 600)]))
    assert a.get_linestyle() != b.get_linestyle() and a.get_color() != b.get_color()
    assert "A +0.10 %, B −0.30 %" in " ".join(ax.get_title(loc="left").split())
    assert ax.figure.alt.endswith("of 2 trades and 1 trade.")


def test_a_side_without_trades_stays_at_zero_and_two_are_no_figure():
    ax = draw_both(new_axes(), run("A", [(60, 0.2)]), run("B", []))
    assert np.allclose(ax.lines[1].get_ydata(), [0, 0])
    assert "no trades on either side" in draw_both(new_axes(), run("A", []), run("B", [])).figure.alt
