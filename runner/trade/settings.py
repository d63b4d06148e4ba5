"""What can be set of the live loop: gate, rails, exits, paper broker, waits. `[trade]` of ribbon.toml.

Ages and waits are those of a 10-second beat; where the data's own step is longer each grows by step − 10 s (docs/guarantees.md, Live loop).
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from lib.market.costs import DEFAULT_COSTS, Costs
from lib.market.exits import STANDARD, ExitRule

Pct = float


class Section(BaseModel):
    """A table of the configuration: unknown keys are refused, values do not change once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class GateSettings(Section):
    """When the decider is asked at all."""

    every_minutes: float = Field(10.0, gt=0)  #: without any other reason it is asked this often, at most
    least_seconds: float = Field(60.0, ge=0)  #: between two calls, whatever the reason


class RailSettings(Section):
    """Limits that no answer passes."""

    max_leverage: float = Field(1.0, gt=0, le=100)  #: position value over equity
    max_size_usd: float = Field(100_000.0, gt=0)  #: position value in quote currency
    min_confidence: float = Field(0.75, ge=0, le=1)
    cooldown_minutes: float = Field(5.0, ge=0)  #: from an exit to the next entry
    max_trades_per_hour: int = Field(4, ge=0)  #: in a clock hour
    max_trades_per_day: int = Field(20, ge=0)  #: in a UTC day
    max_daily_loss_pct: Pct = Field(2.0, gt=0)  #: of the equity the day began with; then halted
    max_drawdown_pct: Pct = Field(10.0, gt=0)  #: of the highest equity; then halted
    min_stop_pct: Pct = Field(0.05, gt=0)  #: distance of the stop from the fill
    max_stop_pct: Pct = Field(1.0, gt=0, lt=100)
    min_target_pct: Pct = Field(0.05, gt=0)
    max_target_pct: Pct = Field(5.0, gt=0, lt=100)
    kill_file: str = Field(
        "KILL", min_length=1
    )  #: in the data folder, or a path: while it is there, no order leaves

    @model_validator(mode="after")
    def _ranges(self) -> RailSettings:
        if self.min_stop_pct > self.max_stop_pct or self.min_target_pct > self.max_target_pct:
            raise ValueError("a smallest distance is above the largest one")
        return self


class ExitSettings(Section):
    """The standard exits (docs/definitions.md, Standard exits), for answers that name none."""

    target_pct: Pct = Field(STANDARD.target_pct, gt=0)
    stop_pct: Pct = Field(STANDARD.stop_pct, gt=0, lt=100)
    hold_minutes: float = Field(STANDARD.hold_minutes, gt=0)

    def rule(self) -> ExitRule:
        """As lib.market.exits takes it."""
        return ExitRule(self.target_pct, self.stop_pct, self.hold_minutes)


class PaperSettings(Section):
    """The paper broker. `equity` counts when a folder's first event is written; from then on the event log does."""

    equity: float = Field(1_000.0, gt=0)  #: quote currency
    size_pct: Pct = Field(100.0, gt=0)  #: position value in percent of the equity; the rails cap it
    fee_pct: Pct = Field(DEFAULT_COSTS.fee_pct, ge=0)  #: a side, of the entry price
    slippage_pct: Pct = Field(DEFAULT_COSTS.slippage_pct, ge=0)  #: a side, of market orders

    def costs(self) -> Costs:
        """As lib.market.costs takes them."""
        return Costs(self.fee_pct, self.slippage_pct)


class TradeSettings(Section):
    """`[trade]`: the live loop."""

    decider: Literal["claude", "rules"] = "claude"
    broker: Literal["paper", "exchange"] = (
        "paper"  #: exchange: real orders; the first of two switches (runner.exchange.switches)
    )
    symbol: str = (
        ""  #: what samples must be of; empty: of whatever the folder's newest sample is when the loop starts
    )
    beat_s: float = Field(10.0, gt=0)  #: the collector's beat, which is the step of live data
    stale_s: float = Field(25.0, gt=0)  #: no entry on samples older than this
    valid_for_s: float = Field(20.0, gt=0)  #: longest life of a decision
    deadline_s: float = Field(8.0, gt=0)  #: of the decider's call
    data_loss_s: float = Field(
        60.0, gt=0
    )  #: a position without a valid price for longer is closed at the next one
    gate: GateSettings = GateSettings()
    rails: RailSettings = RailSettings()
    exits: ExitSettings = ExitSettings()
    paper: PaperSettings = PaperSettings()
