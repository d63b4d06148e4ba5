"""`ribbon up`: collector, loop, hourly cycle and page, kept running until Ctrl-C."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from lib import paths
from lib.data.atomic import replace_text
from runner.cli.options import AsJson, Outputs, TradingData, answer
from runner.processes.interpreter import module_command
from runner.terminal.gate import say


def up(
    trading_data: TradingData = None,
    outputs: Outputs = None,
    without: Annotated[
        list[str] | None,
        typer.Option(help="Leave one out (may be given again): warm, collect, trade, cycle, serve."),
    ] = None,
    show: Annotated[
        bool, typer.Option("--show", help="Print the supervisord configuration; start nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Keep collector, loop, hourly cycle and page running under supervisord, with their logs turned over, until Ctrl-C."""
    from runner.config import load_config
    from runner.up.orphans import be_the_only_one, end_orphans
    from runner.up.programs import CONFIG, FOLDER, programs, supervisord_config
    from runner.up.stopped import forget_stopped

    data = paths.trading_data(trading_data)
    kept = programs(data, paths.outputs(outputs), without or [])
    folder = data / FOLDER
    text = supervisord_config(kept, folder)
    if show or as_json:
        shown = {program.name: list(program.command) for program in kept}
        answer(text.splitlines(), shown, as_json)
        return
    # What is misspelt is refused here: a part is not even handed what stands in no table.
    port = load_config().section("serve").port
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    be_the_only_one(folder)
    if ended := end_orphans(folder, kept):
        say(f"ended {len(ended)} programs that a killed `ribbon up` of this folder left")
    forget_stopped(data)
    replace_text(folder / CONFIG, text)
    say(f"keeping {', '.join(program.name for program in kept)}; logs in {folder}; Ctrl-C ends all")
    if port and any(program.name == "serve" for program in kept):
        say(_page_words(port, data))
    command = module_command("supervisor.supervisord", "-n", "-c", str(folder / CONFIG))
    os.execv(sys.executable, command)


def _page_words(port: int, data: Path) -> str:
    """Where the page is; where another program has its port nobody is sent there with the token."""
    from runner.errors import PortTaken
    from runner.serve.server import listen
    from runner.serve.token import address_of, token_of

    try:
        listen(port).close()
    except PortTaken as error:
        return f"no page yet, it is tried again by itself: {error}"
    return f"the page: {address_of(port, token_of(data))}"
