"""Pictures as SVG in the page, made here of numbers alone: the price of the last hours with the position's lines, and the ribbon's colours.

Coordinates are percents and texts have real pixels, so that a picture is legible at any width; no style stands in it, as the page's policy
lets none through. This is the one place of the page's price chart: what is zoomable is put over it here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from lib.contract.times import iso_of_microseconds
from runner.serve.words import clock, percent, price_words

_HOUR_US = 3_600_000_000
#: Least distance of two labels, percent of the height.
_APART = 7.5
#: A line this far off (multiples of the price's own range) is left out and not let squeeze the price.
_FAR = 3.0
_TONES = {"green": "g", "red": "r", "yellow": "y", "gray": "n", "": "n"}


def price_picture(prices: Sequence[tuple[int, float]], position: dict[str, Any] | None) -> Markup:
    """Prices (microseconds, price) as a line, with entry, stop and target of a position; "" where there are fewer than two prices."""
    if len(prices) < 2:
        return Markup("")
    marks = _marks(prices, position)
    values = [price for _, price in prices] + [price for _, _, price in marks]
    low, high = min(values), max(values)
    room = (high - low) * 0.08 or abs(high) * 1e-4
    low, high = low - room, high + room

    def height(price: float) -> float:
        return (high - price) / (high - low) * 100

    first, last = prices[0][0], prices[-1][0]
    points = " ".join(f"{(at - first) / max(1, last - first) * 100:.2f},{height(p):.2f}" for at, p in prices)
    lines = [
        f'<line class="{kind}" x1="0" x2="100%" y1="{height(price):.2f}%" y2="{height(price):.2f}%"/>'
        for kind, _, price in marks
    ]
    labels = _labels([(kind, text, height(price)) for kind, text, price in marks])
    return Markup(
        f'<div class="plot"><svg class="price" role="img" aria-label="{Markup.escape(_said(prices, marks))}">{"".join(lines)}{labels}</svg>'
        f'<svg class="line" aria-hidden="true" viewBox="0 0 100 100" preserveAspectRatio="none">'
        f'<polyline points="{points}" vector-effect="non-scaling-stroke"/></svg></div>'
        f'<p class="axis"><span>{_clock(first)}</span><span>{_clock((first + last) // 2)}</span><span>{_clock(last)} UTC</span></p>'
    )


def ribbon_picture(colours: Sequence[str]) -> Markup:
    """The ribbon's lines from the shortest to the longest, one block each in its colour."""
    if not colours:
        return Markup("")
    wide = 100 / len(colours)
    blocks = "".join(
        f'<rect class="{_TONES.get(colour, "n")}" x="{place * wide:.3f}%" width="{wide * 0.82:.3f}%" y="0" height="100%" rx="1.5"/>'
        for place, colour in enumerate(colours)
    )
    counts = [(colours.count(colour), colour) for colour in ("green", "red")]
    said = f"{len(colours)} lines: " + ", ".join(f"{count} {colour}" for count, colour in counts)
    return Markup(f'<svg class="lines" role="img" aria-label="{said}">{blocks}</svg>')


def level_bar(held: dict[str, Any]) -> Markup:
    """From the stop (left) to the target (right) with entry and price, as a bar; "" where one of them is not known.

    `held`: a position with its `price` (runner.status.account). A price beyond either stands at that end.
    """
    stop, target, entry, now = (held[name] for name in ("stop_price", "target_price", "entry_price", "price"))
    if None in (stop, target, entry, now) or stop == target:
        return Markup("")

    def place(price: float) -> float:
        return min(100.0, max(0.0, (price - stop) / (target - stop) * 100))

    begun, at = place(entry), place(now)
    said = "; ".join(
        f"{name} {price_words(price)}{away}"
        for name, price, away in (
            ("stop", stop, f", {percent(abs(stop / now - 1) * 100, 2)} away"),
            ("entry", entry, ""),
            ("price now", now, ""),
            ("target", target, f", {percent(abs(target / now - 1) * 100, 2)} away"),
        )
    )
    tone = "gain" if at >= begun else "loss"
    return Markup(
        f'<svg class="bar" role="img" aria-label="{Markup.escape(said)}"><rect class="whole" width="100%" y="8" height="8" rx="4"/>'
        f'<rect class="{tone}" x="{min(begun, at):.2f}%" width="{abs(at - begun):.2f}%" y="8" height="8"/>'
        f'<rect class="entry" x="{begun:.2f}%" width="2" y="3" height="18"/><circle class="{tone}" cx="{at:.2f}%" cy="12" r="7"/></svg>'
    )


def _marks(
    prices: Sequence[tuple[int, float]], position: dict[str, Any] | None
) -> list[tuple[str, str, float]]:
    """Kind, label and price of each horizontal line: the price now, and of a position what is not too far off."""
    now = prices[-1][1]
    found = [("now", price_words(now), now)]
    if position is None:
        return found
    values = [price for _, price in prices]
    spread = max(max(values) - min(values), now * 1e-3)
    for kind in ("target", "entry", "stop"):
        price = position[f"{kind}_price"]
        if price is not None and min(abs(price - value) for value in values) <= _FAR * spread:
            found.append((kind, f"{kind} {price_words(price)}", price))
    return found


def _labels(marks: list[tuple[str, str, float]]) -> str:
    """Texts at the right, moved apart where they would lie over each other."""
    placed, last = [], -100.0
    for kind, text, at in sorted(marks, key=lambda mark: mark[2]):
        last = max(at, last + _APART, 5.0)
        placed.append([kind, text, last])
    over = max(0.0, placed[-1][2] - 97.0)
    return "".join(
        f'<text class="{kind}" x="100%" y="{max(5.0, at - over):.2f}%" text-anchor="end" dy="-3">{text}</text>'
        for kind, text, at in placed
    )


def _said(prices: Sequence[tuple[int, float]], marks: list[tuple[str, str, float]]) -> str:
    hours = (prices[-1][0] - prices[0][0]) / _HOUR_US
    values = [price for _, price in prices]
    of_position = "".join(f", {text}" for kind, text, _ in marks if kind != "now")
    return (
        f"Price over {hours:.1f} hours: from {price_words(values[0])} to {price_words(values[-1])}, "
        f"between {price_words(min(values))} and {price_words(max(values))}{of_position}"
    )


def _clock(at: int) -> str:
    moment = iso_of_microseconds(at)
    return clock(moment, moment)
