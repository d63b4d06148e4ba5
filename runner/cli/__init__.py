"""The `ribbon` command: a thin shell over the rooms; one module a command.

JSON goes to stdout, words for people to stderr. `runner.main` starts it. A command's module is imported only when it is needed, because
together they take seconds.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer

#: Command → its module, in the order that `ribbon --help` shows.
COMMANDS = {
    "backfill": "backfill",
    "simulate": "simulate",
    "import-recording": "recording",
    "cycle": "cycle",
    "history": "history",
    "lessons": "lessons",
    "lookahead": "lookahead",
    "collect": "collect",
    "trade": "trade",
    "replay": "replay",
    "status": "status",
    "resume": "resume",
    "up": "up",
    "doctor": "doctor",
    "upgrade": "upgrade",
    "config": "config",
    "claude-cost": "claude_cost",
    "notify-test": "notify",
    "kernel": "kernel",
}


def app_for(name: str = "") -> typer.Typer:
    """The app with one command, or with all where `name` is none."""
    made = typer.Typer(
        name="ribbon",
        help="Research environment for a Claude trader: data, live loop, hourly learning cycle, history.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    made.callback()(_group)
    for module in [COMMANDS[name]] if name in COMMANDS else COMMANDS.values():
        import_module(f"runner.cli.{module}").register(made)
    return made


def _group() -> None:
    """Keeps typer from taking a single command for the whole."""


def __getattr__(name: str) -> Any:
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return app_for()
