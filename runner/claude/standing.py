"""How Claude stands (`claude.json`): blocked or not, counts, the cache, warnings; and what of it a person has to do something about.

Kept in memory by the decider and written after each decision, so that `ribbon status`, `ribbon doctor` and notifications can show it.
Text in it comes from the API now and then; it is for people's eyes and goes nowhere near a prompt.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from pydantic import Field, ValidationError

from lib.contract.results import Model
from lib.contract.standing import file_bytes, is_there
from lib.contract.words import age_words
from lib.data.atomic import replace_json
from lib.errors import DataError
from runner.claude.model_cost import ModelCost

STANDING_FILE = "claude.json"
MOST_WARNINGS = 20

_FIXES = {
    "billing": "Add credit, or raise the spend limit, in the console of the API",
    "answered_before": "Switch off what keeps answers between here and [claude] base_url (a cache of a proxy)",
}
#: What is mended by a setting or a key, which a running loop has from its start.
_SET = {
    "budget": "Every decision is HOLD until a new day (UTC) has room; raise [claude] daily_cap_usd or max_calls_per_day if that is meant",
    "authentication": "Set a key that is valid: ANTHROPIC_API_KEY",
    "no_key": "Set a key: ANTHROPIC_API_KEY",
    "permission": "Ask for access to the model, or choose another: [claude] model or first_model",
    "disabled": "Ask the support of the API why the organization is disabled, or set a key of another one: ANTHROPIC_API_KEY",
    "not_found": "Choose a model that there is: [claude] model or first_model; or look at [claude] base_url",
    "certificate": "See whether this machine's clock is right, and whether a proxy or a program that guards it opens what is encrypted: "
    "set SSL_CERT_FILE to a file with the certificate of that, or use another network",
    "not_the_api": "Set [claude] base_url to the address of the API",
    "other_model": "Look at [claude] model, first_model and base_url: another model answers there",
    "duplicate_key": "Look at [claude] base_url: what answers there is no API that can be trusted",
}
#: Warnings whose cause can be named, and what a person does about each.
COSTS_MORE = "a call cost more than its worst case"
NOT_CACHED = (
    "the prompt cache was mostly not read although its prefix was used within the hour: calls cost more"
)
NO_COST = "the API does not say what its answers cost: each is reserved at its worst case, until the cap"
_WARNED = {
    COSTS_MORE: "Set [claude.prices] and [claude.first_prices] to the price list of the API: the day's cap is reckoned with them",
    NOT_CACHED: "Look at [claude] base_url: what stands between here and the API changes or drops what is to be cached",
    NO_COST: "Look at [claude] base_url: what stands between here and the API leaves out `usage`",
}
#: Answers that came, were paid for, and could not be taken, by their reason code.
_SPOILED = ("max_tokens", "hollow", "not_json", "shape", "range", "contradiction")
#: So many of them, and as many as half of all that came, are told.
_TELLING = 5
_BEGAN_WITH = "start `ribbon trade` again then, which keeps the key and the settings that it began with"


class ClaudeState(Model):
    """The file. A new one begins with state ok: `ClaudeState(state="ok")`; a file that names no state is none."""

    state: Literal["ok", "blocked", "budget"] = Field(description="ok, blocked or budget.")
    reason: str = Field("", description="Reason code of why it is not ok.")
    detail: str = Field("", description="The same in words, the API's among them.")
    since: str = Field("", description="Since when, ISO 8601 in UTC.")
    retry_at: str = Field(
        "", description="When the API is tried again, ISO 8601 in UTC; blank: at the next tick."
    )
    model: str = Field("", description="The model that is asked, by its name at the API.")
    first_model: str = Field("", description="The cheaper model that is asked before it; blank: none.")
    first_alone: int = Field(0, description="Decisions for which the first model alone was asked.")
    asked_on: int = Field(
        0, description="Decisions in which the first model advised to do something: then `model` has the say."
    )
    prompt_sha: str = Field("", description="SHA-256 of the prompt addition that was told last.")
    no_lessons: str = Field("", description="Why no prompt addition is told; blank if one is.")
    outcomes: Counter[str] = Field(
        default_factory=Counter, description="Answers by reason code, valid ones under `ok`."
    )
    cost: ModelCost = Field(
        default_factory=ModelCost, description="What the UTC day of the last decision cost until then."
    )
    cache_hits: int = Field(0, description="Calls that read the cache.")
    cache_misses: int = Field(0, description="Calls that should have read the cache and did not.")
    cached_prefix_tokens: int = Field(
        0, description="Tokens in the cache at the last call, as the API counted."
    )
    overruns: int = Field(
        0, description="Calls that cost more than their worst case: never, unless prices are set wrong."
    )
    warnings: list[str] = Field(default_factory=list, description="What a person should know.")

    def warn(self, text: str) -> None:
        """Add a warning, once; the oldest gives way where there are many."""
        if text not in self.warnings:
            self.warnings = [*self.warnings[1 - MOST_WARNINGS :], text]

    def summary(self) -> dict[str, Any]:
        """JSON-ready."""
        return self.model_dump() | {"outcomes": dict(sorted(self.outcomes.items()))}

    def write(self, folder: Path) -> None:
        """Replace the file. Raises OSError."""
        replace_json(folder / STANDING_FILE, self.summary())

    def findings(self, age_s: float) -> list[tuple[str, str]]:
        """What is wrong and what to do about it, of a state that was written `age_s` seconds ago; nothing where all is well."""
        again = "; it is told until `ribbon trade` is started again"
        warned = [
            (text, _WARNED.get(text, "Mend what it names, or report it") + again) for text in self.warnings
        ]
        return (self._spoiled() if self.state == "ok" else self._not_asked(age_s)) + warned

    def _not_asked(self, age_s: float) -> list[tuple[str, str]]:
        reason = self.reason or self.state
        again = f"; it is tried again at {self.retry_at}" if self.retry_at else ""
        what = f"not asked: {reason} since {self.since}: {self.detail} (told {age_words(age_s)} ago)"
        return [(what, f"{remedy_of(reason)}{again}")]

    def _spoiled(self) -> list[tuple[str, str]]:
        counts = {reason: self.outcomes[reason] for reason in _SPOILED if self.outcomes[reason]}
        lost = sum(counts.values())
        came = lost + self.outcomes["ok"]
        if lost < _TELLING or 2 * lost < came:
            return []
        told = ", ".join(f"{count} {reason}" for reason, count in counts.items())
        cut = "Raise [claude] max_tokens, or lower its thinking or effort" if counts.get("max_tokens") else ""
        fix = cut or "Choose another [claude] model; `ribbon why last` shows what was answered"
        return [
            (
                f"{lost} of {came} answers were paid for and could not be taken: {told}",
                f"{fix}; {_BEGAN_WITH}",
            )
        ]


def remedy_of(reason: str) -> str:
    """What a person does about it where Claude is not asked, by the reason code."""
    if reason in _SET:
        return f"{_SET[reason]}; {_BEGAN_WITH}"
    return _FIXES.get(reason, "Do what the API says; a restart of `ribbon trade` tries at once")


def forget_standing(folder: Path) -> None:
    """Take away what an earlier run wrote, where somebody else decides now: it would be told as if it still stood."""
    with contextlib.suppress(OSError):
        (folder / STANDING_FILE).unlink(missing_ok=True)


def read_standing(folder: Path, now: pd.Timestamp) -> tuple[ClaudeState, float] | None:
    """How Claude stood when that was last written in a data folder, and seconds since; None where it never was.

    Raises DataError for a file that is none, OSError.
    """
    path = folder / STANDING_FILE
    if not is_there(path):
        return None
    try:
        found = ClaudeState.read(file_bytes(path).decode())
    except (ValidationError, UnicodeDecodeError) as error:
        first = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        fix = "`ribbon trade` writes it anew after its next decision"
        raise DataError(f"this is no state that was written here ({first})", path=path, fix=fix) from None
    return found, max(0.0, now.timestamp() - path.stat().st_mtime)
