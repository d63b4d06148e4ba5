"""`ribbon claude-cost`: what a day of asking Claude costs, with and without the prompt cache."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Annotated

import typer

from runner.cli.options import AsJson, TradingData, answer, data_folder

_DEFAULT_CALLS = (24, 60, 120, 180, 250)


def claude_cost(
    trading_data: TradingData = None,
    calls: Annotated[list[int] | None, typer.Option(min=1, help="Calls a day; may be repeated.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what a day of decisions costs, with the published lessons or the longest there can be. Asks nobody; sizes are estimates."""
    from lib.prompt.layout import MAX_BYTES
    from runner.claude.arithmetic import arithmetic_lines, day_cost, sizes_of
    from runner.claude.example import example_view
    from runner.claude.prompt import compose
    from runner.config import load_config

    config = load_config()
    settings = config.section("claude")
    prompt = compose(example_view(), settings, data_folder(trading_data), config.section("terms"))
    if not prompt.lessons:
        prompt = replace(prompt, lessons="x" * MAX_BYTES)
    sizes = sizes_of(prompt)
    days = [day_cost(settings, sizes, count) for count in calls or _DEFAULT_CALLS]
    worst = prompt.worst_case_usd(settings)
    lines = [
        *arithmetic_lines(settings, sizes, days),
        "",
        f"Reserved before each call: ${worst:.4f}; cap ${settings.daily_cap_usd:.2f} a day.",
    ]
    shown = {"sizes": asdict(sizes), "days": [asdict(day) for day in days], "reserved_usd": worst}
    answer(lines, shown, as_json)
