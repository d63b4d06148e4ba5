"""Claude as a Decider: one model is asked, or a cheap one before it; HOLD with a reason code in every other case (docs/guarantees.md, L1,
L2, L5).

Open it before the first tick (`with ClaudeDecider(…) as decider`): opening takes the spend file's lock and imports the SDK, which takes
seconds. What would surprise: the deadline ends the waiting, not the call; a late answer is never acted on, but its cost is learned.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from lib.errors import RibbonError
from lib.market.terms import Terms
from runner.claude.answering import answer_of, first_answer
from runner.claude.asking import Asked, Asker
from runner.claude.cache_watch import CacheWatch
from runner.claude.caller import ApiCaller
from runner.claude.dry_run import DryRun, dry_run_of
from runner.claude.faults import Fault
from runner.claude.kept_requests import RequestKeeper
from runner.claude.ledger import SPEND_FILE, SpendLedger, wall_clock
from runner.claude.model_cost import cost_of
from runner.claude.prompt import USUAL, Given, Prompt, compose
from runner.claude.refusal import Announce, ApiRefusal
from runner.claude.settings import ClaudeSettings
from runner.claude.standing import ClaudeState
from runner.trade.models import Answer, TickView

#: Seconds kept back from the deadline for what follows the answer.
MARGIN_S = 0.4


class ClaudeDecider:
    """Decides through the Messages API. `announce(reason, detail)` is called once when the API begins to refuse, and
    once without a reason when that is over; it must not block.

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
        self.given, self._beside, self._tells = given, beside, tells
        self.settings, self.trading_data, self.terms = settings, trading_data, terms
        self._standing = ClaudeState(state="ok", model=settings.model, first_model=settings.first_model)
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
        self._asker = Asker(
            self._ledger, self._caller, self._refusal, self._cache, self._keeper, self._standing, terms, share
        )

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
        except Exception as error:  # a decision is due, whatever is wrong
            answer = self._hold(self._failed(error))
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
        if fault := self.settings.key_fault:
            self._refusal.block("no_key", fault)
            return self._hold("no_key")
        self.open()
        reason = self._refusal.reason() or ("busy" if self._caller.busy else "")
        if reason:
            return self._hold(reason)
        prompt = compose(view, self.settings, self.trading_data, self.terms, self.given)
        self._standing.prompt_sha, self._standing.no_lessons = prompt.lessons_sha, prompt.why_no_lessons
        first = self.settings.first()
        if first is None:
            return answer_of(self._asker.ask(prompt, view, self.settings, ends), prompt.lessons_sha)
        then_usd = [prompt.worst_case_usd(self.settings)]
        asked = self._asker.ask(prompt.asked_first(first), view, first, ends, then_usd)
        advised = first_answer(asked)
        if advised is None:
            self._standing.first_alone += 1
            return answer_of(asked, prompt.lessons_sha)
        self._standing.asked_on += 1
        return answer_of(self._second(prompt, view, ends), prompt.lessons_sha, advised)

    def _second(self, prompt: Prompt, view: TickView, ends: float) -> Asked:
        """The dearer model, which alone may say that something is done; without it nothing is."""
        if ends - time.monotonic() < self.settings.retry_needs_s:
            return Asked(self.settings.model, Fault("timeout", "too little time was left to ask it"), "")
        try:
            return self._asker.ask(prompt, view, self.settings, ends)
        except Exception as error:  # what the first advised belongs into the row all the same
            return Asked(self.settings.model, Fault(self._failed(error), ""), "")

    def _failed(self, error: Exception) -> str:
        """The reason code of an exception, which people are told of."""
        if isinstance(error, RibbonError):  # the spend file: locked, damaged, or the disk is full
            self._standing.warn(f"nothing is asked: {error}")
            return "ledger"
        self._standing.warn(f"deciding failed: {type(error).__name__}")
        return "internal"

    def _hold(self, reason: str) -> Answer:
        return Answer.hold(reason, model=self.settings.model)
