"""Beginning, stopping and releasing: what a person says of experiments, written into the log that the running loop reads."""

from __future__ import annotations

import secrets
from pathlib import Path

from lib.contract.visible import visible
from lib.errors import ParameterError
from lib.experiments.experiment import Experiment
from lib.experiments.log import ExperimentLog
from lib.experiments.rows import Begin, Released, Row, Stop
from lib.experiments.wording import going_back_words
from lib.lessons.hypotheses import parse_id
from lib.market.terms import Terms
from lib.prompt.hold import load_hold
from runner.claude.settings import ClaudeSettings
from runner.experiment.arms import ArmsSet, arms_set, claude_of, kept_prompt
from runner.experiment.settings import ExperimentSettings
from runner.experiment.store import ExperimentStore, MakeRow

#: Seeds are that large: enough for anybody, and read back exactly from JSON by anything.
_SEED_BITS = 48
#: Of what a person says of a stop, characters.
_MOST_WORDS = 300


def prepared(
    folder: Path, settings: ExperimentSettings, claude: ClaudeSettings, terms: Terms, decider: str
) -> ArmsSet:
    """The arms that would be compared, checked. `decider`: whom the loop asks without an experiment.

    Raises ConfigError and ParameterError for what could not run.
    """
    log = ExperimentStore(folder).poll()
    if log.current is not None:
        raise ParameterError(
            f"{log.current.definition.id} is running, and one runs at a time: `ribbon experiment stop` ends it"
        )
    if log.rolled_back is not None:
        raise ParameterError(f"{going_back_words(log.rolled_back)} before another one begins")
    if settings.lesson and parse_id(settings.lesson) is None:
        raise ParameterError(
            f"[experiment] lesson {settings.lesson!r} is none: `ribbon lessons list --all` shows their ids"
        )
    if settings.lesson and load_hold(folder) is not None:
        raise ParameterError(
            "a prompt is held, and a lesson cannot be left out of it: `ribbon lessons rollback --release` ends that"
        )
    arms = arms_set(settings, claude, terms)
    if arms.a.decider == arms.b.decider == "rules" and decider != "rules":
        raise ParameterError(
            'both arms are the rules, and the loop is run by Claude: set [trade] decider = "rules"'
        )
    for arm in (arms.a, arms.b):
        kept_prompt(arm, folder)
        if arm.decider == "claude":
            claude_of(arm, claude, settings)
            if decider == "rules":
                raise ParameterError(
                    f'arm {arm.name} asks Claude, and the loop is run by the rules: set [trade] decider = "claude"'
                )
    return arms


def begin_row(
    name: str, arms: ArmsSet, settings: ExperimentSettings, terms: Terms, now: int, seed: int
) -> Begin:
    """The row that begins an experiment of these arms; `now` in microseconds."""
    definition = Experiment(
        id=name,
        a=arms.a,
        b=arms.b,
        share=settings.share,
        paired=settings.paired,
        seed=seed,
        started=now,
        lesson=settings.lesson,
        terms=terms,
    )
    return Begin(
        at=now, experiment=name, definition=definition, a_sha256=arms.a.sha256(), b_sha256=arms.b.sha256()
    )


def begin(
    folder: Path, arms: ArmsSet, settings: ExperimentSettings, terms: Terms, now: int, seed: int | None = None
) -> Experiment:
    """Write that an experiment begins; `now` in microseconds. Raises what the store raises, ParameterError where it cannot begin."""
    arms.keep(folder)
    chosen = secrets.randbits(_SEED_BITS) if seed is None else seed

    def make(log: ExperimentLog) -> Row:
        return begin_row(log.next_id(), arms, settings, terms, now, chosen)

    row = _written(ExperimentStore(folder), make)
    assert isinstance(row, Begin)
    return row.definition


def stop(folder: Path, now: int, why: str = "") -> Stop:
    """Write that the running experiment is stopped by a person. Raises ParameterError where none runs."""
    store = ExperimentStore(folder)
    if store.poll().current is None:
        raise ParameterError("no experiment is running: `ribbon experiment list` shows those there were")
    row = _written(
        store,
        lambda log: (
            Stop(
                at=now, experiment=log.current.definition.id, why="person", detail=visible(why)[:_MOST_WORDS]
            )
            if log.current
            else None
        ),
    )
    assert isinstance(row, Stop)
    return row


def release(folder: Path, now: int) -> Released:
    """Write that arm a may be used again after harm was proven. Raises ParameterError where nothing was gone back from."""
    store = ExperimentStore(folder)
    if store.poll().rolled_back is None:
        raise ParameterError("nothing is to be released: no harm was proven, or it was released before")
    row = _written(
        store,
        lambda log: Released(at=now, experiment=log.rolled_back.definition.id) if log.rolled_back else None,
    )
    assert isinstance(row, Released)
    return row


def _written(store: ExperimentStore, make: MakeRow) -> Row | None:
    try:
        return store.append(make)
    except ValueError as error:
        raise ParameterError(str(error)) from None
