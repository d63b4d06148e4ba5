"""A replay as the command runs it: the decider by name, what it may cost first, progress, and the summary."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pandas as pd

from lib.data.loaders import load_samples
from lib.errors import ParameterError
from lib.market.readings import instant, instants
from lib.market.terms import Terms
from runner.choose import experimenting, live_decider
from runner.claude.model_cost import cost_of_folder
from runner.config import Config
from runner.fetch.progress import steps
from runner.replay.replay import Replay, run_replay, whole_hours
from runner.replay.summary import write_summary
from runner.replay.telling import training_warning
from runner.trade.deciders import recorded_decider
from runner.trade.models import Decider
from runner.trade.settings import TradeSettings
from runner.trade.view import view_now

_DECIDERS = ("rules", "claude", "recorded")


def replay_with(
    replay: Replay,
    name: str,
    config: Config,
    recorded: Path,
    agreed: Callable[[str], bool],
    quiet: bool = False,
    seed: int | None = None,
) -> dict[str, Any]:
    """Run the replay and write its summary, which is returned. `agreed` is asked, with the costs in words, before money is spent.

    `seed`: with it the experiment of [experiment] runs in the replay, begun at its start, its arms drawn from the seed.

    Raises ParameterError for an unknown decider or without agreement, and what run_replay raises.
    """
    replay.check()
    if seed is not None and name == "recorded":
        raise ParameterError("recorded answers are of one arm: --experiment needs --decider claude or rules")
    if name not in _DECIDERS:
        raise ParameterError(f"unknown decider {name!r}: it is one of {', '.join(_DECIDERS)}")
    settings: TradeSettings = config.section("trade")
    terms: Terms = config.section("terms")
    warning = ""
    if name == "claude":
        warning = training_warning(replay.start, replay.end, config.section("claude").training_until)
    costs = cost_sentence(replay, settings, config) if name == "claude" else ""
    if costs and seed is not None and config.section("experiment").paired:
        costs += "\nThe other arm is asked beside it until one of them enters: up to twice as much, under the same cap."
    if costs and not agreed(f"{costs}\nWarning: {warning}." if warning else costs):
        raise ParameterError("not agreed to: nothing was asked and nothing spent")
    with ExitStack() as held:

        def decider_for(folder: Path) -> Decider:
            if name == "recorded":
                return recorded_decider(recorded, replay.start, replay.end)
            base = held.enter_context(live_decider(name, config, folder))
            if seed is None:
                return base
            return held.enter_context(
                experimenting(base, name, config, folder, replay.trading_data, replay.start, seed)
            )

        progress = held.enter_context(steps("replay", _amounts(replay), quiet))
        done = run_replay(replay, settings, decider_for, terms, progress)
    cost = cost_of_folder(replay.outputs, config.section("claude"))
    return write_summary(replay, settings, terms, name, done, cost, warning)


def _amounts(replay: Replay) -> dict[str, int]:
    """How much there is to do of what a replay tells."""
    times = instants(load_samples(replay.trading_data, "5min", replay.start, replay.end)[0].index)
    amounts = {"ticks": len(times)}
    if replay.learn and len(times):
        amounts["hours learned"] = len(whole_hours(int(times[0]), instant(replay.end) + 1))
    return amounts


def cost_sentence(replay: Replay, settings: TradeSettings, config: Config) -> str:
    """What Claude may cost over the replay, from the prompt of its folder's newest tick and the gate's and the cap's limits."""
    dry = live_decider("claude", config, replay.trading_data).dry_run(view_now(replay.trading_data, settings))
    claude = config.section("claude")
    days = (replay.end - replay.start) / pd.Timedelta(days=1)
    least = days * 24 * 60 / settings.gate.every_minutes
    calls_a_day = 86_400 / max(settings.gate.least_seconds, settings.beat_s)
    most = days * min(calls_a_day, claude.max_calls_per_day)
    cap = claude.daily_cap_usd
    names, what = (f"{dry.first.model}, then {dry.model}", "decisions") if dry.first else (dry.model, "calls")
    return (
        f"{days:.1f} days with {names}: about {min(least, most):,.0f} to {most:,.0f} {what}, "
        f"${min(least, most) * dry.least_usd:,.2f} to ${most * dry.most_usd:,.2f}. "
        f"The cap of ${cap:,.2f} and the number of calls count by the day of the machine's clock, not by the simulated one: "
        "when one is reached the rest of the replay has the outcome budget."
    )
