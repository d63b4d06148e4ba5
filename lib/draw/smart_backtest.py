"""The figure of the backtest: equity with drawdown (the grid is in lib.draw.grid)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from lib.contract.dollars import A_COIN, Coin
from lib.draw import style
from lib.draw.actual_trades import draw_equity
from lib.draw.axis import days, dollar_axis, draw_nothing, time_axis, title
from lib.draw.numbers import dollars


def draw_equity_and_drawdown(
    axes: Sequence[Axes],
    trades: pd.DataFrame | None,
    *,
    coin: Coin = A_COIN,
    beside: tuple[str, pd.DataFrame] | None = None,
) -> Sequence[Axes]:
    """Equity on the first of two axes, on the second the fall of net equity below its earlier high, trade by trade from 0 ($).

    `beside`: the name of who traded and the trades, which the rule is there to be held against.
    """
    upper, lower = axes[0], axes[1]
    draw_equity(upper, trades, who="backtest", coin=coin, heading="Entry rule", beside=beside)
    if trades is None or trades.empty:
        draw_nothing(lower, "")
        return axes
    closed = trades.sort_values("exit_time", kind="stable")
    moments = np.r_[days(closed["entry_time"]).min(), days(closed["exit_time"])]
    equity = np.r_[0.0, closed["net_usd"].cumsum()]
    fall = equity - np.maximum.accumulate(equity)
    lower.step(moments, fall, where="post", color=style.LOSS, linewidth=1.2)
    lower.fill_between(moments, fall, 0.0, step="post", color=style.LOSS, alpha=0.22, linewidth=0)
    title(lower, f"Drawdown: {dollars(float(fall.min()), coin)} at its deepest")
    lower.margins(y=0.12)
    time_axis(lower)
    dollar_axis(lower, "below its high ($)", coin.decimals)
    upper.set_xlabel("")
    return axes
