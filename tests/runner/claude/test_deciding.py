"""One decision at a time, without waiting: when nobody is asked, the one retry, what is told and shown, and the lock."""

from __future__ import annotations

import threading
import time

import pytest

from lib.market.terms import DEFAULT_TERMS
from runner.claude.caller import ApiCaller
from runner.claude.decider import MARGIN_S, ClaudeDecider
from runner.claude.kept_requests import RequestKeeper
from runner.claude.ledger import SpendLedger, spend_by_day, spend_of_day
from runner.claude.model_cost import cost_of_folder
from runner.errors import LockedError
from tests.runner.claude.made import held, publish_lessons, tick


def test_whoever_has_no_time_left_asks_nobody(server, deciding, tmp_path):
    answer = deciding().decide(tick(), 0.3)
    assert (answer.direction, answer.reason_code) == ("HOLD", "timeout")
    assert server.requests == [] and spend_of_day(tmp_path).calls == 0


def test_an_answer_is_waited_for_no_longer_than_is_left_of_the_deadline(deciding, monkeypatch):
    waited: list[float] = []

    class Silent:
        def result(self, timeout: float) -> None:
            waited.append(timeout)
            raise TimeoutError

    monkeypatch.setattr(ApiCaller, "start", lambda *_: Silent())
    decider = deciding(deadline_s=30.0)
    assert [decider.decide(tick(), given).reason_code for given in (8, 60)] == ["timeout", "timeout"]
    assert waited[0] <= 8 - MARGIN_S < 20 < waited[1] <= 30 - MARGIN_S


def test_nobody_is_asked_while_too_many_calls_are_out(server, deciding, monkeypatch, tmp_path):
    decider = deciding()
    monkeypatch.setattr(ApiCaller, "busy", True)
    assert decider.decide(tick(), 8).reason_code == "busy"
    assert server.requests == [] and spend_of_day(tmp_path).calls == 0


# The one retry


@pytest.mark.parametrize(
    ("headers", "pause"), [({}, 0.25), ({"retry-after": "0.1"}, 0.25), ({"retry-after": "2"}, 2.0)]
)
@pytest.mark.parametrize("status", [429, 500, 529])
def test_the_retry_waits_as_long_as_the_api_asks(server, deciding, monkeypatch, status, headers, pause):
    server.fails(status, "overloaded_error", headers).answers(direction="LONG")
    decider, slept = deciding(deadline_s=30.0), []
    monkeypatch.setattr(time, "sleep", slept.append)
    assert decider.decide(tick(), 30).direction == "LONG"
    assert slept == [pause]


def test_the_retry_knows_what_is_held(server, deciding):
    for _ in range(2):
        server.fails(529, "overloaded_error").answers(exit_advice="exit")
    decider = deciding()
    assert decider.decide(tick(position=held()), 8).exit_advice == "exit"
    assert decider.decide(tick(), 8).reason_code == "contradiction"


# What is told and shown


def test_a_hold_names_the_model_and_what_it_was_told(server, deciding, tmp_path):
    publish_lessons(tmp_path)
    server.answers().fails(400, "invalid_request_error").fails(400, "invalid_request_error")
    decider = deciding()
    good, refused, blocked = (decider.decide(tick(), 8) for _ in range(3))
    assert {good.model, refused.model, blocked.model} == {"claude-sonnet-5-5"}
    assert refused.prompt_sha == good.prompt_sha != ""
    assert blocked.prompt_sha == ""  # nothing was composed


def test_what_is_shown_is_a_copy_with_every_answer_by_its_word(server, deciding):
    decider = deciding()
    server.answers().says("{").answers(direction="LONG")
    decider.decide(tick(), 8)
    before = decider.state()
    for _ in range(2):
        decider.decide(tick(), 8)
    assert (before.model, before.outcomes) == ("claude-sonnet-5-5", {"ok": 1})
    assert decider.state().outcomes == {"ok": 2, "not_json": 1}


def test_a_cost_that_cannot_be_written_is_told_and_counts_at_its_worst(
    server, deciding, monkeypatch, tmp_path
):
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(SpendLedger, "settle", full)
    decider = deciding()
    server.answers(direction="LONG", confidence=0.9)
    assert decider.decide(tick(), 8).direction == "LONG"
    assert decider.state().warnings == ["a cost could not be written: [Errno 28] No space left on device"]
    assert spend_of_day(tmp_path).billed_usd == 0 < spend_of_day(tmp_path).reserved_usd


# Opened and closed


def test_opening_leaves_nothing_slow_to_the_first_tick(deciding):
    before = set(threading.enumerate())
    deciding()
    assert {thread.name for thread in set(threading.enumerate()) - before} == {"claude-calls"}


def test_the_lock_is_given_back_at_the_end_and_taken_again_by_who_goes_on(settings, tmp_path):
    other = ClaudeDecider(settings(), tmp_path, terms=DEFAULT_TERMS)
    with ClaudeDecider(settings(), tmp_path, terms=DEFAULT_TERMS) as decider, pytest.raises(LockedError):
        other.open()
    with other:
        assert decider.decide(tick(), 8).reason_code == "ledger"
    assert decider.decide(tick(), 8).reason_code == ""  # closed, it opens itself
    with pytest.raises(LockedError):
        other.open()
    decider.close()
    other.open().close()


def test_one_beside_another_shares_its_cap_its_file_and_who_keeps_what_is_sent(server, deciding, tmp_path):
    before = set(threading.enumerate())
    one = deciding(max_calls_per_day=2)
    two = deciding({"beside": one, "tells": False}, max_calls_per_day=2)
    server.answers().answers()
    assert [each.decide(tick(), 8).reason_code for each in (one, two, one, two)] == [
        "",
        "",
        "budget",
        "budget",
    ]
    assert len(spend_by_day(tmp_path)) == 1 and cost_of_folder(tmp_path, one.settings).calls == 2
    keepers = [each for each in set(threading.enumerate()) - before if each.name == "keep-requests"]
    assert len(keepers) == 1
    two.close()
    assert one.decide(tick(), 8).reason_code == "budget", "whoever closes gives back what is its own alone"


def test_what_cannot_be_kept_costs_no_decision_and_is_said(server, deciding, monkeypatch):
    def fails(self, at, text):
        raise ValueError("no reason that anybody thought of")

    monkeypatch.setattr(RequestKeeper, "keep", fails)
    decider = deciding()
    server.answers(direction="LONG")
    assert decider.decide(tick(), 8).direction == "LONG"
    assert decider.state().warnings == ["what is sent to Claude is not kept: ValueError"]
