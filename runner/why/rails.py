"""Every rail, and whether it let a decision pass: by its row, and what it looked at by the event log.

The rails are asked in a fixed order and the row names the one that failed (docs/reference/reason-codes.md), so those before it passed.
Those that need no answer are asked twice, before the decider and after it. What would surprise: the limits are those of today's settings;
the verdicts are those of then, and are never found anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from lib.contract import schema
from lib.draw.numbers import percent
from lib.market.costs import SIGN
from lib.market.readings import instant
from lib.market.terms import Terms
from runner.errors import EventLogError
from runner.trade.book import DAY, HOUR, Book
from runner.trade.events import Event
from runner.trade.settings import RailSettings
from runner.why.models import Rail

#: In the order that they are asked in (runner.trade.rails): those that need no answer, and those that look at it.
_BEFORE = ("kill", "halt", "cooldown", "hour", "day")
_AFTER = ("confidence", "stop", "target")
_WHAT = {
    "kill": "no kill file is there",
    "halt": "the account is not halted",
    "cooldown": "pause after an exit",
    "hour": "entries this hour",
    "day": "entries this UTC day",
    "confidence": "smallest confidence",
    "stop": "distance of the stop",
    "target": "distance of the target",
    "size": "value of the position",
}
#: Reasons of answers that the rails were not asked about, beside HOLD and a position that was held.
_NO_ENTRY = ("direction", "valid_for", "held", "exit_advised")
NONE = "No rails stood here: "


@dataclass(frozen=True)
class RailsThen:
    """The rails of a decision, and what is to be known of them."""

    rails: list[Rail]
    note: str


def rails_of(
    row: pd.Series, events: Sequence[Event], limits: RailSettings, terms: Terms, without: str = ""
) -> RailsThen:
    """The rails of a decision's row; `events` are all of the folder's log. `without` says why there were none."""
    if without:
        return RailsThen([], f"{NONE}{without}.")
    held = row["holding"] == "YES" or row["reason_code"] in ("held", "exit_advised")
    failed = _failed(str(row["reason_code"]))
    entered = (
        not held
        and row["direction"] in SIGN
        and row["entry_recommended"] in schema.RECOMMENDED
        and row["reason_code"] not in _NO_ENTRY
    )
    verdicts = dict.fromkeys(_BEFORE, "not asked" if held else "passed")
    verdicts |= dict.fromkeys(_AFTER, "passed" if entered and failed not in _BEFORE else "not asked")
    if failed in verdicts:
        verdicts[failed] = "failed"
        order = (*_BEFORE, *_AFTER)
        verdicts |= {name: "not asked" for name in order[order.index(failed) + 1 :] if name in _AFTER}
    order = next((event for event in events if _is_order(event, row)), None)
    verdicts["size"] = "passed" if order else "not asked"
    stood = _account(row, events) | _answer(row, order)
    shown = _limits(limits, terms)
    rails = [
        Rail(name=name, what=_WHAT[name], verdict=verdict, stood=stood.get(name, ""), limit=shown[name])
        for name, verdict in verdicts.items()
    ]
    return RailsThen(rails, _note(held, entered, failed))


def _is_order(event: Event, row: pd.Series) -> bool:
    return event.kind == "order" and event.decision_id == row["decision_id"] != ""


def _failed(code: str) -> str:
    """The rail that a reason code names; "" for another reason."""
    name = code.removeprefix("rail_") if code.startswith("rail_") else ""
    return "halt" if name.startswith("halt_") else name


def _note(held: bool, entered: bool, failed: str) -> str:
    why = ""
    if held:
        why = "A position was held, so no entry was asked for and no rail stood in the way. "
    elif not entered:
        why = "No entry was asked for: the rails that look at an answer had nothing to look at. "
    elif failed:
        why = "The first that fails decides, and those after it are not asked. "
    return f"{why}Verdicts are those of then; the limits are as they are set today."


def _account(row: pd.Series, events: Sequence[Event]) -> dict[str, str]:
    """What the account's rails looked at: the book as the events before the decision left it."""
    at = instant(row["timestamp"])
    before = [event for event in events if event.at <= at and event.decision_id != row["decision_id"]]
    try:
        book = Book.from_events(before)
    except EventLogError:
        return {}
    if not book.opened:
        return {}
    closed = book.closed[-1] if book.closed else None
    return {
        "halt": f"halted: {book.halted}" if book.halted else "not halted",
        "cooldown": f"{(at - closed.at) / 60e6:.1f} min since the last exit" if closed else "no exit yet",
        "hour": f"{book.filled_since(at - at % HOUR)} entered",
        "day": f"{book.filled_since(at - at % DAY)} entered",
    }


def _answer(row: pd.Series, order: Event | None) -> dict[str, str]:
    """What the answer's rails look at."""
    stood = {
        "confidence": "" if pd.isna(row["confidence"]) else f"{row['confidence']:.2f}",
        "stop": "" if pd.isna(row["stop_pct"]) else percent(float(row["stop_pct"]), 2),
        "target": "" if pd.isna(row["target_pct"]) else percent(float(row["target_pct"]), 2),
    }
    return stood | ({"size": f"${order.notional:,.2f} ordered"} if order else {})


def _limits(limits: RailSettings, terms: Terms) -> dict[str, str]:
    return {
        "kill": f"no file named {limits.kill_file}",
        "halt": f"loss of a day {limits.max_daily_loss_pct:g} %, drawdown {limits.max_drawdown_pct:g} %",
        "cooldown": f"at least {limits.cooldown_minutes:g} min",
        "hour": f"fewer than {limits.max_trades_per_hour}",
        "day": f"fewer than {limits.max_trades_per_day}",
        "confidence": f"at least {limits.min_confidence:.2f}",
        "stop": f"{terms.min_stop_pct:g} to {terms.max_stop_pct:g} %",
        "target": f"{terms.min_target_pct:g} to {terms.max_target_pct:g} %",
        "size": f"at most {limits.max_leverage:g} times the equity and ${limits.max_size_usd:,.0f}",
    }
