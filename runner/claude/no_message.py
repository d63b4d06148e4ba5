"""A 200 that is no message of the model that was asked → the Fault that it is.

A proxy, a portal or a wrong address answers 200 with whatever it has. An error in the API's own envelope is the same as under its own
status. Everything else comes again at the next tick, and each time might be billed: so calls stop, people are told once with the address
that was asked, and only what surely was never a message (a web page) is not billed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from runner.claude.faults import Fault, clean, is_page, page_fault, status_fault
from runner.claude.settings import ClaudeSettings
from runner.claude.strict_json import DuplicateKey, parsed

#: Types of the API's errors, with the status that each comes under.
STATUS_OF_TYPE = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
_SNAPSHOT = re.compile(r"[-@]\d{8}$", re.ASCII)


def no_message(body: bytes, headers: Mapping[str, str], settings: ClaudeSettings) -> Fault | None:
    """Why the body of a 200 is not the message that was asked for; None if it is one."""
    if is_page(body):
        return page_fault(200, settings)
    try:
        found = parsed(body.decode())
    except DuplicateKey:
        return stops("duplicate_key", "a key stands twice in the message", settings)
    except ValueError:
        return stops("unreadable", "the answer is no JSON, or was cut off", settings)
    kind = found.get("type") if isinstance(found, dict) else None
    if kind == "message":
        return None if is_of(found.get("model"), settings.model) else _other_model(found, settings)
    if isinstance(found, dict) and (kind == "error" or isinstance(found.get("error"), dict)):
        return _envelope(found, headers, settings)
    return stops("not_the_api", "the answer is JSON, but no message", settings)


def message_id(body: bytes) -> str:
    """The name of a message, which the API gives to one alone; "" where it has none."""
    try:
        found = parsed(body.decode())
    except ValueError:
        return ""
    name = found.get("id") if isinstance(found, dict) else None
    return name if isinstance(name, str) else ""


def is_of(answered: object, asked: str) -> bool:
    """Whether a message's `model` is the one asked for: that name, or a dated snapshot of it (`-20261101`, `@20261101`).

    A provider's prefix (up to the last `/`) is no part of a name. `-latest` and `-0` are aliases of the name without them, as the API has
    them. Whoever asks for a snapshot gets that one and no other.
    """
    if not isinstance(answered, str):
        return False
    name, wanted = answered.rpartition("/")[2], asked.rpartition("/")[2]
    bare = (wanted.removesuffix("-latest"), wanted.removesuffix("-0"))
    return name in bare or _SNAPSHOT.sub("", name) in bare


def _other_model(message: dict[str, Any], settings: ClaudeSettings) -> Fault:
    told = message.get("model")
    who = f"{settings.redacted(told)[:80]!r}" if isinstance(told, str) else "a model without a name"
    return stops(
        "other_model",
        f"{settings.model} was asked and {who} answered. Set [claude] model (or first_model), and its prices, to what answers there",
        settings,
    )


def stops(code: str, words: str, settings: ClaudeSettings) -> Fault:
    """The Fault of what may have been billed, at a cost that nobody knows, and would come again."""
    detail = f"{words}; asked was [claude] base_url {settings.address}"
    return Fault(code, clean(detail, settings), billed=True, blocks=True)


def _envelope(found: dict[str, Any], headers: Mapping[str, str], settings: ClaudeSettings) -> Fault:
    error = found["error"] if isinstance(found.get("error"), dict) else {}
    kind, details = error.get("type"), error.get("details")
    code = details.get("error_code") if isinstance(details, dict) else ""
    detail = clean(f"HTTP 200 {kind or 'error'}: {error.get('message') or 'no words'}", settings)
    status = STATUS_OF_TYPE.get(kind) if isinstance(kind, str) else None
    if status is None:  # not known, so nobody knows what it cost either
        return Fault("request", detail, billed=True, blocks=True)
    return status_fault(status, detail, str(code), headers)
