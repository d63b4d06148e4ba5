"""What `claude.json` says (runner.claude.standing writes it) to whoever only looks, and what of it a person has to do something about."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pandas as pd
from pydantic import Field, ValidationError

from lib.contract.results import Model
from lib.contract.words import age_words
from lib.errors import DataError
from runner.claude.standing import STANDING_FILE

_FIXES = {
    "authentication": "Set a key that is valid: ANTHROPIC_API_KEY",
    "billing": "Add credit, or raise the spend limit, in the console of the API",
    "permission": "Ask for access to the model, or choose another: [claude] model",
    "not_found": "Choose a model that there is: [claude] model; or look at [claude] base_url",
    "not_the_api": "Set [claude] base_url to the address of the API",
    "other_model": "Look at [claude] model and base_url: another model answers there",
    "duplicate_key": "Look at [claude] base_url: what answers there is no API that can be trusted",
    "budget": "Every decision is HOLD until midnight UTC; raise [claude] daily_cap_usd if that is meant",
}


class StandingState(Model):
    """The file, as far as it is judged."""

    state: Literal["ok", "blocked", "budget"] = Field(description="ok, blocked or budget.")
    reason: str = Field("", description="Reason code of why it is not ok.")
    detail: str = Field("", description="The same in words, the API's among them.")
    since: str = Field("", description="Since when, ISO 8601 in UTC.")
    retry_at: str = Field(
        "", description="When the API is tried again, ISO 8601 in UTC; blank: at the next tick."
    )
    no_lessons: str = Field("", description="Why no prompt addition is told; blank if one is.")
    warnings: list[str] = Field(default_factory=list, description="What a person should know.")

    def findings(self, age_s: float) -> list[tuple[str, str]]:
        """What is wrong and what to do about it, of a state that was written `age_s` seconds ago; nothing where all is well."""
        if self.state == "ok":
            return []
        reason = self.reason or self.state
        again = f"; it is tried again at {self.retry_at}" if self.retry_at else ""
        what = f"not asked: {reason} since {self.since}: {self.detail} (told {age_words(age_s)} ago)"
        fix = _FIXES.get(
            reason, _FIXES.get(self.state, "Do what the API says; a restart of `ribbon trade` tries at once")
        )
        return [(what, f"{fix}{again}")]


def read_standing(folder: Path, now: pd.Timestamp) -> tuple[StandingState, float] | None:
    """How Claude stood when that was last written in a data folder, and seconds since; None where it never was.

    Raises DataError for a file that is none, OSError.
    """
    path = folder / STANDING_FILE
    if not path.exists():
        return None
    try:
        found = StandingState.read(path.read_bytes().decode())
    except (ValidationError, UnicodeDecodeError) as error:
        first = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        fix = "`ribbon trade` writes it anew after its next decision"
        raise DataError(f"this is no state that was written here ({first})", path=path, fix=fix) from None
    return found, max(0.0, now.timestamp() - path.stat().st_mtime)
