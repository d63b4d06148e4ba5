"""When the API is not asked, and who is told: once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from runner.claude.faults import Fault
from runner.claude.refusal import ApiRefusal
from runner.claude.standing import ClaudeState

CREDIT = Fault("billing", "no credit", blocks=True)


class Stage:
    """A refusal on clocks that are moved by hand."""

    def __init__(self) -> None:
        self.seconds, self.told = 0.0, []
        self.standing = ClaudeState(state="ok")
        self.refusal = ApiRefusal(
            self.standing,
            900.0,
            lambda *told: self.told.append(told),
            lambda: self.seconds,
            lambda: datetime(2026, 1, 5, 12, tzinfo=UTC) + timedelta(seconds=self.seconds),
        )


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_blocked_is_told_once_and_tried_again_after_the_pause(stage):
    assert stage.refusal.reason() == ""
    stage.refusal.note(CREDIT)
    assert stage.refusal.reason() == "blocked"
    assert (stage.standing.state, stage.standing.reason, stage.standing.detail) == (
        "blocked",
        "billing",
        "no credit",
    )
    assert (stage.standing.since, stage.standing.retry_at) == ("2026-01-05T12:00:00Z", "2026-01-05T12:15:00Z")
    stage.seconds = 899.9
    assert stage.refusal.reason() == "blocked"
    stage.seconds = 900
    assert stage.refusal.reason() == ""
    stage.seconds = 901
    stage.refusal.note(CREDIT)
    assert stage.refusal.reason() == "blocked"
    assert (stage.standing.since, stage.standing.retry_at) == ("2026-01-05T12:00:00Z", "2026-01-05T12:30:01Z")
    assert stage.told == [("billing", "no credit")]


def test_another_reason_is_told_and_so_is_the_same_one_after_a_success(stage):
    stage.refusal.note(CREDIT)
    stage.refusal.note(Fault("authentication", "bad key", blocks=True))
    stage.seconds = 60
    for _ in range(2):
        stage.refusal.lift()
        shown = stage.standing
        assert (shown.state, shown.reason, shown.detail, shown.retry_at) == ("ok", "", "", "")
        assert shown.since == "2026-01-05T12:01:00Z"  # and stays so
        stage.seconds += 60
    assert stage.refusal.reason() == ""
    stage.refusal.note(CREDIT)
    assert [reason for reason, _ in stage.told] == ["billing", "authentication", "", "billing"]
    assert stage.told[2][1] == "It was not asked since 2026-01-05T12:00:00Z: authentication"


def test_a_pause_that_the_api_asks_for_is_kept(stage):
    stage.refusal.note(Fault("rate_limited", "", retry_after_s=60))
    assert stage.refusal.reason() == "rate_limited"
    assert stage.standing.state == "ok"
    stage.seconds = 59.9
    assert stage.refusal.reason() == "rate_limited"
    stage.seconds = 60
    assert stage.refusal.reason() == ""
    assert stage.told == []


def test_a_passing_fault_holds_back_nothing(stage):
    stage.refusal.note(Fault("timeout", ""))
    assert stage.refusal.reason() == ""


def test_a_reached_budget_is_shown_and_asks_again_each_time(stage):
    stage.refusal.note(CREDIT)
    stage.refusal.out_of_budget("the cap is reached")
    stage.seconds = 60
    stage.refusal.out_of_budget("the cap is reached")
    assert stage.told[1:] == [("budget", "the cap is reached")]
    shown = stage.standing
    assert (shown.reason, shown.detail, shown.retry_at) == ("budget", "the cap is reached", "")
    assert (stage.standing.state, stage.standing.since) == ("budget", "2026-01-05T12:00:00Z")
    assert stage.refusal.reason() == ""  # the ledger says no; tomorrow it says yes
    stage.refusal.note(CREDIT)
    assert len(stage.told) == 3  # after that it is a new refusal
    stage.refusal.lift()
    assert stage.standing.state == "ok"


def test_an_announcement_that_fails_stops_nothing():
    def fail(reason: str, detail: str) -> None:
        raise OSError("no network")

    standing = ClaudeState(state="ok")
    refusal = ApiRefusal(standing, 900.0, fail, lambda: 0.0, lambda: datetime.now(UTC))
    refusal.note(CREDIT)
    assert standing.state == "blocked"
    assert standing.warnings == ["the announcement failed: OSError"]
