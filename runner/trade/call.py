"""The call of a decider with a deadline that holds though the decider hangs (docs/guarantees.md, L1): no answer in time is HOLD."""

from __future__ import annotations

from collections.abc import Callable

from runner.processes.bounded import BoundedCalls, CallTimeout
from runner.processes.steady import steady_s
from runner.trade.models import Answer, Decider, TickView

#: The decider is told a deadline that ends a little earlier, so that what it says in its last moment is still heard.
MARGIN_S = 0.2
#: Asks in a row without an answer that are told; the second is enough once the first lies so many seconds back.
_MANY, _LONG_S = 3, 60.0
#: What people are told of where it begins (runner.claude.refusal).
_TOLD_THERE = ("blocked", "budget", "no_key")


class Unanswered:
    """How many asks in a row had no answer, and why the newest had none."""

    def __init__(self) -> None:
        self.asks, self.since, self.reason = 0, 0.0, ""
        self._matters = False

    def note(self, reason: str, at_s: float) -> None:
        """What an ask came to: its reason code, "" for an answer; `at_s` is the monotonic clock in seconds."""
        if reason in _TOLD_THERE and not self._matters:
            self.asks = 0  # a refusal has taken the place of what was counted
        if reason in _TOLD_THERE:
            return
        if not reason:
            self.asks, self._matters = 0, False
            return
        self.since = self.since if self.asks else at_s
        self.asks, self.reason = self.asks + 1, reason
        self._matters |= self.asks >= _MANY or (self.asks > 1 and at_s - self.since >= _LONG_S)

    def matters(self, at_s: float, busy: bool) -> bool:
        """Whether a person should know by now; `busy`: the asked one does not even come back."""
        self._matters |= busy and self.asks > 0 and at_s - self.since >= _LONG_S
        return self._matters


class Caller:
    """Asks one decider. While an answer is still out nobody new is asked, so that no money is spent twice."""

    def __init__(self, decider: Decider, seconds: Callable[[], float] = steady_s) -> None:
        self.decider, self._seconds = decider, seconds
        self._unanswered = Unanswered()
        self._bounded = BoundedCalls(f"ask-{decider.name}")

    @property
    def busy(self) -> bool:
        """Whether an earlier call is still out."""
        return self._bounded.busy

    def ask(self, view: TickView, deadline_s: float) -> Answer:
        """The answer, or HOLD with timeout or error. Not to be called while `busy`."""
        answer = self._ask(view, deadline_s)
        self._unanswered.note(answer.reason_code, self._seconds())
        return answer

    @property
    def unanswered(self) -> str:
        """Asks in a row without an answer, in words, once they matter to a person; "" where there are none."""
        found = self._unanswered
        if not found.matters(self._seconds(), self.busy):
            return ""
        times = "once" if found.asks == 1 else f"{found.asks} times in a row"
        return f"{self.decider.name} was asked {times} without an answer, the newest: {found.reason.replace('_', ' ')}"

    def _ask(self, view: TickView, deadline_s: float) -> Answer:
        told = max(deadline_s / 2, deadline_s - MARGIN_S)
        try:
            return self._bounded.run(lambda: self.decider.decide(view, told), deadline_s)
        except CallTimeout:
            return Answer.hold("timeout", model=self.decider.name)
        except (
            Exception
        ) as error:  # a decider never raises; one that does is no reason to stop watching a position
            return Answer.hold("error", model=self.decider.name, reasoning=type(error).__name__)
