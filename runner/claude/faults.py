"""What went wrong with a call → what it means: a reason code, whether it may have been billed, tried again, or stops all calls.

Four kinds: passing (busy, broken, slow: hold this tick), throttled (hold until the API's own retry-after has passed), refused (key,
credit, spend limit, a request the API will never take, something else than the API, a certificate nobody believes: no calls until
`blocked_retry_s` has passed, and people are told) and unknown. What a 200 can be beside a message, no_message.py says.
A spend limit is told by 400, 402 or 429, so what blocks is the class of the status, not the wording of a message.
"""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass

from lib.contract.times import seconds_to_wait
from lib.contract.visible import visible
from runner.claude.settings import ClaudeSettings

#: Seconds that an API's retry-after is obeyed at most; it may ask for days.
LONGEST_RETRY_AFTER_S = 300.0
_REFUSED = {401: "authentication", 402: "billing", 403: "permission", 404: "not_found"}
#: Of the API's 4xx those that pass by themselves.
_PASSING = (408, 409, 429)
_MONEY = re.compile(r"credit|billing|spend|usage limit", re.IGNORECASE)
_DISABLED = re.compile(
    r"(organization|account|workspace) (has been|is|was) (disabled|suspended|deactivated)", re.IGNORECASE
)


@dataclass(frozen=True)
class Fault:
    """One failed call. `detail` is for people: cleaned of control characters, cut, and without the key."""

    reason_code: str
    detail: str
    billed: bool = False  #: it may have cost something
    retry: bool = False  #: worth one more try in the same tick
    blocks: bool = False  #: nothing is to be expected until a person has done something
    retry_after_s: float = 0.0


def fault_of(error: Exception, settings: ClaudeSettings) -> Fault:
    """The meaning of an exception of the SDK, or of any other."""
    import anthropic

    if isinstance(error, anthropic.APIStatusError):
        status, headers = int(error.status_code), error.response.headers
        page = status < 500 and status not in _PASSING and is_page(error.response.content)
        if status < 400 or page:
            return page_fault(status, settings)
        detail = clean(f"HTTP {status} {error.type or ''}: {error.api_message or error.message}", settings)
        return status_fault(status, detail, error.error_code or "", headers)
    if distrust := _distrust(error):
        told = f"the certificate that stands for {settings.address} is not believed: {distrust}"
        return Fault("certificate", clean(told, settings), blocks=True)
    detail = clean(f"{type(error).__name__}: {error}", settings)
    if isinstance(error, TimeoutError | anthropic.APITimeoutError):
        # A connection that was not made in time has carried no request.
        return Fault("timeout", detail, billed=not _never_connected(error))
    if isinstance(error, anthropic.APIConnectionError):
        return Fault("connection", detail, billed=not _never_connected(error), retry=True)
    return Fault("internal", detail, billed=True)


def _distrust(error: Exception) -> str:
    """Why a certificate is not believed, where that is what lies behind an error of the SDK; blank where it is not."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    return cause.verify_message if cause else ""


def is_page(body: bytes) -> bool:
    """Whether an answer is a web page: what a portal, a proxy or a wrong address shows, and the API never."""
    return body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<"


def page_fault(status: int, settings: ClaudeSettings) -> Fault:
    """A web page or a redirect in place of an answer: nothing was asked of any model, and asking again changes nothing."""
    detail = (
        f"HTTP {status}: a web page or a redirect answered, not the API. Set [claude] base_url ({settings.address} now) "
        "to the API, or log in at the proxy or portal that shows the page"
    )
    return Fault("not_the_api", clean(detail, settings), blocks=True)


def _never_connected(error: Exception) -> bool:
    # By name: the HTTP library is the SDK's choice, not a requirement of ours.
    return type(error.__cause__).__name__ in ("ConnectError", "ConnectTimeout")


def status_fault(status: int, detail: str, error_code: str, headers: Mapping[str, str]) -> Fault:
    """The meaning of an error of the API by its status; `error_code` is the API's word for some of them, `detail` is clean."""
    wait = _retry_after(headers)
    if status == 429:
        if "spend_limit" in error_code or (not wait and _MONEY.search(detail)):
            return Fault("billing", detail, blocks=True)
        return Fault("rate_limited", detail, retry=True, retry_after_s=wait)
    if status in (503, 529):
        return Fault("overloaded", detail, retry=True, retry_after_s=wait)
    if status >= 500 or status in (408, 409):
        # A gateway's error can hide an answer that was billed.
        return Fault("server_error", detail, billed=True, retry=True, retry_after_s=wait)
    code = _REFUSED.get(status) or ("billing" if _MONEY.search(detail) else "request")
    if _DISABLED.search(detail):  # told by 400 or 403, and by 401 of its keys
        code = "disabled"
    return Fault(code, detail, blocks=True)


def _retry_after(headers: Mapping[str, str]) -> float:
    return min(seconds_to_wait(headers.get("retry-after", ""), time.time()), LONGEST_RETRY_AFTER_S)


def clean(text: str, settings: ClaudeSettings) -> str:
    """Text from outside as people may be shown it: without secrets, free of control characters, cut."""
    return visible(settings.redacted(text))[:300]
