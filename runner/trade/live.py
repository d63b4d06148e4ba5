"""The loop on the machine's clock: opens the folder's logs, makes good what a crash left, and ticks until somebody wants the end."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lib.contract.visible import visible
from lib.data.one_market import folder_market
from lib.errors import ParameterError
from lib.market.readings import instant
from lib.market.terms import Terms
from runner.errors import EventLogError, WriteFailedError
from runner.terms import keep_terms
from runner.trade.book import Book
from runner.trade.broker import Broker
from runner.trade.call import Caller
from runner.trade.clock import Clock, MachineClock
from runner.trade.deciders import kind_of, policy_of
from runner.trade.decision_log import DecisionLog
from runner.trade.events import EVENTS_FILE, Event, EventLog
from runner.trade.experimenter import Experimenter
from runner.trade.feed import Feed, LiveFeed
from runner.trade.known import stamp
from runner.trade.loop import Loop, Notify, TickOutcome
from runner.trade.models import Decider
from runner.trade.paper import PaperBroker, Watch
from runner.trade.quality_watch import QualityWatch
from runner.trade.rails import Rails
from runner.trade.resume import take_request
from runner.trade.settings import TradeSettings
from runner.trade.tick_log import TickLog

LOG = logging.getLogger("ribbon.trade")
POLL_S = 0.5
_HOLDS = (
    "No entry is made and no exit advised until there is an answer; stop, target and time exit of a position hold. "
    "`ribbon status` shows how Claude stands"
)

#: Makes the broker of a live loop; opens the account where the book has none. What it finds out at once it records.
BrokerFor = Callable[[Book, TradeSettings, Terms, Watch, Clock], Broker]


def paper_broker(book: Book, settings: TradeSettings, terms: Terms, watch: Watch, clock: Clock) -> Broker:
    """The default broker; opens the account of a new folder. Raises EventLogError where the folder's account is one at an exchange."""
    if not book.opened:
        book.record(Event("open", clock.now_us(), price=settings.paper.equity))
    elif not book.account and (begun := book.events[0].price) != settings.paper.equity:
        LOG.warning(
            "[trade.paper] equity = %.2f is for a new account; the one in %s began with %.2f and goes on. "
            "For another one move that file away and start `ribbon trade --new-account`",
            settings.paper.equity,
            EVENTS_FILE,
            begun,
        )
    if book.account:
        raise EventLogError(
            f"{EVENTS_FILE} is of {book.account}, and the paper broker would invent what happens there: "
            'set [trade] broker = "exchange", or take another folder with --trading-data'
        )
    return PaperBroker(book, settings.paper, terms.costs, watch, clock)


@contextmanager
def open_loop(
    folder: Path,
    settings: TradeSettings,
    decider: Decider,
    notify: Notify = lambda kind, text: None,
    clock: Clock | None = None,
    feed: Feed | None = None,
    broker_for: BrokerFor = paper_broker,
    *,
    terms: Terms,
    experimenter: Experimenter | None = None,
    new_account: bool = False,
) -> Iterator[Loop]:
    """A live loop over `folder`, its logs held and caught up. Raises LockedError while another loop runs there, EventLogError where the
    event log is damaged, or lost beside decisions that were executed; `new_account` begins one all the same.

    A change of terms is noted in the folder (lib.lessons.eras).
    """
    clock, market = clock or MachineClock(), folder_market(folder)
    with ExitStack() as held:
        log = held.enter_context(EventLog(folder))
        if told := keep_terms(folder, terms, stamp(clock.now_us())):
            LOG.warning("%s", told)
        decisions = held.enter_context(DecisionLog(folder, kind_of(decider)))
        if not new_account:
            decisions.check(log.events)
        elif log.events:
            raise ParameterError(
                f"{folder / EVENTS_FILE} holds an account, so no new one is begun: move the file away first (the decisions stay)"
            )
        ticks = held.enter_context(TickLog(folder))
        found: list[Event] = []  # by the broker, while it starts

        def write(event: Event) -> None:
            log.append(event)
            found.append(event)

        book = Book.from_events(log.events, write)
        book.settle(clock.now_us())
        asked = instant(decisions.last_at) if decisions.last_at is not None else 0
        policy = policy_of(decider, settings, asked)
        watch = Watch(
            reverses=policy.reverses,
            spacing_us=policy.spacing_us,
            data_loss_s=settings.data_loss_s,
        )
        broker = broker_for(book, settings, terms, watch, clock)
        book.write, found = log.append, list(found)
        decisions.catch_up(log.events + found)
        loop = Loop(
            feed=feed or LiveFeed(folder, clock, settings.beat_s),
            caller=Caller(decider, clock.monotonic),
            policy=policy,
            settings=settings,
            terms=terms,
            book=book,
            broker=broker,
            decisions=decisions,
            ticks=ticks,
            clock=clock,
            rails=Rails(settings.rails, folder),
            symbol=settings.symbol or market,
            notify=notify,
            experimenter=experimenter,
        )
        for event in found:
            loop.tell(event)
        yield loop


@dataclass
class Watchman:
    """Runs a loop and says what a person should know: once when it begins, once when it is over."""

    folder: Path
    loop: Loop
    _silent_since: float | None = None
    _told: dict[str, str] = field(default_factory=dict)
    _quality: QualityWatch = field(default_factory=QualityWatch)

    def step(self) -> TickOutcome | None:
        """One look: a tick, a silence that has become one, or nothing."""
        self._take_request()
        found = self.loop.step()
        if found is not None:
            self._silent_since = None
        else:
            found = self._silence()
        if found is not None:
            self._tell(found)
        return found

    def _take_request(self) -> None:
        try:
            if take_request(self.folder, self.loop.book, self.loop.clock.now_us()):
                self.loop.notify("halt", "lifted by a person")
        except WriteFailedError as error:
            LOG.warning("a halt could not be lifted: %s", error)

    def _silence(self) -> TickOutcome | None:
        """Data that does not come: a tick each beat once it is stale."""
        settings, clock = self.loop.settings, self.loop.clock
        oldest = settings.stale_s + self.loop.feed.known.growth_s
        now = clock.monotonic()
        if self.loop.feed.age_s("5min") <= oldest:
            return None
        if self._silent_since is not None and now - self._silent_since < settings.beat_s:
            return None
        self._silent_since = now
        return self.loop.silence()

    def _tell(self, found: TickOutcome) -> None:
        level = logging.INFO if found.outcome == "asked" or found.events else logging.DEBUG
        LOG.log(level, "%s %s", found.outcome, found.reason_code or "-")
        settings, feed = self.loop.settings, self.loop.feed
        longest = settings.data_loss_s + feed.known.growth_s
        blind = self.loop.book.held is not None and feed.price_age_s() > longest
        for text in self._quality.look(feed.known, self.loop.clock.monotonic()):
            self.loop.notify("error", text)
        unanswered = self.loop.caller.unanswered
        self._once("unanswered", bool(unanswered), f"{unanswered}. {_HOLDS}")
        self._once("symbol", found.outcome == "symbol", self._other_market())
        self._once("stale", found.outcome == "stale", "no fresh samples: no entry is made")
        self._once(
            "disk",
            found.outcome == "disk",
            "nothing more can be written (a full disk, or a file that was exchanged): no entry is made",
        )
        self._once(
            "blind",
            blind,
            f"a position is open and had no price for {longest:g} s; {self.loop.broker.blind}",
        )

    def _other_market(self) -> str:
        shown = sorted(
            {table.symbol[table.newest] for table in self.loop.feed.known.samples.values() if table.known}
        )
        return (
            f"the samples are of {' and '.join(map(visible, shown)) or 'no market'}, and the loop trades {self.loop.symbol}: "
            "no entry is made. Set [trade] symbol as the samples have it, or collect that market, and start `ribbon trade` again"
        )

    def _once(self, what: str, wrong: bool, text: str) -> None:
        """Tell when something begins, and when it is over."""
        told = self._told.get(what, "")
        if wrong != bool(told):
            self._told[what] = text if wrong else ""
            self.loop.notify("stale" if what == "stale" else "error", text if wrong else f"over: {told}")


def run_live(
    loop: Loop, folder: Path, wants_end: Callable[[], bool], poll_s: float = POLL_S
) -> dict[str, int]:
    """Tick until `wants_end()`; returns how many ticks had which outcome."""
    watchman, counts = Watchman(folder, loop), dict[str, int]()
    while not wants_end():
        found = watchman.step()
        if found is None:
            time.sleep(poll_s)
        else:
            counts[found.outcome] = counts.get(found.outcome, 0) + 1
    return counts
