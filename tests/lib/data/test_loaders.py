"""lib.data.loaders: canonical samples and candles, bounded by what was known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.contract import schema
from lib.data.loaders import empty_candles, load_candles, load_samples
from lib.data.rows import RowCounts
from lib.errors import DataError, HeaderError, MissingDataError
from tests.lib.data import made

COLOURED = "timestamp,price,state,MMA10,MMA5,MMA10_color,MMA5_color,quality,classifier,symbol,seq"


def coloured(seconds: float, colours: tuple[str, str], state: str = "mixed", quality: str = "ok") -> str:
    """A row for COLOURED: two lines that move with the price, so nothing is frozen."""
    return f"{made.stamp(seconds)},{100 + seconds},{state},{seconds},{seconds + 1},{colours[0]},{colours[1]},{quality},old-1,ETH,7"


def only(tmp_path, row: str, header: str = COLOURED) -> pd.Series:
    made.samples(tmp_path, [row], header)
    frame, counts = load_samples(tmp_path, "5min", None, None)
    assert counts == RowCounts(1, 1, {})
    return frame.iloc[0]


def test_lines_are_ordered_by_number_and_further_columns_left_out(tmp_path):
    row = only(tmp_path, coloured(0, ("green", "red")))
    assert row.index.tolist() == [
        "price",
        "state",
        "quality",
        "symbol",
        "MMA5",
        "MMA10",
        "MMA5_color",
        "MMA10_color",
    ]
    assert row["MMA5"] == 1 and row["MMA10"] == 0 and row["MMA5_color"] == "red" and row["symbol"] == "ETH"


def test_the_state_is_recomputed_from_colours(tmp_path):
    assert only(tmp_path, coloured(0, ("#00ff00", "green"), state="all_red"))["state"] == "all_green"


def test_without_colours_the_logged_state_counts(tmp_path):
    assert only(tmp_path, coloured(0, ("", ""), state="ALL_RED "))["state"] == "all_red"
    assert only(tmp_path, made.sample(0, state="Mixed_Green"), made.SAMPLE_HEADER)["state"] == "mixed_green"
    assert only(tmp_path, made.sample(0, state="bullish!"), made.SAMPLE_HEADER)["state"] == "unknown"
    assert only(tmp_path, made.sample(0, state=""), made.SAMPLE_HEADER)["state"] == "unknown"


def test_a_partial_row_counts_as_unknown(tmp_path):
    row = only(tmp_path, coloured(0, ("green", "green"), quality="PARTIAL"))
    assert (row["state"], row["quality"]) == ("unknown", "partial")


def test_a_blank_or_missing_quality_is_ok_and_an_unknown_one_is_a_bad_value(tmp_path):
    assert only(tmp_path, coloured(0, ("green", "green"), quality=""))["quality"] == "ok"
    assert only(tmp_path, made.sample(0), made.SAMPLE_HEADER)["quality"] == "ok"
    made.samples(
        tmp_path, [coloured(0, ("green", "green"), quality="fine"), coloured(10, ("red", "red"))], COLOURED
    )
    assert load_samples(tmp_path, "5min", None, None)[1] == RowCounts(2, 1, {"bad_value": 1})


def test_frozen_stretches_are_found_whatever_was_written(tmp_path):
    """Lines stand still from 60 to 130 s while the price moves: those rows are frozen; the row written as frozen stays so."""
    rows = []
    for step in range(20):
        line = 5 + min(step, 6) if step < 14 else 5 + step
        quality = "frozen" if step == 17 else "ok"
        rows.append(f"{made.stamp(10 * step)},{100 + step},mixed,{line},{line},{quality}")
    made.samples(tmp_path, rows, "timestamp,price,state,MMA5,MMA10,quality")
    frame, _ = load_samples(tmp_path, "5min", None, None)
    assert np.flatnonzero(frame["quality"] == "frozen").tolist() == [*range(6, 14), 17]
    # A window that begins inside the stretch sees it; one that ends before its first minute was over does not.
    inside, _ = load_samples(tmp_path, "5min", made.at(100), None)
    assert np.flatnonzero(inside["quality"] == "frozen").tolist() == [0, 1, 2, 6]
    early, _ = load_samples(tmp_path, "5min", None, made.at(110))
    assert (early["quality"] == "ok").all()


def test_an_old_recording_is_sent_to_its_converter(tmp_path):
    made.samples(
        tmp_path, ["2025-10-19T14:35:10Z,100,all_green,1"], "timestamp,price,ribbon_state,MMA5_value"
    )
    with pytest.raises(HeaderError, match=r"column state: .*ribbon import-recording"):
        load_samples(tmp_path, "5min", None, None)


@pytest.mark.parametrize("column", ["price", "state"])
def test_a_samples_header_needs_its_columns(tmp_path, column):
    made.samples(tmp_path, [], made.SAMPLE_HEADER.replace(column, "other"))
    with pytest.raises(HeaderError, match=f"line 1, column {column}"):
        load_samples(tmp_path, "5min", None, None)


@pytest.mark.parametrize("column", ["open", "high", "low", "close"])
def test_a_candles_header_needs_its_columns(tmp_path, column):
    made.candles(tmp_path, [], made.CANDLE_HEADER.replace(column, "other"))
    with pytest.raises(HeaderError, match=f"line 1, column {column}"):
        load_candles(tmp_path, "5min", None, None)


def test_a_candle_is_known_when_it_closes(tmp_path):
    """Planted leak: the candle of 00:10 is in the file, but open until 00:15."""
    made.candles(tmp_path, [made.candle(300 * step) for step in range(3)])
    frame, counts = load_candles(tmp_path, "5min", None, made.at(899))
    assert frame["closed_at"].tolist() == [made.at(300), made.at(600)] and counts == RowCounts(2, 2, {})
    frame, _ = load_candles(tmp_path, "5min", made.at(300), made.at(900))
    assert frame.index.tolist() == [made.at(300), made.at(600)]
    assert frame.columns.tolist() == ["open", "high", "low", "close", "volume", "closed_at"]


@pytest.mark.parametrize(
    "values", ["100,99,50,100,1", "100,200,101,100,1", "100,200,150,100,1", "0,200,0,100,1", "100,200,-5,100,1",
               "100,200,50,,1", ",200,50,100,1", "100,,50,100,1", "100,200,,100,1", "100,200,50,100,-1", "100,200,50,201,1"]
)  # fmt: skip
def test_an_impossible_candle_is_a_bad_value(tmp_path, values):
    made.candles(tmp_path, [made.candle(0), f"{made.stamp(300)},{values}", made.candle(600)])
    frame, counts = load_candles(tmp_path, "5min", None, None)
    assert counts == RowCounts(3, 2, {"bad_value": 1}) and len(frame) == 2


def test_a_blank_volume_is_missing(tmp_path):
    made.candles(tmp_path, [made.candle(0, volume=""), made.candle(300)])
    frame, counts = load_candles(tmp_path, "5min", None, None)
    np.testing.assert_array_equal(frame["volume"], [np.nan, 5])
    assert counts == RowCounts(2, 2, {})


def test_a_candles_frame_without_rows_has_the_columns_of_one_with(tmp_path):
    made.candles(tmp_path, [made.candle(0)])
    frame, _ = load_candles(tmp_path, "5min", None, None)
    assert frame.dtypes.equals(empty_candles().dtypes) and frame.index.dtype == empty_candles().index.dtype


def test_missing_files(tmp_path):
    with pytest.raises(MissingDataError, match=r"ema_data_15min\.csv"):
        load_samples(tmp_path, "15min", None, None)
    with pytest.raises(MissingDataError, match=r"candlesticks_5min\.csv"):
        load_candles(tmp_path, "5min", None, None)


@settings(max_examples=50)
@given(
    st.integers(0, 60), st.lists(st.integers(1, 10), max_size=30), st.integers(0, 400), st.integers(0, 400)
)
def test_later_rows_never_change_what_was_known(tmp_path_factory, seed, steps, as_of, lookback):
    """Rows known after as_of are appended in any order, a stale line among them: nothing at as_of moves."""
    folder = tmp_path_factory.mktemp("later")
    random = np.random.default_rng(seed)
    early = [10 * step for step in range(as_of // 10 + 1)]
    later = [as_of + 10 * step for step in steps]
    rows = {
        second: f"{made.stamp(second)},{random.integers(90, 110)},mixed,{second // 90},5"
        for second in {*early, *later}
    }
    made.samples(folder, [rows[second] for second in early])
    before = load_samples(folder, "5min", made.at(as_of - lookback), made.at(as_of))
    made.samples(
        folder, [rows[second] for second in [*early, *(second for second in later if second > as_of)]]
    )
    after = load_samples(folder, "5min", made.at(as_of - lookback), made.at(as_of))
    pd.testing.assert_frame_equal(before[0], after[0])
    assert before[1] == after[1]


def test_real_candles_are_read_whole(tmp_path, shared_data):
    source = pd.read_csv(shared_data / "ETHUSDT_spot_15m_2024-01-01_2024-09-06.csv.gz").iloc[:500]
    opened = pd.to_datetime(source.iloc[:, 0], utc=True).dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    values = source[["open", "high", "low", "close", "volume"]]
    rows = [
        ",".join([time, *map(repr, row)])
        for time, row in zip(opened, values.to_numpy().tolist(), strict=True)
    ]
    made.candles(tmp_path, rows, timeframe="15min")
    frame, counts = load_candles(tmp_path, "15min", None, None)
    assert counts == RowCounts(500, 500, {})
    np.testing.assert_array_equal(frame[list(schema.CANDLE_COLUMNS[1:])].to_numpy(), values.to_numpy())


@pytest.mark.parametrize(("timeframe", "apart"), [("1min", 5), ("5min", 1), ("5min", 15), ("15min", 5)])
def test_a_file_of_another_timeframe_under_its_name_is_refused(tmp_path, timeframe, apart):
    """Candles of five minutes in the file of minutes would know the four minutes that follow."""
    opens = pd.date_range("2026-01-05", periods=40, freq=f"{apart}min")
    path = tmp_path / schema.CANDLE_FILES[timeframe]
    rows = "".join(f"{each:%Y-%m-%dT%H:%M:%SZ},100,101,99,100,1\n" for each in opens)
    path.write_text(f"timestamp,open,high,low,close,volume\n{rows}")
    told = f"its candles of 2026-01-05T00:00:00Z and behind are {apart} min apart, and the file is one of {schema.MINUTES[timeframe]} min"
    with pytest.raises(DataError, match=told):
        load_candles(tmp_path, timeframe, None, None)


def test_minutes_without_a_trade_make_no_other_timeframe(tmp_path):
    opens = pd.date_range("2026-01-05", periods=200, freq="1min")[np.random.default_rng(5).random(200) < 0.2]
    rows = "".join(f"{each:%Y-%m-%dT%H:%M:%SZ},100,101,99,100,1\n" for each in opens)
    (tmp_path / schema.CANDLE_FILES["1min"]).write_text(f"timestamp,open,high,low,close,volume\n{rows}")
    assert len(load_candles(tmp_path, "1min", None, None)[0]) == len(opens)
