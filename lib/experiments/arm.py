"""An arm: what a decider is given in one half of an experiment, and the hash by which a change of it is seen.

What would surprise: the lessons that are published each hour are no part of the content. An arm says *which* lessons are told (the
published ones, none, or a kept text by its hash), so that learning goes on inside an experiment and does not end it.
"""

from __future__ import annotations

import hashlib
import json
from typing import Literal, Self

from pydantic import ConfigDict, Field, model_validator

from lib.contract.results import Model

#: How the log calls the two arms. `a` is the arm that is asked about, `b` the one it is compared with and that harm goes back to.
Letter = Literal["a", "b"]
LETTERS: tuple[Letter, ...] = ("a", "b")
OTHER: dict[Letter, Letter] = {"a": "b", "b": "a"}
_SHA256 = r"[0-9a-f]{64}"


class Arm(Model):
    """What one arm is given; frozen. Of the rule decider (`decider` rules) nothing else counts, and all of it has its default."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(
        min_length=1, max_length=40, description="What people call it, for example lessons; no content."
    )
    decider: Literal["claude", "rules"] = Field("claude", description="Who is asked.")
    lessons: str = Field(
        "published",
        pattern=rf"^(published|none|{_SHA256})$",
        description="Which lessons are told: the published ones of the hour, none, or a kept prompt addition by its SHA-256.",
    )
    without_lesson: str = Field(
        "", description="Id of the one lesson that is left out of the published ones; empty for none."
    )
    rules_sha256: str = Field(
        "", pattern=rf"^({_SHA256})?$", description="SHA-256 of the rules file; empty of the rule decider."
    )
    model: str = Field("", description="Model that decides; empty of the rule decider.")
    first_model: str = Field(
        "", description="Model of the cascade that is asked before it; empty without a cascade."
    )
    effort: str = Field(
        "", description="How thorough the answer is asked to be; empty where that is not said."
    )

    @model_validator(mode="after")
    def _fits_its_decider(self) -> Self:
        if self.decider == "rules" and any(self.content()[name] for name in _OF_CLAUDE):
            raise ValueError("the rule decider has no rules file, model, effort or lesson to leave out")
        if self.decider == "claude" and not self.model:
            raise ValueError("an arm of Claude names its model")
        if self.without_lesson and self.lessons != "published":
            raise ValueError("a lesson can be left out of the published ones only")
        return self

    def content(self) -> dict[str, str]:
        """What the hash is of: every field but the name."""
        return {name: value for name, value in self.model_dump().items() if name != "name"}

    def sha256(self) -> str:
        """A name for the content: arms that are given the same have equal ones, whatever they are called."""
        return hashlib.sha256(json.dumps(self.content(), sort_keys=True).encode()).hexdigest()


_OF_CLAUDE = ("without_lesson", "rules_sha256", "model", "first_model", "effort")
