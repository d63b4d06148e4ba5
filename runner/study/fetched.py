"""Candles of an exchange, fetched once and kept with the study: what is asked again is asked of the same rows."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from lib.contract.times import parse_bound
from lib.data.atomic import replace_text
from lib.errors import ParameterError
from runner.fetch.candles import fetch_history, open_exchange
from runner.fetch.progress import step
from runner.study.file import Market


def fetched_candles(market: Market, kept: Path) -> Path:
    """The file in `kept` that holds an exchange's 1-minute candles; made now if it is not there.

    Raises ExchangeError where the exchange refuses, ParameterError for one or a symbol that is not known.
    """
    now = pd.Timestamp.now("UTC").as_unit("us")
    since, until = parse_bound(market.since), min(parse_bound(market.until), now) if market.until else now
    if since >= until:
        raise ParameterError(f"since {market.since} of {market.words()} is not before {until.isoformat()}")
    spans = "_".join(time.replace(":", "") for time in (market.since, market.until) if time)
    place = kept / f"{market.exchange}_{market.symbol.replace('/', '')}_1m_{spans}.csv"
    if place.is_file():
        return place
    opened = open_exchange(market.exchange)
    with step(market.words(), (until - since) // pd.Timedelta(minutes=1), unit="minutes") as advance:
        history = fetch_history(opened, market.symbol, since, until, advance)
    table = history.candles[["open", "high", "low", "close", "volume"]]
    table.index = table.index.strftime("%Y-%m-%dT%H:%M:%SZ")
    kept.mkdir(parents=True, exist_ok=True)
    replace_text(place, table.to_csv(index_label="timestamp"))
    return place
