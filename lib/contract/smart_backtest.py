"""The result of 03_smart_backtest, with the parts that only it has; conventions as in lib.contract.results."""

from __future__ import annotations

from pydantic import Field

from lib.contract.hindsight import HINDSIGHT
from lib.contract.results import GroupStats, Model, SignatureStats


class ExitCount(Model):
    """Trades that ended by one exit reason."""

    count: int = Field(description="Trades that ended so.")
    profitable: int = Field(description="Trades of them with a net return above 0.")


class TradeExample(Model):
    """One trade as an example: a fact of the window, no promise."""

    direction: str = Field(description="LONG or SHORT.")
    entry_time: str = Field(description="When it was entered, ISO time in UTC.")
    entry_price: float = Field(description="Price of the entry, dollars, without slippage.")
    exit_price: float = Field(description="Price of the exit, dollars, without slippage.")
    pnl_dollars: float = Field(description="What it made, dollars, net, per 1 coin.")
    net_pct: float = Field(description="Its net return, percent of the entry price.")
    hold_minutes: float = Field(description="Minutes from entry to exit.")
    entry_ribbon_5min: str = Field(
        description="State of the 5-minute ribbon at the entry: all_green, mixed, …"
    )
    entry_ribbon_15min: str = Field(
        description="State of the 15-minute ribbon at the entry, in the same words."
    )
    exit_reason: str = Field(description="TP_HIT, SL_HIT or TIME_EXIT.")
    signature: str = Field(
        description="Setup signature of the entry: DIRECTION[_TRIGGER]_ALIGNMENT, or UNKNOWN."
    )


class GridCell(Model):
    """One cell of the target × stop grid."""

    target_pct: float = Field(description="Distance of the target from the entry, percent.")
    stop_pct: float = Field(description="Distance of the stop from the entry, percent.")
    total_trades: int = Field(description="Closed trades under these exits.")
    win_rate: float | None = Field(
        description="Trades of them with a net return above 0, percent; null without a trade."
    )
    breakeven_win_rate: float = Field(
        description="Win rate at which these exits and the costs would sum to 0, percent."
    )
    net_mean_pct: float | None = Field(
        description="Mean net return of a trade (not of an episode), percent; null without a trade."
    )
    total_pnl_pct: float = Field(description="Sum of the net returns, percent of the entry prices.")


class RealisticBacktest(Model):
    """Result of 03_smart_backtest (`realistic_backtest`)."""

    total_trades: int = Field(description="Closed trades of the entry rule in the window.")
    profitable_trades: int = Field(description="Trades of them with a net return above 0.")
    win_rate: float | None = Field(
        description="Trades with a net return above 0, percent; null without a trade."
    )
    total_pnl: float = Field(description="Sum of the trades' P&L, dollars, net, per 1 coin.")
    total_pnl_dollars: float = Field(
        description="The same figure under another key; dollars, net, per 1 coin."
    )
    total_pnl_pct: float = Field(
        description="Sum of the net returns, percent of the entry prices; never compounded."
    )
    gross_pnl: float = Field(description="Sum of the P&L before all costs, dollars, gross, per 1 coin.")
    gross_pnl_pct: float = Field(
        description="Sum of the returns before all costs, percent of the entry prices."
    )
    avg_profit_per_trade: float | None = Field(
        description="Mean P&L of a trade, dollars, net, per 1 coin; null without a trade."
    )
    avg_hold_time: float | None = Field(
        description="Mean time from entry to exit, minutes; null without a trade."
    )
    overall: GroupStats = Field(description="All closed trades as one group, with intervals.")
    breakeven_win_rate: float = Field(
        description="Win rate at which the exits and the costs would sum to 0, percent."
    )
    profit_factor: float | None = Field(
        description="Dollars of net wins over dollars of net losses; null without a loss."
    )
    max_drawdown: float = Field(
        description="Deepest fall of the closed trades' summed P&L below its earlier high, dollars, net, per 1 coin."
    )
    max_drawdown_pct: float = Field(
        description="The same of the summed net returns, percent of the entry prices; 0 or more."
    )
    max_drawdown_marked: float = Field(
        description="Deepest fall with open trades marked at every 5-minute close, dollars, net, per 1 coin."
    )
    target_pct: float = Field(description="Distance of the target from the entry, percent.")
    stop_pct: float = Field(description="Distance of the stop from the entry, percent.")
    ambiguous_trades: int = Field(
        description="Closed trades that met target and stop in one candle, in an order not known: the stop counts."
    )
    ambiguous_share: float | None = Field(
        description="Those in percent of the closed trades; null without a trade."
    )
    open_trades: int = Field(description="Trades whose exit is not known yet: 0 or 1.")
    signals: int = Field(description="Signals of the entry rule in the window, taken or not.")
    gap: int = Field(
        0,
        description="Signals of them that are no trade because a candle is missing within the longest hold after them.",
    )
    exit_reasons: dict[str, ExitCount] = Field(
        description="Closed trades by TP_HIT, SL_HIT and TIME_EXIT, each of them named."
    )
    top_trades: list[TradeExample] = Field(
        description="The five trades that made the most dollars, best first.", json_schema_extra=HINDSIGHT
    )
    top_patterns: list[SignatureStats] = Field(
        description="Closed trades by setup signature, most trades first."
    )
    grid: list[GridCell] = Field(description="The rule under other targets and stops, a cell each.")
