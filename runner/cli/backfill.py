"""`ribbon backfill`: OHLCV history, from a file or an exchange, into the CSVs of a trading_data folder."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from lib import paths
from lib.contract.times import parse_instant
from lib.data.ohlcv import CandleHistory, read_history
from lib.errors import ParameterError
from runner.cli.options import AsJson, TradingData, answer
from runner.fetch.backfill import WriteOutcome, backfill, refuse_if_written
from runner.fetch.candles import fetch_history, open_exchange
from runner.fetch.gaps import fill_gaps
from runner.fetch.progress import step

#: A market name at the start of a file name, with its kind: spot and perpetual prices are not one market.
_SYMBOL = re.compile(r"[A-Z0-9]{5,}(?:_(?:spot|perp|swap|futures))?(?=[_.-])")


def backfill_command(
    candles: Annotated[
        Path | None, typer.Option(help="1-minute or 5-minute OHLCV CSV, plain or .gz.")
    ] = None,
    trading_data: TradingData = None,
    policy: Annotated[str, typer.Option(help="'rules' also writes decisions of the rule decider.")] = "",
    symbol: Annotated[
        str, typer.Option(help="Market, e.g. ETHUSDT; taken from the file's name where that starts with one.")
    ] = "",
    exchange: Annotated[
        str, typer.Option(help="Fetch 1-minute candles from this exchange (ccxt id) instead.")
    ] = "",
    since: Annotated[str, typer.Option(help="First time to fetch, e.g. 2025-05-01T00:00:00Z.")] = "",
    until: Annotated[str, typer.Option(help="Last time to fetch (default: now).")] = "",
    gaps: Annotated[
        bool,
        typer.Option("--gaps", help="Fill in the candles the folder lacks, from --exchange; no samples."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Turn OHLCV history into ribbon samples and candles, as if they had been collected."""
    from runner.config import load_config

    if policy not in ("", "rules"):
        raise ParameterError(f"unknown policy {policy!r}: the only one is rules")
    if (candles is None) == (not exchange):
        raise ParameterError("give either --candles FILE or --exchange NAME with --symbol and --since")
    folder = paths.trading_data(trading_data)
    refuse_if_written(folder)
    now = pd.Timestamp.now("UTC").as_unit("us")
    if gaps:
        if not exchange or not symbol or policy:
            raise ParameterError(
                "--gaps needs --exchange and --symbol (e.g. ETH/USDT), and takes no --policy"
            )
        _show_filled(_filled(folder, exchange, symbol, since, until, now, as_json), as_json)
        return
    if candles is not None:
        history, source = read_history(candles, now), str(candles)
        named = _SYMBOL.match(candles.name)
        symbol = symbol or (named.group() if named else "")
    else:
        history, source = (
            _fetched(exchange, symbol, since, until, now, quiet=as_json),
            f"{exchange} {symbol}",
        )
    terms = load_config().section("terms")
    done = backfill(history, folder, source, terms, symbol.replace("/", ""), policy == "rules", as_json)
    show(done, as_json)


def _fetched(
    exchange: str, symbol: str, since: str, until: str, now: pd.Timestamp, quiet: bool
) -> CandleHistory:
    if not symbol or not since:
        raise ParameterError(
            "--exchange needs --symbol (e.g. ETH/USDT) and --since (e.g. 2025-05-01T00:00:00Z)"
        )
    start, end = parse_instant(since), min(parse_instant(until), now) if until else now
    if start >= end:
        raise ParameterError(f"--since {since} is not before {end.isoformat()}")
    opened = open_exchange(exchange)
    with step(
        f"{exchange} {symbol}", (end - start) // pd.Timedelta(minutes=1), unit="minutes", quiet=quiet
    ) as advance:
        return fetch_history(opened, symbol, start, end, advance)


def _filled(
    folder: Path, exchange: str, symbol: str, since: str, until: str, now: pd.Timestamp, quiet: bool
) -> dict[str, object]:
    end = min(parse_instant(until), now) if until else now
    start = parse_instant(since) if since else None
    return fill_gaps(open_exchange(exchange), symbol, folder, end, start, quiet)


def _show_filled(summary: dict, as_json: bool) -> None:
    lines = [f"{summary['source']} -> {summary['trading_data']}: {len(summary['spans'])} gaps"]
    for name, file in summary["files"].items():
        lines.append(f"  {name:<22}{file['lacking']:>8,} lacking {file['filled']:>8,} filled in")
    answer(lines, summary, as_json)


def show(outcome: WriteOutcome, as_json: bool) -> None:
    """Print what was done: a table for people on stderr, with `as_json` one object on stdout."""
    lines = [f"{outcome.source} -> {outcome.trading_data}: {outcome.rows_read:,} rows read"]
    if outcome.set_aside:
        told = ", ".join(f"{number:,} {reason}" for reason, number in outcome.set_aside.items())
        lines.append(f"  set aside: {told}" + (f" (first: {outcome.first_bad})" if outcome.first_bad else ""))
    for name, file in outcome.files.items():
        counts = f"{file['rows']:>8,} added {file['filled']:>6,} filled in {file['skipped']:>8,} not newer"
        lines.append(f"  {name:<22}{counts}   {file['first'] or '-'} … {file['last'] or '-'}")
    answer(lines, outcome.summary(), as_json)
