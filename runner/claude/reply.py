"""The API's reply → an Answer: every way a reply can fall short becomes HOLD with a word of its own (docs/guarantees.md, L2).

The reply is read from its bytes and not from the SDK's objects, which take any JSON without checking (`{}` makes a message without
content). Tokens are believed only if all of them are there and each can be; a reply without believable tokens has an unknown cost.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lib.market.terms import Terms
from runner.claude.costs import counted
from runner.claude.judgement import Judgement, judge
from runner.claude.settings import ClaudeSettings
from runner.trade.models import Usage

#: Reason codes by stop reason; end_turn is the only one whose text is read.
STOPS = {
    "max_tokens": "max_tokens",
    "refusal": "refusal",
    "pause_turn": "pause_turn",
    "tool_use": "tool_use",
    "stop_sequence": "stop_sequence",
    "model_context_window_exceeded": "context_window",
}
NO_STOP, UNKNOWN_STOP, HOLLOW, UNREADABLE = "stop_missing", "stop_unknown", "hollow", "unreadable"


#: Tokens of one call that are believed: ten times what the largest models read. Beyond it the sum of a day would be anybody's.
_MOST_TOKENS = 10_000_000
_Count = Annotated[int, Field(ge=0, le=_MOST_TOKENS, strict=True)]


class _Lenient(BaseModel):
    """Fields that are not known are let be: the API adds some."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class _Tokens(_Lenient):
    input_tokens: _Count
    output_tokens: _Count
    cache_read_input_tokens: _Count | None = None
    cache_creation_input_tokens: _Count | None = None


class _Block(_Lenient):
    type: str
    text: str = ""


class _Reply(_Lenient):
    content: list[_Block] = Field(default_factory=list)
    stop_reason: str | None = None


class _Metered(_Lenient):
    usage: _Tokens


class ParsedReply(NamedTuple):
    """A judgement or the reason why there is none; usage is None where the cost is unknown."""

    judgement: Judgement | None
    reason_code: str
    usage: Usage | None


def read_reply(body: bytes, settings: ClaudeSettings, holding: bool, terms: Terms) -> ParsedReply:
    """What the body of a 200 says."""
    usage = _usage(body, settings)
    try:
        reply = _Reply.model_validate_json(body)
    except ValidationError:
        return ParsedReply(None, UNREADABLE, usage)
    text = "".join(block.text for block in reply.content if block.type == "text")
    if reply.stop_reason is None:
        return ParsedReply(None, NO_STOP if reply.content else HOLLOW, usage)
    if reply.stop_reason != "end_turn":
        return ParsedReply(None, STOPS.get(reply.stop_reason, UNKNOWN_STOP), usage)
    if not text.strip():
        return ParsedReply(None, HOLLOW, usage)
    judged = judge(text, holding, terms)
    return ParsedReply(judged.judgement, judged.problem, usage)


def _usage(body: bytes, settings: ClaudeSettings) -> Usage | None:
    try:
        tokens = _Metered.model_validate_json(body).usage
    except ValidationError:
        return None
    return counted(
        settings.prices,
        tokens.input_tokens,
        tokens.output_tokens,
        tokens.cache_read_input_tokens or 0,
        tokens.cache_creation_input_tokens or 0,
    )
