"""lib.data.window: one window over all files, its source, its hashes, and what it refuses."""

from __future__ import annotations

import dataclasses
import hashlib
import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.contract import schema
from lib.data.rows import RowCounts
from lib.data.source import DataSource
from lib.data.window import MarketWindow, load_window, read_window
from lib.errors import DataError, EmptyWindowError, MissingDataError, MixedDecisionsError, ParameterError
from tests.lib.data import made

WITH_SYMBOL = made.SAMPLE_HEADER + ",symbol"
WITH_MODEL = made.DECISION_HEADER + ",model"


def frames(window: MarketWindow) -> dict[str, pd.DataFrame]:
    values = {field.name: getattr(window, field.name) for field in dataclasses.fields(window)}
    return {name: value for name, value in values.items() if isinstance(value, pd.DataFrame)}


def assert_same(one: MarketWindow, other: MarketWindow) -> None:
    for name, frame in frames(one).items():
        pd.testing.assert_frame_equal(frame, frames(other)[name])
    assert (one.counts, one.source, one.data_until) == (other.counts, other.source, other.data_until)


def test_the_documents_two_examples_load(tmp_path):
    """The CSV examples of the original document, their ellipses filled in; its times are naive."""
    lines = ",".join(f"MMA{number}" for number in range(1, 13))
    values = ",".join(f"{3876.5 + 0.7 * number:.1f}" for number in range(9))
    ribbon = (
        f"timestamp,price,state,{lines}\n"
        f"2025-10-19T14:35:10,3875.25,all_green,3876.5,3877.2,3878.1,{values}\n"
        f"2025-10-19T14:35:20,3875.80,all_green,3876.6,3877.3,3878.2,{values}\n"
    )
    decisions = (
        "timestamp,direction,entry_recommended,confidence,entry_price,executed,reasoning,exit_price,exit_reason,pnl_pct\n"
        '2025-10-19T14:35:22,LONG,YES,0.87,3875.25,True,"Wick down 0.45% + ALL_GREEN",3881.50,TP_HIT,+0.16\n'
        '2025-10-19T15:12:45,SHORT,YES,0.82,3890.10,True,"ALL_RED momentum",3892.30,SL_HIT,-0.06\n'
    )
    candles = "timestamp,open,high,low,close,volume\n2025-10-19T14:30:00,3875.0,3882.5,3873.2,3880.1,1250\n"
    for timeframe in schema.RIBBON_TIMEFRAMES:
        (tmp_path / schema.SAMPLE_FILES[timeframe]).write_text(ribbon)
        (tmp_path / schema.CANDLE_FILES[timeframe]).write_text(candles)
    (tmp_path / schema.DECISIONS_FILE).write_text(decisions)
    window = load_window(tmp_path, zone="UTC")
    assert window.as_of == pd.Timestamp("2025-10-19T15:12:45Z")
    assert window.samples_5min["price"].tolist() == [3875.25, 3875.80]
    assert window.samples_5min["MMA1"].tolist() == [3876.5, 3876.6] and "MMA12" in window.samples_5min
    assert window.decisions["direction"].tolist() == ["LONG", "SHORT"]
    assert window.candles_5min["close"].tolist() == [3880.1]
    assert window.source == DataSource("live", False, "") and window.source.label == "your trades"
    assert window.counts["claude_decisions.csv"] == RowCounts(2, 2, {})


def test_the_newest_known_at_is_the_default(tmp_path, monkeypatch):
    made.market(tmp_path, minutes=60)
    for as_of in (None, "", "newest", "NEWEST"):
        window = load_window(tmp_path, as_of)
        assert window.as_of == window.data_until == made.at(3600)
    assert window.start == made.at(3600 - 86_400) and window.lookback_hours == 24
    monkeypatch.setenv("RIBBON_TRADING_DATA", str(tmp_path))
    assert_same(load_window(), window)


def test_frames_warm_up_before_the_window(tmp_path):
    made.market(tmp_path, minutes=600)
    made.decisions(tmp_path, [made.decision(600 * step) for step in range(60)])
    window = load_window(tmp_path, made.at(36_000), 1.0)
    start = 32_400
    assert window.samples_5min.index[0] == made.at(start - 10_800 + 10)
    assert window.candles_5min["closed_at"].iloc[0] == made.at(start - 10_800 + 300)
    assert window.decisions["timestamp"].iloc[0] == made.at(start - 3600 + 600)
    assert window.in_window(window.samples_5min).index[0] == made.at(start + 10)
    assert window.in_window(window.candles_5min)["closed_at"].tolist() == [
        made.at(start + 300 * step) for step in range(1, 13)
    ]
    assert window.in_window(window.candles_15min).index[-1] == made.at(36_000 - 900)
    assert window.in_window(window.decisions)["timestamp"].iloc[0] == made.at(start + 600)
    assert window.candles_1min.empty and "candlesticks_1min.csv" not in window.counts


def test_data_until_is_what_was_known_not_what_was_asked(tmp_path):
    made.market(tmp_path, minutes=60)
    assert load_window(tmp_path, made.at(7200)).data_until == made.at(3600)
    assert load_window(tmp_path, made.at(1234)).data_until == made.at(1230)


@settings(max_examples=20)
@given(st.integers(10, 59), st.integers(1, 40), st.sampled_from([0.25, 0.5, 24.0]))
def test_nothing_at_as_of_changes_when_later_rows_come(tmp_path_factory, minutes, more, hours):
    """All files at once: the folder as it was, and the same folder some time later, decisions completed."""
    folder = tmp_path_factory.mktemp("later")
    header = made.DECISION_HEADER + ",exit_time"
    as_of = made.at(60 * minutes)

    def decided(until: int) -> None:
        closed = [
            made.decision(60 * minute) + f",{made.stamp(60 * minute + 600)}" for minute in range(until + 1)
        ]
        open_now = [
            row if minute + 10 <= until else row.rsplit(",", 4)[0] + ",,,,"
            for minute, row in enumerate(closed)
        ]
        made.decisions(folder, open_now, header)

    made.market(folder, minutes)
    decided(minutes)
    before = load_window(folder, as_of, hours)
    hashes = read_window(folder, as_of, hours).hashes
    made.market(folder, minutes + more)
    decided(minutes + more)
    assert_same(before, load_window(folder, as_of, hours))
    after = read_window(folder, as_of, hours).hashes
    # A decision row is completed in place (docs/data-contracts.md), so only the other files' bytes stay.
    for name in (*schema.SAMPLE_FILES.values(), "candlesticks_5min.csv", "candlesticks_15min.csv"):
        assert (hashes[name]["sha256"], hashes[name]["window_bytes"]) == (
            after[name]["sha256"],
            after[name]["window_bytes"],
        )


def test_the_hash_is_of_the_windows_lines_warm_up_included(tmp_path):
    made.market(tmp_path, minutes=600)
    hashes = read_window(tmp_path, made.at(36_000), 1.0).hashes
    lines = "".join(made.sample(second) + "\n" for second in range(21_610, 36_001, 10)).encode()
    assert hashes["ema_data_5min.csv"] == {
        "bytes": (tmp_path / "ema_data_5min.csv").stat().st_size,
        "window_bytes": len(lines),
        "sha256": hashlib.sha256(lines).hexdigest(),
    }
    assert "claude_decisions.csv" not in hashes and "candlesticks_1min.csv" not in hashes


def test_an_empty_window_names_the_newest_row_and_the_way_out(tmp_path):
    made.market(tmp_path, minutes=60)
    with pytest.raises(
        EmptyWindowError, match=r"newest is known at 2025-10-19T01:00:00Z.*as_of is 2025-10-21"
    ) as caught:
        load_window(tmp_path, "2025-10-21T00:00:00Z")
    assert "--as-of 2025-10-19T01:00:00Z" in str(caught.value) and caught.value.exit_code == 4
    with pytest.raises(EmptyWindowError):
        load_window(tmp_path, made.at(-1))
    allowed = load_window(tmp_path, "2025-10-21T00:00:00Z", allow_empty=True)
    assert all(frame.empty for frame in frames(allowed).values())


def test_what_is_newest_is_of_what_makes_a_window_and_so_outside_an_empty_one(tmp_path):
    """A decision whose exit is known in the window is no reason to call its row the newest of a market that is not there."""
    made.market(tmp_path, minutes=60)
    header = f"{made.DECISION_HEADER},entry_time,exit_time"
    made.decisions(tmp_path, [f"{made.decision(0)},{made.stamp(10)},{made.stamp(40_000)}"], header)
    with pytest.raises(EmptyWindowError, match="the newest is known at 2025-10-19T01:00:00Z") as caught:
        load_window(tmp_path, "newest", lookback_hours=2.0)
    way = re.search(r"--as-of (\S+)`", str(caught.value)).group(1)
    assert len(load_window(tmp_path, way).samples_5min)


@pytest.mark.parametrize("hours", [0, -1, float("nan"), float("inf"), 1e300, 1e9, True, "24"])
def test_a_lookback_that_is_none_is_refused(tmp_path, hours):
    made.market(tmp_path, minutes=5)
    with pytest.raises(ParameterError, match="lookback_hours"):
        load_window(tmp_path, lookback_hours=hours)


@pytest.mark.parametrize("as_of", ["yesterday", "2025-10-19", "2025-10-19T00:00:00", "2025-13-01T00:00:00Z"])
def test_an_as_of_that_is_no_instant_is_refused(tmp_path, as_of):
    made.market(tmp_path, minutes=5)
    with pytest.raises(ParameterError):
        load_window(tmp_path, as_of)


def test_what_is_missing_is_named(tmp_path):
    with pytest.raises(MissingDataError, match=r"folder is not there.*ribbon simulate"):
        load_window(tmp_path / "nowhere")
    with pytest.raises(MissingDataError, match="no rows yet"):
        load_window(tmp_path)
    made.market(tmp_path, minutes=5)
    for name in (*schema.SAMPLE_FILES.values(), "candlesticks_5min.csv", "candlesticks_15min.csv"):
        text = (tmp_path / name).read_text()
        (tmp_path / name).unlink()
        with pytest.raises(MissingDataError, match=f"{name}.*ribbon backfill"):
            load_window(tmp_path)
        (tmp_path / name).write_text(text)
    assert load_window(tmp_path).source.label == "no decisions yet"


def test_decisions_of_which_none_can_be_read_are_not_told_as_none_yet(tmp_path):
    made.market(tmp_path, minutes=5)
    rows = [made.decision(second).replace("LONG", "LNG") for second in (10, 20, 30)]
    made.decisions(tmp_path, rows)
    source = load_window(tmp_path).source
    assert source.label == "decisions that cannot be read (set aside: 3 rows)"
    assert source.as_dict()["label"] == source.label and "unread" not in source.as_dict()
    made.decisions(tmp_path, [*rows, made.decision(40)])
    assert load_window(tmp_path).source.label == "your trades"
    (tmp_path / schema.DECISIONS_FILE).write_text(made.DECISION_HEADER + "\n" + made.decision(10))
    assert load_window(tmp_path).source.label == "no decisions yet"


@pytest.mark.parametrize(
    ("model", "symbol", "kind", "label"),
    [
        ("", "ETHUSDT", "live", "your trades"),
        ("claude-x", "ETHUSDT", "live", "your trades"),
        ("rules", "ETHUSDT", "rules", "rule decider"),
        ("rules", "SYNTHETIC-7", "rules", "rule decider on a synthetic market"),
        ("simulated", "SYNTHETIC", "simulated", "simulated decisions on a synthetic market"),
        ("rules", "SYNTHETIC-PLANTED", "rules", "rule decider on a synthetic market with planted edges"),
    ],
)
def test_the_source_is_told_in_words(tmp_path, model, symbol, kind, label):
    made.market(tmp_path, 5, WITH_SYMBOL, f",{symbol}")
    made.decisions(tmp_path, [f"{made.decision(10)},{model}"], WITH_MODEL)
    source = load_window(tmp_path).source
    assert (source.decisions, source.symbol, source.label) == (kind, symbol, label)
    assert source.as_dict() == {
        "decisions": kind,
        "synthetic": "SYN" in symbol,
        "symbol": symbol,
        "coin": source.coin,
        "label": label,
    }


def test_decisions_of_two_kinds_are_refused(tmp_path):
    made.market(tmp_path, 5)
    made.decisions(tmp_path, [f"{made.decision(10)},rules", f"{made.decision(20)},claude-x"], WITH_MODEL)
    with pytest.raises(MixedDecisionsError, match="live, rules"):
        load_window(tmp_path)


def test_a_synthetic_market_is_told_even_where_the_window_has_candles_only(tmp_path):
    made.market(tmp_path, 60, WITH_SYMBOL, ",SYNTHETIC")
    made.candles(tmp_path, [made.candle(86_400 + 300 * step) for step in range(10)])
    window = load_window(tmp_path, lookback_hours=0.5)
    assert window.samples_5min.empty and window.source.synthetic


@pytest.mark.parametrize(
    ("symbol", "coin"),
    [
        ("ETHUSDT", "ETH"),
        ("ETHUSDT_perp", "ETH"),
        ("ETH/USDT", "ETH"),
        ("ETH/USDT:USDT", "ETH"),
        ("BINANCE:ETHUSDT.P", "ETH"),
        ("1000PEPEUSDT", "1000PEPE"),
        ("SYNTHETIC-BTCUSD", "BTC"),
        ("SYNTHETIC-TEST", "coin"),
        ("", "coin"),
    ],
)
def test_the_coin_that_dollars_are_told_of_is_that_of_the_symbol(symbol, coin):
    assert DataSource("none", False, symbol).coin == coin


def test_samples_of_two_markets_are_no_window(tmp_path):
    header = made.SAMPLE_HEADER + ",symbol"
    made.market(tmp_path, header=header, ending=",ETHUSDT")
    load_window(tmp_path, made.at(3_600), 1.0)
    path = tmp_path / "ema_data_15min.csv"
    path.write_text(path.read_text().replace("ETHUSDT", "BTCUSDT"))
    with pytest.raises(DataError, match="samples of BTCUSDT and of ETHUSDT lie in one window"):
        load_window(tmp_path, made.at(3_600), 1.0)
