"""What can be set of the live loop: gate, rails, paper broker, waits. `[trade]` of ribbon.toml; costs and exits are terms (`[terms]`).

Ages and waits are those of a 10-second beat; where the data's own step is longer each grows by step − 10 s (docs/guarantees.md, Live loop).
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from lib.market.fills import BEAT_S, VALID_FOR_S

Pct = float


class Section(BaseModel):
    """A table of the configuration: unknown keys are refused, values do not change once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class GateSettings(Section):
    """When the decider is asked at all."""

    every_minutes: float = Field(
        10.0,
        gt=0,
        description="Without any other reason the decider is asked again after so many minutes, not sooner.",
    )
    least_seconds: float = Field(
        60.0, ge=0, description="Least time between two calls, whatever the reason, seconds."
    )


class RailSettings(Section):
    """Limits that no answer passes, beside the ranges of stop and target, which are terms."""

    max_leverage: float = Field(
        1.0, gt=0, le=100, description="Largest position value, as a multiple of the equity."
    )
    max_size_usd: float = Field(
        100_000.0, gt=0, description="Largest position value, dollars (quote currency)."
    )
    min_confidence: float = Field(
        0.75, ge=0, le=1, description="Smallest confidence of an answer to enter, 0 to 1."
    )
    cooldown_minutes: float = Field(
        5.0, ge=0, description="Least time from an exit to the next entry, minutes."
    )
    max_trades_per_hour: int = Field(4, ge=0, description="Entries in one clock hour, at most.")
    max_trades_per_day: int = Field(20, ge=0, description="Entries in one UTC day, at most.")
    max_daily_loss_pct: Pct = Field(
        2.0,
        gt=0,
        description="Net loss since the UTC day began at which the loop halts, percent of the equity it began with.",
    )
    max_drawdown_pct: Pct = Field(
        10.0, gt=0, description="Fall below the highest equity at which the loop halts, percent of that."
    )
    kill_file: str = Field(
        "KILL",
        min_length=1,
        description="File in the data folder, or a path: while it is there, no order leaves.",
    )


class PaperSettings(Section):
    """The paper broker. `equity` counts when a folder's first event is written; from then on the event log does."""

    equity: float = Field(
        1_000.0, gt=0, description="Equity that a new folder begins with, dollars (quote currency)."
    )
    size_pct: Pct = Field(100.0, gt=0, description="Position value, percent of the equity; the rails cap it.")


class TradeSettings(Section):
    """`[trade]`: the live loop."""

    decider: Literal["claude", "rules"] = Field(
        "claude", description="Who is asked: Claude, or the rule decider."
    )
    broker: Literal["paper", "exchange"] = Field(
        "paper",
        description="Where orders go; exchange is the first of two switches for real ones (runner.exchange.switches).",
    )
    symbol: str = Field(
        "",
        description="What samples must be of; empty: of whatever the folder's newest sample is when the loop starts.",
    )
    beat_s: float = Field(
        BEAT_S, gt=0, description="The collector's beat, which is the step of live data, seconds."
    )
    stale_s: float = Field(25.0, gt=0, description="No entry on samples older than so many seconds.")
    valid_for_s: float = Field(VALID_FOR_S, gt=0, description="Longest life of a decision, seconds.")
    deadline_s: float = Field(8.0, gt=0, description="Longest wait for the decider, seconds.")
    data_loss_s: float = Field(
        60.0,
        gt=0,
        description="Seconds without a valid price after which a position is closed at the next one.",
    )
    gate: GateSettings = Field(default_factory=GateSettings, description="When the decider is asked at all.")
    rails: RailSettings = Field(default_factory=RailSettings, description="Limits that no answer passes.")
    paper: PaperSettings = Field(
        default_factory=PaperSettings, description="Equity, size and costs of the paper broker."
    )
