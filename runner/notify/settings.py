"""What can be set about notifications. Service addresses carry tokens, so they are a secret: from the environment, never from a file."""

from __future__ import annotations

import os
import re
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, SecretStr

URLS_VARIABLE = "RIBBON_NOTIFY__URLS"
#: One of the signs may also stand within an address: a list of receivers, say.
_BETWEEN = re.compile(r"\s+|[,;]+(?=[A-Za-z0-9]+://)")
Kind = Literal["entry", "exit", "halt", "blocked", "error", "cycle", "stale", "experiment"]
KINDS: tuple[Kind, ...] = get_args(Kind)


def _urls_from_environment() -> SecretStr:
    """The addresses that RIBBON_NOTIFY__URLS holds; empty if it is not set."""
    return SecretStr(os.environ.get(URLS_VARIABLE, ""))


class NotifySettings(BaseModel):
    """Without an address nothing is sent."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    urls: SecretStr = Field(
        default_factory=_urls_from_environment,
        description=f"Addresses as apprise writes them, separated by spaces or commas; from {URLS_VARIABLE} only.",
    )
    kinds: tuple[Kind, ...] = Field(KINDS, description="What is told.")
    timeout_s: float = Field(10.0, gt=0, description="Seconds a message may take before it is given up.")
    repeat_minutes: float = Field(
        30.0, ge=0, description="The same message is not sent again within so many minutes."
    )

    def addresses(self) -> list[str]:
        """The single addresses; a comma or a semicolon between two separates them too, as apprise has it."""
        return [each.strip(",;") for each in _BETWEEN.split(self.urls.get_secret_value()) if each.strip(",;")]
