"""`ribbon setup`: from nothing to settings that work; and the ribbon's script for a chart."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lib import paths
from lib.errors import ParameterError, RibbonError
from runner.cli.options import AsJson, TradingData, answer
from runner.terminal.gate import say

if TYPE_CHECKING:
    from runner.config import Config
    from runner.fetch.backfill import WriteOutcome
    from runner.setup.questions import Interview
    from runner.setup.steps import Plan
    from runner.setup.writing import Written

HELP = (
    "Set up source, market, decider, paper account, notifications: asks, or takes options; checks each, fetches history, writes "
    "ribbon.toml and .env. Run again it changes only what is asked for. Secrets are typed or come from the environment; options take none."
)


def setup(
    trading_data: TradingData = None,
    source: Annotated[
        str | None, typer.Option(help="chart (a page in a browser) or exchange (its public candles).")
    ] = None,
    exchange: Annotated[str | None, typer.Option(help="Exchange to collect from (ccxt id).")] = None,
    symbol: Annotated[str | None, typer.Option(help="Its market, e.g. ETH/USDT.")] = None,
    url: Annotated[str | None, typer.Option(help="Address of the chart page.")] = None,
    page_symbol: Annotated[
        str | None, typer.Option(help="Market as the chart shows it, e.g. BINANCE:ETHUSDT.")
    ] = None,
    decider: Annotated[str | None, typer.Option(help="rules or claude.")] = None,
    equity: Annotated[str | None, typer.Option(help="Money that a new paper account begins with.")] = None,
    history: Annotated[
        float | None, typer.Option(min=0, help="Days of history to fetch; 0: none. [default: 7, once]")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Ask nothing; take a default for all that is not said.")
    ] = False,
    keep_secrets: Annotated[
        bool, typer.Option("--keep-secrets", help="Write secrets of the environment into .env too.")
    ] = False,
    check: Annotated[bool, typer.Option(help="Try what was answered before it is written.")] = True,
    pine: Annotated[
        bool, typer.Option("--pine", help="Print the ribbon's script for a TradingView chart; do no more.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Set up source, market, decider, paper account and notifications."""
    from runner.setup.pine import script

    if pine:
        answer([] if as_json else script().splitlines(), {"script": script()}, as_json)
        return
    from runner.config import config_path, load_config
    from runner.setup.questions import interview_about
    from runner.setup.steps import plan
    from runner.setup.writing import write

    path, folder = config_path(to_make=True), paths.trading_data(trading_data)
    config = load_config(path)
    given = {
        "--source": _source(source, exchange, url, page_symbol),
        "--exchange": exchange,
        "--symbol": symbol,
        "--url": url,
        "--page-symbol": page_symbol,
        "--decider": decider,
        "--equity": equity,
    }
    person = None if yes or not _can_ask() else _Person()
    interview = interview_about(config, given, person, yes, say)
    if interview.terminal is not None:
        say("Enter takes what stands in [brackets]. Nothing is written before the end.")
    made = plan(interview, config, check, keep_secrets)
    days = _days(history, folder, interview, yes)
    _refuse_other_market(made, folder)
    written = write(path, made.values, made.secrets)
    try:
        outcome = _fetched(made, folder, days, load_config(path), as_json)
    except (RibbonError, OSError):  # the settings stand all the same
        answer(_written_lines(written), _summary(written, None), as_json)
        raise
    lines = [*_written_lines(written), *_history_lines(outcome), *_next_lines(trading_data)]
    answer(lines, _summary(written, outcome), as_json)


class _Person:
    """Whoever sits at the terminal."""

    def ask(self, text: str, default: str) -> str:
        """An answer; Enter gives `default`."""
        return typer.prompt(text, default=default, err=True)

    def ask_secret(self, text: str) -> str:
        """An answer that is not shown."""
        return typer.prompt(text, default="", hide_input=True, show_default=False, err=True)

    def agree(self, text: str, default: bool) -> bool:
        """Yes or no."""
        return typer.confirm(text, default=default, err=True)


def _source(source: str | None, exchange: str | None, url: str | None, page_symbol: str | None) -> str | None:
    """The source that is meant: an option of one alone names it. Raises ParameterError for options of both."""
    of_chart = [name for name, value in (("--url", url), ("--page-symbol", page_symbol)) if value]
    if of_chart and (exchange or source == "exchange"):
        raise ParameterError(f"{of_chart[0]} is of a chart, and an exchange is the source: give one of them")
    if exchange and source == "chart":
        raise ParameterError("--exchange is no part of a chart: --page-symbol names its exchange")
    return source or ("exchange" if exchange else "chart" if of_chart else None)


def _can_ask() -> bool:
    return sys.stdin.isatty()


def _days(given: float | None, folder: Path, interview: Interview, yes: bool) -> float:
    """Days of history that are wanted: as said, as a person says, else a week where there is none yet."""
    from runner.setup.history import DAYS, is_empty

    if given is not None:
        return given
    usual = DAYS if is_empty(folder) else 0.0
    if interview.asks() and interview.terminal is not None:
        text = interview.terminal.ask("Days of history to fetch now (0: none)", f"{usual:g}")
        if not text.replace(".", "", 1).isdecimal():
            raise ParameterError(f"--history is a number of days, not {text!r}")
        return float(text)
    return usual if yes else 0.0


def _refuse_other_market(made: Plan, folder: Path) -> None:
    from runner.setup.history import refuse_other_market

    if any(keys[0] == "collect" for keys in made.values):
        refuse_other_market(folder, made.collect.market)


def _fetched(made: Plan, folder: Path, days: float, config: Config, quiet: bool) -> WriteOutcome | None:
    from runner.setup.history import fetch, source_of

    settings = source_of(made.collect)
    if not days or settings is None:
        if days:
            say("no history: the chart's market names no exchange; `ribbon backfill` fetches it of one")
        return None
    rules = config.section("trade").decider == "rules"
    return fetch(settings, folder, days, config.section("terms"), rules, quiet)


def _written_lines(written: Written) -> Iterator[str]:
    if written.values:
        yield f"{written.config}:"
        for keys, value in written.values.items():
            shown = f'"{value}"' if isinstance(value, str) else f"{value:g}"
            yield f"  [{'.'.join(keys[:-1])}] {keys[-1]} = {shown}"
    else:
        yield f"{written.config}: nothing to change"
    if written.secrets:
        yield f"{written.dotenv} (for you alone): {', '.join(written.secrets)}"
    for keys, origin in written.overruled.items():
        yield f"  note: {'.'.join(keys)} is not in force: {origin} goes over it"


def _history_lines(outcome: WriteOutcome | None) -> Iterator[str]:
    if outcome is None:
        return
    yield f"{outcome.trading_data}: history of {outcome.source}"
    for name, file in outcome.files.items():
        yield f"  {name:<22}{file['rows']:>8,} added   {file['first'] or '-'} … {file['last'] or '-'}"


def _next_lines(given: Path | None) -> Iterator[str]:
    where = f" --trading-data {given}" if given else ""
    yield f"{_command()} up{where}    starts all of it; what runs already keeps the settings that it began with"


def _command() -> str:
    """How `ribbon` is called here."""
    if shutil.which("ribbon"):
        return "ribbon"
    place = Path(sys.argv[0])
    return str(place) if place.name == "ribbon" else "ribbon"


def _summary(written: Written, outcome: WriteOutcome | None) -> dict[str, Any]:
    return {
        "config": str(written.config),
        "dotenv": str(written.dotenv),
        "changed": {".".join(keys): value for keys, value in written.values.items()},
        "secrets": written.secrets,
        "overruled": {".".join(keys): origin for keys, origin in written.overruled.items()},
        "history": outcome.summary() if outcome else None,
        "next": "ribbon up",
    }
