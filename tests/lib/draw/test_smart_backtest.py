from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from lib.contract.smart_backtest import ExitCount, TradeExample
from lib.draw import smart_backtest as backtest
from lib.draw.style import new_axes_grid
from tests.lib.draw.made import at, candles, trades


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def test_drawdown_is_the_fall_below_the_earlier_high():
    upper, lower = new_axes_grid(2, share_time=True)
    backtest.draw_equity_and_drawdown([upper, lower], trades())
    # Equity 0, 3, 4, 2: below its high by 0, 0, 0, 2.
    assert lower.lines[0].get_ydata().tolist() == [0, 0, 0, -2]
    assert lower.get_title(loc="left") == "Drawdown: deepest −$2.00  ·  n 3"
    assert upper.get_title(loc="left").startswith("Equity, backtest: net +$2.00")
    upper.figure.canvas.draw()


def test_drawdown_of_no_trades_is_said():
    axes = new_axes_grid(2, share_time=True)
    backtest.draw_equity_and_drawdown(axes, None)
    assert axes[0].texts[0].get_text() == backtest.NO_TRADES
    axes[0].figure.canvas.draw()


def test_exit_reasons_with_counts(ax):
    reasons = {
        "TP_HIT": ExitCount(count=4, profitable=4),
        "SL_HIT": ExitCount(count=3, profitable=0),
        "MANUAL": ExitCount(count=0, profitable=0),
    }
    backtest.draw_exit_reasons(ax, reasons)
    won, lost = ax.containers
    assert [bar.get_width() for bar in won] == [0, 4] and [bar.get_width() for bar in lost] == [3, 0]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["stop hit", "target hit"]
    assert [text.get_text() for text in ax.texts] == ["n 3, 0 % won", "n 4, 100 % won"]
    assert ax.get_title(loc="left").endswith("n 7")


def test_hold_times_sum_to_n(ax):
    backtest.draw_hold_times(ax, trades())
    # 10, 28 and 10 minutes: two in 10–15, one in 25–30; the 28 minutes were the loss.
    won, lost = ([bar.get_height() for bar in container] for container in ax.containers)
    assert won == [0, 0, 2, 0, 0, 0] and lost == [0, 0, 0, 0, 0, 1]
    assert ax.lines[0].get_label() == "median 10.0 min" and "minutes" in ax.get_xlabel()
    assert ax.get_title(loc="left").endswith("n 3")


def test_time_exits_stand_in_the_last_bin_which_ends_with_them(ax):
    backtest.draw_hold_times(ax, trades().assign(hold_minutes=[44.0, 45.0, 45.0]))
    last = [container[-1] for container in ax.containers]
    assert {bar.get_x() for bar in last} == {40} and {bar.get_width() for bar in last} == {5}
    assert sum(bar.get_height() for bar in last) == 3


@pytest.mark.parametrize("minutes", [0.0, 45.0, 50.0])
def test_the_longest_trade_lies_inside_the_last_bin(ax, minutes):
    one = trades().head(1).assign(hold_minutes=minutes)
    backtest.draw_hold_times(ax, one)
    assert sum(bar.get_height() for container in ax.containers for bar in container) == 1


def test_top_trades_stand_on_the_candles_around_them():
    example = TradeExample(
        direction="SHORT",
        entry_time=at(20).isoformat(),
        entry_price=104.0,
        exit_price=102.0,
        pnl_dollars=1.0,
        net_pct=0.9,
        hold_minutes=10.0,
        entry_ribbon_5min="all_red",
        entry_ribbon_15min="mixed_red",
        exit_reason="TIME_EXIT",
        signature="SHORT_MIXED",
    )
    axes = new_axes_grid(1, 2)
    backtest.draw_top_trades(axes, candles(list(range(0, 200, 5))), [example])
    path = next(line for line in axes[0].lines if len(line.get_xdata()) == 2)
    assert list(path.get_ydata()) == [104.0, 102.0]
    assert np.isclose(np.ptp(path.get_xdata()) * 1440, 10)
    bodies = next(artist for artist in axes[0].collections if artist.get_label() == "_bodies")
    # Candles within 30 minutes of 20–30: those opening at 0 … 55.
    assert len(bodies.get_paths()) == 12
    assert axes[0].get_title(loc="left") == "1. SHORT +$1.00 in 10 min\n5 min: all_red\n15 min: mixed_red"
    assert not axes[1].lines
    axes[0].figure.canvas.draw()


def test_nothing_to_draw_is_said(ax):
    for draw, none in ((backtest.draw_exit_reasons, {}), (backtest.draw_hold_times, trades().head(0))):
        for given in (None, none):
            ax.clear()
            draw(ax, given)
            assert ax.texts[0].get_text() == backtest.NO_TRADES
    axes = new_axes_grid(1, 2)
    backtest.draw_top_trades(axes, None, None)
    assert axes[0].texts[0].get_text() == backtest.NO_TRADES
