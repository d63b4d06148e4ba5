"""lib.data.slices: the window lies inside the slice, the cost is the window's, and headers are checked."""

from __future__ import annotations

import os

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lib.contract.times import microseconds
from lib.data.loaders import load_samples, parse_samples
from lib.data.slices import BLOCK, MARGIN, read_slice, read_tail
from lib.errors import DataError, HeaderError, MissingDataError, NaiveTimeError
from tests.lib.data import made


def cut(path, start: float | None, end: float | None, **sizes):
    bounds = [None if bound is None else microseconds(made.at(bound)) for bound in (start, end)]
    return read_slice(path, *bounds, None, **sizes), bounds


def seconds(path, start: float | None, end: float | None, **sizes) -> list[int]:
    """Seconds of the rows that a window holds; its lines must belong to them."""
    piece, bounds = cut(path, start, end, **sizes)
    frame = parse_samples(piece, *bounds, None).frame
    offsets = (frame.index - made.START).total_seconds().astype(int)
    assert (frame["MMA5"].to_numpy() == 1000 + offsets).all()
    return [second for second in offsets.tolist() if start is None or second > start]


def test_the_window_is_open_at_its_start_and_closed_at_its_end(tmp_path):
    path = made.samples(tmp_path, [made.sample(10 * step) for step in range(100)]) / "ema_data_5min.csv"
    assert seconds(path, 500, 530, block=64, margin=128) == [510, 520, 530]
    assert seconds(path, None, 10, block=64, margin=128) == [0, 10]
    assert seconds(path, 970, None, block=64, margin=128) == [980, 990]
    assert seconds(path, 2000, 3000, block=64, margin=128) == []
    assert seconds(path, -20, -10, block=64, margin=128) == []


def test_a_window_of_a_large_file_touches_few_of_its_bytes(tmp_path):
    rows = [made.sample(10 * step) for step in range(100_000)]
    path = made.samples(tmp_path, rows) / "ema_data_5min.csv"
    row, size = len(rows[50_000]) + 1, path.stat().st_size
    piece, _ = cut(path, 500_000, 503_600)
    # Two searches, each going back from the end in three steps and halving 4.5 MB down to a block, and their checks.
    probes = 2 * 15 * BLOCK
    assert size > 4_000_000
    assert piece.bytes_read <= 360 * row + 2 * MARGIN + 6 * BLOCK + probes < size / 9
    assert seconds(path, 500_000, 503_600) == list(range(500_010, 503_601, 10))


def test_twice_the_file_costs_a_probe_more_for_the_same_window(tmp_path):
    read = []
    for count in (20_000, 40_000):
        path = (
            made.samples(tmp_path / str(count), [made.sample(10 * step) for step in range(count)])
            / "ema_data_5min.csv"
        )
        read.append(cut(path, 100_000, 103_600)[0].bytes_read)
    assert abs(read[1] - read[0]) <= 2 * 2 * BLOCK


def test_an_hour_at_the_end_costs_the_same_after_ten_times_the_history(tmp_path):
    read = []
    for count in (4_000, 40_000):
        rows = [made.sample(10 * step) for step in range(40_000 - count, 40_000)]
        path = made.samples(tmp_path / str(count), rows) / "ema_data_5min.csv"
        piece, _ = cut(path, 396_000, 399_600)
        assert not piece.from_first_row
        read.append(piece.bytes_read)
        assert seconds(path, 396_000, 399_600) == list(range(396_010, 399_601, 10))
    assert abs(read[1] - read[0]) <= BLOCK


faults = st.lists(
    st.tuples(
        st.integers(0, 150), st.sampled_from(["torn", "future", "past", "double", "swap", "text", "blank"])
    ),
    max_size=12,
)


def damaged(found: list[tuple[int, str]]) -> list[str]:
    """151 rows with single rows damaged; neighbours may change places."""
    rows = [made.sample(10 * step) for step in range(151)]
    for place, fault in found:
        change = {
            "torn": rows[place][: len(rows[place]) // 2],
            "future": made.sample(10**7 + place),
            "past": made.sample(-(10**7) - place),
            "double": rows[place] + "\n" + rows[place],
            "text": rows[place].replace(",100.0,", ",n/a,"),
            "blank": "",
        }
        if fault == "swap":
            rows[place - 1], rows[place] = rows[place], rows[place - 1]
        else:
            rows[place] = change[fault]
    return rows


@settings(max_examples=60)
@given(faults, st.integers(-5, 1510), st.integers(0, 700))
@example([(75, "future"), (76, "past"), (77, "torn")], 700, 100)
def test_a_window_holds_what_the_whole_file_holds_there(tmp_path_factory, found, start, length):
    folder = tmp_path_factory.mktemp("damaged")
    path = made.samples(folder, damaged(found)) / "ema_data_5min.csv"
    whole = [second for second in seconds(path, None, start + length) if second > start]
    # 1,000 bytes around hold some 20 rows: more than the disorder of single rows reaches.
    assert seconds(path, start, start + length, block=200, margin=1000) == whole


@pytest.mark.parametrize("offset", [10**6, -(10**6)])
def test_probes_that_land_in_a_stretch_of_wrong_times_are_put_right(tmp_path, offset):
    """20 rows of a clock that was off, just where the first probe lands."""
    rows = [made.sample(10 * step + (offset if 500 <= step < 520 else 0)) for step in range(1000)]
    path = made.samples(tmp_path, rows) / "ema_data_5min.csv"
    for start in (1000, 4000, 6000, 9000):
        expected = list(range(start + 10, start + 501, 10))
        assert seconds(path, start, start + 500, block=128, margin=1500) == expected


def test_rows_longer_than_a_probe_are_found(tmp_path):
    rows = [made.sample(10 * step) + "," + "x" * 5000 for step in range(200)]
    path = made.samples(tmp_path, rows, made.SAMPLE_HEADER + ",note") / "ema_data_5min.csv"
    assert seconds(path, 1000, 1030, block=256, margin=12_000) == [1010, 1020, 1030]


def test_the_timestamp_need_not_come_first(tmp_path):
    rows = [",".join([made.sample(10 * step).split(",", 1)[1], made.stamp(10 * step)]) for step in range(500)]
    path = made.samples(tmp_path, rows, "price,state,MMA5,MMA10,timestamp") / "ema_data_5min.csv"
    assert seconds(path, 2000, 2030, block=64, margin=500) == [2010, 2020, 2030]


def test_a_tail_begins_at_a_line(tmp_path):
    path = made.samples(tmp_path, [made.sample(10 * step) for step in range(100)]) / "ema_data_5min.csv"
    row = len(made.sample(990)) + 1
    for length in range(1, 3 * row):
        data = read_tail(path, length).data
        assert data == b"".join(
            f"{made.sample(10 * step)}\n".encode() for step in range(100 - length // row, 100)
        )
    assert read_tail(path, 10**6).from_first_row


def test_a_missing_file_names_the_commands_that_make_it(tmp_path):
    with pytest.raises(MissingDataError, match=r"ema_data_5min\.csv: .*ribbon backfill.*ribbon simulate"):
        cut(tmp_path / "ema_data_5min.csv", None, None)


def test_a_folder_in_its_place_is_a_clear_error(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        cut(tmp_path, None, None)


@pytest.mark.parametrize(
    ("text", "problem", "column"),
    [
        ("", "empty", "timestamp"),
        ("timestamp,price,sta", "no line end", None),
        ("timestamp,price,price\n", "twice", "price"),
        ("time,price,state\n", "lacks a column", "timestamp"),
        ("\n", "lacks a column", "timestamp"),
        ("timestamp;price;state\n", "«timestamp;price;state». Commas stand between", "timestamp"),
        ("timestamp\tprice\tstate\n", "Commas stand between", "timestamp"),
        (f"{made.sample(0)}\n", "«2025-10-19T00:00:00Z,.*». A row stands in place of the names", "timestamp"),
        ("2024-01-01 00:00:00,2.5,red,red\n", "A row stands in place of the names", "timestamp"),
    ],
)
def test_a_header_that_is_off_is_named(tmp_path, text, problem, column):
    path = tmp_path / "ema_data_5min.csv"
    path.write_text(text)
    with pytest.raises(HeaderError, match=problem) as caught:
        cut(path, None, None)
    assert (caught.value.path, caught.value.line, caught.value.column) == (path, 1, column)
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        *((name, "ribbon backfill") for name in ("candlesticks_1min.csv", "ema_data_15min.csv")),
        *((name, "the loop makes a new one") for name in ("claude_decisions.csv", "ticks.csv")),
    ],
)
def test_an_empty_file_is_made_anew_by_what_makes_it(tmp_path, name, fix):
    (tmp_path / name).write_text("")
    with pytest.raises(HeaderError, match=fix):
        cut(tmp_path / name, None, None)


def test_naive_times_need_a_zone(tmp_path):
    rows = [made.sample(10 * step).replace("Z", "") for step in range(3000)]
    path = made.samples(tmp_path, rows) / "ema_data_5min.csv"
    with pytest.raises(NaiveTimeError, match="RIBBON_TIMEZONE"):
        load_samples(path.parent, "5min", made.at(100), made.at(200))


def test_the_line_of_a_position_is_counted_from_the_file_start(tmp_path):
    path = made.samples(tmp_path, [made.sample(10 * step) for step in range(100)]) / "ema_data_5min.csv"
    piece, _ = cut(path, 500, 600, block=64, margin=128)
    assert piece.offset > 1500
    first = path.read_bytes()[: piece.offset].count(b"\n") + 1
    assert piece.line_number(0) == first
    assert piece.line_number(piece.data.find(b"\n") + 1) == first + 1


def test_a_file_that_grows_while_it_is_read_gives_what_was_there(tmp_path, monkeypatch):
    path = made.samples(tmp_path, [made.sample(0), made.sample(10)]) / "ema_data_5min.csv"
    real = os.fstat

    def grown(handle: int):
        size = real(handle)
        with path.open("a") as stream:
            stream.write(made.sample(20) + "\n")
        return size

    monkeypatch.setattr(os, "fstat", grown)
    assert seconds(path, None, None) == [0, 10]
