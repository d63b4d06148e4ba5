"""What a group of closed trades did, rounded for publication: the one place where figures lose digits.

Groups are cut out of a trades frame (lib.contract.schema.TRADE_COLUMNS) whose `episode` was assigned over all trades of the
instrument, so a group counts an episode once, whichever of its trades it holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import NamedTuple

import numpy as np
import pandas as pd

from lib.contract.dollars import CENTS, dollar_decimals
from lib.contract.results import GroupStats, NamedGroup, SignatureStats
from lib.stats.episodes import episode_means
from lib.stats.intervals import mean_interval, wilson_interval


def round_rate(value: float | None) -> float | None:
    """A rate in percent to 1 decimal; None for None and NaN."""
    return _rounded(value, 1)


def round_dollars(value: float | None, decimals: int = CENTS) -> float | None:
    """Dollars to the decimals of their market (lib.contract.dollars), the account's to 2; None for None and NaN."""
    return _rounded(value, decimals)


def round_percent(value: float | None) -> float | None:
    """A return in percent to 4 decimals; None for None and NaN."""
    return _rounded(value, 4)


def group_stats(trades: pd.DataFrame, chosen: np.ndarray | None = None) -> GroupStats:
    """Figures of a trades frame, or of its `chosen` rows (n,) bool, net of costs; none have n = 0 and nulls.

    Win rate in percent with its Wilson interval; P&L in dollars per 1 coin, at logged sizes, and as a sum of percents; the net mean is
    that of the episode means with its t interval (bounds null where there is no spread to measure).
    """
    return TradeColumns.of(trades).stats(chosen)


def signature_stats(trades: pd.DataFrame) -> list[SignatureStats]:
    """One group a setup signature, most trades first, then by name; their totals sum to the frame's rows."""
    columns, names = TradeColumns.of(trades), _texts(trades["signature"])
    groups = [
        SignatureStats(signature=name, **columns.figures(names == name)) for name in set(names.tolist())
    ]
    return sorted(groups, key=lambda group: (-group.total, group.signature))


def named_groups(trades: pd.DataFrame, by: pd.Series, order: Sequence[str]) -> list[NamedGroup]:
    """One group a name of `order`, in that order and empty ones included; `by` is aligned with `trades` by index.

    Names beyond `order` follow it alphabetically, so that totals sum to the rows with a name; trades without one count nowhere.
    """
    named = by.reindex(trades.index)
    columns, names, known = TradeColumns.of(trades), _texts(named), named.notna().to_numpy()
    beyond = sorted(set(names[known].tolist()) - set(order))
    return [NamedGroup(name=name, **columns.figures(known & (names == name))) for name in [*order, *beyond]]


def _texts(names: pd.Series) -> np.ndarray:
    return np.array([str(name) for name in names.tolist()], dtype=object)


class TradeColumns(NamedTuple):
    """The columns of a trades frame that figures are of, for many groups of one frame."""

    win: np.ndarray
    net_usd: np.ndarray
    net_pct: np.ndarray
    episode: np.ndarray
    account: np.ndarray  #: NaN where a row logs no size
    decimals: int = CENTS  #: of dollars per 1 coin: the same in all groups of the frame

    @classmethod
    def of(cls, trades: pd.DataFrame) -> TradeColumns:
        """Take them out of a frame; without `net_account` no row logs a size."""
        columns = (trades[name].to_numpy() for name in ("win", "net_usd", "net_pct", "episode"))
        logged = trades["net_account"].to_numpy() if "net_account" in trades else np.full(len(trades), np.nan)
        return cls(*columns, logged, dollar_decimals(trades["entry_price"]))

    def stats(self, chosen: np.ndarray | None = None) -> GroupStats:
        """`group_stats` of the `chosen` rows."""
        return GroupStats(**self.figures(chosen))

    def figures(self, chosen: np.ndarray | None) -> dict[str, float | int | None]:
        """The fields of its models."""
        *columns, decimals = self
        win, net_usd, net_pct, episode, account = (
            columns if chosen is None else (part[chosen] for part in columns)
        )
        total, wins = len(win), int(win.sum())
        interval = wilson_interval(wins, total) or (None, None)
        means = episode_means(episode, net_pct)
        net = mean_interval(means)
        logged = account[~np.isnan(account)]
        usd, sized = _known(net_usd), int((~np.isnan(net_usd)).sum())
        return {
            "total": total,
            "wins": wins,
            "win_rate": round_rate(100 * wins / total) if total else None,
            "win_rate_low": round_rate(interval[0]),
            "win_rate_high": round_rate(interval[1]),
            "total_pnl": round_dollars(float(usd.sum()), decimals),
            "total_pnl_pct": round_percent(float(_known(net_pct).sum())),
            "avg_pnl": round_dollars(float(usd.sum()) / sized, decimals) if sized else None,
            "account_trades": len(logged),
            "account_pnl": round_dollars(float(logged.sum())) if len(logged) else None,
            "episodes": len(means),
            "net_mean_pct": round_percent(net.mean) if net else None,
            "net_low_pct": round_percent(net.low) if net else None,
            "net_high_pct": round_percent(net.high) if net else None,
        }


def _known(values: np.ndarray) -> np.ndarray:
    """With 0 where there is no value: the sum is that of the others."""
    return np.where(np.isnan(values), 0.0, values)


def _rounded(value: float | None, digits: int) -> float | None:
    # Adding 0.0 turns a minus zero into zero: "-0.0 %" reads as a loss.
    return None if value is None or not isfinite(value) else round(float(value), digits) + 0.0
