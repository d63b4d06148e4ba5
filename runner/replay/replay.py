"""The replay: the live loop's own code over history, hour after simulated hour with learning in between, into a folder of its own.

What differs from a live run is said here and nowhere else: the clock stands at the tick's time; exits are judged on the finest candle, the
stop first; a halt is lifted at the next simulated UTC midnight, because no person is there to do it; rows of ticks.csv are written by the
hour. The learning of an hour comes after its last tick and before the first tick behind it, so that it knows what a cycle would.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from lib.data.atomic import synced_later
from lib.data.one_market import folder_market
from lib.data.window import WARMUP
from lib.errors import ParameterError
from lib.market.terms import Terms
from runner.replay.analyses import Analyses
from runner.replay.feed import HistoryFeed
from runner.replay.folder import copy_rows, make_folder
from runner.replay.learning import Learning
from runner.terms import keep_terms
from runner.trade.book import DAY, HOUR, Book
from runner.trade.call import Caller
from runner.trade.clock import SetClock
from runner.trade.deciders import kind_of, policy_of
from runner.trade.decision_log import DecisionLog
from runner.trade.events import Event, EventLog
from runner.trade.known import stamp
from runner.trade.loop import Loop
from runner.trade.models import Decider
from runner.trade.paper import PaperBroker, Watch
from runner.trade.rails import Rails
from runner.trade.settings import TradeSettings
from runner.trade.tick_log import TickLog

_TICKS_AT_ONCE = 5_000

#: Told what was done ("ticks", "hours learned") and how many more of it.
Progress = Callable[[str, int], object]


@dataclass(frozen=True)
class Replay:
    """What is replayed."""

    trading_data: Path
    outputs: Path
    start: pd.Timestamp
    end: pd.Timestamp
    lookback_hours: float = 24.0
    learn: bool = True
    rails: bool = True  #: without them every valid entry is taken: the rule decider as the baseline that docs/definitions.md describes

    def check(self) -> None:
        """Raise ParameterError for what makes no replay."""
        if self.start >= self.end:
            raise ParameterError(f"--from {self.start} is not before --to {self.end}")


@dataclass
class ReplayResult:
    """A replay that has ended."""

    book: Book
    outcomes: dict[str, int]
    learning: Learning
    halts: list[dict[str, str]]
    ticks: int


def run_replay(
    replay: Replay,
    settings: TradeSettings,
    decider_for: Callable[[Path], Decider],
    terms: Terms,
    progress: Progress = lambda what, done: None,
) -> ReplayResult:
    """Run it; `decider_for` is given the replay's folder, where prompt additions appear.

    Raises ParameterError, MissingDataError, EmptyWindowError and what the loaders raise.
    """
    replay.check()
    folder_market(replay.trading_data)
    make_folder(replay.outputs)
    warm_from = replay.start - pd.Timedelta(hours=replay.lookback_hours) - WARMUP
    copy_rows(replay.trading_data, replay.outputs, warm_from, replay.end)
    keep_terms(replay.outputs, terms, replay.start)
    with ExitStack() as held:
        runner = _Runner(replay, settings, terms, decider_for(replay.outputs), warm_from, held)
        return runner.run(progress)


class _Runner:
    def __init__(
        self,
        replay: Replay,
        settings: TradeSettings,
        terms: Terms,
        decider: Decider,
        warm_from: pd.Timestamp,
        held: ExitStack,
    ) -> None:
        folder, clock = replay.outputs, SetClock()
        self.replay, self.clock = replay, clock
        self.feed = HistoryFeed(folder, warm_from, replay.start, replay.end, clock, as_batch=not replay.rails)
        log = held.enter_context(EventLog(folder))
        self.book = Book.from_events(log.events, log.append)
        self.book.record(Event("open", int(self.feed.times[0]), price=settings.paper.equity))
        policy = policy_of(decider, settings)
        watch = Watch(
            on_candles=True,
            reverses=policy.reverses,
            spacing_us=policy.spacing_us,
            data_loss_s=settings.data_loss_s if replay.rails else None,
        )
        self.ticks = held.enter_context(TickLog(folder, _TICKS_AT_ONCE))
        self.decisions = held.enter_context(DecisionLog(folder, kind_of(decider)))
        self.loop = Loop(
            feed=self.feed,
            caller=Caller(decider),
            policy=policy,
            settings=settings,
            terms=terms,
            book=self.book,
            broker=PaperBroker(self.book, settings.paper, terms.costs, watch, clock),
            decisions=self.decisions,
            ticks=self.ticks,
            clock=clock,
            rails=Rails(settings.rails, folder) if replay.rails else None,
            symbol=settings.symbol or folder_market(folder),
            experimenter=getattr(decider, "experimenter", None),
        )
        self.end = int(replay.end.value // 1_000)
        self.learning = Learning(folder, terms, replay.lookback_hours)
        self.analyses: Analyses | None = None  #: of hours that no tick waits for
        self._told_learned: Callable[[int], object] = lambda done: None
        self.halts: list[dict[str, str]] = []

    def run(self, progress: Progress) -> ReplayResult:
        self._told_learned = partial(progress, "hours learned")
        if not self.replay.learn or self.loop.policy.listens:
            return self._ticked(progress)
        hours = whole_hours(int(self.feed.times[0]), self.end + 1)
        # Whatever decides here writes nothing of its own, and a folder that a crash spoils is made anew.
        with self.learning.analyzing(hours) as self.analyses, synced_later():
            result = self._ticked(progress)
            self.learning.publish(self.analyses.chunks(), self._told_learned)
        return result

    def _ticked(self, progress: Progress) -> ReplayResult:
        """All ticks, and between them the learning that the decider waits for."""
        outcomes: dict[str, int] = {}
        before = int(self.feed.times[0])
        while (at := self.feed.next_at) is not None:
            self._between(before, at)
            found = self.loop.step()
            assert found is not None
            name = found.outcome if found.outcome != "asked" else f"asked:{found.reason_code or 'order'}"
            name = f"rail:{found.reason_code}" if found.outcome == "rail" else name
            outcomes[name] = outcomes.get(name, 0) + 1
            if self.book.halted and (not self.halts or self.halts[-1].get("lifted")):
                self.halts.append({"at": stamp(at).isoformat(), "reason": self.book.halted})
            progress("ticks", 1)
            before = at
        self._learn(before, self.end + 1)
        self.ticks.flush()
        return ReplayResult(self.book, outcomes, self.learning, self.halts, len(self.feed.times))

    def _between(self, before: int, at: int) -> None:
        """What happens between two ticks: the hours that have ended, and midnight."""
        self._learn(before, at)
        if self.book.halted and before // DAY < at // DAY:
            self.book.record(Event("resume", at - at % DAY, reason="midnight"))
            self.halts[-1]["lifted"] = stamp(at - at % DAY).isoformat()

    def _learn(self, before: int, at: int) -> None:
        if not self.replay.learn:
            return
        for hour in whole_hours(before, at):
            if self.loop.policy.listens:
                self.ticks.flush()
                self.learning.learn(hour)
                self._told_learned(1)
            elif self.analyses and not self.decisions.behind:
                self.analyses.reached(hour)
                self.learning.publish(self.analyses.ready(), self._told_learned)


def whole_hours(first: int, behind: int) -> list[pd.Timestamp]:
    """The whole hours from one instant up to before another (microseconds)."""
    return [stamp(hour) for hour in range(-(-first // HOUR) * HOUR, behind, HOUR)]
