"""`ribbon experiment`: a controlled test of two arms, begun, shown, stopped and released.

The commands write into the log that the running loop reads: it begins, or goes back, at its next tick.
"""

from __future__ import annotations

from typing import Annotated

import typer

from runner.cli.options import AsJson, TradingData, answer, data_folder
from runner.terminal.gate import say

app = typer.Typer(
    help="A controlled test: does what Claude is told help? Two arms, drawn block by block, judged at every look.",
    no_args_is_help=True,
)


@app.command("start")
def start(
    trading_data: TradingData = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before spending money.")] = False,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of the draws. [default: by chance]")] = None,
    as_json: AsJson = False,
) -> None:
    """Begin the experiment that [experiment] describes; what it costs is shown first. Exit code 2 if one is running."""
    from lib.errors import ParameterError
    from lib.experiments.wording import compared_words
    from runner.config import load_config
    from runner.experiment.begin import begin, prepared
    from runner.experiment.costs import cost_lines, nothing_told
    from runner.trade.clock import MachineClock

    config, folder = load_config(), data_folder(trading_data)
    settings, claude, terms = (config.section(name) for name in ("experiment", "claude", "terms"))
    trade = config.section("trade")
    arms = prepared(folder, settings, claude, terms, trade.decider)
    say(f"{arms.a.name} against {arms.b.name}, {settings.share:.0%} of the blocks to {arms.a.name}:")
    for line in cost_lines(folder, arms, settings, claude, trade, terms):
        say(line)
    if warning := nothing_told(folder, arms):
        say(f"  warning:                {warning}")
    if not (yes or typer.confirm("Begin?", err=True)):
        raise ParameterError("not agreed to: nothing was begun and nothing spent")
    begun = begin(folder, arms, settings, terms, MachineClock().now_us(), seed)
    words = f"{begun.id} has begun: {compared_words(begun)}; `ribbon trade` takes it up at its next tick"
    answer([words], begun.model_dump(mode="json"), as_json)


@app.command("status")
def status(
    trading_data: TradingData = None,
    name: Annotated[str, typer.Argument(help="Which one, for example e2. [default: the newest]")] = "",
    as_json: AsJson = False,
) -> None:
    """How an experiment stands: what is compared, how sure it is, what it cost, what is still needed."""
    from runner.experiment.report import report, report_lines
    from runner.trade.clock import MachineClock

    found = report(data_folder(trading_data), MachineClock().now_us(), name)
    answer(report_lines(found), found.model_dump(mode="json"), as_json)


@app.command("list")
def list_(trading_data: TradingData = None, as_json: AsJson = False) -> None:
    """All experiments of the folder, and how many verdicts chance alone would give."""
    from runner.experiment.report import listing, listing_lines

    found = listing(data_folder(trading_data))
    answer(listing_lines(found), found.model_dump(mode="json"), as_json)


@app.command("stop")
def stop_command(
    trading_data: TradingData = None,
    why: Annotated[str, typer.Option(help="A word on why, kept with it.", metavar="TEXT")] = "",
    as_json: AsJson = False,
) -> None:
    """Stop the running experiment; an open block goes on until its position is closed."""
    from runner.experiment.begin import stop
    from runner.experiment.report import report, report_lines
    from runner.trade.clock import MachineClock

    folder, now = data_folder(trading_data), MachineClock().now_us()
    stop(folder, now, why)
    found = report(folder, now)
    answer(report_lines(found), found.model_dump(mode="json"), as_json)


@app.command("release")
def release_command(trading_data: TradingData = None, as_json: AsJson = False) -> None:
    """Let the arm be used again that was proven to harm."""
    from lib.experiments.wording import arm_in_force_words
    from runner.experiment.begin import release
    from runner.trade.clock import MachineClock

    folder = data_folder(trading_data)
    row = release(folder, MachineClock().now_us())
    answer([arm_in_force_words(row.experiment)], row.model_dump(mode="json"), as_json)
