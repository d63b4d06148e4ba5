"""What a group of closed trades did, rounded for publication: the one place where figures lose digits.

Groups are cut out of a trades frame (lib.contract.schema.TRADE_COLUMNS) whose `episode` was assigned over all trades of the
instrument, so a group counts an episode once, whichever of its trades it holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

import pandas as pd

from lib.contract.results import GroupStats, NamedGroup, SignatureStats
from lib.stats.episodes import episode_means
from lib.stats.intervals import mean_interval, wilson_interval


def round_rate(value: float | None) -> float | None:
    """A rate in percent to 1 decimal; None for None and NaN."""
    return _rounded(value, 1)


def round_dollars(value: float | None) -> float | None:
    """Dollars to 2 decimals; None for None and NaN."""
    return _rounded(value, 2)


def round_percent(value: float | None) -> float | None:
    """A return in percent to 4 decimals; None for None and NaN."""
    return _rounded(value, 4)


def group_stats(trades: pd.DataFrame) -> GroupStats:
    """Figures of a trades frame, net of costs; an empty one has n = 0 and nulls.

    Win rate in percent with its Wilson interval; P&L in dollars per 1 coin, at logged sizes, and as a sum of percents; the net mean is
    that of the episode means with its t interval (bounds null where there is no spread to measure).
    """
    return GroupStats(**_figures(trades))


def signature_stats(trades: pd.DataFrame) -> list[SignatureStats]:
    """One group a setup signature, most trades first, then by name; their totals sum to the frame's rows."""
    groups = [
        SignatureStats(signature=str(name), **_figures(group))
        for name, group in trades.groupby("signature", dropna=False)
    ]
    return sorted(groups, key=lambda group: (-group.total, group.signature))


def named_groups(trades: pd.DataFrame, by: pd.Series, order: Sequence[str]) -> list[NamedGroup]:
    """One group a name of `order`, in that order and empty ones included; `by` is aligned with `trades` by index.

    Names beyond `order` follow it alphabetically, so that totals sum to the rows with a name; trades without one count nowhere.
    """
    names = by.reindex(trades.index)
    beyond = sorted({str(name) for name in names.dropna().unique()} - set(order))
    texts = (
        names.astype(object).where(names.notna(), None).map(lambda name: None if name is None else str(name))
    )
    return [
        NamedGroup(name=name, **_figures(trades[(texts == name).to_numpy()])) for name in [*order, *beyond]
    ]


def _figures(trades: pd.DataFrame) -> dict[str, float | int | None]:
    total, wins = len(trades), int(trades["win"].sum())
    interval = wilson_interval(wins, total) or (None, None)
    means = episode_means(trades)
    net = mean_interval(means)
    account = trades["net_account"].dropna() if "net_account" in trades else trades["net_usd"].iloc[:0]
    return {
        "total": total,
        "wins": wins,
        "win_rate": round_rate(100 * wins / total) if total else None,
        "win_rate_low": round_rate(interval[0]),
        "win_rate_high": round_rate(interval[1]),
        "total_pnl": round_dollars(float(trades["net_usd"].sum())),
        "total_pnl_pct": round_percent(float(trades["net_pct"].sum())),
        "avg_pnl": round_dollars(float(trades["net_usd"].mean())) if total else None,
        "account_trades": len(account),
        "account_pnl": round_dollars(float(account.sum())) if len(account) else None,
        "episodes": len(means),
        "net_mean_pct": round_percent(net.mean) if net else None,
        "net_low_pct": round_percent(net.low) if net else None,
        "net_high_pct": round_percent(net.high) if net else None,
    }


def _rounded(value: float | None, digits: int) -> float | None:
    # Adding 0.0 turns a minus zero into zero: "-0.0 %" reads as a loss.
    return None if value is None or not isfinite(value) else round(float(value), digits) + 0.0
