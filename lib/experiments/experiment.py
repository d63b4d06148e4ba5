"""What an experiment is: two arms, the share of blocks that each gets, and the seed that all its draws come from."""

from __future__ import annotations

from typing import Self

from pydantic import ConfigDict, Field, model_validator

from lib.contract.results import Model
from lib.experiments.arm import Arm, Letter
from lib.lessons.hypotheses import parse_id
from lib.market.terms import Terms

#: Share of the blocks that the arm which was shown to be worse still gets, once one is proven to help (docs/evidence-method.md,
#: Controlled test), so that a change is noticed.
HOLDOUT = 0.10


class Experiment(Model):
    """The definition, as it stands in the log's `begin` row; frozen. Shares are of arm `a`; arm `b` gets the rest."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(
        pattern=r"^e[1-9][0-9]{0,5}$",
        description="Its name: e1, e2, …, in the order in which they were begun.",
    )
    a: Arm = Field(description="The arm that is asked about, whether it helps.")
    b: Arm = Field(
        description="The arm that it is compared with, and that the loop goes back to if harm is proven."
    )
    share: float = Field(
        0.5, ge=0.05, le=0.95, description="Probability, 0 to 1, with which a block is given to arm a."
    )
    paired: bool = Field(
        False, description="Whether the other arm is asked too, without being executed, and judged by that."
    )
    seed: int = Field(ge=0, description="Seed of all draws, written down before the first one.")
    started: int = Field(gt=0, description="When it was begun, microseconds since 1970 UTC.")
    lesson: str = Field(
        "",
        description="Id of the lesson where alone blocks begin; empty: everywhere.",
    )
    terms: Terms = Field(
        default_factory=Terms, description="Costs, exits and their ranges that both arms trade by."
    )

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if self.lesson and parse_id(self.lesson) is None:
            raise ValueError(f"{self.lesson!r} is no lesson")
        return self

    def arm(self, letter: Letter) -> Arm:
        """The arm of a letter."""
        return self.a if letter == "a" else self.b
