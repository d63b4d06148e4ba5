"""Samples, candles and decisions into the files of a trading_data folder, through the journal.

`write_candles` and `write_decisions` open the file, write and close it; whoever writes several files in one go opens the
journals (`samples_journal` and so on, which takes their locks) and uses the `append_…` functions. Every one of them only adds: a row whose
time the file has passed is skipped and counted. Three exceptions replace the file atomically instead (docs/data-contracts.md): candles
that are missing in between are filled in, a decision without an exit is completed, and imported trades are put in the order of time.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from lib.contract import schema
from lib.contract.times import parse_times, times_index
from lib.data import formats
from lib.data.decisions import DecisionsKind, kind_of, kinds_in, odd_kinds
from lib.errors import DataError, MixedDecisionsError
from lib.foreign.market_name import checked_market
from lib.market.ribbon import CLASSIFIER
from runner.files.journal import Journal
from runner.files.present import candles_by_row, last_time

_ROWS_AT_ONCE = 4_000
#: Candles of one market read at two places differ by fractions of a percent; more than this is another market.
_SAME_MARKET_PCT = 2.0


class WriteCounts(NamedTuple):
    """What one writing did: rows added at the end, rows put in between or completed, rows that were there already."""

    rows: int = 0
    filled: int = 0
    skipped: int = 0


def write_candles(folder: Path, timeframe: str, frame: pd.DataFrame, decimals: int) -> WriteCounts:
    """Append a candles frame (index = open) to `candlesticks_<timeframe>.csv`, filling in what the file lacks in between."""
    with candles_journal(folder, timeframe) as journal:
        return append_candles(journal, frame, decimals)


def write_decisions(folder: Path, frame: pd.DataFrame) -> WriteCounts:
    """Append a decisions frame to `claude_decisions.csv`; raises MixedDecisionsError beside decisions of another kind."""
    with decisions_journal(folder, frame) as journal:
        return append_decisions(journal, frame)


def samples_journal(folder: Path, timeframe: str, frame: pd.DataFrame) -> Journal:
    """The journal of a samples file with the columns of `frame`."""
    path = folder / schema.SAMPLE_FILES[timeframe]
    return Journal(path, formats.sample_header(frame), later=schema.LATER_SAMPLE_COLUMNS, grows=False)


def candles_journal(folder: Path, timeframe: str, with_source: bool = False) -> Journal:
    """The journal of a candle file; `with_source`: a new file gets the column that says where a candle is from."""
    path = folder / schema.CANDLE_FILES[timeframe]
    further = (schema.SOURCE_COLUMN,) if with_source and not path.exists() else ()
    return Journal(path, (*schema.CANDLE_COLUMNS, *further))


def decisions_journal(folder: Path, frame: pd.DataFrame) -> Journal:
    """The journal of the decisions file with the columns of `frame`."""
    path = folder / schema.DECISIONS_FILE
    return Journal(path, formats.decision_header(frame), later=schema.LATER_DECISION_COLUMNS)


def append_samples(
    journal: Journal,
    frame: pd.DataFrame,
    symbol: str,
    decimals: int,
    line_decimals: int | None = None,
    progress: Callable[[int], object] = lambda rows: None,
) -> WriteCounts:
    """Append the samples later than the file's last; `progress` is told the number of rows after each chunk.

    Raises DataError when the file is of another symbol.
    """
    check_symbol(journal, symbol)
    last = next(journal.rows_from_end(), {})
    later = _after(frame, frame.index, last_time(journal))
    if symbol:
        later = later.assign(symbol=symbol)
    if line_decimals is None:
        line_decimals = decimals + formats.MORE_LINE_DECIMALS
    journal.begin()
    seq = int(last["seq"]) + 1 if last.get("seq", "").isdigit() else 1
    for start in range(0, len(later), _ROWS_AT_ONCE):
        part = later.iloc[start : start + _ROWS_AT_ONCE]
        rows = formats.sample_rows(part, journal.header, decimals, line_decimals, CLASSIFIER, seq + start)
        journal.append(rows)
        progress(len(rows))
    return WriteCounts(rows=len(later), skipped=len(frame) - len(later))


def append_candles(
    journal: Journal,
    frame: pd.DataFrame,
    decimals: int,
    progress: Callable[[int], object] = lambda rows: None,
) -> WriteCounts:
    """Append the candles later than the file's last, and fill in those it lacks before that, in time order.

    A file without the column that says where a candle is from gets it when `frame` says so.
    Raises DataError when the file's candles of the same times are of another market.
    """
    later = _after(frame, frame.index, last_time(journal))
    earlier = frame.iloc[: len(frame) - len(later)]
    filled = _fill_in(journal, earlier, decimals) if len(earlier) else 0
    journal.begin()
    if len(later):
        _say_source(journal, later)
    for start in range(0, len(later), _ROWS_AT_ONCE):
        part = later.iloc[start : start + _ROWS_AT_ONCE]
        journal.append(formats.candle_rows(part, journal.header, decimals))
        progress(len(part))
    return WriteCounts(rows=len(later), filled=filled, skipped=len(frame) - len(later) - filled)


def append_decisions(journal: Journal, frame: pd.DataFrame) -> WriteCounts:
    """Append the decisions later than the file's last, and complete those that lacked the exit they now have.

    Decisions may share a time: of those at the file's last time the ones it does not hold yet are appended.
    """
    check_one_kind(journal, *kinds_in(frame))
    last = last_time(journal)
    texts = formats.decision_rows(frame, journal.header)
    completed = _complete(journal, frame, texts)
    rows = journal.rows()
    ids = {row["decision_id"] for row in map(journal.fields, rows) if row} - {""}
    held = set(rows)
    later = [
        text
        for text, time, name in zip(texts, frame["timestamp"], frame["decision_id"], strict=True)
        if last is None or time > last or (time == last and text not in held and name not in ids)
    ]
    journal.begin()
    journal.append(later)
    return WriteCounts(rows=len(later), filled=completed, skipped=len(texts) - len(later) - completed)


def insert_decisions(journal: Journal, frame: pd.DataFrame) -> WriteCounts:
    """Put the decisions that the file does not hold yet, by their ids, among its rows in the order of time: `rows` behind the last of
    them, `filled` before it. Rows that are there stay as they are. A file without a header gets the columns of `frame`.
    """
    check_one_kind(journal, *kinds_in(frame))
    if journal.empty:
        journal.lay_out(formats.decision_header(frame))
    rows = journal.rows()
    fields = [journal.fields(row) or {} for row in rows]
    new = frame[~frame["decision_id"].isin({row.get("decision_id", "") for row in fields})]
    last = last_time(journal)
    later = new["timestamp"] > (last if last is not None else pd.Timestamp(0, tz="UTC"))
    texts = formats.decision_rows(new, journal.header)
    if later.all():
        journal.begin()
        journal.append(texts)
    else:
        values, _ = parse_times(np.array([row.get("timestamp", "") for row in fields], dtype=object), None)
        journal.replace(_in_order(rows, times_index(values), texts, pd.DatetimeIndex(new["timestamp"])))
    return WriteCounts(int(later.sum()), int((~later).sum()), len(frame) - len(new))


def check_symbol(journal: Journal, symbol: str) -> None:
    """Raises DataError when the file's last sample names another symbol, ParameterError for a symbol that is none."""
    checked_market(symbol)
    known = next(journal.rows_from_end(), {}).get("symbol", "")
    if known and symbol and known != symbol:
        fix = "One market, one folder: use another"
        raise DataError(f"the file holds samples of {known}, not of {symbol}", path=journal.path, fix=fix)


def check_one_kind(journal: Journal, *kinds: DecisionsKind) -> None:
    """Raises MixedDecisionsError when decisions of `kinds` and those present are of more than one kind."""
    ours = set(kinds)
    rows = (row for row in map(journal.fields, journal.rows()) if row)
    held = [kind_of(row.get("model", ""), row.get("reason_code", "")) for row in rows]
    theirs = set(np.array(held, dtype=object)[~odd_kinds(held)])
    if ours and theirs and ours != theirs:
        raise MixedDecisionsError(
            f"the file holds decisions of kind {', '.join(sorted(theirs))}; {', '.join(sorted(ours))} cannot go beside them",
            path=journal.path,
            fix="One source, one folder: write into another folder, or move the decisions file away",
        )


def _after(frame: pd.DataFrame, times: pd.DatetimeIndex, last: pd.Timestamp | None) -> pd.DataFrame:
    return frame if last is None else frame.iloc[int(times.searchsorted(last, side="right")) :]


def _fill_in(journal: Journal, frame: pd.DataFrame, decimals: int) -> int:
    """Put the candles of `frame` that the file lacks between its rows; the number of them. Present rows stay as they are."""
    rows = journal.rows()
    present = candles_by_row(journal, rows)
    check_same_market(journal, present["close"], frame)
    times = present.index
    missing = frame[~frame.index.isin(times)]
    if missing.empty:
        return 0
    rows = _say_source(journal, frame) or rows
    journal.replace(
        _in_order(rows, times, formats.candle_rows(missing, journal.header, decimals), missing.index)
    )
    return len(missing)


def _in_order(rows: list[str], times: pd.DatetimeIndex, texts: list[str], new: pd.DatetimeIndex) -> list[str]:
    """`rows` with the new `texts` among them in the order of time; of one time, those that were there come first."""
    # A row without a readable time stays behind the one before it.
    reached = pd.Series(times.as_unit("us")).ffill().fillna(pd.Timestamp(0, tz="UTC")).cummax()
    places = reached.searchsorted(new.to_series(), side="right")
    return list(np.insert(np.array(rows, dtype=object), places, texts))


def _say_source(journal: Journal, frame: pd.DataFrame) -> list[str]:
    """Add the source column where `frame` has one and the file has not, blank in the rows there are; the rows, [] if nothing changed."""
    if schema.SOURCE_COLUMN not in frame or schema.SOURCE_COLUMN in journal.header:
        return []
    # A row with too few or too many fields keeps being one.
    rows = [f"{row}," for row in journal.rows()]
    journal.header = [*journal.header, schema.SOURCE_COLUMN]
    journal.replace(rows)
    return rows


def correct_candles(journal: Journal, frame: pd.DataFrame, decimals: int) -> int:
    """Write the candles of `frame` in place of those that the file holds of the same times; the number of them."""
    rows = journal.rows()
    places = pd.Series(np.arange(len(rows)), index=candles_by_row(journal, rows).index)
    places = places[places.index.notna() & ~places.index.duplicated()]
    common = frame.loc[frame.index.isin(places.index)]
    for place, text in zip(
        places.loc[common.index], formats.candle_rows(common, journal.header, decimals), strict=True
    ):
        rows[place] = text
    if len(common):
        journal.replace(rows)
    return len(common)


def check_same_market(journal: Journal, closes: pd.Series, frame: pd.DataFrame) -> None:
    """Raises DataError when the candles of `frame` lie far from `closes` (index = open) of the same times."""
    closes = closes[closes.index.notna()]
    common = frame.index.intersection(closes.index)
    if common.empty:
        return
    present = closes[~closes.index.duplicated()].loc[common]
    off = float((present / frame.loc[common, "close"] - 1).abs().median() * 100)
    if off > _SAME_MARKET_PCT:
        raise DataError(
            f"its candles lie {off:.1f} % (median) from those of the same {len(common)} times now given: another market",
            path=journal.path,
            column="close",
            fix="One market, one folder: use another",
        )


def _complete(journal: Journal, frame: pd.DataFrame, texts: list[str]) -> int:
    """Replace rows of executed decisions without an exit by those of the same id that have one; the number of them."""
    exits = frame["exit_time"].notna()
    ids = frame["decision_id"].tolist()
    ours = {ids[place]: text for place, text in enumerate(texts) if exits.iloc[place] and ids[place]}
    rows, completed = journal.rows(), 0
    for place, row in enumerate(map(journal.fields, rows)):
        if (
            row
            and row.get("executed") == "True"
            and not row.get("exit_time")
            and row.get("decision_id") in ours
        ):
            rows[place] = ours[row["decision_id"]]
            completed += 1
    if completed:
        journal.replace(rows)
    return completed
