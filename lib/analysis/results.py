"""The typed results that analyzers publish: the keys of docs/definitions.md, Result keys, and what each adds to
them.

Money is net of costs in dollars for one unit, `*_pct` beside it in percent of the entry price; `win_rate` is
in percent and null at n = 0. Intervals are 95 %: Wilson for a win rate, Student's t over episode means for a
net return.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """Strict base: unknown keys and non-finite numbers are errors, so a typo or a NaN never gets
    published.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, ser_json_inf_nan="strings")


class GroupStats(Model):
    """What a group of closed trades did, with its uncertainty."""

    total: int
    wins: int
    win_rate: float | None
    win_rate_low: float | None = None
    win_rate_high: float | None = None
    total_pnl: float = 0.0
    total_pnl_pct: float = 0.0
    avg_pnl: float | None = None
    episodes: int = 0
    net_mean_pct: float | None = None  #: mean of the episode means
    net_low_pct: float | None = None
    net_high_pct: float | None = None


class NamedGroup(GroupStats):
    """A group with the name of what its trades share: a band, an hour, an exit reason."""

    name: str


class SignatureStats(GroupStats):
    """A group of one setup signature."""

    signature: str


class HeldLonger(Model):
    """What actual trades would have made if held `minutes` from their entry, beside the adverse path until
    then.
    """

    minutes: int
    total: int
    mean_net_pct: float | None
    mean_actual_net_pct: float | None  #: the same trades as they were closed
    worst_adverse_pct: float | None
    mean_adverse_pct: float | None


class ScalperScore(Model):
    """0–100 of docs/definitions.md, Scalper score; total and grade null below five trades."""

    total: float | None
    win_rate_part: float | None
    hold_part: float | None
    ratio_part: float | None
    loss_part: float | None
    grade: str | None
    capped: bool = False


class ActualPerformance(Model):
    """Result of 01_actual_trades (`actual_performance`)."""

    total_trades: int
    win_rate: float | None
    total_pnl: float
    total_pnl_pct: float
    gross_pnl: float
    gross_pnl_pct: float
    overall: GroupStats
    profit_factor: float | None
    max_drawdown: float
    max_drawdown_pct: float
    breakeven_win_rate: float | None
    avg_hold_minutes: float | None
    median_hold_minutes: float | None
    long_stats: GroupStats
    short_stats: GroupStats
    confidence_bands: list[NamedGroup]
    optimal_confidence_threshold: float | None
    ema_patterns: list[SignatureStats]
    mixed_timeframes: GroupStats
    with_wick: GroupStats
    without_wick: GroupStats
    by_hour: list[NamedGroup]
    by_hold: list[NamedGroup]
    by_exit_reason: list[NamedGroup]
    held_longer: list[HeldLonger]
    decisions: dict[str, int]  #: rows by direction, HOLD included
    open_trades: int
    incomplete_trades: int  #: executed rows that lack a price or a valid order of times
    pnl_deviations: int
    scalper_score: ScalperScore
    key_lessons: list[str]


class GapPart(Model):
    """One part of the gap between the setup optimum and what was traded: how many, and how much money."""

    name: Literal["missed", "late_entry", "entry", "early_exit", "exit", "false_entry"]
    count: int
    pnl: float


class Spread(Model):
    """A distribution under time-shifted entries."""

    mean: float | None
    low: float | None  #: 5 %
    high: float | None  #: 95 %
    shifts: int


class Ceiling(Model):
    """The bound: the best sequence of trades that hindsight allows, after costs."""

    trades: int
    pnl: float
    pnl_pct: float


class PatternStats(Model):
    """One signature of the setup optimum: hindsight exits, so never a promise."""

    signature: str
    count: int
    avg_pnl: float
    avg_pnl_pct: float
    win_rate: float


class OptimalComparison(Model):
    """Result of 02_optimal_vs_actual (`optimal_comparison`); gap parts sum to `gap_pnl` to the cent."""

    optimal_trades: int
    optimal_pnl: float
    optimal_pnl_pct: float
    optimal_win_rate: float | None
    actual_trades: int
    actual_pnl: float
    actual_pnl_pct: float
    actual_win_rate: float | None
    matched_trades: int
    missed_opportunities: int
    false_entries: int
    missed_pnl: float
    gap_pnl: float
    gap_parts: list[GapPart]
    ceiling: Ceiling
    shifted_pnl: Spread
    shifted_pnl_pct: Spread
    shifted_setups_pnl: Spread  #: the setups shifted and chosen anew: like for like with the optimum
    shifted_setups_pnl_pct: Spread
    optimal_patterns: list[PatternStats]


class ExitCount(Model):
    """Trades that ended by one exit reason."""

    count: int
    profitable: int


class TradeExample(Model):
    """One trade as an example: a fact of the window, no promise."""

    direction: str
    entry_time: str
    entry_price: float
    exit_price: float
    pnl_dollars: float
    net_pct: float
    hold_minutes: float
    entry_ribbon_5min: str
    entry_ribbon_15min: str
    exit_reason: str
    signature: str


class GridCell(Model):
    """One cell of the target × stop grid."""

    target_pct: float
    stop_pct: float
    total_trades: int
    win_rate: float | None
    breakeven_win_rate: float
    net_mean_pct: float | None
    total_pnl_pct: float


class RealisticBacktest(Model):
    """Result of 03_smart_backtest (`realistic_backtest`)."""

    total_trades: int
    profitable_trades: int
    win_rate: float | None
    total_pnl: float
    total_pnl_dollars: float
    total_pnl_pct: float
    gross_pnl: float
    gross_pnl_pct: float
    avg_profit_per_trade: float | None
    avg_hold_time: float | None
    overall: GroupStats
    breakeven_win_rate: float
    profit_factor: float | None
    max_drawdown: float  #: of closed trades
    max_drawdown_pct: float
    max_drawdown_marked: float  #: dollars, marked at every 5-minute close
    target_pct: float
    stop_pct: float
    ambiguous_trades: int
    ambiguous_share: float | None
    open_trades: int
    signals: int
    exit_reasons: dict[str, ExitCount]
    top_trades: list[TradeExample]
    top_patterns: list[SignatureStats]
    grid: list[GridCell]


class WickStats(GroupStats):
    """Outcomes of one kind of wick; `count` repeats `total` under the document's name."""

    count: int


class RegimeWicks(Model):
    """Wick outcomes in one regime."""

    regime: str
    hours: float
    share: float | None  #: of the window's candles, percent
    wick_down_long: GroupStats
    wick_up_short: GroupStats


class RegimeAnalysis(Model):
    """Result of 04_regime_and_wicks (`regime_analysis`)."""

    current_regime: str
    current_since: str | None
    range_pct: float | None
    change_pct: float | None
    regime_strategy: str
    strategy_supported: bool
    wick_performance: dict[str, WickStats]
    ribbon_dips: dict[str, WickStats]
    regimes: list[RegimeWicks]
    current_patterns: list[SignatureStats]  #: backtest of the entry rule in the current regime, by signature
    candles: int
    unknown_candles: int
