"""The whole log in one line (lib.history.whole_log): the sentence that sums it up, and the running P&L as SVG, before and after costs, with
marks where lessons were proven, told and ended.

Texts have real pixels and places are shares of the width, so that it is legible on a phone; its colours are those of the text around it, so
that it is at home on a dark page.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from math import ceil, floor
from typing import NamedTuple

from lib.contract.dollars import A_COIN, Coin
from lib.draw.html import NO_FORMULAS, escape
from lib.draw.numbers import LEAST, amount, counted, dollars, least_shown, made, per_coin, step_of
from lib.draw.told_from import parted_html, parted_lines
from lib.draw.words import tight, typeset
from lib.history.whole_log import LessonMark, LogPoint, WholeLog

#: Pixels: of a page that is about the log, and of one that has it beside other things.
TALL, SMALL = 280, 210
#: Of the height: for since when Claude is told, the marks' numbers and the upper line's words, for the lower one's words and the dates.
_ABOVE, _BELOW = 60, 40
#: Pixels of a figure of the dollars at the left.
_DIGIT = 7.6
_WIDE = 1000.0
#: Marks that are nearer to each other than this share of the width are one, and so many are shown at the most.
_APART, _MOST_MARKS = 0.08, 5
#: Lessons of a kind that a mark names, where there is room and where there is less.
_NAMED, _NAMED_SMALL = 2, 1
_HOURS = 48
#: From this share of the width on there is no room for an arrow to the right.
_NEAR_END = 0.9
_CAPTION = "Every trade of the log at its exit, net of costs; dashed: before costs."
#: Words over lines.
_CLEAR = "paint-order: stroke; stroke: var(--paper, Canvas); stroke-width: 4px"
_FROM_HERE = "Claude told from here"
_KINDS = {"proven": "proven", "told": "Claude first told", "ended": "ended"}


class _Scale(NamedTuple):
    """From when to when, and from which sum to which, a line is drawn on so many pixels of height."""

    begin: float
    end: float
    low: float
    high: float
    height: int
    decimals: int

    def x(self, at: str) -> float:
        """How far to the right an instant lies, 0 to 1."""
        return (_seconds(at) - self.begin) / max(1.0, self.end - self.begin)

    def y(self, money: float) -> float:
        """How far down a sum lies, pixels."""
        room = self.height - _ABOVE - _BELOW
        return round(_ABOVE + (self.high - money) / (self.high - self.low) * room, 1)

    def sums(self) -> list[float]:
        """A few round sums, lowest first."""
        step = step_of(max((self.high - self.low) / 3, 10.0**-self.decimals))
        return [step * number for number in range(ceil(self.low / step), floor(self.high / step) + 1)]


class _Mark(NamedTuple):
    """Marks that lie together: their place, 0 to 1, and what they say."""

    place: float
    words: str


def in_all_sentence(log: WholeLog, coin: Coin = A_COIN) -> str:
    """What all trades made in how long, net, and one on average; that there was none, or why the log could not be read."""
    if log.unread:
        return f"What all trades made is not known: {log.unread}."
    if log.since is None:
        return "In all, no trade was closed yet."
    trades, costs = counted(log.trades, "trades"), log.gross - log.net
    money = f"{made(log.net, coin)} {per_coin(coin)}"
    first = f"In all, {trades} over {_span(log.since, log.as_of)} {money}"
    if costs < least_shown(coin):
        return f"{first}."
    one, cost = made(log.gross / log.trades, coin), amount(costs / log.trades, coin)
    return f"{first}: on average a trade {one} before costs, and costs took {cost}."


def in_all_words(log: WholeLog | None, coin: Coin = A_COIN) -> str:
    """`in_all_sentence` and how many cycles there were; "" where nothing is known of the log."""
    if log is None:
        return ""
    first = in_all_sentence(log, coin)
    return f"{first} {cycles_words(log)}." if log.since and log.cycles else first


def cycles_words(log: WholeLog) -> str:
    """How many cycles learned from them, in a clause."""
    return f"{counted(log.cycles, 'cycles')} learned from {'it' if log.trades == 1 else 'them'}"


class Equity:
    """The line of the whole log; shows itself as SVG with its marks in words below, on a terminal as words. Of few trades as nothing."""

    def __init__(self, log: WholeLog, height: int = TALL, coin: Coin = A_COIN) -> None:
        self.log, self.height, self.coin = log, height, coin
        self.drawn = log.trades >= LEAST
        self.marks = _merged(log, height, coin) if self.drawn else []

    @property
    def alt(self) -> str:
        """What it shows, in words."""
        log, coin = self.log, self.coin
        net, least, most, gross = (
            dollars(sum_, coin) for sum_ in (log.net, log.lowest, log.highest, log.gross)
        )
        since = _day(log.since or "")
        return (
            f"Running P&L of {counted(log.trades, 'trades')} from {since} to {_day(log.as_of)}: net {net}, at "
            f"least {least}, at most {most}; before costs {gross}"
        )

    def __repr__(self) -> str:
        said = [f"  {number}. {mark.words}" for number, mark in enumerate(self.marks, 1)]
        return "\n".join([f"{self.alt}.", *parted_lines(self.log, self.coin), *said]) if self.drawn else ""

    def _repr_html_(self) -> str:
        if not self.drawn:
            return ""
        listed = "".join(f"<li>{escape(tight(mark.words))}</li>" for mark in self.marks)
        listed = listed and f'<ol style="margin: 2px 0 0; padding-left: 20px; max-width: 100ch">{listed}</ol>'
        return (
            f'<figure class="equity {NO_FORMULAS}" style="margin: 12px 0">{parted_html(self.log, self.coin)}{self._svg()}'
            f'<figcaption class="soft" style="font-size: 14px">{_CAPTION}{listed}</figcaption></figure>'
        )

    def _svg(self) -> str:
        log, height = self.log, self.height
        scale, bottom = _scale(log, height, self.coin), height - 22
        start = LogPoint(at=log.since or log.as_of, net=0.0, gross=0.0)
        points = [start, *log.points]
        marks = "".join(_mark(number, mark.place, bottom) for number, mark in enumerate(self.marks, 1))
        lines = _path(
            scale,
            [(point.at, point.gross) for point in points],
            log.as_of,
            'stroke-width="1.5" stroke-dasharray="4 3" opacity="0.6"',
        ) + _path(scale, [(point.at, point.net) for point in points], log.as_of, 'stroke-width="2"')
        return (
            f'<div role="img" aria-label="{escape(self.alt)}" style="display: flex; font-size: 12px; line-height: 1.4">'
            f"{_dollars(scale)}"
            f'<svg height="{height}" fill="currentColor" style="flex: 1; min-width: 0; overflow: visible">'
            f"{_ticks(scale)}{_told_from(scale, log, bottom)}{marks}"
            f'<svg width="100%" height="{height}" viewBox="0 0 {_WIDE:g} {height}" preserveAspectRatio="none" fill="none" '
            f'stroke="currentColor" overflow="visible">{lines}</svg>'
            f"{_ends(scale, log, self.coin)}{_dates(scale, bottom + 18)}</svg></div>"
        )


def _scale(log: WholeLog, height: int, coin: Coin) -> _Scale:
    values = [0.0, log.lowest, log.highest, *(point.gross for point in log.points)]
    low, high = min(values), max(values)
    begin, high = _seconds(log.since or log.as_of), high if high > low else low + 1.0
    return _Scale(begin, max(_seconds(log.as_of), begin + 1.0), low, high, height, coin.decimals)


def _path(scale: _Scale, points: Sequence[tuple[str, float]], until: str, look: str) -> str:
    """Sums as steps: each stands until the next trade is closed, the last one until now."""
    steps = [f"M{_x(scale, points[0][0])},{scale.y(points[0][1])}"]
    steps += [f"H{_x(scale, at)}V{scale.y(money)}" for at, money in points[1:]]
    return f'<path d="{"".join(steps)}H{_x(scale, until)}" vector-effect="non-scaling-stroke" {look}/>'


def _x(scale: _Scale, at: str) -> float:
    return round(_WIDE * scale.x(at), 1)


def _ticks(scale: _Scale) -> str:
    """Lines at round sums; that of $0 is the strongest."""
    return "".join(
        f'<line x2="100%" y1="{scale.y(money)}" y2="{scale.y(money)}" stroke="currentColor" opacity="{0.15 if money else 0.6}"/>'
        for money in scale.sums()
    )


def _dollars(scale: _Scale) -> str:
    """The dollars of the lines, as a column beside them that is as wide as the longest."""
    digits = scale.decimals if any(money != int(money) for money in scale.sums()) else 0
    labels = {scale.y(money): dollars(money, digits) for money in scale.sums()}
    wide = round(_DIGIT * max(map(len, labels.values())))
    texts = "".join(
        f'<text x="{wide}" y="{place + 4:g}" text-anchor="end" opacity="0.75">{label}</text>'
        for place, label in labels.items()
    )
    return f'<svg width="{wide + 8}" height="{scale.height}" fill="currentColor" style="flex: none">{texts}</svg>'


def _mark(number: int, place: float, bottom: int) -> str:
    at = f"{100 * place:.2f}%"
    return (
        f'<line x1="{at}" x2="{at}" y1="40" y2="{bottom}" stroke="currentColor" stroke-dasharray="1 3" opacity="0.8"/>'
        f'<text x="{at}" y="36" text-anchor="middle" font-weight="700" style="{_CLEAR}">{number}</text>'
    )


def _told_from(scale: _Scale, log: WholeLog, bottom: int) -> str:
    """From when on Claude is told lessons: the ground of that part, with its words at the side where there is room."""
    if log.told_from is None:
        return ""
    place = min(1.0, max(0.0, scale.x(log.told_from.at)))
    at, left = f"{100 * place:.2f}%", place < 0.5
    words = f"{_FROM_HERE}{' →' if place < _NEAR_END else ''}"
    return (
        f'<rect class="told" x="{at}" y="18" width="{100 * (1 - place):.2f}%" height="{bottom - 18}" opacity="0.08"/>'
        f'<line x1="{at}" x2="{at}" y1="2" y2="{bottom}" stroke="currentColor" stroke-width="2"/>'
        f'<text x="{at}" y="15" dx="{6 if left else -6}" text-anchor="{"start" if left else "end"}" font-size="15" '
        f'font-weight="700" style="{_CLEAR}">{words}</text>'
    )


def _ends(scale: _Scale, log: WholeLog, coin: Coin) -> str:
    """What each line is and where it ends, at the right: the upper one's words above it, the lower one's below it."""
    lines = ("before costs", log.gross, 400), ("net", log.net, 700)
    told = sorted([(sum_, f"{name} {dollars(sum_, coin)}", bold) for name, sum_, bold in lines], reverse=True)
    places = scale.y(told[0][0]) - 7, scale.y(told[1][0]) + 16
    return "".join(
        f'<text x="100%" y="{place:g}" text-anchor="end" font-weight="{weight}" style="{_CLEAR}">{words}</text>'
        for (_, words, weight), place in zip(told, places, strict=True)
    )


def _dates(scale: _Scale, place: int) -> str:
    times = [
        datetime.fromtimestamp(at, UTC) for at in (scale.begin, (scale.begin + scale.end) / 2, scale.end)
    ]
    form = "%Y-%m-%d" if scale.end - scale.begin > _HOURS * 3600 else "%m-%d %H:%M"
    return "".join(
        f'<text x="{at}" y="{place}" text-anchor="{anchor}" opacity="0.75">{when.strftime(form)}</text>'
        for at, anchor, when in zip(("0", "50%", "100%"), ("start", "middle", "end"), times, strict=True)
    )


def _merged(log: WholeLog, height: int, coin: Coin) -> list[_Mark]:
    """The marks, those that lie near each other as one, with less and less room until they are few."""
    scale, apart = _scale(log, height, coin), _APART
    shown = [mark for mark in log.marks if 0.0 <= scale.x(mark.at) <= 1.0]
    while True:
        groups: list[list[LessonMark]] = []
        for mark in shown:
            if groups and scale.x(mark.at) - scale.x(groups[-1][0].at) < apart:
                groups[-1].append(mark)
            else:
                groups.append([mark])
        if len(groups) <= _MOST_MARKS:
            named = _NAMED if height == TALL else _NAMED_SMALL
            return [_Mark(scale.x(group[0].at), _words(group, named)) for group in groups]
        apart *= 1.5


def _words(marks: Sequence[LessonMark], most: int) -> str:
    """When, and which lessons were proven, told and ended."""
    first, last = _day(marks[0].at), _day(marks[-1].at)
    said = []
    for kind, words in _KINDS.items():
        of_kind = [mark for mark in marks if mark.kind == kind]
        named = list(dict.fromkeys(name for mark in of_kind for name in mark.lessons))
        count = sum(mark.count for mark in of_kind)
        if count:
            said.append(f"{words} {_names(named[:most], count)}")
    until = "" if first == last else f" to {last.removeprefix(first[:5])}"
    return f"{first}{until}: {'; '.join(said)}"


def _names(named: Sequence[str], count: int) -> str:
    if not named:
        return counted(count, "lessons")
    rest = count - len(named)
    return ", ".join(f"“{typeset(name)}”" for name in named) + (f" and {rest} more" if rest else "")


def _span(since: str, until: str) -> str:
    """How long that is: "29 hours", "21 days"."""
    hours = (_seconds(until) - _seconds(since)) / 3600
    return counted(round(hours), "hours") if hours < _HOURS else counted(round(hours / 24), "days")


def _day(at: str) -> str:
    return at[:10]


def _seconds(at: str) -> float:
    return datetime.fromisoformat(at).timestamp()
