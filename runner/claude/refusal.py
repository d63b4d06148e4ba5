"""When the API is not to be asked: after it refused (until a person has done something), and while it asks for a pause.

A refusal is announced once, when it begins, and once more when it is over; the tries that follow every `blocked_retry_s` are silent until
one succeeds or the reason changes. A restart tries at once, because that is what a person does after mending it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from runner.claude.faults import Fault
from runner.claude.standing import ClaudeState

#: Refusals that another model's answer does not lift: of two models each can be refused alone.
_OF_ONE_MODEL = ("not_found", "permission", "other_model", "request")
Announce = Callable[[str, str], object]  #: reason code, "" where a refusal is over; detail


class ApiRefusal:
    """Holds back calls; shows in the standing what it does. `clock` is monotonic seconds, `now` the wall clock in UTC."""

    def __init__(
        self,
        standing: ClaudeState,
        retry_s: float,
        announce: Announce,
        clock: Callable[[], float],
        now: Callable[[], datetime],
    ) -> None:
        self._standing, self._retry_s, self._announce = standing, retry_s, announce
        self._clock, self._now = clock, now
        self._blocked_until = self._quiet_until = -1.0
        self._refused = ""  #: the model that a refusal is about; "" where it is about all

    def reason(self) -> str:
        """The reason code of a HOLD without a call: blocked, rate_limited, or "" if a call may be made."""
        if self._standing.state == "blocked" and self._clock() < self._blocked_until:
            return "blocked"
        return "rate_limited" if self._clock() < self._quiet_until else ""

    def note(self, fault: Fault, model: str = "") -> None:
        """Take in what a call to a model failed of."""
        if fault.retry_after_s:
            self._quiet_until = self._clock() + fault.retry_after_s
        if fault.blocks:
            self.block(fault.reason_code, fault.detail, model)

    def block(self, reason: str, detail: str, model: str = "") -> None:
        """No calls for a while; told once a reason."""
        standing = self._standing
        self._refused = model if reason in _OF_ONE_MODEL else ""
        known = standing.reason == reason
        self._blocked_until = self._clock() + self._retry_s
        if not known:
            standing.since = self._stamp()
        standing.state, standing.reason, standing.detail = "blocked", reason, detail
        standing.retry_at = self._stamp(self._retry_s)
        if not known:
            self._tell(reason, detail)

    def out_of_budget(self, detail: str) -> None:
        """The day's cap or number of calls is reached; told once, until a call may be made again."""
        standing, known = self._standing, self._standing.state == "budget"
        self._refused = ""
        if not known:
            standing.since = self._stamp()
        standing.state, standing.reason, standing.detail, standing.retry_at = "budget", "budget", detail, ""
        if not known:
            self._tell("budget", detail)

    def lift(self, model: str = "") -> None:
        """The API has answered with this model; what it refuses of another stands."""
        standing = self._standing
        if self._refused not in ("", model):
            return
        self._refused = ""
        if standing.state != "ok":
            over = f"It was not asked since {standing.since}: {standing.reason}"
            standing.state, standing.since = "ok", self._stamp()
            standing.reason = standing.detail = standing.retry_at = ""
            self._tell("", over)

    def _tell(self, reason: str, detail: str) -> None:
        try:
            self._announce(reason, detail)
        except Exception as error:  # who is told must not stop who decides
            self._standing.warn(f"the announcement failed: {type(error).__name__}")

    def _stamp(self, later_s: float = 0.0) -> str:
        return f"{self._now().astimezone(UTC) + timedelta(seconds=later_s):%Y-%m-%dT%H:%M:%SZ}"
