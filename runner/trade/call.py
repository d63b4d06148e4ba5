"""The call of a decider with a deadline that holds though the decider hangs (docs/guarantees.md, L1): no answer in time is HOLD."""

from __future__ import annotations

from runner.processes.bounded import BoundedCalls, CallTimeout
from runner.trade.models import Answer, Decider, TickView

#: The decider is told a deadline that ends a little earlier, so that what it says in its last moment is still heard.
MARGIN_S = 0.2


class Caller:
    """Asks one decider. While an answer is still out nobody new is asked, so that no money is spent twice."""

    def __init__(self, decider: Decider) -> None:
        self.decider = decider
        self._bounded = BoundedCalls(f"ask-{decider.name}")

    @property
    def busy(self) -> bool:
        """Whether an earlier call is still out."""
        return self._bounded.busy

    def ask(self, view: TickView, deadline_s: float) -> Answer:
        """The answer, or HOLD with timeout or error. Not to be called while `busy`."""
        told = max(deadline_s / 2, deadline_s - MARGIN_S)
        try:
            return self._bounded.run(lambda: self.decider.decide(view, told), deadline_s)
        except CallTimeout:
            return Answer.hold("timeout", model=self.decider.name)
        except (
            Exception
        ) as error:  # a decider never raises; one that does is no reason to stop watching a position
            return Answer.hold("error", model=self.decider.name, reasoning=type(error).__name__)
