"""`ribbon replay`: the live loop over history, with hourly learning, into a folder of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lib import paths
from lib.contract.schema import SUMMARY_FILE
from lib.contract.standing import resolved
from runner.cli.options import LOOKBACK, AsJson, TradingData, answer, instant_of, interrupted, refuse_idle
from runner.cli.values import one_of
from runner.terminal.gate import say


def replay_command(
    start: Annotated[str, typer.Option("--from", help="Begin after this time, e.g. 2025-05-10T00:00:00Z.")],
    end: Annotated[str, typer.Option("--to", help="End with this time.")],
    outputs: Annotated[Path, typer.Option(help="A new folder for the replay's own files.")],
    trading_data: TradingData = None,
    decider: Annotated[
        str,
        typer.Option(
            help="Who decides: rules, claude (costs money) or recorded.",
            autocompletion=one_of("rules", "claude", "recorded"),
        ),
    ] = "rules",
    decisions: Annotated[
        Path | None, typer.Option(help="Folder of the recorded decisions. [default: --trading-data]")
    ] = None,
    lookback_hours: Annotated[float | None, typer.Option(min=1, help=f"{LOOKBACK} [default: 24]")] = None,
    learn: Annotated[bool, typer.Option("--learn/--no-learn", help="Learn every simulated hour.")] = True,
    rails: Annotated[
        bool,
        typer.Option("--rails/--no-rails", help="Without: every valid entry, the rule decider as defined."),
    ] = True,
    experiment: Annotated[
        bool, typer.Option("--experiment", help="Run the experiment of [experiment] in it, from its start.")
    ] = False,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Seed of that experiment's draws. [default: 1]")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before spending money.")] = False,
    as_json: AsJson = False,
) -> None:
    """Replay history: each decision knows what was known then, and nothing more."""
    from lib.questions.record import read_record
    from runner.config import load_config
    from runner.replay.command import replay_with
    from runner.replay.folder import holds_anything
    from runner.replay.replay import Replay
    from runner.replay.summary import CHART_FILE
    from runner.replay.telling import summary_lines

    asked = f"--decider {decider}"
    refuse_idle(
        {"--decisions": decider != "recorded" and decisions, "--yes": decider != "claude" and yes}, asked
    )
    refuse_idle({"--lookback-hours": not learn and lookback_hours}, "--no-learn")
    if not experiment:
        refuse_idle({"--seed": seed is not None}, "a replay without --experiment")

    replay = Replay(
        trading_data=paths.trading_data(trading_data),
        outputs=resolved(outputs),
        start=instant_of(start, "--from"),
        end=instant_of(end, "--to"),
        lookback_hours=24.0 if lookback_hours is None else lookback_hours,
        learn=learn,
        rails=rails,
    )

    if followed := read_record(replay.trading_data).followed:
        names = ", ".join(line.question for line in followed)
        say(f"The questions that {replay.trading_data} follows are not asked in a replay: {names}.")

    def agreed(text: str) -> bool:
        for line in text.splitlines():
            say(line)
        return yes or typer.confirm("Spend that?", err=True)

    config, recorded, drawn = (
        load_config(),
        decisions or replay.trading_data,
        (1 if seed is None else seed) if experiment else None,
    )
    before = holds_anything(replay.outputs)
    try:
        summary = replay_with(replay, decider, config, recorded, agreed, quiet=as_json, seed=drawn)
    except KeyboardInterrupt:
        if before or not holds_anything(replay.outputs):
            raise
        again = f"give another --outputs, or remove {replay.outputs} and what it holds, and run it again"
        raise interrupted(f"a replay does not go on: {again}") from None
    files = [replay.outputs / name for name in (SUMMARY_FILE, CHART_FILE)]
    answer(summary_lines(summary, files), summary, as_json)
