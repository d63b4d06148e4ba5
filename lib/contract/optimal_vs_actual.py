"""The result of 02_optimal_vs_actual, with the parts that only it has; conventions as in lib.contract.results."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from lib.contract.results import Model


class GapPart(Model):
    """One part of the gap between the setup optimum and what was traded: how many, and how much money."""

    name: Literal["missed", "late_entry", "entry", "early_exit", "exit", "false_entry"] = Field(
        description="Which part: trades missed, entries and exits of matched pairs, or trades without a match."
    )
    count: int = Field(description="Trades, or matched pairs of trades, of this part.")
    pnl: float = Field(description="What the part adds to the gap, dollars, net, for 1 unit.")


class Spread(Model):
    """A distribution under time-shifted entries."""

    mean: float | None = Field(
        description="Mean of the totals, dollars or percent as the field's name says; null without a shift."
    )
    low: float | None = Field(
        description="5 % quantile of the totals, in the same unit; null without a shift."
    )
    high: float | None = Field(
        description="95 % quantile of the totals, in the same unit; null without a shift."
    )
    shifts: int = Field(
        description="Shifts that were tried; 0 where the window is too short or has no entry."
    )


class Ceiling(Model):
    """The bound: the best sequence of trades that hindsight allows, after costs."""

    trades: int = Field(description="Trades of the best sequence.")
    pnl: float = Field(description="Sum of their P&L, dollars, net, for 1 unit.")
    pnl_pct: float = Field(description="Sum of their net returns, percent of the entry prices.")


class PatternStats(Model):
    """One signature of the setup optimum: hindsight exits, so never a promise."""

    signature: str = Field(
        description="Setup signature that the trades share: DIRECTION[_TRIGGER]_ALIGNMENT."
    )
    count: int = Field(description="Trades of the setup optimum with this signature.")
    avg_pnl: float = Field(description="Their mean P&L, dollars, net, for 1 unit.")
    avg_pnl_pct: float = Field(description="Their mean net return, percent of the entry price.")
    win_rate: float = Field(description="Trades of them with a net return above 0, percent.")


class OptimalComparison(Model):
    """Result of 02_optimal_vs_actual (`optimal_comparison`); gap parts sum to `gap_pnl` to the cent."""

    optimal_trades: int = Field(description="Trades of the setup optimum in the window.")
    optimal_pnl: float = Field(description="Sum of their P&L, dollars, net, for 1 unit.")
    optimal_pnl_pct: float = Field(description="Sum of their net returns, percent of the entry prices.")
    optimal_win_rate: float | None = Field(
        description="Trades of them with a net return above 0, percent; null without a trade."
    )
    actual_trades: int = Field(description="Closed trades entered in the window.")
    actual_pnl: float = Field(description="Sum of their P&L, dollars, net, for 1 unit.")
    actual_pnl_pct: float = Field(description="Sum of their net returns, percent of the entry prices.")
    actual_win_rate: float | None = Field(
        description="Trades of them with a net return above 0, percent; null without a trade."
    )
    matched_trades: int = Field(
        description="Pairs of an optimum trade and an actual one of its direction, entered −5 to +15 minutes from it."
    )
    missed_opportunities: int = Field(description="Trades of the optimum without an actual one.")
    false_entries: int = Field(description="Actual trades without one of the optimum.")
    missed_pnl: float = Field(description="P&L of the optimum's unmatched trades, dollars, net, for 1 unit.")
    gap_pnl: float = Field(description="Optimum less actual P&L, dollars, net, for 1 unit.")
    gap_parts: list[GapPart] = Field(description="The parts of that gap; they sum to it to the cent.")
    ceiling: Ceiling = Field(description="The best sequence of trades that hindsight allows.")
    shifted_pnl: Spread = Field(
        description="The optimum's totals with its entries shifted in time; dollars, net, for 1 unit."
    )
    shifted_pnl_pct: Spread = Field(
        description="The optimum's totals with its entries shifted in time; percent, net."
    )
    shifted_setups_pnl: Spread = Field(
        description="Totals of the setups shifted and chosen anew, like for like with the optimum; "
        "dollars, net, for 1 unit."
    )
    shifted_setups_pnl_pct: Spread = Field(
        description="Totals of the setups shifted and chosen anew, like for like with the optimum; percent, net."
    )
    optimal_patterns: list[PatternStats] = Field(
        description="The optimum's trades by setup signature, most money first."
    )
