"""The loop: one tick from what is seen to exactly one outcome, by the same code live and replayed (docs/guide/trading.md,
docs/guarantees.md, L1–L4).

A tick: what the broker did since the last → halts → guards → gate → rails that need no answer → the decider → rails that look at the
answer → the broker. The outcome is a decision row if the decider was asked, else a row in ticks.csv. An order is in the event log before
its row is in the decisions file; whatever a crash leaves between the two is made good at the next start.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

from lib.contract.dollars import plain_number
from lib.market.exits import ExitRule
from lib.market.terms import Terms
from runner.errors import WriteFailedError
from runner.trade.book import Book
from runner.trade.broker import Broker, Order
from runner.trade.call import Caller
from runner.trade.clock import Clock, ClockWatch
from runner.trade.deciders import EXIT_ADVISED, Policy
from runner.trade.decision_log import DecisionLog, decision_row
from runner.trade.events import Event
from runner.trade.experimenter import Asked, Experimenter
from runner.trade.feed import Feed
from runner.trade.guards import guard
from runner.trade.models import Answer, TickView
from runner.trade.rails import Rails, exit_rule
from runner.trade.settings import TradeSettings
from runner.trade.tick_log import TickLog
from runner.trade.view import view_of

LOG = logging.getLogger("ribbon.trade")

#: Reason codes of answers for which nobody was asked, and the outcome of their tick in ticks.csv.
NOT_ASKED = {"budget": "budget"} | dict.fromkeys(
    ("blocked", "busy", "ledger", "no_key", "rate_limited"), "blocked"
)

#: An answer that is there this many seconds after its deadline was waited for by a machine that stood still.
_SLEPT_S = 5.0

#: Told of what a person may want to know, and logs it: kind (entry, exit, halt, stale, error) and a text.
Notify = Callable[[str, str], None]


@dataclass(frozen=True)
class TickOutcome:
    """How a tick ended: `outcome` is asked, gate, rail, budget, blocked, busy, disk or a guard's code."""

    at: int
    outcome: str
    reason_code: str = ""
    events: tuple[Event, ...] = ()


@dataclass
class Loop:
    """Everything a tick needs; `rails` None is no rail, which only a replay may ask for."""

    feed: Feed
    caller: Caller
    policy: Policy
    settings: TradeSettings
    terms: Terms
    book: Book
    broker: Broker
    decisions: DecisionLog
    ticks: TickLog
    clock: Clock
    rails: Rails | None
    symbol: str = ""
    notify: Notify = lambda kind, text: None
    experimenter: Experimenter | None = None  #: a controlled test that says who is asked
    #: When the newest exit that was seen happened, seconds of the monotonic clock.
    _exit_at_s: float = field(default=float("-inf"), init=False)
    _watch: ClockWatch = field(init=False)

    def __post_init__(self) -> None:
        self._watch = ClockWatch(self.clock)

    def step(self) -> TickOutcome | None:
        """One look: a tick if the feed has one, else None."""
        return self.tick() if self.feed.poll() else None

    def tick(self) -> TickOutcome:
        """One tick, whatever there is to see."""
        now = self.clock.now_us()
        events = tuple(self._advance(now))
        at = self.feed.known.at if self.feed.known.main.known else now
        if self.experimenter:
            self.experimenter.look(at, self.book, now)
        outcome, code = self._decide(now)
        if outcome != "asked":
            self.ticks.write(at, outcome, code)
        return TickOutcome(at, outcome, code, events)

    def silence(self) -> TickOutcome:
        """A tick without a sample: data that does not come is an outcome too, and orders expire all the same."""
        now = self.clock.now_us()
        events = tuple(self._advance(now))
        if self.experimenter:
            self.experimenter.look(now, self.book, now)
        self.ticks.write(now, "stale", "silence")
        return TickOutcome(now, "stale", "silence", events)

    def _advance(self, now: int) -> list[Event]:
        self._look_at_clock()
        self.book.settle(now)
        self.decisions.flush()
        if self.ticks.behind:
            self.ticks.flush()
        killed = self.rails.killed if self.rails else lambda: False
        events = list(self.broker.advance(self.feed.known, now, killed))
        for event in events:
            if event.kind == "exit":
                self._exit_at_s = self.clock.monotonic() - (now - event.at) / 1e6
            self.decisions.complete(event, self.book.fill_of(event.decision_id))
            self.policy.gate.note(event.kind)
            self.tell(event)
        self._halt(now)
        return events

    def _look_at_clock(self) -> None:
        if by := self._watch.look():
            self.book.clock_set(round(by * 1e6))
            LOG.warning(
                "the wall clock was set %s by %.0f s, or this machine was paused: ages, silences and cooldowns go on by the steady clock, "
                "a hold is lengthened by it",
                "forward" if by > 0 else "back",
                abs(by),
            )

    def _halt(self, now: int) -> None:
        if self.rails is None or not (reason := self.rails.trip(self.book, now)):
            return
        try:
            self.book.record(Event("halt", now, reason=reason))
        except WriteFailedError:
            return  # tried again at the next tick; `Rails.before` makes no entry in between
        self.notify("halt", f"halted: {reason}; `ribbon resume` lifts it")

    def tell(self, event: Event) -> None:
        """Let a person know of a fill or an exit."""
        if event.kind == "fill":
            self.notify(
                "entry", f"{event.direction} {plain_number(event.size, 6)} at {plain_number(event.price, 6)}"
            )
        elif event.kind == "exit":
            net = self.book.closed[-1].net
            self.notify(
                "exit",
                f"{event.direction} left at {plain_number(event.price, 6)}: {event.reason}, net {net:+.2f}",
            )

    def _decide(self, now: int) -> tuple[str, str]:
        known, held = self.feed.known, self.book.held is not None
        reason = ""
        if known.main.known:
            reason = self.policy.gate.reason(known, held or self.book.order is not None or self._too_soon())
        if fault := guard(self.feed, self.settings, self.symbol):
            return fault, ""
        if self.decisions.behind or self.ticks.behind:
            return "disk", ""
        if self.book.order is not None:
            return "gate", "ordered"
        if not reason:
            return "gate", "held" if held else "closed"
        if self.caller.busy:
            return "busy", reason
        if self.rails and not held and (code := self._stopped(now)):
            return "rail", code
        view = view_of(known, self.book, reason, now)
        if self.experimenter and (code := self.experimenter.draw(view, self.book)):
            return ("disk" if code == "disk" else "blocked"), code
        begun = self.clock.monotonic()
        answer = self.caller.ask(view, self.settings.deadline_s)
        took_s = self.clock.monotonic() - begun
        if (
            took_s > self.settings.deadline_s + _SLEPT_S
        ):  # the machine slept: the answer is to a market of then
            answer = replace(answer, reason_code=answer.reason_code or "timeout")
        self.policy.gate.note_request(known.at)
        return self._answered(view, answer, took_s)

    def _answered(self, view: TickView, answer: Answer, took_s: float) -> tuple[str, str]:
        """What is made of an answer; a controlled test hears of it once the order has left."""
        now = self.clock.now_us()
        # Asked again: a kill file may have come while the decider thought.
        stopped = self._stopped(now) if self.book.held is None else ""
        if answer.reason_code in NOT_ASKED:
            outcome, code, name = NOT_ASKED[answer.reason_code], answer.reason_code, ""
        else:
            outcome, name = "asked", self.decisions.new_id(self.caller.decider.name, self.feed.known.at)
            code = self._act(name, view, answer, self._refusal(answer, stopped), now)
        if self.experimenter:
            asked = Asked(
                view,
                answer,
                code,
                took_s,
                name,
                partial(self._no_entry, stopped=stopped),
                partial(exit_rule, exits=self.terms.exits),
                self._lives_s,
            )
            self.experimenter.answered(asked)
        return outcome, code

    def _stopped(self, now: int) -> str:
        """What the rails say without an answer. A wall clock that is set forward ends no cooldown (docs/guarantees.md, D6)."""
        return (
            self.rails.before(self.book, now, self.clock.monotonic() - self._exit_at_s) if self.rails else ""
        )

    def _too_soon(self) -> bool:
        """Whether a fill at the next sample would lie too near the last one; the broker looks again when it is there."""
        if not self.policy.spacing_us or not self.book.fills:
            return False
        known = self.feed.known
        return known.at + known.step_s * 1e6 - self.book.fills[-1].at < self.policy.spacing_us

    def _act(self, name: str, view: TickView, answer: Answer, code: str, now: int) -> str:
        """Order, leave or neither; writes the decision's row. Returns its reason code, `code` if nothing else comes up."""
        rule = exit_rule(answer, self.terms.exits)
        text = self.decisions.text(decision_row(name, view, answer, rule, code))
        if not code:
            try:
                self.broker.submit(self._order(name, answer, rule, now, text))
            except WriteFailedError:
                code = "disk"
        if code == EXIT_ADVISED:
            try:
                self.broker.leave(now, self.policy.exit_advice)
            except WriteFailedError:
                code = "disk"
        if code:
            text = self.decisions.text(decision_row(name, view, answer, rule, code))
        self.decisions.write(name, text)
        return code

    def _refusal(self, answer: Answer, stopped: str) -> str:
        """Why an answer makes no order; "" if it makes one. `stopped`: what the rails say without it."""
        if self.book.held is not None and not answer.reason_code:
            return EXIT_ADVISED if answer.exit_advice == "exit" else "held"
        return self._no_entry(answer, stopped)

    def _no_entry(self, answer: Answer, stopped: str) -> str:
        """The same where nothing is held."""
        if answer.reason_code:
            return answer.reason_code
        if answer.direction == "HOLD" or not answer.entry_recommended:
            return "hold" if answer.direction == "HOLD" else "not_recommended"
        if answer.direction not in ("LONG", "SHORT"):
            return "direction"
        if not answer.valid_for_s > 0:
            return "valid_for"
        if not self.rails:
            return ""
        code = stopped or self.rails.after(answer, self.terms)
        return f"rail_{code}" if code else ""

    def _order(self, name: str, answer: Answer, rule: ExitRule, now: int, text: str) -> Order:
        asked = self.broker.size_pct
        notional = self.rails.notional(self.book, asked) if self.rails else self.book.equity * asked / 100
        until = now + int(self._lives_s(answer) * 1e6)
        return Order(name, answer.direction, notional, rule, now, until, text)

    def _lives_s(self, answer: Answer) -> float:
        """How long an order of an answer lives, seconds."""
        grown = self.feed.known.growth_s if self.policy.grows else 0.0
        return min(answer.valid_for_s, self.policy.valid_for_s) + grown
