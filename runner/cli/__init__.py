"""The `ribbon` command: a thin shell over the rooms; one module a command.

JSON goes to stdout, words for people to stderr. `runner.main` starts it. A command's module is imported only when it is needed, because
together they take seconds.

Start reading at cycle.py.
May import: lib, runner.choose, runner.claude, runner.collect, runner.config, runner.cycle, runner.doctor, runner.errors, runner.fetch,
runner.lookahead, runner.notify, runner.processes, runner.replay, runner.serve, runner.status, runner.terminal, runner.trade, runner.up,
runner.upgrade, runner.warm, runner.why.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer

#: Command → its module and the function or group in it, in the order that `ribbon --help` shows.
COMMANDS = {
    "backfill": "backfill.backfill_command",
    "simulate": "simulate.simulate",
    "import-recording": "recording.recording_command",
    "import-trades": "import_trades.import_trades",
    "cycle": "cycle.cycle",
    "history": "history.history",
    "lessons": "lessons.app",
    "lookahead": "lookahead.lookahead",
    "collect": "collect.collect",
    "trade": "trade.trade",
    "replay": "replay.replay_command",
    "status": "status.status_command",
    "why": "why.why_command",
    "serve": "serve.serve",
    "watch": "watch.watch",
    "resume": "resume.resume_command",
    "up": "up.up",
    "doctor": "doctor.doctor",
    "upgrade": "upgrade.upgrade_command",
    "config": "config.config",
    "claude-cost": "claude_cost.claude_cost",
    "notify-test": "notify.notify_test",
    "kernel": "kernel.app",
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
    for command in [name] if name in COMMANDS else COMMANDS:
        place, _, wanted = COMMANDS[command].partition(".")
        module = import_module(f"runner.cli.{place}")
        found = getattr(module, wanted)
        if isinstance(found, typer.Typer):
            made.add_typer(found, name=command)
        else:  # its docstring is its help, unless the module has a longer one
            made.command(command, help=getattr(module, "HELP", None))(found)
    return made


def _group() -> None:
    """Keeps typer from taking a single command for the whole."""


def __getattr__(name: str) -> Any:
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return app_for()
