"""The call of a decider with a deadline that holds though the decider hangs (GUARANTEES L1).

The decider runs in a thread of its own; whoever is not back in time is left behind, and what it says later is not heard. While one is left
behind nobody new is asked, so that hanging calls neither pile up nor spend money twice.
"""

from __future__ import annotations

import threading
from queue import Empty, SimpleQueue

from runner.trade.models import Answer, Decider, TickView

#: The decider is told a deadline that ends a little earlier, so that what it says in its last moment is still heard.
MARGIN_S = 0.2


class Caller:
    """Asks one decider."""

    def __init__(self, decider: Decider) -> None:
        self.decider = decider
        self._thread: threading.Thread | None = None

    @property
    def busy(self) -> bool:
        """Whether an earlier call is still out."""
        return self._thread is not None and self._thread.is_alive()

    def ask(self, view: TickView, deadline_s: float) -> Answer:
        """The answer, or HOLD with timeout or error. Not to be called while `busy`."""
        answers: SimpleQueue[Answer] = SimpleQueue()
        self._thread = threading.Thread(
            target=self._run,
            args=(view, max(deadline_s / 2, deadline_s - MARGIN_S), answers),
            name=f"ask-{self.decider.name}",
            daemon=True,
        )
        self._thread.start()
        try:
            answer = answers.get(timeout=deadline_s)
        except Empty:
            return Answer.hold("timeout", model=self.decider.name)
        self._thread.join(MARGIN_S)
        return answer

    def _run(self, view: TickView, deadline_s: float, answers: SimpleQueue[Answer]) -> None:
        try:
            answers.put(self.decider.decide(view, deadline_s))
        except (
            Exception
        ) as error:  # a decider never raises; one that does is no reason to stop watching a position
            answers.put(Answer.hold("error", model=self.decider.name, reasoning=type(error).__name__))
