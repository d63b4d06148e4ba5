"""The beat as a whole: what is written is what the exchange told, agrees with backfill, and faults leave gaps with a word."""

from __future__ import annotations

import shutil

import pandas as pd

from lib.market.ribbon import states_from_colours
from lib.market.terms import DEFAULT_TERMS
from runner.fetch.backfill import backfill
from tests.runner.venue_feed.bench import START, history_of


def minutes_of(bench, until: pd.Timestamp) -> pd.DataFrame:
    rows = [row for row in bench.venue.rows(START.timestamp()) if row.ended <= until.timestamp()]
    index = pd.DatetimeIndex(pd.to_datetime([row.opened for row in rows], unit="s", utc=True)).as_unit("us")
    columns = ["open", "high", "low", "close", "volume"]
    return pd.DataFrame([row[1:] for row in rows], columns=columns, index=index.rename("timestamp"))


def test_beats_and_candles(bench):
    bench.run(beats=97)  # to 00:16:10
    for name in ("5min", "15min"):
        samples = bench.samples(name)
        assert len(samples) == 97
        assert set(samples["quality"]) == {"ok"}
        assert samples.index[5] == START + pd.Timedelta(minutes=1)
    assert set(bench.rows()["source"]) == {"binance"}
    assert bench.rows()["symbol"].unique().tolist() == ["ETHUSDT"]
    minutes, five = bench.rows("candlesticks_1min.csv"), bench.rows("candlesticks_5min.csv")
    assert len(minutes) == 16 and len(five) == 3 and len(bench.rows("candlesticks_15min.csv")) == 1
    assert set(minutes["source"]) == set(five["source"]) == {"binance"}
    told = minutes_of(bench, START + pd.Timedelta(minutes=16))
    assert minutes["close"].astype(float).tolist() == told["close"].tolist()
    assert minutes["volume"].astype(float).tolist() == told["volume"].tolist()
    first = five.iloc[0][["high", "low", "volume"]].astype(float)
    assert first["high"] == told["high"][:5].max() and first["low"] == told["low"][:5].min()
    assert first["volume"] == round(told["volume"][:5].sum(), 6)


def test_minute_closes_backfill_and_a_replay_agree_value_for_value(bench, past, tmp_path):
    """Two hours: the samples at minute closes are, text for text, those that backfill makes of the same minutes."""
    bench.run(beats=720)
    end = START + pd.Timedelta(hours=2)
    other = tmp_path / "other"
    shutil.copytree(past, other)
    backfill(history_of(minutes_of(bench, end)), other, "test", DEFAULT_TERMS, "ETHUSDT", quiet=True)
    for name in ("5min", "15min"):
        file = f"ema_data_{name}.csv"
        columns = lambda table: table.drop(columns=["seq", "source"]).reset_index(drop=True)  # noqa: E731
        ours = bench.rows(file)
        whole = ours[pd.to_datetime(ours["timestamp"]).dt.second.eq(0) & ours["timestamp"].str.len().eq(20)]
        theirs = pd.read_csv(other / file, dtype=str, keep_default_na=False)
        theirs = theirs[pd.to_datetime(theirs["timestamp"], utc=True) > START]
        assert len(whole) == 120
        pd.testing.assert_frame_equal(columns(whole), columns(theirs))
        read = bench.samples(name)
        assert states_from_colours(read).tolist() == read["state"].tolist()
    for name in ("1min", "5min", "15min"):
        file = f"candlesticks_{name}.csv"
        ours = bench.rows(file).drop(columns="source").reset_index(drop=True)
        theirs = pd.read_csv(other / file, dtype=str, keep_default_na=False).drop(columns="source")
        theirs = theirs[pd.to_datetime(theirs["timestamp"], utc=True) >= START].reset_index(drop=True)
        pd.testing.assert_frame_equal(ours, theirs)
