"""What the real API would refuse about a request: a message for its 400, or None.

From the SDK's parameter types and the documentation of claude-sonnet-5-5 and claude-haiku-5-5: unknown fields are refused, and so are
sampling parameters, thinking that the model does not know, forced tools, a schema with limits, empty texts, and cache lifetimes in the
wrong order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runner.claude.request_size import prompt_blocks

KNOWN = {
    "model", "max_tokens", "messages", "system", "output_config", "thinking", "metadata", "stop_sequences", "stream", "tools",
    "tool_choice", "service_tier", "cache_control", "container", "inference_geo", "speed", "diagnostics",
}  # fmt: skip
THINKING = {
    "claude-sonnet-5-5": {"adaptive", "between_tools"},
    "claude-haiku-5-5": {"adaptive", "disabled"},
}
LIMITS = {
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "minItems", "maxItems", "pattern",
}  # fmt: skip
EFFORTS = {"low", "medium", "high", "xhigh", "max"}


def problem_of(body: Any) -> str | None:
    """The first thing that is wrong with a request body."""
    if not isinstance(body, dict):
        return "the body is no JSON object"
    return next(_problems(body), None)


def _problems(body: dict[str, Any]) -> Iterator[str]:
    for name in ("model", "max_tokens", "messages"):
        if name not in body:
            yield f"{name}: Field required"
            return
    yield from (f"{name}: Extra inputs are not permitted" for name in sorted(set(body) - KNOWN))
    if not isinstance(body["max_tokens"], int) or body["max_tokens"] < 1:
        yield "max_tokens: must be a positive integer"
    allowed = THINKING.get(body["model"])
    kind = body.get("thinking", {}).get("type")
    if allowed is not None and kind is not None and kind not in allowed:
        yield f"thinking.type: {kind} is not supported by this model"
    if not body["messages"] or body["messages"][0].get("role") != "user":
        yield "messages: first message must use the user role"
    blocks = list(prompt_blocks(body))
    yield from _block_problems(blocks)
    yield from _output_problems(body.get("output_config") or {})


def _block_problems(blocks: list[dict[str, Any]]) -> Iterator[str]:
    for block in blocks:
        if set(block) - {"type", "text", "cache_control", "citations"} or block.get("type") != "text":
            yield "content: unknown block"
        elif not block["text"].strip():
            yield "content: text blocks must contain non-whitespace text"
    marks = [block["cache_control"] for block in blocks if block.get("cache_control")]
    if len(marks) > 4:
        yield f"A maximum of 4 blocks with cache_control may be provided. Found {len(marks)}."
    lifetimes = [mark.get("ttl", "5m") for mark in marks]
    if any(mark.get("type") != "ephemeral" for mark in marks) or set(lifetimes) - {"5m", "1h"}:
        yield "cache_control: unknown type or ttl"
    if lifetimes != sorted(lifetimes):  # "1h" sorts before "5m"
        yield "cache_control: a ttl='1h' block must not come after a ttl='5m' block"


def _output_problems(config: dict[str, Any]) -> Iterator[str]:
    yield from (
        f"output_config.{name}: Extra inputs are not permitted" for name in set(config) - {"effort", "format"}
    )
    if config.get("effort") not in {None, *EFFORTS}:
        yield "output_config.effort: unknown"
    wanted = config.get("format")
    if wanted is None:
        return
    if set(wanted) != {"type", "schema"} or wanted["type"] != "json_schema":
        yield "output_config.format: must be {type: json_schema, schema}"
        return
    yield from _schema_problems(wanted["schema"], "output_config.format.schema")


def _schema_problems(schema: dict[str, Any], where: str) -> Iterator[str]:
    yield from (f"{where}: {name} is not supported" for name in sorted(set(schema) & LIMITS))
    if schema.get("type") == "object":
        if schema.get("additionalProperties") is not False:
            yield f"{where}: additionalProperties must be false"
        for name, inner in schema.get("properties", {}).items():
            yield from _schema_problems(inner, f"{where}.{name}")
