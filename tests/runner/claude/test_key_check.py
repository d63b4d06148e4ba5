"""A key is tried without a message being bought: the server bills nothing, whatever comes of it."""

from __future__ import annotations

import socket

import pytest
from pydantic import SecretStr

from runner.claude.key_check import check_key
from runner.claude.settings import ClaudeSettings
from tests.messages_server.server import MessagesServer


@pytest.fixture
def server():
    with MessagesServer() as running:
        yield running
        assert running.billed_usd == 0 and not running.requests


def settings(server: MessagesServer, **changed) -> ClaudeSettings:
    return ClaudeSettings(**({"base_url": server.url, "api_key": SecretStr(server.key)} | changed))


def test_a_key_that_is_taken(server):
    assert check_key(settings(server)) is None
    assert server.looked_up == ["claude-sonnet-5-5"]


def test_a_wrong_key_is_refused_and_not_shown(server):
    found = check_key(settings(server, api_key=SecretStr("sk-ant-wrong-key")))
    assert (found.reason_code, found.blocks) == ("authentication", True)
    assert "sk-ant-wrong-key" not in found.detail


def test_a_model_that_the_key_does_not_have(server):
    found = check_key(settings(server, model="claude-nobody-9"))
    assert found.reason_code == "not_found" and "claude-nobody-9" in found.detail


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        (lambda server: server.fails(529, "overloaded_error"), "overloaded"),
        (lambda server: server.fails(500), "server_error"),
        (lambda server: server.fails(429, "rate_limit_error"), "rate_limited"),
        (lambda server: server.shows_page(), "not_the_api"),
        (lambda server: server.shows_page(403), "not_the_api"),
        (lambda server: server.raw(302, b"", {"location": "http://127.0.0.1:9/"}), "not_the_api"),
        (lambda server: server.raw(200, b"[]"), "not_the_api"),
    ],
)
def test_other_answers(server, prepare, reason):
    prepare(server)
    found = check_key(settings(server))
    assert found.reason_code == reason
    assert reason != "not_the_api" or any(f"HTTP {status}: " in found.detail for status in (200, 302, 403))


def test_nobody_is_there():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening
        found = check_key(
            ClaudeSettings(
                base_url=f"http://127.0.0.1:{taken.getsockname()[1]}", api_key=SecretStr("sk-ant-x")
            )
        )
    assert found.reason_code == "connection"


def test_one_that_never_answers_is_given_up():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        found = check_key(ClaudeSettings(base_url=address, api_key=SecretStr("sk-ant-x")), limit_s=0.5)
    assert found.reason_code == "timeout"
