"""Calls that hang, trickle and vanish never hold up who makes them, and are given up in the end."""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import CancelledError

import anthropic
import pytest

from lib.market.terms import DEFAULT_TERMS
from runner.claude.caller import MOST_CALLS, ApiCaller
from runner.claude.faults import Fault
from runner.claude.prompt import compose, request
from tests.runner.claude.made import tick
from tests.runner.waiting import wait_until

CALLS = "claude-calls"  # the name of the thread


@pytest.fixture
def calling(settings, tmp_path):
    callers = []

    def make(**changed: object):
        configured = settings(**changed)
        caller = ApiCaller(configured)
        caller.open()
        callers.append(caller)
        asked = request(compose(tick(), configured, tmp_path, DEFAULT_TERMS), configured)
        return caller, lambda ended=lambda found: found: caller.start(asked, ended)

    yield make
    for caller in callers:
        caller.close()


def test_the_body_comes_back_as_it_was_sent(server, calling):
    _, start = calling()
    odd = b'{"type": "message",  "model": "claude-sonnet-5-5", "odd": 1}'
    server.raw(200, odd)
    assert start().result(5) == odd


@pytest.mark.serial
@pytest.mark.parametrize("behaviour", ["hangs", "trickles"])
def test_a_silent_or_trickling_server_is_given_up(server, calling, behaviour):
    getattr(server, behaviour)()
    caller, start = calling(late_s=0.4)
    before = time.monotonic()
    found = start().result(5)
    assert isinstance(found, Fault)
    assert (found.reason_code, found.billed) == ("timeout", True)
    assert time.monotonic() - before < 2
    assert not caller.busy


def test_only_so_many_calls_are_on_their_way(server, calling):
    for _ in range(MOST_CALLS):
        server.hangs()
    caller, start = calling(late_s=0.5)
    flying = []
    for _ in range(MOST_CALLS):
        assert not caller.busy
        flying.append(start())
    assert caller.busy
    for call in flying:
        call.result(5)
    assert not caller.busy


def test_a_name_that_is_never_resolved_is_given_up_and_costs_nothing(calling, monkeypatch):
    released = threading.Event()

    def asleep(*_: object, **__: object) -> list:
        released.wait(20)
        raise socket.gaierror("released")

    monkeypatch.setattr(socket, "getaddrinfo", asleep)
    try:
        _, start = calling(base_url="https://api.example.com", late_s=1.2)
        found = start().result(5)
        assert isinstance(found, Fault)
        assert (found.reason_code, found.billed) == ("timeout", False)
    finally:
        released.set()


def test_nobody_listens(server, calling):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        _, start = calling(base_url=f"http://127.0.0.1:{nobody.getsockname()[1]}")
        found = start().result(5)
    assert isinstance(found, Fault)
    assert (found.reason_code, found.billed, found.retry) == ("connection", False, True)


@pytest.mark.parametrize("after", [0, 40])
def test_a_connection_that_breaks_may_have_been_billed(server, calling, after):
    server.drops(after)
    _, start = calling()
    found = start().result(5)
    assert isinstance(found, Fault)
    assert (found.reason_code, found.billed, found.retry) == ("connection", True, True)


def test_a_redirect_is_not_followed_because_the_key_would_go_along(server, calling):
    server.raw(307, b"", {"location": f"{server.url}/v1/messages?elsewhere"})
    _, start = calling()
    found = start().result(5)
    assert isinstance(found, Fault)
    assert (found.reason_code, found.blocks) == ("not_the_api", True)
    assert len(server.requests) == 1


def test_closing_gives_up_what_is_on_its_way(server, calling):
    server.hangs().hangs()
    before = set(threading.enumerate())
    caller, start = calling(late_s=60)
    (thread,) = named(CALLS) - before
    assert thread.daemon  # a program that is done does not wait for an answer
    told = []
    calls = [start(told.append) for _ in range(2)]
    wait_until(lambda: len(server.requests) == 2)
    caller.close()
    for call in calls:
        with pytest.raises(CancelledError):
            call.result(5)
    assert told == []
    assert not thread.is_alive()
    caller.close()  # harmless


def named(name: str) -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == name}


def test_the_sdk_does_not_try_again_nor_tell_what_was_asked(settings, monkeypatch):
    made, real = [], anthropic.AsyncAnthropic
    monkeypatch.setattr(anthropic, "AsyncAnthropic", lambda **told: made.append(told) or real(**told))
    caller = ApiCaller(settings(late_s=9))
    caller.open()
    caller.close()
    ((told,), late) = made, anthropic.Timeout(9, connect=3)
    assert (told["max_retries"], told["open_telemetry"], told["timeout"]) == (0, False, late)
