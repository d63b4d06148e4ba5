"""One file's rows between two instants, as a frame: samples, candles, decisions.

Bounds are by *known-at* in (start, as_of] (docs/definitions.md, Known at): a sample is known at its timestamp, a candle at open +
interval, a decision at its timestamp, its fill at entry_time, its exit at exit_time (without one: timestamp + 45 min). start None reads
from the first row, as_of None to the last and masks nothing. Times are datetime64[us, UTC].

What would surprise: state and quality are not taken from the file as they stand. The state is recomputed from the colours where a row
has any; a row that was written as partial counts as unknown; and frozen stretches are found again, whatever was written.
"""

from __future__ import annotations

from datetime import tzinfo
from pathlib import Path

import numpy as np
import pandas as pd

from lib.contract import schema
from lib.contract.times import Instant, configured_zone, iso, microseconds_or_none, times_index
from lib.data.cells import Layout
from lib.data.decisions import load_decisions
from lib.data.records import split_lines
from lib.data.rows import RowCounts, Rows, column_words, read_rows
from lib.data.slices import Slice, read_slice
from lib.data.spacing import another_spacing
from lib.errors import DataError
from lib.market.ribbon import colour_names, frozen_mask, frozen_so_far, line_names, states_from_colours

__all__ = ["load_candles", "load_decisions", "load_samples"]

#: A frozen run is seen whole if it began at most this long before the window.
SAMPLE_CONTEXT = pd.Timedelta(minutes=15)

#: Minutes of the candles of each file of a folder, by its name.
_LENGTHS = {name: schema.MINUTES[timeframe] for timeframe, name in schema.CANDLE_FILES.items()}
_REWRITE = "Write the file with `ribbon backfill` or `ribbon simulate`"


def load_samples(
    folder: str | Path,
    timeframe: str,
    start: Instant,
    as_of: Instant,
    zone: str | None = None,
    causal: bool = False,
) -> tuple[pd.DataFrame, RowCounts]:
    """Samples (contract: index timestamp; price, state, quality, symbol, MMA<n>…, MMA<n>_color…) and what was read.

    `causal`: as in `samples_of`. Raises MissingDataError, HeaderError, RaggedHeaderError, NaiveTimeError.
    """
    rows = sample_rows(Path(folder) / schema.SAMPLE_FILES[timeframe], start, as_of, zone)
    return samples_since(rows, start, causal), rows.counts


def samples_since(rows: Rows, start: Instant, causal: bool = False) -> pd.DataFrame:
    """The samples of a file's rows that were known after `start`; what came before it is looked at for frozen stretches alone."""
    return _behind(samples_of(rows.frame, causal), start)


def samples_of(frame: pd.DataFrame, causal: bool = False) -> pd.DataFrame:
    """The samples frame of a file's rows (Rows.frame): states from colours, frozen stretches found again.

    `causal`: each row's quality as it was known while the row was the newest, which the first minute of a frozen stretch is not.
    """
    lines, colours = line_names(frame.columns), colour_names(frame.columns)
    quality = column_words(frame, "quality", "ok")
    state = _states(frame, colours)
    samples = pd.DataFrame({"price": frame["price"]}, index=frame.index)
    samples["state"] = state.mask(quality == "partial", "unknown").astype("str")
    frozen = frozen_so_far(frame) if causal else frozen_mask(frame).to_numpy(bool)
    samples["quality"] = quality.mask(frozen, "frozen").astype("str")
    samples["symbol"] = (
        frame["symbol"].str.strip() if "symbol" in frame else pd.Series("", frame.index, dtype="str")
    )
    return pd.concat([samples, frame[lines], frame[colours]], axis=1)


def sample_rows(path: Path, start: Instant, as_of: Instant, zone: str | None = None) -> Rows:
    """The rows of a samples file as they were written, context before `start` included."""
    piece = sample_slice(path, start, as_of, zone)
    return parse_samples(
        piece, microseconds_or_none(start), microseconds_or_none(as_of), configured_zone(zone)
    )


def sample_slice(path: Path, start: Instant, as_of: Instant, zone: str | None = None) -> Slice:
    """The bytes that `sample_rows` are parsed from."""
    begin = None if start is None else start - SAMPLE_CONTEXT
    return read_slice(path, microseconds_or_none(begin), microseconds_or_none(as_of), configured_zone(zone))


def parse_samples(
    piece: Slice, start: int | None, end: int | None, zone: tzinfo | None, now: int | None = None
) -> Rows:
    """The rows of a slice of a samples file; `now` as in `read_rows`."""
    names = piece.header.names
    old = "This is an old recording: convert it with `ribbon import-recording`"
    piece.header.require(schema.SAMPLE_COLUMNS, old if "ribbon_state" in names else _REWRITE)
    texts = ("state", "quality", "symbol", *colour_names(names))
    layout = Layout(texts, ("price", *line_names(names)), _off_sample)
    return read_rows(piece, split_lines(piece.data, len(names)), layout, start, end, zone, now)


def _off_sample(table: pd.DataFrame) -> np.ndarray:
    off = ~(table["price"] > 0).to_numpy()
    if "quality" in table:
        off |= ~column_words(table, "quality", "ok").isin(schema.QUALITIES).to_numpy()
    return off


def _states(frame: pd.DataFrame, colours: list[str]) -> pd.Series:
    """Canonical states: recomputed where a row has a colour, else as logged; other words are unknown."""
    logged = column_words(frame, "state", "unknown")
    logged = logged.where(logged.isin(schema.STATES), "unknown")
    if not colours or frame.empty:
        return logged
    states = states_from_colours(frame)
    places = np.flatnonzero(states == "unknown")
    blank = (frame[colours].iloc[places].to_numpy(object) == "").all(axis=1)
    states.iloc[places[blank]] = logged.iloc[places[blank]]
    return states


def load_candles(
    folder: str | Path, timeframe: str, start: Instant, as_of: Instant, zone: str | None = None
) -> tuple[pd.DataFrame, RowCounts]:
    """Candles (contract: index timestamp = open; open, high, low, close, volume, closed_at) and what was read.

    Raises as load_samples.
    """
    minutes = schema.MINUTES[timeframe]
    rows = candle_rows(Path(folder) / schema.CANDLE_FILES[timeframe], minutes, start, as_of, zone)
    return candles_since(rows, minutes, start), rows.counts


def candles_since(rows: Rows, minutes: int, start: Instant) -> pd.DataFrame:
    """The candles of a file's rows that closed after `start`."""
    return _behind(candles_of(rows.frame, minutes), _before(start, minutes))


def candles_of(frame: pd.DataFrame, minutes: int) -> pd.DataFrame:
    """The candles frame of a file's rows (Rows.frame)."""
    candles = frame.reindex(columns=list(schema.CANDLE_COLUMNS[1:])).astype(float)
    candles["closed_at"] = candles.index + pd.Timedelta(minutes=minutes)
    return candles


def candle_rows(path: Path, minutes: int, start: Instant, as_of: Instant, zone: str | None = None) -> Rows:
    """The rows of a candles file whose candles closed in (start, as_of], context before included."""
    return parse_closed(candle_slice(path, minutes, start, as_of, zone), minutes, start, as_of, zone)


def candle_slice(path: Path, minutes: int, start: Instant, as_of: Instant, zone: str | None = None) -> Slice:
    """The bytes that `candle_rows` are parsed from."""
    begin, end = microseconds_or_none(_before(start, minutes)), microseconds_or_none(_before(as_of, minutes))
    return read_slice(path, begin, end, configured_zone(zone))


def parse_closed(piece: Slice, minutes: int, start: Instant, as_of: Instant, zone: str | None = None) -> Rows:
    """The rows of a slice of a candles file whose candles closed in (start, as_of]."""
    begin, end = microseconds_or_none(_before(start, minutes)), microseconds_or_none(_before(as_of, minutes))
    return parse_candles(piece, begin, end, configured_zone(zone))


def parse_candles(
    piece: Slice, start: int | None, end: int | None, zone: tzinfo | None, now: int | None = None
) -> Rows:
    """The rows of a slice of a candles file; bounds are opens, and so is `now`: that of the candle that closes then.

    Raises DataError where candles of another length stand in it: a longer one would know what is still to come.
    """
    piece.header.require(schema.CANDLE_COLUMNS[:-1], _REWRITE)
    layout = Layout((), schema.CANDLE_COLUMNS[1:], _off_candle)
    rows = read_rows(piece, split_lines(piece.data, len(piece.header.names)), layout, start, end, zone, now)
    length = _LENGTHS.get(piece.path.name, 0)
    if length and (other := another_spacing(rows.frame.index.as_unit("us").asi8, length)):
        raise DataError(
            f"its candles of {iso(rows.frame.index[other[0]])} and behind are {other[1]} min apart, and the file is one of {length} min",
            path=piece.path,
            fix="Put the file back from a copy: one of another timeframe was saved under its name",
        )
    return rows


def _off_candle(table: pd.DataFrame) -> np.ndarray:
    bodies = table[["open", "close"]]
    fits = (table["low"] > 0) & (table["low"] <= bodies.min(axis=1)) & (table["high"] >= bodies.max(axis=1))
    fits &= table[["open", "high", "low", "close"]].notna().all(axis=1)
    if "volume" in table:
        fits &= ~(table["volume"] < 0)
    return ~fits.to_numpy()


def empty_candles() -> pd.DataFrame:
    """A candles frame without rows."""
    index = times_index(np.empty(0, dtype=np.int64))
    return pd.DataFrame(dtype=float, index=index, columns=list(schema.CANDLE_COLUMNS[1:])).assign(
        closed_at=index
    )


def empty_samples() -> pd.DataFrame:
    """A samples frame without rows and without lines."""
    index = times_index(np.empty(0, dtype=np.int64))
    words = {name: pd.Series("", index=index, dtype="str") for name in ("state", "quality", "symbol")}
    return pd.DataFrame({"price": pd.Series(dtype=float, index=index), **words}, index=index)


def _before(instant: Instant, minutes: int) -> Instant:
    return None if instant is None else instant - pd.Timedelta(minutes=minutes)


def _behind(frame: pd.DataFrame, start: Instant) -> pd.DataFrame:
    return frame if start is None else frame[frame.index > start]
