"""The beat as a whole, hours in moments: what is written is what the market was, and faults leave gaps, not wrong rows."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.contract.quality import REMEDIES
from lib.contract.times import iso
from lib.data.loaders import load_candles, load_samples
from lib.market.ribbon import LINE_PERIODS, ribbon_state
from runner.collect import state_file
from runner.collect.collector import Collector
from runner.collect.state_file import STATE_FILE
from runner.errors import BrowserError, FsyncFailedError, LockedError, PageError
from runner.fetch.simulated import Simulation, write_simulation
from runner.files import journal as journal_module
from runner.files.lock import WriterLock
from tests.chart_page.market import PageMarket
from tests.runner.collect.clocks import HandClock
from tests.runner.collect.paper_charts import PaperCharts
from tests.runner.collect.raws import SETTINGS, raw, value
from tests.runner.collect.raws import row as study

START = pd.Timestamp("2026-01-05T00:00:03Z").timestamp()


class Bench:
    """A collector over paper charts, in a folder, with a clock turned by hand."""

    def __init__(self, folder: Path, seed: int = 1, **settings: object) -> None:
        self.folder = folder
        self.clock = HandClock(START)
        self.charts = PaperCharts(PageMarket.fresh(START - 60, seed, hours=4.0), self.clock)
        self.settings = SETTINGS.model_copy(update=settings)
        self.said: list[str] = []

    def collector(self) -> Collector:
        return Collector(self.settings, self.folder, self.charts, self.clock, self.said.append)

    def run(self, beats: int) -> None:
        with self.collector() as collector:
            collector.run(beats=beats)

    def rows(self, timeframe: str = "5min") -> pd.DataFrame:
        return pd.read_csv(self.folder / f"ema_data_{timeframe}.csv", dtype={"seq": int})

    def state(self) -> dict:
        return json.loads((self.folder / STATE_FILE).read_text())

    def hold_true(self, timeframe: str = "5min", tolerance: float = 0.0051) -> pd.DataFrame:
        """Every row shows the market as it was at its time, in order, numbered without a hole; the samples as loaded."""
        samples, counts = load_samples(self.folder, timeframe, None, None)
        assert counts.ok == counts.rows_in
        assert (np.diff(samples.index.as_unit("us").asi8) > 0).all()
        assert self.rows(timeframe)["seq"].tolist() == list(range(1, len(samples) + 1))
        minutes = int(timeframe.removesuffix("min"))
        for at, row in samples.iterrows():
            lines = self.charts.market.lines_at(at.timestamp(), minutes)
            assert row["price"] == self.charts.market.candle_at(at.timestamp(), minutes).close
            for period, (line, _) in lines.items():
                if f"MMA{period}" in row and not np.isnan(row[f"MMA{period}"]):
                    assert row[f"MMA{period}"] == pytest.approx(line, abs=tolerance)
        return samples


@pytest.mark.slow
def test_an_hour_is_what_the_market_was(tmp_path):
    bench = Bench(tmp_path)
    bench.run(370)
    for timeframe in ("5min", "15min"):
        samples = bench.hold_true(timeframe)
        assert len(samples) == 368  # the first two settled the columns
        assert set(samples["quality"]) == {"ok"}
        assert set(samples["symbol"]) == {"ETHUSDT"}
        assert np.diff(samples.index.as_unit("us").asi8 / 1e6) == pytest.approx(10.0, abs=1.5)
    header = (tmp_path / "ema_data_5min.csv").read_text().splitlines()[0].split(",")
    lines = [f"MMA{period}" for period in LINE_PERIODS]
    assert header == [
        "timestamp",
        "price",
        "state",
        *lines,
        *(f"{name}_color" for name in lines),
        "quality",
        "classifier",
        "symbol",
        "seq",
        "source",
    ]
    for timeframe, minutes, count in (("5min", 5, 12), ("15min", 15, 4)):
        candles, counts = load_candles(tmp_path, timeframe, None, None)
        assert counts.ok == counts.rows_in == len(candles) >= count - 1
        for opened, candle in candles.iterrows():
            true = bench.charts.market.candle_at(opened.timestamp() + minutes * 60 - 0.01, minutes)
            assert candle[["open", "high", "low", "close"]].tolist() == [
                true.open,
                true.high,
                true.low,
                true.close,
            ]
            assert candle["volume"] == pytest.approx(true.volume, abs=0.001)
    assert (tmp_path / "candlesticks_5min.csv").read_text().splitlines()[1].endswith(",chart")
    state = bench.state()
    assert (state["status"], state["skipped"], state["restarts"]) == ("stopped", 0, 0)
    assert state["charts"]["5min"]["read"] == 368
    assert state["charts"]["5min"]["refused"] == {"settling": 2}


def test_a_second_run_goes_on_in_the_same_columns(tmp_path):
    bench = Bench(tmp_path)
    bench.run(20)
    bench.charts.removed = {15, 100}
    bench.run(20)
    rows = bench.rows()
    assert len(rows) == 38
    assert rows["quality"].tolist() == ["ok"] * 18 + ["partial"] * 20
    assert rows["state"].tolist()[18:] == ["unknown"] * 20
    late = rows.iloc[18:]
    assert late[["MMA15", "MMA15_color", "MMA100"]].isna().all(axis=None)
    assert late.drop(columns=["MMA15", "MMA15_color", "MMA100", "MMA100_color"]).notna().all(axis=None)
    bench.hold_true()
    assert "no value for MMA15, MMA100" in bench.state()["charts"]["5min"]["wrong"]


def test_a_line_removed_while_running_and_one_that_has_no_column(tmp_path):
    bench = Bench(tmp_path)
    bench.charts.removed = {145}
    with bench.collector() as collector:
        collector.run(beats=10)
        bench.charts.removed = {5}
        collector.run(beats=5)
        assert bench.state()["charts"]["5min"]["wrong"] == [
            "no value for MMA5",
            "no column for MMA145: the file was begun without",
        ]
        bench.charts.removed = set()
        collector.run(beats=5)
    assert bench.rows()["quality"].tolist() == ["ok"] * 8 + ["partial"] * 5 + ["ok"] * 5
    assert "MMA145" not in bench.rows()
    bench.hold_true()


def test_a_new_file_waits_until_the_ribbon_has_settled(tmp_path):
    bench = Bench(tmp_path)
    bench.charts.removed = set(LINE_PERIODS[3:])  # the study is still loading
    with bench.collector() as collector:
        collector.run(beats=2)
        bench.charts.removed = set()
        collector.run(beats=4)
    assert len([name for name in bench.rows() if name.startswith("MMA")]) == 2 * len(LINE_PERIODS)
    assert len(bench.rows()) == 2
    periods = Bench(tmp_path / "named", periods=(10, 5))
    periods.run(2)
    assert [name for name in periods.rows() if name.startswith("MMA")] == [
        "MMA5",
        "MMA10",
        "MMA5_color",
        "MMA10_color",
    ]


def test_a_browser_that_dies_is_replaced_and_leaves_a_gap(tmp_path):
    bench = Bench(tmp_path)
    with bench.collector() as collector:
        collector.run(beats=10)
        bench.charts.events.clear()
        died = bench.clock.steady()
        bench.charts.running = False
        bench.charts.broken_starts = 2
        seen = []
        bench.clock.during_sleep = lambda: seen.append((bench.clock.steady() - died, bench.state()["status"]))
        collector.run(beats=6)
    assert bench.charts.events == ["close", "start", "start", "start"]
    assert next(after for after, status in seen if status == "browser_down") <= 2.0  # declared
    assert next(after for after, status in seen if status == "reading") <= 40.0
    at = pd.to_datetime(bench.rows()["timestamp"], format="ISO8601")
    assert at.diff().max() >= pd.Timedelta(seconds=20)
    assert bench.state()["restarts"] == 3
    bench.hold_true()


def test_qualities_that_come_and_go_are_said_with_what_to_do(tmp_path):
    bench = Bench(tmp_path, timeframes=("5min",))
    with bench.collector() as collector:
        collector.run(beats=5)
        bench.charts.removed = {15}
        collector.run(beats=3)
        bench.charts.removed = set()
        collector.run(beats=2)
    said = [words for words in bench.said if words.startswith("5min: ")]
    assert said == [
        f"5min: partial: no value for MMA15. {REMEDIES['partial']}",
        "5min: ok again, no longer partial",
    ]


TWELVE = (5, 10, 15, 20, 25, 30, 35, 40, 50, 60, 75, 100)
_HUES = ("rgb(255, 82, 82)", "rgb(33, 150, 243)", "rgb(136, 14, 79)", "rgb(255, 235, 59)")


def single_emas(timeframe: str, brought: dict) -> dict:
    """The ribbon as twelve studies, each painted a hue of its own for ever."""
    for shown in brought["charts"]:
        by_name = {each["name"]: each["text"] for each in shown["studies"][0]["values"]}
        shown["studies"] = [
            study(
                "EMA", f"{length} close 0 SMA 5", [value("MA", by_name[f"MMA{length:02d}"], _HUES[place % 4])]
            )
            for place, length in enumerate(TWELVE)
        ]
    return brought


def test_single_emas_are_judged_by_value_against_the_last_closed_candle(tmp_path):
    bench = Bench(tmp_path, seed=4)
    bench.charts.change = single_emas
    bench.run(100)
    for timeframe, minutes in (("5min", 5), ("15min", 15)):
        samples = bench.hold_true(timeframe)
        assert set(samples["quality"]) == {"ok"}
        words = samples[[f"MMA{length}_color" for length in TWELVE]]
        assert set(words.to_numpy().ravel()) <= {"green", "red", "gray", "yellow"}
        clear = right = 0
        for at, row in samples.iterrows():
            lines = bench.charts.market.lines_at(at.timestamp(), minutes)
            price = row["price"]
            for length in set(TWELVE) - {40, 100}:
                line, closed = lines[length]
                if abs(price - line) > 0.02:  # what is shown is rounded to the tick
                    clear += 1
                    right += row[f"MMA{length}_color"] == ("green" if line > closed else "red")
            assert row["MMA40_color"] == row["MMA100_color"] == "yellow"
        assert clear > 500
        assert right == clear
    assert len(set(bench.hold_true()["state"])) > 1


def test_a_ribbon_painted_in_one_hue_for_ever_is_not_all_red(tmp_path):
    bench = Bench(tmp_path, seed=4, timeframes=("5min",))

    def red(timeframe: str, brought: dict) -> dict:
        for plot in brought["charts"][0]["studies"][0]["values"]:
            plot["colour"] = _HUES[0]
        return brought

    bench.charts.change = red
    bench.run(100)
    samples = bench.hold_true()
    wrong = 0
    for at, row in samples.iterrows():
        true = ribbon_state(bench.charts.market.colours_at(at.timestamp(), 5).values())
        wrong += row["state"] != true and row["state"] != "unknown"
    assert (samples["state"] != "all_red").any()
    assert wrong <= 0.1 * len(
        samples
    )  # until a line has turned for three readings nothing tells its hue from a colour


@pytest.mark.parametrize(("length", "within"), [(1, 24), (15, 54)])
def test_a_label_that_says_another_length_than_the_candles_have_is_refused(tmp_path, length, within):
    bench = Bench(tmp_path)
    with bench.collector() as collector:
        bench.charts.lengths = {"5min": length}
        collector.run(beats=within)
        refusal = bench.state()["charts"]["5min"]["refusal"]
        assert refusal["reason"] == "wrong_length"
        assert ("candles began at" if length == 1 else "goes on since") in refusal["detail"]
        written = len(bench.rows())
        assert written < within
        (doubted,) = bench.state()["charts"]["5min"]["doubted"]
        assert (doubted["samples"], doubted["file"]) == (written, "ema_data_5min.csv")
        assert [doubted["since"], doubted["until"]] == bench.rows()["timestamp"].iloc[[0, -1]].tolist()
        assert any(f"{written} samples of ema_data_5min.csv" in words for words in bench.said)
        collector.run(beats=60)
        assert len(bench.rows()) == written
        assert len(bench.rows("15min")) == within + 58  # two to settle the columns
        bench.charts.lengths = {}
        collector.run(beats=70)
        assert bench.state()["charts"]["5min"]["refusal"] is None
        assert len(bench.rows()) > written
        assert bench.state()["status"] == "reading"
        assert bench.state()["charts"]["5min"]["doubted"] == [doubted]


def test_a_chart_that_draws_averaged_candles_is_refused_and_what_it_told_before_named(tmp_path):
    bench = Bench(tmp_path)
    with bench.collector() as collector:
        bench.charts.averaged = {"5min"}
        collector.run(beats=220)
        refusal = bench.state()["charts"]["5min"]["refusal"]
        assert refusal["reason"] == "averaged"
        assert refusal["detail"].startswith("candle after candle began in the middle of the body before")
        assert "Heikin Ashi" in refusal["remedy"]
        written = len(bench.rows())
        assert len(bench.rows("15min")) == 218  # two to settle the columns
        (doubted,) = bench.state()["charts"]["5min"]["doubted"]
        fine = int(
            (bench.rows()["quality"] == "ok").sum()
        )  # the ribbon of these charts is one of the market's own closes
        assert (doubted["doubt"], doubted["samples"]) == ("averaged", fine)
        assert fine > 0
        assert any(
            "averaged candles (Heikin Ashi)" in words and "take those rows out" in words
            for words in bench.said
        )
        bench.charts.averaged = set()
        collector.run(beats=120)
        assert bench.state()["charts"]["5min"]["refusal"] is None
        assert len(bench.rows()) > written
        assert bench.state()["charts"]["5min"]["doubted"] == [doubted]
    with bench.collector() as collector:
        collector.run(beats=3)
        assert bench.state()["charts"]["5min"]["doubted"] == [doubted]


def test_charts_that_tell_two_prices_at_one_time_are_refused_until_they_agree(tmp_path):
    """The 15-minute chart is in Bar Replay, say: a market that fits together, of another time."""
    bench = Bench(tmp_path)
    past = PaperCharts(PageMarket.fresh(START - 60, seed=9, hours=4.0), bench.clock)
    past.start()
    past.market.push(START, 10.0, 3.0)
    live = bench.charts.read
    with bench.collector() as collector:
        collector.run(beats=20)
        bench.charts.read = lambda timeframe: (past.read if timeframe == "15min" else live)(timeframe)
        collector.run(beats=30)
        for timeframe in ("5min", "15min"):
            told = bench.state()["charts"][timeframe]
            assert told["refusal"]["reason"] == "apart"
            assert "5min tells" in told["refusal"]["detail"]
            assert "end Bar Replay" in told["refusal"]["remedy"]
            rows = len(bench.rows(timeframe))
            assert 18 < rows < 32
            (doubted,) = told["doubted"]
            assert doubted["doubt"] == "apart"
            assert pd.Timestamp(doubted["until"]) == pd.Timestamp(bench.rows(timeframe)["timestamp"].iloc[-1])
            assert 5 <= doubted["samples"] <= rows - 18
        bench.charts.read = live
        collector.run(beats=3)
        assert bench.state()["status"] == "reading"
        assert len(bench.rows("5min")) > rows
        # One that stands still beside a live one is frozen, and the live one goes on.
        for _ in range(2):
            still = live("15min")
            bench.charts.read = lambda timeframe, still=still: (
                still if timeframe == "15min" else live(timeframe)
            )
            bench.charts.market.push(bench.charts.now(), 60.0, 3.0)
            before = len(bench.rows("5min"))
            collector.run(beats=30)
            assert bench.state()["charts"]["5min"]["refusal"] is None
            assert len(bench.rows("5min")) == before + 30
            bench.charts.read = live
            collector.run(beats=3)


def test_only_samples_since_the_last_candle_of_the_right_length_are_doubted_until_somebody_took_them_out(
    tmp_path,
):
    bench = Bench(tmp_path)
    with bench.collector() as collector:
        collector.run(beats=100)
        proven = bench.clock.wall()
        bench.charts.lengths = {"5min": 1}
        collector.run(beats=24)
    (doubted,) = bench.state()["charts"]["5min"]["doubted"]
    assert doubted["samples"] < 24 + 30
    times = pd.to_datetime(bench.rows()["timestamp"])
    since = pd.Timestamp(doubted["since"])
    assert pd.Timestamp(proven, unit="s", tz="UTC") - pd.Timedelta(minutes=5.2) < since
    assert (times >= since).sum() == doubted["samples"]
    bench.charts.lengths = {}
    bench.run(1)
    assert bench.state()["charts"]["5min"]["doubted"] == [doubted]
    path = tmp_path / "ema_data_5min.csv"
    rows = path.read_text().splitlines(keepends=True)
    kept = [row for row in rows if not doubted["since"] <= row.partition(",")[0] <= doubted["until"]]
    path.write_text("".join(kept))
    bench.run(1)
    assert bench.state()["charts"]["5min"]["doubted"] == []


def test_a_hanging_page_is_given_up_at_once(tmp_path):
    bench = Bench(tmp_path)
    with bench.collector() as collector:
        collector.run(beats=5)
        bench.charts.fault = True
        collector.run(beats=1)
        assert bench.charts.events[-1] == "close"
        assert bench.state()["status"] == "browser_down"
        assert bench.state()["browser_fault"] == "the tab hangs"
        bench.charts.fault = False
        collector.run(beats=1)
        assert bench.state()["status"] == "reading"
    assert bench.state()["charts"]["15min"]["refused"]["browser"] == 1


def test_without_a_browser_at_the_start_it_ends(tmp_path):
    bench = Bench(tmp_path)
    bench.charts.broken_starts = 1
    with pytest.raises(BrowserError, match="no browser starts"):
        bench.run(1)


def test_a_full_disk_is_told_and_nothing_is_lost(tmp_path, monkeypatch):
    bench = Bench(tmp_path)
    write = journal_module._write_all

    def full(fd: int, data: bytes) -> None:
        write(fd, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    with bench.collector() as collector:
        collector.run(beats=28)
        before = bench.rows()
        with monkeypatch.context() as broken:
            broken.setattr(journal_module, "_write_all", full)
            collector.run(beats=8)
            assert len(bench.rows()) == len(before)
            assert (tmp_path / "ema_data_5min.csv").read_bytes().endswith(b"\n")
            state = bench.state()
            assert state["status"] == "disk_full"
            assert "No space left" in state["disk"]
            assert state["charts"]["5min"]["rows_waiting"] >= 8
        collector.run(beats=1)
        assert bench.state()["status"] == "reading"
    samples = bench.hold_true()
    assert len(samples) == 35
    assert len(load_candles(tmp_path, "5min", None, None)[0]) == 1
    assert [words.split(":")[0] for words in bench.said if words.startswith("disk")] == ["disk", "disk"]


def test_the_state_is_told_while_the_disk_takes_no_file(tmp_path, monkeypatch):
    bench = Bench(tmp_path)
    with bench.collector() as collector:
        collector.run(beats=3)
        monkeypatch.setattr(journal_module, "_write_all", _no_space)
        monkeypatch.setattr(state_file, "replace_text", _no_space)
        collector.run(beats=4)
        assert bench.state()["status"] == "disk_full"
        assert bench.state()["charts"]["5min"]["read"] == 5


def test_a_failed_fsync_ends_it(tmp_path, monkeypatch):
    bench = Bench(tmp_path)

    def fail(fd: int) -> None:
        raise OSError(errno.EIO, "input/output error")

    with bench.collector() as collector:
        collector.run(beats=5)
        monkeypatch.setattr(journal_module.os, "fsync", fail)
        with pytest.raises(FsyncFailedError):
            collector.run(beats=5)


def test_a_page_that_breaks_its_own_reload_costs_no_browser(tmp_path, monkeypatch):
    bench = Bench(tmp_path, timeframes=("5min",))
    asked = []

    def break_off(timeframe: str) -> None:
        asked.append(bench.clock.steady())
        raise PageError("unexpected alert open")

    monkeypatch.setattr(bench.charts, "reload", break_off)
    with bench.collector() as collector:
        bench.charts.change = lambda timeframe, brought: raw([], blank=True)
        collector.run(beats=8)
        assert bench.state()["restarts"] == 0
        assert bench.state()["status"] == "waiting"
    assert np.diff(asked).tolist() == pytest.approx(
        [30.0], abs=1.5
    )  # after 15 s, between two beats, and then 30
    assert bench.charts.events == ["start"]


def test_a_second_collector_or_another_market_is_refused(tmp_path):
    bench = Bench(tmp_path)
    bench.run(4)
    with (
        WriterLock(tmp_path / "candlesticks_15min.csv"),
        pytest.raises(LockedError, match="candlesticks_15min"),
    ):
        bench.run(1)
    other = Bench(tmp_path, symbol="BTCUSDT", page_symbol="ETHUSDT")
    with pytest.raises(Exception, match="holds samples of ETHUSDT, not of BTCUSDT"):
        other.run(1)


def test_a_chart_that_stays_unreadable_is_loaded_again_but_not_while_a_person_is_waited_for(tmp_path):
    bench = Bench(tmp_path)
    with bench.collector() as collector:
        bench.charts.change = lambda timeframe, brought: raw(
            [], walls=["login"] if timeframe == "15min" else []
        )
        collector.run(beats=15)
        assert [event for event in bench.charts.events if event != "start"] == ["reload 5min"] * 2
        state = bench.state()
    assert state["status"] == "waiting"
    assert "15min: Waiting for a person to log in" in state["waits_for"]
    assert state["charts"]["15min"]["refused"] == {"login": 15}
    assert any(words.startswith("waits: ") for words in bench.said)


@pytest.mark.parametrize("jump", [3_600.0, -3_600.0, 40.0, -40.0])
def test_a_jump_of_the_clock_neither_drops_nor_doubles_nor_reorders_rows(tmp_path, jump):
    bench = Bench(tmp_path)
    with bench.collector() as collector:
        collector.run(beats=32)
        bench.clock.jump(jump)
        collector.run(beats=90)
    rows = bench.rows()
    assert len(rows) == 120
    at = pd.to_datetime(rows["timestamp"], format="ISO8601")
    assert at.is_monotonic_increasing
    assert at.is_unique
    assert rows["seq"].tolist() == list(range(1, 121))
    candles, counts = load_candles(tmp_path, "5min", None, None)
    assert counts.ok == counts.rows_in
    for (
        opened,
        candle,
    ) in candles.iterrows():  # those written are true ones, though perhaps of the other clock
        slots = [opened.timestamp(), opened.timestamp() - jump]
        true = [bench.charts.market.candle_at(slot + 299.99, 5) for slot in slots]
        assert candle["close"] in [each.close for each in true]


def test_a_study_behind_its_new_candle_is_read_again(tmp_path):
    bench = Bench(tmp_path)
    opened: list[float] = []
    held: dict[str, object] = {}

    def behind(timeframe: str, brought: dict) -> dict:
        """For half a second after a new candle the study still shows the one before."""
        slot = bench.charts.now() // 300
        studies = brought["charts"][0]["studies"]
        if timeframe == "5min" and held and slot != held["slot"] and bench.charts.now() % 300 < 0.5:
            opened.append(bench.charts.now())
            brought["charts"][0]["studies"] = held["studies"]
        elif timeframe == "5min":
            held.update(slot=slot, studies=studies)
        return brought

    bench.charts.change = behind
    bench.run(65)
    assert len(opened) == 2
    candles, _ = load_candles(tmp_path, "5min", None, None)
    true = [bench.charts.market.candle_at(opened.timestamp() + 299.99, 5).close for opened in candles.index]
    assert candles["close"].tolist() == true  # what was noted before the second look is not lost
    assert len(true) == 2
    samples = bench.hold_true()  # no row shows the study of the candle before
    assert set(samples["quality"]) == {"ok"}


def test_it_goes_on_where_a_simulated_folder_ends(tmp_path):
    end = pd.Timestamp(START - 3, unit="s", tz="UTC")
    write_simulation(Simulation(days=0.5, seed=4, end=iso(end), gaps=0, decisions="none"), tmp_path)
    bench = Bench(tmp_path, symbol="SYNTHETIC", page_symbol="ETHUSDT")
    bench.charts.market = PageMarket.continuing(tmp_path, START - 3)
    header = (tmp_path / "candlesticks_5min.csv").read_text().splitlines()[0]
    bench.run(32)
    samples, counts = load_samples(tmp_path, "5min", None, None)
    assert counts.ok == counts.rows_in == 4_320 + 32
    assert set(samples["quality"]) == {"ok"}
    assert samples["price"].pct_change().abs().max() < 0.01
    for timeframe in ("5min", "15min"):  # the folder ends at a close: the next candle's line follows from it
        both = load_samples(tmp_path, timeframe, None, None)[0].iloc[-33:-31]
        for period in LINE_PERIODS:
            before, after = both[f"MMA{period}"]
            expected = before + 2 / (period + 1) * (both["price"].iloc[1] - before)
            assert after == pytest.approx(expected, abs=0.006)
    assert bench.rows()["seq"].tolist() == list(range(1, 4_353))
    candles = (tmp_path / "candlesticks_5min.csv").read_text().splitlines()
    assert candles[0] == header  # an older file keeps its columns
    assert candles[-1].startswith(iso(end))
    assert len(candles[-1].split(",")) == 6


def test_candles_are_not_taken_from_a_page_whose_numbers_are_not(tmp_path):
    bench = Bench(tmp_path)

    def tenth(timeframe: str, brought: dict) -> dict:
        """All numbers in a form that reads as a thousandth."""
        text = json.dumps(brought["charts"] + brought["seen"]).replace("2,4", "2.4").replace("2,5", "2.5")
        both = json.loads(text)
        return brought | {"charts": both[:1], "seen": both[1:]}

    with bench.collector() as collector:
        collector.run(beats=5)
        bench.charts.change = tenth
        collector.run(beats=70)
    assert bench.state()["charts"]["5min"]["refused"] == {"settling": 2, "number_form": 70}
    assert load_candles(tmp_path, "5min", None, None)[0].empty


@pytest.mark.faults
@pytest.mark.slow
def test_random_faults_leave_true_rows_only(tmp_path, fault_runs):
    random = np.random.default_rng(11)
    bench = Bench(tmp_path)
    for _ in range(fault_runs):
        with bench.collector() as collector:
            collector.run(beats=1)
            for _ in range(3):
                fault = random.choice(["none", "fault", "dies", "starts", "removed", "disk"])
                bench.charts.broken_starts = 2 if fault == "starts" else 0
                bench.charts.fault = fault == "fault"
                bench.charts.running = bench.charts.running and fault not in ("dies", "starts")
                bench.charts.removed = {5, 90} if fault == "removed" else set()
                with pytest.MonkeyPatch.context() as broken:
                    if fault == "disk":
                        broken.setattr(journal_module, "_write_all", _no_space)
                    collector.run(beats=int(random.integers(1, 4)))
                bench.charts.fault, bench.charts.broken_starts = False, 0
            collector.run(beats=1)
        if bench.charts.now() > START + 3 * 3_600:
            bench = _another(bench, tmp_path)
    bench.hold_true()


def _another(bench: Bench, folder: Path) -> Bench:
    bench.hold_true()
    return Bench(folder / f"{bench.charts.now():.0f}")


def _no_space(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")
