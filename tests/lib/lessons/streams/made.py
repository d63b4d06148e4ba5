"""Candidates, own trades and whole data folders for the tests of lib.lessons.streams; times in minutes after START."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from lib.contract import schema
from lib.data.window import MarketWindow
from lib.lessons.streams.hour import hour_tables
from lib.lessons.streams.models import Candidate, Carry
from lib.lessons.streams.own_trades import OwnTrade
from lib.market.exits import STANDARD
from lib.market.readings import instant
from lib.market.terms import DEFAULT_TERMS
from tests.builders import START, at, decisions, random_market


def us(minutes: float) -> int:
    """The instant so many minutes after START, in microseconds."""
    return instant(at(minutes))


def candidate(entry: float, end: float | None, left_out: str = "") -> Candidate:
    """A LONG that says its entry minute."""
    return Candidate(us(entry), None if end is None else us(end), "LONG", f"{entry:g}", left_out=left_out)


def own(entry: float, exit: float | None, to: float = 100.0, **changes) -> OwnTrade:
    """A trade from 100, stop 0.15 and target 0.3, decided at its entry; net of fees of 0.09."""
    sign = -1 if changes.get("direction") == "SHORT" else 1
    fields = {
        "entry_at": us(entry),
        "exit_at": None if exit is None else us(exit),
        "decided_at": us(entry),
        "direction": "LONG",
        "entry_price": 100.0,
        "exits": STANDARD,
        "fees_pct": 0.09,
        "net_pct": sign * (to - 100.0) - 0.09,
        "hold_minutes": float("nan") if exit is None else exit - entry,
        "exit_reason": "" if exit is None else "CLAUDE_EXIT",
        "trade": f"{entry:g}",
        "words": {},
    }
    return OwnTrade(**(fields | changes))


def write_folder(folder: Path, market: MarketWindow) -> Path:
    """A market's frames as the files of a data folder."""
    folder.mkdir(parents=True, exist_ok=True)
    samples = {"5min": market.samples_5min, "15min": market.samples_15min}
    candles = {"1min": market.candles_1min, "5min": market.candles_5min, "15min": market.candles_15min}
    for name, frame in samples.items():
        _write(folder / schema.SAMPLE_FILES[name], frame.reset_index(names="timestamp"))
    for name, frame in candles.items():
        shown = frame.drop(columns="closed_at").reset_index(names="timestamp")
        _write(folder / schema.CANDLE_FILES[name], shown)
    _write(folder / schema.DECISIONS_FILE, market.decisions)
    return folder


def _write(path: Path, frame: pd.DataFrame) -> None:
    written = frame.copy()
    for name in written.columns.intersection(schema.DECISION_TIMES):
        written[name] = written[name].dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    written.to_csv(path, index=False)


def lively_market(seed: int, hours: int = 10, gaps: int = 3) -> MarketWindow:
    """A random market with a trade every ten minutes or so: overlapping, of any exit, some never closed, one older than its exit."""
    market = random_market(seed, count=12 * hours, gaps=gaps)
    # Twice the moves, so that wicks of 0.3 % occur.
    for frame, names in (
        (market.samples_5min, ["price", "MMA5", "MMA10"]),
        (market.samples_15min, ["price", "MMA5"]),
        (market.candles_1min, ["open", "high", "low", "close"]),
        (market.candles_5min, ["open", "high", "low", "close"]),
    ):
        frame[names] = 100 + 2 * (frame[names] - 100)
    random = np.random.default_rng(seed)
    entered = np.sort(random.uniform(31, 60 * hours - 10, size=6 * hours).round(1))
    executed = [_decision(random, market, float(minute), place) for place, minute in enumerate(entered)]
    # While nothing is held yet, answers that were not executed; some are given while others are open.
    rows = [
        {
            "timestamp": 1.3 + 1.7 * place,
            "direction": random.choice(["LONG", "SHORT"]),
            "confidence": float(random.choice([0.6, 0.7, 0.8, 0.9])),
            "entry_recommended": "YES",
            "executed": False,
            "decision_id": f"a{place}",
        }
        for place in range(17)
    ] + executed
    return MarketWindow(**{**vars(market), "decisions": decisions(rows)})


def _decision(
    random: np.random.Generator, market: MarketWindow, minute: float, place: int
) -> dict[str, object]:
    entry = float(market.samples_5min["price"].asof(at(minute)))
    row = {
        "timestamp": minute - 0.1,
        "entry_time": minute,
        "direction": random.choice(["LONG", "SHORT"]),
        "confidence": float(random.choice([0.6, 0.7, 0.8, 0.9])),
        "entry_price": entry,
        "entry_recommended": "YES",
        "decision_id": f"d{place}" if random.random() < 0.8 else "",
        "model": "m",
    }
    if random.random() < 0.06:
        return row
    reason = random.choice(["TP_HIT", "SL_HIT", "CLAUDE_EXIT", "DATA_LOSS", "TIME_EXIT"])
    return row | {
        "exit_time": None if random.random() < 0.05 else minute + round(random.exponential(18), 1),
        "exit_price": entry * (1 + float(random.normal(0, 0.002))),
        "exit_reason": reason,
    }


def run_hours(
    folder: Path, hours: range, carry: Carry | None = None
) -> tuple[dict[str, pd.DataFrame], Carry]:
    """All trades of hours after START, one after another (the last is left out, as in a range), and the last carry."""
    found: dict[str, list[pd.DataFrame]] = {}
    carry = carry or Carry()
    for hour in hours:
        tables, carry = hour_tables(folder, START + pd.Timedelta(hours=hour), carry, DEFAULT_TERMS)
        for stream, table in tables.items():
            found.setdefault(stream, []).append(table)
    return {stream: pd.concat(parts, ignore_index=True) for stream, parts in found.items()}, carry
