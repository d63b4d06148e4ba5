"""What went wrong with a call → what it means: a reason code, whether it may have been billed, tried again, or stops all calls.

Four kinds: passing (busy, broken, slow: hold this tick), throttled (hold until the API's own retry-after has passed), refused (key,
credit, spend limit, a request the API will never take: no calls until `blocked_retry_s` has passed, and people are told) and unknown.
A spend limit is told by 400, 402 or 429, so what blocks is the class of the status, not the wording of a message.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from lib.contract.visible import visible

#: Seconds that an API's retry-after is obeyed at most; it may ask for days.
LONGEST_RETRY_AFTER_S = 300.0
_REFUSED = {401: "authentication", 402: "billing", 403: "permission", 404: "not_found"}
_MONEY = re.compile(r"credit|billing|spend|usage limit", re.IGNORECASE)


@dataclass(frozen=True)
class Fault:
    """One failed call. `detail` is for people: cleaned of control characters, cut, and without the key."""

    reason_code: str
    detail: str
    billed: bool = False  #: it may have cost something
    retry: bool = False  #: worth one more try in the same tick
    blocks: bool = False  #: nothing is to be expected until a person has done something
    retry_after_s: float = 0.0


def fault_of(error: Exception, secret: str) -> Fault:
    """The meaning of an exception of the SDK, or of any other."""
    import anthropic

    if isinstance(error, anthropic.APIStatusError):
        return _status_fault(error, secret)
    detail = _clean(f"{type(error).__name__}: {error}", secret)
    if isinstance(error, TimeoutError | anthropic.APITimeoutError):
        # A connection that was not made in time has carried no request.
        return Fault("timeout", detail, billed=not _never_connected(error))
    if isinstance(error, anthropic.APIConnectionError):
        return Fault("connection", detail, billed=not _never_connected(error), retry=True)
    return Fault("internal", detail, billed=True)


def _never_connected(error: Exception) -> bool:
    # By name: the HTTP library is the SDK's choice, not a requirement of ours.
    return type(error.__cause__).__name__ in ("ConnectError", "ConnectTimeout")


def _status_fault(error: Any, secret: str) -> Fault:
    status, wait = int(error.status_code), _retry_after(error.response.headers)
    detail = _clean(f"HTTP {status} {error.type or ''}: {error.api_message or error.message}", secret)
    if status == 429:
        if "spend_limit" in str(error.error_code or "") or (not wait and _MONEY.search(detail)):
            return Fault("billing", detail, blocks=True)
        return Fault("rate_limited", detail, retry=True, retry_after_s=wait)
    if status in (503, 529):
        return Fault("overloaded", detail, retry=True, retry_after_s=wait)
    if status >= 500 or status in (408, 409):
        # A gateway's error can hide an answer that was billed.
        return Fault("server_error", detail, billed=True, retry=True, retry_after_s=wait)
    code = _REFUSED.get(status) or ("billing" if _MONEY.search(detail) else "request")
    return Fault(code, detail, blocks=True)


def _retry_after(headers: Any) -> float:
    try:
        seconds = float(headers.get("retry-after", ""))
    except ValueError:  # none, or a date: the API sends seconds
        return 0.0
    return min(seconds, LONGEST_RETRY_AFTER_S) if seconds > 0 else 0.0


def _clean(text: str, secret: str) -> str:
    if secret:
        text = text.replace(secret, "***")
    return visible(text)[:300]
