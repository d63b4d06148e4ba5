"""An exchange that is looked at, and its history fetched: against one on this machine."""

from __future__ import annotations

import socket
import time

import pytest

from lib.contract import schema
from lib.data.decisions import load_decisions
from lib.data.loaders import load_samples
from lib.errors import DataError, ParameterError
from lib.market.terms import Terms
from runner.collect.settings import CollectSettings
from runner.errors import ExchangeError, LockedError
from runner.files.lock import WriterLock
from runner.setup.checks import check_exchange
from runner.setup.history import fetch, is_empty, refuse_other_market, source_of
from tests.signal_venue import SignalMarket, SignalVenue


@pytest.fixture(scope="module")
def venue():
    with SignalVenue(SignalMarket(time.time() // 300 * 300)) as running:
        yield running


def settings(venue: SignalVenue, **changed) -> CollectSettings:
    given = {"source": "exchange", "exchange": "binance", "symbol": "ETH/USDT"}
    return CollectSettings(**given | {"exchange_address": venue.address} | changed)


@pytest.mark.parametrize("symbol", ["ETH/USDT", "ETHUSDT"])
def test_an_exchange_that_answers(venue, symbol):
    (told, *more) = check_exchange(settings(venue, symbol=symbol))
    assert told.startswith("ok: binance answers, ETH/USDT is at 25") and more == []


@pytest.mark.parametrize(
    ("changed", "error", "words"),
    [
        ({"exchange": "binanse"}, ParameterError, "binance"),
        ({"symbol": "ETC/USDT"}, ParameterError, "ETC"),
    ],
)
def test_one_that_there_is_not(venue, changed, error, words):
    with pytest.raises(error, match=words):
        list(check_exchange(settings(venue, **changed)))


def test_one_that_does_not_answer(venue):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
        with pytest.raises(ExchangeError):
            list(check_exchange(settings(venue, exchange_address=address)))


def test_history_with_the_decisions_of_the_rules(venue, tmp_path):
    assert is_empty(tmp_path)
    done = fetch(settings(venue), tmp_path, 5.0, Terms(), rules=True, quiet=True)
    assert done.symbol == "ETHUSDT" and not is_empty(tmp_path)
    samples = load_samples(tmp_path, "15min", None, None)[0]
    assert samples["quality"].iloc[-1] == "ok" and samples["quality"].iloc[0] == "partial"
    assert (load_decisions(tmp_path, None, None)[0]["model"] == "rules").all()
    again = fetch(settings(venue), tmp_path, 1.0, Terms(), rules=True, quiet=True)
    assert again.files["ema_data_5min.csv"]["rows"] <= 3  # what has passed since


def test_history_for_claude_has_no_decisions(venue, tmp_path):
    fetch(settings(venue), tmp_path, 0.5, Terms(), rules=False, quiet=True)
    assert not (tmp_path / schema.DECISIONS_FILE).exists()
    refuse_other_market(tmp_path, "ETHUSDT")
    with pytest.raises(DataError, match="samples of ETHUSDT, not of BTCUSDT"):
        refuse_other_market(tmp_path, "BTCUSDT")


def test_a_folder_that_is_written_is_refused_before_anything_is_fetched(venue, tmp_path):
    before = len(venue.asked)
    with WriterLock(tmp_path / "ema_data_5min.csv"), pytest.raises(LockedError):
        fetch(settings(venue), tmp_path, 1.0, Terms(), rules=False, quiet=True)
    assert len(venue.asked) == before


def test_the_history_of_a_chart_is_that_of_the_exchange_it_names(venue, tmp_path):
    chart = settings(venue, source="chart", symbol="ETHUSDT", page_symbol="BINANCE:ETHUSDT", exchange="okx")
    found = source_of(chart)
    assert (found.source, found.exchange, found.symbol) == ("exchange", "binance", "ETHUSDT")
    assert fetch(found, tmp_path, 0.1, Terms(), rules=False, quiet=True).symbol == chart.market == "ETHUSDT"
    assert source_of(chart.model_copy(update={"page_symbol": "ETHUSDT"})) is None
