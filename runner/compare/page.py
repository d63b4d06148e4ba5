"""A comparison as one whole page in the reports' style: everything put into it is escaped, nothing is fetched and no script runs."""

from __future__ import annotations

import base64
from functools import cache
from typing import NamedTuple

from jinja2 import Environment

from lib.contract.results import Model
from runner.compare.models import Comparison, Side
from runner.compare.words import (
    counts_words,
    difference_title,
    difference_words,
    shown_differences,
)
from runner.cycle.pages import environment_of


class _Picture(NamedTuple):
    address: str  #: a data address
    alt: str


@cache
def _environment() -> Environment:
    made = environment_of("runner.compare")
    made.filters |= {"title_of": difference_title, "difference": difference_words, "counts": counts_words}
    made.filters["begun"] = lambda what: what if "." in what else f"{what[:1].upper()}{what[1:]}"
    return made


def comparison_page(comparison: Comparison) -> str:
    """The page of a comparison."""
    record = comparison.record
    sides: list[tuple[str, Model]] = [("A", record.a), ("B", record.b)]
    return (
        _environment()
        .get_template("compare.html.j2")
        .render(
            found=record,
            sides=sides,
            differences=shown_differences(record.found),
            picture=_picture(comparison.a, comparison.b),
        )
    )


def _picture(a: Side, b: Side) -> _Picture:
    """Both running sums; the zoomable chart comes in here, and this picture stays for whoever runs no script."""
    import matplotlib.pyplot as plt

    from lib.draw.side_by_side import Run, draw_both
    from lib.draw.style import new_axes

    runs = [Run(name, side.closed, side.start, side.until) for name, side in (("A", a), ("B", b))]
    figure = draw_both(new_axes(), *runs).figure
    address = f"data:image/png;base64,{base64.b64encode(figure.png()).decode()}"
    plt.close(figure)
    return _Picture(address, figure.alt)
