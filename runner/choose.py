"""The decider that a name stands for, and the configured broker. Claude's room and the exchange's are loaded when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib.prompt.archive import archive_text
from runner.config import Config
from runner.errors import ConfigError
from runner.trade.deciders import RuleDecider
from runner.trade.live import BrokerFor, open_loop, paper_broker
from runner.trade.loop import Loop
from runner.trade.models import Decider

if TYPE_CHECKING:
    import pandas as pd

    from runner.claude.prompt import Voices
    from runner.experiment.armed import ArmedDecider


def live_decider(
    name: str, config: Config, folder: Path, announce: Any = None, voices: Voices | None = None
) -> AbstractContextManager[Decider]:
    """The decider of a loop over `folder`, to be entered: Claude's holds the lock of what it spends while it is open.

    `voices`: what followed questions say of a candle; without it that is unknown. Raises ConfigError where a model's price is not known:
    the cap would hold for another's (docs/guarantees.md, L5).
    """
    if name == "rules":
        return nullcontext(RuleDecider())
    from runner.claude.decider import ClaudeDecider
    from runner.claude.prompt import Given

    if unknown := config.section("claude").unknown_prices:
        raise ConfigError(unknown)
    told: dict[str, Any] = {} if announce is None else {"announce": announce}
    told |= {} if voices is None else {"given": Given(voices=voices)}
    return ClaudeDecider(config.section("claude"), folder, terms=config.section("terms"), **told)


def _the_only_loop(config: Config) -> AbstractContextManager[None]:
    """No other loop of the same account at the exchange; on paper each folder has its own."""
    if config.section("trade").broker == "paper":
        return nullcontext()
    from runner.exchange.start import the_only_loop

    return the_only_loop(config)


@contextmanager
def _voices(name: str, config: Config, folder: Path) -> Iterator[Voices | None]:
    """Who asks the followed questions beside a loop; nobody for the rule decider, which is told no lessons."""
    if name == "rules":
        yield None
        return
    from runner.question.voices import QuestionVoices

    with QuestionVoices(folder, config.section("cycle")) as asked:
        yield asked.heard


def armed_decider(
    base: Decider,
    config_now: Callable[[], Config],
    folder: Path,
    notify: Callable[[str, str], None] = lambda kind, text: None,
    announce: Any = None,
    **how: Any,
) -> AbstractContextManager[ArmedDecider]:
    """The decider of a loop over `folder` with whatever controlled test runs there, to be entered; `base` decides without one."""
    from runner.experiment.armed import armed

    told = {} if announce is None else {"announce": announce}
    return armed(base, config_now, folder, notify, **told, **how)


@contextmanager
def live_loop(
    name: str,
    config_now: Callable[[], Config],
    folder: Path,
    notify: Callable[[str, str], None],
    announce: Any,
    new_account: bool = False,
) -> Iterator[Loop]:
    """The live loop over `folder`, with the decider of this name, whatever controlled test runs there, and the configured broker.

    `new_account`: as in `open_loop`.
    """
    config = config_now()
    with (
        _the_only_loop(config),
        _voices(name, config, folder) as voices,
        live_decider(name, config, folder, announce, voices) as base,
        armed_decider(base, config_now, folder, notify, announce) as chosen,
        open_loop(
            folder,
            config.section("trade"),
            chosen,
            notify,
            broker_for=live_broker(config, folder, notify),
            terms=config.section("terms"),
            experimenter=chosen.experimenter,
            new_account=new_account,
        ) as loop,
    ):
        if name == "rules":
            from runner.claude.standing import forget_standing

            forget_standing(folder)
        yield loop


@contextmanager
def experimenting(
    base: Decider, name: str, config: Config, folder: Path, source: Path, start: pd.Timestamp, seed: int
) -> Iterator[ArmedDecider]:
    """The decider of a replay over `folder` with the experiment of [experiment], begun at its start and in step with it.

    `name`: what `base` is called in settings; `source`: the folder that kept prompts are taken from. Raises for what cannot run, as
    `ribbon experiment start` does.
    """
    from runner.experiment.arms import arms_set, kept_prompt
    from runner.experiment.begin import begin, prepared

    settings, terms = config.section("experiment"), config.section("terms")
    found = arms_set(settings, config.section("claude"), terms)
    for text in (kept_prompt(arm, source) for arm in (found.a, found.b)):
        if text:
            archive_text(folder, text)
    arms = prepared(folder, settings, config.section("claude"), terms, name)
    begin(folder, arms, settings, terms, int(start.value // 1_000), seed)
    with armed_decider(base, lambda: config, folder, clock=lambda: 0.0, waits=True) as made:
        yield made


def live_broker(config: Config, folder: Path, tell: Callable[[str, str], None]) -> BrokerFor:
    """What makes the broker of a loop over `folder`. Raises ConfigError where the exchange broker is not wholly switched on."""
    if config.section("trade").broker == "paper":
        return paper_broker
    from runner.exchange.start import exchange_broker

    return exchange_broker(config, folder, tell)
