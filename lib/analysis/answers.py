"""What each answer to enter would have made, executed or not (docs/definitions.md, Confidence).

An answer is a LONG or SHORT recommended while no position was held. Rails, cooldown, expiry and the kill file stop some; what they
stop shows here whether it was rightly stopped. Each is entered and left as an order of the paper broker would be, with its own stop and
target. What would surprise: an answer has no row before the first sample after it, because only then is it known whether it enters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isnan, nan
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from lib.contract import schema
from lib.contract.times import NOT_A_TIME
from lib.data.decisions import DecisionsKind, known_from
from lib.data.window import DECISIONS_WARMUP, MarketWindow
from lib.market.costs import SIGN
from lib.market.exits import MINUTE, ExitRule, PricePath, hypothetical_exit
from lib.market.fills import VALID_FOR_S, Fill, entry_fill, exit_fill, growth_s, valid_until
from lib.market.readings import CANDLE, MICROSECOND, STEP_SAMPLES, instant, instants, typical_step
from lib.market.rules import ENTRY_WITHIN
from lib.market.terms import Terms

#: Why an answer has no result: no price to enter at came while it was valid.
NO_SAMPLE = "no_sample"
#: Why another has none: a candle is missing within its longest hold.
IN_GAP = "gap"
#: Until when each group (family, value) has a counted answer open; infinite while that is not known.
Taken = dict[tuple[str, str], float]
_NONE = NOT_A_TIME
_TIMES = ("answered_at", "entry_time", "exit_time")
_NUMBERS = ("confidence", "entry_price", "stop_pct", "target_pct", "exit_price", "net_pct")


@dataclass(frozen=True)
class ScoredAnswers:
    """The answers of a window in order of their times: `frame` has COLUMNS, one row an answer.

    Times are tz-aware UTC, microseconds. `entry_price` has its slippage inside; `net_pct` is after fees, percent of it, NaN while open
    or unscored. `own_distances` is false where a standard stop or target stood in for one that the row lacks. `unscored` says why there
    is no result, "" where there is one or will be.
    """

    frame: pd.DataFrame

    @property
    def unscored(self) -> dict[str, int]:
        """How many answers have no result and never will, by reason."""
        reasons = Counter(self.frame["unscored"].tolist())
        return {name: reasons[name] for name in sorted(reasons) if name}


def score_answers(window: MarketWindow, terms: Terms) -> ScoredAnswers:
    """The answers given in the window, as known at its `as_of`; costs, hold time and standard distances are those of `terms`."""
    log = AnswerLog.of(window.decisions, window.source.decisions)
    start, until = instant(window.start), instant(window.as_of)
    rows = log.answers(log.between(instant(window.start - DECISIONS_WARMUP), until), start, until, terms)
    steps = instants(window.samples_5min.index)
    found = (score_answer(log.rows[row], window.own_path, steps, until, terms) for row in rows)
    return ScoredAnswers(_typed([answer for answer in found if answer is not None]))


class Asked(NamedTuple):
    """A row of the log that recommends an entry; distances in percent, NaN where the row has none."""

    decision_id: str
    answered_at: int
    direction: str
    confidence: float
    executed: bool
    stop_pct: float
    target_pct: float
    state_5min: str
    state_15min: str
    model: str


class Answer(NamedTuple):
    """One scored answer, as in ScoredAnswers.frame; times in microseconds, None where there is none."""

    decision_id: str
    answered_at: int
    direction: str
    confidence: float
    executed: bool
    entry_time: int | None
    entry_price: float
    stop_pct: float
    target_pct: float
    own_distances: bool
    exit_time: int | None
    exit_price: float
    exit_reason: str
    net_pct: float
    unscored: str
    state_5min: str
    state_15min: str


@dataclass(frozen=True)
class AnswerLog:
    """The rows of a decisions frame, n, in order of their times: what may be an answer, and what says whether a position was held.

    Times in int64 microseconds, _NONE where a row has none. The frame is as it was written, or as it was known at any instant.
    """

    rows: dict[int, Asked]  #: those that recommend an entry, by their place
    asked_at: np.ndarray
    entry_at: np.ndarray
    exit_at: np.ndarray
    exit_known_at: np.ndarray
    has_exit: np.ndarray
    executed: np.ndarray
    holding: list[str]

    @classmethod
    def of(cls, log: pd.DataFrame, kind: DecisionsKind) -> AnswerLog:
        """The log of a decisions frame of a kind."""
        recommended = log["direction"].isin(list(SIGN)) & log["entry_recommended"].isin(schema.RECOMMENDED)
        # Imported are trades of another bot, and nobody was asked.
        chosen = np.flatnonzero(recommended) if kind != "imported" else np.empty(0, dtype=np.int64)
        frame = log.iloc[chosen]
        columns = [frame[name].tolist() for name in Asked._fields if name != "answered_at"]
        columns.insert(1, instants(frame["timestamp"]).tolist())
        _, exit_known = known_from(log)
        return cls(
            rows=dict(zip(chosen.tolist(), map(Asked._make, zip(*columns, strict=True)), strict=True)),
            asked_at=instants(log["timestamp"]),
            entry_at=instants(log["entry_time"]),
            exit_at=instants(log["exit_time"]),
            exit_known_at=instants(exit_known),
            has_exit=log["exit_price"].notna().to_numpy(),
            executed=log["executed"].to_numpy(dtype=bool),
            holding=log["holding"].tolist(),
        )

    def between(self, after: int, until: int) -> slice:
        """The rows asked after an instant and by another."""
        return slice(*self.asked_at.searchsorted([after, until], side="right").tolist())

    def answers(
        self,
        seen: slice,
        after: int,
        until: int,
        terms: Terms,
        wanted: Callable[[Asked], bool] = lambda asked: True,
    ) -> list[int]:
        """The answers given after an instant, as whoever sees these rows alone knew them at `until`, in order of their times."""
        first = max(seen.start, int(self.asked_at.searchsorted(after, side="right")))
        rows = [row for row in range(first, seen.stop) if row in self.rows and wanted(self.rows[row])]
        return [row for row in rows if not self.is_held(row, seen, until, terms)]

    def is_held(self, row: int, seen: slice, until: int, terms: Terms) -> bool:
        """Whether a position was held when a row was asked for: what the row says; of an older row, what the executed trades say.

        A trade without a known exit is held for the hold time and the candle that ends it, not for ever: its exit may never have been
        logged.
        """
        if self.holding[row]:
            return self.holding[row] == "YES"
        asked, entry = self.asked_at[seen], self.entry_at[seen]
        begun = np.where((entry != _NONE) & (entry <= until), entry, asked)
        left = self.exit_known_at[seen] <= until
        ended = np.where(
            left & (self.exit_at[seen] != _NONE),
            self.exit_at[seen],
            np.where(
                left & self.has_exit[seen],
                asked + int(schema.EXIT_KNOWN_AFTER_MINUTES * MINUTE),
                begun + (pd.Timedelta(minutes=terms.hold_minutes) + CANDLE) // MICROSECOND,
            ),
        )
        places, at = np.arange(seen.start, seen.stop), self.asked_at[row]
        trades = self.executed[seen] & (entry <= until) & (places != row)
        # At one instant the row that comes first in the log was first.
        earlier = (begun < at) | ((begun == at) & (places < row))
        return bool((trades & earlier & (at < ended)).any())


def score_answer(asked: Asked, path: PricePath, steps: np.ndarray, until: int, terms: Terms) -> Answer | None:
    """What one answer made, as known at `until`; None while it is not known whether it enters. `steps`: when the ribbon was sampled."""
    sign = SIGN[asked.direction]
    live_until = _live_until(asked.model, asked.answered_at, steps)
    fill = entry_fill(path.sample_at, path.sample_price, asked.answered_at, live_until, sign, terms.costs)
    if fill is None and until < live_until:
        return None
    stop, target = asked.stop_pct, asked.target_pct
    rule = ExitRule(
        terms.target_pct if isnan(target) else target,
        terms.stop_pct if isnan(stop) else stop,
        terms.hold_minutes,
    )
    known = {name: getattr(asked, name) for name in Asked._fields if name in Answer._fields}
    known |= {"stop_pct": rule.stop_pct, "target_pct": rule.target_pct}
    return Answer(
        **known,
        own_distances=not (isnan(stop) or isnan(target)),
        **fill_outcome(path, sign, fill, rule, terms),
    )


def _live_until(model: str, answered_at: int, steps: np.ndarray) -> int:
    """Until when an answer may enter: the rule decider's for as long as its definition says, any other as the live loop lets it."""
    if model.strip().lower() == schema.RULES_MODEL:
        return valid_until(answered_at, ENTRY_WITHIN.total_seconds())
    known = int(np.searchsorted(steps, answered_at, side="right"))
    step_s = typical_step(steps[max(0, known - STEP_SAMPLES) : known])
    return valid_until(answered_at, VALID_FOR_S + growth_s(step_s))


def fill_outcome(
    path: PricePath, sign: float, fill: Fill | None, rule: ExitRule, terms: Terms
) -> dict[str, Any]:
    """Entry and exit of one answer from its fill on, as far as they are known: fields of `Answer`; without a fill why there is none."""
    unknown = {"exit_time": None, "exit_price": nan, "exit_reason": "", "net_pct": nan, "unscored": ""}
    if fill is None:
        return unknown | {"entry_time": None, "entry_price": nan, "unscored": NO_SAMPLE}
    entry = unknown | {"entry_time": fill.at, "entry_price": fill.price}
    found = hypothetical_exit(path, sign, *fill, rule)
    if found is None:
        return entry
    if found.is_gap:
        return entry | {"unscored": IN_GAP}
    price = exit_fill(found, sign, terms.costs)
    return entry | {
        "exit_time": found.at,
        "exit_price": price,
        "exit_reason": found.reason,
        "net_pct": sign * (price - fill.price) / fill.price * 100 - terms.costs.fees_pct,
    }


#: Of ScoredAnswers.frame.
COLUMNS = Answer._fields


def _typed(rows: list[Answer]) -> pd.DataFrame:
    columns: dict[str, Any] = {}
    for name, values in zip(COLUMNS, zip(*rows, strict=True) if rows else [()] * len(COLUMNS), strict=True):
        if name in _TIMES:
            at = np.array([_NONE if value is None else value for value in values], dtype=np.int64)
            columns[name] = pd.DatetimeIndex(at.astype("M8[us]"), tz="UTC")
        elif name in _NUMBERS:
            columns[name] = np.array(values, dtype=float)
        elif name in ("executed", "own_distances"):
            columns[name] = np.array(values, dtype=bool)
        else:
            columns[name] = pd.array(values, dtype="str")
    return pd.DataFrame(columns)


def count_for(groups: Mapping[str, str], entry_at: int, end_at: float, taken: Taken) -> dict[str, str]:
    """The groups (value by family) of an answer that it counts for, which from now on are `taken` until its end: none counts while a
    counted one is open (docs/definitions.md, Confidence).

    To be asked in the order of entries. An entry at the instant of an exit finds the group free.
    """
    found = {
        family: value
        for family, value in groups.items()
        if value and taken.get((family, value), -np.inf) <= entry_at
    }
    for group in found.items():
        taken[group] = end_at
    return found


def counted(answers: pd.DataFrame, groups: Sequence[str | None] | None = None) -> np.ndarray:
    """Which answers count in their group (`count_for`); without `groups` they are all of one, and None is of none.

    `answers` are rows of `ScoredAnswers.frame`; the unscored never count.
    """
    chosen = np.zeros(len(answers), dtype=bool)
    taken: Taken = {}
    for place, entry_at, exit_at in _walk(answers):
        group = "one" if groups is None else groups[place]
        chosen[place] = bool(count_for({"group": group or ""}, entry_at, exit_at, taken))
    return chosen


def _walk(answers: pd.DataFrame) -> Iterator[tuple[int, int, float]]:
    """Place, entry and end (infinite while open) of the scored answers, in order of entry."""
    entered, ended = instants(answers["entry_time"]), instants(answers["exit_time"]).astype(float)
    ended[answers["exit_time"].isna().to_numpy()] = np.inf
    scored = np.flatnonzero((answers["unscored"] == "").to_numpy())
    for place in scored[np.argsort(entered[scored], kind="stable")]:
        yield int(place), int(entered[place]), float(ended[place])
