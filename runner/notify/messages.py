"""What is said to people: a title and a few lines for each event. Figures are net where not said otherwise; times are UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from lib.data.times import iso
from runner.notify.settings import KINDS, Kind
from runner.trade.models import Position


@dataclass(frozen=True)
class Message:
    """One notification. Messages of the same kind and title are the same message, said again. Kind "test" is always sent."""

    kind: Kind | Literal["test"]
    title: str
    body: str = ""


def plain_message(kind: str, text: str) -> Message:
    """A message of one sentence; a kind that is none is an error, so that nothing is lost to a misspelling."""
    known = next((name for name in KINDS if name == kind), "error")
    return Message(known, f"{kind}: {text}")


def entry_message(position: Position, symbol: str, confidence: float) -> Message:
    """A trade was entered."""
    return Message(
        "entry",
        f"{position.direction} {symbol} at {position.entry_price:.7g}, {iso(position.entry_time)}",
        f"size {position.size:.6g}, stop {position.stop_price:.7g}, target {position.target_price:.7g}, "
        f"confidence {confidence:.2f}; closed by time at {iso(position.time_exit_at)} at the latest",
    )


def exit_message(
    position: Position,
    symbol: str,
    exit_price: float,
    exit_time: pd.Timestamp,
    reason: str,
    net_pct: float,
    day_net: float,
) -> Message:
    """A trade has ended: `net_pct` of it, and what the day has brought in quote currency."""
    held = (exit_time - position.entry_time).total_seconds() / 60
    return Message(
        "exit",
        f"{reason}: {position.direction} {symbol} {net_pct:+.3f} % net, {iso(exit_time)}",
        f"{position.entry_price:.7g} to {exit_price:.7g} in {held:.1f} min; today {day_net:+.2f}",
    )


def halt_message(reason: str) -> Message:
    """No entries until a person lifts the halt."""
    return Message("halt", f"HALT: {reason}", "No entry is made until `ribbon resume` is run; exits go on.")


def blocked_message(reason: str, detail: str) -> Message:
    """The API of the model refuses: key, credit, spend limit. Fits ClaudeDecider's `announce`."""
    return Message(
        "blocked",
        f"Claude cannot be asked: {reason}",
        f"{detail}\nEvery decision is HOLD until this is mended.",
    )


def cycle_message(manifest: Mapping[str, Any]) -> Message:
    """A learning cycle ended; `manifest` is the cycle's as JSON, as `ribbon cycle --json` prints it."""
    figures, notebooks = manifest.get("headline") or {}, manifest.get("notebooks") or {}
    failed = [name for name, entry in notebooks.items() if entry["status"] != "ok"]
    known = [f"{name.replace('_', ' ')} {value}" for name, value in figures.items() if value is not None]
    published = "published" if manifest["published"] else "nothing published"
    lines = [f"known up to {manifest['parameters']['as_of']}: {', '.join(known) or 'no figures'}"]
    lines += [f"failed: {', '.join(failed)}"] if failed else []
    return Message("cycle", f"cycle {manifest['cycle']}: {manifest['status']}, {published}", "\n".join(lines))


def stale_message(timeframe: str, age_s: float | None) -> Message:
    """Data has stopped coming; None: there is none at all."""
    age = "there is none" if age_s is None else f"the newest sample is {age_s:,.0f} s old"
    return Message(
        "stale", f"Stale data: {timeframe}", f"{age}; no entry is made. Is `ribbon collect` running?"
    )
