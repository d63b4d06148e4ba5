"""What can be set of a controlled test: two arms, and how they are compared. `[experiment]` of ribbon.toml.

Settings say what the next `ribbon experiment start` begins. What would surprise: while an experiment runs, another content of an arm here
(or of `[claude]`, which an arm takes what it does not say from) ends it; share and pairs are those that it began with.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from runner.trade.settings import Section

_SHA256 = r"[0-9a-f]{64}"


class ArmSettings(Section):
    """What a decider is given in one half of the blocks."""

    name: str = Field("", max_length=40, description="What pages call the arm; empty: by what it is given.")
    decider: Literal["claude", "rules"] = Field(
        "claude", description="Who is asked: Claude, or the rule decider."
    )
    lessons: str = Field(
        "published",
        pattern=rf"^(published|none|{_SHA256})$",
        description="Lessons that are told: the published ones of the hour, none, or a kept prompt addition by its SHA-256.",
    )
    rules: str = Field("", description="Path of a rules file; empty: the one that comes with the program.")
    model: str = Field(
        "",
        pattern=r"^([a-z][a-z0-9.:@/-]{2,79})?$",
        description="Model that is asked; empty: that of [claude].",
    )
    first_model: str = Field(
        "",
        pattern=r"^(none|[a-z][a-z0-9.:@/-]{2,79})?$",
        description="Cheaper model that is asked before it; none: no such; empty: as in [claude], with a model of its own none.",
    )
    effort: Literal["", "low", "medium", "high"] = Field(
        "", description="How thorough the answer is; empty: as in [claude]."
    )
    input_usd: float = Field(
        0.0, ge=0, description="Input tokens of another model, dollars per million; 0: that of [claude]."
    )
    output_usd: float = Field(
        0.0, ge=0, description="Output tokens of another model, dollars per million; 0: that of [claude]."
    )


class OtherArmSettings(ArmSettings):
    """As ArmSettings; without lessons unless it says otherwise."""

    lessons: str = Field(
        "none",
        pattern=rf"^(published|none|{_SHA256})$",
        description=ArmSettings.model_fields["lessons"].description,
    )


class ExperimentSettings(Section):
    """`[experiment]`: two arms, drawn block by block. Nothing is compared before `ribbon experiment start`."""

    a: ArmSettings = Field(
        default_factory=ArmSettings,
        description="The arm that is asked about: whether it helps.",
    )
    b: OtherArmSettings = Field(
        default_factory=OtherArmSettings,
        description="The arm it is compared with, and that is gone back to where harm is proven.",
    )
    share: float = Field(0.5, ge=0.05, le=0.95, description="Share of the blocks that arm a gets, 0 to 1.")
    paired: bool = Field(
        False,
        description="Whether the other arm is asked too, after the executed one, never executed and scored on the same prices.",
    )
    shadow_deadline_s: float = Field(
        20.0, gt=0, le=60, description="Longest wait for the arm that is not executed, seconds."
    )
    lesson: str = Field(
        "",
        description="Id of one lesson that is the difference: arm b is told all published ones but it. Empty: the arms differ as they say.",
    )
