"""What a question made of the open part of one market's history: one small record, as `ribbon ask --json` prints it.

It is exploratory: who looks at a history and then asks it, proves nothing. All returns are net of costs where nothing else is said.
"""

from __future__ import annotations

from pydantic import Field

from lib.contract.results import GroupStats, Model, NamedGroup


class ExitsRecord(Model):
    """The exits that were asked with."""

    stop_pct: float = Field(description="Stop, percent of the entry price.")
    target_pct: float | None = Field(description="Target, percent of the entry price; null without one.")
    hold_minutes: float = Field(description="Longest hold, minutes.")
    own: bool = Field(description="Whether they are the question's own; else they are the folder's terms.")
    own_hold: bool = Field(
        False, description="Whether the question says that hold itself; else it is the terms'."
    )
    breakeven_win_rate: float | None = Field(
        description="Win rate at which target and stop would sum to 0 after costs, percent; null without a target."
    )


class RandomEntries(Model):
    """The same number of entries at random times, with the same directions and exits, drawn many times over."""

    draws: int = Field(description="How often as many entries were drawn.")
    mean_pct: float = Field(description="Mean of the draws' net means of a trade, percent.")
    p5_pct: float = Field(description="Net mean of a trade that 5 of 100 draws lie below, percent.")
    p95_pct: float = Field(description="Net mean of a trade that 5 of 100 draws lie above, percent.")
    rank: float = Field(
        description="Share of the draws that the question's net mean of a trade is above, 0 to 1."
    )


class EquityPoint(Model):
    """The running sum at the end of a month."""

    month: str = Field(description="The month, as 2024-05.")
    total_pct: float = Field(
        description="Sum of the net returns of all trades entered until its end, percent of the entry prices."
    )


class Exploration(Model):
    """One question on one market under given terms and over a given stretch of its open part."""

    question: str = Field(description="The question's name.")
    claim: str = Field(description="What its file says it claims, and whose idea it is.")
    sha256: str = Field(description="Hash of its file: another file is another question.")
    market: str = Field(description="Which market it was asked of.")
    source: str = Field(description="Where the candles are from: a file's name, or folder.")
    boundary: str = Field(
        description="Where the sealed part begins, ISO 8601 in UTC; nothing later was looked at."
    )
    since: str = Field(description="Start of the stretch, ISO 8601 in UTC.")
    until: str = Field(description="End of the stretch, ISO 8601 in UTC.")
    days: float = Field(description="Length of the stretch, days.")
    terms: str = Field(description="Costs and exits that it was asked with, in words.")
    exits: ExitsRecord = Field(description="The exits that were asked with.")
    rows_checked: int = Field(
        description="Rows behind which later ones were cut, and nothing that was said changed."
    )
    rows: int = Field(0, description="Rows there were up to the end of the stretch.")
    long_rows: int = Field(description="Rows of the stretch of which it says LONG.")
    short_rows: int = Field(description="Rows of the stretch of which it says SHORT.")
    busy: int = Field(description="Of them those at which a position was held.")
    gap: int = Field(description="Of them those whose longest hold meets a gap: null.")
    open_trades: int = Field(description="Trades that had not ended at the end of the stretch.")
    ambiguous: int = Field(
        description="Trades of which nothing shows whether target or stop came first: the stop counted."
    )
    trades: GroupStats = Field(description="All closed trades.")
    gross_mean_pct: float | None = Field(
        description="Mean of a trade before costs, percent; null without a trade."
    )
    gross_total_pct: float = Field(
        description="Sum of the returns before costs, percent of the entry prices."
    )
    costs_total_pct: float = Field(description="What costs took of it, percent of the entry prices.")
    max_drawdown_pct: float = Field(description="Deepest fall of the running sum of net returns, percent.")
    random_entries: RandomEntries | None = Field(
        description="Beside entries at random times; null without a trade."
    )
    buy_and_hold_pct: float = Field(
        description="Bought at the first close and sold at the last, after one round trip, percent."
    )
    equity: list[EquityPoint] = Field(description="The running sum, month by month.")
    by_direction: list[NamedGroup] = Field(description="LONG and SHORT.")
    by_year: list[NamedGroup] = Field(description="By the year of the entry.")
    by_month: list[NamedGroup] = Field(description="By the month of the entry.")
    by_regime: list[NamedGroup] = Field(description="By the regime at the entry.")
    by_hour: list[NamedGroup] = Field(description="By the hour of the entry, 0 to 23 in UTC.")
    notes: list[str] = Field(description="What else is to be known, in sentences.")
    answer: list[str] = Field(description="What was found, in sentences.")
