"""Every 200 that is no message of the model that was asked, from a real server."""

from __future__ import annotations

import gzip
import json
import time

import pytest

from lib.market.terms import DEFAULT_TERMS
from runner.claude.bounded_client import MOST_BYTES
from runner.claude.caller import ApiCaller
from runner.claude.faults import Fault
from runner.claude.no_message import STATUS_OF_TYPE, is_of
from runner.claude.prompt import compose, request
from tests.messages_server import reply_text
from tests.runner.claude.made import tick


@pytest.fixture
def asked(settings, tmp_path):
    """What comes of one call."""
    callers = []

    def ask(**changed: object) -> Fault | bytes:
        configured = settings(**changed)
        callers.append(ApiCaller(configured))
        prompt = compose(tick(), configured, tmp_path, DEFAULT_TERMS)
        return callers[-1].start(request(prompt, configured), lambda found: found).result(5)

    yield ask
    for caller in callers:
        caller.close()


@pytest.mark.parametrize("kind", sorted(STATUS_OF_TYPE))
@pytest.mark.parametrize("headers", [{}, {"retry-after": "9"}])
def test_an_error_in_a_200_is_what_it_is_under_its_own_status(server, asked, kind, headers):
    server.fails(STATUS_OF_TYPE[kind], kind, headers).fails(200, kind, headers)
    under_its_status, in_a_200 = asked(), asked()
    changed = {"detail": under_its_status.detail}
    assert in_a_200.detail == f"HTTP 200 {kind}: told to fail"
    assert Fault(**vars(in_a_200) | changed) == under_its_status


def test_a_spend_limit_and_missing_credit_are_told_in_a_200_too(server, asked):
    server.fails(200, "rate_limit_error", {"retry-after": "9"}, code="enforced_spend_limit_reached")
    server.fails(200, "invalid_request_error", message="Your credit balance is too low")
    assert [(found.reason_code, found.blocks) for found in (asked(), asked())] == [("billing", True)] * 2


def test_all_types_of_the_sdk_are_known():
    import typing

    from anthropic.types.shared import ErrorObject

    union, _ = typing.get_args(ErrorObject)
    kinds = {typing.get_args(one.model_fields["type"].annotation)[0] for one in typing.get_args(union)}
    assert kinds <= set(STATUS_OF_TYPE)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"type": "error", "error": {"type": "new"}}, "new: no words"),
        ({"error": {"message": "no"}}, "error: no"),
        ({"type": "error", "error": 7}, "error: no words"),
        ({"error": {"type": ["new"], "details": {"error_code": 7}}}, "['new']: no words"),
    ],
)
def test_an_error_of_no_known_type_stops_calls_and_may_have_been_billed(server, asked, content, words):
    server.raw(200, json.dumps(content).encode())
    found = asked()
    assert (found.reason_code, found.billed, found.blocks, found.retry) == ("request", True, True, False)
    assert found.detail == f"HTTP 200 {words}"


@pytest.mark.parametrize("text", ["<html>Log in</html>", "\ufeff\n <!DOCTYPE html>", "<?xml version='1.0'?>"])
def test_a_page_is_not_the_api_and_is_not_billed(server, asked, text):
    server.shows_page(text=text)
    found = asked()
    assert (found.reason_code, found.billed, found.blocks, found.retry) == ("not_the_api", False, True, False)
    assert found.detail.startswith("HTTP 200: a web page or a redirect answered")
    assert f"base_url ({server.url} now)" in found.detail


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "unreadable"),
        (b"busy", "unreadable"),
        (b'{"type": "message", "model": "claude-so', "unreadable"),
        (b'{"type": "message"}\xff', "unreadable"),
        (b"[" * 100_000, "unreadable"),
        (b"null", "not_the_api"),
        (b"[]", "not_the_api"),
        (b"{}", "not_the_api"),
        (b'{"choices": [{"message": "LONG"}]}', "not_the_api"),
        (b'{"type": "completion"}', "not_the_api"),
        (b'{"type": "message"}', "other_model"),
        (b'{"type": "message", "model": 7}', "other_model"),
    ],
)
def test_what_else_comes_stops_calls_and_may_have_been_billed(server, asked, content, code):
    server.raw(200, content)
    found = asked()
    assert (found.reason_code, found.billed, found.blocks, found.retry) == (code, True, True, False)
    assert server.url in found.detail


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize(
    "content",
    [gzip.compress(b" " * 200_000_000 + b"{}", 1), b"{} that was never packed"],
    ids=["huge", "plain"],
)
def test_what_unpacks_to_too_much_or_not_at_all_is_cut_at_once(server, asked, content, status):
    server.answers()
    asked()  # the SDK is imported by now
    server.raw(status, content, {"content-encoding": "gzip"})
    began = time.process_time()
    found = asked()
    assert (found.reason_code, found.blocks) == ("unreadable" if status == 200 else "request", True)
    assert time.process_time() - began < 0.5  # unpacking all of it takes longer


def test_of_a_longer_answer_the_first_bytes_are_kept(server, asked):
    body = b'{"type": "message", "model": "claude-sonnet-5-5"}'.ljust(2 * MOST_BYTES)
    server.raw(200, body)
    assert asked() == body[:MOST_BYTES]


@pytest.mark.parametrize("key", ["model", "content", "stop_reason", "usage", "type"])
def test_a_key_that_stands_twice_in_the_message(server, asked, key):
    server.says_twice(key, None, reply_text(direction="LONG", confidence=0.9))
    found = asked()
    assert (found.reason_code, found.billed, found.blocks) == ("duplicate_key", True, True)


def test_another_models_answer_is_told_without_the_key_or_odd_characters(server, asked):
    name = f"claude-cheap\x1b[31m {'x' * 50} {server.key}"  # cut at 80 characters, it would show the beginning of the key
    server.says(reply_text(direction="LONG"), model=name)
    found = asked()
    assert (found.reason_code, found.billed, found.blocks) == ("other_model", True, True)
    assert "claude-sonnet-5-5 was asked and 'claude-cheap" in found.detail
    assert "sk-ant" not in found.detail and found.detail.isprintable()


@pytest.mark.parametrize("changed", [{}, {"model": "claude-sonnet-5-5-20261101"}])
def test_the_models_own_answer_is_taken(server, asked, changed):
    server.says(reply_text(), **changed)
    assert json.loads(asked())["type"] == "message"


@pytest.mark.parametrize(
    ("answered", "asked"),
    [
        ("claude-sonnet-5-5", "claude-sonnet-5-5"),
        ("claude-sonnet-5-5-20261101", "claude-sonnet-5-5"),
        ("claude-sonnet-5-5@20261101", "claude-sonnet-5-5"),
        ("claude-sonnet-5-5-20261101", "claude-sonnet-5-5-20261101"),
        ("claude-sonnet-5-5-20261101", "claude-sonnet-5-5-latest"),
        ("claude-sonnet-4-20250514", "claude-sonnet-4-0"),
        ("claude-sonnet-5-5", "anthropic/claude-sonnet-5-5"),
        ("anthropic/claude-sonnet-5-5-20261101", "claude-sonnet-5-5"),
    ],
)
def test_a_snapshot_of_a_name_is_that_model(answered, asked):
    assert is_of(answered, asked)


@pytest.mark.parametrize(
    ("answered", "asked"),
    [
        ("claude-haiku-5", "claude-sonnet-5-5"),
        ("claude-sonnet-5-5", "claude-sonnet-5"),
        ("claude-sonnet-5", "claude-sonnet-5-5"),
        ("claude-sonnet-5-5-mini", "claude-sonnet-5-5"),
        ("claude-sonnet-5-5-2026110", "claude-sonnet-5-5"),
        ("claude-sonnet-5-5-20261101-v2", "claude-sonnet-5-5"),
        ("claude-sonnet-5-5-20261102", "claude-sonnet-5-5-20261101"),
        ("claude-sonnet-5-5", "claude-sonnet-5-5-20261101"),
        ("", "claude-sonnet-5-5"),
        (None, "claude-sonnet-5-5"),
    ],
)
def test_any_other_name_is_another_model(answered, asked):
    assert not is_of(answered, asked)


def test_user_password_and_query_of_the_address_are_not_shown(server, asked):
    server.shows_page()
    address = server.url.replace("://", "://canary:canary@")
    found = asked(base_url=f"{address}/?token=canary")
    assert "canary" not in found.detail
