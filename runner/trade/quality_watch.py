"""What a person should know of the charts' quality: a change is told once, with what helps; a chart that flaps is not told at each tick.

A fault of a chart that was well is told at once; whatever follows it (another fault, or none) once it has stood for a minute.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lib.contract.quality import REMEDIES
from runner.trade.known import MarketTables

#: Seconds that what follows a fault must stand before it is told.
STANDS_S = 60.0
#: What helps where a row is set aside.
_OF_ROWS = {
    "ahead": "Its rows are stamped ahead of this machine's clock and set aside: set the clock, then start `ribbon collect` anew",
    "schema": "Its newest row cannot be read and is set aside: see that only `ribbon collect` writes the file",
}


@dataclass
class QualityWatch:
    """The qualities that were told, by timeframe; "" is a chart that is well."""

    _told: dict[str, str] = field(default_factory=dict)
    _found: dict[str, tuple[str, float]] = field(default_factory=dict)

    def look(self, known: MarketTables, at_s: float) -> list[str]:
        """What is to be told by the newest rows; `at_s` is the monotonic clock in seconds."""
        texts = []
        for name, table in known.samples.items():
            fault, told = table.fault, self._told.get(name, "")
            if fault != self._found.get(name, ("", 0.0))[0]:
                self._found[name] = (fault, at_s)
            since = self._found.get(name, ("", at_s))[1]
            if fault == told or (told and at_s - since < STANDS_S):
                continue
            self._told[name] = fault
            texts.append(_text(name, fault, told))
        return texts


def _text(timeframe: str, fault: str, before: str) -> str:
    chart = f"the {timeframe} chart"
    if not fault:
        return f"over: {chart} is no longer {_word(before)}"
    helps = (REMEDIES | _OF_ROWS).get(fault, "It is not to be relied on")
    return f"{chart}: {_word(fault)}, no entry is made. {helps}"


def _word(fault: str) -> str:
    return fault.replace("_", " ")
