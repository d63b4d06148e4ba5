"""Calls to the Messages API that never hold up who makes them: they run on an event loop in a thread of their own.

Whoever calls waits as long as its deadline allows and goes on; the call itself is let run for `late_s` more, because what it cost can
only be learned from its answer. That total time-out is around the whole call, so it holds though bytes trickle in, the server never
answers, or a name is not resolved. The SDK's own retries are off: it would obey any retry-after, and each try needs its own reservation.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from runner.claude.bounded_client import bounded_client
from runner.claude.faults import Fault, fault_of
from runner.claude.no_message import no_message
from runner.claude.settings import ClaudeSettings

Result = TypeVar("Result")
#: Calls that may be on their way at the same time: one that is waited for, and late ones.
MOST_CALLS = 3


class ApiCaller:
    """One client on one event loop; `open` takes seconds the first time, because the SDK is large."""

    def __init__(self, settings: ClaudeSettings) -> None:
        self._settings = settings
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._client: Any = None
        self._flying: set[Future[Any]] = set()

    def open(self) -> None:
        """Import the SDK and start the loop; harmless when it runs."""
        if self._loop is not None:
            return
        import anthropic

        self._client = anthropic.AsyncAnthropic(
            api_key=self._settings.api_key.get_secret_value(),
            base_url=self._settings.base_url,
            max_retries=0,
            # Name and connection get a third, encryption another: what was not made in time has surely carried no request.
            timeout=anthropic.Timeout(self._settings.late_s, connect=self._settings.late_s / 3),
            open_telemetry=False,
            # A redirect would carry the key to wherever it points.
            http_client=bounded_client(follow_redirects=False),
        )
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=_run, args=(self._loop,), name="claude-calls", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Give up what is still on its way, and stop the loop."""
        loop, self._loop = self._loop, None
        if loop is None:
            return
        assert self._thread is not None
        try:
            asyncio.run_coroutine_threadsafe(self._end(), loop).result(timeout=5)
        finally:
            loop.call_soon_threadsafe(loop.stop)
            self._thread.join(timeout=5)

    async def _end(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._client.close()

    @property
    def busy(self) -> bool:
        """Whether too many earlier calls are still without an answer."""
        self._flying = {call for call in self._flying if not call.done()}
        return len(self._flying) >= MOST_CALLS

    def start(self, request: dict[str, Any], ended: Callable[[bytes | Fault], Result]) -> Future[Result]:
        """Begin a call. `ended` gets a message's body or a Fault, in the loop's thread and however late; what it returns is the result."""
        self.open()
        assert self._loop is not None
        call = asyncio.run_coroutine_threadsafe(self._call(request, ended), self._loop)
        self._flying.add(call)
        return call

    async def _call(self, request: dict[str, Any], ended: Callable[[bytes | Fault], Result]) -> Result:
        try:
            async with asyncio.timeout(self._settings.late_s):
                response = await self._client.messages.with_raw_response.create(**request)
                body, headers = response.http_response.content, response.http_response.headers
                asked = self._settings.model_copy(update={"model": request["model"]})
                found: bytes | Fault = no_message(body, headers, asked) or body
        except Exception as error:  # whatever the SDK raises, it means HOLD
            found = fault_of(error, self._settings)
        return ended(found)


def _run(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
    finally:
        loop.close()
