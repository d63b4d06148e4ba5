"""The decision rows: written when a decision was made, completed at its fill and at its exit, each once, also over crashes.

The file is the journal of runner.files.tables; the event log is the truth that it is completed from. A row is written after its event and
may be missing or incomplete when the program dies in between: `catch_up` makes good whatever the events know more. Rows that the disk
did not take wait in memory, in order, until it does (docs/guarantees.md, D4).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from math import isfinite
from pathlib import Path

import pandas as pd

from lib.contract import schema
from lib.data import formats
from lib.data.decisions import kind_of
from lib.market.costs import SIGN
from lib.market.exits import ExitRule, levels
from lib.market.readings import instant
from runner.errors import WriteFailedError
from runner.files import tables
from runner.files.journal import Journal
from runner.files.present import last_time
from runner.trade.events import Event
from runner.trade.known import stamp
from runner.trade.lost import Executed, executed_of, refuse_lost
from runner.trade.models import Answer, FirstAnswer, TickView


def decision_journal(folder: Path) -> Journal:
    """The journal under a folder's decision rows."""
    path = folder / schema.DECISIONS_FILE
    return Journal(path, schema.DECISION_COLUMNS, later=schema.LATER_DECISION_COLUMNS)


class DecisionLog:
    """The decisions file of a folder; holds its lock while open. `model` says of which kind its decisions are."""

    def __init__(self, folder: Path, model: str) -> None:
        self._journal = decision_journal(folder)
        self._model = model
        self._waiting: list[str] = []
        self._changes: dict[str, dict[str, str]] = {}
        self.ids: set[str] = set()
        self.last_at: pd.Timestamp | None = None
        self._executed: list[Executed] = []

    def __enter__(self) -> DecisionLog:
        self._journal.__enter__()
        try:
            tables.check_one_kind(self._journal, kind_of(self._model))
            rows = [row for row in map(self._journal.fields, self._journal.rows()) if row]
            self.ids = {row["decision_id"] for row in rows} - {""}
            self._executed = [found for row in rows if (found := executed_of(row))]
            self.last_at = last_time(self._journal)
        except BaseException:
            self._journal.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._journal.close()

    @property
    def behind(self) -> bool:
        """Whether something waits for the disk."""
        return bool(self._waiting or self._changes)

    def new_id(self, decider: str, at: int) -> str:
        """An id that no row has: <decider>-<time>, numbered where two share a time."""
        moment = stamp(at)
        sub = f".{moment.microsecond:06d}" if moment.microsecond else ""
        name = f"{decider}-{moment:%Y%m%dT%H%M%S}{sub}Z"
        number = 2
        chosen = name
        while chosen in self.ids:
            chosen, number = f"{name}-{number}", number + 1
        return chosen

    def text(self, row: Mapping[str, object]) -> str:
        """A decision row as CSV text in the file's order of columns."""
        return ",".join(formats.quoted(_field(name, row.get(name, ""))) for name in self._journal.header)

    def write(self, decision_id: str, text: str) -> None:
        """Append a row; one that the disk does not take waits."""
        self.ids.add(decision_id)
        self._waiting.append(text)
        self.flush()

    def complete(self, event: Event, fill: Event | None) -> None:
        """Put a fill, a void or an exit into its decision's row; an exit needs its fill."""
        fields = self._changes.setdefault(event.decision_id, {})
        fields |= _completion(event, fill)
        self.flush()

    def check(self, events: Sequence[Event]) -> None:
        """Raise EventLogError where rows tell of trades that the event log has lost (runner.trade.lost)."""
        refuse_lost(self._journal.path.parent, self._executed, events)

    def catch_up(self, events: list[Event]) -> None:
        """Write and complete what the events know and the rows do not."""
        orders = {event.decision_id: event for event in events if event.kind == "order"}
        for name, order in orders.items():
            if name not in self.ids:
                self.write(name, self._journal.padded(order.row))
        fills: dict[str, Event] = {}
        for event in events:
            if event.kind == "fill":
                fills[event.decision_id] = event
            if event.kind in ("fill", "void", "exit"):
                self._changes.setdefault(event.decision_id, {}).update(
                    _completion(event, fills.get(event.decision_id))
                )
        self.flush()

    def flush(self) -> None:
        """Write what waits; what the disk does not take goes on waiting."""
        with suppress(WriteFailedError):
            while self._waiting:
                self._journal.append(self._waiting[:1])
                self._waiting.pop(0)
            if self._changes:
                self._replace()
                self._changes.clear()

    def _replace(self) -> None:
        rows, changed = self._journal.rows(), False
        left = dict(self._changes)
        for place in range(len(rows) - 1, -1, -1):
            if not left:
                break
            row = self._journal.fields(rows[place])
            new = left.pop(row["decision_id"], None) if row else None
            if new is None or all(row[name] == value for name, value in new.items()):
                continue
            rows[place] = ",".join(formats.quoted(value) for value in (row | new).values())
            changed = True
        if changed:
            self._journal.replace(rows)


def decision_row(
    decision_id: str, view: TickView, answer: Answer, exits: ExitRule, reason_code: str = ""
) -> dict[str, object]:
    """A decision as it is known when it is made: not executed, whatever comes of it (schema.DECISION_COLUMNS).

    `exits` are those of the answer, so that one that is never ordered says all the same what its order would have been.
    """
    states = {f"state_{name}": view.readings[name].state for name in schema.RIBBON_TIMEFRAMES}
    return {
        "timestamp": view.at,
        "direction": answer.direction,
        "entry_recommended": "YES" if answer.entry_recommended else "NO",
        "confidence": answer.confidence,
        "executed": False,
        "reasoning": answer.reasoning,
        "decision_id": decision_id,
        "wick": view.wick,
        "regime": view.regime,
        "model": answer.model,
        "prompt_sha": answer.prompt_sha,
        "model_cost_usd": answer.cost_usd,
        "reason_code": reason_code,
        "holding": "NO" if view.position is None else "YES",
        "asked_because": view.gate_reason,
        "request_sha": answer.request_sha,
        **_first(answer.first),
        **_distances(answer, exits),
        **states,
    }


def _first(first: FirstAnswer | None) -> dict[str, object]:
    """What a model advised that was asked before; blank where none was."""
    if first is None:
        return {}
    return {
        "first_model": first.model,
        "first_answer": first.advice,
        "first_confidence": first.confidence,
        "first_cost_usd": first.usage.cost_usd,
        "first_request_sha": first.request_sha,
    }


def _distances(answer: Answer, exits: ExitRule) -> dict[str, float]:
    """Stop and target in percent of the entry price; none of a HOLD, and none that no price can lie at: readers refuse those."""
    if answer.direction not in SIGN:
        return {}
    asked = {"stop_pct": exits.stop_pct, "target_pct": exits.target_pct}
    return {name: value for name, value in asked.items() if isfinite(value) and value > 0}


def _completion(event: Event, fill: Event | None) -> dict[str, str]:
    """What an event adds to its row, as CSV texts; P&L as docs/definitions.md, Money."""
    if event.kind == "void":
        return {"reason_code": event.reason}
    if event.kind == "fill":
        target, stop = levels(
            SIGN[event.direction], event.price, ExitRule(event.target_pct, event.stop_pct, event.hold_minutes)
        )
        return {"executed": "True", "entry_time": _time(event.at)} | _figures(
            entry_price=event.price, stop_price=stop, target_price=target, size=event.size, fees=2 * event.fee
        )
    assert fill is not None
    gross = SIGN[fill.direction] * (event.price - fill.price) / fill.price * 100
    fees = fill.fee + event.fee
    return {"exit_reason": event.reason, "exit_time": _time(event.at)} | _figures(
        exit_price=event.price,
        pnl_pct=gross,
        net_pnl_pct=gross - fees / (fill.size * fill.price) * 100,
        fees=fees,
    )


def _field(name: str, value: object) -> str:
    if isinstance(value, pd.Timestamp):
        return formats.instant_text(instant(value))
    return formats.decision_text(name, value) if isinstance(value, float) else str(value)


def _figures(**values: float) -> dict[str, str]:
    return {name: formats.decision_text(name, value) for name, value in values.items()}


def _time(at: int) -> str:
    return formats.instant_text(at)
