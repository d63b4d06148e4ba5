"""The gate: is there anything to ask about? A cheap look at each tick, so that most of them cost nothing.

A flip or a wick stays a reason until it was asked about or is over, so that one seen during a cooldown is not lost. The rule decider's
gate is its rule: it opens at the close of a candle that gives a signal, and the log has no row of a decider that had nothing to say.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import pandas as pd

from lib.market.readings import MICROSECOND
from lib.market.rules import ENTRY_WITHIN, gives_signal
from lib.market.setups import TRIGGER_REACH
from lib.market.wicks import newest_wick
from runner.trade.known import MarketTables, stamp
from runner.trade.settings import GateSettings

ALL = ("all_green", "all_red")
_REACH = TRIGGER_REACH // MICROSECOND
#: Samples that a signal looks back on: a candle of the longer timeframe before the candle before.
_SIGNAL_SAMPLES = pd.Timedelta(minutes=25) // MICROSECOND


class Gate(Protocol):
    """When the decider is asked."""

    def reason(self, known: MarketTables, blocked: bool) -> str:
        """Why it is asked at this tick; "" if it is not. Called once at every tick, also where guards then say no."""
        ...

    def note_request(self, at: int) -> None:
        """It was asked at `at`, by the time of the data."""
        ...

    def note(self, what: str) -> None:
        """Something happened to the position."""
        ...


class EventGate:
    """Opens at a flip, a wick, a position event, and otherwise every few minutes."""

    def __init__(self, settings: GateSettings, last_asked: int = 0) -> None:
        self.settings, self._last = settings, last_asked
        self._states: dict[str, str] = {}
        self._flipped: set[str] = set()
        self._wick_at, self._candle = 0, -1
        self._noted = False

    def reason(self, known: MarketTables, blocked: bool) -> str:
        """flip, wick, position, interval or ""."""
        self._look(known)
        self._last = min(self._last, known.at)  # a clock that was ahead when it was asked silences nobody
        waited = known.at - self._last
        if waited < self.settings.least_seconds * 1e6:
            return ""
        if self._flipped:
            return "flip"
        if known.at - self._wick_at <= _REACH:
            return "wick"
        if self._noted:
            return "position"
        return "interval" if waited >= self.settings.every_minutes * 60e6 else ""

    def note_request(self, at: int) -> None:
        """Everything seen so far was asked about."""
        self._last, self._wick_at, self._noted = at, 0, False
        self._flipped.clear()

    def note(self, what: str) -> None:
        """A fill or an exit."""
        self._noted = True

    def _look(self, known: MarketTables) -> None:
        for name, table in known.samples.items():
            state = str(table.shown[table.newest]) if table.known else "unknown"
            before = self._states.get(name, state)
            if state != before:
                self._flipped.discard(name)
                if state in ALL:
                    self._flipped.add(name)
            if state != "unknown":  # so that what follows it is no flip
                self._states[name] = state
        close = known.candles["5min"].newest_close
        if close != self._candle:
            self._candle = close
            if newest_wick(known.candles["5min"].recent(1), stamp(close)):
                self._wick_at = close


class SignalGate:
    """Opens where the original entry rule gives a signal (docs/definitions.md, The rule decider)."""

    def __init__(self) -> None:
        self._candle = -1

    def reason(self, known: MarketTables, blocked: bool) -> str:
        """signal or "". A signal while no entry is possible is passed over, as the rule decider does not log it.

        The first candle seen closed before the loop began, maybe long ago.
        """
        close = known.candles["5min"].newest_close
        if close == self._candle:
            return ""
        first, self._candle = self._candle == -1, close
        if first or blocked or known.at - close > ENTRY_WITHIN // MICROSECOND:
            return ""
        return "signal" if _gives_signal(known) else ""

    def note_request(self, at: int) -> None:
        """Nothing to remember."""

    def note(self, what: str) -> None:
        """Nothing to remember."""


class RecordedGate:
    """Opens where a recorded answer is due."""

    def __init__(self, due: Callable[[int], bool]) -> None:
        self._due = due

    def reason(self, known: MarketTables, blocked: bool) -> str:
        """recorded or ""."""
        return "recorded" if self._due(known.at) else ""

    def note_request(self, at: int) -> None:
        """Nothing to remember."""

    def note(self, what: str) -> None:
        """Nothing to remember."""


def _gives_signal(known: MarketTables) -> bool:
    """Whether the original entry rule gives a signal at the newest 5-minute close."""
    close = known.candles["5min"].newest_close
    row = int(known.main.at[: known.main.known].searchsorted(close, side="right")) - 1
    if row < 0 or known.main.shown[row] not in ALL:
        return False  # the rule wants all_* there: most candles need no frame
    frames = (known.samples[name].recent(close - _SIGNAL_SAMPLES) for name in ("5min", "15min"))
    return gives_signal(known.candles["5min"].recent(1), *frames)
