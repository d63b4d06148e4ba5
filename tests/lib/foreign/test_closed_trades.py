"""Closed trades of other programs' tables: what is taken as what, and what is left out and why."""

from __future__ import annotations

import json
from datetime import UTC
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.analysis.trades import price_log
from lib.errors import DataError, HeaderError, MissingDataError, NaiveTimeError, ParameterError, RibbonError
from lib.foreign.closed_trades import ClosedTrades, closed_trades
from lib.foreign.recording import recording_zone
from lib.foreign.trade_columns import corrected, guess_columns
from lib.foreign.trade_rows import Reading
from lib.foreign.trade_table import read_trade_table
from lib.foreign.trade_words import is_known_name, words_of
from tests.lib.foreign import trade_tables as tables

NOW = pd.Timestamp("2026-01-01T00:00:00Z").as_unit("us")


def read(path: Path, *corrections: str, **reading: object) -> ClosedTrades:
    table = read_trade_table(path, is_known_name)
    columns = corrected(guess_columns(table.table), corrections, table.table.columns)
    return closed_trades(table, columns, Reading(**{"zone": UTC} | reading), NOW)


def columns_of(path: Path) -> dict[str, str]:
    return guess_columns(read_trade_table(path, is_known_name).table)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("avgEntryPrice", ("avg", "entry", "price")),
        ("Entry Price (USDT)", ("entry", "price")),
        ("opentime", ("open", "time")),
        ("S / L", ("sl",)),
        ("Closed P&L", ("closed", "pnl")),
        ("closedPnl", ("closed", "pnl")),
        ("Profit %", ("profit", "pct")),
    ],
)
def test_a_name_is_cut_into_words(name, words):
    assert words_of(name) == words


def test_freqtrade(tmp_path):
    path = tables.written(
        tmp_path / "backtest.json", {"strategy": {"Supertrend": {"trades": [*tables.FREQTRADE, tables.OPEN]}}}
    )
    found = read(path)
    log = found.decisions
    assert (len(log), found.open_trades, found.bad) == (3, 1, [])
    assert log["direction"].tolist() == ["LONG", "SHORT", "LONG"]
    assert log["exit_reason"].tolist() == ["TP_HIT", "SL_HIT", "CLAUDE_EXIT"]
    # fee_open and fee_close are shares of the value: 0.04 × 0.0005 × (3900 + 3939), which profit_abs agrees with.
    assert log["fees"].iloc[0] == pytest.approx(0.15678)
    assert (found.check.meaning, found.check.compared, found.check.deviating) == ("net", 3, 0)
    assert log["stop_price"].tolist() == [3861.0, 3969.3, 3705.0]
    assert set(log["model"]) == {"imported"} and set(log["symbol"]) == {"ETH/USDT:USDT"}
    assert log["timestamp"].tolist() == log["entry_time"].tolist()


@pytest.mark.parametrize(
    ("name", "text", "encoding", "net"),
    [
        ("bybit.csv", tables.BYBIT, "utf-8", 52.03 - 22 - 86.5),
        ("binance.csv", tables.BINANCE, "utf-8", 52.03 - 22 - 86.5),
        # Profit is before commission and swap, which are below zero where they were paid.
        ("report.csv", tables.METATRADER, "utf-16", 58.5 - 19.65 - 78.0 - 3.5 - 1.2 - 4.1 - 0.2),
    ],
)
def test_exports_of_venues_give_the_same_trades_and_the_accounts_money(tmp_path, name, text, encoding, net):
    found = read(tables.written(tmp_path / name, text, encoding))
    assert found.decisions["direction"].tolist() == ["LONG", "SHORT", "LONG"]
    assert found.decisions["size"].tolist() == [1.5, 0.5, 2.0]
    assert found.decisions["entry_price"].tolist() == [3900.0, 3930.0, 3900.0]
    assert price_log(found.decisions).closed["net_account"].sum() == pytest.approx(net)


def test_a_time_that_may_be_the_closing_orders_is_told(tmp_path):
    (note,) = read(tables.written(tmp_path / "bybit.csv", tables.BYBIT)).notes
    assert note.startswith("'Create Time' may be of the closing order")


def test_the_side_of_the_closing_order_is_found_out_by_the_money(tmp_path):
    path = tables.written(tmp_path / "closed.csv", tables.BYBIT.replace("Closing Direction", "Side"))
    with pytest.raises(DataError, match="--column closing_side=Side"):
        read(path)
    assert read(path, "closing_side=Side").decisions["direction"].tolist() == ["LONG", "SHORT", "LONG"]


def test_sizes_in_lots_are_found_out_by_the_money(tmp_path):
    rows = [f"{row},{pnl}" for row, pnl in zip(tables.PLAIN_ROWS, (5850, -1965, -7800), strict=True)]
    path = tables.plain(tmp_path / "lots.csv", *rows, further="profit")
    with pytest.raises(DataError, match="--contract-size 100"):
        read(path)
    assert read(path, unit=100.0).decisions["size"].tolist() == [150.0, 50.0, 200.0]
    assert read(path, unit=1.0).decisions["size"].tolist() == [1.5, 0.5, 2.0]


def test_sizes_in_money_are_found_out_by_the_money(tmp_path):
    rows = [
        row.rpartition(",")[0] + f",{value},{pnl}"
        for row, value, pnl in zip(tables.PLAIN_ROWS, (5850, 1965, 7800), (58.5, -19.65, -78), strict=True)
    ]
    found = read(tables.plain(tmp_path / "money.csv", *rows, further="profit"))
    assert found.decisions["size"].tolist() == pytest.approx([1.5, 0.5, 2.0])
    assert "is money, not units" in found.notes[0]


def test_the_sources_net_is_what_the_account_got_and_its_fees_are_compared(tmp_path):
    rows = [
        f"{row},{fee},{net}"
        for row, fee, net in zip(tables.PLAIN_ROWS, (3, 1, 4), (55.5, -25.65, -82), strict=True)
    ]
    found = read(tables.plain(tmp_path / "log.csv", *rows, further="fees,net_pnl"))
    # The second trade: −19.65 − 1 is −20.65, and the source has −25.65.
    assert found.decisions["fees"].tolist() == pytest.approx([3.0, 6.0, 4.0])
    check = found.check
    assert (check.meaning, check.compared, check.deviating, found.places[check.largest]) == (
        "net",
        3,
        1,
        "line 3",
    )
    assert (check.source_net, check.own_net) == (pytest.approx(-52.15), pytest.approx(-47.15))
    without = read(tmp_path / "log.csv", "pnl=")
    assert without.decisions["fees"].tolist() == [3.0, 1.0, 4.0] and without.check.meaning == "none"


@pytest.mark.parametrize(
    ("row", "reason", "fix"),
    [
        ("soon,3900,2025-10-17T11:30:00Z,3939,long,1", "bad_timestamp", "epoch seconds"),
        ("2025-10-17T10:00:00Z,none,2025-10-17T11:30:00Z,3939,long,1", "bad_value", "entry_price"),
        ("2025-10-17T10:00:00Z,3900,2025-10-17T11:30:00Z,-1,long,1", "bad_value", "exit_price"),
        ("2025-10-17T10:00:00Z,1e-320,2025-10-17T11:30:00Z,3939,long,1", "bad_value", "power of ten"),
        ("2025-10-17T10:00:00Z,3900,2025-10-17T11:30:00Z,1e300,long,1", "bad_value", "power of ten"),
        ("2025-10-17T10:00:00Z,3900,2025-10-17T11:30:00Z,3939,long,1e400", "bad_value", "size is larger"),
        ("2025-10-17T10:00:00Z,3900,2025-10-17T11:30:00Z,3939,up,1", "bad_value", "direction"),
        ("2025-10-17T12:00:00Z,3900,2025-10-17T11:30:00Z,3939,long,1", "bad_value", "swapped"),
        ("2025-10-17T12:00:00Z,3900,2027-10-17T11:30:00Z,3939,long,1", "bad_value", "--timezone"),
        ("2025-10-17T12:00:00Z,3900,2025-10-17T11:30:00Z,3939,long", "malformed", "5 fields"),
        (tables.PLAIN_ROWS[0], "duplicate", "before"),
    ],
)
def test_a_bad_row_is_set_aside_with_its_place_text_and_remedy(tmp_path, row, reason, fix):
    found = read(tables.plain(tmp_path / "log.csv", *tables.PLAIN_ROWS, *tables.PLAIN_ROWS[1:], row))
    bad = found.bad[-1] if reason != "malformed" else found.bad[0]
    assert (bad.place, bad.reason) == ("line 7", reason)
    assert fix in bad.fix and row.split(",")[0] in bad.text
    assert len(found.decisions) == 3


def test_a_naive_time_needs_its_zone_unless_the_column_names_it(tmp_path):
    with pytest.raises(NaiveTimeError, match=r"'2025-10-17 10:00:00' has no zone.*--timezone"):
        read(tables.written(tmp_path / "binance.csv", tables.BINANCE), zone=None)
    named = tables.BINANCE.replace('"Opened"', '"Opened (UTC+2)"').replace('"Closed",', '"Closed (UTC)",')
    found = read(tables.written(tmp_path / "named.csv", named), zone=None).decisions
    assert str(found["entry_time"].iloc[0]) == "2025-10-17 08:00:00+00:00"
    assert str(found["exit_time"].iloc[0]) == "2025-10-17 11:30:00+00:00"


@pytest.mark.parametrize("turned", [False, True])
def test_times_that_are_written_in_two_ways_are_refused(tmp_path, turned):
    """A spreadsheet that takes 10/07 for 7 October leaves 17/10 as it is."""
    other = [
        row.replace("2025-10-17T", "17/10/2025 ").replace("2025-10-18T", "18/10/2025 ")
        for row in tables.PLAIN_ROWS
    ]
    rows = [*other[:1], *tables.PLAIN_ROWS[1:]] if turned else [*tables.PLAIN_ROWS[:1], *other[1:]]
    told = (
        r"column \w+: line \d: the time '.*' is written in another way than '.*' \(line \d\)\. .*spreadsheet"
    )
    with pytest.raises(DataError, match=told):
        read(tables.plain(tmp_path / "log.csv", *rows))


def test_sizes_of_three_decimals_are_read_as_the_prices_show(tmp_path):
    """A Brazilian or German sheet writes 1.020 units as 1,020, beside prices as 3900,50."""
    rows = [
        "2025-10-17T10:00:00Z;3900,50;2025-10-17T11:30:00Z;3939,25;long;1,020;Closed",
        "2025-10-18T10:00:00Z;3930,00;2025-10-18T11:30:00Z;3969,30;short;2,500;Closed",
        "2025-10-19T10:00:00Z;3930,00;2025-10-19T11:30:00Z;3969,30;short;2,500;Partially Closed",
    ]
    header = "entry_time;entry_price;exit_time;exit_price;side;size;status"
    found = read(tables.written(tmp_path / "log.csv", "\n".join([header, *rows]) + "\n"))
    assert found.decisions["size"].tolist() == [1.02, 2.5]
    assert found.open_trades == 1


def test_a_list_of_two_rows_a_trade_in_another_language_is_told_as_that(tmp_path):
    path = tables.written(
        tmp_path / "lista.csv",
        "Negociação nº,Tipo,Data e hora,Preço USDT,P&L líquido USDT\n"
        "1,Saída da compra,2025-10-17 11:30,3939.00,52.03\n1,Entrada de compra,2025-10-17 10:00,3900.00,52.03\n"
        "2,Saída da venda,2025-10-18 11:30,3969.30,-22.00\n2,Entrada de venda,2025-10-18 10:00,3930.00,-22.00\n",
    )
    with pytest.raises(HeaderError, match=r"two rows, as in TradingView's list .* language to English"):
        read(path)


def test_one_column_is_not_named_for_two_fields(tmp_path):
    path = tables.written(tmp_path / "bybit.csv", tables.BYBIT.replace("Create Time", "Leverage"))
    with pytest.raises(ParameterError, match=r"was named for entry_time already.*closing orders"):
        read(path, *(f"{field}=Filled/Settlement Time(UTC+0)" for field in ("entry_time", "exit_time")))


def test_the_coin_that_a_fee_was_paid_in_is_no_market_and_its_fee_no_money(tmp_path):
    rows = [
        f"{row},0.002,{coin}" for row, coin in zip(tables.PLAIN_ROWS, ("BNB", "USDT", "ETH"), strict=True)
    ]
    path = tables.plain(tmp_path / "log.csv", *rows, further="fee,fee_asset")
    assert "symbol" not in columns_of(path)
    found = read(path)
    np.testing.assert_array_equal(found.check.fees, [np.nan, 0.002, np.nan])
    assert any("fees of 2 trades are in BNB, ETH, not in the market's money" in note for note in found.notes)


def test_one_market_is_chosen_and_never_guessed(tmp_path):
    rows = [
        f"{row},{name}"
        for row, name in zip(tables.PLAIN_ROWS, ("ETHUSDT", "BTC-USDT", "ETHUSDT"), strict=True)
    ]
    path = tables.plain(tmp_path / "log.csv", *rows, further="symbol")
    with pytest.raises(ParameterError, match=r"ETHUSDT \(2\), BTC-USDT \(1\)"):
        read(path)
    with pytest.raises(ParameterError, match="name one of them"):
        read(path, symbol="SOL")
    found = read(path, symbol="ETH")
    assert (len(found.decisions), found.other_symbols) == (2, 1)
    assert len(read(path, symbol="btcusdt").decisions) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ETHUSDT", "ETHUSDT_250627"),
        ("ETH/USDT:USDT", "ETH/USDT:USDT-250627"),
        ("BYBIT:ETHUSDT", "BYBIT:BTCUSDT"),
    ],
)
def test_a_future_and_a_market_behind_an_exchanges_name_are_markets_of_their_own(tmp_path, one, other):
    rows = [f"{row},{each}" for row, each in zip(tables.PLAIN_ROWS, (one, other, one), strict=False)]
    path = tables.plain(tmp_path / "log.csv", *rows, further="symbol")
    with pytest.raises(ParameterError, match="several markets"):
        read(path)
    found = read(path, symbol=one)
    assert set(found.decisions["symbol"]) == {one} and found.other_symbols == 1
    assert set(read(path, symbol=other).decisions["symbol"]) == {other}


def test_a_market_that_is_written_in_two_ways_is_taken_whole(tmp_path):
    rows = [f"{row},{each}" for row, each in zip(tables.PLAIN_ROWS, ("ETHUSDT", "ETH/USDT"), strict=False)]
    path = tables.plain(tmp_path / "log.csv", *rows, further="symbol")
    assert len(read(path, symbol="ETHUSDT").decisions) == len(read(path).decisions) == 2


def test_an_unknown_reason_is_other_with_its_text_kept(tmp_path):
    rows = [
        f"{row},{why},{text}"
        for row, why, text in zip(
            tables.PLAIN_ROWS, ("moon", "tp", "liquidation"), ("a", "b", "c"), strict=True
        )
    ]
    log = read(tables.plain(tmp_path / "log.csv", *rows, further="exit_reason,rationale")).decisions
    assert log["exit_reason"].tolist() == ["OTHER", "TP_HIT", "OTHER"]
    assert log["reasoning"].tolist() == ["a; exit: moon", "b", "c; exit: liquidation"]


def test_confidence_in_percent_and_one_that_says_nothing(tmp_path):
    rows = [f"{row},{value}" for row, value in zip(tables.PLAIN_ROWS, (72, 65, 90), strict=True)]
    path = tables.plain(tmp_path / "log.csv", *rows, further="confidence")
    assert read(path).decisions["confidence"].tolist() == [0.72, 0.65, 0.9]
    zero = tables.plain(
        tmp_path / "zero.csv", *(f"{row},0" for row in tables.PLAIN_ROWS), further="confidence"
    )
    found = read(zero)
    assert found.decisions["confidence"].isna().all() and "0 throughout" in found.notes[0]


def test_the_sign_of_the_quantity_is_a_direction(tmp_path):
    header = tables.PLAIN.replace("side,size", "quantity")
    rows = [row.replace("long,", "").replace("short,", "-") for row in tables.PLAIN_ROWS]
    path = tables.written(tmp_path / "log.csv", "\n".join([header, *rows]))
    assert read(path).decisions["direction"].tolist() == ["LONG", "SHORT", "LONG"]
    one_sided = tables.written(tmp_path / "spot.csv", "\n".join([header, rows[0], rows[2]]))
    with pytest.raises(HeaderError, match="--direction long"):
        read(one_sided)
    assert read(one_sided, direction="LONG").decisions["direction"].tolist() == ["LONG", "LONG"]


def test_a_list_of_fills_is_no_table_of_closed_trades(tmp_path):
    fills = "Date(UTC),Pair,Side,Price,Executed,Fee\n2025-10-17 10:00:00,ETHUSDT,BUY,3900,1.5ETH,2.9USDT\n"
    with pytest.raises(HeaderError, match=r"one order or fill.*--column entry_time="):
        read(tables.written(tmp_path / "fills.csv", fills))
    # A history of orders on paper at TradingView: placed and closed, but no trade.
    orders = (
        "Symbol,Side,Type,Qty,Limit Price,Fill Price,Status,Placing Time,Closing Time\n"
        "BINANCE:ETHUSDT,Buy,Limit,1,3900,3900,Filled,2025-10-17 10:00:00,2025-10-17 10:05:00\n"
        "BINANCE:ETHUSDT,Sell,Limit,1,3950,,Cancelled,2025-10-17 10:05:00,2025-10-17 11:30:00\n"
    )
    with pytest.raises(HeaderError, match="entry_price, exit_price; each row seems to be one order or fill"):
        read(tables.written(tmp_path / "orders.csv", orders))


@pytest.mark.parametrize(
    ("was", "written", "words"),
    [
        ("2025-10", "on 10", "column 'entry_time': 'on 10"),
        (",39", ",about 39", "column 'entry_price': 'about 39"),
    ],
)
def test_a_column_that_is_there_and_cannot_be_read_is_not_called_missing(tmp_path, was, written, words):
    rows = [
        "2025-10-17T10:00:00Z,2025-10-17T11:00:00Z,long,3900,3910",
        "2025-10-17T12:00:00Z,2025-10-17T13:00:00Z,long,3900,3910",
    ]
    text = "\n".join(
        [
            "entry_time,exit_time,direction,entry_price,exit_price",
            *(row.replace(was, written, 1) for row in rows),
        ]
    )
    with pytest.raises(HeaderError) as caught:
        read(tables.written(tmp_path / "log.csv", text))
    assert words in str(caught.value) and "no column was found" not in str(caught.value)


@pytest.mark.parametrize("torn", ['{"pair": "ETH/USDT:USDT", "amo', '{"pair"', "\x00", "oops"])
def test_a_torn_line_of_json_is_set_aside_and_the_whole_lines_are_taken(tmp_path, torn):
    lines = [json.dumps(trade) for trade in tables.FREQTRADE]
    for place in (3, 2):  # the last line, without end, and one amid the others
        text = "\n".join(["", *lines[:place], torn, *lines[place:]])
        found = read(tables.written(tmp_path / "trades.jsonl", text))
        assert len(found.decisions) == 3
        (bad,) = found.bad
        assert (bad.place, bad.text, bad.reason) == (f"line {place + 2}", torn, "malformed")
        assert found.places == [f"line {number}" for number in (2, 3, 4, 5) if number != place + 2]


@pytest.mark.parametrize("mark", ["\u2028", "\x85", "\x0c"])
def test_a_mark_inside_a_note_ends_no_line(tmp_path, mark):
    rows = [row | {"note": f"a{mark}b"} for row in tables.FREQTRADE]
    if mark >= " ":
        found = read(
            tables.written(
                tmp_path / "t.jsonl", "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
            )
        )
        assert (len(found.decisions), found.bad) == (len(rows), [])
    header, *rows = tables.PLAIN, *(row for row in tables.PLAIN_ROWS)
    lines = [f"note,{header}", *(f"a{mark}b,{row}" for row in rows)]
    found = read(tables.written(tmp_path / "t.csv", "\n".join(lines)))
    assert (len(found.decisions), found.bad) == (3, [])
    assert found.places == ["line 2", "line 3", "line 4"]


def test_a_document_that_is_cut_is_no_file_of_lines(tmp_path):
    whole = json.dumps(tables.FREQTRADE, indent=1)
    for text in (whole[:-5], json.dumps(tables.FREQTRADE)[:-5], "oops\n" + json.dumps(tables.FREQTRADE[0])):
        with pytest.raises(RibbonError):
            read(tables.written(tmp_path / "trades.json", text))
    half = "\n".join([json.dumps(tables.FREQTRADE[0]), "{oops"])
    with pytest.raises(DataError, match="it is no JSON"):
        read(tables.written(tmp_path / "trades.json", half))


@pytest.mark.parametrize(
    "content", ['{"retCode": 10003, "retMsg": "API key is invalid."}', "<!DOCTYPE html><html>Log in</html>"]
)
def test_an_answer_without_trades_is_told_by_what_it_says(tmp_path, content):
    with pytest.raises(HeaderError, match="begins") as caught:
        read(tables.written(tmp_path / "trades.json", content))
    assert content[:20] in str(caught.value)
    assert ("exported as CSV" in str(caught.value)) == content.startswith("<")


def test_a_trade_of_1970_is_none(tmp_path):
    early = "1970-01-21T02:08:00Z,3900,1970-01-21T02:09:00Z,3939,long,1.5"
    found = read(tables.plain(tmp_path / "log.csv", early, *tables.PLAIN_ROWS))
    assert (len(found.decisions), [(bad.place, bad.reason) for bad in found.bad]) == (
        3,
        [("line 2", "too_early")],
    )
    assert "2009-01-03" in found.bad[0].fix and "1970-01-21T02:08:00Z" in found.bad[0].text


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("", HeaderError),
        ("a,b\n1,2\n", HeaderError),
        ("[]", HeaderError),
        ("{oops", DataError),
        ("[" * 100_000, DataError),
    ],
)
def test_what_holds_no_trades_is_refused(tmp_path, content, error):
    with pytest.raises(error):
        read(tables.written(tmp_path / "file.json", content))
    with pytest.raises(MissingDataError):
        read(tmp_path / "nowhere.csv")


def test_a_guess_is_corrected_and_a_wrong_correction_names_what_there_is(tmp_path):
    path = tables.plain(tmp_path / "log.csv")
    guess, names = columns_of(path), tables.PLAIN.split(",")
    assert corrected(guess, ["exit_price=entry_price"], names)["exit_price"] == "entry_price"
    assert "size" not in corrected(guess, ["size="], names)
    with pytest.raises(ParameterError, match="did you mean 'size'"):
        corrected(guess, ["size=siize"], names)
    with pytest.raises(ParameterError, match="FIELD being one of entry_time"):
        corrected(guess, ["when=entry_time"], names)


def test_the_same_trade_has_the_same_id_in_any_file_and_under_any_model(tmp_path):
    first = read(tables.plain(tmp_path / "a.csv"), model="one").decisions
    second = read(tables.plain(tmp_path / "b.csv", *reversed(tables.PLAIN_ROWS)), model="two").decisions
    assert first["decision_id"].tolist() == second["decision_id"].tolist()
    assert first["decision_id"].is_unique and np.all(first["entry_time"].diff().dropna() > pd.Timedelta(0))


def test_a_row_for_the_entry_and_one_for_the_exit_are_one_trade(tmp_path):
    rows = [
        "Trade #,Type,Signal,Date/Time,Price USDT,Contracts,Profit USDT",
        "1,Exit Long,TP,2025-10-17 11:30,3939,1,39",
        "1,Entry Long,Long,2025-10-17 10:00,3900,1,39",
        "2,Entry Short,Short,2025-10-17 12:00,3930,1,-39.3",
        "2,Exit Short,SL,2025-10-17 14:00,3969.3,1,-39.3",
        "3,Entry Short,Short,2025-10-17 15:00,3930,1,",
    ]
    found = read(tables.written(tmp_path / "list.csv", "\n".join(rows)))
    log = found.decisions
    assert (log["direction"].tolist(), found.open_trades) == (["LONG", "SHORT"], 1)
    assert (log["entry_price"].tolist(), log["exit_price"].tolist()) == ([3900.0, 3930.0], [3939.0, 3969.3])
    assert log["exit_reason"].tolist() == ["TP_HIT", "SL_HIT"]


def test_sides_that_the_money_contradicts_are_refused(tmp_path):
    rows = [f"{row},{pnl}" for row, pnl in zip(tables.PLAIN_ROWS, (58.5, 19.65, -78), strict=True)]
    with pytest.raises(DataError, match="in 1 of 3 trades with a clear price move"):
        read(tables.plain(tmp_path / "log.csv", *rows, further="profit"))


def test_sides_of_small_moves_are_refused_where_the_fees_show_that_they_are_turned(tmp_path):
    rows = [
        "opened,closed,side,qty,entry,exit,fees,net",
        "2025-05-25T10:00:00Z,2025-05-25T10:20:00Z,{0},2,2500.00,2507.50,5,10",
        "2025-05-25T12:05:00Z,2025-05-25T12:11:00Z,{1},0.5,2510.00,2515.00,1.1,-3.6",
        "2025-05-26T09:00:00Z,2025-05-26T09:40:00Z,{0},1,2520.00,2516.00,2.2,-6.2",
    ]
    right = tables.written(tmp_path / "right.csv", "\n".join(rows).format("long", "short"))
    assert read(right).decisions["direction"].tolist() == ["LONG", "SHORT", "LONG"]
    turned = tables.written(tmp_path / "turned.csv", "\n".join(rows).format("short", "long"))
    with pytest.raises(DataError, match=r"in 3 of 3 trades .* closing_side=side"):
        read(turned)


def test_sides_of_small_moves_are_refused_where_no_column_tells_the_fees(tmp_path):
    """As Bybit's closed P&L has them: the closing order's side, P&L after fees of 0.055 % a side, and no column of fees."""
    rows = ["opened,closed,side,qty,entry,exit,net"]
    for n in range(12):
        sign, entry = (1, -1)[n % 3 == 0], 2500.0 + 3 * n
        exit_ = round(entry * (1.003, 0.9975, 1.0018)[n % 3 if n < 8 else 1], 2)
        net = sign * (exit_ - entry) / 2 - 0.00055 * (entry + exit_) / 2
        times = f"2025-06-10 {n:02}:05:03+00:00,2025-06-10 {n:02}:45:12+00:00"
        rows.append(f"{times},{{{sign}}},0.5,{entry},{exit_},{net:.6f}")
    right = tables.written(
        tmp_path / "right.csv", "\n".join(rows).replace("{1}", "long").replace("{-1}", "short")
    )
    assert read(right).decisions["direction"].tolist()[:4] == ["SHORT", "LONG", "LONG", "SHORT"]
    turned = tables.written(
        tmp_path / "turned.csv", "\n".join(rows).replace("{1}", "sell").replace("{-1}", "buy")
    )
    with pytest.raises(DataError, match=r"in 6 of 6 trades .* closing_side=side"):
        read(turned)
    assert read(turned, "closing_side=side").decisions["direction"].tolist()[:3] == ["SHORT", "LONG", "LONG"]


def test_words_that_were_not_known_before(tmp_path):
    rows = [
        "#;Instrument;Direction;Lots;Opening date;Opening rate;Closing date;Closing rate;Stop;Fee EUR;Overnight EUR;P/L EUR;Closed by",
        "1;ETH/EUR;Kauf;1,00;17.10.2025 10:00:05;3.350,10;17.10.2025 11:12:44;3.361,20;3.340,00;1,20;-0,10;11,10;Take Profit",
        "2;ETH/EUR;Verkauf;2,00;17.10.2025 14:30:00;3.355,00;17.10.2025 15:02:10;3.362,00;3.362,00;2,40;0,00;-14,00;Stop Loss",
    ]
    found = read(tables.written(tmp_path / "cfd.csv", "\n".join(rows)))
    assert found.decisions["fees"].tolist() == pytest.approx([1.3, 2.4])
    assert found.decisions["stop_price"].tolist() == [3340.0, 3362.0]
    assert found.decisions["exit_reason"].tolist() == ["TP_HIT", "SL_HIT"]


def test_the_sources_percentages_are_logged_where_there_is_no_size(tmp_path):
    rows = [
        row.rpartition(",")[0] + f",,{share}"
        for row, share in zip(tables.PLAIN_ROWS, (0.009, -0.011, -0.012), strict=True)
    ]
    log = read(tables.plain(tmp_path / "log.csv", *rows, further="profit_ratio")).decisions
    assert log["net_pnl_pct"].tolist() == pytest.approx([0.9, -1.1, -1.2]) and log["fees"].isna().all()


@pytest.mark.parametrize(
    ("profits", "meaning", "fees"),
    [
        ((58.5, -19.65, -78.0), "gross", [np.nan] * 3),
        ((55.5, -20.65, -82.0), "net", [3.0, 1.0, 4.0]),
        # In another currency, say: nothing that follows from it can be trusted.
        ((9000.0, -5000.0, -9000.0), "unlike", [np.nan] * 3),
    ],
)
def test_a_column_of_profits_without_fees_is_taken_as_it_fits(tmp_path, profits, meaning, fees):
    rows = [f"{row},{pnl}" for row, pnl in zip(tables.PLAIN_ROWS, profits, strict=True)]
    found = read(tables.plain(tmp_path / "log.csv", *rows, further="profit"), unit=1.0)
    assert found.check.meaning == meaning
    assert found.decisions["fees"].tolist() == pytest.approx(fees, nan_ok=True)


#: Inverse contracts: what 10,000 of one dollar each made in bitcoin, long from 50,000 to 51,000 and short back, and 5,000 more.
INVERSE = """id,symbol,side,{size},entry_time,entry_price,exit_time,exit_price,{pnl},{fees}
1,XBTUSD,long,10000,2025-10-19T14:00:00Z,50000,2025-10-19T15:00:00Z,51000,0.00392157,0.0001
2,XBTUSD,short,10000,2025-10-19T16:00:00Z,51000,2025-10-19T17:00:00Z,50000,0.00392157,0.0001
3,XBTUSD,long,5000,2025-10-20T14:00:00Z,50000,2025-10-20T15:00:00Z,50500,0.00099,0.0001
"""


def inverse(
    tmp_path: Path, pnl: str, fees: str = "fee", size: str = "contracts", text: str = INVERSE
) -> Path:
    return tables.written(tmp_path / "coin.csv", text.format(pnl=pnl, fees=fees, size=size))


@pytest.mark.parametrize("pnl", ["pnl_btc", "Realized PnL (BTC)", "profitXbt", "pnl eth", "pnl"])
def test_a_pnl_in_a_coin_is_refused_with_its_column(tmp_path, pnl):
    with pytest.raises(DataError) as refused:
        read(inverse(tmp_path, pnl))
    told = str(refused.value)
    assert repr(pnl) in told and "--column pnl=," in told and "--column notional=contracts" in told
    assert ("is in the market's coin" in told) == (pnl == "pnl")


def test_without_it_contracts_of_a_dollar_are_money_and_fees_in_a_coin_are_not_known(tmp_path):
    found = read(inverse(tmp_path, "pnl_btc", "fee_btc"), "pnl=", "notional=contracts")
    assert found.decisions["size"].tolist() == pytest.approx([0.2, 10_000 / 51_000, 0.1])
    assert found.decisions["fees"].isna().all()
    assert any("fees of 3 trades are in BTC, not in the market's money" in note for note in found.notes)


def test_funding_in_a_coin_is_not_known(tmp_path):
    found = read(inverse(tmp_path, "funding_btc"), "notional=contracts")
    assert any("funding of 3 trades are in BTC, not in the market's money" in note for note in found.notes)
    assert found.decisions["fees"].tolist() == pytest.approx([0.0001] * 3)


def test_the_coin_of_the_fees_is_not_that_of_the_funding(tmp_path):
    text = INVERSE.replace("{fees}", "fee,funding,fee_asset").replace(",0.0001", ",0.0001,-0.25,BNB")
    found = read(inverse(tmp_path, "note", text=text), "notional=contracts")
    assert [note for note in found.notes if "not in the market" in note] == [
        "fees of 3 trades are in BNB, not in the market's money: not taken"
    ]
    assert found.decisions["fees"].tolist() == pytest.approx([0.25] * 3)


def test_a_column_beside_says_the_coin_of_the_pnl(tmp_path):
    text = INVERSE.replace("{fees}", "settle_coin").replace(",0.0001", ",XBT")
    with pytest.raises(DataError, match="'settle_coin' says that column 'pnl' is in XBT"):
        read(inverse(tmp_path, "pnl", text=text))
    assert len(read(inverse(tmp_path, "pnl", text=text.replace(",XBT\n", ",USDT\n")), "size=").decisions) == 3


def test_a_market_that_is_priced_in_a_coin_has_its_money_in_it(tmp_path):
    text = INVERSE.replace("XBTUSD", "ETHBTC")
    assert read(inverse(tmp_path, "pnl_btc", text=text), "size=").notes == []
    with pytest.raises(DataError, match="'pnl_eth' is in ETH"):
        read(inverse(tmp_path, "pnl_eth", text=text))
    with pytest.raises(DataError, match="'pnl_btc' is in BTC"):
        read(inverse(tmp_path, "pnl_btc", text=INVERSE.replace("XBTUSD", "BTC")))


EUROS = """Symbol,Side,Open time (UTC),Close time (UTC),Entry price,Close price,Quantity,{pnl}
ETHUSD,Buy,2025-06-02 10:00:00,2025-06-02 10:30:00,2600,2620,2,{0}
ETHUSD,Sell,2025-06-03 10:00:00,2025-06-03 10:30:00,2610,2630,1,{1}
ETHUSD,Buy,2025-06-04 10:00:00,2025-06-04 10:30:00,2600,2640,1,{2}
"""


@pytest.mark.parametrize(
    ("pnl", "form"),
    [
        ("Profit (EUR)", "{}"),
        ("P&L EUR", "{}"),
        ("Net P&L (€)", "{}"),
        ("Net", "€{}"),
        ("Profit", "{} EUR"),
        ("Profit,Currency", "{},EUR"),
    ],
)
def test_a_pnl_in_other_money_than_the_market_is_refused(tmp_path, pnl, form):
    """An account is kept in euros, and the market is in dollars: what is lost on the rate passed for fees."""
    text = EUROS.format(*(form.format(each) for each in ("32.10", "-18.70", "33.50")), pnl=pnl)
    path = tables.written(tmp_path / "euros.csv", text)
    with pytest.raises(
        DataError, match=r"euros\.csv: .*in EUR: other money than its market is priced in.*--column pnl=,"
    ):
        read(path)
    assert read(path, "pnl=").decisions["fees"].isna().all()
    in_euros = tables.written(tmp_path / "market.csv", text.replace("ETHUSD", "ETHEUR"))
    assert read(in_euros).check.net.tolist() == pytest.approx([32.10, -18.70, 33.50])


def test_fees_whose_texts_name_a_coin_are_not_known(tmp_path):
    rows = [f"{row},0.004 BNB" for row in tables.PLAIN_ROWS]
    found = read(tables.plain(tmp_path / "log.csv", *rows, further="fees"))
    assert found.decisions["fees"].isna().all()
    assert "fees of 3 trades are in BNB, not in the market's money: not taken" in found.notes


METATRADER_4 = """Ticket,Open Time,Type,Size,Item,Price,S/L,T/P,Close Time,Price,Commission,Taxes,Swap,Profit,Comment
1001,2025-06-02 10:00:00,buy,2.00,ETHUSD,2600.00,,,2025-06-02 10:30:00,2620.00,-2.00,0,-0.50,40.00,[tp]
1002,2025-06-02 11:00:00,buy limit,1.00,ETHUSD,2500.00,,,2025-06-02 12:30:00,2610.00,0,0,0,0.00,cancelled
1003,2025-06-03 10:00:00,sell,1.00,ETHUSD,2610.00,,,2025-06-03 10:30:00,2630.00,-1.00,0,-0.25,-20.00,[sl]
1004,2025-06-03 11:00:00,sell stop,1.00,ETHUSD,2580.00,,,2025-06-04 12:30:00,2600.00,0,0,0,0.00,expiration
1005,2025-06-05 10:00:00,buy limit,1.00,ETHUSD,2600.00,,,2025-06-05 10:30:00,2570.00,-1.00,0,0,-30.00,cancelled
"""


def test_orders_that_were_never_executed_are_no_trades(tmp_path):
    """They stand among the trades, with a price at which each was taken away."""
    found = read(tables.written(tmp_path / "history.csv", METATRADER_4))
    assert [bad.place for bad in found.bad] == ["line 3", "line 5"]
    assert all("never executed" in bad.fix for bad in found.bad)
    assert found.decisions["exit_price"].tolist() == [
        2620.0,
        2630.0,
        2570.0,
    ]  # the last made a loss, whatever it says
    assert found.decisions["fees"].tolist() == pytest.approx([2.5, 1.25, 1.0])  # the swap, not the taxes


NO_ZONE = ("2025-10-17 10:00:00", "2025-10-17 11:30:00")


def _table(tmp_path, header: str, *fields: str):
    return tables.written(tmp_path / "log.csv", f"{header}\n{','.join(fields)}\n")


def test_the_zone_of_a_columns_name_goes_before_the_folders(tmp_path):
    """RIBBON_TIMEZONE is of a folder's own files; a table that says UTC is of UTC."""
    header = "entry_time (UTC),entry_price,exit_time (UTC),exit_price,direction"
    path = _table(tmp_path, header, NO_ZONE[0], "3900", NO_ZONE[1], "3939", "long")
    berlin = recording_zone("Europe/Berlin")
    (entry,) = read(path, zone=berlin).decisions["entry_time"]
    assert entry == pd.Timestamp("2025-10-17T10:00:00Z")
    with pytest.raises(DataError, match=r"its name says the zone.*--timezone another one .Europe/Berlin"):
        read(path, zone=berlin, zone_told=True)


def test_an_option_that_the_table_contradicts_is_refused(tmp_path):
    path = tables.plain(tmp_path / "log.csv")
    with pytest.raises(DataError, match="each time says its own zone, as '2025-10-17T10:00:00Z'"):
        read(path, zone=recording_zone("Europe/Berlin"), zone_told=True)
    assert len(read(path, zone=recording_zone("UTC"), zone_told=True).decisions) == 3
    with pytest.raises(ParameterError, match="--direction short: column 'side' says"):
        read(path, direction="SHORT")


@pytest.mark.parametrize(
    ("field", "text", "told"),
    [
        ("size", "50%", "a share, no units.*--column size="),
        ("size", "5000 USDT", "money, no units.*--column notional=size"),
        ("size", "$5000", "money, no units"),
        ("pnl", "1.00%", "a share, no money.*--column pnl_pct=pnl"),
        ("fees", "0.05%", "a share, no money.*--column fees="),
    ],
)
def test_a_share_is_no_money_and_money_no_units(tmp_path, field, text, told):
    times = "2025-10-17T10:00:00Z", "2025-10-17T11:30:00Z"
    path = _table(
        tmp_path,
        f"entry_time,entry_price,exit_time,exit_price,direction,{field}",
        times[0],
        "3900",
        times[1],
        "3939",
        "long",
        text,
    )
    with pytest.raises(DataError, match=f"column '{field}' is taken for {field}, and .*{told}"):
        read(path)


def test_units_may_bear_the_coins_name(tmp_path):
    times = "2025-10-17T10:00:00Z", "2025-10-17T11:30:00Z"
    path = _table(
        tmp_path,
        "entry_time,entry_price,exit_time,exit_price,direction,size",
        times[0],
        "3900",
        times[1],
        "3939",
        "long",
        "1.5 ETH",
    )
    assert read(path).decisions["size"].tolist() == [1.5]


def test_a_table_without_rows_is_told_as_that(tmp_path):
    path = tables.written(tmp_path / "log.csv", "entry_time,entry_price,exit_time,exit_price,direction\n")
    with pytest.raises(DataError, match="holds no row of a trade"):
        read(path)
