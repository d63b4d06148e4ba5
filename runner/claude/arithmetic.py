"""What a day of decisions costs, with and without the cache: the arithmetic in docs/guide/claude.md comes from here.

Calls are spread evenly over the day and lessons are replaced every hour, so of each hour's calls the first writes the lessons to the
cache and the others read them. The rules are read as long as there is a call at least every hour. Sizes are estimates (costs.py).
Behind a first model there is no cache (prompt.py), so what that day costs does not depend on when it is asked on.
"""

from __future__ import annotations

from dataclasses import dataclass

from lib.prompt.layout import MAX_BYTES
from lib.prompt.tokens import token_range
from runner.claude.costs import usage_cost
from runner.claude.dry_run import USUAL_ANSWER_TOKENS
from runner.claude.prompt import Prompt
from runner.claude.request_size import text_size
from runner.claude.settings import ClaudeSettings

HOURS = 24
#: Of what a first model is asked, percent, that the other one is asked too on a normal day.
USUAL_ASKED_ON_PCT = 20.0


@dataclass(frozen=True)
class Sizes:
    """About how many tokens each part has; `fresh` are tick and schema."""

    rules: int
    lessons: int
    fresh: int
    answer: int = USUAL_ANSWER_TOKENS


@dataclass(frozen=True)
class DayCost:
    """Dollars of a day with so many calls; with a first model these are the first's, and `asked_on` of them were asked on."""

    calls: int
    cached_usd: float
    uncached_usd: float
    asked_on: int = 0

    @property
    def saved_pct(self) -> float:
        """What the cache saves, percent of the cost without it."""
        return 100 * (1 - self.cached_usd / self.uncached_usd)


def sizes_of(prompt: Prompt) -> Sizes:
    """Sizes of a prompt; where no lessons are published yet, of the longest that can be."""
    rules, lessons = text_size(prompt.rules), text_size(prompt.lessons)
    fresh = prompt.size().total - rules - lessons
    return Sizes(token_range(rules).about, token_range(lessons or MAX_BYTES).about, token_range(fresh).about)


def day_cost(settings: ClaudeSettings, sizes: Sizes, calls: int) -> DayCost:
    """The day's dollars; `calls` of at least one."""
    prices, hourly = settings.prices, min(calls, HOURS)
    fresh, answer, both = sizes.fresh, sizes.answer, sizes.rules + sizes.lessons
    #: Fewer than a call an hour finds nothing in the cache.
    kept = calls >= HOURS
    first = usage_cost(prices, fresh, answer, 0, both)
    new_hour = usage_cost(prices, fresh, answer, sizes.rules, sizes.lessons) if kept else first
    later = usage_cost(prices, fresh, answer, both, 0)
    cached = first + (hourly - 1) * new_hour + (calls - hourly) * later
    return DayCost(calls, cached, calls * usage_cost(prices, fresh + both, answer, 0, 0))


def day_of_two(settings: ClaudeSettings, sizes: Sizes, calls: int, asked_on_pct: float) -> DayCost:
    """The day's dollars with `first_model`: of its calls so many percent are asked on to `model`.

    Without a first model it is the day of `model` alone.
    """
    first = settings.first()
    if first is None:
        return day_cost(settings, sizes, calls)
    one, asked_on = day_cost(first, sizes, calls), round(calls * asked_on_pct / 100)
    fresh = sizes.rules + sizes.lessons + sizes.fresh
    other = asked_on * usage_cost(settings.prices, fresh, sizes.answer, 0, 0)
    return DayCost(calls, one.cached_usd + other, one.uncached_usd + other, asked_on)


def price_line(settings: ClaudeSettings) -> str:
    """A model and what it costs."""
    prices = settings.prices
    return (
        f"{settings.model}: ${prices.input_usd:g} in, ${prices.output_usd:g} out per million tokens; cache write "
        f"{prices.cache_write_factor:g} times, cache read {prices.cache_read_factor:g} times the input price."
    )


def arithmetic_lines(settings: ClaudeSettings, sizes: Sizes, days: list[DayCost]) -> list[str]:
    """The arithmetic for people, as a markdown table with its assumptions above."""
    first = settings.first()
    models = [settings] if first is None else [first, settings]
    return [
        *map(price_line, models),
        f"About {sizes.rules:,} tokens of rules, {sizes.lessons:,} of lessons, {sizes.fresh:,} of tick and schema, "
        f"{sizes.answer:,} of answer (estimates).",
        "",
        *(_table(days) if first is None else _table_of_two(days)),
    ]


def _table(days: list[DayCost]) -> list[str]:
    return [
        "| calls a day | with the cache | without | saved |",
        "|---|---|---|---|",
        *(
            f"| {day.calls} | ${day.cached_usd:.2f} | ${day.uncached_usd:.2f} | {day.saved_pct:.0f} % |"
            for day in days
        ),
    ]


def _table_of_two(days: list[DayCost]) -> list[str]:
    return [
        "| decisions a day | asked on | with the cache | without |",
        "|---|---|---|---|",
        *(
            f"| {day.calls} | {day.asked_on} | ${day.cached_usd:.2f} | ${day.uncached_usd:.2f} |"
            for day in days
        ),
    ]
