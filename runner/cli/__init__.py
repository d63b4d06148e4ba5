"""The `ribbon` command: a thin shell over the rooms; one module a command.

JSON goes to stdout, words for people to stderr. `runner.main` starts it.
"""

from __future__ import annotations

import typer

from runner.cli import (
    backfill,
    claude_cost,
    collect,
    config,
    cycle,
    doctor,
    history,
    kernel,
    notify,
    recording,
    replay,
    resume,
    simulate,
    status,
    trade,
    up,
)

app = typer.Typer(
    name="ribbon",
    help="Research environment for a Claude trader: data, hourly learning cycle, history.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
COMMANDS = (
    *(backfill, simulate, recording),
    *(cycle, history, kernel),
    *(collect, trade, replay, status, resume, up),
    *(config, doctor, claude_cost, notify),
)
for command in COMMANDS:
    command.register(app)
