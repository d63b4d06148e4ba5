"""`ribbon claude-cost`: what a day of asking Claude costs, with and without the prompt cache, with and without a cheap model first."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated

import typer

from runner.cli.options import AsJson, TradingData, answer, data_folder

if TYPE_CHECKING:
    from runner.claude.arithmetic import Sizes
    from runner.claude.settings import ClaudeSettings

_DEFAULT_CALLS = (24, 60, 120, 180, 250)
_NORMAL_DAY = 120


def claude_cost(
    trading_data: TradingData = None,
    calls: Annotated[list[int] | None, typer.Option(min=1, help="Calls a day; may be repeated.")] = None,
    asked_on: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=100,
            help="Percent of a day's decisions that the first model asks on. [default: a fifth]",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what a day of decisions costs, with the published lessons or the longest there can be. Asks nobody; sizes are estimates."""
    from lib.prompt.layout import MAX_BYTES
    from runner.claude.arithmetic import USUAL_ASKED_ON_PCT, arithmetic_lines, day_of_two, sizes_of
    from runner.claude.example import example_view
    from runner.claude.prompt import compose
    from runner.config import load_config
    from runner.errors import ConfigError

    config = load_config()
    settings = config.section("claude")
    if settings.unknown_prices:
        raise ConfigError(settings.unknown_prices)
    prompt = compose(example_view(), settings, data_folder(trading_data), config.section("terms"))
    if not prompt.lessons:
        prompt = replace(prompt, lessons="x" * MAX_BYTES)
    sizes, first = sizes_of(prompt), settings.first()
    share = USUAL_ASKED_ON_PCT if asked_on is None else asked_on
    days = [day_of_two(settings, sizes, count, share) for count in calls or _DEFAULT_CALLS]
    worst = prompt.worst_case_usd(settings)
    worst_first = prompt.asked_first(first).worst_case_usd(first) if first else 0.0
    cap = f"cap ${settings.daily_cap_usd:.2f} a day."
    other = _other_way(settings, sizes, share)
    lines = [
        *arithmetic_lines(settings, sizes, days),
        "",
        f"{other['words']}",
        f"Room for both calls before each decision: ${worst_first:.4f} and ${worst:.4f}; {cap}"
        if first
        else f"Reserved before each call: ${worst:.4f}; {cap}",
    ]
    shown = {
        "models": [settings.first_model, settings.model] if first else [settings.model],
        "sizes": asdict(sizes),
        "days": [asdict(day) for day in days],
        "reserved_usd": worst,
        "reserved_first_usd": worst_first,
        "otherwise": other,
    }
    answer(lines, shown, as_json)


def _other_way(settings: ClaudeSettings, sizes: Sizes, asked_on: float) -> dict[str, object]:
    """What a normal day would cost the other way: with a cheap model first where none is set, else without it."""
    from runner.claude.arithmetic import day_of_two
    from runner.claude.settings import CHEAP_MODEL

    first = "" if settings.first_model else CHEAP_MODEL
    if first == settings.model:
        return {"first_model": "", "usd": None, "words": f"{CHEAP_MODEL} is the cheapest there is."}
    day = day_of_two(settings.model_copy(update={"first_model": first}), sizes, _NORMAL_DAY, asked_on)
    how = (
        f'With [claude] first_model = "{first}" and {asked_on:g} % asked on'
        if first
        else f"With {settings.model} alone"
    )
    words = f"{how}, a day of {_NORMAL_DAY} decisions costs ${day.cached_usd:.2f}."
    return {"first_model": first, "calls": _NORMAL_DAY, "usd": day.cached_usd, "words": words}
