"""The wire's three answers, and that no secret leaves it (docs/guarantees.md, S2)."""

from __future__ import annotations

import logging
import time
import traceback

import pytest

from runner.errors import VenueRefused, VenueUnknown
from runner.exchange.wire import RequestNotSent, Wire
from tests.fake_exchange.account import Refusal
from tests.fake_exchange.server import KEY, SECRET
from tests.runner.exchange.made import exchange_settings, keys

POSITION = ("private_get_v5_position_list", {"category": "linear", "symbol": "ETHUSDT"})


def test_no_secret_in_errors_logs_or_names(server, caplog):
    # A wire made earlier in this process has quietened the second.
    for logger in (None, "ccxt.base.exchange"):
        caplog.set_level(logging.DEBUG, logger)
    wire = Wire(exchange_settings(server), keys())
    seen = [repr(wire), repr(wire._exchange), str(keys()), repr(keys())]
    server.faults["position/list"] = [10003, "garbage", "500_after", "drop_after", "hollow"]
    for _ in range(5):
        with pytest.raises((VenueRefused, VenueUnknown)) as raised:
            wire.ask(*POSITION)
        seen.append("".join(traceback.format_exception(raised.value)))
    wire.ask(*POSITION)
    for text in (*seen, caplog.text):
        assert KEY not in text
        assert SECRET not in text


def test_a_venue_that_repeats_the_key_is_redacted(server):
    wire = Wire(exchange_settings(server), keys())
    real = server.account.position

    def repeating():
        raise Refusal(
            10003, f"{'x' * 120} {KEY} {SECRET}"
        )  # cut at 200 characters, it would show the beginning of one

    server.account.position = repeating
    with pytest.raises(VenueRefused, match=r"\*{8}") as raised:
        wire.ask(*POSITION)
    assert "fake-" not in str(raised.value)
    server.account.position = real


#: What the venue or its gateway answers, what we say of it, and what it says itself.
REFUSALS = [
    (10003, "does not know this API key", "as ordered"),
    (10004, "the signature is wrong", "as ordered"),
    (10005, "rights to read and to trade contracts", "as ordered"),
    (10007, "does not know this API key", "as ordered"),
    (10008, "has closed this account", "as ordered"),
    (10009, "has banned this machine", "as ordered"),
    (10010, "from other internet addresses only", "as ordered"),
    (10024, "does not serve the country", "as ordered"),
    (10027, "has closed this account", "as ordered"),
    (10028, "a unified trading account", "as ordered"),
    (33004, "has expired", "as ordered"),
    (110007, "too little free margin", "as ordered"),
    ("country", "does not serve the country", "CloudFront"),
    ("legal", "does not serve the country", "Legal Reasons"),
    ("forbidden", "at its gateway", "Access denied"),
    ("proxy", "a proxy on the way", "Proxy Authentication"),
]


@pytest.mark.parametrize(("fault", "ours", "theirs"), REFUSALS)
def test_a_refusal_is_told_with_its_cause_what_to_do_and_the_venues_words(server, fault, ours, theirs):
    wire = Wire(exchange_settings(server), keys())
    wire.ask(*POSITION)
    server.faults["position/list"] = [fault]
    with pytest.raises(VenueRefused) as raised:
        wire.ask(*POSITION)
    told = str(raised.value)
    assert not isinstance(raised.value, RequestNotSent)
    assert told.startswith("bybit ") and ours in told and told.index(ours) < told.index(theirs)
    assert "private_get_v5_position_list" in told and told.isprintable()
    for never in ("withdraw", "transfer", "rate limit", "ratelimit"):
        assert never not in told.lower()


@pytest.mark.parametrize(
    ("fault", "ours"),
    [
        ("busy", "is asked too often"),
        ("frequent", "is asked too often"),
        (10006, "is asked too often"),
        (10018, "is asked too often"),
        ("500_before", "is down"),
        (10016, "is down"),
        ("drop_before", "does not answer"),
        ("page", "no answer of an exchange"),
        ("garbage", "no answer of an exchange"),
    ],
)
def test_what_may_have_been_done_is_unknown_and_told_in_our_words_too(server, fault, ours):
    wire = Wire(exchange_settings(server), keys())
    wire.ask(*POSITION)
    server.faults["position/list"] = [fault]
    with pytest.raises(VenueUnknown, match=ours):
        wire.ask(*POSITION)


def test_stamps_are_corrected_by_the_venues_clock(server):
    server.strict_time = True
    server.account.now_ms = lambda: time.time_ns() // 1_000_000 + 3_600_000
    wire = Wire(exchange_settings(server), keys())
    assert wire.ask(*POSITION)["list"]
    server.account.now_ms = lambda: time.time_ns() // 1_000_000  # its clock, or ours, was set
    with pytest.raises(RequestNotSent, match="clock"):
        wire.ask(*POSITION)
    assert wire.ask(*POSITION)["list"]


@pytest.mark.serial
def test_one_that_hangs_is_left_behind_and_nothing_else_is_asked_meanwhile(server):
    wire = Wire(exchange_settings(server, call_s=0.5), keys())
    wire.ask(*POSITION)
    wire._exchange.timeout = 5_000  # a venue that drips can hold a request longer than its time-out
    server.faults["position/list"] = ["hang_before"]
    began = time.monotonic()
    with pytest.raises(VenueUnknown, match="in time"):
        wire.ask(*POSITION)
    assert wire.busy
    with pytest.raises(RequestNotSent):
        wire.ask(*POSITION)
    assert time.monotonic() - began < 0.9
    assert server.count("position/list") == 2


def test_what_lies_outside_the_time_given_is_not_asked(server):
    wire = Wire(exchange_settings(server), keys())
    with wire.within(0.0), pytest.raises(RequestNotSent):
        wire.ask(*POSITION)
    assert not server.asked
