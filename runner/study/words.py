"""What `ribbon study` answers on a terminal: the sentences first, then markets together, then each cell."""

from __future__ import annotations

from math import exp, log
from pathlib import Path

from lib.contract.words import bounds, number
from lib.questions.study import Cell, StudyTable, Together

#: A cell with fewer trades gets no mean: chance alone makes them.
_LEAST = 5


def study_lines(found: StudyTable, folder: Path) -> list[str]:
    """A study for people."""
    lines = [*found.answer]
    several = [each for each in found.together if each.log_e is not None]
    if several:
        lines += [
            "",
            f"  {'markets together':<36}{'gained in':>12}{'e-value':>12}{'asked for':>12}  replicates",
        ]
        lines += [_together_line(each) for each in several]
    lines += ["", f"  {'question · market':<36}{'n':>7}{'net mean %':>12}  {'bounds':<20}{'evidence':>9}"]
    lines += [_cell_line(cell) for cell in found.cells]
    return [*lines, "", f"  page: {folder / 'study.html'}"]


def _together_line(each: Together) -> str:
    name = _name(each.question, each.terms, each.period)
    worth = "yes" if each.replicates else "no"
    counted = "" if each.counts else " (exploratory)"
    return f"  {name:<36}{f'{each.gained} of {each.markets}':>12}{e_value(each.log_e):>12}{1 / each.level:>12,.0f}  {worth}{counted}"


def _cell_line(cell: Cell) -> str:
    name = _name(f"{cell.question} · {cell.market}", cell.terms, cell.period)
    if cell.state != "answered":
        word = {"nothing": "nothing to answer on", "refused": "refused", "open": "not run"}[cell.state]
        return f"  {name:<36} {word}{': ' if cell.reason else ''}{cell.reason}"
    if cell.trades < _LEAST:
        return f"  {name:<36}{cell.trades:>7,}"
    mean, span = number(cell.net_mean_pct, 3, sign=True), bounds(cell.net_low_pct, cell.net_high_pct, 3)
    verdict = f"  {cell.verdict}" if cell.verdict else ""
    return f"  {name:<36}{cell.trades:>7,}{mean:>12}  {span:<20}{cell.evidence or 0.0:>9.2f}{verdict}"


def _name(first: str, terms: str, period: str) -> str:
    return " · ".join(
        [first, *([terms] if terms != "standard" else []), *([period] if period != "all" else [])]
    )


def e_value(log_e: float | None) -> str:
    """An e-value from its logarithm: `12.3`; powers of ten where it is large, `0` where hardly any is left."""
    if log_e is None:
        return "–"
    if log_e > 16:
        return f"1e{log_e / log(10):.0f}"
    value = exp(log_e)
    return "0" if value < 5e-3 else f"{value:,.2f}" if value < 100 else f"{value:,.0f}"
