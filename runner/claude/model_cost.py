"""What the model cost, as it is shown and judged everywhere: billed, reserved for calls whose cost is unknown, of the cap.

It comes from the file of what was spent and from nothing else. A decision's own cost (`model_cost_usd` of its row) is what was known when
it was made: it has no late answers, no first tries and no calls of unknown cost, so sums of it are no spend.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from runner.claude.ledger import DaySpend, day_of, spend_by_day, wall_clock
from runner.claude.settings import ClaudeSettings


@dataclass(frozen=True)
class ModelCost:
    """Dollars and calls of one UTC day, or of all days of a folder; the limits are those of a UTC day."""

    calls: int = 0
    billed_usd: float = 0.0
    reserved_usd: float = 0.0  #: the worst case of the calls whose cost is unknown
    unknown_calls: int = 0  #: how many these are: still out, late, or never to be known
    cap_usd: float = 0.0
    max_calls: int = 0

    @property
    def counted_usd(self) -> float:
        """Dollars that count against the cap, and that trades have to pay for."""
        return round(self.billed_usd + self.reserved_usd, 6)

    @property
    def used_up(self) -> bool:
        """Whether a day's dollars or calls are at their limit."""
        return self.counted_usd >= self.cap_usd or self.calls >= self.max_calls

    def words(self) -> str:
        """For people, the same wherever it is said."""
        return (
            f"{self.calls} call{'' if self.calls == 1 else 's'}: ${self.billed_usd:.4f} billed, ${self.reserved_usd:.4f} reserved "
            f"for {self.unknown_calls} of unknown cost, of at most ${self.cap_usd:.2f} and {self.max_calls} calls a UTC day"
        )


def cost_of(days: Iterable[DaySpend], settings: ClaudeSettings) -> ModelCost:
    """The figure over some days."""
    chosen = list(days)
    return ModelCost(
        calls=sum(day.calls for day in chosen),
        billed_usd=round(sum(day.billed_usd for day in chosen), 6),
        reserved_usd=round(sum(day.reserved_usd for day in chosen), 6),
        unknown_calls=sum(len(day.open_usd) for day in chosen),
        cap_usd=settings.daily_cap_usd,
        max_calls=settings.max_calls_per_day,
    )


def cost_of_day(folder: Path, settings: ClaudeSettings, now: datetime | None = None) -> ModelCost:
    """Of the UTC day of `now`. Raises DataError for a row that cannot be read."""
    day = day_of(now or wall_clock())
    return cost_of([found for found in spend_by_day(folder).values() if found.day == day], settings)


def cost_of_folder(folder: Path, settings: ClaudeSettings) -> ModelCost:
    """Of all days. Raises DataError for a row that cannot be read."""
    return cost_of(spend_by_day(folder).values(), settings)
