"""Candles that were not watched, fetched from an exchange afterwards, on request: `ribbon backfill --gaps`.

Only candles: a sample that nobody took stays missing, because nobody knows what the ribbon's colours were. What is filled in says so in the
`source` column. The folder's locks are held from the first look at what is missing to the last row, so a collector that runs
refuses this, and this refuses a collector that starts.
"""

from __future__ import annotations

import re
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from lib.contract import schema
from lib.data.newest import newest_symbol
from lib.errors import DataError, MissingDataError
from lib.foreign.ohlcv import CandleHistory
from lib.market.candles import resample
from runner.errors import NoCandlesError
from runner.fetch.candles import fetch_history
from runner.fetch.exchange_clock import closed_by
from runner.fetch.merging import flat_made
from runner.fetch.progress import step
from runner.files import tables
from runner.files.header import holds_rows
from runner.files.journal import Journal
from runner.files.lock import WriterLock
from runner.files.present import candles_in

#: Fetched on either side of a gap too, so that candles of both origins can be compared.
_BESIDE = pd.Timedelta(minutes=15)
_MINUTE = pd.Timedelta(minutes=1)


@dataclass(frozen=True)
class Span:
    """A stretch of time in which a file lacks candles: from an open to a close."""

    start: pd.Timestamp
    end: pd.Timestamp


def fill_gaps(
    exchange: Any,
    symbol: str,
    folder: Path,
    until: pd.Timestamp,
    since: pd.Timestamp | None = None,
    quiet: bool = False,
) -> dict[str, object]:
    """Fill in the candles that lack between `since` (None: the first candle there is) and `until`, as far as they closed; a summary as
    JSON types.

    Raises LockedError while the folder is written, MissingDataError where there is no candle yet, ExchangeError, and DataError where
    the folder's samples or the exchange's candles are of another market.
    """
    now = time.time()
    with ExitStack() as held:
        for name in schema.SAMPLE_FILES.values():
            held.enter_context(WriterLock(folder / name))
            _refuse_other(folder / name, symbol)
        present = [name for name in schema.CANDLE_FILES if (folder / schema.CANDLE_FILES[name]).exists()]
        files = {name: held.enter_context(tables.candles_journal(folder, name)) for name in present}
        until, notes = closed_by(exchange, until, now, (now, now))
        spans = _missing_spans(files, since, until)
        before = _lacking(files, since, until)
        with step(
            f"{exchange.id} {symbol}", sum(_minutes(span) for span in spans), "minutes", quiet
        ) as advance:
            for span in spans:
                _fill(exchange, symbol, files, span, until)
                advance(_minutes(span))
        left = _lacking(files, since, until)
    return {
        "trading_data": str(folder),
        "source": exchange.id,
        "notes": list(notes),
        "spans": [[each.start.isoformat(), each.end.isoformat()] for each in spans],
        "files": {
            schema.CANDLE_FILES[name]: {"lacking": before[name], "filled": before[name] - left[name]}
            for name in files
        },
    }


def _refuse_other(samples: Path, symbol: str) -> None:
    held = newest_symbol(samples) if holds_rows(samples) else ""
    if held and _pair(held) != _pair(symbol):
        raise DataError(
            f"the folder holds samples of {held}, and {symbol} is another market",
            path=samples,
            fix="Name the folder's own market with --symbol",
        )


def _pair(market: str) -> str:
    """What is traded for what: alike of spot, perpetual and future, whose prices are compared."""
    return re.split(r"[.:_]", market.replace("/", "").replace("-", ""))[0].upper()


def _missing_spans(files: dict[str, Journal], since: pd.Timestamp | None, until: pd.Timestamp) -> list[Span]:
    """The stretches in which any of the files lacks a candle that had closed by `until`, in order, not overlapping."""
    spans: list[Span] = []
    lacking = [
        Span(opened, opened + schema.MINUTES[name] * _MINUTE)
        for name, journal in files.items()
        for opened in _missing(journal, schema.MINUTES[name], since, until)
    ]
    for span in sorted(lacking, key=lambda span: span.start):
        if spans and span.start <= spans[-1].end:
            spans[-1] = Span(spans[-1].start, max(span.end, spans[-1].end))
        else:
            spans.append(span)
    return spans


def _missing(
    journal: Journal, minutes: int, since: pd.Timestamp | None, until: pd.Timestamp
) -> pd.DatetimeIndex:
    """Opens of the candles a file lacks from `since`, or from its first candle on."""
    present = candles_in(journal).index
    if since is None and present.empty:
        return present
    freq = f"{minutes}min"
    start = present[0] if since is None else since.ceil(freq)
    wanted = pd.date_range(start, until - minutes * _MINUTE, freq=freq, unit="us")
    return wanted.difference(present)


def _lacking(files: dict[str, Journal], since: pd.Timestamp | None, until: pd.Timestamp) -> dict[str, int]:
    if not files or (since is None and all(candles_in(journal).empty for journal in files.values())):
        raise MissingDataError(
            "the folder holds no candle yet, so nothing is between two of them",
            fix="Say from when with --since, collect first, or use `ribbon backfill` without --gaps",
        )
    return {
        name: len(_missing(journal, schema.MINUTES[name], since, until)) for name, journal in files.items()
    }


def _fill(exchange: Any, symbol: str, files: dict[str, Journal], span: Span, until: pd.Timestamp) -> None:
    try:
        history = fetch_history(exchange, symbol, span.start - _BESIDE, min(span.end + _BESIDE, until))
    except NoCandlesError:  # it was down then, too: the gap stays
        return
    for name, journal in files.items():
        made = _candles(history, schema.MINUTES[name])
        inside = (made.index >= span.start) & (made.index < span.end)
        known = made.index.isin(candles_in(journal).index)
        tables.append_candles(journal, made[inside | known].assign(source=exchange.id), history.decimals)


def _candles(history: CandleHistory, minutes: int) -> pd.DataFrame:
    candles = flat_made(history).drop(columns="flat")
    return candles if minutes == history.minutes else resample(candles, history.minutes, minutes)


def _minutes(span: Span) -> int:
    return (span.end - span.start) // _MINUTE
