"""The HTTP client of the SDK, with a bound on what an answer may hold once it is unpacked.

Two megabytes can unpack to two gigabytes. Whoever takes such an answer whole holds up the decision that waits, and then the machine.
"""

from __future__ import annotations

from typing import Any

#: Bytes read of an answer; the longest message has a tenth of it.
MOST_BYTES = 1_000_000
_PACKING = ("content-encoding", "content-length", "transfer-encoding")


def bounded_client(**arguments: Any) -> Any:
    """An async client with the SDK's own defaults, whose answers are cut at MOST_BYTES; one that does not unpack is empty.

    Both are then no JSON, which is what is made of them (runner.claude.no_message). A function, because the SDK takes a second to import.
    """
    import anthropic

    class BoundedClient(anthropic.DefaultAsyncHttpxClient):
        async def send(self, request: Any, **how: Any) -> Any:
            answer = await super().send(request, **how | {"stream": True})
            try:
                body = await _first_bytes(answer)
            finally:
                await answer.aclose()
            headers = [(name, value) for name, value in answer.headers.multi_items() if name not in _PACKING]
            return type(answer)(answer.status_code, headers=headers, content=body, request=request)

    return BoundedClient(**arguments)


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
