"""Claude as a Decider: reserve, ask, validate, settle; HOLD with a reason code in every other case (docs/guarantees.md, L1, L2, L5).

Open it before the first tick (`with ClaudeDecider(…) as decider`): opening takes the spend file's lock and imports the SDK, which takes
seconds. What would surprise: the deadline ends the waiting, not the call; a late answer is never acted on, but its cost is learned.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from concurrent.futures import TimeoutError as WaitTimeout
from datetime import datetime
from pathlib import Path
from typing import Any

from lib.errors import RibbonError
from lib.market.readings import instant
from lib.market.terms import Terms
from runner.claude.cache_watch import CacheWatch
from runner.claude.caller import ApiCaller
from runner.claude.dry_run import DryRun, dry_run_of
from runner.claude.faults import Fault
from runner.claude.kept_requests import RequestKeeper, request_sha, request_text
from runner.claude.ledger import SPEND_FILE, SpendLedger, wall_clock
from runner.claude.model_cost import cost_of
from runner.claude.no_message import stops
from runner.claude.prompt import USUAL, Given, Prompt, compose, request
from runner.claude.refusal import Announce, ApiRefusal
from runner.claude.reply import ParsedReply, answer_of, read_reply
from runner.claude.settings import KEY_VARIABLE, ClaudeSettings
from runner.claude.standing import ClaudeState
from runner.trade.models import Answer, TickView, Usage

#: Seconds kept back from the deadline for what follows the answer.
MARGIN_S = 0.4
#: A call that could not be answered in this time is not made at all.
_SHORTEST_WAIT_S = 0.3
_RETRY_PAUSE_S = 0.25


class ClaudeDecider:
    """Decides through the Messages API. `announce(reason, detail)` is called once when the API begins to refuse; it must not block.

    `beside`: another one on the same folder, open before this one, whose spend file and kept requests this one shares; `tells`: whether
    `claude.json` says how this one stands; `share`: of the day's cap and number of calls that its calls may count on, 0 to 1.
    """

    def __init__(
        self,
        settings: ClaudeSettings,
        trading_data: Path,
        announce: Announce = lambda reason, detail: None,
        *,
        terms: Terms,
        now: Callable[[], datetime] = wall_clock,
        given: Given = USUAL,
        beside: ClaudeDecider | None = None,
        tells: bool = True,
        share: Callable[[], float] = lambda: 1.0,
    ) -> None:
        self.name = settings.model
        self.given, self._beside, self._tells, self._share = given, beside, tells, share
        self.settings, self.trading_data, self.terms = settings, trading_data, terms
        self._standing = ClaudeState(state="ok", model=settings.model)
        self._ledger = (
            beside._ledger
            if beside
            else SpendLedger(
                trading_data / SPEND_FILE, settings.daily_cap_usd, settings.max_calls_per_day, now
            )
        )
        self._ledger_open = False
        self._caller = ApiCaller(settings)
        self._refusal = ApiRefusal(self._standing, settings.blocked_retry_s, announce, time.monotonic, now)
        self._cache = CacheWatch(self._standing, time.monotonic)
        self._keeper = beside._keeper if beside else RequestKeeper(trading_data, self._standing.warn)
        self._sent = ""  #: hash of what was sent for the decision at hand

    def open(self) -> ClaudeDecider:
        """Get ready. Raises LockedError if another process spends from the same file, DataError if that file cannot be read."""
        if not self._ledger_open and not self._beside:
            self._ledger.open()
            self._ledger_open = True
        self._caller.open()
        return self

    def close(self) -> None:
        """Give up calls on their way (they go on counting at their worst case) and give the lock back."""
        self._caller.close()
        if self._beside:
            return
        self._keeper.close()
        self._ledger.close()
        self._ledger_open = False

    def __enter__(self) -> ClaudeDecider:
        return self.open()

    def __exit__(self, *_: object) -> None:
        self.close()

    def decide(self, view: TickView, deadline_s: float) -> Answer:
        """Claude's answer, or HOLD with a reason code, within the shorter of `deadline_s` and the configured deadline. Never raises."""
        ends = time.monotonic() + min(deadline_s, self.settings.deadline_s) - MARGIN_S
        try:
            answer = self._decide(view, ends)
        except RibbonError as error:  # the spend file: locked, damaged, or the disk is full
            self._standing.warn(f"nothing is asked: {error}")
            answer = self._hold("ledger")
        except Exception as error:  # a decision is due, whatever is wrong
            self._standing.warn(f"deciding failed: {type(error).__name__}")
            answer = self._hold("internal")
        self._standing.outcomes[answer.reason_code or "ok"] += 1
        try:
            if self._tells:
                self.state().write(self.trading_data)
        except Exception as error:  # a picture of the decision must not cost the decision
            self._standing.warn(f"the standing could not be kept: {type(error).__name__}")
        return answer

    def dry_run(self, view: TickView) -> DryRun:
        """The full prompt of a tick with its size and worst-case cost; asks nobody, reserves nothing."""
        return dry_run_of(
            compose(view, self.settings, self.trading_data, self.terms, self.given), self.settings
        )

    def state(self) -> ClaudeState:
        """How it stands now; a copy."""
        self._standing.cost = cost_of([self._ledger.today()], self.settings)
        return copy.deepcopy(self._standing)

    def _decide(self, view: TickView, ends: float) -> Answer:
        self._sent = ""
        if not self.settings.api_key.get_secret_value():
            self._refusal.block("no_key", f"{KEY_VARIABLE} is not set")
            return self._hold("no_key")
        self.open()
        reason = self._refusal.reason() or ("busy" if self._caller.busy else "")
        if reason:
            return self._hold(reason)
        prompt = compose(view, self.settings, self.trading_data, self.terms, self.given)
        self._standing.prompt_sha, self._standing.no_lessons = prompt.lessons_sha, prompt.why_no_lessons
        found = self._ask(prompt, view, ends)
        if isinstance(found, Fault) and self._worth_a_retry(found, ends):
            time.sleep(max(_RETRY_PAUSE_S, found.retry_after_s))
            found = self._ask(prompt, view, ends)
        if isinstance(found, Fault):
            return self._hold(found.reason_code, prompt.lessons_sha)
        return answer_of(found, self.settings.model, prompt.lessons_sha, self._sent)

    def _ask(self, prompt: Prompt, view: TickView, ends: float) -> ParsedReply | Fault:
        """One call, reserved before and settled when it ends, which may be after the deadline."""
        if ends - time.monotonic() < _SHORTEST_WAIT_S:
            return Fault("timeout", "no time was left to ask")
        worst = prompt.worst_case_usd(self.settings)
        call = self._ledger.reserve(worst, self.settings.model, self._share())
        if call is None:
            self._refusal.out_of_budget()
            return Fault("budget", "the day's cap or number of calls is reached")
        prefixes, holding = prompt.prefixes(), view.position is not None

        def ended(outcome: bytes | Fault) -> ParsedReply | Fault:
            found = outcome if isinstance(outcome, Fault) else self._read(outcome, holding)
            self._settle(call, found, worst)
            if isinstance(found, Fault):
                self._refusal.note(found)
                return found
            self._refusal.lift()
            if found.usage:
                self._cache.saw(prefixes, found.usage)
            return found

        arguments = request(prompt, self.settings)
        try:
            sending = self._caller.start(arguments, ended)
            self._keep(view, arguments)
            return sending.result(ends - time.monotonic())
        except WaitTimeout:
            return Fault("timeout", "no answer within the deadline")

    def _keep(self, view: TickView, arguments: dict[str, Any]) -> None:
        """Let what is sent be kept, once for a decision: a second try sends the same."""
        try:
            text = request_text(arguments)
            sha256 = request_sha(text)
            if sha256 != self._sent:
                self._keeper.keep(instant(view.at), text)
                self._sent = sha256
        except Exception as error:  # what is kept for people must not cost the decision
            self._standing.warn(f"what is sent to Claude is not kept: {type(error).__name__}")

    def _read(self, body: bytes, holding: bool) -> ParsedReply | Fault:
        """A message's judgement or why there is none. One without judgement and without its tokens would cost the worst case each time."""
        found = read_reply(body, self.settings, holding, self.terms)
        if found.usage is not None:
            return found
        if found.judgement is None:
            return stops(
                found.reason_code, "the message has neither an answer nor what it cost", self.settings
            )
        self._standing.warn(
            "the API does not say what its answers cost: each is reserved at its worst case, until the cap"
        )
        return found

    def _settle(self, call: str, found: ParsedReply | Fault, worst: float) -> None:
        """Write what a call was billed; what is not known, or cannot be written, stays reserved at its worst."""
        if isinstance(found, Fault):
            usage, note = (None if found.billed else Usage()), found.reason_code
        else:
            usage, note = found.usage, found.reason_code
        if usage is not None and usage.cost_usd > worst:
            self._standing.overruns += 1
            self._standing.warn("a call cost more than its worst case: check the configured prices")
        try:
            if usage is not None:
                self._ledger.settle(call, usage, self.settings.model, note)
                return
        except (RibbonError, OSError) as error:
            self._standing.warn(f"a cost could not be written: {error}")

    def _worth_a_retry(self, fault: Fault, ends: float) -> bool:
        pause = max(_RETRY_PAUSE_S, fault.retry_after_s)
        return fault.retry and ends - time.monotonic() >= pause + self.settings.retry_needs_s

    def _hold(self, reason: str, prompt_sha: str = "") -> Answer:
        return Answer.hold(reason, model=self.settings.model, prompt_sha=prompt_sha, request_sha=self._sent)
