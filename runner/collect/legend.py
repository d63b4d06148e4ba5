"""The lines of a ribbon out of the legend rows of a chart: by the names of plots, never by their position.

A line is a plot named `MMA<n>` (also EMA, MA), of one study with many plots or of several; or the only plot of a study called EMA whose
description begins with its length ("5 close 0"). A plot's own name outranks a description. Two plots of one rank that show the same line
with different values leave it without one, because nobody knows which is meant; a hidden copy says nothing. What would surprise: a row
that did not fit the pane is read like any other, and the colour of a study of its own is dropped, because it is one hue for ever.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from runner.collect.page_texts import Number, parse_colour, parse_number

Row = Mapping[str, Any]

_PLOT = re.compile(r"(?:MMA|EMA|MA)[ _-]?0*([1-9]\d{0,3})", re.IGNORECASE)
_SINGLE_TITLE = re.compile(r"EMA|MMA|Moving Average Exponential|Exp\.? Moving Average", re.IGNORECASE)
_SINGLE_PLOT = frozenset({"", "ema", "mma", "ma", "plot"})
_LENGTH = re.compile(r"0*([1-9]\d{0,3})(?![\d.])")
_OTHER_SOURCE = re.compile(r"\b(open|high|low|hl2|hlc3|hlcc4|ohlc4)\b", re.IGNORECASE)
_SHIFTED = re.compile(r"\d\s+close\s+[-\u2212]?[1-9]", re.IGNORECASE)
_SOURCE_SYMBOL = re.compile(r"\b[A-Z][A-Z0-9_]+:[A-Z0-9][A-Z0-9._!/]{2,}")


@dataclass(frozen=True)
class Line:
    """One line of a reading: its value (None: not shown), its colour as `#rrggbb` or "", and whether its study was loading.

    `by_value`: a study of its own, painted in one hue whichever way it goes; only its value tells its direction, and `colour` is "".
    """

    number: Number | None
    colour: str = ""
    loading: bool = False
    by_value: bool = False


@dataclass
class Legend:
    """What the studies of a chart show: lines by `MMA<n>`, symbols their descriptions name, and words for what was odd."""

    lines: dict[str, Line] = field(default_factory=dict)
    symbols: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)

    @property
    def loading(self) -> bool:
        """Whether a study of the ribbon is loading."""
        return any(line.loading for line in self.lines.values())


def read_legend(studies: Iterable[Row], study: str = "") -> Legend:
    """The ribbon of a chart's study rows; `study` keeps those whose title begins so.

    Raises NumberFormError where a line's text is no English number.
    """
    legend = Legend()
    named: dict[str, list[Line]] = {}
    described: dict[str, list[Line]] = {}
    for row in studies:
        if study and not row["title"].casefold().startswith(study.casefold()):
            continue
        plots = _named_plots(row)
        for name, value in plots:
            named.setdefault(name, []).append(_line(row, value))
        single = [] if plots else _single(row, legend)
        for name, value in single:
            described.setdefault(name, []).append(_line(row, value, by_value=True))
        if plots or single:
            legend.symbols |= set(_SOURCE_SYMBOL.findall(f"{row['title']} {row['description']}"))
    for name in sorted({*named, *described}, key=lambda name: int(name[3:])):
        found = named.get(name) or described[name]
        legend.lines[name] = _the_one_of(found)
        if not legend.lines[name].loading and len(values := _shown(found)) > 1:
            legend.problems.append(f"{name} is shown by {len(values)} studies with different values")
    return legend


def is_loading(row: Row) -> bool:
    """Whether a legend row says that its data are loading; the page writes "undefined" when all is well."""
    return row["status"] not in ("", "undefined", "null")


def _shown(found: Sequence[Line]) -> set[Line]:
    """The different lines that copies of one show. One that is hidden, or has no value, contradicts nobody."""
    return {line for line in found if line.number is not None}


def _the_one_of(found: Sequence[Line]) -> Line:
    """What copies of one line say together: nothing while any of them loads, or where they show different values."""
    if any(line.loading for line in found):
        return Line(None, loading=True)
    shown = _shown(found)
    return shown.pop() if len(shown) == 1 else Line(None)


def _named_plots(row: Row) -> list[tuple[str, Row]]:
    found = [(_PLOT.fullmatch(value["name"].strip()), value) for value in row["values"]]
    return [(f"MMA{int(match.group(1))}", value) for match, value in found if match]


def _single(row: Row, legend: Legend) -> list[tuple[str, Row]]:
    """The one plot of a study called EMA, under the length its description names."""
    if not _SINGLE_TITLE.fullmatch(row["title"].strip()):
        return []
    plots = [value for value in row["values"] if value["name"].strip().casefold() in _SINGLE_PLOT]
    without_symbol = _SOURCE_SYMBOL.sub(" ", row["description"])
    length = _LENGTH.search(without_symbol)
    if length is None or len(plots) != 1:
        legend.problems.append("a study called EMA shows no length, or more than one plot")
        return []
    if _OTHER_SOURCE.search(without_symbol):
        legend.problems.append(f"the EMA of length {length.group(1)} is not of the close")
        return []
    if _SHIFTED.search(without_symbol):
        legend.problems.append(f"the EMA of length {length.group(1)} is shifted: set its offset to 0")
        return []
    return [(f"MMA{int(length.group(1))}", plots[0])]


def _line(row: Row, value: Row, by_value: bool = False) -> Line:
    if row["hidden"] or value["hidden"]:
        return Line(None)
    number = parse_number(value["text"])
    loading = is_loading(row)
    if number is None or loading:  # while a study loads it may still show what it showed before
        return Line(None, loading=loading)
    return Line(number, "" if by_value else parse_colour(value["colour"]), by_value=by_value)
