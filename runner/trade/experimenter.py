"""What a controlled test wants of the loop: told of each tick, asked before anybody else is, told what came of it (docs/guarantees.md).

The loop knows no more of experiments than this. Nothing that is here may delay a tick or raise for a fault of its own, but for a failed
fsync.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from lib.market.exits import ExitRule
from runner.trade.book import Book
from runner.trade.models import Answer, TickView


@dataclass(frozen=True)
class Asked:
    """An answer and what the loop made of it."""

    view: TickView
    answer: Answer
    code: str  #: why it makes no order; "" if it makes one
    took_s: float  #: seconds that the answer took
    decision_id: str  #: of its row; "" where nobody was asked in the end, so that there is none
    code_of: Callable[[Answer], str]  #: the code that another answer would have got in its place
    rule_of: Callable[[Answer], ExitRule]  #: the exits of an answer
    lives_s: Callable[[Answer], float]  #: how long an order of an answer lives, seconds


class Experimenter(Protocol):
    """A controlled test at work."""

    def look(self, at: int, book: Book, now: int) -> None:
        """A tick: `at` is the newest sample's time, `now` the clock's, both in microseconds."""
        ...

    def draw(self, view: TickView, book: Book) -> str:
        """Somebody is about to be asked: draw an arm if a block begins, durably. A reason code where nobody may be asked; "" else."""
        ...

    def answered(self, asked: Asked) -> None:
        """Somebody was asked, and the order, if it is one, has left."""
        ...
