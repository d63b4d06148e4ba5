"""`ribbon why`: why one decision came out as it did."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from runner.cli.options import AsJson, Page, TradingData, answer, data_folder, page_place
from runner.cli.values import decision_ids


def why_command(
    decision: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="Id of the decision, its time as ISO 8601, or last.",
            autocompletion=decision_ids,
        ),
    ],
    trading_data: TradingData = None,
    page: Page = None,
    as_json: AsJson = False,
) -> None:
    """Show why a decision came out as it did: what was seen, asked, answered, allowed, made of it, paid and sent."""
    from lib import paths
    from lib.data.atomic import replace_text
    from runner.config import load_config
    from runner.why.page import why_page
    from runner.why.read import read_why
    from runner.why.words import why_lines
    from runner.zoom.scripts import ASSETS, leave_scripts

    config, folder = load_config(), data_folder(trading_data)
    found = read_why(folder, config.section("trade").rails, config.section("terms"), decision)
    lines = why_lines(found)
    if page is not None:
        place = page_place(page)
        outputs = paths.outputs()
        assets = os.path.relpath(outputs / ASSETS, place.parent) if leave_scripts(outputs) else ""
        replace_text(place, why_page(found, assets and f"{Path(assets).as_posix()}/"))
        lines.append(f"  page              {place}")
    answer(lines, found.summary(), as_json)
