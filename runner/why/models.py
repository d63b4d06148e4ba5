"""What there is to say of one decision, as `ribbon why --json` prints it.

Texts of the log, of answers and of files are outside texts: every mark in them is visible (lib.contract.visible), and pages escape them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field

from lib.contract.results import Model
from lib.data.window import MarketWindow

Verdict = Literal["passed", "failed", "not asked"]


class Decided(Model):
    """The decision as its row has it."""

    decision_id: str = Field(description="Id of its row; blank in rows of before there were ids.")
    at: str = Field(description="Time of the tick, ISO 8601 in UTC.")
    model: str = Field(description="Who decided: the model's name, rules or simulated.")
    kind: str = Field(description="Whose decision it is: live, rules, simulated or imported.")
    direction: str = Field(description="LONG, SHORT or HOLD.")
    recommended: bool = Field(description="Whether an entry was recommended.")
    confidence: float | None = Field(description="Confidence from 0 to 1; null where the row has none.")
    executed: bool = Field(description="Whether it was entered.")
    holding: str = Field(
        description="YES or NO: whether a position was held when it was asked; blank in older rows."
    )
    position: str = Field("", description="Id of the decision whose position was held; blank if none.")
    stop_pct: float | None = Field(
        description="Distance of its stop, percent of the entry; null where it has none."
    )
    target_pct: float | None = Field(
        description="Distance of its target, percent of the entry; null where it has none."
    )
    regime: str = Field(description="Regime that the tick showed.")
    wick: str = Field(description="Wick within ten minutes; blank if none.")
    reason_code: str = Field(description="Why no order was made; blank if one was.")
    meaning: str = Field(description="What that reason means, in words.")
    reasoning: str = Field(description="What the decider said for it, in its own words.")


class Ribbon(Model):
    """A ribbon at the tick."""

    timeframe: str = Field(description="Chart: 5min or 15min.")
    logged: str = Field(description="State that the decision's row has; blank where it has none.")
    state: str = Field(description="State of the newest sample at the tick, as it is read today.")
    at: str = Field("", description="Time of that sample, ISO 8601 in UTC; blank where there is none.")
    quality: str = Field("", description="Quality of that sample; blank where there is none.")
    price: float | None = Field(None, description="Price of that sample, dollars; null where there is none.")
    green: int = Field(0, description="Lines of it that are green.")
    red: int = Field(0, description="Lines of it that are red.")
    gray: int = Field(0, description="Lines of it that are gray.")
    nearest_pct: float | None = Field(
        None, description="Price minus its shortest line, percent of the line; null without lines."
    )
    furthest_pct: float | None = Field(
        None, description="Price minus its longest line, percent of the line; null without lines."
    )


class Rail(Model):
    """A rail, and whether it let the decision pass."""

    name: str = Field(description="The rail's code, as reason codes name it.")
    what: str = Field(description="What it limits, in words.")
    verdict: Verdict = Field(description="passed, failed or not asked.")
    stood: str = Field("", description="What it looked at, in words; blank where nothing tells.")
    limit: str = Field("", description="Its limit as it is set today, in words.")


class Outcome(Model):
    """A trade that was, or could have been, made of the decision."""

    of: Literal["traded", "own exits", "standard exits"] = Field(description="Whose exits it is by.")
    entry_time: str = Field("", description="Time of the entry, ISO 8601 in UTC; blank where none was made.")
    entry_price: float | None = Field(None, description="Price of the entry, dollars; null where none.")
    stop_price: float | None = Field(None, description="Price of the stop, dollars; null where none.")
    target_price: float | None = Field(None, description="Price of the target, dollars; null where none.")
    exit_time: str = Field("", description="Time of the exit, ISO 8601 in UTC; blank while there is none.")
    exit_price: float | None = Field(
        None, description="Price of the exit, dollars; null while there is none."
    )
    exit_reason: str = Field("", description="How it ended; blank while it has not.")
    hold_minutes: float | None = Field(
        None, description="Time from entry to exit, minutes; null while there is none."
    )
    net_pct: float | None = Field(
        None, description="Net return, percent of the entry price; null while there is none."
    )
    net_usd: float | None = Field(
        None, description="Net of the account, dollars; null where no account traded it, or it has no result."
    )
    value_usd: float | None = Field(
        None, description="Value that an account entered with, dollars; null where none traded it."
    )
    note: str = Field("", description="Why there is no result, in words; blank where there is one.")


class LoggedEvent(Model):
    """An event of the decision's order."""

    kind: str = Field(description="order, fill, void, leave or exit.")
    at: str = Field(description="When it happened, ISO 8601 in UTC.")
    price: float | None = Field(description="Price of a fill or an exit, dollars; null of the others.")
    reason: str = Field(description="Why it happened, as a reason code; blank where none is needed.")


class LessonsInForce(Model):
    """The prompt addition that was told with it."""

    sha256: str = Field(description="Its hash in the decision's row; blank where nothing was told.")
    to_act_on: list[str] = Field(
        default_factory=list, description="Its lessons to act on, in the words that were told."
    )
    text: str = Field("", description="All of it; blank where it is not kept.")
    note: str = Field(description="What is known of it, in words.")


class PromptPart(Model):
    """A part of what was sent."""

    title: str = Field(description="Which part it is.")
    text: str = Field(description="The part, as it was sent.")


class SentPrompt(Model):
    """The request that the decision answered."""

    status: Literal["verified", "not kept", "another", "nothing"] = Field(
        description="verified: its hash is that of the row; another: what is kept has another hash; nothing: none is named."
    )
    sha256: str = Field("", description="Its hash in the decision's row; blank where nothing was sent.")
    note: str = Field(description="What the status means, in words.")
    parts: list[PromptPart] = Field(
        default_factory=list, description="What was sent, in order; empty unless verified."
    )


class FirstAsked(Model):
    """The cheaper model that was asked before, and advised to do something."""

    model: str = Field(description="Its name.")
    advised: str = Field(description="LONG, SHORT or EXIT: what it advised.")
    confidence: float | None = Field(description="Its confidence from 0 to 1; null where the row has none.")
    cost_usd: float | None = Field(
        description="What its answer cost, dollars billed as far as known then; null where the row has none."
    )
    words: str = Field(description="What it advised and what followed, in words.")
    prompt: SentPrompt = Field(description="The request that it answered.")


class WhyRecord(Model):
    """All of it."""

    trading_data: str = Field(description="Data folder that it was read from.")
    source: str = Field(description="Whose decision on what market, in words.")
    symbol: str = Field(description="Symbol of the market; blank where none is known.")
    synthetic: bool = Field(description="Whether the market is a simulated one.")
    answer: list[str] = Field(description="What happened, in sentences.")
    decision: Decided = Field(description="The decision as its row has it.")
    asked_because: str = Field(
        description="What the gate said, as a word; blank in older rows and where no loop asked."
    )
    asked_words: str = Field(description="The same in words.")
    arm_words: str = Field(
        "", description="Arm of an experiment that was asked, in words; blank where no experiment chose."
    )
    ribbons: list[Ribbon] = Field(description="Both ribbons at the tick.")
    rails: list[Rail] = Field(description="Every rail; empty where no rails stood.")
    rails_note: str = Field(description="What is to be known of the rails, in words.")
    outcomes: list[Outcome] = Field(
        description="What was traded, and what the answer makes by the standard exits."
    )
    events: list[LoggedEvent] = Field(description="Events of its order, oldest first.")
    lessons: LessonsInForce = Field(description="The prompt addition that was told with it.")
    cost_usd: float | None = Field(
        description="What its answer cost, dollars billed as far as known then; null where nobody was paid."
    )
    cost_words: str = Field(description="The same in words.")
    terms: str = Field(description="Terms of that time, in words.")
    prompt: SentPrompt = Field(description="The request that it answered.")
    first: FirstAsked | None = Field(
        None, description="The cheaper model that was asked before; null where one model alone was asked."
    )
    faults: list[str] = Field(description="What could not be read, and why.")


@dataclass(frozen=True)
class Why:
    """The record, the market around the decision for whoever draws it (None where it cannot be read), and by what the decisions before and
    after it can be asked for ("" for none).
    """

    record: WhyRecord
    market: MarketWindow | None
    before: str = ""
    after: str = ""

    def summary(self) -> dict[str, Any]:
        """JSON-ready."""
        return self.record.model_dump(mode="json")
