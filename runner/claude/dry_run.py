"""The prompt laid open: its text, its size, and what a call with it costs, without making one."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from lib.prompt.tokens import TokenRange, token_range
from runner.claude.costs import usage_cost
from runner.claude.prompt import Prompt
from runner.claude.settings import ClaudeSettings

#: Tokens of a usual answer, for the expected cost.
USUAL_ANSWER_TOKENS = 220


@dataclass(frozen=True)
class DryRun:
    """Sizes are estimates: only the API can count tokens."""

    model: str
    parts: dict[str, str]  #: title → text, in the order of the prompt
    breakpoints: dict[str, bool]  #: part → whether a cache breakpoint ends it
    tokens: TokenRange  #: of all, the schema included
    worst_usd: float
    first_usd: float  #: about, with the stable parts written to the cache
    next_usd: float  #: about, with the stable parts read from the cache
    uncached_usd: float  #: about, without a cache
    notes: list[str]
    first: DryRun | None = None  #: the same of the model that is asked first; None where there is none

    def text(self) -> str:
        """For people: the prompt itself, then the figures."""
        shown = [f"===== {title} =====\n{body}" for title, body in self.parts.items()]
        return "\n".join([*shown, "===== size and cost =====", *self.lines()]) + "\n"

    def lines(self) -> list[str]:
        """The figures alone."""
        size, told = self.tokens, self.first.notes if self.first else []
        return [
            *(self.first.lines() if self.first else ()),
            f"model {self.model}; about {size.about:,} tokens (estimate; surely {size.least:,} to {size.most:,})",
            f"worst case ${self.worst_usd:.4f}; about ${self.first_usd:.4f} for the first call of an hour, "
            f"${self.next_usd:.4f} for the next ones, ${self.uncached_usd:.4f} without the cache",
            *(f"note: {note}" for note in self.notes if note not in told),
        ]

    def summary(self) -> dict[str, Any]:
        """JSON-ready."""
        found = asdict(self)
        found["tokens_estimated"] = found.pop("tokens")._asdict()
        found["first"] = self.first and self.first.summary()
        return found

    @property
    def least_usd(self) -> float:
        """What a decision costs about, of a day's many: one call with the cache, of the first model where there is one."""
        return self.first.least_usd if self.first else self.next_usd

    @property
    def most_usd(self) -> float:
        """What a decision costs at most."""
        return self.worst_usd + (self.first.most_usd if self.first else 0.0)


def dry_run_of(prompt: Prompt, settings: ClaudeSettings) -> DryRun:
    """What would be sent, and what it would cost."""
    titles = ["rules", "lessons"][: len(prompt.stable_parts)]
    size, first = prompt.size(), settings.first()
    stable, fresh = token_range(size.cached).about, token_range(size.fresh).about

    def about(fresh: int, read: int, write: int) -> float:
        return usage_cost(settings.prices, fresh, USUAL_ANSWER_TOKENS, read, write)

    return DryRun(
        model=settings.model,
        parts=dict(zip(titles, prompt.stable_parts, strict=True)) | {"tick": prompt.tick},
        breakpoints=dict(zip(titles, prompt.breakpoints(), strict=True)),
        tokens=prompt.tokens(),
        worst_usd=prompt.worst_case_usd(settings),
        first_usd=about(fresh, 0, stable),
        next_usd=about(fresh, stable, 0),
        uncached_usd=about(fresh + stable, 0, 0),
        notes=prompt.notes(),
        first=dry_run_of(prompt.asked_first(first), first) if first else None,
    )
