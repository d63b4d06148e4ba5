"""The decider that a loop has where a controlled test may run: it asks whomever the experimenter has chosen for the tick.

It is run as the loop's own decider is. Where one arm is the rule decider beside Claude, both are asked at the ticks of both, so that no arm
can choose its ticks; and neither leaves by the opposite ribbon, because a position is watched alike whoever entered it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from lib.experiments.log import ExperimentLog
from lib.experiments.wording import going_back_words
from runner.claude.refusal import Announce
from runner.experiment.deciders import ArmDeciders
from runner.experiment.experimenter import LoopExperimenter
from runner.experiment.store import read_experiments
from runner.trade.deciders import Policy, RuleDecider, kind_of, policy_of
from runner.trade.gate import Gate, SignalGate
from runner.trade.known import MarketTables
from runner.trade.models import Answer, Decider, TickView
from runner.trade.settings import TradeSettings


class ArmedDecider:
    """Implements Decider; `experimenter` is the loop's."""

    def __init__(self, base: Decider, experimenter: LoopExperimenter) -> None:
        self.base, self.experimenter = base, experimenter
        self.name, self.model = base.name, kind_of(base)

    def decide(self, view: TickView, deadline_s: float) -> Answer:
        """The answer of whoever is asked at this tick."""
        return self.experimenter.chosen.decide(view, deadline_s)

    def policy(self, settings: TradeSettings, last_asked: int) -> Policy:
        """That of the loop's own decider."""
        found = policy_of(self.base, settings, last_asked)
        if isinstance(self.base, RuleDecider):
            return found
        return replace(found, gate=ArmsGate(found.gate, self.experimenter.store.poll))


class ArmsGate:
    """The loop's own gate, and the rule decider's too while that is an arm."""

    def __init__(self, own: Gate, log: Callable[[], ExperimentLog]) -> None:
        self._own, self._log = own, log
        self._signals = SignalGate()

    def reason(self, known: MarketTables, blocked: bool) -> str:
        """As the gates have it; "" if neither opens."""
        found = self._own.reason(known, blocked)
        signal = self._signals.reason(known, blocked)
        return found or (signal if signal and self._rules_run() else "")

    def note_request(self, at: int) -> None:
        """It was asked."""
        self._own.note_request(at)

    def note(self, what: str) -> None:
        """Something happened to the position."""
        self._own.note(what)

    def _rules_run(self) -> bool:
        try:
            current = self._log().current
        except Exception:  # the draw says what is wrong with the log, and asks nobody
            return False
        return current is not None and "rules" in (current.definition.a.decider, current.definition.b.decider)


@contextmanager
def armed(
    base: Decider,
    config_now: Callable[[], Any],
    folder: Path,
    notify: Callable[[str, str], None] = lambda kind, text: None,
    announce: Announce = lambda reason, detail: None,
    clock: Callable[[], float] = time.monotonic,
    waits: bool = False,
) -> Iterator[ArmedDecider]:
    """The decider of a loop over `folder` with whatever experiment runs there; `base` decides without one.

    `config_now` reads the configuration, again when an experiment is first seen. `waits`: in a replay, whose time stands still.
    """
    config = config_now()
    deciders = ArmDeciders(
        folder,
        base,
        config.section("claude"),
        config.section("experiment"),
        config.section("terms"),
        announce,
        paced=not waits,
    )

    def refresh(made: ArmDeciders) -> None:
        now = config_now()
        made.use(now.section("claude"), now.section("experiment"))

    experimenter = LoopExperimenter(folder, deciders, notify, clock, refresh, waits)
    try:
        yield ArmedDecider(base, experimenter)
    finally:
        experimenter.close()
        deciders.close()


def decider_in_force(base: Decider, config: Any, folder: Path) -> Decider:
    """Who is asked while no block is open: `base`, or arm b where proven harm was gone back from. Raises DataError, ConfigError."""
    back = read_experiments(folder).rolled_back
    if back is None:
        return base
    sections = (config.section(name) for name in ("claude", "experiment", "terms"))
    return ArmDeciders(folder, base, *sections).executed(back.definition.b, going_back_words(back))
