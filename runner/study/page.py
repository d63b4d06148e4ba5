"""A study as one whole page in the reports' style: everything put into it is escaped, nothing is fetched and no script runs."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from jinja2 import Environment

from lib.contract.visible import visible
from lib.draw.numbers import bounds
from lib.questions.study import Cell, StudyTable
from runner.cycle.pages import environment_of, tone
from runner.study.plan import Plan
from runner.study.words import e_value

#: So many pictures, and no more: a study with more terms and periods shows the others in its table.
_MOST_PICTURES = 6


class _Picture(NamedTuple):
    address: str  #: a data address
    alt: str


@cache
def _environment() -> Environment:
    made = environment_of("runner.study")
    made.filters |= {"evalue": e_value, "span": _span, "tone3": _tone}
    return made


def _span(cell: Cell) -> str:
    return bounds(cell.net_low_pct, cell.net_high_pct, 3) or "–"


def _tone(value: float | None) -> str:
    """As the reports' tone, of a mean that is shown with three decimals."""
    return tone(None if value is None else value * 10)


def study_page(found: StudyTable, plan: Plan) -> str:
    """The page of a study."""
    page = (
        _environment()
        .get_template("study.html.j2")
        .render(
            found=found,
            pictures=list(_pictures(found)),
            several_terms=len({cell.terms for cell in found.cells}) > 1,
            several_periods=len({cell.period for cell in found.cells}) > 1,
            left=[cell for cell in found.cells if cell.state != "answered"],
            notes=plan.notes,
            claims={question.name: question.title for question in plan.questions},
            terms={name: terms.words() for name, terms in plan.terms.items()},
            markets=[
                (market.history.market, market.history.source, market.fixed.boundary)
                for market in plan.markets
            ],
        )
    )
    return visible(page, lines=True)


def _pictures(found: StudyTable) -> Iterator[_Picture]:
    """A heat map of question × market for each terms and period; of what else varies where one of the two does not."""
    from lib.draw.study import draw_heat, heat_height, heats
    from lib.draw.style import new_axes

    import matplotlib.pyplot as plt  # isort: skip

    for heat in heats(found.cells)[:_MOST_PICTURES]:
        figure = draw_heat(new_axes(height=heat_height(heat)), heat).figure
        address = f"data:image/png;base64,{base64.b64encode(figure.png()).decode()}"
        plt.close(figure)
        yield _Picture(address, figure.alt)
