"""The table of causes, against what ccxt makes of real answers of the exchanges, sent by a server on localhost."""

from __future__ import annotations

import json
import sys

import ccxt
import pytest
from ccxt.base import exchange as wire
from typer.testing import CliRunner

from runner.cli import app
from runner.errors import ExchangeError
from runner.fetch.causes import _CLASSES, _STATUS, _WORDS, CAUSES, CODES, cause_of, error_line, explained
from tests.runner.fetch.fake_binance import Binance

#: What requests raises, which ccxt asks by.
LINE = sys.modules[wire.TooManyRedirects.__module__]
BYBIT = {"retMsg": "x", "result": {}, "retExtInfo": {}, "time": 1}
KRAKEN = "EAPI:Invalid key", "EAPI:Invalid signature", "EAPI:Invalid nonce", "EGeneral:Permission denied"


def raised(server: Binance, exchange: str, status: int, body: dict | str) -> Exception:
    """What ccxt raises for that answer."""
    server.gate = (status, body)
    asking = getattr(ccxt, exchange)({"timeout": 5_000})
    with pytest.raises(Exception, match=r".") as found:
        asking.fetch(f"http://127.0.0.1:{server.server_port}/api", "GET")
    asking.session.close()
    return found.value


@pytest.mark.parametrize(
    ("exchange", "status", "body", "cause"),
    [
        *(("bybit", 200, BYBIT | {"retCode": int(code)}, cause) for code, cause in CODES["bybit"].items()),
        *(
            ("binance", 400, {"code": int(code), "msg": "x"}, cause)
            for code, cause in CODES["binance"].items()
        ),
        *(
            ("okx", 200, {"code": code, "msg": "x", "data": []}, cause)
            for code, cause in CODES["okx"].items()
        ),
        *(
            ("kraken", 200, {"error": [error]}, cause)
            for error, cause in zip(KRAKEN, ("key", "secret", "clock", "permission"), strict=True)
        ),
        ("kraken", 200, {"error": ["EAPI:Rate limit exceeded"]}, "rate"),
        ("kraken", 200, {"error": ["EService:Unavailable"]}, "down"),
        ("bybit", 200, BYBIT | {"retCode": 110007}, "funds"),
        ("bybit", 200, BYBIT | {"retCode": 110007, "retExtInfo": {"list": [{"code": 10024}]}}, "funds"),
        ("bybit", 200, BYBIT | {"retCode": 110001}, "order"),
        ("bybit", 200, BYBIT | {"retCode": 10001, "retMsg": "position idx not match position mode"}, "mode"),
        ("bybit", 200, BYBIT | {"retCode": 999999}, "unknown"),
        ("bybit", 403, "<HTML>configured to block access from your country.</HTML>", "country"),
        ("bybit", 403, "access too frequent", "rate"),
        ("bybit", 403, "<html>no</html>", "forbidden"),
        ("binance", 451, {"code": 0, "msg": "Service unavailable from a restricted location"}, "country"),
        ("binance", 403, "<html>Request blocked</html>", "forbidden"),
        ("binance", 418, {"code": -1003, "msg": "Way too many requests; IP banned"}, "rate"),
        ("binance", 429, "", "rate"),
        ("okx", 403, "error code: 1009", "country"),
        ("kraken", 451, "Legal", "country"),
        ("coinbase", 503, "<html>busy</html>", "down"),
        ("kraken", 504, "", "down"),
        ("okx", 407, "Proxy Authentication Required", "proxy"),
        ("bybit", 403, {"message": "Forbidden"}, "forbidden"),
        ("bybit", 429, {"sorry": True}, "rate"),
        ("bybit", 500, {"sorry": True}, "down"),
        ("bybit", 400, {"sorry": True}, "request"),
        (
            "binance",
            400,
            {"code": -2010, "msg": "Account has insufficient balance for requested action."},
            "funds",
        ),
        ("okx", 404, "<html>Not found</html>", "gone"),
    ],
)
def test_an_answer_has_its_cause(server, exchange, status, body, cause):
    error = raised(server, exchange, status, body)
    assert cause_of(exchange, error) == cause
    told = explained(exchange, error)
    assert told.startswith(f"{exchange} {CAUSES[cause].words}. {CAUSES[cause].fix} (")
    if cause in ("country", "forbidden", "proxy"):
        assert CAUSES[cause].at_gate and not CAUSES[cause].passes


def test_the_command_ends_with_the_cause_and_asks_once(server, binance, tmp_path, monkeypatch):
    server.gate = (451, {"code": 0, "msg": "Service unavailable from a restricted location"})
    monkeypatch.setattr("runner.fetch.candles.open_exchange", lambda *_: binance)
    asked = ["--exchange", "binance", "--symbol", "ETH/USDT", "--since", "2025-01-01T00:00:00Z"]
    done = CliRunner().invoke(app, ["backfill", "--trading-data", str(tmp_path), *asked])
    assert isinstance(done.exception, ExchangeError) and done.exception.exit_code == 11
    assert CAUSES["country"].fix in str(done.exception) and server.gated == 1
    assert not list(tmp_path.glob("*.csv"))


def test_a_market_a_key_and_an_answer_that_is_none():
    assert cause_of("kraken", ccxt.BadSymbol("kraken does not have market symbol X")) == "symbol"
    assert cause_of("coinbase", ccxt.AuthenticationError('coinbase requires "apiKey" credential')) == "no_key"
    assert cause_of("okx", TypeError("'NoneType' is not subscriptable")) == "unreadable"
    assert cause_of("okx", ccxt.BadResponse("okx x")) == "unreadable"


def test_a_line_that_cannot_be_trusted_and_one_that_turns_in_circles(server, monkeypatch):
    exchange = ccxt.kraken()
    with pytest.raises(ccxt.BaseError) as found:
        exchange.fetch(f"https://127.0.0.1:{server.server_port}/")  # the server speaks plain HTTP
    assert cause_of("kraken", found.value) == "tls"

    def turning(*_, **__):
        raise LINE.TooManyRedirects

    monkeypatch.setattr(exchange.session, "request", turning)
    with pytest.raises(ccxt.BaseError) as found:
        exchange.fetch(f"http://127.0.0.1:{server.server_port}/")
    assert cause_of("kraken", found.value) == "unreadable"

    def garbled(*_, **__):
        raise LINE.ContentDecodingError

    monkeypatch.setattr(exchange.session, "request", garbled)
    with pytest.raises(ccxt.BaseError) as found:
        exchange.fetch(f"http://127.0.0.1:{server.server_port}/")
    assert cause_of("kraken", found.value) == "unreadable"  # and no word of the exchange's own is behind
    exchange.session.close()


def test_a_missing_right_is_told_without_what_ccxt_adds(server):
    error = raised(server, "bybit", 200, BYBIT | {"retCode": 10005, "retMsg": "Permission denied"})
    assert "Withdrawal" in str(error)  # what ccxt makes of it
    told = explained("bybit", error, asked="position")
    assert "withdraw" not in told.lower() and '(position: {"retMsg"' in told.replace(
        '{"retCode"', '{"retMsg"'
    )


def test_the_words_behind_are_one_printable_line_without_secrets():
    error = ccxt.ExchangeError("okx \x1b[2J\n" + "y" * 190 + " canary-secret {")
    line = error_line(error, lambda text: text.replace("canary-secret", "***"))
    assert line.isprintable() and len(line) <= 200 and "canary" not in line
    assert error_line(ValueError("bad\r\nthing")) == "ValueError: bad thing"


def test_each_cause_is_said_for_something_and_each_name_is_a_cause():
    named = {name for codes in CODES.values() for name in codes.values()} | {name for _, name in _WORDS}
    named |= {*_STATUS.values(), *_CLASSES.values(), "unreadable", "unit"}
    assert named == set(CAUSES)
    assert all(hasattr(ccxt, name) or hasattr(LINE, name) for name in _CLASSES)
    assert json.dumps([cause.words + cause.fix for cause in CAUSES.values()]).lower().count("withdraw") == 0
