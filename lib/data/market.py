"""Samples and candles of a data folder between two instants, all files at once."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pandas as pd

from lib.contract import schema
from lib.contract.times import configured_zone, microseconds_or_none
from lib.data.loaders import (
    candle_slice,
    candles_since,
    empty_candles,
    empty_samples,
    parse_closed,
    parse_samples,
    sample_slice,
    samples_since,
)
from lib.data.rows import RowCounts, Rows
from lib.data.slices import Slice

#: By the names of MarketWindow's fields.
FILES = {f"samples_{timeframe}": name for timeframe, name in schema.SAMPLE_FILES.items()} | {
    f"candles_{timeframe}": name for timeframe, name in schema.CANDLE_FILES.items()
}


def load_market(
    folder: Path,
    start: pd.Timestamp,
    until: pd.Timestamp,
    zone: str | None = None,
    names: Collection[str] = tuple(FILES),
) -> tuple[dict[str, pd.DataFrame], dict[str, RowCounts]]:
    """Samples and candles that became known in (start, until], by the names of MarketWindow's fields, and what was read by file name.

    Only the files of `names` are read, and the frames of the others are empty.
    All are empty in a folder of imported trades that has no such file yet.
    Raises MissingDataError, HeaderError, RaggedHeaderError, NaiveTimeError.
    """
    rows = market_rows(folder, start, until, zone, names)
    return market_frames(rows, start), {FILES[name]: found.counts for name, found in rows.items()}


def market_rows(
    folder: Path,
    start: pd.Timestamp,
    until: pd.Timestamp,
    zone: str | None = None,
    names: Collection[str] = tuple(FILES),
) -> dict[str, Rows]:
    """The rows of the files that are there, as they were written, by the names of MarketWindow's fields. Raises as `load_market`."""
    return parse_market(market_slices(folder, start, until, zone, names), start, until, zone)


def market_slices(
    folder: Path,
    start: pd.Timestamp,
    until: pd.Timestamp,
    zone: str | None = None,
    names: Collection[str] = tuple(FILES),
) -> dict[str, Slice]:
    """The bytes that `market_rows` are parsed from, by the names of MarketWindow's fields. Raises MissingDataError, HeaderError."""
    pieces: dict[str, Slice] = {}
    for field in market_there(folder, names):
        name, (kind, timeframe) = FILES[field], field.split("_")
        if kind == "samples":
            pieces[field] = sample_slice(folder / name, start, until, zone)
        else:
            pieces[field] = candle_slice(folder / name, schema.MINUTES[timeframe], start, until, zone)
    return pieces


def market_there(folder: Path, names: Collection[str] = tuple(FILES)) -> list[str]:
    """Which of `names` are read of a folder: none of one with trades alone, and 1-minute candles only where there are any."""
    if _has_trades_alone(folder):
        return []
    wanted = [field for field in FILES if field in names]
    return [field for field in wanted if field != "candles_1min" or (folder / FILES[field]).exists()]


def parse_market(
    pieces: dict[str, Slice], start: pd.Timestamp, until: pd.Timestamp, zone: str | None = None
) -> dict[str, Rows]:
    """The rows of `market_slices`. Raises HeaderError, RaggedHeaderError, NaiveTimeError."""
    named, bounds = configured_zone(zone), (microseconds_or_none(start), microseconds_or_none(until))
    rows: dict[str, Rows] = {}
    for name, piece in pieces.items():
        kind, timeframe = name.split("_")
        if kind == "samples":
            rows[name] = parse_samples(piece, *bounds, named)
        else:
            rows[name] = parse_closed(piece, schema.MINUTES[timeframe], start, until, zone)
    return rows


def market_frames(rows: dict[str, Rows], start: pd.Timestamp) -> dict[str, pd.DataFrame]:
    """`market_rows` as frames without what was known by `start`; empty ones of the files that are not there."""
    frames: dict[str, pd.DataFrame] = {}
    for name in FILES:
        kind, timeframe = name.split("_")
        if kind == "samples":
            frames[name] = samples_since(rows[name], start) if name in rows else empty_samples()
        else:
            minutes = schema.MINUTES[timeframe]
            frames[name] = candles_since(rows[name], minutes, start) if name in rows else empty_candles()
    return frames


def _has_trades_alone(folder: Path) -> bool:
    market = (name for name in schema.MARKET_FILES if name != schema.DECISIONS_FILE)
    return (folder / schema.DECISIONS_FILE).exists() and not any((folder / name).exists() for name in market)
