"""A loop whose arms are Claude on a local Messages server: told lessons or none, answered by what it was told."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from lib.lessons.lesson import NO_LESSONS
from lib.prompt.addition import compose_prompt
from lib.published.insights import compile_insights
from lib.published.pair import publish
from runner.claude.decider import ClaudeDecider
from runner.claude.settings import ClaudeSettings
from runner.experiment.armed import ArmedDecider
from runner.experiment.arms import arms_set
from runner.experiment.begin import begin
from runner.experiment.deciders import ArmDeciders
from runner.experiment.experimenter import LoopExperimenter
from runner.trade.clock import SetClock
from tests.lib.contract.made import AS_OF, all_published
from tests.messages_server import MessagesServer, reply_text
from tests.runner.experiment.made import SHORT, chosen
from tests.runner.trade.made import BEAT, START_US, HandFeed, hand_loop, settings


def publish_short(folder: Path) -> str:
    """Publish the lessons of a made-up cycle under the terms of short blocks; their text."""
    lessons = NO_LESSONS.model_copy(update={"terms": SHORT})
    insights = compile_insights(all_published(AS_OF), None, AS_OF, lessons)
    text = compose_prompt(insights)
    publish(folder, insights, text, force=True)
    return text


def told(body: dict[str, Any]) -> bool:
    """Whether a request carries lessons."""
    return len(body["system"]) > 1


def says(server: MessagesServer, **answer: object) -> Callable[[Any, dict[str, Any]], None]:
    """A behaviour: this answer."""
    text = reply_text(**answer)
    return lambda handler, body: handler.send_json(200, server.message(body, text, "end_turn"))


@contextmanager
def asked_loop(
    folder: Path,
    server: MessagesServer,
    seed: int = 1,
    now: Callable[[], datetime] = lambda: datetime(2026, 11, 29, 23, 0, tzinfo=UTC),
    claude: dict[str, object] | None = None,
    waits: bool = False,
    paced: bool = True,
    **fields: object,
) -> Iterator[SimpleNamespace]:
    """The loop, with an experiment begun; `fields` are of [experiment], `claude` of [claude]."""
    folder.mkdir(exist_ok=True)
    publish_short(folder)
    known = {"base_url": server.url, "api_key": server.key, "deadline_s": 1.2, "late_s": 2.0}
    model = ClaudeSettings.model_validate(known | (claude or {}))
    made = chosen(**{"paired": True, "shadow_deadline_s": 1.2} | fields)
    begin(folder, arms_set(made, model, SHORT), made, SHORT, START_US - 1, seed)
    heard: list[tuple[str, str]] = []
    clock = SetClock(START_US)
    feed = HandFeed(clock, [BEAT * place for place in range(4)])
    with ClaudeDecider(model, folder, terms=SHORT, now=now) as base:
        arms = ArmDeciders(folder, base, model, made, SHORT, now=now, paced=paced)
        experimenter = LoopExperimenter(
            folder, arms, lambda kind, text: heard.append((kind, text)), time.monotonic, waits=waits
        )
        given = settings(valid_for_s=1_000, deadline_s=3.0)
        with hand_loop(
            folder,
            ArmedDecider(base, experimenter),
            given,
            terms=SHORT,
            experimenter=experimenter,
            clock=clock,
            feed=feed,
        ) as (loop, _):
            yield SimpleNamespace(
                loop=loop, feed=feed, experimenter=experimenter, heard=heard, base=base, arms=arms
            )
        experimenter.close()
        arms.close()


def settled(made: SimpleNamespace, wait_s: float = 5.0) -> None:
    """Wait until the shadow is back, so that the next tick writes it."""
    until = time.monotonic() + wait_s
    call = made.experimenter._shadow.call
    while call is not None and not call.back.is_set() and time.monotonic() < until:
        time.sleep(0.005)
