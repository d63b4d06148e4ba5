"""What the original entry rule achieves with fixed exits (notebook 03_smart_backtest), booked on vectorbt."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from lib.analysis.standard_exits import standard_exits
from lib.analysis.sweep_exits import OPEN, choose_each, first_touches
from lib.analysis.trades import complete_trades
from lib.contract.dollars import dollar_decimals
from lib.contract.hindsight import HINDSIGHT
from lib.contract.schema import STANDARD_EXIT_REASONS
from lib.contract.smart_backtest import ExitCount, GridCell, RealisticBacktest, TradeExample
from lib.contract.times import iso
from lib.data.window import MarketWindow
from lib.market.costs import (
    DEFAULT_COSTS,
    Costs,
    fixed_breakeven_win_rate,
    max_drawdown,
    price_trades,
    profit_factor,
)
from lib.market.exits import (
    GAP,
    NO_GAP,
    STANDARD,
    ExitRule,
    PricePath,
    gaps_known_at,
)
from lib.market.readings import instants
from lib.market.rules import SPACING_MINUTES, entry_signals
from lib.stats.groups import group_stats, round_dollars, round_percent, round_rate, signature_stats

TARGETS_PCT = (0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8)
STOPS_PCT = (0.1, 0.15, 0.2, 0.3, 0.4, 0.5)
_TOP_TRADES = 5


@dataclass(frozen=True)
class Backtest:
    """The window's closed trades of the rule, its equity (net, dollars, by time) and the published result."""

    trades: pd.DataFrame
    #: Of closed trades: what one that was open then had made stands in it once its exit is known.
    equity: pd.Series = field(metadata=HINDSIGHT)
    result: RealisticBacktest


def window_signals(window: MarketWindow) -> pd.DataFrame:
    """Signals of the original entry rule whose candle closed in the window."""
    signals = entry_signals(window.candles_5min, window.samples_5min, window.samples_15min)
    return signals[signals["entry_time"] > window.start].reset_index(drop=True)


def run_rule(
    signals: pd.DataFrame, path: PricePath, rule: ExitRule, costs: Costs = DEFAULT_COSTS
) -> pd.DataFrame:
    """Priced, non-overlapping trades of the signals under one exit rule; the last may be open (exit_time
    NaT). A signal over a gap is no trade and blocks none (docs/definitions.md, Ribbon).
    """
    exits = standard_exits(signals, path, rule)
    whole = np.flatnonzero(exits["exit_reason"].to_numpy() != GAP)
    entry_at, ended = instants(signals["entry_time"])[whole], exits["exit_time"].notna().to_numpy()[whole]
    exit_at = np.where(ended, instants(exits["exit_time"])[whole], OPEN)
    chosen = whole[choose_each(entry_at, exit_at[:, None], *_one_at_a_time(len(whole)))[:, 0, 0]]
    trades = pd.concat([signals, exits], axis=1).iloc[chosen].reset_index(drop=True)
    return price_trades(trades, costs.round_trip_pct)


def closed_trades(window: MarketWindow, taken: pd.DataFrame) -> pd.DataFrame:
    """Those of `run_rule` whose exit is known, as a trades frame."""
    return complete_trades(taken[taken["exit_time"].notna()], window)


def count_gaps(entries: pd.DataFrame, path: PricePath, hold_minutes: float) -> int:
    """How many entries (column entry_time) are void because a candle is missing within their longest hold."""
    return int((gaps_known_at(path, instants(entries["entry_time"]), hold_minutes) != NO_GAP).sum())


def grid(
    signals: pd.DataFrame,
    path: PricePath,
    hold_minutes: float = STANDARD.hold_minutes,
    costs: Costs = DEFAULT_COSTS,
) -> list[GridCell]:
    """The rule under each target × stop and one time exit, booked on vectorbt in one call: a cell each."""
    from lib.analysis.vectorbt_book import booked_returns

    touches = first_touches(signals, path, TARGETS_PCT, STOPS_PCT, [hold_minutes])
    rows = np.flatnonzero(touches.gap_known_at == NO_GAP)
    rules = np.indices((len(TARGETS_PCT), len(STOPS_PCT), 1)).reshape(3, -1)
    exits = touches.exits(*rules, rows)
    chosen = choose_each(touches.entry_at[rows], exits.at, *_one_at_a_time(len(rows)))[:, :, 0]
    column, row = np.nonzero((chosen & (exits.at != OPEN)).T)
    sign, entry_price = touches.sign[rows[row]], touches.entry_price[rows[row]]
    net = booked_returns(column, rules.shape[1], sign, entry_price, exits.price[row, column], costs)
    by_cell = np.split(net, np.searchsorted(column, np.arange(1, rules.shape[1])))
    return [
        _cell(TARGETS_PCT[target], STOPS_PCT[stop], booked, costs)
        for target, stop, booked in zip(*rules[:2].tolist(), by_cell, strict=True)
    ]


def _cell(target_pct: float, stop_pct: float, booked: np.ndarray, costs: Costs) -> GridCell:
    """`booked`: net returns in percent of its trades."""
    return GridCell(
        target_pct=target_pct,
        stop_pct=stop_pct,
        total_trades=len(booked),
        win_rate=round_rate((booked > 0).mean() * 100) if len(booked) else None,
        breakeven_win_rate=round_rate(fixed_breakeven_win_rate(target_pct, stop_pct, costs.round_trip_pct)),
        net_mean_pct=round_percent(booked.mean()) if len(booked) else None,
        total_pnl_pct=round_percent(booked.sum()),
    )


def _one_at_a_time(entries: int) -> tuple[np.ndarray, np.ndarray]:
    """For `choose_each`: all entries are allowed, at the rule's spacing."""
    return np.ones((entries, 1), dtype=bool), np.array([SPACING_MINUTES])


def examples(trades: pd.DataFrame) -> list[TradeExample]:
    """The trades with the largest net P&L, best first (in time order where equal)."""
    decimals = dollar_decimals(trades["entry_price"])
    best = trades.iloc[np.argsort(-trades["net_usd"].to_numpy(), kind="stable")[:_TOP_TRADES]]
    return [
        TradeExample(
            direction=trade.direction,
            entry_time=iso(trade.entry_time),
            entry_price=round_dollars(trade.entry_price, decimals),
            exit_price=round_dollars(trade.exit_price, decimals),
            pnl_dollars=round_dollars(trade.net_usd, decimals),
            net_pct=round_percent(trade.net_pct),
            hold_minutes=round_rate(trade.hold_minutes),
            entry_ribbon_5min=trade.state_5min,
            entry_ribbon_15min=trade.state_15min,
            exit_reason=trade.exit_reason,
            signature=trade.signature,
        )
        for trade in best.itertuples()
    ]


def _exit_counts(closed: pd.DataFrame) -> dict[str, ExitCount]:
    ended, won = closed["exit_reason"].to_numpy(dtype=object), closed["win"].to_numpy(dtype=bool)
    return {
        reason: ExitCount(count=int((ended == reason).sum()), profitable=int(won[ended == reason].sum()))
        for reason in STANDARD_EXIT_REASONS
    }


def backtest_rule(window: MarketWindow, rule: ExitRule = STANDARD, costs: Costs = DEFAULT_COSTS) -> Backtest:
    """All of what notebook 03 answers: the rule over the window, starting flat, exits on the finest
    candles there are.
    """
    from lib.analysis.vectorbt_book import book

    signals = window_signals(window)
    taken = run_rule(signals, window.path, rule, costs)
    closed = closed_trades(window, taken)
    candles = window.in_window(window.candles_5min)
    portfolio = book(closed, candles, costs)
    equity = (portfolio.value() - portfolio.init_cash).tz_localize("UTC")
    fall = float((equity.cummax() - equity).max()) if len(equity) else 0.0
    stats, decimals = group_stats(closed), dollar_decimals(closed["entry_price"])
    result = RealisticBacktest(
        total_trades=stats.total,
        profitable_trades=stats.wins,
        win_rate=stats.win_rate,
        total_pnl=stats.total_pnl,
        total_pnl_dollars=stats.total_pnl,
        total_pnl_pct=stats.total_pnl_pct,
        gross_pnl=round_dollars(closed["gross_usd"].sum(), decimals),
        gross_pnl_pct=round_percent(closed["gross_pct"].sum()),
        avg_profit_per_trade=stats.avg_pnl,
        avg_hold_time=round_rate(closed["hold_minutes"].mean()) if stats.total else None,
        overall=stats,
        breakeven_win_rate=round_rate(
            fixed_breakeven_win_rate(rule.target_pct, rule.stop_pct, costs.round_trip_pct)
        ),
        profit_factor=round_percent(profit_factor(closed["net_usd"])),
        max_drawdown=round_dollars(max_drawdown(closed["net_usd"]), decimals),
        max_drawdown_pct=round_percent(max_drawdown(closed["net_pct"])),
        max_drawdown_marked=round_dollars(fall, decimals),
        target_pct=rule.target_pct,
        stop_pct=rule.stop_pct,
        ambiguous_trades=int(closed["ambiguous"].sum()),
        ambiguous_share=round_rate(closed["ambiguous"].mean() * 100) if stats.total else None,
        open_trades=int(taken["exit_time"].isna().sum()),
        signals=len(signals),
        gap=count_gaps(signals, window.path, rule.hold_minutes),
        exit_reasons=_exit_counts(closed),
        top_trades=examples(closed),
        top_patterns=signature_stats(closed),
        grid=grid(signals, window.path, hold_minutes=rule.hold_minutes, costs=costs),
    )
    return Backtest(trades=closed, equity=equity, result=result)
