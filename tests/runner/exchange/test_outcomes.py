"""What an answer, an error or a clock that is off means for what was asked of the venue; the client is set by hand."""

from __future__ import annotations

import logging

import ccxt
import pytest

from runner.errors import VenueRefused, VenueUnknown
from runner.exchange.settings import ExchangeSettings
from runner.exchange.wire import RequestNotSent, Wire
from runner.processes.bounded import CallTimeout
from tests.runner.exchange.made import keys


class AtOnce:
    """Calls at once; remembers how long each call was given."""

    def __init__(self) -> None:
        self.busy, self.given = False, []

    def run(self, called, seconds):
        self.given.append(seconds)
        return called()


class Client:
    """`answers`: what the next requests give or raise; `clocks` the same of the venue's time."""

    id = "bybit"

    def __init__(self, answers, clocks=()) -> None:
        self.answers, self.clocks, self.asked = list(answers), list(clocks), []

    def act(self, request):
        return self._next("act", request, self.answers)

    def load_time_difference(self):
        self._next("clock", None, self.clocks or [0])

    def _next(self, name, request, told):
        self.asked.append((name, request))
        found = told.pop(0)
        if isinstance(found, Exception):
            raise found
        return found


def wire(*answers, clocks=(), **settings):
    made = Wire(ExchangeSettings(symbol="ETHUSDT", **settings), keys())
    made._exchange, made._bounded = Client(answers, clocks), AtOnce()
    return made


@pytest.mark.parametrize(("network", "is_test"), [("testnet", True), ("mainnet", False)])
def test_the_client_is_made_as_the_settings_say(network, is_test):
    client = Wire(
        ExchangeSettings(symbol="ETHUSDT", network=network, receive_window_ms=4_000), keys()
    )._exchange
    assert (client.apiKey, client.secret) == ("fake-key-CANARY", "fake-secret-CANARY")
    assert (client.timeout, client.options["recvWindow"], client.enableRateLimit) == (1_600, 4_000, True)
    urls = client.urls["api"].values()
    assert all(("testnet" in url) == is_test for url in urls)
    assert urls


def test_the_clients_debug_lines_which_hold_the_key_are_off(caplog):
    caplog.set_level(logging.DEBUG, "ccxt.base.exchange")
    client = Wire(ExchangeSettings(symbol="ETHUSDT"), keys())._exchange
    assert client.logger.name == "ccxt.base.exchange"
    assert not client.logger.isEnabledFor(logging.DEBUG)


def test_the_clock_is_set_once_before_the_first_request():
    made = wire({"result": {"a": 1}}, {"result": {}})
    assert made.ask("act", {"x": 1}) == {"a": 1}
    assert made.ask("act", {}) == {}
    assert made._exchange.asked == [("clock", None), ("act", {"x": 1}), ("act", {})]


@pytest.mark.parametrize("answer", [None, [], {}, {"result": []}, {"result": None}])
def test_an_answer_without_a_result_is_none(answer):
    with pytest.raises(VenueUnknown):
        wire(answer).ask("act", {})


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (ccxt.AuthenticationError("no"), VenueRefused),
        (ccxt.PermissionDenied("no"), VenueRefused),
        (ccxt.InsufficientFunds("no"), VenueRefused),
        (ccxt.InvalidOrder("no"), VenueRefused),
        (ccxt.BadRequest("no"), VenueRefused),
        (ccxt.InvalidNonce("no"), RequestNotSent),
        (ccxt.InvalidOrder('{"retCode":110072,"retMsg":"OrderLinkedID is duplicate"}'), VenueUnknown),
        (ccxt.ExchangeError("no"), VenueUnknown),
        (ccxt.ExchangeNotAvailable("no"), VenueUnknown),
        (ccxt.RequestTimeout("no"), VenueUnknown),
        (KeyError("no"), VenueUnknown),
        (CallTimeout("no"), VenueUnknown),
    ],
)
def test_only_what_leaves_no_doubt_is_a_no(error, outcome):
    with pytest.raises(outcome) as raised:
        wire(error).ask("act", {})
    assert type(raised.value) is outcome
    assert "act" in str(raised.value)


def test_a_stamp_that_was_dropped_has_the_clock_set_anew():
    made = wire(ccxt.InvalidNonce("no"), {"result": {}}, {"result": {}})
    with pytest.raises(RequestNotSent):
        made.ask("act", {})
    made.ask("act", {})
    made.ask("act", {})
    assert [name for name, _ in made._exchange.asked] == ["clock", "act", "clock", "act", "act"]


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (ccxt.NetworkError("no"), RequestNotSent),
        (ccxt.InvalidNonce("no"), RequestNotSent),
        (KeyError("no"), RequestNotSent),
        (CallTimeout("no"), RequestNotSent),
        (ccxt.AuthenticationError("no"), VenueRefused),
    ],
)
def test_without_the_venues_time_nothing_is_asked_and_it_is_asked_for_again(error, outcome):
    made = wire({"result": {}}, clocks=[error, 0])
    with pytest.raises(outcome, match="time") as raised:
        made.ask("act", {})
    assert type(raised.value) is outcome
    assert made._exchange.asked == [("clock", None)]
    assert made.ask("act", {}) == {}
    assert [name for name, _ in made._exchange.asked] == ["clock", "clock", "act"]


def test_while_one_is_out_nothing_is_asked():
    made = wire({"result": {}})
    made._bounded.busy = True
    assert made.busy
    with pytest.raises(RequestNotSent, match="an earlier request is still out"):
        made.ask("act", {})
    assert made._exchange.asked == []


def test_a_request_takes_no_longer_than_its_own_time_or_what_is_left_of_all(monkeypatch):
    now = [1_000.0]
    monkeypatch.setattr("runner.exchange.wire.time.monotonic", lambda: now[0])
    made = wire(*[{"result": {}}] * 9, call_s=2.0)
    made.ask("act", {})
    with made.within(3.0):
        for seconds in (0.0, 0.5, 1.5):
            now[0] += seconds
            made.ask("act", {})
        now[0] += 1.0
        with pytest.raises(RequestNotSent, match="the time is used up"):
            made.ask("act", {})
    assert made._bounded.given == [2.0, 2.0, 2.0, 2.0, 1.0]
