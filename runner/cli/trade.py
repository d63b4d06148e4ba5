"""`ribbon trade`: the live loop, on paper unless the exchange broker is switched on."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

import typer

from lib import paths
from runner.cli.options import AsJson, TradingData, answer
from runner.cli.values import one_of


def trade(
    trading_data: TradingData = None,
    decider: Annotated[
        str,
        typer.Option(
            help="Who decides: claude or rules. [default: as configured]",
            autocompletion=one_of("claude", "rules"),
        ),
    ] = "",
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Show what would be asked now and what it would cost; ask nobody."),
    ] = False,
    new_account: Annotated[
        bool,
        typer.Option(
            "--new-account",
            help="Begin a new account where the event log of the old one is not there any more.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Decide and trade, on paper unless two switches say otherwise, until Ctrl-C. Needs `ribbon collect` running beside it."""
    from lib.errors import ParameterError, RibbonError
    from runner.choose import live_loop
    from runner.claude.standing import remedy_of
    from runner.config import load_config
    from runner.notify.notifier import Notifier
    from runner.processes.interruption import Interruption
    from runner.terminal.gate import log_to_stderr
    from runner.trade.live import LOG, run_live

    config, folder = load_config(), paths.trading_data(trading_data)
    name = decider or config.section("trade").decider
    if name not in ("claude", "rules"):
        raise ParameterError(f"unknown decider {name!r}: it is claude or rules")
    if dry_run:
        _dry_run(name, config, folder, as_json)
        return
    log_to_stderr()
    # A line for each request says nothing that the decision's own line does not.
    logging.getLogger("httpx2").setLevel(logging.WARNING)

    notifier = Notifier(config.section("notify"), folder=folder)

    def notify(kind: str, text: str) -> None:
        LOG.warning("%s: %s", kind, text)
        notifier.say(kind, text)

    def announce(reason: str, detail: str) -> None:
        what = f"{detail.rstrip('.')}. {remedy_of(reason)}" if reason else detail
        LOG.warning("%s: %s", f"Claude is not asked: {reason}" if reason else "Claude answers again", what)
        notifier.announce(reason, what)

    try:
        with (
            live_loop(name, load_config, folder, notify, announce, new_account) as loop,
            Interruption() as wants_end,  # until here a signal ends it at once: nothing was begun that a start does not make good
        ):
            LOG.info(
                "%s decides on %s, broker %s", name, loop.symbol or "an unnamed symbol", loop.broker.name
            )
            counts = run_live(loop, folder, wants_end)
            LOG.info("stopped after %d ticks", sum(counts.values()))
    except RibbonError as error:
        notifier.say("error", str(error))
        raise
    finally:
        notifier.close()
    answer([], {"trading_data": str(folder), "outcomes": counts}, as_json)


def _dry_run(name: str, config: object, folder: Path, as_json: bool) -> None:
    from lib.errors import ParameterError
    from runner.choose import live_decider
    from runner.experiment.armed import decider_in_force
    from runner.trade.view import view_now

    if name != "claude":
        raise ParameterError("--dry-run shows what Claude would be asked: it needs --decider claude")
    asked = decider_in_force(live_decider(name, config, folder), config, folder)
    if not hasattr(asked, "dry_run"):
        raise ParameterError(
            "proven harm was gone back from to the rules: nobody else is asked until a release"
        )
    found = asked.dry_run(view_now(folder, config.section("trade")))
    answer([] if as_json else found.text().splitlines(), found.summary(), as_json)
