"""What a trade costs and what it made (docs/definitions.md, Money).

Two conventions that must not be mixed: trades logged with *fills* have slippage inside their prices and pay
fees only; trades computed from *unslipped* prices (backtest, wick outcomes, hindsight) pay the whole round
trip, always in percent of the entry price. What they are configured to be, lib.market.terms says.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.contract.times import NOT_A_TIME
from lib.market.readings import instants

SIGN = {"LONG": 1.0, "SHORT": -1.0}


@dataclass(frozen=True)
class Costs:
    """Costs per side in percent of the entry price."""

    fee_pct: float = 0.045
    slippage_pct: float = 0.01

    @property
    def fees_pct(self) -> float:
        """Fees of a round trip, percent: what trades with fills pay."""
        return 2 * self.fee_pct

    @property
    def round_trip_pct(self) -> float:
        """Fees and slippage of a round trip, percent: what trades at unslipped prices pay."""
        return 2 * (self.fee_pct + self.slippage_pct)

    def fill(self, price: float, sign: float) -> float:
        """Price of a market order at `price`: a buyer (sign +1) pays the slippage on top, a seller (−1)
        gives it.
        """
        return price * (1 + sign * self.slippage_pct / 100)


DEFAULT_COSTS = Costs()


def signs(direction: pd.Series) -> np.ndarray:
    """+1 for LONG and −1 for SHORT, as floats."""
    return np.array([SIGN.get(word, np.nan) for word in direction.tolist()], dtype=float)


def price_trades(trades: pd.DataFrame, cost_pct: float | pd.Series) -> pd.DataFrame:
    """The trades with gross_pct, net_pct, gross_usd, net_usd (per 1 coin), hold_minutes and win added.

    `cost_pct` is the round trip in percent of the entry price, one figure or one a trade: fees for fills,
    `Costs.round_trip_pct` for unslipped prices.
    """
    entry_price, exit_price = (trades[name].to_numpy(dtype=float) for name in ("entry_price", "exit_price"))
    entered, left = instants(trades["entry_time"]), instants(trades["exit_time"])
    known = (entered != NOT_A_TIME) & (left != NOT_A_TIME)
    move = signs(trades["direction"]) * (exit_price - entry_price)
    gross_pct = move / entry_price * 100
    net_pct = gross_pct - np.asarray(cost_pct, dtype=float)
    return trades.assign(
        gross_usd=move,
        gross_pct=gross_pct,
        net_pct=net_pct,
        net_usd=net_pct / 100 * entry_price,
        win=net_pct > 0,
        hold_minutes=np.where(known, np.where(known, left - entered, 0) / 1e6 / 60, np.nan),
    )


def fixed_breakeven_win_rate(target_pct: float, stop_pct: float, cost_pct: float) -> float:
    """Break-even win rate of fixed exits in percent: (stop + c) / (target + stop); 57.8 at 0.3 / 0.15 /
    0.11.
    """
    return (stop_pct + cost_pct) / (target_pct + stop_pct) * 100


def realised_breakeven_win_rate(net_pct: pd.Series) -> float | None:
    """Break-even win rate of realised trades in percent: mean |loss| / (mean win + mean |loss|), net; None
    without both.
    """
    values = net_pct.to_numpy()
    wins, losses = values[values > 0], values[values <= 0]
    if not (len(wins) and len(losses)):
        return None
    mean_loss = abs(losses.mean())
    return float(mean_loss / (wins.mean() + mean_loss) * 100)


def profit_factor(net_usd: pd.Series) -> float | None:
    """Sum of net wins over sum of net losses; None without a loss."""
    values = net_usd.to_numpy()
    losses = -values[values <= 0].sum()
    return float(values[values > 0].sum() / losses) if losses > 0 else None


def max_drawdown(net: pd.Series) -> float:
    """Deepest fall of the running sum of `net` (in order of exit) below its earlier high, starting from 0;
    ≥ 0, same unit.
    """
    if net.empty:
        return 0.0
    equity = np.concatenate([[0.0], net.to_numpy().cumsum()])
    return float((np.maximum.accumulate(equity) - equity).max())


def model_cost_bp(cost_usd: float, position_usd: float, trades: int) -> float | None:
    """Basis points of its position's value that each trade must earn to pay for the model; None without a trade."""
    return None if not trades or position_usd <= 0 else cost_usd / (trades * position_usd) * 1e4
