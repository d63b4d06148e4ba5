"""`ribbon collect`: read two charts, or an exchange's market, every ten seconds into the CSVs of a trading_data folder."""

from __future__ import annotations

import signal
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from lib import paths
from lib.errors import ParameterError
from runner.cli.options import AsJson, TradingData, answer, refuse_idle
from runner.collect.settings import CollectSettings
from runner.errors import ReadingRefused
from runner.terminal.gate import say


def collect(
    trading_data: TradingData = None,
    source: Annotated[
        str | None, typer.Option(help="chart (a page in a browser) or exchange (its public candles).")
    ] = None,
    exchange: Annotated[
        str | None, typer.Option(help="Exchange to collect from (ccxt id); makes exchange the source.")
    ] = None,
    url: Annotated[str | None, typer.Option(help="Address of the chart page.")] = None,
    url_15min: Annotated[
        str | None, typer.Option("--url-15min", help="Address of the 15-minute chart, if it is another.")
    ] = None,
    symbol: Annotated[
        str | None, typer.Option(help="Market, e.g. ETHUSDT; of an exchange also ETH/USDT.")
    ] = None,
    page_symbol: Annotated[
        str | None, typer.Option(help="Market as the chart shows it, e.g. BINANCE:ETHUSDT.")
    ] = None,
    study: Annotated[
        str | None, typer.Option(help="Title of the ribbon's study, if there are others.")
    ] = None,
    browser: Annotated[Path | None, typer.Option(help="Chrome or Chromium. [default: found]")] = None,
    driver: Annotated[Path | None, typer.Option(help="chromedriver. [default: found or fetched]")] = None,
    profile: Annotated[Path | None, typer.Option(help="Folder of the kept browser profile.")] = None,
    headless: Annotated[
        bool | None, typer.Option("--headless/--visible", help="Without or with a window.")
    ] = None,
    once: Annotated[bool, typer.Option(help="One reading per chart, and what is wrong with it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Collect the ribbon and candles of two charts, or of an exchange's market, until stopped (Ctrl-C)."""
    of_chart = {
        "--url": url,
        "--url-15min": url_15min,
        "--page-symbol": page_symbol,
        "--study": study,
        "--browser": browser,
        "--driver": driver,
        "--profile": profile,
        "--headless or --visible": headless is not None,
    }
    settings = collect_settings(
        source=source or ("exchange" if exchange else None),
        exchange=exchange,
        url=url,
        url_15min=url_15min,
        symbol=symbol,
        page_symbol=page_symbol,
        study=study,
        browser=browser,
        driver=driver,
        profile=profile,
        headless=headless,
    )
    if settings.source == "exchange":
        refuse_idle(of_chart, "an exchange as the source: a page has --source chart")
    else:
        refuse_idle({"--exchange": exchange}, "a chart as the source")
    refuse_idle({"--json": as_json and not once}, "a collector that runs on: it is for --once")
    if once:
        _once(settings, as_json)
    elif settings.source == "exchange":
        _run_exchange(settings, paths.trading_data(trading_data))
    else:
        _run(settings, paths.trading_data(trading_data))


def collect_settings(**options: object) -> CollectSettings:
    """The settings of this command: those in force, and over them the options that were given (None: not given).

    Raises ConfigError, ParameterError.
    """
    from runner.config import load_config

    given = {name: value for name, value in options.items() if value is not None}
    configured = load_config().section("collect").model_dump(exclude_unset=True)
    try:
        return CollectSettings(**(configured | given))
    except ValidationError as error:
        first = error.errors()[0]
        name = "--" + "-".join(str(part) for part in first["loc"]).replace("_", "-")
        raise ParameterError(f"{name}: {first['msg']}") from error


def _run(settings: CollectSettings, folder: Path) -> None:
    from runner.collect.browser import Browser
    from runner.collect.collector import Collector

    stop = _stopped_by_signal()
    with (
        Browser(settings) as browser,
        Collector(settings, folder, browser, say=_say) as collector,
    ):
        _say(f"collecting {settings.symbol} into {folder}")
        collector.run(stop.is_set)
    _say("stopped")


def _run_exchange(settings: CollectSettings, folder: Path) -> None:
    import pandas as pd

    from runner.config import load_config
    from runner.venue_feed.collector import VenueCollector
    from runner.venue_feed.history import prepare, warm_closes
    from runner.venue_feed.live import LiveVenue

    now = pd.Timestamp.now("UTC").as_unit("us")
    terms = load_config().section("terms")
    with LiveVenue(settings) as venue:
        prepare(venue, folder, settings.market, terms, now, _say)
        stop = _stopped_by_signal()
        with VenueCollector(
            settings, folder, venue, say=_say, warm=lambda name: warm_closes(venue, name, now)
        ) as collector:
            venue.listen()
            how = f"by its stream of {venue.kind}" if venue.kind else "asked at every beat"
            _say(f"collecting {settings.market} of {venue.name} into {folder}, {how}")
            collector.run(stop.is_set)
    _say("stopped")


def _stopped_by_signal() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _say(words: str) -> None:
    """A line for people, with the time, because it mostly ends up in a log."""
    say(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {words}")


def _once(settings: CollectSettings, as_json: bool) -> None:
    from runner.collect.browser import Browser
    from runner.collect.once import lines_of, read_once

    if settings.source == "exchange":
        from runner.venue_feed.check import look_once

        found = look_once(settings)
    else:
        with Browser(settings) as browser:
            found = read_once(settings, browser)
    answer(lines_of(found), found, as_json)
    refused = [name for name, chart in found.items() if chart["refusal"]]
    if refused:
        raise ReadingRefused(f"{', '.join(refused)}: not read; what to do stands above")
