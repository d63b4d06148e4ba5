"""The `ribbon` command: a thin shell over the rooms; one module a command.

JSON goes to stdout, words for people to stderr. A RibbonError ends the command with its message and its exit
code, never a traceback.
"""

from __future__ import annotations

import sys

import typer

from lib.errors import RibbonError
from runner.cli import backfill, collect, cycle, history, recording, simulate

app = typer.Typer(
    name="ribbon",
    help="Research environment for a Claude trader: data, hourly learning cycle, history.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
for command in (backfill, simulate, recording, collect, cycle, history):
    command.register(app)


def main() -> None:
    """Entry point of the console script."""
    try:
        app()
    except RibbonError as error:
        typer.echo(f"ribbon: {error}", err=True)
        sys.exit(error.exit_code)
