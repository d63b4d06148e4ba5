"""Claude decides through a real server: answers, faults, deadlines, money (docs/guarantees.md, L1, L2, L5, S2)."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from datetime import UTC, datetime

import pytest

from lib.market.terms import DEFAULT_TERMS
from runner.claude.decider import ClaudeDecider
from runner.claude.ledger import SPEND_FILE, spend_of_day
from runner.claude.model_cost import ModelCost, cost_of_day
from runner.claude.settings import ClaudeSettings
from runner.claude.standing import COSTS_MORE, NOT_CACHED
from runner.errors import LockedError
from tests.messages_server import reply_text
from tests.runner.claude.made import held, publish_lessons, tick
from tests.runner.waiting import wait_until

LATER = "2025-10-19T16:00:00Z"


def reasons(decider: ClaudeDecider, count: int = 1) -> list[str]:
    return [decider.decide(tick(), 8).reason_code for _ in range(count)]


def test_an_entry(server, deciding, tmp_path):
    lessons = publish_lessons(tmp_path)
    server.answers(direction="LONG", confidence=0.8, stop_pct=0.2, reasoning="Turned.", valid_for_s=15)
    decider = deciding()
    answer = decider.decide(tick(), 8)
    assert (answer.direction, answer.entry_recommended, answer.confidence) == ("LONG", True, 0.8)
    assert (answer.stop_pct, answer.target_pct, answer.valid_for_s) == (0.2, None, 15)
    assert (answer.reasoning, answer.reason_code, answer.exit_advice) == ("Turned.", "", "keep")
    assert (answer.model, decider.name) == ("claude-sonnet-5-5", "claude-sonnet-5-5")
    assert len(answer.prompt_sha) == 64
    assert answer.usage.cost_usd == pytest.approx(server.billed_usd, abs=1e-6)
    (request,) = server.requests
    assert request.problem is None
    assert lessons in request.body["system"][1]["text"]


def test_an_answer_that_came_before_is_of_another_tick_and_nothing_is_done_by_it(server, deciding):
    """A cache of a proxy on the way: what it kept is LONG, and the market has turned."""
    decider = deciding()
    for _ in range(2):
        server.says(reply_text(direction="LONG", confidence=0.8), id="msg_kept")
    assert decider.decide(tick(), 8).direction == "LONG"
    again = decider.decide(tick(), 8)
    assert (again.direction, again.entry_recommended, again.reason_code) == ("HOLD", False, "answered_before")
    assert decider.decide(tick(), 8).reason_code == "blocked"


def test_an_exit_is_advised_only_for_what_is_held(server, deciding):
    decider = deciding()
    server.answers(exit_advice="exit").answers(exit_advice="exit")
    assert decider.decide(tick(position=held()), 8).exit_advice == "exit"
    answer = decider.decide(tick(), 8)
    assert (answer.exit_advice, answer.reason_code) == ("keep", "contradiction")


def test_the_cache_is_read_from_the_second_call_on_also_when_lessons_change(server, deciding, tmp_path):
    publish_lessons(tmp_path)
    decider = deciding()
    first, second = decider.decide(tick(), 8), decider.decide(tick(), 8)
    assert first.usage.cache_write_tokens > first.usage.cache_read_tokens == 0
    assert second.usage.cache_read_tokens == first.usage.cache_write_tokens
    publish_lessons(tmp_path, LATER)
    third = decider.decide(tick(), 8)
    # The rules are read, the lessons written anew.
    assert third.usage.cache_read_tokens > 1_024
    assert 0 < third.usage.cache_write_tokens < first.usage.cache_write_tokens
    assert third.prompt_sha != second.prompt_sha
    standing = decider.state()
    assert (standing.cache_hits, standing.cache_misses, standing.warnings) == (2, 0, [])
    for missed in range(1, 6):
        assert decider.state().warnings == []
        server.cache.forget()
        decider.decide(tick(), 8)
        assert decider.state().cache_misses == missed
    assert decider.state().warnings == [NOT_CACHED]


def test_the_ledger_agrees_with_the_bill(server, deciding, tmp_path):
    decider = deciding()
    for _ in range(5):
        decider.decide(tick(), 8)
    today = spend_of_day(tmp_path)
    assert (today.calls, today.reserved_usd) == (5, 0)
    assert server.billed_usd <= today.billed_usd <= server.billed_usd + 5e-6


# Faults


@pytest.mark.parametrize(
    ("text", "stop", "code"),
    [
        ("{", "end_turn", "not_json"),
        ("{}", "end_turn", "shape"),
        (reply_text(confidence=3), "end_turn", "range"),
        ("", "end_turn", "hollow"),
        (reply_text(direction="LONG"), "max_tokens", "max_tokens"),
        (reply_text(direction="LONG"), "refusal", "refusal"),
        (reply_text(direction="LONG"), "never_heard_of", "stop_unknown"),
    ],
)
def test_a_bad_answer_is_hold_and_paid_for(server, deciding, text, stop, code):
    server.says(text, stop)
    answer = deciding().decide(tick(), 8)
    assert (answer.direction, answer.entry_recommended, answer.reason_code) == ("HOLD", False, code)
    assert answer.usage.cost_usd > 0
    assert len(server.requests) == 1  # an answer is an answer: not asked again


def test_an_answer_that_does_not_say_its_cost_is_taken_counts_at_its_worst_and_is_told(
    server, deciding, tmp_path
):
    server.says(reply_text(direction="LONG", confidence=0.9), usage={})
    decider = deciding()
    assert decider.decide(tick(), 8).direction == "LONG"
    today = spend_of_day(tmp_path)
    assert today.billed_usd == 0 < today.reserved_usd
    assert "does not say what its answers cost" in decider.state().warnings[0]


@pytest.mark.parametrize(
    ("misbehave", "code", "reserved"),
    [
        (lambda server: server.shows_page(), "not_the_api", False),
        (lambda server: server.shows_page(404), "not_the_api", False),
        (lambda server: server.raw(200, b"{}"), "not_the_api", True),
        (lambda server: server.raw(200, b""), "unreadable", True),
        (lambda server: server.says("", usage={}), "hollow", True),
        (lambda server: server.says("", content="LONG", usage=None), "unreadable", True),
        (lambda server: server.says_twice("content", []), "duplicate_key", True),
        (lambda server: server.says(reply_text(direction="LONG"), model="claude-cheap"), "other_model", True),
        (lambda server: server.fails(200, "authentication_error"), "authentication", False),
    ],
)
def test_a_200_that_is_no_message_is_asked_once_and_told_once(
    server, deciding, tmp_path, misbehave, code, reserved
):
    told = []
    for _ in range(60):
        misbehave(server)
    decider = deciding({"announce": lambda *words: told.append(words)})
    assert reasons(decider, 60) == [code] + ["blocked"] * 59
    assert len(server.requests) == 1
    assert [reason for reason, _ in told] == [code]
    assert code == "authentication" or server.url in told[0][1]
    cost = cost_of_day(tmp_path, decider.settings)
    assert (cost.calls, cost.billed_usd, cost.unknown_calls) == (1, 0, int(reserved))
    shown = json.loads((tmp_path / "claude.json").read_text())
    assert (shown["state"], shown["reason"], ModelCost(**shown["cost"])) == ("blocked", code, cost)


def test_an_overloaded_api_in_a_200_is_tried_again_in_the_same_tick(server, deciding):
    server.fails(200, "overloaded_error").answers(direction="LONG", confidence=0.9)
    assert deciding().decide(tick(), 8).direction == "LONG"
    assert len(server.requests) == 2


def test_a_verdict_that_is_given_twice_is_hold_and_paid_for(server, deciding):
    good = reply_text(direction="LONG", confidence=0.9)
    server.says(good[:-1] + ', "direction": "LONG"}')
    server.says(good[:-1] + ', "\\u0064irection": "SHORT"}')
    decider = deciding()
    for _ in range(2):
        answer = decider.decide(tick(), 8)
        assert (answer.direction, answer.reason_code) == ("HOLD", "duplicate_key")
        assert answer.usage.cost_usd > 0


@pytest.mark.parametrize(
    ("fail", "unsettled"),
    [
        (lambda server: server.fails(500), True),
        (lambda server: server.drops(), True),
        (lambda server: server.drops(40), True),
        (lambda server: server.raw(200, b"busy"), True),
        (lambda server: server.fails(200, "api_error"), True),
        (lambda server: server.fails(529, "overloaded_error"), False),
        (lambda server: server.fails(429, "rate_limit_error"), False),
        (lambda server: server.fails(400, "invalid_request_error"), False),
    ],
)
def test_what_may_have_been_billed_goes_on_counting(server, deciding, tmp_path, fail, unsettled):
    fail(server)
    deciding(deadline_s=2.0).decide(tick(), 8)
    today = spend_of_day(tmp_path)
    assert (today.calls, today.billed_usd, today.reserved_usd > 0) == (1, 0, unsettled)


def test_a_call_that_reached_nobody_costs_nothing(deciding, tmp_path):
    decider = deciding(base_url="http://127.0.0.1:9", deadline_s=2.0)
    assert reasons(decider) == ["connection"]
    assert (spend_of_day(tmp_path).calls, spend_of_day(tmp_path).total_usd) == (1, 0)


def test_one_quick_retry_where_there_is_time(server, deciding, tmp_path):
    server.fails(529, "overloaded_error").answers(direction="LONG", confidence=0.9)
    answer = deciding().decide(tick(), 8)
    assert (answer.direction, answer.reason_code) == ("LONG", "")
    server_saw = len(server.requests)
    assert (server_saw, spend_of_day(tmp_path).calls) == (2, 2)


def test_not_a_second_retry(server, deciding):
    server.fails(500).fails(529, "overloaded_error").answers(direction="LONG")
    assert reasons(deciding()) == ["overloaded"]
    assert len(server.requests) == 2


def test_no_retry_where_there_is_no_time(server, deciding):
    server.fails(529, "overloaded_error")
    assert reasons(deciding(deadline_s=2.0)) == ["overloaded"]
    assert len(server.requests) == 1


@pytest.mark.serial
def test_a_long_retry_after_is_not_waited_for_but_kept(server, deciding):
    decider = deciding()
    server.fails(429, "rate_limit_error", {"retry-after": "60"})
    before = time.monotonic()
    assert reasons(decider, 3) == ["rate_limited"] * 3
    assert time.monotonic() - before < 2
    assert len(server.requests) == 1


def test_credit_used_up_blocks_is_told_once_and_is_shown(server, deciding, tmp_path):
    told = []
    server.fails(400, "invalid_request_error", message="Your credit balance is too low")
    decider = deciding({"announce": lambda *words: told.append(words)})
    assert reasons(decider, 3) == ["billing", "blocked", "blocked"]
    assert len(server.requests) == 1
    assert [reason for reason, _ in told] == ["billing"]
    shown = json.loads((tmp_path / "claude.json").read_text())
    assert (shown["state"], shown["reason"]) == ("blocked", "billing")
    assert "credit balance" in shown["detail"]
    assert shown["outcomes"] == {"billing": 1, "blocked": 2}


@pytest.mark.serial
def test_a_block_ends_by_itself_once_the_api_answers(server, deciding):
    server.fails(401, "authentication_error").fails(401, "authentication_error")
    decider = deciding(blocked_retry_s=0.3)
    assert reasons(decider, 2) == ["authentication", "blocked"]
    time.sleep(0.35)
    assert reasons(decider, 2) == ["authentication", "blocked"]
    time.sleep(0.35)
    assert reasons(decider) == [""]
    assert decider.state().state == "ok"


def test_a_wrong_key_is_told_by_the_api_and_a_missing_one_without_it(server, deciding):
    assert reasons(deciding(api_key="sk-wrong")) == ["authentication"]
    server.requests.clear()


def test_no_key_asks_nobody(server, deciding):
    told = []
    decider = deciding({"announce": lambda *words: told.append(words)}, api_key="")
    assert reasons(decider, 2) == ["no_key", "no_key"]
    assert server.requests == []
    assert told == [("no_key", "ANTHROPIC_API_KEY is not set")]
    assert (decider.state().state, decider.state().reason) == ("blocked", "no_key")


@pytest.mark.parametrize(
    ("key", "named"),
    [
        ("“sk-ant-canary”", "U+201C LEFT DOUBLE"),
        ("sk-ant-can\nary", "U+000A"),
        ("'sk-ant-canary'", "APOSTROPHE"),
    ],
)
def test_a_key_that_a_text_program_changed_asks_nobody_and_says_what_is_in_it(server, deciding, key, named):
    told = []
    decider = deciding({"announce": lambda *words: told.append(words)}, api_key=key)
    assert reasons(decider, 2) == ["no_key", "no_key"]
    assert server.requests == []
    ((reason, detail),) = told
    assert reason == "no_key" and named in detail and "canary" not in detail


@pytest.mark.parametrize("limit", [{"daily_cap_usd": 0.001}, {"max_calls_per_day": 0}])
def test_a_limit_that_no_day_has_room_under_is_told_as_that(server, deciding, limit):
    told = []
    decider = deciding({"announce": lambda *words: told.append(words)}, **limit)
    assert reasons(decider) == ["budget"]
    ((_, detail),) = told
    assert next(iter(limit)) in detail and "no day has room for one" in detail
    assert server.requests == []


# Deadlines, measured


@pytest.mark.serial
@pytest.mark.parametrize("behaviour", ["hangs", "trickles"])
def test_the_deadline_holds_whatever_the_server_does(server, deciding, behaviour):
    decider = deciding(deadline_s=1.5)
    getattr(server, behaviour)()
    before = time.monotonic()
    answer = decider.decide(tick(), 60)
    assert time.monotonic() - before < 1.5
    assert answer.reason_code == "timeout"


@pytest.mark.serial
def test_the_callers_deadline_holds_too_and_ends_a_retry(server, deciding):
    decider = deciding(retry_needs_s=0.2)
    server.fails(500).hangs()
    before = time.monotonic()
    answer = decider.decide(tick(), 1.5)
    assert 1.0 < time.monotonic() - before < 1.5
    assert answer.reason_code == "timeout"
    assert reasons_within(decider, 0.3) == "timeout"
    assert len(server.requests) == 2  # there was no time to ask in


def reasons_within(decider: ClaudeDecider, deadline_s: float) -> str:
    return decider.decide(tick(), deadline_s).reason_code


@pytest.mark.serial
def test_the_deadline_holds_though_a_name_is_not_resolved(deciding, monkeypatch):
    released = threading.Event()

    def asleep(*_: object, **__: object) -> list:
        released.wait(20)
        raise socket.gaierror("released")

    decider = deciding(base_url="https://api.example.com", deadline_s=1.0, late_s=2.0)
    monkeypatch.setattr(socket, "getaddrinfo", asleep)
    try:
        before = time.monotonic()
        assert reasons(decider) == ["timeout"]
        assert time.monotonic() - before < 1.0
    finally:
        released.set()


@pytest.mark.serial
def test_a_late_answer_is_not_acted_on_but_its_cost_is_learned(server, deciding, tmp_path):
    decider = deciding(deadline_s=1.0)
    server.is_late(1.0, reply_text(direction="LONG", confidence=0.9))
    answer = decider.decide(tick(), 8)
    assert (answer.direction, answer.reason_code) == ("HOLD", "timeout")
    assert spend_of_day(tmp_path).reserved_usd > 0
    until = time.monotonic() + 5
    while spend_of_day(tmp_path).reserved_usd and time.monotonic() < until:
        time.sleep(0.05)
    today = spend_of_day(tmp_path)
    assert (today.reserved_usd, today.billed_usd) == (0, pytest.approx(server.billed_usd, abs=1e-6))
    assert reasons(decider) == [""]


@pytest.mark.serial
def test_calls_do_not_pile_up(server, deciding):
    for _ in range(3):
        server.hangs()
    decider, codes = deciding(deadline_s=0.8), []
    # On a busy machine the time of a tick may be over before it has asked: what has not asked hangs nowhere.
    while "busy" not in codes and len(codes) < 20:
        codes += reasons(decider)
    assert set(codes) == {"timeout", "busy"}
    wait_until(lambda: len(server.requests) == 3)
    time.sleep(0.2)
    assert len(server.requests) == 3


# Money


def test_the_cap_is_not_passed_and_tomorrow_is_another_day(server, deciding, tmp_path):
    today = [datetime(2026, 1, 5, 23, tzinfo=UTC)]
    decider = deciding({"now": lambda: today[0]}, daily_cap_usd=0.10)
    codes = reasons(decider, 40)
    assert codes[0] == ""
    assert codes[-1] == "budget"
    assert sorted(set(codes)) == ["", "budget"]
    assert codes == sorted(codes)  # once reached, it stays reached
    assert server.billed_usd <= spend_of_day(tmp_path, today[0]).total_usd <= 0.10
    assert decider.state().state == "budget"
    asked = len(server.requests)
    today[0] = datetime(2026, 1, 6, 0, tzinfo=UTC)
    assert reasons(decider) == [""]
    assert len(server.requests) == asked + 1
    assert decider.state().state == "ok"


def test_the_number_of_calls_is_capped_retries_included(server, deciding):
    server.fails(529, "overloaded_error")
    assert reasons(deciding(max_calls_per_day=3), 4) == ["", "", "budget", "budget"]
    assert len(server.requests) == 3


def test_a_retry_that_the_cap_does_not_allow_is_not_made(server, deciding):
    server.fails(529, "overloaded_error")
    assert reasons(deciding(max_calls_per_day=1)) == ["budget"]
    assert len(server.requests) == 1


def test_prices_that_are_set_too_low_are_noticed(server, deciding):
    server.output_tokens = 700
    decider = deciding()
    server.says(reply_text(), usage={"input_tokens": 10_000_000, "output_tokens": 700})
    decider.decide(tick(), 8)
    standing = decider.state()
    assert standing.overruns == 1
    assert standing.warnings == [COSTS_MORE]
    assert standing.cost.billed_usd > 20  # the truth is written down, and stops the day
    assert reasons(decider) == ["budget"]


def test_a_second_spender_is_refused_at_the_start(deciding, settings, tmp_path):
    deciding()
    with pytest.raises(LockedError):
        ClaudeDecider(settings(), tmp_path, terms=DEFAULT_TERMS).open()
    answer = ClaudeDecider(settings(), tmp_path, terms=DEFAULT_TERMS).decide(tick(), 8)
    assert answer.reason_code == "ledger"


def test_a_damaged_ledger_asks_nobody(server, settings, tmp_path):
    (tmp_path / SPEND_FILE).write_text("nothing like it\nx\n")
    decider = ClaudeDecider(settings(), tmp_path, terms=DEFAULT_TERMS)
    assert reasons(decider) == ["ledger"]
    assert server.requests == []
    assert "nothing is asked" in decider.state().warnings[0]


def test_opened_at_the_first_tick_if_nobody_did(settings, tmp_path):
    decider = ClaudeDecider(settings(), tmp_path, terms=DEFAULT_TERMS)
    assert reasons(decider) == [""]
    decider.close()


def test_a_dry_run_calls_and_writes_nothing(server, settings, tmp_path):
    publish_lessons(tmp_path)
    before = sorted(path.name for path in tmp_path.iterdir())
    shown = ClaudeDecider(settings(), tmp_path, terms=DEFAULT_TERMS).dry_run(tick())
    assert list(shown.parts) == ["rules", "lessons", "tick"]
    assert "WICK_DOWN" in shown.text()
    assert server.requests == []
    assert sorted(path.name for path in tmp_path.iterdir()) == before


# Never raises, never tells


def test_a_view_that_is_broken_is_hold(server, deciding):
    decider = deciding()
    assert decider.decide(tick(readings={}), 8).reason_code == "internal"
    assert decider.decide(None, 8).reason_code == "internal"
    assert decider.state().warnings == ["deciding failed: KeyError", "deciding failed: AttributeError"]
    assert reasons(decider) == [""]


def test_a_status_that_cannot_be_written_stops_nothing(deciding, tmp_path):
    (tmp_path / "claude.json").mkdir()
    decider = deciding()
    assert reasons(decider) == [""]
    assert decider.state().warnings == ["the standing could not be kept: IsADirectoryError"]


def test_what_the_model_said_earlier_is_not_in_the_next_prompt(server, deciding):
    server.answers(direction="LONG", reasoning="canary: always buy").answers(
        direction="LONG", reasoning="canary"
    )
    decider = deciding()
    reasons(decider, 3)
    assert all("canary" not in request.text for request in server.requests)


def test_the_key_is_in_no_file_and_no_log(server, deciding, tmp_path, caplog):
    with caplog.at_level(logging.DEBUG):
        decider = deciding()
        server.fails(401, "authentication_error", message=f"bad key {server.key}")
        reasons(decider, 2)
        decider.state()
    texts = [path.read_text() for path in tmp_path.rglob("*") if path.is_file()]
    assert texts
    assert all(
        server.key not in text for text in [*texts, caplog.text, repr(decider.settings), repr(decider)]
    )


def test_the_api_is_asked_where_the_settings_say_and_nowhere_else(server, deciding, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    assert reasons(deciding()) == [""]
    assert len(server.requests) == 1
    assert ClaudeSettings().base_url == "https://api.anthropic.com"
