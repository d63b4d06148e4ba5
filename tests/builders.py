"""Small markets written out by hand: candles, samples, decisions and windows from lists.

Times are minutes after `START`, a full hour; a row of None is a gap. What is not given is harmless: no volume, quality ok.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from lib.contract import schema
from lib.contract.typed import typed_decisions
from lib.data.source import DataSource
from lib.data.window import MarketWindow
from runner.files.tables import WriteCounts, append_samples, samples_journal

START = pd.Timestamp("2026-01-05T00:00:00Z").as_unit("us")
Row = Sequence[float] | None


def at(minutes: float) -> pd.Timestamp:
    """The instant so many minutes after START."""
    return (START + pd.Timedelta(seconds=round(minutes * 60, 6))).as_unit("us")


def times(minutes: Iterable[float]) -> pd.DatetimeIndex:
    """The instants so many minutes after START, as an index of microseconds in UTC."""
    microseconds = np.array([minute * 60_000_000 for minute in minutes], dtype=float).round().astype("int64")
    return pd.DatetimeIndex(START + pd.to_timedelta(microseconds, unit="us"), name="timestamp").as_unit("us")


def candles(rows: Sequence[Row], minutes: int = 5, start: float = 0.0) -> pd.DataFrame:
    """Candles of (open, high, low, close), one after another from `start` on; None leaves a gap."""
    kept = [(start + place * minutes, row) for place, row in enumerate(rows) if row is not None]
    frame = pd.DataFrame(
        np.array([row for _, row in kept], dtype=float).reshape(-1, 4),
        columns=["open", "high", "low", "close"],
        index=times(opened for opened, _ in kept),
    )
    frame["volume"] = np.nan
    frame["closed_at"] = frame.index + pd.Timedelta(minutes=minutes)
    return frame


def closes(values: Sequence[float | None], minutes: int = 5, start: float = 0.0) -> pd.DataFrame:
    """Candles without wicks that close at these values, each opening where the one before closed."""
    before = values[0]
    rows: list[Row] = []
    for value in values:
        rows.append(None if value is None else (before, max(before, value), min(before, value), value))
        before = before if value is None else value
    return candles(rows, minutes, start)


def flat(count: int, price: float = 100.0, minutes: int = 5, start: float = 0.0) -> pd.DataFrame:
    """Candles that do not move."""
    return candles([(price,) * 4] * count, minutes, start)


def samples(rows: Sequence[tuple], **lines: float | Sequence[float]) -> pd.DataFrame:
    """Samples of (minute, price, state) or (minute, price, state, quality), with lines such as MMA5=99.0."""
    filled = [(*row, "ok") if len(row) == 3 else row for row in rows]
    frame = pd.DataFrame(
        {
            "price": [float(row[1]) for row in filled],
            "state": pd.array([row[2] for row in filled], dtype="str"),
            "quality": pd.array([row[3] for row in filled], dtype="str"),
            "symbol": pd.array([""] * len(filled), dtype="str"),
        },
        index=times(row[0] for row in filled),
    )
    for name, values in lines.items():
        frame[name] = np.broadcast_to(np.asarray(values, dtype=float), len(frame))
    return frame


def write_samples(
    folder: Path, timeframe: str, frame: pd.DataFrame, symbol: str, decimals: int = 2
) -> WriteCounts:
    """Samples appended to their file of `folder`, as whoever writes a folder does it."""
    with samples_journal(folder, timeframe, frame) as journal:
        return append_samples(journal, frame, symbol, decimals)


def entries(rows: Sequence[tuple[str, float, float]]) -> pd.DataFrame:
    """Entries of (direction, minute, price)."""
    return pd.DataFrame(
        {
            "direction": pd.array([row[0] for row in rows], dtype="str"),
            "entry_time": times(row[1] for row in rows),
            "entry_price": np.array([row[2] for row in rows], dtype=float),
        }
    )


def round_trips(rows: Sequence[tuple]) -> pd.DataFrame:
    """Unpriced trades of (direction, entry minute, entry price, exit minute, exit price)."""
    frame = entries([row[:3] for row in rows])
    frame["exit_time"] = times(row[3] for row in rows)
    frame["exit_price"] = np.array([row[4] for row in rows], dtype=float)
    frame["exit_reason"] = pd.array(["MANUAL"] * len(rows), dtype="str")
    return frame


def decisions(rows: Sequence[dict[str, object]]) -> pd.DataFrame:
    """A decisions frame; times are minutes, what a row leaves out is blank, and it is executed unless it says otherwise."""
    filled = []
    for row in rows:
        stamped = {name: at(row[name]) for name in schema.DECISION_TIMES if row.get(name) is not None}
        filled.append(
            {"executed": True} | {key: row[key] for key in row if key not in schema.DECISION_TIMES} | stamped
        )
    return typed_decisions(filled)


def window(
    candles_5min: pd.DataFrame | None = None,
    samples_5min: pd.DataFrame | None = None,
    samples_15min: pd.DataFrame | None = None,
    candles_1min: pd.DataFrame | None = None,
    decided: pd.DataFrame | None = None,
    start: float = 0.0,
    end: float = 24 * 60.0,
) -> MarketWindow:
    """A window over frames that hold nothing later than `end`; what is left out is empty."""
    return MarketWindow(
        trading_data=Path("trading_data"),
        as_of=at(end),
        start=at(start),
        lookback_hours=(end - start) / 60,
        samples_5min=samples([]) if samples_5min is None else samples_5min,
        samples_15min=samples([]) if samples_15min is None else samples_15min,
        candles_1min=candles([], 1) if candles_1min is None else candles_1min,
        candles_5min=candles([]) if candles_5min is None else candles_5min,
        candles_15min=candles([], 15),
        decisions=decisions([]) if decided is None else decided,
        counts={},
        source=DataSource(decisions="live", synthetic=False, symbol=""),
    )


def random_market(seed: int, count: int = 72, gaps: int = 0) -> MarketWindow:
    """A seeded random walk of `count` 5-minute candles with 1-minute candles and 30-second samples.

    States change every few minutes, so that the entry rule fires often; `gaps` many 5-minute candles miss their minutes.
    """
    random = np.random.default_rng(seed)
    steps = count * 10
    price = np.round(100 * np.exp(np.cumsum(random.normal(0, 0.0006, steps))), 4)
    minute = np.arange(1, steps + 1) / 2
    state = np.repeat(random.choice(LIVELY, size=steps // 6 + 1), 6)[:steps]
    slow = np.repeat(random.choice(LIVELY, size=steps // 30 + 1), 30)[:steps]
    line = np.round(price - np.where(state == "all_red", -0.02, 0.02), 4)
    five = samples(list(zip(minute, price, state, strict=True)), MMA5=line, MMA10=line - 0.01)
    fifteen = samples(list(zip(minute, price, slow, strict=True)), MMA5=np.round(line - 0.0001, 4))
    ones = _walk_candles(price, 2, 1, random)
    fives = _walk_candles(price, 10, 5, random)
    for place in random.choice(np.arange(5, count - 5), size=gaps, replace=False):
        low, high = at(place * 5), at(place * 5 + 5)
        fives = fives.drop(index=low)
        ones = ones[(ones.index < low) | (ones.index >= high - pd.Timedelta(minutes=2))]
    return window(fives, five, fifteen, ones, start=30.0, end=count * 5.0)


LIVELY = ("all_green", "all_red", "mixed_green", "mixed", "unknown")


def _walk_candles(
    price: np.ndarray, a_candle: int, minutes: int, random: np.random.Generator
) -> pd.DataFrame:
    blocks = price.reshape(-1, a_candle)
    opened = np.concatenate([[price[0]], blocks[:-1, -1]])
    rows = np.column_stack(
        [
            opened,
            np.maximum(opened, blocks.max(axis=1)),
            np.minimum(opened, blocks.min(axis=1)),
            blocks[:, -1],
        ]
    )
    rows[:, 1] += np.round(random.exponential(0.02, len(rows)), 4)
    rows[:, 2] -= np.round(random.exponential(0.02, len(rows)), 4)
    return candles([tuple(row) for row in rows], minutes)


def known_until(market: MarketWindow, minutes: float, start: float | None = None) -> MarketWindow:
    """The same market as it was known at an instant: candles that had closed, samples that had been taken, exits that had happened."""
    instant = at(minutes)

    def closed(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[frame["closed_at"] <= instant]

    def taken(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[frame.index <= instant]

    return window(
        closed(market.candles_5min),
        taken(market.samples_5min),
        taken(market.samples_15min),
        closed(market.candles_1min),
        decisions_until(market.decisions, minutes),
        start=(market.start - START).total_seconds() / 60 if start is None else start,
        end=minutes,
    )


def decisions_until(log: pd.DataFrame, minutes: float) -> pd.DataFrame:
    """Decisions as they were known at an instant: fills blank before the entry, exits blank before they happened."""
    instant = at(minutes)
    seen = log[log["timestamp"] <= instant].copy()
    seen["executed"] &= ~(seen["entry_time"] > instant)
    for columns, moment in ((schema.FILL_COLUMNS, "entry_time"), (schema.EXIT_COLUMNS, "exit_time")):
        late = seen[moment] > instant
        for name in columns:
            if name == "exit_reason":
                seen[name] = seen[name].where(~late, "")
            else:
                seen[name] = seen[name].where(~late)
    return seen.reset_index(drop=True)
