"""Which way each line of a chart goes, told as the colours that are written (docs/definitions.md, Ribbon: Colours).

A ribbon's colours are its directions. A single EMA is painted in one hue whichever way it goes, so its value decides: green above its own
value at the last closed candle, red below, gray at it; 40 and 100 are markers. That value is the same in every reading of a candle, and
one reading gives it (lib.market.venue), so nobody has to wait for a close: the line lies above it exactly while the price lies above the
line. Where the readings of a candle do not agree on it, the direction is not known, and is not guessed.

What would surprise: a plot's colour that goes against its line for three readings is not believed until it changes, and the value decides
there too: such a colour is one hue for ever. Where most colours of one reading go against their lines, it has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from lib.market.ribbon import MARKER_PERIODS, classify_colour
from lib.market.venue import closed_value, fits
from runner.collect.candle_watch import continues
from runner.collect.chart_reading import Bar, ChartReading
from runner.collect.legend import Line
from runner.collect.page_texts import Number

#: A colour that goes against its line so many readings in a row is not believed until it changes.
_AGAINST = 3
_DIRECTIONS = ("green", "red")


def direction(price: Number, line: Number) -> str:
    """green, red or gray: the direction of an EMA of the close, the forming candle included, beside the price it is made of."""
    if line.value == price.value:
        return "gray"
    return "green" if price.value > line.value else "red"


def goes_against(price: Number, line: Number, colour: str) -> bool:
    """Whether a line's colour clearly says another direction than its value; a marker's yellow says none."""
    word = classify_colour(colour)
    if word not in _DIRECTIONS:
        return False
    clear = not fits(price.value, line.value, price.value, _tick(price, line), 1)
    return clear and word != direction(price, line)


class DirectionWatch:
    """The directions of one chart's lines, over its readings in the order they were taken.

    `check_colours`: hold the colours against the values; lines that are no EMA of the close would fail that.
    """

    def __init__(self, bar_s: int, check_colours: bool = True) -> None:
        self._bar_s = bar_s
        self._check_colours = check_colours
        self._slot = 0.0
        self._bar: Bar | None = None
        self._closed: dict[str, list[float]] = {}
        self._before: dict[str, float] = {}  #: by line its value in the reading before
        self._against: dict[
            str, tuple[str, int]
        ] = {}  #: by line its colour's word, and how often in a row it went against it

    def colours(
        self, reading: ChartReading, lines: Sequence[str], at: float, compare: bool
    ) -> tuple[dict[str, str], list[str]]:
        """The colour of each of `lines` as it is written ("": none, or no direction), and in words what is wrong.

        `at`: seconds since 1970. `compare`: whether lines and price are of one market, so that values tell directions.
        """
        self._turn(reading, at)
        shown = [(name, reading.lines[name]) for name in lines if name in reading.lines]
        values = {name: (line, line.number) for name, line in shown if line.number}
        colours = dict.fromkeys(lines, "")
        own, against, doubted, unknown = [], [], [], []
        for name, (line, number) in values.items():
            fitting = compare and self._fits(name, reading.price, number)
            wrong = fitting and self._check_colours and self._is_against(name, reading.price, line, number)
            against += [name] if wrong else []
            doubted += [name] if self._against.get(name, ("", 0))[1] >= _AGAINST else []
            if line.by_value or name in doubted[-1:]:
                colours[name] = _by_value(name, reading.price, number, fitting)
                unknown += [] if colours[name] else [name]
            else:
                colours[name] = line.colour
                own += [name] if classify_colour(line.colour) in _DIRECTIONS else []
            self._before[name] = number.value
        if 2 * len(set(own) & set(against)) > len(own):
            colours |= dict.fromkeys(own, "")
        words = (
            [f"the colour of {_list({*against, *doubted})} does not follow its line"]
            if against or doubted
            else []
        )
        words += (
            [f"the direction of {_list(unknown)} is not known: no EMA of the price shown"] if unknown else []
        )
        return colours, words

    def _turn(self, reading: ChartReading, at: float) -> None:
        slot, before = at // self._bar_s, self._bar
        self._bar = reading.bar
        same = slot == self._slot if before is None or reading.bar is None else continues(before, reading.bar)
        self._slot = slot
        if not same:
            self._closed = {}

    def _fits(self, name: str, price: Number, number: Number) -> bool:
        period = _period(name)
        if period == 1:  # the price itself, which says nothing of where it was
            return False
        found = self._closed.setdefault(name, [])
        found.append(closed_value(price.value, number.value, period))
        return fits(found[-1], median(found), price.value, _tick(price, number), period)

    def _is_against(self, name: str, price: Number, line: Line, number: Number) -> bool:
        """Whether a colour goes against its line; noted where the line moves, because one that stands still is late or frozen."""
        word = classify_colour(line.colour)
        told, times = self._against.get(name, (word, 0))
        times = times if word == told else 0
        wrong = goes_against(price, number, line.colour)
        if times < _AGAINST and self._before.get(name) != number.value:
            times = times + 1 if wrong else 0
        self._against[name] = (word, times)
        return wrong


def _by_value(name: str, price: Number, line: Number, fitting: bool) -> str:
    if _period(name) in MARKER_PERIODS:
        return "yellow"
    return direction(price, line) if fitting else ""


def _period(name: str) -> int:
    return int(name[3:])


def _tick(price: Number, line: Number) -> float:
    return 10.0 ** -min(price.decimals, line.decimals)


def _list(names: Sequence[str] | set[str]) -> str:
    return ", ".join(sorted(names, key=_period))
