"""The `ribbon` command: a thin shell over the rooms; one module a command.

What was asked for goes to stdout, progress and errors to stderr. `runner.main` starts it. A command's module is imported only when it is
needed, because together they take seconds: the list of commands and their completion need none of them.

Start reading at cycle.py.
May import: lib, runner.ask, runner.choose, runner.claude, runner.collect, runner.compare, runner.config, runner.cycle, runner.doctor,
runner.errors, runner.experiment, runner.fetch, runner.lookahead, runner.notify, runner.processes, runner.question, runner.replay,
runner.serve, runner.setup, runner.status, runner.study, runner.terminal, runner.trade, runner.up, runner.upgrade, runner.venue_feed,
runner.warm, runner.why, runner.zoom.
"""

from __future__ import annotations

import reprlib
from importlib import import_module
from itertools import pairwise
from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperGroup


class _Root(TyperGroup):
    """Says of a value that is refused what it was: the command line's library says what it should be."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Refuses an empty value: of a variable that is not set a folder would become this one, a time now, a text none."""
        for before, word in pairwise(["", *args]):
            if before == "--":
                break
            if not word or (word.startswith("--") and word.partition("=")[1:] == ("=", "")):
                what = word.rstrip("=") or (before if before.startswith("-") else "an argument")
                raise typer.BadParameter(
                    "'': it is empty. Give a value, or leave it out", ctx, None, f"'{what}'"
                )
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            if faults := getattr(error.__cause__, "errors", None):
                error.message = f"{reprlib.repr(faults()[0]['input'])}: {error.message}"
            raise


class Command(NamedTuple):
    """Where a command's function or group is, as module.name below this room, and what it does in one line."""

    place: str
    summary: str


#: Panels of `ribbon --help` with their commands, in the order in which they are used.
PANELS: dict[str, dict[str, Command]] = {
    "Begin": {
        "setup": Command("setup.setup", "Set up source, market, decider, account: asks, checks, writes."),
        "doctor": Command("doctor.doctor", "Check the set-up: what is missing, and what to do."),
        "config": Command("config.config", "Show every setting, its value, and where that came from."),
        "notify-test": Command("notify.notify_test", "Send a test notification to every configured service."),
        "claude-cost": Command("claude_cost.claude_cost", "Show what a day of Claude's decisions costs."),
    },
    "Get data": {
        "simulate": Command("simulate.simulate", "Write a synthetic market with known truth."),
        "backfill": Command("backfill.backfill_command", "Turn a history of candles into ribbon samples."),
        "collect": Command("collect.collect", "Collect ribbon and candles of two charts until stopped."),
        "import-trades": Command("import_trades.import_trades", "Import the closed trades of another bot."),
        "import-recording": Command("recording.recording_command", "Convert an old recording of samples."),
    },
    "Trade": {
        "trade": Command("trade.trade", "Decide and trade, on paper unless two switches say otherwise."),
        "up": Command("up.up", "Keep collector, loop and hourly cycle running."),
        "serve": Command("serve.serve", "Show on a page of this machine what goes on, by itself up to date."),
        "watch": Command("watch.watch", "Show the same on this terminal."),
        "status": Command("status.status_command", "Show where data, loop, account and lessons stand."),
        "why": Command("why.why_command", "Show why a decision came out as it did."),
        "resume": Command("resume.resume_command", "Lift the halt after a daily loss or a drawdown."),
    },
    "Learn": {
        "ask": Command("ask.ask_command", "Ask a question of your own of years of history."),
        "study": Command("study.study_command", "Ask questions of many markets, on one machine or many."),
        "cycle": Command("cycle.cycle", "Run the learning cycle once: analyze, publish, report."),
        "lessons": Command("lessons.app", "Show and choose what the evidence says and Claude is told."),
        "history": Command("history.history", "Show past cycles and what became of each lesson."),
        "replay": Command("replay.replay_command", "Replay history through the loop, learning every hour."),
        "experiment": Command("experiment.app", "A controlled test: does what Claude is told help?"),
        "compare": Command("compare.compare_command", "Compare two cycles or two replays, side by side."),
        "lookahead": Command("lookahead.lookahead", "Prove that figures do not know what came later."),
    },
    "Keep": {
        "upgrade": Command("upgrade.upgrade_command", "Bring the files of an older version up to date."),
        "kernel": Command("kernel.app", "Keep warm kernels, so that notebooks start at once."),
    },
}
#: Command → what it is, without its panel.
COMMANDS: dict[str, Command] = {name: found for panel in PANELS.values() for name, found in panel.items()}


def app_for(name: str = "") -> typer.Typer:
    """The app with one command, or with all where `name` is none."""
    made = _empty()
    for panel, commands in PANELS.items():
        for command in [name] if name in commands else [] if name in COMMANDS else commands:
            place, _, wanted = commands[command].place.partition(".")
            module = import_module(f"runner.cli.{place}")
            found = getattr(module, wanted)
            shown = {"rich_help_panel": panel, "short_help": commands[command].summary}
            if isinstance(found, typer.Typer):
                made.add_typer(found, name=command, **shown)
            else:  # its docstring is its help, unless the module has a longer one
                made.command(command, help=getattr(module, "HELP", None), **shown)(found)
    return made


def listing() -> typer.Typer:
    """The app with the names and summaries of all commands and nothing behind them: for `ribbon --help`, and for completing a command."""
    made = _empty()
    for panel, commands in PANELS.items():
        for name, command in commands.items():
            made.command(name, rich_help_panel=panel, short_help=command.summary)(_group)
    return made


def _empty() -> typer.Typer:
    made = typer.Typer(
        name="ribbon",
        cls=_Root,
        help="Research environment for a Claude trader: data, live loop, hourly learning cycle, history.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",  # the other takes a word in brackets for a colour, and leaves it out
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    made.callback()(_root)
    return made


def _show_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        from runner.terminal.gate import say

        say(f"ribbon {version('ribbon-lab')}", err=False)
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Keeps typer from taking a single command for the whole."""


def _group() -> None:
    """A command of the listing: never run."""


def __getattr__(name: str) -> Any:
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return app_for()
