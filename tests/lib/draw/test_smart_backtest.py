from __future__ import annotations

import matplotlib.pyplot as plt
import pytest

from lib.draw import smart_backtest as backtest
from lib.draw.style import new_axes_grid
from tests.lib.draw.made import trades


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def test_drawdown_is_the_fall_below_the_earlier_high():
    upper, lower = new_axes_grid(2, share_time=True)
    backtest.draw_equity_and_drawdown([upper, lower], trades())
    # Equity 0, 3, 4, 2: below its high by 0, 0, 0, 2.
    assert lower.lines[0].get_ydata().tolist() == [0, 0, 0, -2]
    assert lower.get_title(loc="left") == "Drawdown: −$2.00 at its deepest"
    assert upper.get_title(loc="left").startswith("Entry rule: +$2.00 net")
    upper.figure.canvas.draw()


def test_drawdown_of_no_trades_is_said():
    axes = new_axes_grid(2, share_time=True)
    backtest.draw_equity_and_drawdown(axes, None)
    assert axes[0].texts[0].get_text() == "no trades in this window"
    axes[0].figure.canvas.draw()
