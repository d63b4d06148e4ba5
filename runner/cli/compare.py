"""`ribbon compare`: two cycles or two replays side by side."""

from __future__ import annotations

from typing import Annotated

import typer

from lib import paths
from runner.cli.options import AsJson, Outputs, Page, answer, page_place
from runner.cli.values import cycle_names


def compare_command(
    a: Annotated[
        str,
        typer.Argument(
            metavar="A",
            help="A cycle (its name or folder), or a replay's folder.",
            autocompletion=cycle_names,
        ),
    ],
    b: Annotated[
        str,
        typer.Argument(
            metavar="B",
            help="Another of the same kind.",
            autocompletion=cycle_names,
        ),
    ],
    outputs: Outputs = None,
    page: Page = None,
    as_json: AsJson = False,
) -> None:
    """Compare two cycles or two replays: how much more an episode B made than A, with its interval, and what else differs."""
    from lib.data.atomic import replace_text
    from runner.compare.page import comparison_page
    from runner.compare.read import read_comparison
    from runner.compare.words import comparison_lines

    found = read_comparison(a, b, paths.outputs(outputs))
    lines = comparison_lines(found)
    if page is not None:
        place = page_place(page)
        replace_text(place, comparison_page(found))
        lines.append(f"  page: {place}")
    answer(lines, found.summary(), as_json)
