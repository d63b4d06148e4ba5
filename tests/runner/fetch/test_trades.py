"""The log of another bot into a folder: once, in the order of time, beside nothing else."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone
from pathlib import Path

import pandas as pd
import pytest

from lib.analysis.actual_trades import analyze_actual
from lib.analysis.trades import actual_trades
from lib.contract import schema
from lib.data.window import load_window
from lib.errors import DataError, EmptyWindowError, MixedDecisionsError
from lib.foreign.trade_rows import Reading
from lib.market.candles import with_closed_at
from lib.market.costs import DEFAULT_COSTS
from runner.fetch.trades import TradesPlan, plan_import, write_trades
from runner.files.tables import WriteCounts, write_candles, write_decisions
from runner.trade.decision_log import DecisionLog
from tests.builders import decisions
from tests.lib.foreign import trade_tables as tables

NOW = pd.Timestamp("2026-11-01T00:00:00Z").as_unit("us")


def plan(path: Path, folder: Path, **reading: object) -> TradesPlan:
    return plan_import(path, folder, [], Reading(**{"zone": UTC} | reading), DEFAULT_COSTS, NOW)


def rows(folder: Path) -> list[str]:
    return (folder / schema.DECISIONS_FILE).read_text().splitlines()[1:]


def test_the_contests_trades_as_they_were_given(shared_data, tmp_path):
    """Six models' real trades, read without any option."""
    path = shared_data / "llm_closed_trades_ETH_2025-10.json"
    found = plan_import(path, tmp_path, [], Reading(), DEFAULT_COSTS, NOW)
    figures, check = found.figures(), found.source_check()
    assert (figures["trades"], figures["win_rate"], figures["net_pct"]) == (
        56,
        12.5,
        pytest.approx(-56.858, abs=5e-4),
    )
    assert (figures["account_net"], check["source_sum"]) == (-7606.23, -7606.23)
    # What its own fee columns make is $11.53 less: 11 trades differ.
    assert (check["pnl_is"], check["compared"], check["deviating"], check["own_sum"]) == (
        "net",
        56,
        11,
        -7617.77,
    )
    assert (figures["long"], figures["short"], len(figures["models"])) == (34, 22, 6)
    assert write_trades(found) == WriteCounts(rows=56)
    window = load_window(tmp_path, "newest", 200, trades_suffice=True)
    result = analyze_actual(window, actual_trades(window))
    assert (result.total_trades, result.win_rate, result.total_pnl_pct) == (56, 12.5, -56.8584)
    assert (result.account_pnl, result.account_gross_pnl, result.account_fees) == (-7606.23, -7005.04, 601.19)
    assert (result.account_trades, result.pnl_deviations, result.total_pnl) == (56, 0, -2235.6)
    assert (window.source.label, window.source.symbol) == ("imported trades", "ETH")


def test_a_plan_writes_nothing_and_a_second_import_adds_nothing(tmp_path):
    path, folder = tables.plain(tmp_path / "log.csv"), tmp_path / "data"
    first = plan(path, folder)
    assert (first.new, first.held, folder.exists()) == (3, 0, False)
    write_trades(first)
    before = rows(folder)
    again = plan(path, folder, model="another name")
    assert (again.new, again.held) == (0, 3)
    assert write_trades(again) == WriteCounts(skipped=3) and rows(folder) == before


def test_older_trades_are_put_in_the_order_of_time(tmp_path):
    late = tables.plain(tmp_path / "late.csv", *tables.PLAIN_ROWS[1:])
    whole = tables.plain(tmp_path / "whole.csv")
    for path in (late, whole):
        write_trades(plan(path, tmp_path / "parts"))
    write_trades(plan(whole, tmp_path / "once", source="imported"))
    assert rows(tmp_path / "parts") == rows(tmp_path / "once")
    assert write_trades(plan(whole, tmp_path / "parts")) == WriteCounts(skipped=3)


@pytest.mark.parametrize(
    "changed",
    [
        lambda row: row.replace("3939", "3938.6"),  # a price rounded by a spreadsheet
        lambda row: row.replace("10:00:00Z", "10:00:41Z"),  # seconds dropped, or there
    ],
)
def test_a_trade_that_the_folder_holds_with_other_values_is_refused(tmp_path, changed):
    """It would count twice."""
    path, folder = tables.plain(tmp_path / "log.csv"), tmp_path / "data"
    write_trades(plan(path, folder))
    before, first = rows(folder), tables.PLAIN_ROWS[0]
    assert changed(first) != first
    saved = tables.plain(tmp_path / "saved.csv", changed(first), *tables.PLAIN_ROWS[1:])
    with pytest.raises(
        DataError, match=r"saved\.csv: line 2: the \w+ trade from .*Give the file as the bot wrote it"
    ):
        plan(saved, folder)
    assert rows(folder) == before
    both = tables.plain(tmp_path / "both.csv", changed(first), *tables.PLAIN_ROWS)
    assert (plan(both, folder).new, plan(both, folder).held) == (1, 3)


@pytest.mark.parametrize("before", ["3,1,4", ",,"])
def test_fees_that_were_booked_after_an_import_are_not_passed_over(tmp_path, before):
    def with_fees(name: str, fees: str) -> Path:
        rows = [f"{row},{fee}" for row, fee in zip(tables.PLAIN_ROWS, fees.split(","), strict=True)]
        return tables.plain(tmp_path / name, *rows, further="fees")

    folder = tmp_path / "data"
    write_trades(plan(with_fees("first.csv", before), folder))
    kept = rows(folder)
    with pytest.raises(
        DataError, match=r"later\.csv: line 4: the trade stands .*, and here with 4\.75\. To take"
    ):
        plan(with_fees("later.csv", "3,1,4.75" if before != ",," else ",,4.75"), folder)
    assert rows(folder) == kept
    assert plan(with_fees("less.csv", ",,"), folder).held == 3


@pytest.mark.parametrize("hours", [-6, 1, 5.75])
def test_a_trade_at_another_zones_times_is_refused_until_one_file_holds_both(tmp_path, hours):
    """Who travels forgets that times without a zone were Berlin's; each trade counted twice."""
    naive = [row.replace("Z,", ",") for row in tables.PLAIN_ROWS]
    path, folder = tables.plain(tmp_path / "log.csv", *naive), tmp_path / "data"
    write_trades(plan(path, folder))
    before, elsewhere = rows(folder), timezone(timedelta(hours=hours))
    with pytest.raises(DataError, match=r"log\.csv: line 2: the \w+ trade of .*the same prices.* --timezone"):
        plan(path, folder, zone=elsewhere)
    assert rows(folder) == before
    moved = tables.plain(tmp_path / "moved.csv", tables.PLAIN_ROWS[0].replace("T1", "T0"))
    with pytest.raises(DataError, match="entered at 2025-10-17T10:00:00Z"):
        plan(moved, folder)
    both = tables.plain(tmp_path / "both.csv", tables.PLAIN_ROWS[0].replace("T1", "T0"), *tables.PLAIN_ROWS)
    assert (plan(both, folder).new, plan(both, folder).held) == (1, 3)


def test_own_decisions_and_imported_ones_do_not_mix(tmp_path):
    path = tables.plain(tmp_path / "log.csv")
    write_decisions(tmp_path / "own", decisions([{"timestamp": 1, "direction": "LONG", "model": "claude"}]))
    with pytest.raises(MixedDecisionsError, match="another --trading-data"):
        plan(path, tmp_path / "own")
    write_trades(plan(path, tmp_path / "imported"))
    with pytest.raises(MixedDecisionsError, match="imported"), DecisionLog(tmp_path / "imported", "claude"):
        pass


def test_one_folder_holds_one_market(tmp_path):
    eth = tables.plain(tmp_path / "eth.csv", *(f"{row},ETH" for row in tables.PLAIN_ROWS), further="symbol")
    other = tables.plain(tmp_path / "btc.csv", *(f"{row},BTC" for row in tables.PLAIN_ROWS), further="symbol")
    same = tables.plain(
        tmp_path / "usdt.csv", *(f"{row},ETHUSDT" for row in tables.PLAIN_ROWS), further="symbol"
    )
    write_trades(plan(eth, tmp_path / "data"))
    with pytest.raises(DataError, match="trades of ETH, not of BTC"):
        plan(other, tmp_path / "data")
    with pytest.raises(DataError, match="stands in the folder, written otherwise"):
        plan(same, tmp_path / "data")
    moved = (f"{row.replace('2025-10-1', '2025-10-2')},ETHUSDT" for row in tables.PLAIN_ROWS)
    later = tables.plain(tmp_path / "later.csv", *moved, further="symbol")
    assert plan(later, tmp_path / "data").columns["symbol"] == "symbol"


@pytest.mark.parametrize(("price", "fits"), [(3920.0, True), (2500.0, False)])
def test_entries_far_from_the_folders_candles_are_of_another_market(tmp_path, price, fits):
    index = pd.date_range("2025-10-17T09:00:00Z", periods=60, freq="5min", unit="us", name="timestamp")
    frame = pd.DataFrame(dict.fromkeys(("open", "high", "low", "close"), price), index=index)
    write_candles(tmp_path, "5min", with_closed_at(frame.assign(volume=1.0), 5), 2)
    path = tables.plain(tmp_path / "log.csv")
    if fits:
        assert plan(path, tmp_path).new == 3
    else:
        with pytest.raises(DataError, match="another market, or another zone"):
            plan(path, tmp_path)


def test_trades_without_candles_are_a_window_for_who_needs_no_more(tmp_path):
    write_trades(plan(tables.plain(tmp_path / "log.csv"), tmp_path))
    window = load_window(tmp_path, "newest", 72, trades_suffice=True)
    assert (len(actual_trades(window).closed), window.has_market) == (3, False)
    with pytest.raises(EmptyWindowError, match=r"decisions, but no candle and no sample.*ribbon backfill"):
        load_window(tmp_path, "newest", 72)
    with pytest.raises(EmptyWindowError, match="there is none at all"):
        load_window(tmp_path, "2025-12-01T00:00:00Z", 24, trades_suffice=True)


def test_the_time_that_is_shown_is_the_one_that_is_taken_where_a_columns_name_says_the_zone(tmp_path):
    path = tmp_path / "okx.csv"
    path.write_text(
        "Instrument,Side,Entry price,Exit price,Open time(UTC+8),Close time(UTC+8)\n"
        "ETHUSDT,Long,2500,2520,2025-06-03 22:00:11,2025-06-03 22:20:11\n"
    )
    found = plan(path, tmp_path / "data")
    assert found.trades.decisions["entry_time"].iloc[0] == pd.Timestamp("2025-06-03T14:00:11Z")
    assert found.examples["entry_time"] == "2025-06-03 22:00:11 -> 2025-06-03T14:00:11Z"
    assert found.examples["exit_time"] == "2025-06-03 22:20:11 -> 2025-06-03T14:20:11Z"


def test_a_header_of_another_language_is_found_by_the_columns_that_are_named(tmp_path):
    path = tables.written(
        tmp_path / "log.csv",
        "Abertura,Preço de Entrada,Fechamento,Preço de Saída,Lado\n2025-10-17T10:00:00Z,3900.00,2025-10-17T11:30:00Z,3939.00,long\n",
    )
    named = [
        "entry_time=Abertura",
        "entry_price=Preço de Entrada",
        "exit_time=Fechamento",
        "exit_price=Preço de Saída",
        "direction=Lado",
    ]
    found = plan_import(path, tmp_path / "data", named, Reading(zone=UTC), DEFAULT_COSTS, NOW)
    assert found.trades.decisions["exit_price"].tolist() == [3939.0]
