"""What is sent to Bybit, to the letter, and how its answers are read; what it does with them is the stand-in's part."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

import pytest

from runner.errors import VenueRefused, VenueUnknown
from runner.exchange.bybit import Bybit
from runner.exchange.models import Instrument, VenueOrder, VenuePosition
from runner.exchange.settings import ExchangeSettings
from tests.fake_exchange.server import INSTRUMENT
from tests.runner.exchange.made import keys

D = Decimal
MARKET = {"category": "linear", "symbol": "ETHUSDT"}
EXITS = {
    "stopLoss": "99.85",
    "takeProfit": "100.30",
    "tpslMode": "Full",
    "slTriggerBy": "LastPrice",
    "tpTriggerBy": "LastPrice",
}
SENT = {"orderType": "Market", "timeInForce": "IOC", "positionIdx": 0}
ORDER = {
    "orderLinkId": "rb-e",
    "orderStatus": "Filled",
    "cumExecQty": "5",
    "avgPrice": "100.5",
    "cumExecFee": "0.25",
    "updatedTime": "1700",
}
POSITION = {"positionIdx": 0, "side": "Buy", "size": "5", "stopLoss": "", "takeProfit": "100.3"}


class HandWire:
    """Gives the answers in order; remembers what was asked."""

    def __init__(self, *answers: Mapping[str, object]) -> None:
        self.answers, self.asked = list(answers), []

    def ask(self, method: str, request: Mapping[str, object]) -> Mapping[str, object]:
        self.asked.append((method, dict(request)))
        return self.answers.pop(0)


def venue(*answers: Mapping[str, object]) -> Bybit:
    made = Bybit(ExchangeSettings(symbol="ETHUSDT"), keys())
    made.wire = HandWire(*answers)
    return made


def rows(*listed: Mapping[str, object], cursor: str = "") -> dict[str, object]:
    return {"list": list(listed), "nextPageCursor": cursor}


def execution(name: str, at_ms: int, kind: str = "Trade") -> dict[str, object]:
    row = {"orderLinkId": name, "side": "Sell", "execQty": "1", "execPrice": "0.1", "execFee": "0.01"}
    return row | {"execType": kind, "execTime": str(at_ms)}


@pytest.mark.parametrize(
    ("act", "method", "request_"),
    [
        (
            lambda to: to.enter("rb-e", "LONG", D("5.00"), D("99.85"), D("100.30")),
            "private_post_v5_order_create",
            SENT | EXITS | {"orderLinkId": "rb-e", "side": "Buy", "qty": "5.00", "reduceOnly": False},
        ),
        (
            lambda to: to.leave("rb-x1", "Sell", 0.00001),
            "private_post_v5_order_create",
            SENT | {"orderLinkId": "rb-x1", "side": "Sell", "qty": "0.00001", "reduceOnly": True},
        ),
        (
            lambda to: to.set_exits(D("99.85"), D("100.30")),
            "private_post_v5_position_trading_stop",
            EXITS | {"positionIdx": 0},
        ),
        (lambda to: to.cancel("rb-e"), "private_post_v5_order_cancel", {"orderLinkId": "rb-e"}),
    ],
)
def test_what_is_wanted_is_sent_to_the_letter(act: Callable[[Bybit], None], method, request_):
    to = venue({})
    act(to)
    assert to.wire.asked == [(method, MARKET | request_)]


@pytest.mark.parametrize(
    ("ask", "answer", "method", "request_", "told"),
    [
        (lambda of: of.last_price(), {"lastPrice": "0.1"}, "public_get_v5_market_tickers", MARKET, 0.1),
        (
            lambda of: of.equity("USDT"),
            {"coin": [{"coin": "BTC", "equity": "2"}, {"coin": "USDT", "equity": "0.5"}]},
            "private_get_v5_account_wallet_balance",
            {"accountType": "UNIFIED", "coin": "USDT"},
            0.5,
        ),
        (
            lambda of: of.position(),
            POSITION,
            "private_get_v5_position_list",
            MARKET,
            VenuePosition("LONG", 5.0, 0.0, 100.3),
        ),
        (
            lambda of: of.position(),
            POSITION | {"side": "Sell", "stopLoss": "0.5", "takeProfit": ""},
            "private_get_v5_position_list",
            MARKET,
            VenuePosition("SHORT", 5.0, 0.5, 0.0),
        ),
        (
            lambda of: of.order("rb-e"),
            ORDER,
            "private_get_v5_order_realtime",
            MARKET | {"orderLinkId": "rb-e"},
            VenueOrder("rb-e", True, 5.0, 100.5, 0.25, 1_700, False),
        ),
        (
            lambda of: of.open_orders(),
            ORDER
            | {
                "orderStatus": "New",
                "cumExecQty": "",
                "avgPrice": "",
                "cumExecFee": "",
                "stopOrderType": "StopLoss",
            },
            "private_get_v5_order_realtime",
            MARKET | {"limit": 50},
            [VenueOrder("rb-e", False, 0.0, 0.0, 0.0, 1_700, True)],
        ),
        (
            lambda of: of.market(),
            INSTRUMENT,
            "public_get_v5_market_instruments_info",
            MARKET,
            Instrument("ETHUSDT", "USDT", D("0.01"), D("0.01"), D("0.01"), D(5), D(500)),
        ),
    ],
)
def test_what_is_asked_and_how_the_answer_is_read(ask, answer, method, request_, told):
    of = venue(rows(answer))
    assert ask(of) == told
    assert of.wire.asked == [(method, request_)]


def test_a_market_without_its_own_limits_has_those_of_any_order_and_no_least_value():
    lot = {"qtyStep": "1", "minOrderQty": "1", "maxOrderQty": "1000"}
    assert venue(rows(INSTRUMENT | {"lotSizeFilter": lot})).market() == Instrument(
        "ETHUSDT", "USDT", D("0.01"), D(1), D(1), D(0), D(1000)
    )


@pytest.mark.parametrize("change", [{"contractType": "InversePerpetual"}, {"status": "Closed"}])
def test_a_market_that_is_none_to_trade_is_refused(change):
    with pytest.raises(VenueRefused, match="no linear perpetual"):
        venue(rows(INSTRUMENT | change)).market()


@pytest.mark.parametrize("listed", [[POSITION | {"positionIdx": 1}], [POSITION] * 2])
def test_a_position_of_one_side_only_is_hedge_mode(listed):
    with pytest.raises(VenueRefused, match="set one-way mode"):
        venue(rows(*listed)).position()


@pytest.mark.parametrize(
    "answer", [{}, {"list": None}, {"list": {}}, {"list": ""}, {"list": [1]}, {"list": []}]
)
def test_an_answer_that_lists_nothing_is_neither_flat_nor_a_price(answer):
    for ask in (Bybit.position, Bybit.last_price):
        with pytest.raises(VenueUnknown):
            ask(venue(answer))
    if answer != {"list": []}:
        with pytest.raises(VenueUnknown, match="without a list"):
            venue(answer).open_orders()


@pytest.mark.parametrize("price", ["0", "-1", "nan", "inf", "", "x"])
def test_a_price_that_is_none_is_no_answer(price):
    with pytest.raises(VenueUnknown, match="cannot be read"):
        venue(rows({"lastPrice": price})).last_price()


@pytest.mark.parametrize("size", ["", None, "-5", "nan", "x", True])
def test_a_size_that_is_not_told_is_no_answer(size):
    """It is not 0: what is held would pass for gone, and an entry that was filled for one that was not."""
    asked = [
        lambda: venue(rows(POSITION | {"size": size})).position(),
        lambda: venue(rows(ORDER | {"cumExecQty": size})).order("rb-e"),
        lambda: venue(rows(execution("rb-e", 5) | {"execQty": size})).executions(0, 1),
    ]
    for ask in asked:
        with pytest.raises(VenueUnknown, match="cannot be read"):
            ask()


@pytest.mark.parametrize("equity", ["", None, "nan", "x"])
def test_an_equity_that_is_not_told_is_no_answer(equity):
    with pytest.raises(VenueUnknown, match="cannot be read"):
        venue(rows({"coin": [{"equity": equity}]})).equity("USDT")


def test_what_no_order_has_yet_and_no_position_needs_may_be_empty():
    waits = ORDER | {"orderStatus": "Untriggered", "cumExecQty": "", "avgPrice": "", "cumExecFee": ""}
    assert venue(rows(waits)).order("rb-e") == VenueOrder("rb-e", False, 0.0, 0.0, 0.0, 1700, False)
    bare = {"stopLoss": None, "takeProfit": ""}
    assert venue(rows(POSITION | bare)).position() == VenuePosition("LONG", 5.0, 0.0, 0.0)
    with pytest.raises(VenueUnknown, match="cannot be read"):
        venue(rows(POSITION | {"stopLoss": "-99.85"})).position()


@pytest.mark.parametrize(
    ("part", "key"),
    [
        ("priceFilter", "tickSize"),
        ("lotSizeFilter", "qtyStep"),
        ("lotSizeFilter", "maxMktOrderQty"),
        ("lotSizeFilter", "minOrderQty"),
        ("lotSizeFilter", "minNotionalValue"),
    ],
)
@pytest.mark.parametrize("text", ["0", "-0.01", "NaN", "Infinity"])
def test_a_market_whose_steps_and_limits_are_none_is_no_answer(part, key, text):
    """An entry could not be made in it, and found that out only when it was to leave."""
    asked = venue(rows(INSTRUMENT | {part: INSTRUMENT[part] | {key: text}}))
    if text == "0" and key.startswith("min"):
        assert asked.market().symbol == "ETHUSDT"
        return
    with pytest.raises(VenueUnknown, match="cannot be read"):
        asked.market()


def test_an_order_that_ended_long_ago_is_found_in_the_history():
    of = venue(rows(), rows(ORDER))
    assert of.order("rb-e").ended
    assert [method for method, _ in of.wire.asked] == [
        "private_get_v5_order_realtime",
        "private_get_v5_order_history",
    ]
    assert of.wire.asked[1][1] == MARKET | {"orderLinkId": "rb-e"}
    assert venue(rows(), rows()).order("rb-e") is None


def test_another_order_than_was_asked_for_is_no_answer():
    with pytest.raises(VenueUnknown, match="told of another"):
        venue(rows(ORDER)).order("rb-x1")


@pytest.mark.parametrize("status", ["New", "PartiallyFilled", "Untriggered", "Created", "Active"])
def test_an_order_of_which_more_may_come_has_not_ended(status):
    assert not venue(rows(ORDER | {"orderStatus": status})).order("rb-e").ended


def test_executions_are_read_page_by_page_and_told_in_the_order_of_time():
    first = rows(*(execution("new", 500 - place) for place in range(100)), cursor="next")
    of = venue(
        first, rows(execution("paid", 300, "Funding"), execution("second", 200), execution("first", 200))
    )
    found = of.executions(150, 600)
    assert [each.order_id for each in found[:3]] == ["first", "second", "paid"]
    assert [each.size for each in found[:3]] == [1.0, 1.0, 0.0]
    assert [each.at_ms for each in found] == sorted(each.at_ms for each in found)
    asked = MARKET | {"startTime": 150, "limit": 100}
    assert of.wire.asked == [
        ("private_get_v5_execution_list", asked),
        ("private_get_v5_execution_list", asked | {"cursor": "next"}),
    ]


@pytest.mark.parametrize(("listed", "cursor"), [(100, ""), (99, "next")])
def test_the_last_page_is_the_one_without_a_next_or_that_is_not_full(listed, cursor):
    of = venue(rows(*(execution("x", place) for place in range(listed)), cursor=cursor))
    assert len(of.executions(0, 1)) == listed


def test_executions_of_weeks_are_asked_for_week_by_week():
    """The venue tells seven days from the start that it is given, and no more."""
    week = 7 * 86_400_000
    of = venue(rows(execution("first", 1)), rows(), rows(execution("last", 2 * week + 5)))
    assert [each.order_id for each in of.executions(0, 2 * week + 9)] == ["first", "last"]
    asked = [request for _, request in of.wire.asked]
    assert [(each["startTime"], each.get("endTime")) for each in asked] == [
        (0, week - 1),
        (week, 2 * week - 1),
        (2 * week, None),
    ]


@pytest.mark.parametrize(("now", "ends"), [(-1, [None]), (0, [7 * 86_400_000 - 1, None])])
def test_two_windows_of_executions_never_tell_of_the_same_time(now, ends):
    of = venue(rows(), rows())
    of.executions(0, 7 * 86_400_000 + now)
    assert [request.get("endTime") for _, request in of.wire.asked] == ends


def test_executions_without_a_name_are_each_one():
    of = venue(rows(*[execution("x1", 5) | {"execId": "", "execFee": "", "stopOrderType": None}] * 2))
    found = of.executions(0, 9)
    assert [(each.size, each.fee, each.cause) for each in found] == [(1.0, 0.0, "")] * 2


@pytest.mark.parametrize(
    ("market_is_known", "fees", "fee"),
    [
        (False, {"USDT": "0.3"}, 0.25),
        (True, {"USDT": "0.3"}, 0.3),
        (True, {"BNB": "0.001"}, None),
        (True, {}, 0.25),
        (True, "", 0.25),
    ],
)
def test_an_orders_fee_is_the_one_in_the_markets_own_coin_once_that_is_known(market_is_known, fees, fee):
    of = venue(*[rows(INSTRUMENT)] * market_is_known, rows(ORDER | {"cumFeeDetail": fees}))
    if market_is_known:
        of.market()
    assert of.order("rb-e").fee == fee


@pytest.mark.parametrize("market_is_known", [False, True])
def test_a_part_in_another_coin_is_worth_its_rate_once_the_markets_own_is_known(market_is_known):
    paid = execution("x1", 5) | {"feeCurrency": "BNB", "feeRate": "0.001"}
    of = venue(*[rows(INSTRUMENT)] * market_is_known, rows(paid))
    if market_is_known:
        of.market()
    assert of.executions(0, 9)[0].fee == pytest.approx(0.0001 if market_is_known else 0.01)


def test_an_order_that_is_filled_in_part_tells_how_much():
    assert (
        venue(rows(ORDER | {"orderStatus": "PartiallyFilled", "cumExecQty": "2"})).order("rb-e").filled == 2.0
    )


def test_executions_without_end_are_no_answer():
    full = rows(*(execution("x", place) for place in range(100)), cursor="next")
    of = venue(*[full] * 6)
    with pytest.raises(VenueUnknown, match="more than 500 executions in 7 days"):
        of.executions(0, 1)
    assert len(of.wire.asked) == 5
