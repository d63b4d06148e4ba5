"""Candles through ccxt, from a real server on localhost that answers as Binance does."""

from __future__ import annotations

import time
from email.utils import formatdate

import pandas as pd
import pytest

from lib.errors import DataError, ParameterError
from runner.errors import ExchangeError, NoCandlesError
from runner.fetch.candles import fetch_history, open_exchange
from runner.fetch.exchange_clock import closed_by
from runner.fetch.merging import flat_made
from tests.runner.fetch.fake_binance import HALT, LISTED, START, Binance, at, minute_kline


def test_pages_gap_and_the_unfinished_candle(server: Binance, binance) -> None:
    passed: list[int] = []
    # It is 3,899 minutes and a half after the start: the candle of minute 3,899 is still open.
    history = fetch_history(binance, "ETH/USDT", START, at(3_899.5), passed.append)
    expected = [minute for minute in range(LISTED, 3_899) if minute not in HALT]
    assert history.candles.index.tolist() == [at(minute) for minute in expected]
    assert history.minutes == 1
    assert history.decimals == 2
    assert history.candles.iloc[0].tolist() == [2015.0, 2016.0, 2014.0, 2015.5, 12.5]
    assert history.set_aside == {"unfinished": 1}
    assert len(server.asked) >= 3
    assert sum(passed) == 3_899


def test_until_ends_it_and_an_empty_stretch_is_stepped_over(binance) -> None:
    history = fetch_history(binance, "ETH/USDT", at(1_600), at(1_610))
    assert history.candles.index.tolist() == [at(minute) for minute in range(1_600, 1_610)]
    with pytest.raises(ExchangeError, match="no candles"):
        fetch_history(binance, "ETH/USDT", START, at(100))


def test_slow_down_is_obeyed_and_tried_again(server: Binance, binance) -> None:
    server.refusals = [
        (429, {"code": -1003, "msg": "Too many requests"}),
        (503, {}),
        (418, {"code": -1003, "msg": "banned"}),
    ]
    history = fetch_history(binance, "ETH/USDT", at(1_600), at(1_610), first_wait=0.01)
    assert len(history.candles) == 10
    assert len(server.asked) == 4


def test_silence_and_refusal_are_errors(server: Binance, binance) -> None:
    server.refusals = [(429, {"code": -1003, "msg": "Too many requests"})] * 6
    with pytest.raises(ExchangeError, match=r"is asked too often from here.*asked 6 times"):
        fetch_history(binance, "ETH/USDT", at(1_600), at(1_610), first_wait=0.001)
    server.refusals = [(400, {"code": -1102, "msg": "Mandatory parameter"})]
    with pytest.raises(ExchangeError, match=r"does not take this request.*Mandatory parameter"):
        fetch_history(binance, "ETH/USDT", at(1_600), at(1_610))
    with pytest.raises(ParameterError, match="knows no ETH/EUR: write it like ETH/USDT; near it: ETH/USDT"):
        fetch_history(binance, "ETH/EUR", at(1_600), at(1_610))


class Newest:
    """An exchange that answers with its newest 720 candles, whatever it is asked."""

    id = "kraken"

    def __init__(self, lacking: tuple[int, ...] = (), unsound: tuple[int, ...] = ()) -> None:
        self.lacking, self.unsound = lacking, unsound
        self.options: dict[str, object] = {}

    def fetch_ohlcv(self, symbol: str, timeframe: str, since: int, limit: int) -> list[list[float]]:
        first = 3_000 - 720
        minutes = [minute for minute in range(first, 3_000) if minute not in self.lacking]
        rows = [[round(at(minute).timestamp() * 1_000), 100.0, 101.0, 99.0, 100.0, 1.0] for minute in minutes]
        for row, minute in zip(rows, minutes, strict=True):
            row[3] = 0.0 if minute in self.unsound else row[3]
        return [row for row in rows if row[0] >= since][:limit]


@pytest.mark.parametrize("tells_time", [True, False])
def test_a_candle_has_closed_by_the_exchanges_clock_too(server: Binance, binance, tells_time: bool) -> None:
    """To a clock that is ahead a running candle looks like a whole one."""
    if not tells_time:  # the head of an answer has it
        binance.has["fetchTime"] = False
    server.clock_off_s = at(2_000.5).timestamp() - time.time()
    history = fetch_history(binance, "ETH/USDT", at(1_990), at(2_030))
    assert history.candles.index[-1] == at(1_999)
    assert history.set_aside == {"unfinished": 30}
    (note,) = history.notes
    assert "s ahead of binance's, so candles are taken until 2025-01-02T09:20:" in note and "NTP" in note


def test_a_clock_that_is_behind_is_said_where_all_until_now_was_asked_for(server: Binance, binance) -> None:
    server.clock_off_s = 600.0
    now = pd.Timestamp.now("UTC").as_unit("us")
    assert fetch_history(binance, "ETH/USDT", at(1_990), at(2_030)).notes == ()
    _, notes = closed_by(binance, now, time.time(), (0.0, 0.0))
    assert "this machine's clock is 600.0 s behind binance's" in notes[0] and "NTP" in notes[0]


def test_no_candles_for_a_clock_that_is_ahead_are_told_as_that(server: Binance, binance) -> None:
    server.clock_off_s = at(1_000).timestamp() - time.time()
    with pytest.raises(NoCandlesError, match=r"no candles of ETH/USDT in that time.*ahead of binance's.*NTP"):
        fetch_history(binance, "ETH/USDT", at(4_000), at(4_010))


def test_only_the_type_of_market_that_is_asked_for_is_listed(server: Binance, binance) -> None:
    """Where contracts are barred, candles of spot markets come all the same."""
    binance.options["fetchMarkets"] = {"types": ["spot", "linear", "inverse"]}
    binance.urls["api"]["fapiPublic"] = binance.urls["api"]["dapiPublic"] = "http://127.0.0.1:1"
    assert len(fetch_history(binance, "ETH/USDT", at(1_990), at(2_030), first_wait=0.01).candles) == 40


def test_what_an_exchange_does_not_keep_is_said() -> None:
    history = fetch_history(Newest(), "ETH/USD", START, at(3_000))
    assert history.notes == (
        "asked from 2025-01-01T00:00:00Z, the first candle is of 2025-01-02T14:00:00Z: this exchange keeps 720 candles, unless the market "
        "is no older; take another one, or a file with --candles",
    )
    assert fetch_history(Newest(), "ETH/USD", at(2_280), at(3_000)).notes == ()


def test_where_the_exchange_begins_is_said(binance) -> None:
    told = fetch_history(binance, "ETH/USDT", START, at(3_899.5)).notes
    assert told == (
        "asked from 2025-01-01T00:00:00Z, the first candle is of 2025-01-02T01:00:00Z: binance has none before",
    )


def test_a_candle_that_cannot_be_leaves_a_hole_and_no_flat_one() -> None:
    history = fetch_history(Newest((2_500, 2_501), (2_600,)), "ETH/USD", at(2_280), at(3_000))
    assert history.set_aside == {"bad_value": 1}
    made = flat_made(history)
    assert made.index[made["flat"]].tolist() == [at(2_500), at(2_501)]


@pytest.mark.parametrize(
    ("gate", "words"),
    [
        ((451, {"code": 0, "msg": "Service unavailable from a restricted location"}), "the country"),
        ((451, "Unavailable For Legal Reasons"), "the country"),
        ((403, "<html>not available in your country</html>"), "the country"),
        ((403, "error code: 1009"), "the country"),
        ((403, "<html>Access denied</html>"), "at its gateway"),
        ((407, "Proxy Authentication Required"), "a proxy on the way"),
        ((200, "<html>Log in</html>"), "no answer of an exchange"),
        ((200, ""), "no answer of an exchange"),
        ((200, []), "no answer of an exchange"),
        ((404, "<html>Not found</html>"), "its interface has changed"),
    ],
)
def test_what_no_waiting_ends_is_asked_once_and_told_with_what_to_do(
    server: Binance, binance, gate, words
) -> None:
    server.gate = gate
    with pytest.raises(ExchangeError, match=f"^binance .*{words}") as raised:
        fetch_history(binance, "ETH/USDT", at(1_600), at(1_610), first_wait=60.0)
    assert server.gated == 1
    assert "rate limit" not in str(raised.value).lower() and str(raised.value).isprintable()


def test_an_unknown_exchange_is_refused() -> None:
    with pytest.raises(ParameterError, match="unknown exchange 'nasdaq'"):
        open_exchange("nasdaq")
    with pytest.raises(ParameterError, match="unknown exchange 'KRAKKEN': give a ccxt id such as kraken"):
        open_exchange("KRAKKEN")


class Answers:
    """An exchange whose answers are given, one after the other, then empty ones."""

    id = "binance"

    def __init__(self, *answers: object) -> None:
        self.markets = {"ETH/USDT": {}}
        self.answers = list(answers)
        self.last_response_headers: dict[str, str] = {}
        self.options: dict[str, object] = {}

    def fetch_ohlcv(self, symbol: str, timeframe: str, since: int, limit: int) -> list[list[float]]:
        answer = self.answers.pop(0) if self.answers else []
        if isinstance(answer, Exception):
            raise answer
        return answer


def minutes_of(*minutes: int) -> list[list[float]]:
    return [[round(at(minute).timestamp() * 1_000), 100.0, 101.0, 99.0, 100.0, 1.0] for minute in minutes]


def test_a_row_of_the_future_or_of_no_time_is_counted_and_no_flat_candle_is_made_for_it() -> None:
    rows = minutes_of(0, 1, 3, 4, 5)  # the row of minute 2 has another time
    later = [4_102_444_800_000, *rows[0][1:]]
    for odd, reason in ((later, "ahead"), ([None, *rows[0][1:]], "bad_timestamp")):
        history = fetch_history(Answers([*rows, odd]), "ETH/USDT", at(0), at(6))
        assert history.set_aside == {reason: 1}
        assert at(2) not in flat_made(history).index
    assert at(2) in flat_made(fetch_history(Answers(rows), "ETH/USDT", at(0), at(6))).index


def test_an_answer_that_is_cut_is_no_stretch_without_trading(server: Binance, binance) -> None:
    """The page behind it would have been told as the exchange's first, and its minutes been lost."""
    server.refusals = [(200, '[[1735785600000,"2016.00","2017.00","2015.0')]
    with pytest.raises(
        ExchangeError, match=r"^binance .*no answer of an exchange.*the answer begins '\[\[17357"
    ):
        fetch_history(binance, "ETH/USDT", at(1_600), at(3_000))


def test_a_volume_that_cannot_be_leaves_a_hole_and_no_flat_candle() -> None:
    for volume in (-1.0, float("inf")):
        rows = minutes_of(0, 1, 2, 3)
        rows[2][5] = volume
        history = fetch_history(Answers(rows), "ETH/USDT", at(0), at(4))
        assert history.set_aside == {"bad_value": 1}
        assert at(2) not in flat_made(history).index
    rows[2][5] = None
    assert len(fetch_history(Answers(rows), "ETH/USDT", at(0), at(4)).candles) == 4


def test_rows_of_no_possible_time_are_counted_beside_what_else_is_set_aside() -> None:
    rows = minutes_of(0, 1, 2, 4, 5)
    rows[1][3] = 0.0
    odd = [[None, *rows[0][1:]], [None, *rows[0][1:]], [4_102_444_800_000, *rows[0][1:]]]
    history = fetch_history(Answers([*rows[:3], *odd, *rows[3:]]), "ETH/USDT", at(0), at(5.5))
    assert history.set_aside == {"bad_value": 1, "unfinished": 1, "bad_timestamp": 2, "ahead": 1}
    assert history.candles.index.tolist() == [at(0), at(2), at(4)]
    assert flat_made(history).index.tolist() == [at(0), at(2), at(4)]


def test_an_answer_that_ends_short_is_said() -> None:
    (note,) = fetch_history(Answers(minutes_of(0, 1, 2)), "ETH/USDT", at(0), at(600)).notes
    assert note.startswith(
        "asked until 2025-01-01T10:00:00Z, the last candle is of 2025-01-01T00:02:00Z: binance has none behind it"
    )
    assert fetch_history(Answers(minutes_of(*range(595))), "ETH/USDT", at(0), at(600)).notes == ()


def test_a_market_that_is_taken_off_meanwhile_is_not_told_to_be_misspelt() -> None:
    import ccxt

    exchange = Answers(minutes_of(*range(1_000)), ccxt.BadSymbol("Invalid symbol."))
    with pytest.raises(ExchangeError, match=r"lists ETH/USDT, but refuses .*--until 2025-01-01T16:40:00Z"):
        fetch_history(exchange, "ETH/USDT", at(0), at(1_600))


@pytest.mark.parametrize("as_date", [False, True])
def test_a_pause_of_an_hour_is_told_and_not_asked_into(as_date: bool) -> None:
    import ccxt

    told = formatdate(time.time() + 3_600, usegmt=True) if as_date else "3600"
    exchange = Answers(ccxt.RateLimitExceeded("429"), minutes_of(0))
    exchange.last_response_headers = {"Retry-After": told}
    with pytest.raises(ExchangeError, match=r"Wait as long as its own words say.*asks to wait 3,[56]\d\d s"):
        fetch_history(exchange, "ETH/USDT", at(0), at(2))
    assert len(exchange.answers) == 1


def test_two_answers_for_one_minute_name_no_line_of_a_file() -> None:
    rows = minutes_of(0, 1, 1, 2)
    rows[2][1:5] = [110.0, 110.0, 110.0, 110.0]
    with pytest.raises(
        DataError, match=r"neither has grown from the other \(100 101 .*another exchange"
    ) as refused:
        fetch_history(Answers(rows), "ETH/USDT", at(0), at(3))
    assert "line" not in str(refused.value)


@pytest.mark.parametrize(
    "answer",
    [
        *(
            "5",
            "null",
            '"hello"',
            '["halted"]',
            '{"msg": "maintenance"}',
            '{"code": 0, "data": null}',
            '{"data": [[',
            '[[1735689600000, "100.0", "10',
        ),
        *('{"code": 0, "result": {"status": "busy"}}', '{"errors": [{"message": "later"}]}', "[" * 3_000),
    ],
)
def test_an_answer_that_holds_no_list_of_candles_is_no_stretch_without_trading(answer: str) -> None:
    exchange = Answers(minutes_of(0, 1, 2))
    exchange.last_http_response = answer  # ccxt makes an empty list of it
    with pytest.raises(
        ExchangeError, match=r"^binance .*no answer of an exchange.*the answer begins"
    ) as told:
        fetch_history(exchange, "ETH/USDT", at(0), at(4_000))
    assert answer[:40] in str(told.value)


@pytest.mark.parametrize(
    "answer",
    [
        *("[]", '{"code": "0", "msg": "", "data": []}', '{"retCode": 0, "result": {"list": []}}'),
        *('{"error": [], "result": {"XETHZUSD": [], "last": 0}}', '{"data": [[1, 2, 3, 4, 5, 6]]}'),
    ],
)
def test_an_answer_whose_list_is_empty_is_a_stretch_without_trading(answer: str) -> None:
    exchange = Answers(minutes_of(0, 1, 2))
    exchange.last_http_response = answer
    assert len(fetch_history(exchange, "ETH/USDT", at(0), at(4_000)).candles) == 3


@pytest.mark.parametrize("body", [{"msg": "maintenance"}, {"code": 0, "msg": "busy"}])
def test_an_object_without_candles_amid_the_history_ends_the_fetching(
    body: dict, server: Binance, binance
) -> None:
    """As ccxt has it from the wire: the page before was whole."""

    def advance(minutes: int) -> None:
        server.refusals = [(200, body)]

    with pytest.raises(ExchangeError, match=body["msg"]):
        fetch_history(binance, "ETH/USDT", at(LISTED), at(LISTED + 2_000), advance)
    assert len(server.asked) == 2


def test_rows_of_which_none_is_a_candle_are_of_the_exchange_and_not_of_a_file() -> None:
    rows = minutes_of(0, 1)
    bad = [[*row[:2], 50.0, *row[3:]] for row in rows]
    off = [[row[0] + 17_000, *row[1:]] for row in rows]
    for given, reason in ((bad, "2 bad_value"), (off, "2 off_grid")):
        with pytest.raises(
            ExchangeError, match=rf"^binance: .*\({reason}\); the first is \[17.*another exchange"
        ):
            fetch_history(Answers(given), "ETH/USDT", at(0), at(3))
    with pytest.raises(
        ExchangeError, match=r"no row of ETH/USDT .*\(2 bad_timestamp\); the answer begins .*None, 100"
    ):
        fetch_history(Answers([[None, *row[1:]] for row in rows]), "ETH/USDT", at(0), at(3))


def test_longer_candles_than_asked_for_are_refused_and_not_filled_up() -> None:
    rows = minutes_of(*range(0, 100, 5))
    with pytest.raises(ExchangeError, match=r"asked for 1-minute candles.* 5 minutes apart"):
        fetch_history(Answers(rows), "ETH/USDT", at(0), at(100))
    thin = minutes_of(*range(0, 60, 5), *range(61, 100, 5))
    assert len(fetch_history(Answers(thin), "ETH/USDT", at(0), at(100)).candles) == len(thin)


#: Rows that are none, as an exchange may tell them beside others, and what is shown of an answer of them alone.
NO_ROWS = [
    "torn",
    7,
    None,
    {"t": "x"},
    [],
    [-5, "1", "1", "1", "1", "1"],
    [1_735_785_720, "2016", "2017", "2015", "2016", "1"],
    ["2025-01-02T02:42:00Z", "2016", "2017", "2015", "2016", "1"],
]


@pytest.mark.parametrize("odd", NO_ROWS, ids=str)
def test_a_row_that_ccxt_would_leave_out_is_counted_and_no_flat_candle_stands_in_its_place(
    server: Binance, binance, odd
) -> None:
    rows = [minute_kline(minute) for minute in (1_600, 1_601, 1_603, 1_604)]
    server.refusals = [(200, [*rows[:2], odd, *rows[2:]])]
    history = fetch_history(binance, "ETH/USDT", at(1_600), at(1_605))
    assert history.set_aside == {"bad_timestamp": 1}
    assert len(history.candles) == 4 and at(1_602) not in flat_made(history).index


def test_rows_in_another_form_are_shown_and_are_no_time_without_trading(server: Binance, binance) -> None:
    for odd, shown in (
        (NO_ROWS[-1], "2025-01-02T02:42"),
        (NO_ROWS[-3], "-5"),
        ({"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}, "a"),
    ):
        server.refusals = [(200, [odd, odd])]
        with pytest.raises(
            ExchangeError, match=rf"no row of ETH/USDT .* \(2 bad_timestamp\); the answer begins .*{shown}"
        ):
            fetch_history(binance, "ETH/USDT", at(1_600), at(1_605))


#: Of a millisecond.
UNITS = {"s": 0.001, "µs": 1_000, "ns": 1_000_000}


@pytest.mark.parametrize("unit", UNITS)
def test_times_in_another_unit_are_told_with_a_row_and_what_to_do(server: Binance, binance, unit) -> None:
    rows = [minute_kline(minute) for minute in (1_600, 1_601)]
    first = round(rows[0][0] * UNITS[unit])
    server.refusals = [(200, [[round(row[0] * UNITS[unit]), *row[1:]] for row in rows])]
    with pytest.raises(
        ExchangeError, match=rf"^binance .*in milliseconds\. .*--candles.*in {unit}; .*\[{first}, 20"
    ):
        fetch_history(binance, "ETH/USDT", at(1_600), at(1_605))


def test_rows_that_are_all_ahead_of_the_clock_are_no_market_without_candles() -> None:
    rows = [[row[0] + 80 * 365 * 86_400_000, *row[1:]] for row in minutes_of(0, 1)]
    with pytest.raises(ExchangeError, match=r"\(2 ahead\); the first is \[42.*NTP") as refused:
        fetch_history(Answers(rows), "ETH/USDT", at(0), at(3))
    assert not isinstance(refused.value, NoCandlesError)


def test_a_row_of_another_unit_beside_others_is_counted_as_any() -> None:
    rows = minutes_of(0, 1, 2)
    rows[1][0] *= 1_000
    assert fetch_history(Answers(rows), "ETH/USDT", at(0), at(3)).set_aside == {"ahead": 1}
