"""Why a beat leaves no sample, a word each, and what a person can do: the causes of runner.fetch.causes, and what only a feed can have."""

from __future__ import annotations

from dataclasses import dataclass

from runner.fetch.causes import CAUSES

#: What shows in the data themselves, by its word.
REMEDIES = {
    "lagging": "The exchange's candles are behind its market; nothing to do if it passes, else take another exchange",
    "implausible": "The price is twice or half of what it was: see on the exchange's page whether that is so; if it is, it is taken "
    "after an hour",
    "not_traded": "The exchange no longer trades this market: name another one with --symbol, and a folder of its own",
    "no_price": "The exchange has told no price yet; nothing to do if it passes",
}


@dataclass(frozen=True)
class FeedRefusal:
    """A beat that leaves no sample; `reason` is a key of REMEDIES or of CAUSES."""

    reason: str
    detail: str = ""

    @property
    def remedy(self) -> str:
        """What a person can do."""
        return REMEDIES[self.reason] if self.reason in REMEDIES else CAUSES[self.reason].fix


class FeedFault(Exception):
    """The exchange was asked and gave nothing that can be used; `reason` is a key of CAUSES."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail

    @property
    def passes(self) -> bool:
        """Whether it is worth asking again soon."""
        return CAUSES[self.reason].passes
