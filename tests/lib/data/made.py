"""Small data folders as text, for the tests of lib.data."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from lib.contract import schema

START = pd.Timestamp("2025-10-19T00:00:00Z")
SAMPLE_HEADER = "timestamp,price,state,MMA5,MMA10"
CANDLE_HEADER = "timestamp,open,high,low,close,volume"
DECISION_HEADER = ",".join(schema.DECISION_LEADING_COLUMNS)


def at(seconds: float) -> pd.Timestamp:
    """An instant so many seconds after START."""
    return (START + pd.Timedelta(seconds=seconds)).as_unit("us")


def stamp(seconds: float) -> str:
    """`at` as files write it."""
    return datetime.fromtimestamp(START.timestamp() + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def sample(seconds: float, price: float = 100.0, state: str = "mixed", first: int = 1000) -> str:
    """A row for SAMPLE_HEADER whose lines tell its second, so that a wrong row cannot pass for a right one."""
    return f"{stamp(seconds)},{price},{state},{first + seconds},{2000 + seconds}"


def candle(seconds: float, volume: str = "5") -> str:
    """A row for CANDLE_HEADER; its close tells its second in millionths."""
    return f"{stamp(seconds)},100,{200 + seconds},50,{100 + seconds / 1e6},{volume}"


def decision(seconds: float, reasoning: str = "why", identity: str | None = None) -> str:
    """A row for DECISION_HEADER (with decision_id behind it where given), reasoning quoted."""
    quoted = reasoning.replace('"', '""')
    row = f'{stamp(seconds)},LONG,YES,0.8,100,True,"{quoted}",101,TP_HIT,1.0'
    return row if identity is None else f"{row},{identity}"


def write(path: Path, header: str, rows: list[str], end: str = "\n") -> Path:
    """A file of whole lines; returns its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes("".join(line + end for line in [header, *rows]).encode())
    return path.parent


def samples(folder: Path, rows: list[str], header: str = SAMPLE_HEADER, timeframe: str = "5min") -> Path:
    """Writes a samples file; returns the folder."""
    return write(folder / schema.SAMPLE_FILES[timeframe], header, rows)


def candles(folder: Path, rows: list[str], header: str = CANDLE_HEADER, timeframe: str = "5min") -> Path:
    """Writes a candles file; returns the folder."""
    return write(folder / schema.CANDLE_FILES[timeframe], header, rows)


def decisions(folder: Path, rows: list[str], header: str = DECISION_HEADER) -> Path:
    """Writes a decisions file; returns the folder."""
    return write(folder / schema.DECISIONS_FILE, header, rows)


def market(folder: Path, minutes: int = 60, header: str = SAMPLE_HEADER, ending: str = "") -> Path:
    """A folder with all required files: a sample every 10 s, candles to the same end."""
    for timeframe, first in zip(schema.RIBBON_TIMEFRAMES, (1000, 1500), strict=True):
        rows = [sample(10 * step, first=first) + ending for step in range(6 * minutes + 1)]
        samples(folder, rows, header, timeframe)
        step = schema.MINUTES[timeframe]
        candles(folder, [candle(60 * minute) for minute in range(0, minutes, step)], timeframe=timeframe)
    return folder
