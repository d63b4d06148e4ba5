"""`ribbon backfill`: OHLCV history, from a file or an exchange, into the CSVs of a trading_data folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lib import paths
from lib.errors import ParameterError
from runner.cli.options import ZONE, AsJson, TradingData, answer, instant_of, refuse_idle
from runner.cli.values import one_of
from runner.terminal.gate import say

if TYPE_CHECKING:
    import pandas as pd

    from lib.foreign.ohlcv import CandleHistory
    from runner.fetch.backfill import WriteOutcome

_JUMPS = "Take a price that jumps by more than 20 %, once you have looked at it."


def backfill_command(
    candles: Annotated[
        Path | None,
        typer.Option(help="1-minute or 5-minute candles: a CSV or JSON of any export, plain or packed."),
    ] = None,
    trading_data: TradingData = None,
    policy: Annotated[
        str,
        typer.Option(
            help="rules: also write decisions of the rule decider.",
            autocompletion=one_of("rules"),
        ),
    ] = "",
    symbol: Annotated[
        str,
        typer.Option(help="Market, e.g. ETHUSDT; taken from the file where its name or a column says one."),
    ] = "",
    exchange: Annotated[
        str, typer.Option(help="Fetch 1-minute candles from this exchange (ccxt id) instead.")
    ] = "",
    since: Annotated[str, typer.Option(help="First time to fetch, e.g. 2025-05-01T00:00:00Z.")] = "",
    until: Annotated[str, typer.Option(help="Last time to fetch. [default: now]")] = "",
    gaps: Annotated[
        bool,
        typer.Option("--gaps", help="Fill in the candles the folder lacks, from --exchange; no samples."),
    ] = False,
    timezone: Annotated[str, typer.Option(help=ZONE)] = "",
    stamped: Annotated[
        str,
        typer.Option(
            help="What a file's times are: open or close. [default: open]",
            autocompletion=one_of("open", "close"),
        ),
    ] = "",
    decimal: Annotated[str, typer.Option(help="The sign before decimals: '.' or ','.")] = "",
    dates: Annotated[
        str,
        typer.Option(
            help="The order in a file's dates: dmy, mdy or ymd.", autocompletion=one_of("dmy", "mdy", "ymd")
        ),
    ] = "",
    columns: Annotated[
        str, typer.Option(help="The file's columns in order: time,open,high,low,close,volume; - for others.")
    ] = "",
    accept_jumps: Annotated[bool, typer.Option("--accept-jumps", help=_JUMPS)] = False,
    as_json: AsJson = False,
) -> None:
    """Turn OHLCV history into ribbon samples and candles, as if they had been collected."""
    import pandas as pd

    from lib.foreign.market_name import given_market
    from lib.foreign.ohlcv import read_history
    from lib.foreign.recogniser.reading import Hints
    from runner.config import load_config
    from runner.fetch.backfill import backfill, refuse_if_written

    if policy not in ("", "rules"):
        raise ParameterError(f"unknown policy {policy!r}: the only one is rules")
    if (candles is None) == (not exchange):
        raise ParameterError("give either --candles FILE or --exchange NAME with --symbol and --since")
    refuse_idle(
        {"--since": since, "--until": until, "--gaps": gaps}
        if candles
        else {
            "--timezone": timezone,
            "--stamped": stamped,
            "--decimal": decimal,
            "--dates": dates,
            "--columns": columns,
        },
        "--candles, whose file is taken as a whole" if candles else "--exchange",
    )
    named = tuple(name.strip().lower() for name in columns.split(",")) if columns else ()
    hints = Hints(timezone, stamped, decimal, dates, named)
    folder = paths.trading_data(trading_data)
    refuse_if_written(folder)
    now = pd.Timestamp.now("UTC").as_unit("us")
    if gaps:
        if not exchange or not symbol:
            raise ParameterError("--gaps needs --exchange and --symbol (e.g. ETH/USDT)")
        refuse_idle({"--policy": policy, "--accept-jumps": accept_jumps}, "--gaps, which makes candles only")
        _show_filled(_filled(folder, exchange, symbol, since, until, now, as_json), as_json)
        return
    if candles is not None:
        history, source = read_history(candles, now, hints), str(candles)
        if history.reading:
            say(f"{candles}: taken for {history.reading.words()}")
        history, market = _with_market(history, candles, folder, symbol)
    else:
        history, source = (
            _fetched(exchange, symbol, since, until, now, quiet=as_json),
            f"{exchange} {symbol}",
        )
        market = given_market(symbol)
    terms = load_config().section("terms")
    done = backfill(history, folder, source, terms, market, policy == "rules", as_json, accept_jumps)
    show(done, as_json)


def _with_market(history: CandleHistory, file: Path, folder: Path, symbol: str) -> tuple[CandleHistory, str]:
    """The candles and their market: as `symbol` says, noted where the file says another, else as the file does.

    Raises ParameterError where nobody says it and the folder holds data of one.
    """
    from dataclasses import replace

    from lib.foreign.market_name import given_market, market_of, market_of_file, same_market
    from runner.fetch.backfill import holds_candles

    own = history.reading.symbol if history.reading else ""
    if not symbol:
        found = market_of_file(file.name, own, history.candles.index[-1])
        if not found and holds_candles(folder):
            raise ParameterError(
                f"{file.name} does not say which market it is of, and {folder} holds data already: say it with --symbol, e.g. ETHUSDT"
            )
        return history, found
    market = given_market(symbol)
    pair = market.partition("_")[0]
    other = next(
        (name for name in (own, market_of(file.name)) if not same_market(name.partition("_")[0], pair)), ""
    )
    told = f"the file says {other}, and it was taken for {market}, as --symbol says: if that is wrong, the folder holds another market now"
    return (replace(history, notes=(*history.notes, told)) if other else history), market


def _fetched(
    exchange: str, symbol: str, since: str, until: str, now: pd.Timestamp, quiet: bool
) -> CandleHistory:
    import pandas as pd

    from runner.fetch.candles import fetch_history
    from runner.fetch.progress import step

    if not symbol or not since:
        raise ParameterError(
            "--exchange needs --symbol (e.g. ETH/USDT) and --since (e.g. 2025-05-01T00:00:00Z)"
        )
    start, end = _between(since, until, now)
    opened = _opened(exchange)
    with step(
        f"{exchange} {symbol}", (end - start) // pd.Timedelta(minutes=1), unit="minutes", quiet=quiet
    ) as advance:
        return fetch_history(opened, symbol, start, end, advance)


def _end(until: str, now: pd.Timestamp) -> pd.Timestamp:
    return min(instant_of(until, "--until"), now) if until else now


def _between(since: str, until: str, now: pd.Timestamp) -> tuple[pd.Timestamp, pd.Timestamp]:
    start, end = instant_of(since, "--since"), _end(until, now)
    if start >= end:
        raise ParameterError(f"--since {since} is not before {end:%Y-%m-%dT%H:%M:%SZ}")
    return start, end


def _opened(exchange: str) -> Any:
    """The exchange; its stand-in where the settings name one for it."""
    from runner.config import load_config
    from runner.fetch.candles import open_exchange

    collect = load_config().section("collect")
    return open_exchange(exchange, collect.exchange_address if exchange == collect.exchange else "")


def _filled(
    folder: Path, exchange: str, symbol: str, since: str, until: str, now: pd.Timestamp, quiet: bool
) -> dict[str, object]:
    from runner.fetch.gaps import fill_gaps

    start, end = _between(since, until, now) if since else (None, _end(until, now))
    return fill_gaps(_opened(exchange), symbol, folder, end, start, quiet)


def _show_filled(summary: dict, as_json: bool) -> None:
    lines = [f"{summary['source']} -> {summary['trading_data']}: {len(summary['spans'])} gaps"]
    lines += [f"  note: {note}" for note in summary["notes"]]
    for name, file in summary["files"].items():
        lines.append(f"  {name:<22}{file['lacking']:>8,} lacking {file['filled']:>8,} filled in")
    answer(lines, summary, as_json)


def show(outcome: WriteOutcome, as_json: bool) -> None:
    """Print what was done: a table for people, with `as_json` one object."""
    market = f" of {outcome.symbol}" if outcome.symbol else ""
    lines = [f"{outcome.source} -> {outcome.trading_data}: {outcome.rows_read:,} rows read{market}"]
    if outcome.set_aside:
        told = ", ".join(f"{number:,} {reason}" for reason, number in outcome.set_aside.items())
        lines.append(f"  set aside: {told}" + (f" (first: {outcome.first_bad})" if outcome.first_bad else ""))
    lines += [f"  {line}" for line in _candle_lines(outcome)]
    lines += [f"  note: {note}" for note in outcome.notes]
    for name, file in outcome.files.items():
        counts = f"{file['rows']:>8,} added {file['filled']:>6,} filled in {file['skipped']:>8,} not newer"
        lines.append(f"  {name:<22}{counts}   {file['first'] or '-'} … {file['last'] or '-'}")
    answer(lines, outcome.summary(), as_json)


def _candle_lines(outcome: WriteOutcome) -> list[str]:
    """What is not as an unbroken row of candles would be; nothing where all is."""
    from runner.fetch.merging import candles_differ

    counts = outcome.candles
    lines = []
    if counts.get("flat"):
        lines.append(f"minutes without a trade: {counts['flat']:,} flat candles made, of volume 0")
    if counts.get("minutes_missing"):
        bars = ", ".join(f"{number:,} of {name}" for name, number in outcome.bars_not_made.items())
        lines.append(
            f"missing: {counts['minutes_missing']:,} minutes; candles not made for that: {bars or 'none'}"
        )
    if differ := counts.get("corrected", 0) + counts.get("kept", 0):
        told = (
            f"{counts['corrected']:,} had not grown there and are set right, {counts['kept']:,} had not here"
        )
        lines.append(f"{candles_differ(differ)} from what the folder holds: {told}")
    return lines
