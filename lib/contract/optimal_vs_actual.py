"""The result of 02_optimal_vs_actual, with the parts that only it has; conventions as in lib.contract.results."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from lib.contract.results import Model


class GapPart(Model):
    """One part of the gap between the perfect setup trades and what was traded: how many, and how much money."""

    name: Literal["missed", "late_entry", "entry", "early_exit", "exit", "false_entry"] = Field(
        description="Which part: trades missed, entries and exits of matched pairs, or trades without a match."
    )
    count: int = Field(description="Trades, or matched pairs of trades, of this part.")
    pnl: float = Field(description="What the part adds to the gap, dollars, net, per 1 coin.")


class ShiftedTotals(Model):
    """The null of a figure: its totals with the events shifted circularly in time, everything else done anew."""

    mean: float = Field(description="Mean of the totals, percent, net.")
    p5: float = Field(description="5 % quantile of the totals, percent, net.")
    p95: float = Field(description="95 % quantile of the totals, percent, net.")
    shifts: int = Field(description="Shifts that were tried.")


class Ceiling(Model):
    """The bound: the best sequence of trades that hindsight allows, after costs."""

    trades: int = Field(description="Trades of the best sequence.")
    pnl: float = Field(description="Sum of their P&L, dollars, net, per 1 coin.")
    pnl_pct: float = Field(description="Sum of their net returns, percent of the entry prices.")


class SetupTrades(Model):
    """Trades that one way of taking the window's events makes, beside the same way with the events at other times."""

    trades: int = Field(description="Trades taken.")
    pnl: float = Field(description="Sum of their P&L, dollars, net, per 1 coin.")
    pnl_pct: float = Field(description="Sum of their net returns, percent of the entry prices.")
    gap: int = Field(0, description="Events that could not be taken, because a gap leaves no outcome.")
    null: ShiftedTotals | None = Field(
        None,
        description="`pnl_pct` with the events shifted in time; null without an event, or in a window too short to shift.",
    )
    rank: float | None = Field(
        None, description="Share of the shifted totals that `pnl_pct` is above, 0 to 1; null without a shift."
    )


class Learnable(SetupTrades):
    """What the signatures that gained in the 14 days before would have made in the window: the one that could be achieved."""

    signatures: list[str] = Field(
        description="Setup signatures that gained before the window: seen 10 times, shrunk mean above 0.02 %."
    )
    past_events: int = Field(
        description="Events of the 14 days before the window whose outcome was known at its start."
    )
    past_signatures: int = Field(description="Signatures of them that were seen 10 times or more.")


class StandardExits(Model):
    """What the events of a signature made with the standard exits, each judged alone."""

    n: int = Field(description="Events whose outcome is known.")
    win_rate: float | None = Field(description="Those with a net return above 0, percent; null without one.")
    net_mean_pct: float | None = Field(
        description="Mean net return of an event, percent of the entry price; null without one."
    )


class PatternStats(Model):
    """One signature of the window's events."""

    signature: str = Field(
        description="Setup signature that the events share: DIRECTION[_TRIGGER]_ALIGNMENT."
    )
    seen: int | None = Field(None, description="Events with this signature; null in files of before.")
    count: int = Field(description="Perfect setup trades among them.")
    avg_pnl: float | None = Field(
        description="Mean P&L of the perfect ones, dollars, net, per 1 coin; null without one."
    )
    avg_pnl_pct: float | None = Field(
        description="Mean net return of the perfect ones, percent of the entry price; null without one."
    )
    win_rate: float | None = Field(
        description="Events of them that win with the standard exits, percent; null without an outcome. In files of before: "
        "of exits that knew the future."
    )
    standard: StandardExits | None = Field(
        None, description="What all these events made with the standard exits; null in files of before."
    )


class OptimalComparison(Model):
    """Result of 02_optimal_vs_actual (`optimal_comparison`); gap parts sum to `gap_pnl` to the cent.

    The optimum is the perfect setup trades. A file of before, whose `selection` is null, has another one, which kept its losers.
    """

    optimal_trades: int = Field(description="Perfect setup trades of the window.")
    optimal_pnl: float = Field(description="Sum of their P&L, dollars, net, per 1 coin; never below 0.")
    optimal_pnl_pct: float = Field(description="Sum of their net returns, percent of the entry prices.")
    optimal_win_rate: float | None = Field(
        description="Trades of them with a net return above 0, percent: 100 by construction, so it is shown nowhere; null without one."
    )
    optimal_null: ShiftedTotals | None = Field(
        None,
        description="`optimal_pnl_pct` with the events shifted in time; null without an event, or in a window too short to shift.",
    )
    optimal_rank: float | None = Field(
        None,
        description="Share of the shifted totals that `optimal_pnl_pct` is above, 0 to 1; null without a shift.",
    )
    events: int | None = Field(None, description="Events of the window; null in files of before.")
    gap: int = Field(
        0,
        description="Events of them that no perfect trade is entered at, because a gap lies in the next nine closes.",
    )
    selection: SetupTrades | None = Field(
        None,
        description="The best choice of the events with the standard exits; null in files of before.",
    )
    learnable: Learnable | None = Field(
        None,
        description="The events of signatures that gained before the window, with the standard exits; null in files of before.",
    )
    actual_trades: int = Field(description="Closed trades entered in the window.")
    actual_pnl: float = Field(description="Sum of their P&L, dollars, net, per 1 coin.")
    actual_pnl_pct: float = Field(description="Sum of their net returns, percent of the entry prices.")
    actual_win_rate: float | None = Field(
        description="Trades of them with a net return above 0, percent; null without a trade."
    )
    matched_trades: int = Field(
        description="Pairs of a perfect trade and an actual one of its direction, entered −5 to +15 minutes from it."
    )
    missed_opportunities: int = Field(description="Perfect trades without an actual one.")
    false_entries: int = Field(description="Actual trades without a perfect one.")
    missed_pnl: float = Field(description="P&L of the unmatched perfect trades, dollars, net, per 1 coin.")
    gap_pnl: float = Field(description="Perfect less actual P&L, dollars, net, per 1 coin.")
    gap_parts: list[GapPart] = Field(description="The parts of that gap; they sum to it to the cent.")
    ceiling: Ceiling = Field(description="The best sequence of trades that hindsight allows.")
    optimal_patterns: list[PatternStats] = Field(
        description="The events by setup signature, most seen first."
    )
