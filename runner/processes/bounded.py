"""A call that takes as long as it is given, though what is called hangs (docs/guarantees.md, L1).

What is called runs in a thread of its own; one that is not back in time is left behind, and what it gives later is not heard. While one is
left behind nobody new is called, so that hanging calls do not pile up.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import TypeVar

T = TypeVar("T")
#: Seconds that a thread gets to end after it has given its result.
_ENDS_WITHIN_S = 0.2


class CallTimeout(Exception):
    """Nothing came back in time."""


class BoundedCalls:
    """Calls one thing at a time."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._thread: threading.Thread | None = None

    @property
    def busy(self) -> bool:
        """Whether an earlier call is still out."""
        return self._thread is not None and self._thread.is_alive()

    def run(self, called: Callable[[], T], wait_s: float) -> T:
        """What `called` gives or raises, or LeftBehind after `wait_s`. Not to be called while `busy`."""
        back: SimpleQueue[tuple[T | None, Exception | None]] = SimpleQueue()
        self._thread = threading.Thread(target=_run, args=(called, back), name=self.name, daemon=True)
        self._thread.start()
        try:
            given, error = back.get(timeout=wait_s)
        except Empty:
            raise CallTimeout from None
        self._thread.join(_ENDS_WITHIN_S)
        if error is not None:
            raise error
        return given  # type: ignore[return-value]


def _run(called: Callable[[], T], back: SimpleQueue[tuple[T | None, Exception | None]]) -> None:
    try:
        back.put((called(), None))
    except Exception as error:  # whoever called hears it
        back.put((None, error))
