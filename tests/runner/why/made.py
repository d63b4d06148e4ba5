"""A market of five hours at 100, with what is given of it, and decisions, events and requests written into its folder by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from lib.contract import schema
from lib.contract.times import iso
from lib.data.formats import quoted
from lib.market.candles import candles_from_prices
from lib.market.terms import DEFAULT_TERMS, Terms
from runner.files.tables import append_candles, candles_journal
from runner.trade.decision_log import decision_journal
from runner.trade.events import Event, EventLog
from runner.trade.settings import RailSettings
from runner.why.models import Why
from runner.why.read import read_why
from tests.builders import at, samples, write_samples

ASKED = 180  #: minutes after START at which the decision was made
MINUTES = 300


def market(folder: Path, moved: dict[int, float] | None = None, missing: tuple[int, ...] = ()) -> None:
    """A sample a minute, its price 100 until a minute of `moved`, from then on that; candles of 5 and 15 minutes without those of the slots
    that `missing` names (minutes they open at).
    """
    prices = np.full(MINUTES + 1, 100.0)
    for minute, price in sorted((moved or {}).items()):
        prices[minute:] = price
    rows = [(minute, prices[minute], "all_green") for minute in range(MINUTES + 1)]
    frame = samples(rows, MMA5=prices - 0.1, MMA10=prices - 0.5)
    frame = frame.assign(MMA5_color="green", MMA10_color="green")
    for name in schema.RIBBON_TIMEFRAMES:
        write_samples(folder, name, frame, "ETHUSDT")
        made = candles_from_prices(frame["price"], schema.MINUTES[name])
        made = made[~made.index.isin([at(minute) for minute in missing])]
        with candles_journal(folder, name) as journal:
            append_candles(journal, made, 2)


def decide(folder: Path, **changed: object) -> str:
    """Write the row of a decision: a LONG that made an order at ASKED, with some fields changed; its id."""
    fields = {
        "timestamp": iso(at(ASKED)),
        "direction": "LONG",
        "entry_recommended": "YES",
        "confidence": 0.8,
        "executed": False,
        "reasoning": "All lines rise.",
        "decision_id": "claude-one",
        "state_5min": "all_green",
        "state_15min": "all_green",
        "regime": "RANGING_QUIET",
        "model": "claude-sonnet-5-5",
        "model_cost_usd": 0.0031,
        "holding": "NO",
        "asked_because": "flip",
        "stop_pct": 0.15,
        "target_pct": 0.3,
    } | changed
    if fields["direction"] == "HOLD":
        fields |= {"stop_pct": "", "target_pct": "", "entry_recommended": "NO"}
    with decision_journal(folder) as journal:
        journal.append([",".join(quoted(str(fields.get(name, ""))) for name in journal.header)])
    return str(fields["decision_id"])


def executed(**changed: object) -> dict[str, object]:
    """Fields of a LONG filled a minute after ASKED at 100 with its own stop and target, which left at 100.2 after ten minutes."""
    return {
        "executed": True,
        "entry_price": 100.0,
        "entry_time": iso(at(ASKED + 1)),
        "stop_price": 99.8,
        "target_price": 100.4,
        "stop_pct": 0.2,
        "target_pct": 0.4,
        "exit_price": 100.2,
        "exit_time": iso(at(ASKED + 11)),
        "exit_reason": "CLAUDE_EXIT",
        "pnl_pct": 0.2,
        "net_pnl_pct": 0.11,
        "size": 10.0,
        "fees": 0.9,
    } | changed


def us(minutes: float) -> int:
    """Microseconds of the instant so many minutes after START."""
    return int(pd.Timestamp(at(minutes)).value // 1_000)


def log_events(folder: Path, *events: Event) -> None:
    """An account that was opened, and these."""
    with EventLog(folder) as log:
        for event in (Event("open", us(0), price=1_000.0), *events):
            log.append(event)


def trade_events(name: str, minute: float, left: float | None = None) -> list[Event]:
    """Order, fill and, where it was left, exit of a trade without gain."""
    rule = {"stop_pct": 0.2, "target_pct": 0.4, "hold_minutes": 45.0}
    found = [
        Event("order", us(minute), name, "LONG", notional=1_000.0, valid_until=us(minute + 1), **rule),
        Event("fill", us(minute + 0.5), name, "LONG", size=10.0, price=100.0, fee=0.45, **rule),
    ]
    return found + (
        [Event("exit", us(left), name, "LONG", size=10.0, price=100.0, fee=0.45, reason="TIME_EXIT")]
        if left is not None
        else []
    )


def why(folder: Path, name: str = "claude-one", terms: Terms = DEFAULT_TERMS, **limits: object) -> Why:
    """What is said of a decision under these limits."""
    return read_why(folder, RailSettings(**limits), terms, name)
