"""What can be set about Claude: model, prices, limits, deadline. The key comes from the environment, never from a file.

What would surprise: `thinking` is off by default (`between_tools` is how claude-sonnet-5-5 spells that). Left to itself the model thinks
first, for longer than the deadline and at the price of output tokens; the answer's `reasoning` comes before its verdict instead.
"""

from __future__ import annotations

import os
import unicodedata
from typing import Literal, Self
from urllib.parse import urlsplit, urlunsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from lib.contract.schema import RULES_MODEL, SIMULATED_MODEL

KEY_VARIABLE = "ANTHROPIC_API_KEY"
_API_ADDRESS = "https://api.anthropic.com"


def _key_from_environment() -> SecretStr:
    """The key that ANTHROPIC_API_KEY holds; empty if it is not set."""
    return SecretStr(os.environ.get(KEY_VARIABLE, "").strip())


class Prices(BaseModel):
    """Dollars per million tokens, and what the cache makes of the input price."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    input_usd: float = Field(2.0, gt=0, description="Input tokens, dollars per million.")
    output_usd: float = Field(10.0, gt=0, description="Output tokens, dollars per million.")
    cache_write_factor: float = Field(
        2.0, ge=1, description="Writing the 1-hour cache, times the input price."
    )
    cache_read_factor: float = Field(0.1, gt=0, le=1, description="Reading the cache, times the input price.")


class FirstPrices(Prices):
    """Prices of the model that is asked first; the defaults are those of claude-haiku-5-5 for prompts of up to 100,000 tokens."""

    input_usd: float = Field(0.1, gt=0, description="Input tokens, dollars per million.")
    output_usd: float = Field(0.5, gt=0, description="Output tokens, dollars per million.")


#: What a price list has of each model.
_SET = {"input_usd", "output_usd"}
#: The cheap model that the defaults of `first_…` are for.
CHEAP_MODEL = "claude-haiku-5-5"
_MODEL_NAME = r"[a-z][a-z0-9.:@/-]{2,79}"
_Thinking = Literal["between_tools", "adaptive", "disabled", "model_default"]


class ClaudeSettings(BaseModel):
    """All of it; the defaults are for claude-sonnet-5-5 in November 2026, those of `first_…` for claude-haiku-5-5."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    model: str = Field(
        "claude-sonnet-5-5",
        pattern=f"^{_MODEL_NAME}$",
        description="Model name; also what the decisions log says.",
    )
    first_model: str = Field(
        "",
        pattern=f"^({_MODEL_NAME})?$",
        description=f"A cheaper model that is asked first ({CHEAP_MODEL}); `model` only where it advises an entry or an exit. Empty: none.",
    )
    first_prices: FirstPrices = Field(default_factory=FirstPrices, description="Prices of the first model.")
    first_thinking: _Thinking = Field("disabled", description="`thinking` of the first model.")
    first_min_cache_tokens: int = Field(512, ge=0, description="`min_cache_tokens` of the first model.")
    training_until: str = Field(
        "",
        pattern=r"^(\d{4}-(0[1-9]|1[0-2]))?$",
        description="Month in which that model's training data end, as YYYY-MM; a replay of earlier data warns. Empty: not known.",
    )
    prices: Prices = Field(default_factory=Prices, description="Prices of that model.")
    max_tokens: int = Field(
        700, ge=200, le=8_000, description="Longest answer, in tokens; part of the worst case."
    )
    thinking: _Thinking = Field(
        "between_tools",
        description="Thinking before the answer: off, as much as the model wants, off for older and small models, unsaid.",
    )
    effort: Literal["low", "medium", "high"] = Field("medium", description="How thorough the answer is.")
    max_calls_per_day: int = Field(250, ge=0, description="Calls per UTC day, retries included.")
    daily_cap_usd: float = Field(2.0, ge=0, description="Dollars per UTC day that are never passed.")
    deadline_s: float = Field(
        8.0, gt=0, le=60, description="Longest decision, in seconds, whatever the API does."
    )
    retry_needs_s: float = Field(
        3.0, gt=0, description="Seconds that must be left for the one quick retry, and for the second model."
    )
    late_s: float = Field(
        45.0,
        gt=0,
        description="Seconds an answer that missed the deadline is still waited for, to learn its cost.",
    )
    blocked_retry_s: float = Field(
        900.0, gt=0, description="Seconds before a refusing API (key, credit, spend limit) is tried again."
    )
    min_cache_tokens: int = Field(
        1_024,
        ge=0,
        description="Shortest prefix the model caches, in tokens; shorter ones get no breakpoint.",
    )
    base_url: str = Field(
        _API_ADDRESS, pattern=r"^https?://\S+$", description="Address of the API, or of a proxy."
    )
    api_key: SecretStr = Field(
        default_factory=_key_from_environment, description=f"From {KEY_VARIABLE} only."
    )

    @property
    def address(self) -> str:
        """`base_url` as it may be shown: without what a user and a password stand in, and without a query."""
        parts = urlsplit(self.base_url)
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))

    @property
    def key_fault(self) -> str:
        """Why nobody can be asked with this key, in words that never show it; "" where it could be one."""
        key = self.api_key.get_secret_value()
        if not key:
            return f"{KEY_VARIABLE} is not set"
        odd = [mark for mark in dict.fromkeys(key) if not "!" <= mark <= "~" or mark in "\"'"]
        if not odd:
            return ""
        shown = ", ".join(f"U+{ord(mark):04X} {unicodedata.name(mark, '')}".rstrip() for mark in odd[:3])
        return f"{KEY_VARIABLE} holds blanks, quotes or odd characters, which no key has: {shown}"

    @property
    def unknown_prices(self) -> str:
        """Which model is asked at prices that nobody set for it, in words; "" where all are known. The cap is reckoned with them."""
        own = {"model": "prices", "first_model": "first_prices"}
        usual = {"model": type(self).model_fields["model"].default, "first_model": CHEAP_MODEL}
        for name, prices in own.items():
            model = getattr(self, name)
            if model and usual[name] not in model and not getattr(self, prices).model_fields_set >= _SET:
                return (
                    f"what {model} costs is not known, so nothing is asked of it: set input_usd and output_usd of it "
                    f"in [claude.{prices}]"
                )
        return ""

    def redacted(self, text: str) -> str:
        """`text` without the key, and without what the address holds beside the place, should somebody repeat one."""
        parts = urlsplit(self.base_url)
        for secret in (self.api_key.get_secret_value(), parts.username, parts.password, parts.query):
            text = text.replace(secret, "***") if secret else text
        return text

    def first(self) -> ClaudeSettings | None:
        """These settings for the model that is asked first; None where there is none."""
        if not self.first_model:
            return None
        own = {
            "model": self.first_model,
            "prices": self.first_prices,
            "thinking": self.first_thinking,
            "min_cache_tokens": self.first_min_cache_tokens,
            "first_model": "",
        }
        return self.model_copy(update=own)

    @field_validator("model", "first_model")
    @classmethod
    def _is_a_trader(cls, model: str) -> str:
        """The log's `model` column says whose decisions they are; these two names are not a trader's."""
        if model in (RULES_MODEL, SIMULATED_MODEL):
            raise ValueError(
                f"{model} is what decisions are called that no model made: give the model's name"
            )
        return model

    @model_validator(mode="after")
    def _two_models_are_two(self) -> Self:
        """One model asked twice would be paid twice for one opinion; one that is asked too late is paid for none."""
        if self.first_model == self.model:
            raise ValueError(
                f"first_model and model are both {self.model}: name a cheaper one, or leave it out"
            )
        if self.first_model and self.deadline_s < 2 * self.retry_needs_s:
            raise ValueError(
                f"deadline_s {self.deadline_s:g} has no time for two models: with first_model it is at least twice "
                f"retry_needs_s ({self.retry_needs_s:g})"
            )
        return self

    @model_validator(mode="after")
    def _key_stays_private(self) -> Self:
        """A key sent over plain http to another machine can be read on the way."""
        address = urlsplit(self.base_url)
        if address.scheme == "http" and address.hostname not in ("127.0.0.1", "localhost", "::1"):
            raise ValueError(
                f"base_url {self.address} is not encrypted: use https, or a proxy on this machine"
            )
        return self
