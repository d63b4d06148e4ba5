"""A lesson: a hypothesis with its evidence as it stood at an instant, and what follows from it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from lib.contract.results import Model
from lib.lessons import earlier
from lib.lessons.evidence import Status, Why
from lib.lessons.hypotheses import Claim, Hypothesis, hypothesis_of
from lib.market.terms import DEFAULT_TERMS, Terms

#: What follows from a proven lesson; "" of one that is not. "threshold": it is one of a confidence, of which the smallest is told as such.
Consequence = Literal["", "act_on", "restates_costs", "too_small", "threshold", "withheld"]
#: Why one is withheld: a person's veto, it contradicts a better one, answers, which tell more than executed trades, speak of its group, or
#: its question cannot be asked.
Withheld = Literal["", "veto", "contradiction", "answers", "question"]
#: Why one has ended, in words.
ENDED: dict[str, str] = {
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

    id: str = Field(description="Id of its hypothesis: stream, family, value, claim and round.")
    stream: str = Field(
        description="Whose trades it is about: trades, held, setups, rule, wicks, answers or questions."
    )
    family: str = Field(description="By what its group is told apart: setup, direction, wick, regime, …")
    value: str = Field(description="Which group of the family, as LONG or a setup signature.")
    claim: Claim = Field(
        description="What is asked: the net mean is above zero, below zero, or beats that of the others."
    )
    statement: str = Field(description="The lesson in one sentence, with its evidence and what it is worth.")
    status: Status = Field(description="How it stands at this instant.")
    why: Why = Field(description="What brought it to this status.")
    since: str | None = Field(
        description="When it came to this status, ISO time in UTC; null for what stands since the start of the log."
    )
    large_since: str | None = Field(
        description="Since when it was proven and not too small, ISO time in UTC; null where it never was."
    )
    registered: str | None = Field(
        description="When it was first asked, ISO time in UTC; null for what stands since the start of the log."
    )
    n: int = Field(description="Trades of the group.")
    episodes: int = Field(
        description="Independent observations: the group's episodes, or pairs of it and the others."
    )
    win_rate: float | None = Field(
        description="Trades with a net return above 0, percent; null without a trade; never what is tested."
    )
    win_rate_low: float | None = Field(
        description="Lower end of the win rate's 95 % Wilson interval, percent; null without a trade."
    )
    win_rate_high: float | None = Field(
        description="Upper end of the win rate's 95 % Wilson interval, percent; null without a trade."
    )
    breakeven_win_rate: float | None = Field(
        description="Win rate at which the group's own wins and losses would sum to 0, percent; null without both."
    )
    net_mean_pct: float | None = Field(
        description="Mean net return of an episode, of beats the difference to the others, percent; null without one."
    )
    net_low_pct: float | None = Field(
        description="Lower bound of that mean at every look, at the lesson's own level, percent; null while there is too little."
    )
    net_high_pct: float | None = Field(
        description="Upper bound of that mean at every look, at the lesson's own level, percent; null while there is too little."
    )
    trade_mean_pct: float | None = Field(
        description="Mean net return of a trade, percent; the size of episodes makes it differ. Null without a trade."
    )
    effect_pct: float | None = Field(
        description="The mean on the claimed side, pulled towards zero for having been selected, percent; null without one."
    )
    level: float = Field(
        description="Chance of being proven by luck alone, 0 to 1, fixed when it was registered."
    )
    evidence: float = Field(
        description="Log of the e-value over the log that its level asks for: proven at 1."
    )
    tempering: float = Field(
        description="Variance inflation of dependent days, a factor by which its evidence grows more slowly."
    )
    doubt: float = Field(
        description="Evidence that a proven lesson no longer holds, a CUSUM from 1 on: it is ended at 20."
    )
    more_episodes: int | None = Field(
        description="About how many more episodes an edge of 0.05 percent would take to show; null once that is no question."
    )
    more_trades: int | None = Field(
        description="About how many more trades that is; null once that is no question, or without an episode."
    )
    more_days: float | None = Field(
        description="About how many days that is at the present rate; null where there were no episodes of late."
    )
    beyond_declared: int = Field(
        description="Losses larger than declared at the entry, for which the level is not exact."
    )
    trades: list[str] = Field(description="Ids of the newest trades it rests on, newest first.")
    pinned: bool = Field(False, description="Whether a person wants it printed whatever it is worth.")
    vetoed: bool = Field(False, description="Whether a person wants it not told.")
    consequence: Consequence = Field("", description="What follows from a proven one; empty of any other.")
    withheld: Withheld = Field(
        "",
        description="Why it is withheld: a veto, a contradiction, answers that tell of its group, a question that cannot be asked; "
        "empty where it is not.",
    )
    withheld_for: str = Field("", description="Id of the lesson that is told in its place; empty for none.")

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
        words = [self.status, ENDED[self.why] if self.status == "ended" else self.consequence_words]
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

    hypotheses: int = Field(ge=0, description="Hypotheses ever asked.")
    candidates: int = Field(ge=0, description="Hypotheses that are candidates.")
    proven: int = Field(ge=0, description="Hypotheses that are proven.")
    act_on: int | None = Field(
        ge=0, description="Proven ones to be acted on; null in records of a version that did not count them."
    )
    ended: int = Field(
        ge=0,
        description="Hypotheses that have ended: no longer true, expired, shelved, or ended by a person.",
    )
    trades: int = Field(ge=0, description="Own trades since the start of the log.")
    episodes: int = Field(ge=0, description="Episodes of these trades.")
    nearest: float | None = Field(
        description="Evidence of the candidate nearest to proof, a share up to 1; null where none has any."
    )

    @model_validator(mode="before")
    @classmethod
    def _in_these_words(cls, found: Any) -> Any:
        return earlier.counts(found) if isinstance(found, dict) else found


class LedgerSummary(EvidenceCounts):
    """What the lessons rest on."""

    head: str = Field(description="Last whole hour that was taken in, ISO time in UTC; empty for none.")
    days: float | None = Field(description="Days from the first entry on; null without a trade.")
    episodes_per_day: float | None = Field(
        description="Own episodes a day of the last 14 days; null where there were none, or within one day."
    )
    answers: int = Field(
        0,
        description="Answers that counted, one at a time, executed or not: what the confidence threshold is sought in.",
    )


class Lessons(Model):
    """All lessons of an instant with what is derived from the whole log."""

    lessons: list[Lesson] = Field(description="All lessons that have seen a trade, or have ended.")
    summary: LedgerSummary = Field(description="What they rest on.")
    optimal_confidence_threshold: float | None = Field(
        description="Smallest of five confidences, 0 to 1, at or above which answers are proven to gain after costs; null for none."
    )
    terms: Terms = Field(DEFAULT_TERMS, description="Terms that the evidence was made under.")
    terms_since: str = Field(
        "", description="Instant the evidence begins at, ISO time in UTC; empty for the start of the log."
    )


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
        nearest=None,
    ),
    optimal_confidence_threshold=None,
)
