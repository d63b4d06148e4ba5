"""One model is asked about one tick: reserved before, sent, kept, judged, and settled when its call ends, which may be after the deadline.

What would surprise: a call that another may follow is made only where the day's cap has room for both (docs/decisions/asking-claude.md).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import TimeoutError as WaitTimeout
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lib.errors import RibbonError
from lib.market.readings import instant
from lib.market.terms import Terms
from runner.claude.cache_watch import CacheWatch
from runner.claude.caller import ApiCaller
from runner.claude.faults import Fault
from runner.claude.kept_requests import RequestKeeper, request_sha, request_text
from runner.claude.ledger import SpendLedger
from runner.claude.no_message import message_id, stops
from runner.claude.prompt import Prompt, request
from runner.claude.refusal import ApiRefusal
from runner.claude.reply import ParsedReply, read_reply
from runner.claude.settings import ClaudeSettings
from runner.claude.standing import COSTS_MORE, NO_COST, ClaudeState
from runner.trade.models import TickView, Usage

#: A call that could not be answered in this time is not made at all.
_SHORTEST_WAIT_S = 0.3
_RETRY_PAUSE_S = 0.25
#: More messages than a day has.
_REMEMBERED = 10_000


class Asked(NamedTuple):
    """What came of asking a model: its reply or the fault, and the hash of what was sent ("" where nothing was)."""

    model: str
    found: ParsedReply | Fault
    request_sha: str


@dataclass
class Asker:
    """Asks one model after another out of one ledger, through one caller; all are the decider's."""

    ledger: SpendLedger
    caller: ApiCaller
    refusal: ApiRefusal
    cache: CacheWatch
    keeper: RequestKeeper
    standing: ClaudeState
    terms: Terms
    share: Callable[[], float] = lambda: (
        1.0
    )  #: of the day's cap and number of calls that its calls may count on
    _came: deque[str] = field(
        default_factory=lambda: deque(maxlen=_REMEMBERED), init=False
    )  #: the newest messages' names; each of the API's is another
    _sent: str = field(default="", init=False)  #: hash of what was sent to the model at hand

    def ask(
        self,
        prompt: Prompt,
        view: TickView,
        settings: ClaudeSettings,
        ends: float,
        then_usd: Sequence[float] = (),
    ) -> Asked:
        """Ask the model of `settings`, a second time where a passing fault leaves time for it; `ends` is of the monotonic clock.

        `then_usd` are the worst cases of the calls that may follow: nothing is asked unless there is room for them too.
        """
        self._sent = ""
        found = self._call(prompt, view, settings, ends, then_usd)
        if isinstance(found, Fault) and _worth_a_retry(found, settings, ends):
            time.sleep(max(_RETRY_PAUSE_S, found.retry_after_s))
            found = self._call(prompt, view, settings, ends, then_usd)
        return Asked(settings.model, found, self._sent)

    def _call(
        self,
        prompt: Prompt,
        view: TickView,
        settings: ClaudeSettings,
        ends: float,
        then_usd: Sequence[float],
    ) -> ParsedReply | Fault:
        if ends - time.monotonic() < _SHORTEST_WAIT_S:
            return Fault("timeout", "no time was left to ask")
        worst = prompt.worst_case_usd(settings)
        call = self.ledger.reserve(worst, settings.model, then_usd, self.share())
        if call is None:
            fault = Fault("budget", self._no_room(worst + sum(then_usd), 1 + len(then_usd), settings))
            self.refusal.out_of_budget(fault.detail)
            return fault
        prefixes, holding = prompt.prefixes(), view.position is not None

        def ended(outcome: bytes | Fault) -> ParsedReply | Fault:
            found = outcome if isinstance(outcome, Fault) else self._read(outcome, holding, settings)
            self._settle(call, found, worst, settings.model)
            if isinstance(found, Fault):
                self.refusal.note(found, settings.model)
                return found
            self.refusal.lift(settings.model)
            if found.usage and prefixes:
                self.cache.saw(prefixes, found.usage)
            return found

        arguments = request(prompt, settings)
        try:
            sending = self.caller.start(arguments, ended)
            self._keep(view, arguments)
            return sending.result(ends - time.monotonic())
        except WaitTimeout:
            return Fault("timeout", "no answer within the deadline")

    def _no_room(self, needed_usd: float, calls: int, settings: ClaudeSettings) -> str:
        """Why a call may not be made; what no day has room for is told as that."""
        cap, most = settings.daily_cap_usd * self.share(), settings.max_calls_per_day * self.share()
        if needed_usd > cap:
            return f"a decision may cost ${needed_usd:.4f}, and of daily_cap_usd it may count on ${cap:.4f}: no day has room for one"
        if calls > most:
            return f"a decision may take {calls} calls, and of max_calls_per_day it may count on {most:g}: no day has room for one"
        return "the day's cap or number of calls is reached"

    def _keep(self, view: TickView, arguments: dict[str, Any]) -> None:
        """Let what is sent be kept, once for a model: a second try sends the same."""
        try:
            text = request_text(arguments)
            sha256 = request_sha(text)
            if sha256 != self._sent:
                self.keeper.keep(instant(view.at), text)
                self._sent = sha256
        except Exception as error:  # what is kept for people must not cost the decision
            self.standing.warn(f"what is sent to Claude is not kept: {type(error).__name__}")

    def _read(self, body: bytes, holding: bool, settings: ClaudeSettings) -> ParsedReply | Fault:
        """A message's judgement or why there is none. One without judgement and without its tokens would cost the worst case each time.

        One that came before is of another tick: something on the way keeps answers and hands them out again.
        """
        if (name := message_id(body)) and name in self._came:
            words = "the message came before, for another tick: a cache on the way hands out old answers. Switch it off there"
            return stops("answered_before", words, settings)
        self._came.append(name)
        found = read_reply(body, settings, holding, self.terms)
        if found.usage is not None:
            return found
        if found.judgement is None:
            return stops(found.reason_code, "the message has neither an answer nor what it cost", settings)
        self.standing.warn(NO_COST)
        return found

    def _settle(self, call: str, found: ParsedReply | Fault, worst: float, model: str) -> None:
        """Write what a call was billed; what is not known, or cannot be written, stays reserved at its worst."""
        if isinstance(found, Fault):
            usage, note = (None if found.billed else Usage()), found.reason_code
        else:
            usage, note = found.usage, found.reason_code
        if usage is not None and usage.cost_usd > worst:
            self.standing.overruns += 1
            self.standing.warn(COSTS_MORE)
        try:
            if usage is not None:
                self.ledger.settle(call, usage, model, note)
                return
        except (RibbonError, OSError) as error:
            self.standing.warn(f"a cost could not be written: {error}")


def _worth_a_retry(fault: Fault, settings: ClaudeSettings, ends: float) -> bool:
    pause = max(_RETRY_PAUSE_S, fault.retry_after_s)
    return fault.retry and ends - time.monotonic() >= pause + settings.retry_needs_s
