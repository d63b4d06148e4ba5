"""A loop with an experiment in it: arms that follow a script, a log that is begun by hand, blocks that are over quickly."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

from lib.experiments.arm import Arm
from lib.market.terms import DEFAULT_TERMS
from runner.claude.settings import ClaudeSettings
from runner.experiment.armed import ArmedDecider
from runner.experiment.arms import arms_set
from runner.experiment.begin import begin
from runner.experiment.deciders import ArmDeciders
from runner.experiment.experimenter import LoopExperimenter
from runner.experiment.settings import ExperimentSettings
from runner.experiment.store import read_experiments
from runner.trade.clock import SetClock
from runner.trade.models import Answer, Decider
from tests.runner.trade.made import BEAT, START_US, HandFeed, Script, hand_loop, settings

CLAUDE = ClaudeSettings(api_key="")
#: Blocks of a minute, so that a test has many.
SHORT = DEFAULT_TERMS.model_copy(update={"hold_minutes": 1.0})


class ScriptedArms(ArmDeciders):
    """Arms that are scripts: `a` and `b` by letter, and their shadows."""

    def __init__(self, folder: Path, base: Decider, chosen: ExperimentSettings, **scripts: Decider) -> None:
        super().__init__(folder, base, CLAUDE, chosen, SHORT)
        self.scripts = scripts
        self.because: list[str] = []

    def _of(self, arm: Arm, because: str, shadow: bool) -> Decider:
        self.because.append(because)
        letter = "a" if arm.lessons == "published" else "b"
        return self.scripts[f"shadow_{letter}" if shadow else letter]


def chosen(**fields: object) -> ExperimentSettings:
    """The settings of an experiment: lessons against none, with some fields changed."""
    return ExperimentSettings.model_validate(fields)


def begun(folder: Path, made: ExperimentSettings | None = None, seed: int = 1, at: int = START_US - 1):
    """An experiment that has begun in a folder."""
    made = made or chosen()
    return begin(folder, arms_set(made, CLAUDE, SHORT), made, SHORT, at, seed)


@contextmanager
def experiment_loop(
    folder: Path,
    base: Script | None = None,
    made: ExperimentSettings | None = None,
    waits: bool = True,
    **kwargs,
):
    """A loop over a hand feed with the folder's experiment; yields loop, feed, the scripts by name, and what people were told."""
    base = base or Script()
    scripts = {name: kwargs.pop(name, None) or Script() for name in ("a", "b", "shadow_a", "shadow_b")}
    arms = ScriptedArms(folder, base, made or chosen(), **scripts)
    told: list[tuple[str, str]] = []
    clock = kwargs.pop("clock", None) or SetClock(START_US)
    since = kwargs.pop("since", 0.0)
    feed = HandFeed(clock, [since + BEAT * place for place in range(4)])
    experimenter = LoopExperimenter(
        folder,
        arms,
        lambda kind, text: told.append((kind, text)),
        clock.monotonic,
        kwargs.pop("refresh", lambda deciders: None),
        waits,
    )
    given = {
        "terms": SHORT,
        "experimenter": experimenter,
        "clock": clock,
        "feed": feed,
        "chosen": settings(valid_for_s=1_000),
    } | kwargs
    with hand_loop(folder, ArmedDecider(base, experimenter), **given) as (loop, feed):
        yield SimpleNamespace(
            loop=loop, feed=feed, base=base, told=told, experimenter=experimenter, arms=arms, **scripts
        )
    experimenter.close()


def tick(made, price: float = 100.0):
    """One more beat of the feed, and the tick on it."""
    second = made.feed.rows[-1][0] * 60 + BEAT
    made.feed.give(second, price)
    return made.loop.step()


def rows_of(folder: Path):
    """The rows of the newest experiment."""
    return read_experiments(folder).newest


class Sees(Script):
    """A script that keeps what the log held when it was asked."""

    def __init__(self, folder: Path, *answers: Answer) -> None:
        super().__init__(*answers)
        self.folder, self.seen = folder, []

    def decide(self, view, deadline_s):
        self.seen.append(read_experiments(self.folder).newest)
        return super().decide(view, deadline_s)
