"""What an experiment says: helps, harms or not yet, how sure that is, what each arm was exposed to, and what is still needed."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from lib.contract.results import Model

#: Which differences decide.
JudgedBy = Literal["randomised", "paired"]


class Estimate(Model):
    """One way to estimate the difference, with its evidence. Percent net a block, arm a less arm b."""

    blocks: int = Field(description="Blocks that it rests on.")
    differing: int = Field(
        description="Blocks of them that moved it: of pairs those with different outcomes, else those with a trade."
    )
    difference_pct: float | None = Field(
        description="The estimate, percent net a block; null without a block."
    )
    low_pct: float | None = Field(
        description="Lower bound that holds at every look, percent net a block, 97.5 in 100 on its side; null while there is too little."
    )
    high_pct: float | None = Field(
        description="Upper bound that holds at every look, percent net a block, 97.5 in 100 on its side; null while there is too little."
    )
    log_e_helps: float = Field(
        description="Natural log of the e-value of help, as it stands; proven at ln 40."
    )
    log_e_harms: float = Field(
        description="Natural log of the e-value of harm, as it stands; proven at ln 40."
    )
    spread_pct: float | None = Field(
        description="Root mean square of the differences that moved it, percent; null without one."
    )
    beyond_declared: int = Field(
        description="Blocks whose difference was larger than reckoned with, for which the level is not exact."
    )
    day_inflation: float = Field(
        1.0,
        description="Factor by which days that hang together inflate the variance; above 1 it may be of these days.",
    )


class ArmFigures(Model):
    """What was done under one arm."""

    name: str = Field(description="The arm's name.")
    blocks: int = Field(description="Blocks that it was drawn for and that have ended.")
    traded: int = Field(description="Blocks of them in which a trade was entered.")
    hours: float = Field(description="Sum of the lengths of these blocks, hours.")
    net_pct: float = Field(description="Sum of the blocks' outcomes, percent net.")
    mean_pct: float | None = Field(description="Mean outcome of a block, percent net; null without one.")
    asked: int = Field(description="Answers that were executed or could have been.")
    shadows: int = Field(description="Answers that were only compared.")
    cost_usd: float = Field(description="What all these answers were billed, dollars.")


class Needed(Model):
    """What a difference of 0.05 % would still take to show in four of five cases."""

    episodes: int = Field(
        description="About how many more blocks with a trade; of pairs those with different outcomes."
    )
    days: float | None = Field(description="About how many days at the rate until now; null without a rate.")
    cost_usd: float | None = Field(
        description="About what the model would cost until then, both arms, dollars; null without a rate."
    )


class Judgement(Model):
    """How an experiment stands at a look."""

    experiment: str = Field(description="Id of the experiment.")
    verdict: Literal["helps", "harms", "not_yet"] = Field(description="What is proven of arm a.")
    since: int | None = Field(
        description="When that was proven, microseconds since 1970 UTC; null for not yet."
    )
    proven_by: int | None = Field(description="Number of the block that proved it; null for not yet.")
    judged_by: JudgedBy = Field(description="Which estimate decides; fixed at the start.")
    randomised: Estimate = Field(description="From what was executed alone.")
    paired: Estimate | None = Field(
        description="From both arms' answers at one tick; null unless it is paired."
    )
    unpaired: dict[str, int] = Field(
        default_factory=dict, description="Ended blocks without a pair, by why: left_out, gap, no_row."
    )
    left_out: dict[str, int] = Field(
        default_factory=dict, description="Ticks at which the shadow was not asked, by why."
    )
    disagree: bool = Field(
        description="Whether it is shown that the two estimates are of different things; then trust neither alone."
    )
    after: Estimate | None = Field(
        description="What was seen since help was proven, on evidence that began anew then; null before."
    )
    changed: bool = Field(description="Whether since then harm was proven.")
    a: ArmFigures = Field(description="What was done under arm a.")
    b: ArmFigures = Field(description="What was done under arm b.")
    needed: Needed | None = Field(description="What is still needed; null once something is proven.")

    @property
    def decisive(self) -> Estimate:
        """The estimate that decides."""
        return self.paired if self.judged_by == "paired" and self.paired is not None else self.randomised


class Chance(Model):
    """Of all experiments of a folder: how many verdicts chance alone would give."""

    experiments: int = Field(description="How many were begun.")
    verdicts: int = Field(description="How many of them came to a verdict.")
    by_chance: float = Field(
        description="How many verdicts chance alone would give at most, on average, if no arm made a difference: 5 % of them."
    )
