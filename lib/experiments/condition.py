"""Where a lesson's condition holds: the ticks at which an experiment about it may begin a block."""

from __future__ import annotations

from lib.lessons.hypotheses import Hypothesis


def condition_holds(
    lesson: Hypothesis, state_5min: str, state_15min: str, regime: str, wick: str, breakout: str
) -> bool:
    """Whether an entry at this tick, LONG or SHORT, could belong to the lesson's group.

    States and regime are of schema.STATES and REGIMES, `wick` WICK_DOWN, WICK_UP or "", `breakout` LONG, SHORT or "". Of a group that only
    the answer tells (its confidence, its direction alone) the condition always holds.
    """
    raise NotImplementedError
