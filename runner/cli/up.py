"""`ribbon up`: collector, loop and hourly cycle, kept running until Ctrl-C."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from lib import paths
from lib.data.atomic import replace_text


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("up")(up)


def up(
    trading_data: Annotated[Path | None, typer.Option(help="Folder of the collected data.")] = None,
    outputs: Annotated[Path | None, typer.Option(help="Folder that gets one folder per cycle.")] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(help="Leave one out (may be given again): warm, collect, trade, cycle."),
    ] = None,
    show: Annotated[
        bool, typer.Option("--show", help="Print the supervisord configuration; start nothing.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="With --show: the programs as JSON on stdout.")
    ] = False,
) -> None:
    """Keep collector, loop and hourly cycle running under supervisord, with their logs turned over, until Ctrl-C."""
    from runner.up.programs import CONFIG, FOLDER, programs, supervisord_config

    data = paths.trading_data(trading_data)
    kept = programs(data, paths.outputs(outputs), without or [])
    folder = data / FOLDER
    text = supervisord_config(kept, folder)
    if show or as_json:
        typer.echo(text, err=as_json)
        if as_json:
            typer.echo(json.dumps({program.name: list(program.command) for program in kept}))
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    replace_text(folder / CONFIG, text)
    typer.echo(
        f"keeping {', '.join(program.name for program in kept)}; logs in {folder}; Ctrl-C ends all", err=True
    )
    command = [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(folder / CONFIG)]
    os.execv(sys.executable, command)
