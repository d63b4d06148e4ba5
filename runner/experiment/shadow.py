"""The shadow: the arm that is not executed, asked on the same tick behind whoever decides (docs/guarantees.md, E2).

It runs in a thread of its own with a deadline of its own. The loop starts it once its order has left and looks, tick by tick, whether it is
back, so it waits for nothing. One that does not come back is a HOLD by timeout; until its thread has ended nobody else is asked.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from lib.experiments.arm import Letter
from runner.trade.experimenter import Asked
from runner.trade.models import Answer, Decider

#: Seconds beyond its deadline that a shadow may take to say that it had none.
_GRACE_S = 2.0


@dataclass
class ShadowCall:
    """A shadow that was asked: of which block and arm, at which tick, with what it was asked on; `answer` once it is back."""

    experiment: str
    block: int
    arm: Letter
    at: int
    asked: Asked
    begun: float
    answer: Answer | None = None
    took_s: float = 0.0
    back: threading.Event = field(default_factory=threading.Event)


class Finished(NamedTuple):
    """A call and what came of it."""

    call: ShadowCall
    answer: Answer
    took_s: float


class Shadow:
    """Asks one at a time; `clock` is monotonic seconds. `waits`: ask at once and in this thread, where time stands still (replays)."""

    def __init__(self, deadline_s: float, clock: Callable[[], float], waits: bool = False) -> None:
        self._deadline_s, self._clock, self._waits = deadline_s, clock, waits
        self._call: ShadowCall | None = None
        self._thread: threading.Thread | None = None

    @property
    def busy(self) -> bool:
        """Whether an earlier call is still out, or was not taken yet."""
        return self._call is not None or (self._thread is not None and self._thread.is_alive())

    @property
    def call(self) -> ShadowCall | None:
        """The call that is out."""
        return self._call

    def ask(self, decider: Decider, call: ShadowCall) -> None:
        """Begin a call; not while `busy`."""
        self._call = call
        if self._waits:
            self._run(decider, call)
            return
        self._thread = threading.Thread(
            target=self._run, args=(decider, call), name="ask-shadow", daemon=True
        )
        self._thread.start()

    def finished(self) -> Finished | None:
        """The call that is back or overdue, once; None while there is none."""
        call = self._call
        if call is None:
            return None
        if call.back.is_set() and call.answer is not None:
            self._call = None
            return Finished(call, call.answer, call.took_s)
        if self._clock() - call.begun < self._deadline_s + _GRACE_S:
            return None
        self._call = None
        return Finished(call, Answer.hold("timeout"), self._clock() - call.begun)

    def give_up(self) -> ShadowCall | None:
        """The call that is out, given up."""
        call, self._call = self._call, None
        return call

    def _run(self, decider: Decider, call: ShadowCall) -> None:
        try:
            answer = decider.decide(call.asked.view, self._deadline_s)
        except Exception as error:  # a decider never raises; a shadow's must not even then end anything
            answer = Answer.hold("error", reasoning=type(error).__name__)
        call.took_s = self._clock() - call.begun
        call.answer = answer
        call.back.set()
