"""`ribbon watch`: what the page of `ribbon serve` shows, on a terminal."""

from __future__ import annotations

from typing import Annotated

import typer

from lib import paths
from runner.cli.options import AsJson, Outputs, TradingData, answer


def watch(
    trading_data: TradingData = None,
    outputs: Outputs = None,
    every: Annotated[float, typer.Option(min=0.5, help="Seconds from one look to the next.")] = 2.0,
    as_json: AsJson = False,
) -> None:
    """Show what `ribbon serve` shows, redrawn in place until Ctrl-C; in a pipe, or with --json, once."""
    from runner.config import load_config
    from runner.processes.interruption import Interruption
    from runner.serve.terminal import redraw, snapshot
    from runner.serve.view import Viewer
    from runner.terminal.console import console
    from runner.trade.clock import MachineClock

    config, folder, clock = load_config(), paths.trading_data(trading_data), MachineClock()
    viewer = Viewer(folder, paths.outputs(outputs), *map(config.section, ("trade", "claude", "terms")))
    shown = console(err=False)
    if as_json:
        answer([], viewer.look(clock.now_us()), as_json)
    elif shown.is_terminal:
        with Interruption() as wants_end:
            redraw(shown, lambda: viewer.look(clock.now_us()), every, wants_end)
    else:
        shown.print(snapshot(viewer.look(clock.now_us())))
