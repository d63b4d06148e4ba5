"""Ctrl-C and termination signals as a wish that is granted at a safe point.

An exception in the middle of anything (an import, a kill half done) leaves ruins; so the first signal only notes the wish, which the
loop over the notebooks looks at many times a second. A second signal raises KeyboardInterrupt at once.
"""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any, Self

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class Interruption:
    """While the block runs, call it to ask whether somebody wants the end. Signals that were ignored (nohup) stay ignored."""

    def __init__(self) -> None:
        self.wanted = False
        self._before: dict[int, Any] = {}

    def __call__(self) -> bool:
        return self.wanted

    def __enter__(self) -> Self:
        for number in _SIGNALS:
            if signal.getsignal(number) is signal.SIG_IGN:
                continue
            try:
                self._before[number] = signal.signal(number, self._note)
            except ValueError:
                break  # not in the main thread, where signals arrive
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.wanted:
            raise KeyboardInterrupt
        self.wanted = True
