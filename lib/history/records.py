"""A cycle's record in the history: its figures, what was told, and what of it changed; one line of training_history.jsonl
(docs/definitions.md, Result keys). Money, percent and intervals as in lib.contract.results.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime
from functools import lru_cache

import pandas as pd
from pydantic import Field, field_validator, model_validator

from lib.contract.actual_trades import ScalperScore
from lib.contract.results import Model
from lib.contract.times import iso, parse_instant
from lib.contract.words import instant_or_none
from lib.lessons.lesson import EvidenceCounts
from lib.prompt.difference import PromptChange

#: An instant of whole seconds as lib.contract.times.iso writes it.
_AS_WRITTEN = re.compile(r"(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


#: Trades of a block that are believed: a line that says more was changed by hand.
MOST_TRADES = 10_000_000


class TradesBlock(Model):
    """Trades that closed after `since` and up to the record's timestamp."""

    since: str = Field(description="Start of the block, ISO time in UTC; only trades closed after it count.")
    n: int = Field(ge=0, le=MOST_TRADES, description="Closed trades.")
    wins: int = Field(ge=0, le=MOST_TRADES, description="Trades of them whose net return is above 0.")
    win_rate: float | None = Field(description="Wins in percent of the trades; null without a trade.")
    win_rate_low: float | None = Field(
        description="Lower end of the win rate's 95 % Wilson interval, percent; null without a trade."
    )
    win_rate_high: float | None = Field(
        description="Upper end of the win rate's 95 % Wilson interval, percent; null without a trade."
    )
    total_pnl: float = Field(description="Sum of the trades' P&L, dollars, net, per 1 coin.")
    total_pnl_pct: float = Field(
        description="Sum of the net returns, percent of the entry prices; never compounded."
    )
    episodes: int = Field(ge=0, le=MOST_TRADES, description="Episodes that the trades belong to.")
    net_mean_pct: float | None = Field(
        description="Mean of the episodes' mean net returns, percent; null without a trade."
    )
    net_low_pct: float | None = Field(
        description="Lower end of that mean's 95 % t interval, percent; null without a spread to measure."
    )
    net_high_pct: float | None = Field(
        description="Upper end of that mean's 95 % t interval, percent; null without a spread to measure."
    )
    scalper_score: ScalperScore = Field(description="Scalper score of the trades, 0 to 100 points.")

    @model_validator(mode="after")
    def _can_be(self) -> TradesBlock:
        if max(self.wins, self.episodes) > self.n:
            raise ValueError("more wins or episodes than trades")
        return self


class BacktestHeadline(Model):
    """The realistic backtest of the cycle."""

    total_trades: int = Field(description="Closed trades of the entry rule.")
    win_rate: float | None = Field(
        description="Trades of them with a net return above 0, percent; null without a trade."
    )
    win_rate_low: float | None = Field(
        description="Lower end of the win rate's 95 % Wilson interval, percent; null without a trade."
    )
    win_rate_high: float | None = Field(
        description="Upper end of the win rate's 95 % Wilson interval, percent; null without a trade."
    )
    breakeven_win_rate: float = Field(
        description="Win rate at which the exits and the costs would sum to 0, percent."
    )
    total_pnl: float = Field(description="Sum of the trades' P&L, dollars, net, per 1 coin.")


class OptimalVsActualHeadline(Model):
    """The perfect setup trades of the cycle, and what could be learned: the first is hindsight, a benchmark.

    In records of before, whose `learnable_pnl` is null, `trades`, `pnl` and `gap_pnl` are of a setup optimum that kept its losers.
    """

    trades: int = Field(description="Perfect setup trades.")
    pnl: float = Field(description="Sum of their P&L, dollars, net, per 1 coin.")
    rank: float | None = Field(
        None,
        description="Share of the totals at shifted times that theirs is above, 0 to 1; null without a shift.",
    )
    learnable_pnl: float | None = Field(
        None,
        description="P&L of the signatures that gained before the window, dollars, net, per 1 coin; null in records of before.",
    )
    gap_pnl: float = Field(description="Perfect less actual P&L, dollars, net, per 1 coin.")


class CycleRecord(Model):
    """One cycle. `window`, `since_last` and what repeats them are null where the trades could not be analyzed."""

    cycle_number: int = Field(description="Number of the cycle, from 1; a rerun keeps it.")
    timestamp: str = Field(description="`as_of` of the cycle, ISO time in UTC.")
    win_rate: float | None = Field(
        description="Wins of the window's trades, percent; null without a trade or an analysis."
    )
    total_pnl: float | None = Field(
        description="Sum of the window's P&L, dollars, net, per 1 coin; null without an analysis."
    )
    scalper_score: ScalperScore | None = Field(
        description="Scalper score of the window's trades, 0 to 100 points; null without an analysis."
    )
    key_improvements: list[str] = Field(
        description="What changed since the cycle before, in sentences for people."
    )
    window: TradesBlock | None = Field(description="Closed trades of the window; null without an analysis.")
    since_last: TradesBlock | None = Field(
        description="Trades closed since the cycle before; null without an analysis."
    )
    backtest: BacktestHeadline | None = Field(
        description="The realistic backtest; null where its section failed."
    )
    optimum: OptimalVsActualHeadline | None = Field(
        description="The perfect setup trades and what could be learned; null where their section failed."
    )
    regime: str | None = Field(description="The current regime; null where its section failed.")
    sections: dict[str, str] = Field(description="ok, stale or failed, by the section's key in the insights.")
    decisions: str = Field(
        description="Whose decisions they are: live, rules, simulated, none; unknown where the insights do not say."
    )
    synthetic: bool = Field(description="Whether the market was simulated.")
    lookback_hours: float = Field(description="Length of the window, hours.")
    candidate_lessons: int = Field(description="Lessons whose status is candidate.")
    evidence: EvidenceCounts | None = Field(
        None, description="How many hypotheses stand how; null in records that are older than the ledger."
    )
    prompt_sha256: str = Field(description="Hash of what Claude was told.")
    prompt_change: PromptChange | None = Field(
        None, description="What of it is new; null in older records, and where the text is not at hand."
    )

    @field_validator("timestamp")
    @classmethod
    def _is_instant(cls, value: str) -> str:
        if _AS_WRITTEN.fullmatch(value):  # thousands are read every hour: most need no more than a look
            with suppress(ValueError):
                datetime.fromisoformat(value[:-1])
                return value
        instant = instant_or_none(value)
        if instant is None:
            raise ValueError(f"{value!r} is no time")
        return iso(instant)

    @property
    def at(self) -> pd.Timestamp:
        """The record's as_of."""
        return instant_at(self.timestamp)


@lru_cache(maxsize=10_000)
def instant_at(timestamp: str) -> pd.Timestamp:
    """The instant of a record's timestamp; remembered, because every look at the history asks each record for its own."""
    return parse_instant(timestamp)
