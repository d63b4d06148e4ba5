"""The `ribbon` command: a thin shell over the rooms; one module a command.

JSON goes to stdout, words for people to stderr. `runner.main` starts it.
"""

from __future__ import annotations

import typer

from runner.cli import backfill, claude_cost, cycle, doctor, history, kernel, notify, recording, simulate, up

app = typer.Typer(
    name="ribbon",
    help="Research environment for a Claude trader: data, hourly learning cycle, history.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
for command in (backfill, simulate, recording, cycle, history, kernel, up, notify, doctor, claude_cost):
    command.register(app)
