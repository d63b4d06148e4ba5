"""Who decides beside Claude: the rule decider, tick by tick, and answers that were recorded. And what each kind is run with.

`policy_of` is the one place that says how deciders differ: when they are asked, how long an answer lives, what else ends a trade. The rule
decider follows docs/definitions.md to the letter (its order waits five minutes for a sample, entries lie 20 minutes apart, the opposite
ribbon ends a trade), so that a replay of it without rails and lib.market.rules.decide give the same decisions; a test holds them together.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import pandas as pd

from lib.contract import schema
from lib.data.decisions import load_decisions
from lib.errors import MissingDataError
from lib.market.costs import SIGN
from lib.market.readings import instant, instants
from lib.market.rules import ENTRY_WITHIN, SIGNAL_CANDLES, SPACING_MINUTES, rule_signals, signal_words
from runner.trade.gate import EventGate, Gate, RecordedGate, SignalGate
from runner.trade.models import Answer, Decider, TickView
from runner.trade.settings import TradeSettings

#: reason_code of a decision that advised to leave.
EXIT_ADVISED = "exit_advised"
#: Microseconds after which a recorded answer is no longer given.
_DUE_WITHIN = 90_000_000


@dataclass(frozen=True)
class Policy:
    """What a kind of decider is run with."""

    gate: Gate
    valid_for_s: float  #: longest life of an answer
    grows: bool  #: whether that grows with the data's step
    exit_advice: str = "CLAUDE_EXIT"  #: reason of an exit that an answer advised
    reverses: bool = False
    spacing_us: int = 0
    listens: bool = False  #: whether what is learned reaches it


@runtime_checkable
class WithPolicy(Protocol):
    """A decider that knows how it is to be run."""

    def policy(self, settings: TradeSettings, last_asked: int) -> Policy:
        """How it is run."""
        ...


def policy_of(decider: Decider, settings: TradeSettings, last_asked: int = 0) -> Policy:
    """How `decider` is run; one that stands for others says so itself."""
    if isinstance(decider, WithPolicy):
        return decider.policy(settings, last_asked)
    if isinstance(decider, RuleDecider):
        return Policy(
            gate=SignalGate(),
            valid_for_s=ENTRY_WITHIN.total_seconds(),
            grows=False,
            reverses=True,
            spacing_us=int(SPACING_MINUTES * 60e6),
        )
    if isinstance(decider, RecordedDecider):
        return Policy(RecordedGate(decider.due), settings.valid_for_s, True)
    return Policy(EventGate(settings.gate, last_asked), settings.valid_for_s, True, listens=True)


def kind_of(decider: Decider) -> str:
    """The model name that says of which kind a decider's decisions are (one folder holds one kind)."""
    return getattr(decider, "model", decider.name)


class RuleDecider:
    """The rule decider (docs/definitions.md, The rule decider) on what one tick shows."""

    name = schema.RULES_MODEL

    def decide(self, view: TickView, deadline_s: float) -> Answer:
        """LONG or SHORT at the close of a candle that gives a signal, else HOLD."""
        candles = view.candles_5min.iloc[-SIGNAL_CANDLES:]
        signals = rule_signals(candles, view.samples["5min"], view.samples["15min"])
        newest = signals[(signals["entry_time"] == candles["closed_at"].max()).to_numpy()]
        signal = next(newest.itertuples(), None)
        if signal is None:
            return Answer("HOLD", False, 0.0, reasoning="entry rule: no signal", model=self.name)
        return Answer(
            direction=signal.direction,
            entry_recommended=True,
            confidence=float(signal.confidence),
            valid_for_s=ENTRY_WITHIN.total_seconds(),
            reasoning=signal_words(signal),
            model=self.name,
        )


class RecordedDecider:
    """Answers of a decisions file, given again at the first tick after their times. What they cost is not paid again."""

    name = "recorded"

    def __init__(self, answers: Mapping[int, Answer]) -> None:
        self.model = next(iter(answers.values())).model if answers else self.name
        self._answers = dict(answers)
        self._times = sorted(self._answers)
        self._given = -1

    def due(self, at: int) -> bool:
        """Whether an answer is due at a tick; one that was recorded while there were no samples is passed over."""
        return self._place(at) > self._given

    def decide(self, view: TickView, deadline_s: float) -> Answer:
        """The newest answer not later than the tick."""
        place = self._place(instant(view.at))
        if place <= self._given:
            return Answer.hold("not_recorded", model=self.name)
        self._given = place
        return self._answers[self._times[place]]

    def _place(self, at: int) -> int:
        place = bisect_right(self._times, at) - 1
        return place if place >= 0 and at - self._times[place] <= _DUE_WITHIN else -1


def recorded_decider(folder: Path, start: pd.Timestamp, end: pd.Timestamp) -> RecordedDecider:
    """The answers of a folder's decisions in (start, end]. Raises MissingDataError where there are none.

    Stop and target of older rows are had from a fill's prices where there was one. Of decisions at one time the last counts.
    """
    rows, _ = load_decisions(folder, start, None)
    rows = rows[(rows["timestamp"] <= end).to_numpy()]
    if rows.empty:
        raise MissingDataError(
            "no decisions of that time are recorded",
            path=folder / schema.DECISIONS_FILE,
            fix="Choose another time, or another decider",
        )
    return RecordedDecider(
        {
            int(at): _recorded(row)
            for at, row in zip(instants(rows["timestamp"]), rows.itertuples(), strict=True)
        }
    )


def _recorded(row: object) -> Answer:
    entered = row.direction in SIGN and row.entry_recommended in schema.RECOMMENDED
    return Answer(
        direction=row.direction,
        entry_recommended=entered,
        confidence=0.0 if pd.isna(row.confidence) else float(row.confidence),
        stop_pct=_distance(row.stop_pct, row.stop_price, row.entry_price),
        target_pct=_distance(row.target_pct, row.target_price, row.entry_price),
        reasoning=row.reasoning,
        exit_advice="exit" if row.reason_code == EXIT_ADVISED else "keep",
        reason_code="" if entered or row.reason_code == EXIT_ADVISED else row.reason_code,
        model=row.model,
        prompt_sha=row.prompt_sha,
    )


def _distance(logged: float, level: float, price: float) -> float | None:
    """Percent: what the row says, else what its prices say, rounded to where the log's decimals end."""
    if not pd.isna(logged):
        return float(logged)
    return None if pd.isna(level) or pd.isna(price) else round(abs(level / price - 1) * 100, 6)
