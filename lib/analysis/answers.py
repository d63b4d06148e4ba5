"""What each answer to enter would have made, executed or not (docs/definitions.md, Confidence).

An answer is a LONG or SHORT recommended while no position was held. Rails, cooldown, expiry and the kill file stop some; what they
stop shows here whether it was rightly stopped. Each is entered and left as an order of the paper broker would be, with its own stop and
target. What would surprise: an answer has no row before the first sample after it, because only then is it known whether it enters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.contract import schema
from lib.data.window import MarketWindow
from lib.market.costs import SIGN
from lib.market.exits import ExitRule, PricePath, hypothetical_exit
from lib.market.fills import VALID_FOR_S, Fill, entry_fill, exit_fill, growth_s, valid_until
from lib.market.readings import CANDLE, STEP_SAMPLES, instants, typical_step
from lib.market.rules import ENTRY_WITHIN
from lib.market.terms import Terms

#: Why an answer has no result: no price to enter at came while it was valid.
NO_SAMPLE = "no_sample"
#: Why another has none: a candle is missing within its longest hold.
IN_GAP = "gap"
#: Until when each group (family, value) has a counted answer open; infinite while that is not known.
Taken = dict[tuple[str, str], float]
COLUMNS = (
    "decision_id",
    "answered_at",
    "direction",
    "confidence",
    "executed",
    "entry_time",
    "entry_price",
    "stop_pct",
    "target_pct",
    "own_distances",
    "exit_time",
    "exit_price",
    "exit_reason",
    "net_pct",
    "unscored",
    "state_5min",
    "state_15min",
)
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
        reasons = self.frame["unscored"]
        return {
            str(name): int(count)
            for name, count in reasons[reasons != ""].value_counts().sort_index().items()
        }


def score_answers(window: MarketWindow, terms: Terms) -> ScoredAnswers:
    """The answers given in the window, as known at its `as_of`; costs, hold time and standard distances are those of `terms`."""
    asked = _answers(window, terms)
    # A price of another venue is no price to trade at.
    own = window.samples_5min[window.samples_5min["quality"] != "venue_mismatch"]
    path = PricePath.of(window.candles_1min, window.candles_5min, own)
    steps = instants(window.samples_5min.index)
    until = window.as_of.value // 1_000
    rows = (_scored(row, path, steps, until, terms) for row in asked.itertuples())
    return ScoredAnswers(_typed([row for row in rows if row is not None]))


def _answers(window: MarketWindow, terms: Terms) -> pd.DataFrame:
    """The log's rows of the window that are answers, in order of their times."""
    log = window.decisions
    recommended = log["direction"].isin(list(SIGN)) & log["entry_recommended"].isin(schema.RECOMMENDED)
    if window.source.decisions == "imported":
        return log.iloc[:0]  # trades of another bot, and nobody was asked
    chosen = recommended & ~_while_holding(log, terms) & (log["timestamp"] > window.start)
    return log[chosen].sort_values("timestamp", kind="stable")


def _while_holding(log: pd.DataFrame, terms: Terms) -> np.ndarray:
    """Whether a position was held when each row was asked for: what the row says; of an older row, what the executed trades of the log say.

    A trade without a known exit is held for the hold time and the candle that ends it, not for ever: its exit may never have been logged.
    """
    held = (log["holding"] == "YES").to_numpy(copy=True)
    entry_time = log["entry_time"].fillna(log["timestamp"])
    without_time = log["timestamp"] + pd.Timedelta(minutes=schema.EXIT_KNOWN_AFTER_MINUTES)
    exit_time = log["exit_time"].fillna(without_time.where(log["exit_price"].notna()))
    exit_time = exit_time.fillna(entry_time + pd.Timedelta(minutes=terms.hold_minutes) + CANDLE)
    asked_at, entered, ended = (instants(times) for times in (log["timestamp"], entry_time, exit_time))
    trades = np.flatnonzero(log["executed"])
    for row in np.flatnonzero(log["holding"] == ""):
        others = trades[trades != row]
        # At one instant the row that comes first in the log was first.
        begun = (entered[others] < asked_at[row]) | ((entered[others] == asked_at[row]) & (others < row))
        held[row] = bool((begun & (asked_at[row] < ended[others])).any())
    return held


def _scored(
    row: object, path: PricePath, steps: np.ndarray, until: int, terms: Terms
) -> dict[str, object] | None:
    """One answer's row; None while it is not known whether it enters."""
    sign, answered_at = SIGN[row.direction], row.timestamp.value // 1_000
    live_until = _live_until(row.model, answered_at, steps)
    fill = entry_fill(path.sample_at, path.sample_price, answered_at, live_until, sign, terms.costs)
    if fill is None and until < live_until:
        return None
    stop, target = (getattr(row, name) for name in ("stop_pct", "target_pct"))
    rule = ExitRule(
        terms.target_pct if pd.isna(target) else target,
        terms.stop_pct if pd.isna(stop) else stop,
        terms.hold_minutes,
    )
    return {
        "decision_id": row.decision_id,
        "answered_at": row.timestamp,
        "direction": row.direction,
        "confidence": row.confidence,
        "executed": row.executed,
        "stop_pct": rule.stop_pct,
        "target_pct": rule.target_pct,
        "own_distances": not (pd.isna(stop) or pd.isna(target)),
        "state_5min": row.state_5min,
        "state_15min": row.state_15min,
        **_outcome(path, sign, fill, rule, terms),
    }


def _live_until(model: str, answered_at: int, steps: np.ndarray) -> int:
    """Until when an answer may enter: the rule decider's for as long as its definition says, any other as the live loop lets it."""
    if model.strip().lower() == schema.RULES_MODEL:
        return valid_until(answered_at, ENTRY_WITHIN.total_seconds())
    known = int(np.searchsorted(steps, answered_at, side="right"))
    step_s = typical_step(steps[max(0, known - STEP_SAMPLES) : known])
    return valid_until(answered_at, VALID_FOR_S + growth_s(step_s))


def _outcome(
    path: PricePath, sign: float, fill: Fill | None, rule: ExitRule, terms: Terms
) -> dict[str, object]:
    """Entry and exit of one answer; whatever is not known is left out."""
    if fill is None:
        return {"unscored": NO_SAMPLE}
    entry = {"entry_time": pd.Timestamp(fill.at, unit="us", tz="UTC"), "entry_price": fill.price}
    found = hypothetical_exit(path, sign, *fill, rule)
    if found is None:
        return entry
    if found.is_gap:
        return entry | {"unscored": IN_GAP}
    price = exit_fill(found, sign, terms.costs)
    return entry | {
        "exit_time": pd.Timestamp(found.at, unit="us", tz="UTC"),
        "exit_price": price,
        "exit_reason": found.reason,
        "net_pct": sign * (price - fill.price) / fill.price * 100 - terms.costs.fees_pct,
    }


def _typed(rows: list[dict[str, object]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    for name in COLUMNS:
        if name in _TIMES:
            frame[name] = pd.to_datetime(frame[name], utc=True).dt.as_unit("us")
        elif name in _NUMBERS:
            frame[name] = frame[name].astype(float)
        elif name in ("executed", "own_distances"):
            frame[name] = frame[name].astype(bool)
        else:
            frame[name] = frame[name].astype(object).fillna("").astype("str")
    return frame


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


def counted(answers: pd.DataFrame) -> np.ndarray:
    """Which answers of one group count (`count_for`).

    `answers` are rows of `ScoredAnswers.frame`; the unscored never count.
    """
    chosen = np.zeros(len(answers), dtype=bool)
    taken: Taken = {}
    for place, entry_at, exit_at in _walk(answers):
        chosen[place] = bool(count_for({"group": "one"}, entry_at, exit_at, taken))
    return chosen


def _walk(answers: pd.DataFrame) -> Iterator[tuple[int, int, float]]:
    """Place, entry and end (infinite while open) of the scored answers, in order of entry."""
    entered, ended = instants(answers["entry_time"]), instants(answers["exit_time"]).astype(float)
    ended[answers["exit_time"].isna().to_numpy()] = np.inf
    scored = np.flatnonzero((answers["unscored"] == "").to_numpy())
    for place in scored[np.argsort(entered[scored], kind="stable")]:
        yield int(place), int(entered[place]), float(ended[place])
