"""A lesson: a hypothesis with its evidence as it stood at an instant, and what follows from it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import field_validator, model_validator

from lib.analysis.results import Model
from lib.learning.lessons import earlier
from lib.learning.lessons.evidence import Status, Why
from lib.learning.lessons.hypotheses import Claim, Hypothesis, hypothesis_of
from lib.market.terms import DEFAULT_TERMS, Terms

#: What follows from a proven lesson; "" of one that is not.
Consequence = Literal["", "act_on", "restates_costs", "too_small", "withheld"]
#: Why one is withheld: a person's veto, or it contradicts a better one.
Withheld = Literal["", "veto", "contradiction"]
_ENDED: dict[Why, str] = {
    "no_longer": "no longer true",
    "expired": "expired",
    "shelved": "shelved",
    "person": "by a person",
}


class Lesson(Model):
    """Returns are net percent an episode (of "beats": the difference to the others), rates percent, times ISO in UTC.

    `net_low_pct` and `net_high_pct` hold at every look and for everything ever asked (at the hypothesis' own level, either side);
    null while there is too little for a bound. `win_rate` has a Wilson interval and is never what is tested.
    """

    id: str
    stream: str
    family: str
    value: str
    claim: Claim
    statement: str
    status: Status
    why: Why
    since: str | None  #: of the status; null for what stands since the start of the log
    large_since: (
        str | None
    )  #: when the effect of a proven one was first large enough to act on; null: never yet
    registered: str | None
    n: int  #: trades of the group
    episodes: int  #: independent observations: the group's episodes, or pairs of it and the others
    win_rate: float | None
    win_rate_low: float | None
    win_rate_high: float | None
    breakeven_win_rate: float | None  #: at the size of the group's own wins and losses
    net_mean_pct: float | None
    net_low_pct: float | None
    net_high_pct: float | None
    trade_mean_pct: float | None  #: per trade: what it differs from the mean of episodes, their size does
    effect_pct: float | None  #: the mean pulled towards zero for having been selected, on the claimed side
    level: float  #: the chance of being proven by luck alone, fixed when it was registered
    evidence: float  #: log of the e-value over the log that its level asks for: proven at 1
    tempering: float  #: variance inflation of dependent days by which its evidence grows more slowly
    doubt: float  #: of a proven lesson: ended at 20
    more_episodes: (
        int | None
    )  #: about how many more an edge of 0.05 % would take to show; null when that is no question any more
    more_trades: int | None
    more_days: float | None  #: at the present rate; null where there were none of late
    beyond_declared: int  #: losses larger than declared at the entry, for which the level is not exact
    trades: list[str]  #: the newest it rests on
    pinned: bool = False
    vetoed: bool = False
    consequence: Consequence = ""
    withheld: Withheld = ""
    withheld_for: str = ""  #: the lesson it contradicts

    @model_validator(mode="before")
    @classmethod
    def _in_these_words(cls, found: Any) -> Any:
        return earlier.lesson(found) if isinstance(found, dict) else found

    @field_validator("id")
    @classmethod
    def _is_asked(cls, text: str) -> str:
        return hypothesis_of(text).id

    @property
    def hypothesis(self) -> Hypothesis:
        """What it asks."""
        return hypothesis_of(self.id)

    @property
    def status_words(self) -> str:
        """Its status with why it ended or what follows from it, and what a person chose, for a table."""
        words = [self.status, _ENDED[self.why] if self.status == "ended" else self.consequence_words]
        words += ["pinned"] if self.pinned else []
        words += ["vetoed"] if self.vetoed and self.withheld != "veto" else []
        return ", ".join(word for word in words if word)

    @property
    def consequence_words(self) -> str:
        """What follows from it, and why it is withheld."""
        words = self.consequence.replace("_", " ")
        return f"{words} by {self.withheld}" if self.withheld else words


class EvidenceCounts(Model):
    """How many hypotheses were ever asked and how they stand, and the own trades since the start of the log."""

    hypotheses: int
    candidates: int
    proven: int
    act_on: int | None  #: of the proven; null in records of a version that did not count them
    ended: int
    trades: int
    episodes: int
    nearest: (
        float | None
    )  #: the `evidence` of the candidate nearest to proof (lib.learning.lessons.derived.nearest), 0 to 1

    @model_validator(mode="before")
    @classmethod
    def _in_these_words(cls, found: Any) -> Any:
        return earlier.counts(found) if isinstance(found, dict) else found


class LedgerSummary(EvidenceCounts):
    """What the lessons rest on."""

    head: str  #: the last whole hour that was taken in; "" for none
    days: float | None  #: from the first entry on
    episodes_per_day: float | None  #: of the last 14 days
    threshold_trades: int  #: trades with a confidence, which the threshold was sought in


class Lessons(Model):
    """All lessons of an instant with what is derived from the whole log."""

    lessons: list[Lesson]
    summary: LedgerSummary
    optimal_confidence_threshold: float | None
    terms: Terms = DEFAULT_TERMS  #: that the evidence was made under
    terms_since: str = ""  #: the instant that the evidence begins at; "" for the start of the log


#: What stands where nothing was asked yet.
NO_LESSONS = Lessons(
    lessons=[],
    summary=LedgerSummary(
        head="",
        hypotheses=0,
        candidates=0,
        proven=0,
        act_on=0,
        ended=0,
        trades=0,
        episodes=0,
        days=None,
        episodes_per_day=None,
        threshold_trades=0,
        nearest=None,
    ),
    optimal_confidence_threshold=None,
)
