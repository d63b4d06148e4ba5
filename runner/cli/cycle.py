"""`ribbon cycle`: one learning cycle, as cron calls it every hour."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lib import paths
from lib.contract.dollars import Coin
from lib.contract.standing import resolved
from lib.draw.numbers import dollars, per_coin
from lib.errors import RibbonError
from runner.cli.options import LOOKBACK, AsJson, Outputs, TradingData, answer
from runner.cycle.models import DEFAULT_LOOKBACK_HOURS
from runner.cycle.prune import RULE
from runner.terminal.console import console
from runner.terminal.gate import say

if TYPE_CHECKING:
    from runner.cycle.cycle import Cycle

HELP = f"""Run the learning cycle once: four analyzers, compile and publish, history, reports.

Where the ledger of lessons is more than two days behind, it catches up first; what an interrupt leaves of that is kept.

Exit codes: 0 all well; 7 published, but something failed; 8 nothing published; 6 another cycle is at work; 5 the as_of is older
than what is published; 4 no data in the window; 3 a data file is off; 2 an option is off; 130 interrupted.

Old cycles are pruned: kept are {RULE}."""


def cycle(
    trading_data: TradingData = None,
    outputs: Outputs = None,
    as_of: Annotated[
        str | None,
        typer.Option(help="Know no more than at this time (ISO with zone), or 'newest' row. [default: now]"),
    ] = None,
    lookback_hours: Annotated[float, typer.Option(help=LOOKBACK)] = DEFAULT_LOOKBACK_HOURS,
    force: Annotated[
        bool, typer.Option("--force", help="Publish even over insights of a later as_of.")
    ] = False,
    jobs: Annotated[
        int,
        typer.Option(help="Notebooks side by side; 0: four, or one per core where nothing can be forked."),
    ] = 0,
    limit_s: Annotated[
        float | None,
        typer.Option(help="Wall-clock limit of each notebook in seconds. [default: as configured]"),
    ] = None,
    notebooks: Annotated[Path | None, typer.Option(hidden=True, help="Folder of the notebooks.")] = None,
    as_json: AsJson = False,
) -> None:
    """Run one cycle, tell what happened, and end with the code that says so."""
    from runner.config import load_config
    from runner.cycle.cycle import run_cycle
    from runner.cycle.progress import progress
    from runner.cycle.stages import Settings

    config = load_config()
    limits = config.section("cycle").model_dump()
    if limit_s is not None:
        limits["limit_s"] = limit_s
    settings = Settings(
        trading_data=paths.trading_data(trading_data),
        outputs=paths.outputs(outputs),
        as_of=as_of,
        lookback_hours=lookback_hours,
        force=force,
        jobs=jobs,
        notebooks=resolved(notebooks) if notebooks else None,
        terms=config.section("terms"),
        **limits,
    )
    done = run_cycle(settings, lambda titles: progress(titles, console()))
    answer(summary_lines(done), summary(done), as_json)
    tell(done, settings.trading_data)
    done.raise_for_status()


def tell(done: Cycle, folder: Path) -> None:
    """Notify those who want to know; a fault in the configuration is said, and spoils no cycle."""
    from runner.config import load_config
    from runner.notify.messages import cycle_message
    from runner.notify.notifier import Notifier

    try:
        notifier = Notifier(load_config().section("notify"), folder=folder)
    except RibbonError as error:
        say(f"  no notification: {error}")
        return
    notifier.tell(cycle_message(asdict(done.manifest)))
    notifier.close()


def summary(done: Cycle) -> dict[str, Any]:
    """The manifest, with where the pages are."""
    return asdict(done.manifest) | {
        "run_dir": str(done.run_dir),
        "index": str(done.run_dir.parent / "index.html"),
    }


def summary_lines(done: Cycle) -> list[str]:
    """What happened, for people."""
    from runner.cycle.pages import moment, share, words

    manifest, figures = done.manifest, done.manifest.headline
    coin = Coin.of(manifest.source)
    failed = [name for name, entry in manifest.notebooks.items() if entry["status"] != "ok"]
    state = "published" if manifest.published else "nothing published"
    lines = [
        f"cycle {manifest.cycle}: {manifest.status}, {state}; known up to {moment(manifest.as_of)} UTC, {manifest.source['label']}"
    ]
    lines += [
        f"  {name}: {manifest.notebooks[name]['status']}: {manifest.notebooks[name]['error']}"
        for name in failed
    ]
    lines += [f"  warning: {warning}" for warning in manifest.warnings]
    traded = (
        "no trades"
        if figures.get("trades") == 0
        else f"trades won {share(figures.get('win_rate'), figures.get('trades'))}, "
        f"net {dollars(figures.get('net_pnl'), coin)} {per_coin(coin)}"
    )
    if (account := figures.get("account_net_pnl")) not in (None, figures.get("net_pnl")):
        traded += f", account {dollars(account)}"
    tested = share(figures.get("backtest_win_rate"), figures.get("backtest_trades"))
    won = "" if figures.get("backtest_trades") == 0 else "won "
    lines.append(f"  {traded}; backtest {won}{tested}; regime {words(figures.get('regime'))}")
    lines.append(f"  reports: {done.run_dir / 'index.html'}")
    return lines
