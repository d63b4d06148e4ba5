"""The decisions of a window as they were known at an instant: a fill from entry_time on, an exit from exit_time on.

Source: docs/definitions.md, Known at. Unlike samples, decisions may share a time (several were asked at once); a row repeats another if it
has its decision_id or all its bytes. What only the future showed is blanked, never dropped: the decision itself was known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from lib.contract import schema
from lib.contract.standing import is_there
from lib.contract.times import FIRST_MARKET, Instant, configured_zone, microseconds_or_none
from lib.data.cells import Layout
from lib.data.records import split_lines
from lib.data.rows import RowCounts, Rows, column_words, read_rows
from lib.data.slices import Slice, read_slice

_TIMES = ("entry_time", "exit_time")
_ABOVE_ZERO = ("entry_price", "exit_price", "stop_price", "target_price", "stop_pct", "target_pct")
_TEXTS = tuple(
    name for name in schema.DECISION_COLUMNS if name not in (*schema.DECISION_NUMBERS, *_TIMES, "timestamp")
)
#: Whose decisions they are (docs/data-contracts.md, One folder).
DecisionsKind = Literal["live", "rules", "simulated", "imported", "none"]
#: Among fewer rows nobody can say which of two kinds is the damaged one.
_LEAST = 10
#: pandas counts no nanoseconds behind.
_EARLIEST, _LATEST = pd.Timestamp(FIRST_MARKET, unit="us", tz="UTC"), pd.Timestamp("2262-01-01", tz="UTC")
_LEADING = "The ten leading columns must be there, others may follow"
_YES = ("true", "1", "yes")
_NO = ("false", "0", "no", "")


def load_decisions(
    folder: str | Path, start: Instant, as_of: Instant, zone: str | None = None
) -> tuple[pd.DataFrame, RowCounts]:
    """Decisions (contract: schema.DECISION_COLUMNS, RangeIndex) as they were known at `as_of`, and what was read.

    Without a file nobody decided anything yet: no rows. Raises HeaderError, RaggedHeaderError, NaiveTimeError.
    """
    path = Path(folder) / schema.DECISIONS_FILE
    if not is_there(path):
        return empty_decisions(), RowCounts()
    rows = decision_rows(path, start, as_of, zone)
    return decisions_known(rows, start, as_of), rows.counts


def load_executed(folder: str | Path, as_of: Instant, zone: str | None = None) -> pd.DataFrame:
    """The decisions of the whole log up to `as_of` that were executed, or are not plainly said not to be; as `load_decisions`.

    Lines that say so are most of a log, and are left out before anything is parsed: what this costs grows with the trades. Raises as it.
    """
    path = Path(folder) / schema.DECISIONS_FILE
    if not is_there(path):
        return empty_decisions()
    piece = decision_slice(path, None, as_of, zone)
    piece.header.require(("executed",), _LEADING)
    # Up to the answer no field is quoted: of a line that has quotes there, whoever parses it finds out.
    not_executed = rb'(?m)^(?:[^,"\n]*,){%d}(?i:false|0|no|)(?:,[^\n]*|\r)?\n'
    kept = re.sub(not_executed % piece.header.names.index("executed"), b"", piece.data)
    end = microseconds_or_none(as_of)
    rows = parse_decisions(replace(piece, data=kept), None, end, configured_zone(zone))
    return decisions_known(rows, None, as_of)


def decisions_known(rows: Rows, start: Instant, as_of: Instant) -> pd.DataFrame:
    """The decisions of a file's rows that were made after `start`, as they were known at `as_of`."""
    decisions = decisions_of(rows.frame if start is None else rows.frame[rows.frame.index > start])
    return decisions if as_of is None else as_known(decisions, as_of)


def decisions_of(frame: pd.DataFrame) -> pd.DataFrame:
    """The decisions frame of a file's rows (Rows.frame), as they were written."""
    frame = frame.reset_index()
    columns = {
        name: frame[name] if name in frame else _blank(name, len(frame)) for name in schema.DECISION_COLUMNS
    }
    for name in ("direction", "entry_recommended", "holding"):
        columns[name] = column_words(frame, name, "").str.upper()
    columns["executed"] = column_words(frame, "executed", "").isin(_YES).astype(bool)
    return pd.DataFrame(columns, index=frame.index)


def decision_rows(path: Path, start: Instant, as_of: Instant, zone: str | None = None) -> Rows:
    """The rows of a decisions file as they were written, context before `start` included."""
    piece = decision_slice(path, start, as_of, zone)
    return parse_decisions(
        piece, microseconds_or_none(start), microseconds_or_none(as_of), configured_zone(zone)
    )


def decision_slice(path: Path, start: Instant, as_of: Instant, zone: str | None = None) -> Slice:
    """The bytes that `decision_rows` are parsed from."""
    return read_slice(path, microseconds_or_none(start), microseconds_or_none(as_of), configured_zone(zone))


def parse_decisions(
    piece: Slice, start: int | None, end: int | None, zone: tzinfo | None, now: int | None = None
) -> Rows:
    """The rows of a slice of a decisions file; `now` as in `read_rows`."""
    piece.header.require(schema.DECISION_LEADING_COLUMNS, _LEADING)
    layout = Layout(
        (*_TEXTS, "symbol"),
        schema.DECISION_NUMBERS,
        _off_decision,
        _TIMES,
        identity="decision_id",
        alike=lambda table: len(set(_kinds(table))) <= 1,
    )
    return read_rows(piece, split_lines(piece.data, len(piece.header.names)), layout, start, end, zone, now)


def odd_kinds(kinds: Sequence[DecisionsKind]) -> np.ndarray:
    """Rows (n,) bool of another kind than all the others, so few that a cell is damaged rather than another's decision."""
    words = np.array(kinds, dtype=str)
    names, counts = np.unique(words, return_counts=True)
    few = names[counts <= max(1, len(words) // 1_000)]
    return np.isin(words, few if len(words) > _LEAST and len(few) < len(names) else [])


def _off_decision(table: pd.DataFrame) -> np.ndarray:
    off = ~column_words(table, "direction", "").str.upper().isin(schema.DIRECTIONS).to_numpy()
    off |= ~column_words(table, "executed", "").isin((*_YES, *_NO)).to_numpy()
    off |= ((table["confidence"] < 0) | (table["confidence"] > 1)).to_numpy()
    off |= ~column_words(table, "holding", "").str.upper().isin((*schema.HOLDING, "")).to_numpy()
    # Nobody executes a HOLD, and no fill is of a time that another clock's zero or end is.
    holds = column_words(table, "direction", "").str.upper() == "HOLD"
    off |= (holds & column_words(table, "executed", "").isin(_YES)).to_numpy()
    for name in _TIMES:
        if name in table:
            off |= ((table[name] < _EARLIEST) | (table[name] > _LATEST)).to_numpy()
    for name in _ABOVE_ZERO:
        if name in table:
            off |= (table[name] <= 0).to_numpy()
    return off | odd_kinds(_kinds(table))


def _kinds(table: pd.DataFrame) -> list[DecisionsKind]:
    models, codes = (column_words(table, name, "").tolist() for name in ("model", "reason_code"))
    pairs = list(zip(models, codes, strict=True))
    kinds = {pair: kind_of(*pair) for pair in set(pairs)}
    return [kinds[pair] for pair in pairs]


def known_from(decisions: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """From when on the fill and the exit of each decision is known (docs/definitions.md, Known at); NaT of a fill: from its decision on.

    An exit is known no sooner than its fill.
    """
    filled = decisions["entry_time"]
    fallback = decisions["timestamp"] + pd.Timedelta(minutes=schema.EXIT_KNOWN_AFTER_MINUTES)
    exited = decisions["exit_time"].fillna(fallback)
    return filled, exited.where(~(filled > exited), filled)


def as_known(decisions: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Blanks what was not yet known: fills before entry_time, exits before exit_time."""
    filled_from, exited_from = known_from(decisions)
    filled = ~(filled_from > as_of)
    known = without(decisions, schema.FILL_COLUMNS, ~filled)
    known["executed"] = known["executed"] & filled
    return without(known, schema.EXIT_COLUMNS, ~(exited_from <= as_of))


def without(decisions: pd.DataFrame, names: Sequence[str], rows: pd.Series | bool) -> pd.DataFrame:
    """The decisions with these columns blank in some rows, or in all."""
    known = decisions.copy()
    if not np.any(rows):
        return known
    for name in names:
        known[name] = known[name].mask(rows, "" if name == "exit_reason" else None)
    return known


def empty_decisions() -> pd.DataFrame:
    """A decisions frame without rows, every column of its type."""
    return pd.DataFrame({name: _blank(name, 0) for name in schema.DECISION_COLUMNS})


def kind_of(model: str, reason_code: str = "") -> DecisionsKind:
    """Whose decision a row is: imported where it says so, else by its model; whoever has another name decides live."""
    if reason_code.strip().lower() == schema.IMPORTED:
        return "imported"
    own: dict[str, DecisionsKind] = {schema.RULES_MODEL: "rules", schema.SIMULATED_MODEL: "simulated"}
    return own.get(model.strip().lower(), "live")


def kinds_in(decisions: pd.DataFrame) -> dict[DecisionsKind, str]:
    """The kinds of a decisions frame, by name, each with a model of its decisions."""
    pairs: Iterable[tuple[str, str]] = set(zip(decisions["model"], decisions["reason_code"], strict=True))
    return dict(sorted((kind_of(model, code), model) for model, code in pairs))


def _blank(name: str, length: int) -> pd.Series:
    if name == "timestamp" or name in _TIMES:
        return pd.Series(pd.NaT, index=range(length), dtype="datetime64[us, UTC]")
    if name in schema.DECISION_NUMBERS:
        return pd.Series(np.nan, index=range(length), dtype=float)
    if name == "executed":
        return pd.Series(False, index=range(length), dtype=bool)
    return pd.Series("", index=range(length), dtype="str")
