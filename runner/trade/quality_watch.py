"""What a person should know of the charts' quality: a change is told once, with what helps; a chart that flaps is not told at each tick.

A fault of a chart that was well is told at once; whatever follows it (another fault, or none) once it has stood for a minute.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from runner.trade.known import MarketTables

#: Seconds that what follows a fault must stand before it is told.
STANDS_S = 60.0
#: What is wrong, in words, and what helps. `{chart}` stands for the chart of a timeframe.
REMEDIES = {
    "frozen": "{chart} stands still: reload its page; `ribbon collect --once` says what is read of it",
    "partial": "{chart} lacks lines, or they are not warm yet: show all lines in its legend, or wait until enough candles have closed",
    "venue_mismatch": "the ribbon of {chart} is not made of the price beside it: give the study the chart's own market",
    "ahead": "rows of {chart} are stamped ahead of this machine's clock and set aside: set the clock, then start `ribbon collect` anew",
    "schema": "the newest row of {chart} cannot be read and is set aside: see that only `ribbon collect` writes its file",
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
    text = REMEDIES.get(fault, "{chart} is not to be relied on").format(chart=chart)
    return f"{_word(fault)}: no entry is made; {text}"


def _word(fault: str) -> str:
    return fault.replace("_", " ")
