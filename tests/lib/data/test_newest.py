"""lib.data.newest: the newest known-at, from tails that may be torn or malformed."""

from __future__ import annotations

import pytest

from lib.data.newest import newest_known_at, newest_symbol
from lib.data.slices import read_tail
from lib.errors import HeaderError
from tests.lib.data import made


def test_a_candle_counts_when_it_closes(tmp_path):
    assert newest_known_at(tmp_path) is None
    made.samples(tmp_path, [made.sample(0), made.sample(310)])
    assert newest_known_at(tmp_path) == made.at(310)
    made.candles(tmp_path, [made.candle(0), made.candle(300)])
    assert newest_known_at(tmp_path) == made.at(600)
    made.candles(tmp_path, [made.candle(0)], timeframe="15min")
    assert newest_known_at(tmp_path) == made.at(900)


def test_decisions_count_with_what_they_name(tmp_path):
    header = made.DECISION_HEADER + ",entry_time,exit_time"
    made.decisions(
        tmp_path, [made.decision(0) + f",{made.stamp(5)},{made.stamp(50)}", made.decision(10) + ",,"], header
    )
    assert newest_known_at(tmp_path) == made.at(50)


def test_empty_files_hold_nothing(tmp_path):
    made.market(tmp_path, minutes=0)
    made.samples(tmp_path, [])
    made.samples(tmp_path, [], timeframe="15min")
    assert newest_known_at(tmp_path) is None


@pytest.mark.parametrize(
    "tail",
    [
        "2025-10-19T0",
        made.sample(9000)[:-1],
        "half a row\n",
        made.sample(10) + "\n",
        "\0" * 4096,
        "x\n" * 200_000,
    ],
)
def test_a_damaged_tail_is_passed_over(tmp_path, tail):
    path = made.samples(tmp_path, [made.sample(10 * step) for step in range(5000)]) / "ema_data_5min.csv"
    with path.open("a") as stream:
        stream.write(tail)
    assert newest_known_at(tmp_path) == made.at(49_990)


def test_only_the_tail_is_read(tmp_path):
    path = made.samples(tmp_path, [made.sample(10 * step) for step in range(30_000)]) / "ema_data_5min.csv"
    assert read_tail(path, 64 * 1024).bytes_read < 100_000 < path.stat().st_size / 10
    assert newest_known_at(tmp_path) == made.at(299_990)


def test_a_header_that_is_off_is_an_error(tmp_path):
    made.samples(tmp_path, [], "timestamp,price")
    with pytest.raises(HeaderError):
        newest_known_at(tmp_path)


def test_the_symbol_of_the_last_row(tmp_path):
    rows = [made.sample(0) + ",OLD", made.sample(10) + ",SYNTHETIC-1"]
    made.samples(tmp_path, rows, made.SAMPLE_HEADER + ",symbol")
    assert newest_symbol(tmp_path / "ema_data_5min.csv") == "SYNTHETIC-1"
    made.samples(tmp_path, [made.sample(0)])
    assert newest_symbol(tmp_path / "ema_data_5min.csv") == ""


def test_what_is_stamped_ahead_of_the_clock_is_not_the_newest(tmp_path):
    late = 10**9
    made.samples(tmp_path, [made.sample(0), made.sample(400), made.sample(late)])
    made.candles(tmp_path, [made.candle(0), made.candle(late)])
    header = made.DECISION_HEADER + ",entry_time,exit_time"
    row = made.decision(10) + f",{made.stamp(20)},{made.stamp(late)}"
    made.decisions(tmp_path, [row, made.decision(late) + ",,"], header)
    assert newest_known_at(tmp_path) == made.at(late + 300)
    assert newest_known_at(tmp_path, now=made.at(500)) == made.at(400)
    assert newest_known_at(tmp_path, now=made.at(296)) == made.at(300)  # within five seconds
    assert newest_known_at(tmp_path, now=made.at(100)) == made.at(20)
    assert newest_known_at(tmp_path, now=made.at(late + 300)) == made.at(late + 300)


def test_a_tail_of_rows_that_are_all_ahead_is_read_further_back(tmp_path):
    rows = [made.sample(0), *(made.sample(10**9 + step) for step in range(3_000))]
    made.samples(tmp_path, rows)
    assert newest_known_at(tmp_path, now=made.at(60)) == made.at(0)
