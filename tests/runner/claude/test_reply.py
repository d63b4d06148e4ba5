"""Every way in which a 200 falls short."""

from __future__ import annotations

import json

import pytest

from lib.market.terms import DEFAULT_TERMS
from runner.claude.answering import answer_of
from runner.claude.asking import Asked
from runner.claude.reply import read_reply
from runner.claude.settings import ClaudeSettings
from runner.trade.models import Answer, Usage
from tests.messages_server import reply_text

SETTINGS = ClaudeSettings()
USAGE = {
    "input_tokens": 1_000,
    "output_tokens": 100,
    "cache_read_input_tokens": 2_000,
    "cache_creation_input_tokens": 0,
}
LONG = reply_text(direction="LONG", confidence=0.8)


def body(text: str = LONG, stop: object = "end_turn", **fields: object) -> bytes:
    message = {
        "type": "message",
        "content": [{"type": "text", "text": text}],
        "stop_reason": stop,
        "usage": USAGE,
    }
    return json.dumps(message | fields).encode()


def reason(content: bytes) -> str:
    return read_reply(content, SETTINGS, False, DEFAULT_TERMS).reason_code


def test_a_good_reply_with_its_cost():
    answer = answer_of(
        Asked("claude-sonnet-5-5", read_reply(body(), SETTINGS, False, DEFAULT_TERMS), ""), "abc"
    )
    assert (answer.direction, answer.entry_recommended, answer.confidence, answer.reason_code) == (
        "LONG",
        True,
        0.8,
        "",
    )
    assert (answer.model, answer.prompt_sha) == ("claude-sonnet-5-5", "abc")
    assert answer.usage == Usage(1_000, 100, 2_000, 0, 0.0034)


@pytest.mark.parametrize(
    ("stop", "code"),
    [
        ("max_tokens", "max_tokens"),
        ("refusal", "refusal"),
        ("pause_turn", "pause_turn"),
        ("tool_use", "tool_use"),
        ("stop_sequence", "stop_sequence"),
        ("model_context_window_exceeded", "context_window"),
        ("tired", "stop_unknown"),
        (None, "stop_missing"),
    ],
)
def test_every_stop_reason_but_one_is_hold_though_the_text_is_good(stop, code):
    read = read_reply(body(stop=stop), SETTINGS, False, DEFAULT_TERMS)
    assert (read.judgement, read.reason_code) == (None, code)
    assert read.usage is not None  # and is paid for
    assert answer_of(Asked("m", read, ""), "abc") == Answer.hold(
        code, model="m", prompt_sha="abc", usage=read.usage
    )


def test_the_stop_reasons_of_the_sdk_are_all_known():
    from typing import get_args

    from anthropic.types import StopReason

    from runner.claude.reply import STOPS

    assert set(get_args(StopReason)) == {"end_turn", *STOPS}


def test_the_fields_judged_are_told_by_their_own_words():
    assert reason(body("{")) == "not_json"
    assert reason(body(reply_text(confidence=7))) == "range"
    assert reason(body(reply_text(entry_recommended=True))) == "contradiction"


@pytest.mark.parametrize("content", [body(content=[], stop=None), body(content=[]), body(""), body("  \n")])
def test_hollow(content):
    assert reason(content) == "hollow"


@pytest.mark.parametrize("content", [body(stop=7), body(content="LONG"), body(content=[7])])
def test_unreadable(content):
    assert reason(content) == "unreadable"


def test_thinking_is_not_read_and_texts_are_one_text():
    blocks = [
        {"type": "thinking", "thinking": LONG, "signature": "x"},
        {"type": "redacted_thinking", "data": "y"},
        {"type": "text", "text": LONG[:50]},
        {"type": "text", "text": LONG[50:]},
    ]
    assert read_reply(body(content=blocks), SETTINGS, False, DEFAULT_TERMS).judgement is not None
    assert reason(body(content=blocks[:2])) == "hollow"


@pytest.mark.parametrize(
    "usage",
    [
        None,
        {},
        [],
        {"input_tokens": 5},
        USAGE | {"input_tokens": -1},
        USAGE | {"output_tokens": "3"},
        USAGE | {"output_tokens": 1.5},
        USAGE | {"input_tokens": 10**8},
        USAGE | {"output_tokens": 10**400},  # too much for a float
    ],
)
def test_tokens_that_cannot_be_believed_leave_the_cost_unknown(usage):
    read = read_reply(body(usage=usage), SETTINGS, False, DEFAULT_TERMS)
    assert read.usage is None
    assert read.judgement is not None
    assert answer_of(Asked("m", read, ""), "").usage == Usage()


def test_tokens_of_an_answer_that_is_none_are_counted():
    assert read_reply(body(content="LONG"), SETTINGS, False, DEFAULT_TERMS).usage == Usage(
        1_000, 100, 2_000, 0, 0.0034
    )


def test_every_field_of_a_judgement_is_passed_on():
    told = {"stop_pct": 0.2, "target_pct": 0.5, "valid_for_s": 7, "exit_advice": "exit", "reasoning": "a\nb"}
    read = read_reply(
        body(reply_text(direction="SHORT", confidence=0.7, **told)), SETTINGS, True, DEFAULT_TERMS
    )
    assert answer_of(Asked("m", read, "def"), "abc") == Answer(
        "SHORT",
        True,
        0.7,
        0.2,
        0.5,
        7.0,
        "a b",
        "exit",
        "",
        "m",
        "abc",
        "def",
        Usage(1_000, 100, 2_000, 0, 0.0034),
    )


@pytest.mark.parametrize(
    ("cache", "usage"),
    [
        ({}, Usage(1_000, 100, 0, 0, 0.003)),
        (
            {"cache_read_input_tokens": None, "cache_creation_input_tokens": None},
            Usage(1_000, 100, 0, 0, 0.003),
        ),
        ({"cache_creation_input_tokens": 500}, Usage(1_000, 100, 0, 500, 0.005)),
    ],
)
def test_tokens_of_the_cache_that_are_not_told_are_none(cache, usage):
    told = {"input_tokens": 1_000, "output_tokens": 100} | cache
    assert read_reply(body(usage=told), SETTINGS, False, DEFAULT_TERMS).usage == usage
