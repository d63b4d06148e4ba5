"""The terms of trading: costs, exits and their ranges, one object for all that trades, measures or tells (docs/definitions.md, Money).

`[terms]` of ribbon.toml is read into it once. What would surprise: the ranges of stop and target are terms too, so that no answer may be
allowed in one place and refused in another; and any other value makes other terms, under which evidence begins anew
(lib.lessons.eras).
"""

from __future__ import annotations

import hashlib
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from lib.market.costs import DEFAULT_COSTS, Costs, fixed_breakeven_win_rate
from lib.market.exits import STANDARD, ExitRule

Pct = float
#: What a fill may lie beyond its level without being called a surprise, in points of percent.
_SLIPPAGE_ALLOWANCE_PCT = 0.1


class Terms(BaseModel):
    """Percentages are of the entry price; all values are frozen once read. Raises pydantic's ValidationError for what makes no terms."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    fee_pct: Pct = Field(DEFAULT_COSTS.fee_pct, ge=0, description="Fee a side, percent.")
    slippage_pct: Pct = Field(
        DEFAULT_COSTS.slippage_pct, ge=0, description="Slippage a side of market orders, percent."
    )
    target_pct: Pct = Field(STANDARD.target_pct, gt=0, lt=100, description="Standard target, percent.")
    stop_pct: Pct = Field(STANDARD.stop_pct, gt=0, lt=100, description="Standard stop, percent.")
    hold_minutes: float = Field(STANDARD.hold_minutes, gt=0, description="Longest hold, minutes.")
    min_stop_pct: Pct = Field(0.05, gt=0, description="Nearest stop that an answer may ask for, percent.")
    max_stop_pct: Pct = Field(1.0, gt=0, lt=100, description="Furthest stop, percent.")
    min_target_pct: Pct = Field(0.05, gt=0, description="Nearest target, percent.")
    max_target_pct: Pct = Field(5.0, gt=0, lt=100, description="Furthest target, percent.")

    @model_validator(mode="after")
    def _within_ranges(self) -> Self:
        """The standard exits must be ones that may be asked for: an answer that names none takes them."""
        for name in ("stop", "target"):
            low, value, high = (getattr(self, f"{part}{name}_pct") for part in ("min_", "", "max_"))
            if not low <= value <= high:
                raise ValueError(
                    f"{name}_pct {value:g} is not within min_{name}_pct {low:g} and max_{name}_pct {high:g}"
                )
        return self

    @classmethod
    def measured(
        cls, target_pct: Pct, stop_pct: Pct, hold_minutes: float, fee_pct: Pct, slippage_pct: Pct
    ) -> Self:
        """The terms of these exits and costs for whoever only measures: the ranges of stop and target hold whatever is given."""
        default = cls()
        return cls(
            fee_pct=fee_pct,
            slippage_pct=slippage_pct,
            target_pct=target_pct,
            stop_pct=stop_pct,
            hold_minutes=hold_minutes,
            min_stop_pct=min(default.min_stop_pct, stop_pct),
            max_stop_pct=max(default.max_stop_pct, stop_pct),
            min_target_pct=min(default.min_target_pct, target_pct),
            max_target_pct=max(default.max_target_pct, target_pct),
        )

    @property
    def costs(self) -> Costs:
        """Fee and slippage, as lib.market.costs takes them."""
        return Costs(self.fee_pct, self.slippage_pct)

    @property
    def exits(self) -> ExitRule:
        """The standard exits, as lib.market.exits takes them."""
        return ExitRule(self.target_pct, self.stop_pct, self.hold_minutes)

    @property
    def round_trip_pct(self) -> float:
        """Fees and slippage of a round trip, percent."""
        return self.costs.round_trip_pct

    @property
    def net_win_pct(self) -> float:
        """What a trade that reaches the standard target brings after costs, percent."""
        return self.target_pct - self.round_trip_pct

    @property
    def net_loss_pct(self) -> float:
        """What a trade that reaches the standard stop takes with its costs, percent."""
        return self.stop_pct + self.round_trip_pct

    @property
    def breakeven_win_rate(self) -> float:
        """Break-even win rate of the standard exits, percent."""
        return fixed_breakeven_win_rate(self.target_pct, self.stop_pct, self.round_trip_pct)

    def sha256(self) -> str:
        """A name for these values: equal terms have equal ones."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    def words(self) -> str:
        """In one line, for people."""
        return (
            f"fee {self.fee_pct:g} %, slippage {self.slippage_pct:g} % a side; target {self.target_pct:g} %, stop {self.stop_pct:g} %, "
            f"hold {self.hold_minutes:g} min; break-even {self.breakeven_win_rate:.1f} %"
        )


DEFAULT_TERMS = Terms()


def declared_bounds(exits: ExitRule, costs: Costs) -> tuple[float, float]:
    """Largest loss and largest gain of a trade as known at its entry, in percent, both above 0 (docs/evidence-method.md, The e-process).

    Stop plus the round trip's costs, and target less them, each with an allowance for slippage of 0.1 on top.
    """
    worst = exits.stop_pct + costs.round_trip_pct + _SLIPPAGE_ALLOWANCE_PCT
    return worst, max(exits.target_pct - costs.round_trip_pct, 0.0) + _SLIPPAGE_ALLOWANCE_PCT
