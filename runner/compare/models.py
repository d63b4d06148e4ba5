"""What there is to say of two sides, as `ribbon compare --json` prints it.

Texts of files are outside texts: every mark in them is visible (lib.contract.visible), and pages escape them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
from pydantic import Field

from lib.analysis.side_by_side import SideBySide
from lib.contract.results import GroupStats, Model
from lib.market.terms import Terms

Kind = Literal["cycle", "replay"]


class SideRecord(Model):
    """One side: whose trades, of when, under which terms, and what they made."""

    kind: Kind = Field(description="What it is: cycle or replay.")
    name: str = Field(description="Name of its folder.")
    folder: str = Field(description="Its folder.")
    trading_data: str = Field(description="Data folder whose log has its trades.")
    market_data: str = Field(description="Data folder that the market's rows come from.")
    source: str = Field(description="Whose trades on what market, in words.")
    symbol: str = Field(description="Symbol of the market; blank where none is known.")
    synthetic: bool = Field(description="Whether the market is a simulated one.")
    coin: str = Field(description="What dollars are told per 1 of.")
    dollar_decimals: int = Field(2, description="Decimals of these dollars.")
    decider: str = Field(description="Who decided, in words: whose trades they are, and by which model.")
    start: str = Field(description="Start of the window, ISO 8601 in UTC.")
    until: str = Field(description="End of the window, ISO 8601 in UTC.")
    terms: str = Field(description="Its terms, in words.")
    program: str = Field(
        description="Version of the program that made it, with its commit; blank where it does not say."
    )
    trades: GroupStats = Field(
        description="Its closed trades, net, shared ones included; episodes are its own."
    )
    gross_pct: float = Field(
        description="Sum of the trades' returns before costs, percent of the entry prices."
    )
    breakeven_win_rate: float | None = Field(
        description="Win rate at which its trades would sum to 0, percent; null without both wins and losses."
    )
    open_trades: int = Field(description="Trades that were open at the end of the window.")
    told: str = Field(
        description="What its own report said where that differs from its log today, in words; blank where it does not."
    )


class Condition(Model):
    """One thing that should be the same on both sides."""

    what: str = Field(description="Which thing it is.")
    a: str = Field(description="What it is of A, in words.")
    b: str = Field(description="What it is of B, in words.")
    alike: bool = Field(description="Whether both are the same.")
    meaning: str = Field("", description="What follows where they are not, in words.")


class ComparisonRecord(Model):
    """All of it."""

    answer: list[str] = Field(description="What was found, in sentences.")
    a: SideRecord = Field(description="The first side.")
    b: SideRecord = Field(description="The second side.")
    conditions: list[Condition] = Field(description="What is the same and what is not.")
    found: SideBySide = Field(description="How far apart they are.")
    notes: list[str] = Field(description="What else is to be known, in sentences.")


@dataclass(frozen=True)
class Side:
    """A side's record, its closed trades (priced, by lib.analysis.trades.price_log), and what whoever compares needs besides."""

    record: SideRecord
    closed: pd.DataFrame
    start: pd.Timestamp
    until: pd.Timestamp
    terms: Terms
    settings: dict[str, Any]  #: of a replay: settings by dotted name
    warnings: list[str]
    versions: dict[str, str]  #: of Python and packages, by name; empty where it does not say


@dataclass(frozen=True)
class Comparison:
    """The record, and both sides' trades for whoever draws them."""

    record: ComparisonRecord
    a: Side
    b: Side

    def summary(self) -> dict[str, Any]:
        """JSON-ready."""
        return self.record.model_dump(mode="json")
