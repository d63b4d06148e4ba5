"""The result of 01_actual_trades, with the parts that only it has; conventions as in lib.contract.results."""

from __future__ import annotations

from pydantic import Field

from lib.contract.results import GroupStats, Model, NamedGroup, SignatureStats


class LongerHold(Model):
    """What actual trades would have made if held `minutes` from their entry, beside the adverse path until
    then.
    """

    minutes: int = Field(description="Minutes from the entry to the imagined exit.")
    total: int = Field(
        description="Trades closed earlier than that whose price path until then is known and has no gap."
    )
    mean_net_pct: float | None = Field(
        description="Mean net return if held until then, percent; null without a trade."
    )
    mean_actual_net_pct: float | None = Field(
        description="Mean net return of the same trades as they were closed, percent; null without a trade."
    )
    worst_adverse_pct: float | None = Field(
        description="Furthest move against an entry until then, percent, at most 0; null without a trade."
    )
    mean_adverse_pct: float | None = Field(
        description="Mean of the trades' furthest moves against their entries, percent; null without a trade."
    )


class ScalperScore(Model):
    """0–100 of docs/definitions.md, Scalper score; total and grade null below five trades."""

    total: float | None = Field(description="Sum of the four parts, points of 100; null below 5 trades.")
    win_rate_part: float | None = Field(
        description="Points of 40 for the win rate, measured at the break-even one (percent); null below 5 trades."
    )
    hold_part: float | None = Field(
        description="Points of 20 for the median hold, in minutes; null below 5 trades."
    )
    ratio_part: float | None = Field(
        description="Points of 20 for the mean win over the mean loss, net; null below 5 trades."
    )
    loss_part: float | None = Field(
        description="Points of 20 for how small the worst net loss is, in percent; null below 5 trades."
    )
    grade: str | None = Field(description="A+, A, B, C, D or F for the total; null below 5 trades.")
    capped: bool = Field(
        False,
        description="Whether the total was cut to 59 points because the net total in percent is not above 0.",
    )


class ActualPerformance(Model):
    """Result of 01_actual_trades (`actual_performance`)."""

    total_trades: int = Field(description="Closed trades entered in the window.")
    win_rate: float | None = Field(
        description="Trades with a net return above 0, percent; null without a trade."
    )
    total_pnl: float = Field(description="Sum of the trades' P&L, dollars, net, for 1 unit.")
    total_pnl_pct: float = Field(
        description="Sum of the net returns, percent of the entry prices; never compounded."
    )
    gross_pnl: float = Field(
        description="Sum of the P&L from fills, before fees, dollars, gross, for 1 unit."
    )
    gross_pnl_pct: float = Field(
        description="Sum of the returns from fills, before fees, percent of the entry prices."
    )
    overall: GroupStats = Field(description="All closed trades as one group, with intervals.")
    profit_factor: float | None = Field(
        description="Dollars of net wins over dollars of net losses; null without a loss."
    )
    max_drawdown: float = Field(
        description="Deepest fall of the summed P&L below its earlier high, in order of exit; dollars, net, for 1 unit."
    )
    max_drawdown_pct: float = Field(
        description="The same of the summed net returns, percent of the entry prices; 0 or more."
    )
    breakeven_win_rate: float | None = Field(
        description="Win rate at which these wins and losses would sum to 0, percent, net; null without both."
    )
    avg_hold_minutes: float | None = Field(
        description="Mean time from entry to exit, minutes; null where no hold time is known."
    )
    median_hold_minutes: float | None = Field(
        description="Median time from entry to exit, minutes; null where no hold time is known."
    )
    long_stats: GroupStats = Field(description="The LONG trades.")
    short_stats: GroupStats = Field(description="The SHORT trades.")
    confidence_bands: list[NamedGroup] = Field(
        description="Trades by confidence band, empty bands included; those without a confidence count nowhere."
    )
    ema_patterns: list[SignatureStats] = Field(
        description="Trades by setup signature, most trades first; they sum to all trades."
    )
    mixed_timeframes: GroupStats = Field(
        description="Trades entered while one ribbon was of the green family and the other of the red."
    )
    with_wick: GroupStats = Field(description="Trades whose setup has a wick of their direction as trigger.")
    without_wick: GroupStats = Field(description="All other trades.")
    by_hour: list[NamedGroup] = Field(
        description="Trades by the UTC hour of their entry, as 14:00; only hours that have one."
    )
    by_hold: list[NamedGroup] = Field(
        description="Trades by band of hold time in minutes, empty bands and `unknown` included."
    )
    by_exit_reason: list[NamedGroup] = Field(
        description="Trades by logged exit reason, by name; OTHER for reasons that are not known."
    )
    held_longer: list[LongerHold] = Field(
        description="What trades that closed earlier would have made if held for 5 to 45 minutes."
    )
    decisions: dict[str, int] = Field(description="Logged rows of the window by direction, HOLD included.")
    open_trades: int = Field(description="Executed rows of the window whose exit is not known yet.")
    incomplete_trades: int = Field(
        description="Executed rows of the window that lack a price or a valid order of times."
    )
    pnl_deviations: int = Field(
        description="Closed trades whose logged P&L is over 0.01 points of percent from the recomputed one."
    )
    scalper_score: ScalperScore = Field(description="Scalper score of the closed trades, 0 to 100 points.")
    key_lessons: list[str] = Field(
        description="What the trades show, in sentences for people; in the insights: what the lessons say."
    )
