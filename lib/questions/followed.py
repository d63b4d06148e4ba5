"""What following a question found: its closed trades, each once, in `questions/trades.jsonl`; and how its last ask went, in
`questions/followed.json`.

A trade names the whole hour at which the ledger takes it in. That is the hour of the ask that found it, not of its exit: where asks failed
for some hours, their trades come later, and a ledger that is rebuilt takes them where the growing one did. What would surprise: a trade
stands here only once its longest hold is past, however soon it ended, or quick ends would escape the gap that voids slower ones
(docs/definitions.md, Ribbon).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field, TypeAdapter, ValidationError

from lib.contract.results import Model
from lib.contract.standing import file_bytes, is_there
from lib.contract.times import iso, microseconds, parse_instant
from lib.errors import DataError
from lib.market.exits import MINUTE
from lib.market.readings import instants
from lib.questions.confirmation import question_bounds
from lib.questions.file import Question
from lib.questions.history import History
from lib.questions.keeping import Kept
from lib.questions.record import FOLDER
from lib.questions.trades import question_trades

TRADES_FILE, STATE_FILE = "trades.jsonl", "followed.json"
#: Days of rows that a followed question is given. The slowest line of a ribbon takes 4.5 to run in.
WINDOW_DAYS = 60


class FollowedTrade(Model):
    """A closed trade of a followed question, as it was found."""

    k: int = Field(description="Number of the level that the question's keeping spent.")
    hour: str = Field(
        description="The whole hour at which the ledger takes it in, ISO 8601 in UTC; its exit was known by then."
    )
    direction: Literal["LONG", "SHORT"] = Field(description="LONG or SHORT.")
    entry_time: str = Field(description="The close at which the question spoke, ISO 8601 in UTC.")
    exit_time: str = Field(description="When its exit was known, ISO 8601 in UTC.")
    entry_price: float = Field(description="The close that it was entered at, unslipped.")
    exit_price: float = Field(description="The price that it left at, unslipped.")
    exit_reason: str = Field(description="TP_HIT, SL_HIT or TIME_EXIT.")
    net_pct: float = Field(description="Net return, percent of the entry price.")
    worst_pct: float = Field(gt=0, description="Largest loss that it declared at its entry, percent.")
    best_pct: float = Field(gt=0, description="Largest gain that it declared at its entry, percent.")


class FollowState(Model):
    """How the last ask of a followed question went."""

    until: str = Field(description="The whole hour that it was asked at last, ISO 8601 in UTC.")
    settled: str = Field(
        description="Trades entered until then are settled, handed out or void, ISO 8601 in UTC."
    )
    error: str = Field("", description="Why the last ask gave nothing; empty where it went well.")


_STATES: TypeAdapter[dict[int, FollowState]] = TypeAdapter(dict[int, FollowState])


def trades_path(trading_data: Path) -> Path:
    """The file of a data folder that holds the trades."""
    return trading_data / FOLDER / TRADES_FILE


def read_followed_trades(trading_data: Path) -> list[FollowedTrade]:
    """All trades of followed questions, in the order they were found; a last line without its end was cut by a kill and counts not.

    Raises DataError for a line that is none.
    """
    path = trades_path(trading_data)
    if not is_there(path):
        return []
    *texts, _ = file_bytes(path).split(b"\n")
    found = []
    for number, text in enumerate(texts, 1):
        try:
            found.append(FollowedTrade.model_validate_json(text))
        except ValidationError as error:
            raise DataError(
                f"this is no trade of a followed question ({error.errors()[0]['msg']}): `{text[:60].decode(errors='replace')}`",
                path=path,
                line=number,
                fix="It is evidence: put the line back as it was, from a copy of the folder",
            ) from None
    return found


def read_states(trading_data: Path) -> dict[int, FollowState]:
    """How the last ask of each followed question went, by number; of a file that is none nothing is known, and all is asked anew."""
    try:
        return _STATES.validate_json(file_bytes(trading_data / FOLDER / STATE_FILE))
    except (OSError, ValueError):
        return {}


def states_text(states: dict[int, FollowState]) -> str:
    """The states as they are written."""
    return json.dumps({str(k): state.model_dump() for k, state in sorted(states.items())}, indent=1) + "\n"


def first_new_row(history: History, settled: pd.Timestamp, ready: pd.Timestamp) -> int:
    """The row from which trades are not settled yet: entered later than `settled`, and not before the last trade ended, at `ready`."""
    known = instants(history.candles_5min["closed_at"])
    return int(
        max(
            np.searchsorted(known, microseconds(settled), side="right"),
            np.searchsorted(known, microseconds(ready), side="left"),
        )
    )


def settled_trades(
    kept: Kept, question: Question, history: History, said: np.ndarray, begin: int, hour: pd.Timestamp
) -> tuple[list[FollowedTrade], pd.Timestamp]:
    """The trades from row `begin` on whose longest hold is past, for the ledger's `hour`, and the instant until which all is settled.

    `history` holds what was known at the ask, `said` (n,) what was said of its rows.
    """
    rule = question.exits(kept.terms.exits)
    judged = microseconds(history.newest) - int(rule.hold_minutes * MINUTE)
    made = question_trades(said, history.rows, history.path, rule, kept.terms.costs, begin).closed
    made = made[(instants(made["entry_time"]) <= judged)]
    worst, best = question_bounds(rule, kept.terms)
    trades = [
        FollowedTrade(
            k=kept.k,
            hour=iso(hour),
            direction=trade.direction,
            entry_time=iso(trade.entry_time),
            exit_time=iso(trade.exit_time),
            entry_price=float(trade.entry_price),
            exit_price=float(trade.exit_price),
            exit_reason=str(trade.exit_reason),
            net_pct=float(trade.net_pct),
            worst_pct=worst,
            best_pct=best,
        )
        for trade in made.itertuples()
    ]
    return trades, pd.Timestamp(judged, unit="us", tz="UTC")


def last_exit(trades: list[FollowedTrade], k: int) -> pd.Timestamp | None:
    """When the newest trade of number k ended; None without one."""
    return next((parse_instant(trade.exit_time) for trade in reversed(trades) if trade.k == k), None)
