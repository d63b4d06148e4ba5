"""lib.data.rows: one documented outcome for every kind of row, and numbers read strictly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lib.data.decisions import parse_decisions
from lib.data.loaders import load_candles, load_samples, parse_candles, parse_samples
from lib.data.rows import REASONS, RowCounts
from lib.data.slices import read_slice
from lib.errors import NaiveTimeError, RaggedHeaderError
from tests.lib.data import made


def load(folder, start=None, as_of=None, zone=None):
    """Seconds of the samples read, and the counts; rows_in = ok + set aside always."""
    bounds = [None if bound is None else made.at(bound) for bound in (start, as_of)]
    frame, counts = load_samples(folder, "5min", *bounds, zone)
    seconds = (frame.index - made.START).total_seconds().astype(int).tolist()
    assert frame["MMA10"].tolist() == [2000.0 + second for second in seconds]
    assert counts.rows_in == counts.ok + sum(counts.set_aside.values())
    assert counts.ok == len(frame) and set(counts.set_aside) <= set(REASONS)
    return seconds, counts


def test_a_torn_last_row_is_never_a_wrong_row(tmp_path):
    """Cut at every byte of the last row, with both line ends."""
    for ending in ("\n", "\r\n"):
        path = tmp_path / "ema_data_5min.csv"
        made.write(path, made.SAMPLE_HEADER, [made.sample(0), made.sample(10), made.sample(20)], ending)
        whole = path.read_bytes()
        last = len((made.sample(20) + ending).encode())
        for cut in range(1, last):
            path.write_bytes(whole[:-cut])
            assert load(tmp_path) == ([0, 10], RowCounts(3, 2, {"torn": 1}))
        path.write_bytes(whole[:-last])
        assert load(tmp_path) == ([0, 10], RowCounts(2, 2, {}))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (made.sample(10).rsplit(",", 1)[0], "malformed"),
        (made.sample(10) + ",1", "malformed"),
        (made.sample(10)[:9] + made.sample(20), "bad_timestamp"),
        (made.sample(10).replace("mixed", "mi\x00xed"), "malformed"),
        (made.sample(10).replace("mixed", "mi\rxed"), "malformed"),
        (made.sample(10).replace("mixed", '"mixed'), "malformed"),
        (made.sample(10).replace("2025-10-19", "2025-19-10"), "bad_timestamp"),
        (made.sample(0), "duplicate"),
        (made.sample(0, price=999), "duplicate"),
        (made.sample(-1000), "out_of_order"),
        (made.sample(10**6), "out_of_order"),
        (made.sample(10).replace(",100.0,", ",,"), "bad_value"),
        (made.sample(10, price=0), "bad_value"),
        (made.sample(10, price=-1), "bad_value"),
        (made.sample(10).replace(",1010,", ",one,"), "bad_value"),
        (made.sample(10).replace(",1010,", ",inf,"), "bad_value"),
        (made.sample(10).replace(",1010,", ",nan,"), "bad_value"),
        (made.sample(10).replace(",1010,", ",1e999,"), "bad_value"),
    ],
)
def test_one_row_that_is_off_is_set_aside_and_counted(tmp_path, row, reason):
    rows = [made.sample(0), row, made.sample(20), made.sample(30)]
    made.samples(tmp_path, rows)
    assert load(tmp_path) == ([0, 20, 30], RowCounts(4, 3, {reason: 1}))


def test_a_row_that_is_off_counts_in_the_window_it_stands_in(tmp_path):
    rows = [made.sample(10 * step) for step in range(7)]
    rows.insert(4, "half a row")  # between 30 and 40
    made.samples(tmp_path, rows)
    assert load(tmp_path, 20, 50) == ([30, 40, 50], RowCounts(4, 3, {"malformed": 1}))
    assert load(tmp_path, 30, 50) == ([40, 50], RowCounts(3, 2, {"malformed": 1}))
    assert load(tmp_path, 40, 50) == ([50], RowCounts(1, 1, {}))
    assert load(tmp_path, 0, 20) == ([10, 20], RowCounts(2, 2, {}))


def test_one_row_from_the_far_future_does_not_hide_what_follows(tmp_path):
    rows = [made.sample(10 * step) for step in range(10)]
    rows.insert(3, made.sample(10**8))
    made.samples(tmp_path, rows)
    everything = [10 * step for step in range(10)]
    assert load(tmp_path) == (everything, RowCounts(11, 10, {"out_of_order": 1}))
    assert load(tmp_path, 10, 50) == (everything[2:6], RowCounts(5, 4, {"ahead": 1}))


def test_a_row_ahead_of_what_the_reader_may_know_is_set_aside_as_that(tmp_path):
    rows = [made.sample(second) for second in (0, 10, 36, 20, 31, 30)]
    made.samples(tmp_path, rows)
    # 36 is more than five seconds after 30; 31 is a clock that differs a little, and stands out of order.
    assert load(tmp_path, None, 30) == ([0, 10, 20, 30], RowCounts(6, 4, {"ahead": 1, "out_of_order": 1}))
    made.samples(tmp_path, [made.sample(second) for second in (0, 10, 36)])
    assert load(tmp_path, None, 30) == ([0, 10], RowCounts(2, 2, {}))  # later rows are no fault of a window


@pytest.mark.parametrize(("ahead", "kept"), [(5.0, True), (5.001, False), (10**9, False)])
def test_who_has_a_clock_sets_aside_what_is_stamped_ahead_of_it(tmp_path, ahead, kept):
    now = made.at(100).value // 1_000
    stamp = made.at(100 + ahead).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    made.samples(tmp_path, [made.sample(90), f"{stamp},100,mixed,1,2"])
    rows = parse_samples(read_slice(tmp_path / "ema_data_5min.csv", None, None, None), None, None, None, now)
    assert (len(rows.frame), rows.counts.set_aside) == ((2, {}) if kept else (1, {"ahead": 1}))
    made.candles(tmp_path, [f"{stamp},100,100,100,100,5"])
    piece = read_slice(tmp_path / "candlesticks_5min.csv", None, None, None)
    assert parse_candles(piece, None, None, None, now).counts.ok == kept
    made.decisions(tmp_path, [made.decision(90), made.decision(100).replace(made.stamp(100), stamp)])
    piece = read_slice(tmp_path / "claude_decisions.csv", None, None, None)
    assert parse_decisions(piece, None, None, None, now).counts.ok == 1 + kept


def test_a_blank_line_is_no_row(tmp_path):
    made.samples(tmp_path, [made.sample(0), "", made.sample(10), ""])
    assert load(tmp_path) == ([0, 10], RowCounts(2, 2, {}))


def test_blank_optional_numbers_are_missing(tmp_path):
    made.samples(
        tmp_path, [made.sample(0), f"{made.stamp(10)},100,mixed,, ", f"{made.stamp(20)},100,mixed,,7"]
    )
    frame, counts = load_samples(tmp_path, "5min", None, None)
    assert counts == RowCounts(3, 3, {})
    np.testing.assert_array_equal(frame["MMA5"], [1000, np.nan, np.nan])
    np.testing.assert_array_equal(frame["MMA10"], [2000, np.nan, 7])


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path):
    path = tmp_path / "ema_data_5min.csv"
    made.write(path, made.SAMPLE_HEADER, [made.sample(0), made.sample(10)], "\r\n")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load(tmp_path) == ([0, 10], RowCounts(2, 2, {}))


def test_every_field_may_be_quoted(tmp_path):
    rows = [",".join(f'"{value}"' for value in made.sample(second).split(",")) for second in (0, 10)]
    made.samples(tmp_path, [*rows, made.sample(20)])
    assert load(tmp_path) == ([0, 10, 20], RowCounts(3, 3, {}))


def test_no_row_fits_the_header(tmp_path):
    made.samples(tmp_path, [made.sample(0) + ",1", made.sample(10) + ",2"])
    with pytest.raises(
        RaggedHeaderError, match=r"ema_data_5min\.csv, line 2: no row has the 5 fields .* has 6"
    ):
        load(tmp_path)


def test_a_header_alone_is_an_empty_file_without_error(tmp_path):
    made.samples(tmp_path, [])
    assert load(tmp_path) == ([], RowCounts(0, 0, {}))
    frame, _ = load_samples(tmp_path, "5min", None, None)
    assert str(frame.index.dtype) == "datetime64[us, UTC]"
    assert frame.dtypes.astype(str).tolist() == ["float64", "str", "str", "str", "float64", "float64"]


def test_naive_times_with_a_zone_without_one_and_ambiguous(tmp_path, monkeypatch):
    rows = [f"2025-10-26T0{hour}:30:00,100,mixed,1,2" for hour in (1, 2, 3)]
    made.samples(tmp_path, rows)
    with pytest.raises(NaiveTimeError, match=r"line 2, column timestamp.*RIBBON_TIMEZONE"):
        load_samples(tmp_path, "5min", None, None)
    frame, counts = load_samples(tmp_path, "5min", None, None, "Europe/Berlin")
    assert [str(instant) for instant in frame.index] == [
        "2025-10-25 23:30:00+00:00",
        "2025-10-26 02:30:00+00:00",
    ]
    assert counts == RowCounts(3, 2, {"ambiguous_time": 1})
    monkeypatch.setenv("RIBBON_TIMEZONE", "UTC")
    assert len(load_samples(tmp_path, "5min", None, None)[0]) == 3


def test_bytes_that_are_no_text_stay_in_their_row(tmp_path):
    path = made.samples(tmp_path, [made.sample(0), made.sample(10), made.sample(20)]) / "ema_data_5min.csv"
    path.write_bytes(
        path.read_bytes().replace(
            made.sample(10).encode(), made.sample(10).encode().replace(b"mixed", b"\xff")
        )
    )
    frame, counts = load_samples(tmp_path, "5min", None, None)
    assert counts == RowCounts(3, 3, {}) and frame["state"].tolist() == ["mixed", "unknown", "mixed"]


cells = st.one_of(
    st.text(st.sampled_from("0123456789.+-eEinfaNx_ "), max_size=6),
    st.floats(0.001, 1e9).map(repr),
    st.sampled_from(
        ["nan", "NaN", "NULL", "NA", "-inf", "Infinity", "0x10", "1e5", "1_000", "True", "1e400", "None"]
    ),
)


@given(st.lists(cells, min_size=1, max_size=5))
@example(["1_000", "7"])
@example(["7", "nan"])
@example(["inf", "", "1e400"])
@example(["+7.", " .5e-3", "x"])
@example(["1e", "7"])
def test_a_cell_is_a_finite_number_or_blank_or_its_row_is_set_aside(tmp_path_factory, found):
    folder = tmp_path_factory.mktemp("cells")
    made.candles(folder, [made.candle(300 * place, volume=cell) for place, cell in enumerate(found)])
    frame, counts = load_candles(folder, "5min", None, None)
    expected = {}
    for place, cell in enumerate(found):
        try:
            value = float(cell.strip() or "nan")
        except ValueError:
            continue
        plain = not any(mark in cell.lower() for mark in ("n", "_", "x"))
        if plain and (cell.strip() == "" or 0 <= value < np.inf):
            expected[made.at(300 * place)] = value
    assert frame.index.tolist() == list(expected)
    np.testing.assert_array_equal(frame["volume"].to_numpy(), list(expected.values()))
    assert counts == RowCounts(
        len(found),
        len(expected),
        {"bad_value": len(found) - len(expected)} if len(found) > len(expected) else {},
    )


def test_numbers_are_read_back_exactly(tmp_path):
    values = np.random.default_rng(5).uniform(1, 1e5, 500)
    made.samples(
        tmp_path, [f"{made.stamp(step)},{value!r},mixed,1,2" for step, value in enumerate(values.tolist())]
    )
    assert load_samples(tmp_path, "5min", None, None)[0]["price"].tolist() == values.tolist()
