"""A stretch of history of the chosen market, as `ribbon backfill` writes it: then the longest lines teach from the first sample on."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from lib.contract import schema
from lib.data.newest import newest_symbol
from lib.errors import DataError
from lib.market.terms import Terms
from runner.collect.settings import CollectSettings
from runner.fetch.backfill import WriteOutcome, backfill, refuse_if_written
from runner.fetch.candles import fetch_history, open_exchange
from runner.fetch.progress import step
from runner.files.header import holds_rows

DAYS = 7.0


def is_empty(folder: Path) -> bool:
    """Whether the folder holds no sample yet."""
    return not any(holds_rows(folder / name) for name in schema.SAMPLE_FILES.values())


def refuse_other_market(folder: Path, market: str) -> None:
    """Raises DataError where the folder holds samples of another market than `market` (as a folder names it)."""
    path = folder / schema.SAMPLE_FILES["5min"]
    held = newest_symbol(path) if holds_rows(path) else ""
    if held and held != market:
        raise DataError(
            f"the folder holds samples of {held}, not of {market}",
            path=path,
            fix="One market, one folder: give another with --trading-data, or move this one away",
        )


def fetch(
    settings: CollectSettings, folder: Path, days: float, terms: Terms, rules: bool, quiet: bool = False
) -> WriteOutcome:
    """The last `days` of the market that `settings` (source exchange) names, into `folder`; with `rules` also that decider's decisions.

    Raises ParameterError, ExchangeError, LockedError, DataError.
    """
    from runner.venue_feed.check import check_venue

    refuse_if_written(folder)
    found = check_venue(settings)
    now = pd.Timestamp.now("UTC").as_unit("us")
    since = now - pd.Timedelta(days=days)
    exchange = open_exchange(settings.exchange, settings.exchange_address)
    minutes = (now - since) // pd.Timedelta(minutes=1)
    with step(f"{settings.exchange} {found.symbol}", minutes, unit="minutes", quiet=quiet) as advance:
        history = fetch_history(exchange, found.symbol, since, now, advance)
    return backfill(history, folder, f"{settings.exchange} {found.symbol}", terms, found.market, rules, quiet)


def source_of(settings: CollectSettings) -> CollectSettings | None:
    """Where the history of a source comes from: the exchange itself, or the one that a chart's market names; None where it names none."""
    if settings.source == "exchange":
        return settings
    exchange, _, symbol = settings.shown_symbol.rpartition(":")
    if not exchange:
        return None
    return settings.model_copy(update={"source": "exchange", "exchange": exchange.lower(), "symbol": symbol})
