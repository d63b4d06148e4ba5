"""`ribbon claude-cost`: what a day of asking Claude costs, with and without the prompt cache."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from lib import paths

DEFAULT_CALLS = (24, 60, 120, 180, 250)


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("claude-cost")(claude_cost)


def claude_cost(
    trading_data: Annotated[
        Path | None,
        typer.Option(help="Folder whose published lessons count; without any, the longest there can be."),
    ] = None,
    calls: Annotated[list[int] | None, typer.Option(min=1, help="Calls a day; may be repeated.")] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")] = False,
) -> None:
    """Show what a day of decisions costs. Asks nobody; sizes are estimates."""
    from runner.claude.arithmetic import arithmetic_lines, day_cost, sizes_of
    from runner.claude.example import example_view
    from runner.claude.prompt import compose
    from runner.config import load_config

    config = load_config()
    settings = config.section("claude")
    prompt = compose(example_view(), settings, paths.trading_data(trading_data), config.section("terms"))
    sizes = sizes_of(prompt)
    days = [day_cost(settings, sizes, count) for count in calls or DEFAULT_CALLS]
    worst = prompt.worst_case_usd(settings)
    typer.echo("\n".join(arithmetic_lines(settings, sizes, days)), err=True)
    typer.echo(
        f"\nReserved before each call: ${worst:.4f}; cap ${settings.daily_cap_usd:.2f} a day.", err=True
    )
    if json_output:
        shown = {"sizes": asdict(sizes), "days": [asdict(day) for day in days], "reserved_usd": worst}
        typer.echo(json.dumps(shown))
