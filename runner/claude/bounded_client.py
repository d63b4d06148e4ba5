"""The HTTP client of the SDK, with a bound on what an answer may hold once it is unpacked.

Two megabytes can unpack to two gigabytes. Whoever takes such an answer whole holds up the decision that waits, and then the machine.
"""

from __future__ import annotations

import os
from typing import Any

from runner.errors import ConfigError
from runner.processes.environment import NETWORK

#: Bytes read of an answer; the longest message has a tenth of it.
MOST_BYTES = 1_000_000
_PACKING = ("content-encoding", "content-length", "transfer-encoding")
#: A variable whose headers the SDK sends with each request, and those of them that say whose account is asked.
_HEADERS, _KEYS = "ANTHROPIC_CUSTOM_HEADERS", ("authorization", "x-api-key")
_PROXY_FIX = (
    "Write a proxy as http://HOST:PORT, and in NO_PROXY names and addresses alone, or unset the variable"
)


def bounded_client(**arguments: Any) -> Any:
    """An async client with the SDK's own defaults, whose answers are cut at MOST_BYTES; one that does not unpack is empty.

    Both are then no JSON, which is what is made of them (runner.claude.no_message). A function, because the SDK takes a second to import.
    Raises ConfigError where the environment names a proxy or certificates that cannot be used, or another key in headers of its own.
    """
    import anthropic

    _refuse_other_keys()

    class BoundedClient(anthropic.DefaultAsyncHttpxClient):
        async def send(self, request: Any, **how: Any) -> Any:
            answer = await super().send(request, **how | {"stream": True})
            try:
                body = await _first_bytes(answer)
            finally:
                await answer.aclose()
            headers = [(name, value) for name, value in answer.headers.multi_items() if name not in _PACKING]
            return type(answer)(answer.status_code, headers=headers, content=body, request=request)

    try:
        return BoundedClient(**arguments)
    except Exception as error:  # each library underneath has errors of its own
        raise _environment_fault(error) from None


def _refuse_other_keys() -> None:
    """Another program's headers, as Claude Code's, would go in place of the key that is set here; they are secrets, and not shown."""
    names = [line.partition(":")[0].strip() for line in os.environ.get(_HEADERS, "").split("\n")]
    if found := [name for name in names if name.lower() in _KEYS]:
        raise ConfigError(
            f"{_HEADERS} in the environment has a header {found[0]}, which would go in place of the key that is set for Claude. "
            "Take it out there, or unset the variable for this program"
        )


def _environment_fault(error: Exception) -> ConfigError:
    """Why what the environment says of the way to the API cannot be taken. A proxy is shown without its user and password."""
    certificates = isinstance(error, OSError)  # ssl.SSLError is one; what it lacks it does not name
    part = "SSL_CERT" if certificates else "_PROXY"
    named = [name for name in NETWORK if part in name.upper() and os.environ.get(name)]
    shown = ", ".join(f"{name} «{_without_login(os.environ[name])}»" for name in named)
    why, fix = getattr(error, "strerror", None) or str(error), _PROXY_FIX
    if certificates:
        fix = "Name a file of certificates that is there, or unset the variable"
    if isinstance(error, ImportError):
        why, fix = "a SOCKS proxy needs socksio", "Install it (pip install socksio), or name a proxy of http"
    return ConfigError(f"the way to Claude's API cannot be taken from the environment: {shown}: {why}. {fix}")


def _without_login(address: str) -> str:
    """An address without what stands before its last @, but for the scheme."""
    scheme, mark, rest = address.partition("://")
    place = (rest if mark else scheme).rpartition("@")[2]
    return f"{scheme}://{place}" if mark else place


async def _first_bytes(answer: Any) -> bytes:
    body = bytearray()
    try:
        async for part in answer.aiter_bytes():
            body += part[: MOST_BYTES - len(body)]
            if len(body) == MOST_BYTES:
                break
    except Exception as error:
        # By name: the HTTP library is the SDK's choice, not a requirement of ours.
        if type(error).__name__ != "DecodingError":
            raise
        return b""
    return bytes(body)
