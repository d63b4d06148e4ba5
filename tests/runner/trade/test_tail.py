"""A file that somebody else writes, read on: what a look gives, what it sets aside, what it refuses."""

from __future__ import annotations

import pytest

from lib.errors import NaiveTimeError
from runner.trade.clock import SetClock
from runner.trade.feed import _KEEP, LiveFeed, _sample_rows
from runner.trade.known import stamp
from runner.trade.tail import Tail
from tests.runner.trade.made import at_us
from tests.runner.trade.test_feed import HEADER, Folder, TwoClocks, row

NAIVE = row(20).replace("Z,", ",")
RAGGED = "2026-01-05T00:00:20Z,100.0\n"


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "ema_data_5min.csv"
    path.write_text(HEADER)
    return path


def add(path, *rows: str) -> None:
    with path.open("a") as file:
        file.write("".join(rows))


def tail_of(path) -> Tail:
    return Tail(path, _sample_rows, _KEEP)


def seconds(frame) -> list[int]:
    return [] if frame is None else [(at.value // 1_000 - at_us(0)) // 1_000_000 for at in frame.index]


NOW = stamp(at_us(60))


def test_half_a_row_at_the_first_look_is_read_when_it_is_whole(path):
    add(path, row(10), row(20)[:9])
    tail = tail_of(path)
    assert (seconds(tail.poll(NOW)), tail.restarted) == ([10], True)
    assert tail.poll(NOW) is None
    add(path, row(20)[9:])
    assert (seconds(tail.poll(NOW)), tail.restarted) == ([20], False)
    assert (tail.broken, tail.set_aside.total()) == ("", 0)


def test_a_file_that_was_written_anew_in_its_place_is_read_again(path):
    """A script that reads a table and writes it, longer than it was, into the very file (pandas' to_csv with its index)."""
    add(path, row(10), row(20), row(30))
    tail = tail_of(path)
    assert seconds(tail.poll(NOW)) == [10, 20, 30]
    lines = path.read_text().splitlines()
    path.write_text("".join(f"{place},{line}\n" for place, line in enumerate(lines)).replace("0,", ",", 1))
    assert (seconds(tail.poll(NOW)), tail.restarted, tail.broken) == ([10, 20, 30], True, "")
    add(path, f"4,{row(40)}")
    assert (seconds(tail.poll(NOW)), tail.restarted) == ([40], False)


def test_six_hours_are_read_at_the_first_look_and_not_their_last_bytes_alone(path):
    add(path, *(row(10 * beat) for beat in range(2_160)))
    found = tail_of(path).poll(stamp(at_us(21_600)))
    assert found.index[0].value // 1_000 == at_us(0)
    assert len(found) == 2_160


def test_times_without_a_zone_are_a_fault_of_a_whole_file_and_damage_of_rows_that_follow(path):
    add(path, NAIVE)
    with pytest.raises(NaiveTimeError):
        tail_of(path).poll(NOW)
    path.write_text(HEADER + row(10))
    tail = tail_of(path)
    tail.poll(NOW)
    add(path, NAIVE)
    assert tail.poll(NOW) is None
    assert (tail.broken, dict(tail.set_aside)) == ("schema", {"naive_time": 1})
    add(path, row(30))
    assert (seconds(tail.poll(NOW)), tail.broken) == ([30], "")


@pytest.mark.parametrize("first", [True, False])
def test_rows_of_another_number_of_fields_are_set_aside(path, first):
    tail = tail_of(path)
    if not first:
        add(path, row(10))
        tail.poll(NOW)
    add(path, RAGGED, RAGGED)
    assert tail.poll(NOW) is None
    assert (tail.broken, dict(tail.set_aside)) == ("schema", {"malformed": 2})


def test_where_no_row_is_sound_there_is_nothing_new(path):
    add(path, row(10))
    tail = tail_of(path)
    tail.poll(NOW)
    add(path, row(600, "nothing"))
    assert tail.poll(NOW) is None
    assert tail.broken == "schema"
    add(path, row(600))
    assert (tail.poll(NOW), tail.broken) == (None, "ahead")


def candle(minute: int, close: float = 100.0) -> str:
    return f"{stamp(at_us(60 * minute)).isoformat().replace('+00:00', 'Z')},1,200,1,{close},1\n"


def test_candles_of_an_empty_file_of_later_and_of_a_replaced_one(tmp_path):
    folder = Folder(tmp_path)
    folder.add(row(0))
    path = tmp_path / "candlesticks_5min.csv"
    path.write_text("timestamp,open,high,low,close,volume\n")
    feed = LiveFeed(tmp_path, SetClock(at_us(3_600)))
    table = feed.known.candles["5min"]

    def closes() -> list[float]:
        feed.poll()
        return table.recent(99)["close"].tolist()

    assert closes() == []
    add(path, candle(0, 1.0))
    assert closes() == [1.0]
    add(path, candle(10, 3.0))
    assert closes() == [1.0, 3.0]
    filled = tmp_path / "filled"
    filled.write_text(path.read_text().replace(candle(10, 3.0), candle(5, 2.0) + candle(10, 3.0)))
    filled.rename(path)
    assert closes() == [1.0, 2.0, 3.0]
    feed.clock.at_us = at_us(7 * 3_600)
    add(path, candle(6 * 60, 4.0), candle(6 * 60 + 5, 5.0))
    assert closes() == [3.0, 4.0, 5.0]  # six hours: what opened that long before the newest is not kept


def test_an_age_begins_with_the_delay_of_the_stamp(tmp_path):
    folder, clock = Folder(tmp_path), TwoClocks(at_us(20))
    folder.add(row(0))
    feed = LiveFeed(tmp_path, clock)
    clock.wait(5.0)
    assert (feed.age_s("5min"), feed.price_age_s()) == (25.0, 25.0)
