"""How Claude stands, for `ribbon status` and for notifications: blocked or not, counts, the cache, warnings.

Kept in memory by the decider and written to `claude.json` after each decision, so that another process can show it. Text in it comes
from the API now and then; it is for people's eyes and goes nowhere near a prompt.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lib.data.atomic import replace_json
from runner.claude.model_cost import ModelCost

STANDING_FILE = "claude.json"
MOST_WARNINGS = 20


@dataclass
class ClaudeState:
    """`state` is ok, blocked or budget; `reason` and `detail` say why it is not ok, `since` and `retry_at` are UTC times."""

    state: str = "ok"
    reason: str = ""
    detail: str = ""
    since: str = ""
    retry_at: str = ""
    model: str = ""
    prompt_sha: str = ""
    no_lessons: str = ""  #: why no prompt addition is in use; "" if one is
    outcomes: Counter[str] = field(default_factory=Counter)  #: answers by reason code, valid ones under `ok`
    cost: ModelCost = field(default_factory=ModelCost)  #: of the UTC day of the last decision
    cache_hits: int = 0
    cache_misses: int = 0  #: calls that should have read the cache and did not
    cached_prefix_tokens: int = 0  #: of the last call, as the API counted them
    overruns: int = 0  #: calls that cost more than their worst case: never, unless prices are set wrong
    warnings: list[str] = field(default_factory=list)

    def warn(self, text: str) -> None:
        """Add a warning, once; the oldest gives way where there are many."""
        if text not in self.warnings:
            self.warnings = [*self.warnings[1 - MOST_WARNINGS :], text]

    def summary(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self) | {"outcomes": dict(sorted(self.outcomes.items()))}

    def write(self, folder: Path) -> None:
        """Replace the file. Raises OSError."""
        replace_json(folder / STANDING_FILE, self.summary())
