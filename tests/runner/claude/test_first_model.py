"""A cheap model is asked first, the dearer one only where something would be done: money, deadlines, faults, what is kept."""

from __future__ import annotations

import json
import threading
import time
from datetime import UTC, datetime

import pytest

from lib.market.readings import instant
from lib.market.terms import DEFAULT_TERMS as TERMS
from lib.prompt.tokens import token_range
from runner.claude.answering import first_answer
from runner.claude.asking import Asked
from runner.claude.caller import ApiCaller
from runner.claude.judgement import Judgement
from runner.claude.kept_requests import FOLDER, read_request
from runner.claude.ledger import SPEND_FILE, SpendLedger, spend_of_day
from runner.claude.prompt import compose, request
from runner.claude.reply import ParsedReply
from runner.claude.settings import CHEAP_MODEL, ClaudeSettings
from runner.errors import WriteFailedError
from runner.trade.models import Answer, FirstAnswer, Usage
from tests.messages_server import reply_text
from tests.messages_server.shape import problem_of
from tests.runner.claude.made import held, publish_lessons, tick

DEAR = "claude-sonnet-5-5"
BOTH = [CHEAP_MODEL, DEAR]


@pytest.fixture
def two(deciding):
    """Makes deciders that ask the cheap model first."""
    return lambda keep=None, **changed: deciding(keep, first_model=CHEAP_MODEL, **changed)


def asked(server) -> list[str]:
    return [request.body["model"] for request in server.requests]


def spent(folder) -> list[tuple[str, str, str]]:
    """Event, model and note of each row of what was spent."""
    rows = (folder / SPEND_FILE).read_text().splitlines()[1:]
    return [tuple(row.split(",")[place] for place in (2, 8, 9)) for row in rows]  # type: ignore[misc]


# Who is asked, and whose answer stands


def test_a_hold_of_the_first_is_the_answer_and_nobody_else_is_asked(server, two, tmp_path):
    server.answers(reasoning="Nothing to do.", confidence=0.7)
    decider = two()
    answer = decider.decide(tick(), 8)
    assert asked(server) == [CHEAP_MODEL] and server.requests[0].problem is None
    assert (answer.model, answer.direction, answer.reason_code) == (CHEAP_MODEL, "HOLD", "")
    assert (answer.reasoning, answer.confidence, answer.first) == ("Nothing to do.", 0.7, None)
    assert answer.usage.cost_usd == pytest.approx(server.billed_usd, abs=1e-6)
    assert spent(tmp_path) == [("reserve", CHEAP_MODEL, ""), ("settle", CHEAP_MODEL, "")]
    state = decider.state()
    assert (state.model, state.first_model, state.first_alone, state.asked_on) == (DEAR, CHEAP_MODEL, 1, 0)
    assert state.outcomes == {"ok": 1}


def test_a_direction_that_is_not_recommended_asks_nobody_else(server, two):
    server.answers(direction="LONG", entry_recommended=False)
    answer = two().decide(tick(), 8)
    assert asked(server) == [CHEAP_MODEL]
    assert (answer.direction, answer.entry_recommended) == ("LONG", False)


@pytest.mark.parametrize(
    ("second", "direction", "recommended"),
    [
        ({"direction": "LONG", "confidence": 0.8, "stop_pct": 0.2}, "LONG", True),
        ({"direction": "SHORT", "confidence": 0.8}, "SHORT", True),
        ({"direction": "HOLD"}, "HOLD", False),
    ],
)
def test_of_an_entry_the_second_has_the_say(server, two, tmp_path, second, direction, recommended):
    server.answers(direction="LONG", confidence=0.9, stop_pct=0.3, reasoning="canary of the first")
    server.answers(reasoning="second", **second)
    decider = two()
    answer = decider.decide(tick(), 8)
    assert asked(server) == BOTH and [request.problem for request in server.requests] == [None, None]
    assert (answer.model, answer.direction, answer.entry_recommended) == (DEAR, direction, recommended)
    assert (answer.reasoning, answer.stop_pct) == ("second", second.get("stop_pct"))
    assert answer.first is not None
    assert (answer.first.model, answer.first.advice, answer.first.confidence) == (CHEAP_MODEL, "LONG", 0.9)
    assert answer.cost_usd == pytest.approx(server.billed_usd, abs=2e-6)
    assert 0 < answer.first.usage.cost_usd < answer.usage.cost_usd < answer.cost_usd
    assert spent(tmp_path) == [(event, model, "") for model in BOTH for event in ("reserve", "settle")]
    assert "canary" not in server.requests[1].text  # S1: what a model said reaches no prompt
    assert (decider.state().first_alone, decider.state().asked_on) == (0, 1)
    assert decider.state().outcomes == {"ok": 1}


@pytest.mark.parametrize("advice", ["exit", "keep"])
def test_of_an_exit_too(server, two, advice):
    server.answers(exit_advice="exit").answers(exit_advice=advice)
    answer = two().decide(tick(position=held()), 8)
    assert asked(server) == BOTH
    assert answer.exit_advice == advice
    assert answer.first is not None and answer.first.advice == "EXIT"


def test_a_position_that_is_kept_asks_nobody_else(server, two):
    assert two().decide(tick(position=held()), 8).exit_advice == "keep"
    assert asked(server) == [CHEAP_MODEL]


def test_without_a_first_model_one_is_asked_as_before(server, deciding, tmp_path):
    server.answers(direction="LONG")
    answer = deciding().decide(tick(), 8)
    assert (asked(server), answer.first, answer.cost_usd) == ([DEAR], None, answer.usage.cost_usd)
    assert server.requests[0].body["model"] == DEAR


def test_both_are_sent_the_same_texts_and_each_its_own_settings(server, two, tmp_path):
    publish_lessons(tmp_path)
    server.answers(direction="LONG").answers(direction="LONG")
    two().decide(tick(), 8)
    first, second = (request.body for request in server.requests)
    assert [block["text"] for block in first["system"]] == [block["text"] for block in second["system"]]
    assert first["messages"] == second["messages"]
    assert first["output_config"] == second["output_config"]
    assert (first["thinking"], second["thinking"]) == ({"type": "disabled"}, {"type": "between_tools"})


# What is kept and logged


def test_both_requests_are_kept_and_named(server, two, tmp_path):
    server.answers(direction="LONG").answers(direction="LONG")
    decider = two()
    answer = decider.decide(tick(), 8)
    decider.close()
    at = instant(tick().at)
    assert answer.first is not None and answer.first.request_sha != answer.request_sha
    kept = [
        json.loads(read_request(tmp_path, at, sha)) for sha in (answer.first.request_sha, answer.request_sha)
    ]
    assert kept == [request.body for request in server.requests]


def test_a_retry_of_either_is_kept_once(server, two, tmp_path):
    server.fails(529, "overloaded_error").answers(direction="LONG")
    server.fails(529, "overloaded_error").answers(direction="LONG")
    decider = two(deadline_s=30.0)
    assert decider.decide(tick(), 30).direction == "LONG"
    decider.close()
    assert asked(server) == [CHEAP_MODEL] * 2 + [DEAR] * 2
    (path,) = (tmp_path / FOLDER).glob("*.csv")
    assert len(path.read_text().splitlines()) == 1 + 2


# Caches


def test_the_first_model_has_its_cache_and_the_second_none(server, two, tmp_path):
    publish_lessons(tmp_path)
    decider = two()
    for _ in range(2):
        server.answers(direction="LONG").answers(direction="LONG")
    one, other = (decider.decide(tick(), 8) for _ in range(2))
    marks = [["cache_control" in block for block in request.body["system"]] for request in server.requests]
    assert marks == [[True, True], [False, False]] * 2
    assert one.first is not None and other.first is not None
    assert other.first.usage.cache_read_tokens == one.first.usage.cache_write_tokens > 1_024
    assert (one.usage.cache_write_tokens, other.usage.cache_read_tokens) == (0, 0)
    state = decider.state()
    # What has no cache misses none, and hides none.
    assert state.cached_prefix_tokens == other.first.usage.cache_read_tokens
    assert (state.cache_hits, state.cache_misses, state.warnings) == (1, 0, [])


def test_the_first_model_caches_from_its_own_length_on(tmp_path):
    settings = ClaudeSettings(first_model=CHEAP_MODEL, min_cache_tokens=100_000)
    first = settings.first()
    assert first is not None
    prompt = compose(tick(), settings, tmp_path, TERMS)
    assert (prompt.breakpoints(), prompt.asked_first(first).breakpoints()) == ([False], [True])
    least = token_range(len(prompt.rules.encode())).least
    for shortest, marked in ((least, True), (least + 1, False)):
        longer = settings.model_copy(
            update={"min_cache_tokens": 0, "first_min_cache_tokens": shortest}
        ).first()
        assert longer is not None
        assert prompt.asked_first(longer).breakpoints() == [marked]
    assert problem_of(request(prompt.asked_first(first), first)) is None


# Faults of the first: HOLD, and nobody else is asked


@pytest.mark.parametrize(
    ("misbehave", "code"),
    [
        (lambda server: server.says("{"), "not_json"),
        (lambda server: server.says(reply_text(direction="LONG", confidence=3)), "range"),
        (lambda server: server.says(reply_text(direction="LONG"), "refusal"), "refusal"),
        (lambda server: server.says(reply_text(direction="LONG"), "max_tokens"), "max_tokens"),
        (lambda server: server.answers(exit_advice="exit"), "contradiction"),
        (lambda server: server.says(reply_text(direction="LONG"), model=DEAR), "other_model"),
        (lambda server: server.fails(404, "not_found_error"), "not_found"),
        (lambda server: server.fails(401, "authentication_error"), "authentication"),
        (lambda server: server.shows_page(), "not_the_api"),
    ],
)
def test_a_fault_of_the_first_is_hold_counted_once_and_asks_nobody_else(server, two, misbehave, code):
    misbehave(server)
    server.answers(direction="LONG", confidence=0.9)
    decider = two()
    answer = decider.decide(tick(), 8)
    assert (answer.direction, answer.entry_recommended, answer.reason_code) == ("HOLD", False, code)
    assert (answer.model, answer.first) == (CHEAP_MODEL, None)
    assert asked(server) == [CHEAP_MODEL]
    assert decider.state().outcomes == {code: 1}


def test_a_passing_fault_of_the_first_is_tried_once_more_and_then_hold(server, two):
    server.fails(529, "overloaded_error").fails(529, "overloaded_error").answers(direction="LONG")
    assert two().decide(tick(), 8).reason_code == "overloaded"
    assert asked(server) == [CHEAP_MODEL] * 2


@pytest.mark.serial
def test_a_first_that_is_late_is_hold_its_cost_is_learned_and_nobody_else_is_asked(server, two, tmp_path):
    decider = two(deadline_s=1.2, retry_needs_s=0.5)
    server.is_late(1.3, reply_text(direction="LONG", confidence=0.9))
    before = time.monotonic()
    answer = decider.decide(tick(), 8)
    assert time.monotonic() - before < 1.2
    assert (answer.direction, answer.reason_code, answer.model) == ("HOLD", "timeout", CHEAP_MODEL)
    until = time.monotonic() + 5
    while spend_of_day(tmp_path).reserved_usd and time.monotonic() < until:
        time.sleep(0.05)
    assert (spend_of_day(tmp_path).calls, spend_of_day(tmp_path).reserved_usd) == (1, 0)
    assert asked(server) == [CHEAP_MODEL]


# Faults of the second: HOLD, with what the first advised


@pytest.mark.parametrize(
    ("misbehave", "code"),
    [
        (lambda server: server.says("{"), "not_json"),
        (lambda server: server.says(reply_text(direction="LONG"), "refusal"), "refusal"),
        (lambda server: server.says(reply_text(direction="LONG"), model=CHEAP_MODEL), "other_model"),
        (lambda server: server.fails(402, "billing_error"), "billing"),
        (lambda server: server.fails(500).fails(500), "server_error"),
    ],
)
def test_a_fault_of_the_second_is_hold_with_what_the_first_advised(server, two, misbehave, code):
    server.answers(direction="LONG", confidence=0.95)
    misbehave(server)
    decider = two()
    answer = decider.decide(tick(), 8)
    assert (answer.direction, answer.entry_recommended, answer.confidence) == ("HOLD", False, 0.0)
    assert (answer.reason_code, answer.model) == (code, DEAR)
    assert answer.first is not None and answer.first.advice == "LONG"
    assert asked(server)[:2] == BOTH
    assert decider.state().outcomes == {code: 1}


@pytest.mark.serial
def test_with_too_little_time_left_the_second_is_not_asked_and_the_first_does_not_enter(server, two):
    decider = two(deadline_s=2.0, retry_needs_s=1.0)
    server.is_late(0.9, reply_text(direction="LONG", confidence=0.95)).answers(direction="LONG")
    answer = decider.decide(tick(), 8)
    assert (answer.direction, answer.entry_recommended, answer.reason_code) == ("HOLD", False, "timeout")
    assert (answer.model, answer.request_sha, answer.usage) == (DEAR, "", Usage())
    assert answer.first is not None and answer.first.advice == "LONG" and answer.cost_usd > 0
    assert asked(server) == [CHEAP_MODEL]


def test_what_must_be_left_for_the_second_is_what_the_settings_say(server, two, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr("runner.claude.decider.time.monotonic", lambda: clock[0])
    really = ApiCaller.start
    for left, models, reason in ((3.0, BOTH, ""), (2.99, [CHEAP_MODEL], "timeout")):
        server.requests.clear()
        server.answers(direction="LONG")
        decider, clock[0] = two(deadline_s=8.0, retry_needs_s=3.0), 100.0

        def start(self, arguments, ended, left=left):
            sending = really(self, arguments, ended)
            sending.result(10)
            clock[0] = 100.0 + 8.0 - 0.4 - left
            return sending

        with monkeypatch.context() as slow:
            slow.setattr(ApiCaller, "start", start)
            assert decider.decide(tick(), 8).reason_code == reason
        assert asked(server) == models
        decider.close()


def test_an_advice_whose_cost_is_unknown_is_an_advice():
    judged = Judgement(
        direction="LONG", entry_recommended=True, confidence=0.9, stop_pct=0.3, target_pct=0.6, valid_for_s=10.0, reasoning="so",
        exit_advice="keep",
    )  # fmt: skip
    entry = Asked(CHEAP_MODEL, ParsedReply(judged, "", None), "sha")
    assert first_answer(entry) == FirstAnswer(CHEAP_MODEL, "LONG", 0.9, "sha", Usage())


@pytest.mark.serial
@pytest.mark.parametrize("behaviour", ["hangs", "trickles"])
def test_one_deadline_is_over_both(server, two, behaviour):
    decider = two(deadline_s=2.5, retry_needs_s=0.5)
    server.is_late(0.5, reply_text(direction="LONG", confidence=0.9))
    getattr(server, behaviour)()
    before = time.monotonic()
    answer = decider.decide(tick(), 60)
    assert time.monotonic() - before < 2.5
    assert (answer.direction, answer.reason_code, answer.model) == ("HOLD", "timeout", DEAR)
    assert answer.first is not None


# Money


def worst_cases(settings: ClaudeSettings, folder) -> tuple[float, float]:
    """Of both calls, in dollars."""
    prompt, first = compose(tick(), settings, folder, TERMS), settings.first()
    assert first is not None
    return prompt.asked_first(first).worst_case_usd(first), prompt.worst_case_usd(settings)


def test_nothing_is_asked_without_room_for_both(server, two, settings, tmp_path):
    cheap, dear = worst_cases(settings(first_model=CHEAP_MODEL), tmp_path)
    assert cheap < dear / 5
    answer = two(daily_cap_usd=cheap + dear - 1e-6).decide(tick(), 8)
    assert (answer.reason_code, answer.first, server.requests) == ("budget", None, [])
    assert spend_of_day(tmp_path).calls == 0


def test_with_room_for_both_and_no_more_both_are_asked(server, two, settings, tmp_path):
    cheap, dear = worst_cases(settings(first_model=CHEAP_MODEL), tmp_path)
    server.answers(direction="LONG").answers(direction="LONG")
    assert two(daily_cap_usd=cheap + dear).decide(tick(), 8).direction == "LONG"
    assert asked(server) == BOTH


def test_the_number_of_calls_has_room_for_both_too(server, two):
    server.answers(direction="LONG").answers(direction="LONG")
    decider = two(max_calls_per_day=3)
    assert [decider.decide(tick(), 8).reason_code for _ in range(2)] == ["", "budget"]
    assert asked(server) == BOTH  # one call is left, and it may need two


def test_a_cap_that_is_reached_between_the_two_is_hold(server, two, settings, tmp_path):
    """The first cost more than its worst case, as with prices that are set wrong: the second has no room any more."""
    cheap, dear = worst_cases(settings(first_model=CHEAP_MODEL), tmp_path)
    server.says(
        reply_text(direction="LONG", confidence=0.9), usage={"input_tokens": 9_000_000, "output_tokens": 1}
    )
    decider = two(daily_cap_usd=cheap + dear)
    answer = decider.decide(tick(), 8)
    assert (answer.direction, answer.reason_code, answer.model) == ("HOLD", "budget", DEAR)
    assert answer.first is not None and (answer.first.advice, len(answer.first.request_sha)) == ("LONG", 64)
    assert answer.request_sha == ""  # nothing was sent to the second
    assert (asked(server), decider.state().overruns, decider.state().state) == ([CHEAP_MODEL], 1, "budget")
    again = decider.decide(tick(), 8)
    assert (again.reason_code, again.first, again.request_sha) == ("budget", None, "")


def test_a_second_try_of_the_first_needs_room_for_both_too(server, two, settings, tmp_path):
    """What a 500 may have cost stays reserved: then there is room for a second try alone, and not for what may follow it."""
    cheap, dear = worst_cases(settings(first_model=CHEAP_MODEL), tmp_path)
    server.fails(500).answers(direction="LONG").answers(direction="LONG")
    answer = two(daily_cap_usd=2 * cheap + dear - 1e-6).decide(tick(), 8)
    assert (answer.reason_code, asked(server)) == ("budget", [CHEAP_MODEL])
    assert spend_of_day(tmp_path).total_usd == pytest.approx(cheap)


def test_a_spend_file_that_cannot_be_written_between_the_two_is_hold(server, two, monkeypatch):
    really = SpendLedger.reserve

    def full(self, worst, model, *more):
        if model == DEAR:
            raise WriteFailedError("model_spend.csv: No space left on device")
        return really(self, worst, model, *more)

    monkeypatch.setattr(SpendLedger, "reserve", full)
    server.answers(direction="LONG")
    answer = two().decide(tick(), 8)
    assert (answer.direction, answer.reason_code, answer.model) == ("HOLD", "ledger", DEAR)
    assert answer.first is not None and answer.first.usage.cost_usd > 0


def test_the_cap_holds_over_a_day_of_both(server, two, tmp_path):
    decider = two({"now": lambda: datetime(2026, 1, 5, 12, tzinfo=UTC)}, daily_cap_usd=0.15)
    codes = []
    while "budget" not in codes and len(codes) < 200:
        server.answers(direction="LONG").answers(direction="LONG")
        codes.append(decider.decide(tick(), 8).reason_code)
    today = spend_of_day(tmp_path, datetime(2026, 1, 5, 12, tzinfo=UTC))
    assert codes[0] == "" and codes[-1] == "budget"
    assert server.billed_usd <= today.total_usd <= 0.15
    assert today.total_usd == pytest.approx(server.billed_usd, abs=1e-6 * today.calls)


# Refusals


def test_what_is_refused_of_the_second_is_told_once_and_stands_while_the_first_answers(server, two):
    told = []
    decider = two({"announce": lambda *words: told.append(words)}, blocked_retry_s=0.001)
    for _ in range(3):
        server.answers(direction="LONG").fails(403, "permission_error").answers()
        assert decider.decide(tick(), 8).reason_code == "permission"
        time.sleep(0.01)
        assert decider.decide(tick(), 8).reason_code == ""  # a HOLD of the first
        assert (decider.state().state, decider.state().reason) == ("blocked", "permission")
    assert [reason for reason, _ in told] == ["permission"]
    server.answers(direction="LONG").answers(direction="LONG")
    time.sleep(0.01)
    assert decider.decide(tick(), 8).direction == "LONG"
    assert decider.state().state == "ok"


def test_what_is_refused_of_both_is_over_when_either_answers(server, two):
    decider = two(blocked_retry_s=0.001)
    server.answers(direction="LONG").fails(402, "billing_error")
    assert decider.decide(tick(), 8).reason_code == "billing"
    time.sleep(0.01)
    assert decider.decide(tick(), 8).reason_code == ""
    assert decider.state().state == "ok"


def test_nobody_is_asked_at_all_while_the_api_refuses(server, two):
    server.answers(direction="LONG").fails(403, "permission_error")
    decider = two()
    assert [decider.decide(tick(), 8).reason_code for _ in range(3)] == ["permission", "blocked", "blocked"]
    assert asked(server) == BOTH


def test_two_models_open_one_client(two):
    before = set(threading.enumerate())
    two()
    assert {thread.name for thread in set(threading.enumerate()) - before} == {"claude-calls"}


def test_an_answer_knows_what_all_of_it_cost():
    assert Answer.hold("x", usage=Usage(cost_usd=0.25)).cost_usd == 0.25
