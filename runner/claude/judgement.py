"""What Claude is asked to answer with, and what is let through: one JSON object, checked field by field (docs/guarantees.md, L2).

The API holds answers to the schema's shape but knows no ranges, so they stand in the descriptions for Claude and are checked here.
`reasoning` comes first: what is written before the verdict can still change it. It is logged for people, cut and cleaned, never read again.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Literal, NamedTuple, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model, model_validator

from lib.contract.visible import visible
from lib.market.terms import Terms
from runner.claude.strict_json import has_duplicate_key
from runner.trade.models import Choice, ExitAdvice

REASONING_LENGTH = 600
#: Seconds that an answer may be valid for (L4: 20 s). The ranges of stop and target are those of the terms.
VALID_S = (1.0, 20.0)


class Judgement(BaseModel):
    """An answer: nothing is coerced, nothing may be missing, nothing more may be there; `judgement_under` adds the ranges of the terms."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    reasoning: str = Field(
        description="What decides, in words, written before the verdict; logged for people alone."
    )
    direction: Choice = Field(description="LONG, SHORT or HOLD.")
    entry_recommended: bool = Field(description="Whether to enter now in that direction; never with HOLD.")
    confidence: float = Field(
        ge=0,
        le=1,
        description="Probability, 0 to 1, that the trade ends with a net gain; of holding, with HOLD.",
    )
    stop_pct: float | None = Field(
        description="Distance of the stop, percent of the fill; null for the standard one."
    )
    target_pct: float | None = Field(
        description="Distance of the target, percent of the fill; null for the standard one."
    )
    valid_for_s: float = Field(
        ge=VALID_S[0], le=VALID_S[1], description="How long the answer holds, seconds."
    )
    exit_advice: ExitAdvice = Field(
        description="Whether to close the open position now or to keep it; keep if nothing is held."
    )

    @model_validator(mode="after")
    def _entry_has_a_direction(self) -> Self:
        if self.direction == "HOLD" and self.entry_recommended:
            raise ValueError("an entry is recommended, but the direction is HOLD")
        return self


@cache
def judgement_under(terms: Terms) -> type[Judgement]:
    """A Judgement whose stop and target lie within the ranges of `terms`, in percent of the fill."""
    ranges = {
        "stop_pct": (terms.min_stop_pct, terms.max_stop_pct),
        "target_pct": (terms.min_target_pct, terms.max_target_pct),
    }
    fields: Any = {
        name: (float | None, Field(ge=low, le=high, description=Judgement.model_fields[name].description))
        for name, (low, high) in ranges.items()
    }
    return create_model("Judgement", __base__=Judgement, **fields)


Problem = Literal["not_json", "shape", "range", "contradiction", "duplicate_key"]


class JudgementOrReason(NamedTuple):
    """A judgement, or the word that says why there is none."""

    judgement: Judgement | None
    problem: Problem | Literal[""] = ""


def judge(text: str, holding: bool, terms: Terms) -> JudgementOrReason:
    """The judgement that `text` holds, within the ranges of `terms`. `holding`: whether there is a position whose exit can be advised."""
    if has_duplicate_key(text):
        return JudgementOrReason(None, "duplicate_key")
    try:
        found = judgement_under(terms).model_validate_json(text)
    except ValidationError as error:
        return JudgementOrReason(None, _problem(error))
    if found.exit_advice == "exit" and not holding:
        return JudgementOrReason(None, "contradiction")
    return JudgementOrReason(found)


def _problem(error: ValidationError) -> Problem:
    kinds = {found["type"] for found in error.errors()}
    if "json_invalid" in kinds:
        return "not_json"
    if kinds <= {"greater_than_equal", "less_than_equal", "finite_number"}:
        return "range"
    return "contradiction" if kinds == {"value_error"} else "shape"


def tidy(reasoning: str) -> str:
    """Reasoning as it is logged: one line, every mark of it visible, at most `REASONING_LENGTH` characters."""
    line = visible(" ".join(reasoning.split()))
    return line if len(line) <= REASONING_LENGTH else line[: REASONING_LENGTH - 1] + "…"


def _span(low: float, high: float) -> str:
    return f"{low:g} to {high:g}"


def answer_schema(terms: Terms) -> dict[str, Any]:
    """The JSON schema sent with each call; the API takes no numeric limits, so they are words."""
    stop, target = (
        _span(terms.min_stop_pct, terms.max_stop_pct),
        _span(terms.min_target_pct, terms.max_target_pct),
    )
    properties: dict[str, Any] = {
        "reasoning": {
            "type": "string",
            "description": "What decides, in at most 60 words, written before the verdict.",
        },
        "direction": {
            "type": "string",
            "enum": list(get_args(Choice)),
            "description": "HOLD unless an entry pays.",
        },
        "entry_recommended": {
            "type": "boolean",
            "description": "Enter now in that direction; false with HOLD.",
        },
        "confidence": {
            "type": "number",
            "description": "Probability from 0 to 1 that the trade ends with a net gain; of holding, with HOLD.",
        },
        "stop_pct": {
            "type": ["number", "null"],
            "description": f"Stop distance in percent of the fill, {stop}; null for the standard one.",
        },
        "target_pct": {
            "type": ["number", "null"],
            "description": f"Target distance in percent of the fill, {target}; null for the standard one.",
        },
        "valid_for_s": {"type": "number", "description": f"Seconds this answer holds, {_span(*VALID_S)}."},
        "exit_advice": {
            "type": "string",
            "enum": list(get_args(ExitAdvice)),
            "description": "Close the open position now, or keep it; keep if nothing is held.",
        },
    }
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
