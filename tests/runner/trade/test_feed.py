"""The live feed: only whole new rows, ages by the monotonic clock, and the same view of a market as the replay's."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.contract import schema
from lib.errors import MissingDataError
from lib.simulation.market import simulate_market
from runner.files import tables
from runner.replay.feed import HistoryFeed
from runner.trade.clock import SetClock
from runner.trade.feed import SETTLE_S, LiveFeed
from runner.trade.guards import guard
from runner.trade.known import stamp
from runner.trade.settings import TradeSettings
from tests.builders import START, write_samples
from tests.runner.trade.made import at_us

HEADER = "timestamp,price,state,MMA5,MMA5_color,quality,classifier,symbol,seq\n"


class TwoClocks(SetClock):
    """Wall time that can jump, monotonic time that cannot."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.mono = 100.0

    def monotonic(self) -> float:
        return self.mono

    def wait(self, seconds: float) -> None:
        self.mono += seconds
        self.at_us += round(seconds * 1e6)


def row(
    second: float, price: str = "100.0", line: str | None = None, quality: str = "ok", symbol: str = "ETHUSDT"
) -> str:
    at = stamp(at_us(second)).isoformat().replace("+00:00", "Z")
    return f"{at},{price},all_green,{line or 99 + second / 1e4},green,{quality},x,{symbol},1\n"


class Folder:
    """A folder whose files a test appends to."""

    def __init__(self, path) -> None:
        self.path = path
        for name in schema.SAMPLE_FILES.values():
            (path / name).write_text(HEADER)

    def add(self, *rows: str, only: str = "") -> None:
        for timeframe, name in schema.SAMPLE_FILES.items():
            if only in ("", timeframe):
                with (self.path / name).open("a") as file:
                    file.write("".join(rows))


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)


def test_without_any_file_there_is_nothing_to_tail(tmp_path):
    with pytest.raises(MissingDataError, match="ribbon collect"):
        LiveFeed(tmp_path, SetClock())


def test_what_was_there_before_is_no_tick(folder):
    folder.add(row(0), row(10))
    feed = LiveFeed(folder.path, SetClock(at_us(21)))
    assert not feed.poll()
    assert feed.known.price == 100.0
    folder.add(row(20, "101.5"))
    assert feed.poll()
    assert not feed.poll()
    assert (feed.known.at, feed.known.price) == (at_us(20), 101.5)


def test_half_a_row_is_no_row(folder):
    folder.add(row(0))
    feed = LiveFeed(folder.path, SetClock(at_us(11)))
    whole = row(10, "101.25")
    folder.add(whole[:30])
    assert not feed.poll()
    folder.add(whole[30:])
    assert feed.poll()
    assert feed.known.price == 101.25
    assert len(feed.known.main.at) == 2


def test_the_second_timeframe_is_waited_for_but_not_for_ever(folder):
    folder.add(row(0))
    clock = TwoClocks(at_us(21))
    feed = LiveFeed(folder.path, clock)
    folder.add(row(10), only="5min")
    assert not feed.poll()
    folder.add(row(10), only="15min")
    assert feed.poll()
    folder.add(row(20), only="5min")
    assert not feed.poll()
    clock.wait(SETTLE_S)
    assert feed.poll()
    assert not feed.poll()


def test_a_row_that_fails_its_schema_is_a_tick_on_which_nothing_is_done(folder):
    folder.add(row(0))
    clock = TwoClocks(at_us(21))
    feed = LiveFeed(folder.path, clock)
    folder.add(row(10, "-5"))
    assert feed.poll()
    assert guard(feed, TradeSettings(), "") == "schema"
    assert not feed.known.usable
    assert not feed.poll()
    folder.add("rubbish\n")
    assert feed.poll()
    assert guard(feed, TradeSettings(), "") == "schema"
    folder.add(row(20))
    assert feed.poll()
    assert guard(feed, TradeSettings(), "") == ""


def test_a_replaced_file_is_read_again(folder):
    folder.add(row(0), row(10))
    feed = LiveFeed(folder.path, SetClock(at_us(21)))
    name = folder.path / schema.SAMPLE_FILES["5min"]
    new = name.with_suffix(".new")
    new.write_text(HEADER + row(0) + row(5) + row(10) + row(20, "102.0"))
    new.replace(name)
    folder.add(row(20), only="15min")
    assert feed.poll()
    assert [int(at) for at in feed.known.main.at] == [at_us(second) for second in (0, 5, 10, 20)]


def test_ages_do_not_follow_a_jump_of_the_wall_clock(folder):
    folder.add(row(0))
    clock = TwoClocks(at_us(3))
    feed = LiveFeed(folder.path, clock)
    assert feed.age_s("5min") == pytest.approx(3.0)
    clock.wait(10)
    clock.at_us += 3_600_000_000
    assert feed.age_s("5min") == pytest.approx(13.0)
    clock.at_us -= 7_200_000_000
    clock.wait(14)
    assert feed.age_s("5min") == pytest.approx(27.0)
    assert guard(feed, TradeSettings(), "") == "stale"


def test_a_row_ahead_of_the_clock_is_set_aside_and_counted(folder):
    folder.add(row(0))
    clock = TwoClocks(at_us(10))
    feed = LiveFeed(folder.path, clock)
    folder.add(row(16, "90.0"), row(10**9, "90.0"))
    assert feed.poll()  # a tick on which nothing is done
    assert guard(feed, TradeSettings(), "") == "ahead"
    assert (feed.known.at, feed.known.price, feed.known.usable) == (at_us(0), 100.0, False)
    assert feed._samples["5min"].set_aside == {"ahead": 2}
    clock.wait(11)
    folder.add(row(20, "101.0"))
    assert feed.poll()
    assert guard(feed, TradeSettings(), "") == ""
    assert feed.known.main.price.tolist() == [100.0, 101.0]


def test_a_candle_ahead_of_the_clock_is_set_aside(folder):
    folder.add(row(0))
    feed = LiveFeed(folder.path, SetClock(at_us(300)))
    (folder.path / "candlesticks_5min.csv").write_text(
        "timestamp,open,high,low,close,volume\n2026-01-05T00:00:00Z,1,1,1,1,\n2026-01-05T00:05:00Z,2,2,2,2,\n"
    )
    feed.poll()
    assert feed.known.candles["5min"].newest_close == at_us(300)
    assert feed._candles["5min"].set_aside == {"ahead": 1}


def test_rows_taken_before_the_clock_was_set_back_are_set_aside_too(folder):
    folder.add(row(0))
    clock = TwoClocks(at_us(0))
    feed = LiveFeed(folder.path, clock)
    clock.at_us = at_us(3_600)
    folder.add(row(3_590, "90.0"), row(3_600, "91.0"))
    assert feed.poll()
    assert feed.known.price == 91.0
    clock.at_us = at_us(20)
    assert not feed.poll()
    assert feed.known.main.price.tolist() == [100.0]
    assert feed._samples["5min"].set_aside == {"ahead": 2}
    assert guard(feed, TradeSettings(), "") == "stale"  # how old the row that is left is nobody knows
    assert feed.price_age_s() == float("inf")
    folder.add(row(20, "101.0"))
    assert feed.poll()
    assert (feed.known.price, feed.age_s("5min"), feed.price_age_s()) == (101.0, 0.0, 0.0)
    assert guard(feed, TradeSettings(), "") == ""


@pytest.mark.parametrize("only", ["5min", "15min"])
def test_what_lies_ahead_in_one_chart_leaves_the_other_as_it_was(folder, only):
    folder.add(row(0))
    clock = TwoClocks(at_us(30))
    feed = LiveFeed(folder.path, clock)
    folder.add(row(20), row(30, "91.0"), only=only)
    other = "15min" if only == "5min" else "5min"
    folder.add(row(10), only=other)
    feed.poll()
    clock.mono += SETTLE_S
    assert feed.poll() == (only == "5min")  # it is ticked though the other is not there
    clock.at_us = at_us(15)  # up to five seconds ahead are taken: second 20
    feed.poll()
    held, whole = feed.known.samples[only], feed.known.samples[other]
    assert held.at.tolist() == [at_us(0), at_us(20)] and whole.at.tolist() == [at_us(0), at_us(10)]
    assert held.reading().price == 100.0 and (held.known, whole.known) == (2, 2)
    assert (feed.age_s(only), feed.age_s(other)) == (float("inf"), 20.0 + SETTLE_S)
    clock.at_us = at_us(25)
    folder.add(row(25))
    assert feed.poll()


def test_a_clock_set_back_less_than_rows_may_lie_ahead_leaves_all_as_it_was(folder):
    folder.add(row(0))
    clock = TwoClocks(at_us(0))
    feed = LiveFeed(folder.path, clock)
    clock.at_us = at_us(-5)
    feed.poll()
    assert (feed.known.price, feed.age_s("5min"), feed._samples["5min"].set_aside.total()) == (100.0, 0.0, 0)


def test_candles_taken_before_the_clock_was_set_back_are_dropped_too(folder):
    folder.add(row(0))
    clock = TwoClocks(at_us(600))
    (folder.path / "candlesticks_5min.csv").write_text(
        "timestamp,open,high,low,close,volume\n2026-01-05T00:00:00Z,1,1,1,1,\n2026-01-05T00:05:00Z,2,2,2,2,\n"
    )
    feed = LiveFeed(folder.path, clock)
    table = feed.known.candles["5min"]
    assert table.recent(9)["close"].tolist() == [1.0, 2.0]
    clock.at_us = at_us(295)
    feed.poll()
    assert table.recent(9)["close"].tolist() == [1.0] and table.newest_close == at_us(300)
    assert len(table.frame) == 1


def test_a_file_that_is_written_anew_makes_no_row_younger(folder):
    folder.add(row(0))
    clock = TwoClocks(at_us(0))
    feed = LiveFeed(folder.path, clock)
    clock.wait(10)
    clock.at_us += 3_600_000_000
    for name in schema.SAMPLE_FILES.values():
        new = folder.path / f"{name}.new"
        new.write_text(HEADER + row(0))
        new.replace(folder.path / name)
    assert not feed.poll()
    assert feed.age_s("5min") == 10.0


def test_no_row_is_judged_by_later_ones(folder):
    folder.add(*(row(second, f"{100 + second / 100}", "99.5") for second in range(0, 100, 10)))
    feed = LiveFeed(folder.path, SetClock(at_us(91)))
    assert feed.known.main.quality.tolist() == ["ok"] * 6 + ["frozen"] * 4


def test_a_clock_set_back_behind_everything_leaves_nothing(folder):
    folder.add(row(0))
    clock = TwoClocks(at_us(0))
    feed = LiveFeed(folder.path, clock)
    clock.at_us = at_us(-3_600)
    assert not feed.poll()
    assert guard(feed, TradeSettings(), "") == "stale"
    folder.add(row(-3_600, "99.0"))
    assert feed.poll()
    assert feed.known.price == 99.0


def test_a_price_is_as_old_as_the_last_row_of_either_chart_that_told_something(folder):
    folder.add(row(0, line="99.0"))
    clock = TwoClocks(at_us(0))
    feed = LiveFeed(folder.path, clock)
    for second in range(10, 71, 10):
        clock.wait(10)
        folder.add(row(second, line="99.0"))
        assert feed.poll()
    assert (feed.age_s("5min"), feed.price_age_s()) == (0.0, 70.0)
    assert guard(feed, TradeSettings(), "") == "frozen"  # though no row says so
    clock.wait(10)
    folder.add(row(80, "100.1"), only="15min")
    feed.poll()
    assert feed.price_age_s() == 0.0


def test_data_of_yesterday_is_stale_from_the_start(folder):
    folder.add(row(0))
    feed = LiveFeed(folder.path, SetClock(at_us(86_400)))
    assert guard(feed, TradeSettings(), "") == "stale"


def test_two_rows_far_apart_do_not_make_old_data_fresh(folder):
    folder.add(row(0), row(600))
    feed = LiveFeed(folder.path, SetClock(at_us(626)))
    assert guard(feed, TradeSettings(), "") == "stale"


@pytest.mark.parametrize(
    ("timeframe", "fields", "code"),
    [
        ("15min", {"quality": "partial"}, "partial"),
        ("5min", {"quality": "venue_mismatch"}, "venue_mismatch"),
        ("15min", {"symbol": "BTCUSDT"}, "symbol"),
        ("5min", {"symbol": ""}, "symbol"),
    ],
)
def test_either_timeframe_can_close_the_way(folder, timeframe, fields, code):
    folder.add(row(0))
    feed = LiveFeed(folder.path, SetClock(at_us(11)))
    folder.add(row(10, **fields), only=timeframe)
    folder.add(row(10), only="15min" if timeframe == "5min" else "5min")
    assert feed.poll()
    assert guard(feed, TradeSettings(), "ETHUSDT") == code


def test_lines_that_stand_still_while_the_price_moves_are_frozen_after_a_minute(folder):
    folder.add(row(0, "100.0", "99.5"))
    clock = TwoClocks(at_us(0))
    feed = LiveFeed(folder.path, clock)
    codes = []
    for second in range(10, 80, 10):
        clock.wait(10)
        folder.add(row(second, f"{100 + second / 100}", "99.5"))
        assert feed.poll()
        codes.append(guard(feed, TradeSettings(), ""))
    assert codes == ["", "", "", "", "", "frozen", "frozen"]


def test_a_candle_of_another_length_is_another_timeframe(folder):
    folder.add(row(0))
    (folder.path / "candlesticks_15min.csv").write_text(
        "timestamp,open,high,low,close,volume\n2026-01-04T23:40:00Z,1,1,1,1,\n"
    )
    assert guard(LiveFeed(folder.path, SetClock(at_us(1))), TradeSettings(), "") == "timeframe"


def test_live_and_replayed_ticks_see_the_same(tmp_path):
    market = simulate_market(
        days=0.25, seed=3, end="2026-01-05T06:00:00Z", step_seconds=60, decisions="none", gaps=0
    )
    whole, growing = tmp_path / "whole", tmp_path / "growing"
    frames = {"5min": market.samples_5min, "15min": market.samples_15min}
    candles = {"1min": market.candles_1min, "5min": market.candles_5min, "15min": market.candles_15min}
    begin = market.samples_5min.index[-61]
    for folder, until in ((whole, market.samples_5min.index[-1]), (growing, begin)):
        folder.mkdir()
        write(folder, frames, candles, None, until)
    clock, set_clock = SetClock(begin.value // 1_000), SetClock()
    live = LiveFeed(growing, clock, 60.0)
    replayed = HistoryFeed(
        whole, START - pd.Timedelta(hours=12), begin, market.samples_5min.index[-1], set_clock
    )
    before, ticks = begin, 0
    while replayed.poll():
        now = stamp(set_clock.at_us)
        clock.at_us = set_clock.at_us
        write(growing, frames, candles, before, now)
        assert live.poll()
        for name, table in live.known.samples.items():
            assert table.reading() == replayed.known.samples[name].reading()
        for name, table in live.known.candles.items():
            ours, theirs = table.recent(10), replayed.known.candles[name].recent(10)
            pd.testing.assert_frame_equal(ours, theirs)
        assert live.known.step_s == replayed.known.step_s == 60.0
        before, ticks = now, ticks + 1
    assert ticks == 60


def write(folder, frames, candles, after, until):
    """Rows known in (after, until] into a folder's files."""
    for name, frame in frames.items():
        part = frame[(frame.index <= until) & (True if after is None else frame.index > after)]
        write_samples(folder, name, part, schema.SYNTHETIC_SYMBOL, 2)
    for name, frame in candles.items():
        closed = frame.index + pd.Timedelta(minutes=schema.MINUTES[name])
        part = frame[np.asarray(closed <= until) & (True if after is None else np.asarray(closed > after))]
        if len(part):
            tables.write_candles(folder, name, part, 2)
