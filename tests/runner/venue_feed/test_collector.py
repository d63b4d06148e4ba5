"""The beat as a whole: what is written is what the exchange told, agrees with backfill, and faults leave gaps with a word."""

from __future__ import annotations

import errno
import json
import shutil

import pandas as pd
import pytest

from lib.market.ribbon import states_from_colours
from lib.market.terms import DEFAULT_TERMS
from runner.cli.status import _collector_rows
from runner.collect.collector_state import DoubtedSamples, read_collector
from runner.collect.state_file import STATE_FILE, StateFile
from runner.errors import ClockError, LockedError
from runner.fetch.backfill import backfill
from runner.files import journal as journal_module
from tests.runner.venue_feed.bench import START, Bench, history_of


def minutes_of(bench, until: pd.Timestamp) -> pd.DataFrame:
    rows = [row for row in bench.venue.rows(START.timestamp()) if row.ended <= until.timestamp()]
    index = pd.DatetimeIndex(pd.to_datetime([row.opened for row in rows], unit="s", utc=True)).as_unit("us")
    columns = ["open", "high", "low", "close", "volume"]
    return pd.DataFrame([row[1:] for row in rows], columns=columns, index=index.rename("timestamp"))


def test_minutes_ahead_of_the_clock_begin_no_collector_that_would_write_none(bench):
    path = bench.folder / "candlesticks_1min.csv"
    last = path.read_text().splitlines()[-1]
    with path.open("a") as file:
        file.write(f"2026-01-06T00:00:00Z,{last.partition(',')[2]}\n")
    with pytest.raises(ClockError, match="ahead of this machine's clock"):
        bench.run(beats=1)


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


@pytest.mark.slow
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


def test_a_full_disk_is_told_and_nothing_is_lost(bench, monkeypatch):
    write = journal_module._write_all

    def full(fd: int, data: bytes) -> None:
        write(fd, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    with bench.collector() as collector:
        collector.run(beats=3)
        with monkeypatch.context() as broken:
            broken.setattr(journal_module, "_write_all", full)
            collector.run(beats=10)
            state = bench.state()
            assert state["status"] == "disk_full" and "No space left" in state["disk"]
        collector.run(beats=1)
        assert bench.state()["status"] == "reading"
    assert len(bench.samples()) == 14
    assert len(bench.rows("candlesticks_1min.csv")) == 2
    assert [words.split(":")[0] for words in bench.said if words.startswith("disk")] == ["disk", "disk"]


def test_a_fault_is_told_with_what_to_do_and_what_was_missed_is_written_afterwards(bench):
    with bench.collector() as collector:
        collector.run(beats=6)
        bench.venue.fault, bench.venue.stream = "country", "none"
        collector.run(beats=12)
        state = read_collector(bench.folder)
        assert state.status == "waiting" and state.source == "binance"
        found = state.findings(pd.Timestamp(bench.clock.wall(), unit="s", tz="UTC"))
        assert [each.what for each in found] == ["binance is not read"]
        assert "another exchange" in found[0].fix
        assert state.charts["5min"].refused == {"country": 12}
        bench.venue.fault = ""
        collector.run(beats=12)
    samples, rows = bench.samples(), bench.rows()
    assert read_collector(bench.folder).status == "stopped"
    minutes = bench.rows("candlesticks_1min.csv")["timestamp"].tolist()
    assert minutes == [f"2026-01-05T00:0{minute}:00Z" for minute in range(5)]
    assert "backfill" in rows["source"].tolist()
    assert samples.index.is_monotonic_increasing
    assert any("country" in words for words in bench.said)
    assert any("read again" in words for words in bench.said)


def test_a_stream_that_is_back_first_waits_for_the_minutes_that_were_missed(bench):
    """In the midst of a minute it tells a price again: the closes before it come first, because samples only grow."""
    with bench.collector() as collector:
        collector.run(beats=6)
        bench.venue.fault, bench.venue.stream = "down", "silent"
        collector.run(beats=15)
        bench.venue.fault, bench.venue.stream = "", "well"
        collector.run(beats=3)
    rows = bench.rows()
    again = rows[rows["source"] == "backfill"]["timestamp"].tolist()
    assert again == [f"2026-01-05T00:0{minute}:00Z" for minute in (2, 3)]
    assert bench.samples().index.is_monotonic_increasing


def test_a_market_that_stands_still_leaves_frozen_samples(bench):
    since = bench.clock.wall() + 60
    bench.venue.as_of = lambda now: min(now, since)
    bench.run(beats=18)
    assert bench.samples()["quality"].tolist()[-4:] == ["frozen"] * 4
    state = read_collector(bench.folder)
    assert "traded" in state.charts["5min"].remedy


def test_lines_come_from_the_words_for_people(bench):
    bench.run(beats=8)
    rows = _collector_rows(json.loads((bench.folder / STATE_FILE).read_text()))
    lines = [": ".join(row) for row in rows]
    assert "ETHUSDT of binance" in lines[0]
    assert any("stream of minutes" in line for line in lines)
    assert any("1 written" in line for line in lines)


def test_a_second_collector_is_refused(bench):
    with bench.collector(), pytest.raises(LockedError):
        bench.collector().__enter__()


def test_beats_that_do_not_divide_a_minute_lose_no_minute(past, tmp_path):
    bench = Bench(past, tmp_path / "data", beat_s=7.0)
    bench.run(beats=40)
    whole = bench.rows()["timestamp"].str.endswith(":00Z").sum()
    assert whole == 4
    assert len(bench.rows("candlesticks_1min.csv")) == 4


def test_a_wick_of_half_the_price_is_a_missing_candle_that_is_counted_and_told(bench):
    wick = round(START.timestamp()) + 120

    def change(rows, now):
        return [row._replace(low=row.low * 0.4) if row.opened == wick else row for row in rows]

    bench.venue.change = change
    with bench.collector() as collector:
        collector.run(beats=22)
        assert bench.state()["venue"]["lost"] == 0  # asked for until three minutes are over
        collector.run(beats=24)
        state = read_collector(bench.folder)
    opens = pd.to_datetime(bench.rows("candlesticks_1min.csv")["timestamp"], utc=True)
    assert START + pd.Timedelta(minutes=2) not in set(opens) and len(opens) == 6
    venue = state.venue
    assert (venue.lost, venue.lost_at) == (1, "2026-01-05T00:02:00Z") and venue.implausible > 5
    (found,) = state.findings(pd.Timestamp(bench.clock.wall(), unit="s", tz="UTC"))
    assert found.what.startswith("1 minute stays missing, the last of 2026-01-05T00:02:00Z")
    assert "backfill --gaps" in found.fix
    rows = dict(_collector_rows(json.loads((bench.folder / STATE_FILE).read_text())))
    assert rows["  minutes"].endswith("rows left out, 1 missing")


def test_what_a_chart_was_doubted_for_is_told_until_somebody_took_it_out(bench):
    """A folder that is collected from an exchange after a chart was found wrong."""
    bench.run(3)
    times = bench.rows()["timestamp"]
    doubted = DoubtedSamples(file="ema_data_5min.csv", since=times.iloc[0], until=times.iloc[1], samples=2)
    gone = doubted.model_copy(update={"since": "2020-01-01T00:00:00Z", "until": "2020-01-01T00:01:00Z"})
    nowhere = doubted.model_copy(update={"file": "ema_data_60min.csv"})
    state = read_collector(bench.folder)
    state.charts["5min"].doubted = [gone, doubted]
    StateFile(bench.folder).write(state.model_copy(update={"doubted": [nowhere]}).as_dict())
    for _ in range(2):
        bench.run(1)
        found = read_collector(bench.folder)
        assert found.all_doubted == [doubted]
        assert doubted.finding in found.findings(pd.Timestamp(bench.clock.wall(), unit="s", tz="UTC"))
