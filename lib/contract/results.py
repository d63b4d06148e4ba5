"""What all typed results share: the strict base, and the figures of a group of closed trades. The result of each analyzer stands beside
it in the module of its name; their keys are those of docs/definitions.md, Result keys.

Money is net of costs in dollars per 1 coin, `*_pct` beside it in percent of the entry price, `account_*` at the sizes that were logged;
`win_rate` is in percent and null at n = 0. Intervals are 95 %: Wilson for a win rate, Student's t over episode means for a net return.
"""

from __future__ import annotations

import re
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

#: At the end of a line, so of a number: what pydantic writes in other words than Python, 0.00001 and 1e16 for 1e-05 and 1e+16.
_SMALL, _POWER = (re.compile(pattern, re.MULTILINE) for pattern in (r"0\.0000\d*(?=,?$)", r"e-?\d+(?=,?$)"))


class Model(BaseModel):
    """Strict base: unknown keys and non-finite numbers are errors, so a typo or a NaN never gets
    published. Files outlive the version that wrote them: `read` takes those of an earlier and of a later one,
    so a field that is added to a model that is kept in files has a default.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, ser_json_inf_nan="strings")

    @classmethod
    def read(cls, kept: object) -> Self:
        """What a file holds, as parsed JSON or as JSON text: keys that only a later version knows are passed
        over, at any depth. Raises ValidationError.
        """
        if isinstance(kept, str):
            return cls.model_validate_json(kept, extra="ignore")
        return cls.model_validate(kept, extra="ignore")

    def file_text(self) -> str:
        """What a file says of it: lib.data.atomic.json_text of its dump, in a third of the time."""
        text, parts, done = self.model_dump_json(indent=2), [], 0
        for found in sorted((*_SMALL.finditer(text), *_POWER.finditer(text)), key=re.Match.end):
            begin, end = text.rfind(" ", 0, found.end()) + 1, found.end()
            parts += [text[done:begin], repr(float(text[begin:end]))]
            done = end
        return "".join((*parts, text[done:], "\n"))


class GroupStats(Model):
    """What a group of closed trades did, with its uncertainty."""

    total: int = Field(description="Closed trades of the group.")
    wins: int = Field(description="Trades of them whose net return is above 0.")
    win_rate: float | None = Field(description="Wins in percent of the trades; null without a trade.")
    win_rate_low: float | None = Field(
        None, description="Lower end of the win rate's 95 % Wilson interval, percent; null without a trade."
    )
    win_rate_high: float | None = Field(
        None, description="Upper end of the win rate's 95 % Wilson interval, percent; null without a trade."
    )
    total_pnl: float = Field(0.0, description="Sum of the trades' P&L, dollars, net, per 1 coin.")
    total_pnl_pct: float = Field(
        0.0, description="Sum of the trades' net returns, percent of their entry prices; never compounded."
    )
    avg_pnl: float | None = Field(
        None, description="Mean P&L of a trade, dollars, net, per 1 coin; null without a trade."
    )
    account_trades: int = Field(0, description="Trades of them whose row logs a size.")
    account_pnl: float | None = Field(
        None,
        description="Sum of those trades' P&L at their own sizes, dollars of the account, net; null without one.",
    )
    episodes: int = Field(0, description="Episodes that the trades belong to: the independent observations.")
    net_mean_pct: float | None = Field(
        None, description="Mean of the episodes' mean net returns, percent; null without a trade."
    )
    net_low_pct: float | None = Field(
        None,
        description="Lower end of that mean's 95 % t interval, percent; null without a spread to measure.",
    )
    net_high_pct: float | None = Field(
        None,
        description="Upper end of that mean's 95 % t interval, percent; null without a spread to measure.",
    )


class NamedGroup(GroupStats):
    """A group with the name of what its trades share: a band, an hour, an exit reason."""

    name: str = Field(
        description="What the trades share: a confidence or hold band, an hour, an exit reason."
    )


class SignatureStats(GroupStats):
    """A group of one setup signature."""

    signature: str = Field(
        description="Setup signature that the trades share: DIRECTION[_TRIGGER]_ALIGNMENT, or UNKNOWN."
    )
