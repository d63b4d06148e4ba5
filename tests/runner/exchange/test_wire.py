"""The wire's three answers, and that no secret leaves it (docs/guarantees.md, S2)."""

from __future__ import annotations

import logging
import time
import traceback

import pytest

from runner.errors import VenueRefused, VenueUnknown
from runner.exchange.wire import RequestNotSent, Wire
from tests.fake_exchange.server import KEY, SECRET
from tests.runner.exchange.made import exchange_settings, keys

POSITION = ("private_get_v5_position_list", {"category": "linear", "symbol": "ETHUSDT"})


def test_no_secret_in_errors_logs_or_names(server, caplog):
    caplog.set_level(logging.DEBUG)
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
    assert wire._words(ValueError(f"bad {KEY} and {SECRET}")) == "ValueError: bad ******** and ********"


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
