"""What Claude is asked to answer with, and what is let through: one JSON object, checked field by field (docs/guarantees.md, L2).

The API holds answers to the schema's shape but knows no ranges, so they stand in the descriptions for Claude and are checked here.
`reasoning` comes first: what is written before the verdict can still change it. It is logged for people, cut and cleaned, never read again.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from runner.trade.models import Choice, ExitAdvice

REASONING_LENGTH = 600
#: Ranges of the answer: distances in percent of the fill, seconds of validity (L4: 20 s).
STOP_PCT, TARGET_PCT, VALID_S = (0.05, 1.0), (0.05, 5.0), (1.0, 20.0)


class Judgement(BaseModel):
    """An answer within all ranges. Nothing is coerced, nothing may be missing, nothing more may be there."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    reasoning: str
    direction: Choice
    entry_recommended: bool
    confidence: float = Field(ge=0, le=1)
    stop_pct: float | None = Field(ge=STOP_PCT[0], le=STOP_PCT[1])
    target_pct: float | None = Field(ge=TARGET_PCT[0], le=TARGET_PCT[1])
    valid_for_s: float = Field(ge=VALID_S[0], le=VALID_S[1])
    exit_advice: ExitAdvice

    @model_validator(mode="after")
    def _entry_has_a_direction(self) -> Self:
        if self.direction == "HOLD" and self.entry_recommended:
            raise ValueError("an entry is recommended, but the direction is HOLD")
        return self


Problem = Literal["not_json", "shape", "range", "contradiction"]


class Judged(NamedTuple):
    """A judgement, or the word that says why there is none."""

    judgement: Judgement | None
    problem: Problem | Literal[""] = ""


def judge(text: str, holding: bool) -> Judged:
    """The judgement that `text` holds. `holding`: whether there is a position whose exit can be advised."""
    try:
        found = Judgement.model_validate_json(text)
    except ValidationError as error:
        return Judged(None, _problem(error))
    if found.exit_advice == "exit" and not holding:
        return Judged(None, "contradiction")
    return Judged(found)


def _problem(error: ValidationError) -> Problem:
    kinds = {found["type"] for found in error.errors(include_url=False, include_input=False)}
    if "json_invalid" in kinds:
        return "not_json"
    if kinds <= {"greater_than_equal", "less_than_equal", "finite_number"}:
        return "range"
    return "contradiction" if kinds == {"value_error"} else "shape"


def tidy(reasoning: str) -> str:
    """Reasoning as it is logged: one line of printable text, at most `REASONING_LENGTH` characters."""
    line = " ".join("".join(mark if mark.isprintable() else " " for mark in reasoning).split())
    return line if len(line) <= REASONING_LENGTH else line[: REASONING_LENGTH - 1] + "…"


def _span(limits: tuple[float, float]) -> str:
    return f"{limits[0]:g} to {limits[1]:g}"


def answer_schema() -> dict[str, Any]:
    """The JSON schema sent with each call; the API takes no numeric limits, so they are words."""
    properties: dict[str, Any] = {
        "reasoning": {
            "type": "string",
            "description": "What decides, in at most 60 words, written before the verdict.",
        },
        "direction": {
            "type": "string",
            "enum": ["LONG", "SHORT", "HOLD"],
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
            "description": f"Stop distance in percent of the fill, {_span(STOP_PCT)}; null for the standard one.",
        },
        "target_pct": {
            "type": ["number", "null"],
            "description": f"Target distance in percent of the fill, {_span(TARGET_PCT)}; null for the standard one.",
        },
        "valid_for_s": {"type": "number", "description": f"Seconds this answer holds, {_span(VALID_S)}."},
        "exit_advice": {
            "type": "string",
            "enum": ["keep", "exit"],
            "description": "Close the open position now, or keep it; keep if nothing is held.",
        },
    }
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
