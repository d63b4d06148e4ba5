"""The result of 01_actual_trades, with the parts that only it has; conventions as in lib.contract.results."""

from __future__ import annotations

from pydantic import Field

from lib.contract.results import GroupStats, Model, NamedGroup, SignatureStats


class LongerHold(Model):
    """What trades that were closed earlier would have made if kept for `minutes` from their entry with the stop in place, beside what
    they made. Trades that a stop or lost data ended could not have been kept and are left out.
    """

    minutes: int = Field(description="Minutes from the entry to the imagined exit.")
    total: int = Field(
        description="Trades closed earlier, not by a stop, whose price path until then is known and has no gap."
    )
    episodes: int = Field(
        0, description="Episodes that these trades belong to: the independent observations."
    )
    mean_net_pct: float | None = Field(
        description="Mean of the episodes' net returns if kept until then, percent; null without a trade."
    )
    mean_actual_net_pct: float | None = Field(
        description="Mean of the same episodes' net returns as they were closed, percent; null without a trade."
    )
    difference_pct: float | None = Field(
        None, description="The first mean less the second, points of percent; null without a trade."
    )
    difference_low_pct: float | None = Field(
        None,
        description="Lower end of that difference's 95 % t interval over episodes, points of percent; null without a spread.",
    )
    difference_high_pct: float | None = Field(
        None,
        description="Upper end of that difference's 95 % t interval over episodes, points of percent; null without a spread.",
    )
    worst_adverse_pct: float | None = Field(
        description="Furthest move against an entry until then, percent, at most 0; null without a trade."
    )
    mean_adverse_pct: float | None = Field(
        description="Mean of the trades' furthest moves against their entries, percent; null without a trade."
    )


class AnswerBand(NamedGroup):
    """The answers of one confidence band. The figures of the group are of those that count: one while no other of the band is open."""

    scored: int = Field(description="Answers of the band whose result is known, overlapping ones included.")
    scored_win_rate: float | None = Field(
        description="Net wins in percent of those; no interval, as overlapping answers share their market; null without one."
    )


class AnswerCalibration(Model):
    """What the answers to enter of the window would have made, executed or not (docs/definitions.md, Confidence)."""

    total: int = Field(description="LONG or SHORT recommended while no position was held.")
    executed: int = Field(description="Answers of them that became a trade.")
    scored: int = Field(description="Answers of them whose result is known.")
    open: int = Field(description="Answers of them whose exit is not known yet.")
    overlapping: int = Field(
        description="Scored answers given while another one that counts was still open: they share its market."
    )
    standard_distances: int = Field(
        description="Answers whose row lacks a stop or target, so that the standard one stood in."
    )
    unscored: dict[str, int] = Field(
        description="Answers without a result, by reason: no_sample (no price while it was valid), gap (a hole in the candles)."
    )
    overall: GroupStats = Field(
        description="The scored answers that count, each one episode, with intervals; net of costs."
    )
    bands: list[AnswerBand] = Field(
        description="Scored answers by confidence band, empty bands included; those without a confidence count nowhere."
    )


class ScalperScore(Model):
    """0–100 of docs/definitions.md, Scalper score; total and grade null below five trades."""

    total: float | None = Field(description="Sum of the four parts, points of 100; null below 5 trades.")
    win_rate_part: float | None = Field(
        description="Points of 40 for the win rate, measured at the break-even one (percent); 0 without a win, null below 5 trades."
    )
    hold_part: float | None = Field(
        description="Points of 20 for the median hold, in minutes; 0 without a win, null below 5 trades."
    )
    ratio_part: float | None = Field(
        description="Points of 20 for the mean win over the mean loss, net, beside that of the terms; 0 without a win, null below 5 trades."
    )
    loss_part: float | None = Field(
        description="Points of 20 for how small the worst net loss is, in net stops of the terms; 0 without a win, null below 5 trades."
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
    total_pnl: float = Field(description="Sum of the trades' P&L, dollars, net, per 1 coin.")
    total_pnl_pct: float = Field(
        description="Sum of the net returns, percent of the entry prices; never compounded."
    )
    gross_pnl: float = Field(
        description="Sum of the P&L from fills, before fees, dollars, gross, per 1 coin."
    )
    gross_pnl_pct: float = Field(
        description="Sum of the returns from fills, before fees, percent of the entry prices."
    )
    account_trades: int = Field(0, description="Closed trades whose row logs a size: those of account_*.")
    account_pnl: float | None = Field(
        None,
        description="Sum of price difference times size less fees, dollars of the account, net; null where no row logs a size.",
    )
    account_gross_pnl: float | None = Field(
        None,
        description="The same before fees, dollars of the account, gross; null where no row logs a size.",
    )
    account_fees: float | None = Field(
        None,
        description="Fees of these trades, as logged, else at the configured rate; dollars of the account; null where no row logs a size.",
    )
    account_max_drawdown: float | None = Field(
        None,
        description="Deepest fall of the summed account_pnl below its earlier high, in order of exit; dollars of the account, net; "
        "null where no row logs a size.",
    )
    overall: GroupStats = Field(description="All closed trades as one group, with intervals.")
    profit_factor: float | None = Field(
        description="Dollars of net wins over dollars of net losses; null without a loss."
    )
    max_drawdown: float = Field(
        description="Deepest fall of the summed P&L below its earlier high, in order of exit; dollars, net, per 1 coin."
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
    answers: AnswerCalibration | None = Field(
        None,
        description="What every recommended direction would have made, executed or not; null in results of before.",
    )
    ema_patterns: list[SignatureStats] = Field(
        description="Trades by setup signature, most trades first; they sum to all trades."
    )
    mixed_timeframes: GroupStats = Field(
        description="Trades entered while one ribbon was of the green family and the other of the red."
    )
    with_wick: GroupStats = Field(description="Trades whose setup has a wick of their direction as trigger.")
    without_wick: GroupStats = Field(
        description="Trades without one; those whose trigger is unknown are in neither group."
    )
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
        description="What trades that closed earlier would have made if kept for 5 to 45 minutes with their stop in place."
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
