"""Folders of replays and cycles written by hand: a log of trades, and what names it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from lib.contract.times import iso
from lib.data.formats import quoted
from lib.market.terms import DEFAULT_TERMS
from runner.compare.models import Comparison
from runner.compare.read import read_comparison
from runner.trade.decision_log import decision_journal
from tests.builders import at

DAY = 24 * 60
FEES = 2 * DEFAULT_TERMS.fee_pct
SOURCE = {
    "decisions": "rules",
    "synthetic": False,
    "symbol": "ETHUSDT",
    "coin": "ETH",
    "label": "rule decider",
}


class Trade(NamedTuple):
    """Entered so many minutes after START at 100, held for some, with this net return in percent of the entry price."""

    minute: float
    net: float
    direction: str = "LONG"
    held: float = 10.0


def log(folder: Path, trades: Iterable[Trade], model: str = "rules") -> Path:
    """The trades as rows of the folder's decisions."""
    folder.mkdir(parents=True, exist_ok=True)
    with decision_journal(folder) as journal:
        for number, trade in enumerate(sorted(trades)):
            sign = 1 if trade.direction == "LONG" else -1
            row = {
                "timestamp": iso(at(trade.minute)),
                "direction": trade.direction,
                "entry_recommended": "YES",
                "confidence": 0.8,
                "executed": True,
                "decision_id": f"{model}-{trade.minute}-{number}",
                "model": model,
                "entry_price": 100.0,
                "entry_time": iso(at(trade.minute)),
                "exit_price": 100.0 + sign * (trade.net + FEES),
                "exit_time": iso(at(trade.minute + trade.held)),
                "exit_reason": "TIME_EXIT",
            }
            journal.append([",".join(quoted(str(row.get(name, ""))) for name in journal.header)])
    return folder


def replay(folder: Path, trades: Iterable[Trade], model: str = "rules", /, **changed: Any) -> str:
    """A replay's folder of ten days; what to name it by."""
    trades = list(trades)
    summary = {
        "decider": "rules",
        "source": SOURCE,
        "trading_data": "history",
        "from": iso(at(-1)),
        "to": iso(at(10 * DAY)),
        "rails": True,
        "trades": {"total": len(trades), "total_pnl": round(sum(trade.net for trade in trades), 2)},
        "hours_learned": 240,
        "settings": {"beat_s": 10.0, "rails": {"min_confidence": 0.75}},
        "terms": DEFAULT_TERMS.model_dump(),
    }
    (log(folder, trades, model) / "summary.json").write_text(json.dumps(summary | changed))
    return str(folder)


def cycle(outputs: Path, name: str, data: Path, start: float, until: float, **changed: Any) -> str:
    """A cycle's folder over a window (minutes after START); what to name it by."""
    manifest = {
        "cycle": name,
        "status": "ok",
        "started": iso(at(until)),
        "parameters": {
            "as_of": iso(at(until)),
            "trading_data": str(data),
            "terms": DEFAULT_TERMS.model_dump(),
        },
        "window_start": iso(at(start)),
        "source": SOURCE,
        "inputs": {},
        "notebooks": {},
        "versions": {},
        "commit": None,
    }
    (outputs / name).mkdir(parents=True)
    (outputs / name / "manifest.json").write_text(json.dumps(manifest | changed))
    return name


def compared(a: str, b: str, outputs: Path = Path("none")) -> Comparison:
    """The two side by side."""
    return read_comparison(a, b, outputs)


def many(count: int, nets: Iterable[float], every: float = 60.0, **fields: Any) -> list[Trade]:
    """Trades one after another, with these net returns in turn."""
    nets = list(nets)
    return [Trade(number * every, nets[number % len(nets)], **fields) for number in range(count)]
