"""Paper trading on a live market, for `make live`: python -m scripts.make_live FOLDER [EXCHANGE …]

Of the exchanges the first that answers is taken: some are not served in every country. A week of its ETH is fetched, the rule decider
decides it, a first cycle learns from it, and then `ribbon up` runs until Ctrl-C. All of it lies in FOLDER, its settings too; whatever a
person has set elsewhere (another decider, a real account, a key) is left where it is and not used.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

from lib import paths
from lib.errors import RibbonError
from runner.cli.cycle import summary_lines
from runner.cli.setup import setup
from runner.cli.up import up
from runner.collect.settings import CollectSettings
from runner.config import load_config
from runner.cycle.cycle import run_cycle
from runner.cycle.stages import Settings
from runner.errors import ExchangeError
from runner.terminal.gate import open_gate, say
from runner.venue_feed.check import check_venue
from runner.warm.client import server_ahead

MARKET = "ETH/USDT"
EXCHANGES = ("binance", "bybit", "okx", "kucoin")
#: Settings of this machine, not of a person's trading; a stand-in for the exchange is one.
_KEPT = ("RIBBON_COLLECT__EXCHANGE_ADDRESS", "RIBBON_SERVE__PORT", "RIBBON_OUTPUTS")
_NOBODY = "no exchange answers, so there is no market to trade on. Without a network, `make demo` shows all of it on a made one"


def use_own_settings(folder: Path) -> None:
    """Settings of `folder` alone from here on: no variable of a person's, no key, and so paper and the rule decider."""
    for name in list(os.environ):
        personal = name.startswith("RIBBON_") and not name.startswith("RIBBON_WARM") and name not in _KEPT
        if personal or name == "ANTHROPIC_API_KEY":
            del os.environ[name]
    os.environ["RIBBON_CONFIG"] = str(folder / "ribbon.toml")


def exchange_that_answers(names: tuple[str, ...]) -> str:
    """The first of the exchanges that answers here. Raises ExchangeError, with what each said, where none does."""
    address = os.environ.get("RIBBON_COLLECT__EXCHANGE_ADDRESS", "")
    refusals = []
    for name in names:
        try:
            check_venue(
                CollectSettings(source="exchange", exchange=name, symbol=MARKET, exchange_address=address)
            )
        except ExchangeError as error:
            refusals.append(str(error))
            continue
        return name
    raise ExchangeError(f"{_NOBODY}. {refusals[0]}")


def run_first_cycle(folder: Path) -> None:
    """One cycle at the newest row, told with its page."""
    config = load_config()
    settings = Settings(
        trading_data=folder,
        outputs=paths.outputs(),
        as_of="newest",
        terms=config.section("terms"),
        **config.section("cycle").model_dump(),
    )
    with server_ahead():
        done = run_cycle(settings)
    done.raise_for_status()
    for line in summary_lines(done):
        say(line)
    say(f"  {(done.run_dir / 'index.html').as_uri()}")


def main(folder: str, *exchanges: str) -> int:
    """All of it; the exit code where it ends before `ribbon up` takes over."""
    open_gate()
    place = Path(folder).resolve()
    try:
        place.mkdir(parents=True, exist_ok=True)
        use_own_settings(place)
        name = exchange_that_answers(exchanges or EXCHANGES)
        setup(place, "exchange", name, MARKET, decider="rules", yes=True, check=False)
        run_first_cycle(place)
        say(
            "Trading on paper by the rule decider from here on; a first trade may take hours. Ctrl-C ends it."
        )
        say(f"  ribbon status --trading-data {place}    where it stands, in another terminal")
        up(trading_data=place)
    except RibbonError as error:
        say(f"make live: {error}")
        return error.exit_code
    return 0


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main(*sys.argv[1:]))
    sys.exit(130)
