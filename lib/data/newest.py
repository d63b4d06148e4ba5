"""The newest known-at of a data folder, from the last bytes of its files: what `as_of` means where none is given.

Rows that are torn, malformed or out of order at a file's end are passed over; a tail without any sound row is read further back. Who has
a clock says `now`: what is stamped ahead of it is passed over too (docs/guarantees.md, L10), so that one row of a wrong clock is not the
newest for years. Without it the files alone decide.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from lib.contract import schema
from lib.contract.standing import is_there
from lib.contract.times import Instant, configured_zone, microseconds, microseconds_or_none
from lib.contract.visible import visible
from lib.data.decisions import parse_decisions
from lib.data.loaders import parse_candles, parse_samples
from lib.data.rows import AHEAD, Rows
from lib.data.slices import Slice, read_tail
from lib.errors import DataError, RaggedHeaderError

_TAIL = 64 * 1024  #: bytes read first
NOT_TAKEN_FIX = (
    "Put it back from a copy if a spreadsheet wrote it; docs/reference/bad-rows.md says what each word means"
)
_AHEAD = pd.Timedelta(microseconds=AHEAD)
_SHOWN = 60  #: characters of a row that are told


def newest_known_at(folder: str | Path, zone: str | None = None, now: Instant = None) -> pd.Timestamp | None:
    """The newest known-at in a folder: of samples, candles, decisions, fills and exits; None if there are no rows.

    Raises HeaderError, NaiveTimeError.
    """
    found = (newest_in(Path(folder) / name, zone, now) for name in schema.MARKET_FILES)
    return max((instant for instant in found if instant is not None), default=None)


def seconds_ago(at: pd.Timestamp, now: pd.Timestamp) -> float:
    """Seconds from `at` to `now`; below none only where a reader with that clock sets `at` aside as ahead of it.

    Who takes the clock and then reads meets rows that were written meanwhile.
    """
    return 0.0 if now < at <= now + _AHEAD else (now - at).total_seconds()


def newest_in(path: Path, zone: str | None = None, now: Instant = None) -> pd.Timestamp | None:
    """The newest known-at of one file of a folder, by its name; None if it is not there or has no row that can be taken."""
    if path.name in schema.SAMPLE_FILES.values():
        return max(_newest_sample(path, zone, now), default=None)
    for timeframe, name in schema.CANDLE_FILES.items():
        if path.name == name:
            return max(_newest_candle(path, schema.MINUTES[timeframe], zone, now), default=None)
    return max(_newest_decision(path, zone, now), default=None)


def newest_or_refused(path: Path, zone: str | None = None) -> pd.Timestamp | None:
    """As `newest_in`, and None for nothing but a file that is not there or has no rows.

    Raises DataError where it has rows and none can be taken, as when a spreadsheet wrote their times anew.
    """
    newest = newest_in(path, zone)
    if newest is None and path.is_file():
        piece, rows = _rows_at_end(path, path.stat().st_size, zone, None)
        if told := not_taken(piece, rows):
            raise DataError(told, path=path, line=piece.line_number(rows.first_aside), fix=NOT_TAKEN_FIX)
    return newest


def not_taken_at_end(path: Path, length: int, zone: str | None = None, now: Instant = None) -> str:
    """In words which rows of the last `length` bytes of a folder's file are set aside, and the line of the first; "" for none."""
    piece, rows = _rows_at_end(path, length, zone, now)
    told = not_taken(piece, rows)
    return f"{path.name}, line {piece.line_number(rows.first_aside)}: {told}" if told else ""


def mostly_not_taken(folder: Path, length: int = 1 << 18, zone: str | None = None) -> list[str]:
    """Of each file of samples or candles whose last `length` bytes hold mostly rows that are set aside: which, and what to do."""
    found = []
    for name in (*schema.SAMPLE_FILES.values(), *schema.CANDLE_FILES.values()):
        if not (folder / name).is_file():
            continue
        piece, rows = _rows_at_end(folder / name, length, zone, None)
        if 2 * rows.counts.ok < rows.counts.rows_in and (told := not_taken(piece, rows)):
            found.append(f"{name}, line {piece.line_number(rows.first_aside)}: {told}. {NOT_TAKEN_FIX}")
    return found


def _rows_at_end(path: Path, length: int, zone: str | None, now: Instant) -> tuple[Slice, Rows]:
    clock, parse = now, parse_decisions
    if path.name in schema.SAMPLE_FILES.values():
        parse = parse_samples
    elif timeframe := next((name for name, file in schema.CANDLE_FILES.items() if file == path.name), ""):
        parse, clock = (
            parse_candles,
            None if now is None else now - pd.Timedelta(minutes=schema.MINUTES[timeframe]),
        )
    piece = read_tail(path, length)
    return piece, parse(piece, None, None, configured_zone(zone), microseconds_or_none(clock))


def not_taken(piece: Slice, rows: Rows) -> str:
    """In words how many rows of a slice could not be taken, why, and the first of them; "" where all could."""
    if not (told := rows.counts.not_taken("" if piece.from_first_row else "last ")):
        return ""
    text = piece.data[rows.first_aside :].split(b"\n", 1)[0].decode(errors="replace").strip()
    return f"{told}; the first is «{visible(text[:_SHOWN])[:_SHOWN]}»"


def newest_symbol(path: Path, zone: str | None = None) -> str:
    """The symbol of the last sound row of a file of samples, or of imported trades; "" if there is none."""
    named = configured_zone(zone)
    parse = parse_decisions if path.name == schema.DECISIONS_FILE else parse_samples
    frame = tail_of(path, lambda piece: parse(piece, None, None, named))
    return str(frame["symbol"].iloc[-1]).strip() if len(frame) and "symbol" in frame else ""


def _newest_sample(path: Path, zone: str | None, now: Instant) -> list[pd.Timestamp]:
    named, clock = configured_zone(zone), microseconds_or_none(now)
    return list(tail_of(path, lambda piece: parse_samples(piece, None, None, named, clock)).index[-1:])


def _newest_candle(path: Path, minutes: int, zone: str | None, now: Instant) -> list[pd.Timestamp]:
    named, length = configured_zone(zone), pd.Timedelta(minutes=minutes)
    clock = None if now is None else microseconds(now - length)
    opens = tail_of(path, lambda piece: parse_candles(piece, None, None, named, clock)).index[-1:]
    return list(opens + length)


def _newest_decision(path: Path, zone: str | None, now: Instant) -> list[pd.Timestamp]:
    named, clock = configured_zone(zone), microseconds_or_none(now)
    frame = tail_of(path, lambda piece: parse_decisions(piece, None, None, named, clock))
    further = [frame[name].dropna() for name in ("entry_time", "exit_time") if name in frame]
    if now is not None:
        further = [known[known <= now + _AHEAD] for known in further]
    return [*frame.index[-1:], *(known.max() for known in further if len(known))]


def tail_of(path: Path, parse: Callable[[Slice], Rows]) -> pd.DataFrame:
    """The sound rows in the last bytes of a file, of as many bytes as hold one; empty if there is none, or no file."""
    length = _TAIL if is_there(path) else 0
    while length:
        piece = read_tail(path, length)
        try:
            frame = parse(piece).frame
        except RaggedHeaderError:
            if piece.from_first_row:
                raise
            frame = pd.DataFrame()
        if len(frame) or piece.from_first_row:
            return frame
        length *= 8
    return pd.DataFrame(index=pd.DatetimeIndex([], tz="UTC"))
