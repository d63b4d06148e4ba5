"""Files of one row a line, cut and poisoned byte by byte."""

from __future__ import annotations

import pandas as pd
import pytest

from lib.data.loaders import load_candles, load_samples
from lib.errors import HeaderError
from runner.lookahead.rows import alter_rows, poisoned_number, turned_colour, turned_state

AS_OF = pd.Timestamp("2026-01-05T00:10:00Z")
HEAD = "timestamp,price,state,MMA5,MMA5_color,quality,symbol,seq\n"


def stamped(minute: str, rest: str = "99.5,all_green,101.0,green,ok,ETH,7") -> str:
    return f"2026-01-05T00:{minute}Z,{rest}\n"


def altered(tmp_path, text: str, mode: str, name: str = "ema_data_5min.csv", as_of=AS_OF) -> tuple[str, int]:
    (tmp_path / name).write_bytes(text.encode())
    later = alter_rows(tmp_path / name, tmp_path / "out.csv", as_of, mode, None)
    return (tmp_path / "out.csv").read_bytes().decode(), later


def test_samples_are_cut_behind_the_instant_which_is_known_itself(tmp_path):
    known = HEAD + stamped("09:50") + stamped("10:00")
    assert altered(tmp_path, known + stamped("10:00.5") + stamped("10:10"), "cut") == (known, 2)


def test_a_fraction_of_the_instant_counts(tmp_path):
    known = HEAD + stamped("10:00") + stamped("10:00.25")
    as_of = AS_OF + pd.Timedelta(milliseconds=250)
    assert altered(tmp_path, known + stamped("10:00.251") + stamped("10:01"), "cut", as_of=as_of) == (
        known,
        2,
    )


def test_times_with_an_offset_are_times(tmp_path):
    row = "2026-01-05T01:{}+01:00,99.5,all_green,101.0,green,ok,ETH,7\n"
    known = HEAD + row.format("10:00")
    assert altered(tmp_path, known + row.format("10:01"), "cut") == (known, 1)


@pytest.mark.parametrize(("name", "minutes"), [("candlesticks_5min.csv", 5), ("candlesticks_15min.csv", 15)])
def test_candles_are_known_when_they_close(tmp_path, name, minutes):
    opens = [AS_OF - pd.Timedelta(minutes=minutes), AS_OF - pd.Timedelta(minutes=minutes - 1)]
    rows = [f"{at:%Y-%m-%dT%H:%M:%SZ},1,2,0.5,1.5,3\n" for at in opens]
    head = "timestamp,open,high,low,close,volume\n"
    assert altered(tmp_path, head + "".join(rows), "cut", name) == (head + rows[0], 1)


def test_rows_out_of_order_are_judged_by_their_own_time(tmp_path):
    text = HEAD + stamped("08:00") + stamped("12:00") + stamped("09:00")
    assert altered(tmp_path, text, "cut") == (HEAD + stamped("08:00") + stamped("09:00"), 1)


def test_a_line_without_a_time_stays_with_the_one_before_it(tmp_path):
    known = HEAD + stamped("08:00") + "torn,line\n"
    assert altered(tmp_path, known + stamped("12:00") + "torn,later\n2026-01-05T00:1", "cut") == (known, 1)


def test_a_poisoned_row_is_absurd_and_whole(tmp_path):
    known = HEAD + stamped("09:00")
    text, later = altered(tmp_path, known + stamped("11:00"), "poison")
    assert later == 1
    assert text == known + stamped("11:00", "999.5,all_red,9101.0,red,ok,ETH,7")


def test_quoted_fields_are_poisoned_too(tmp_path):
    text, _ = altered(tmp_path, HEAD + stamped("11:00", '"99.5",all_red,1.0,#880e4f,ok,"E,H",7'), "poison")
    assert text == HEAD + stamped("11:00", '999.5,all_green,91.0,green,ok,"E,H",7')


def test_a_file_without_timestamps_is_refused(tmp_path):
    with pytest.raises(HeaderError):
        altered(tmp_path, "a,b\n1,2\n", "cut", "own.csv")


@pytest.mark.parametrize("field", ["", "abc", "-", "-x"])
def test_what_is_no_number_stays(field):
    assert poisoned_number(field) == field


def test_words_turn():
    assert (poisoned_number("-0.15"), poisoned_number("2500")) == ("-90.15", "92500")
    assert [turned_colour(text) for text in ("green", "#26a69a", "red", "yellow", "")] == [
        "red",
        "red",
        "green",
        "green",
        "",
    ]
    assert (turned_state("ALL_GREEN"), turned_state("unknown")) == ("all_red", "unknown")


def test_readers_take_every_poisoned_row_of_the_sample(sample_data, tmp_path):
    """Otherwise the poison would be set aside, and a notebook that looks ahead would never meet it."""
    as_of = pd.Timestamp("2025-06-15T06:00:00Z")
    for name in ("ema_data_5min.csv", "candlesticks_5min.csv"):
        assert alter_rows(sample_data / name, tmp_path / name, as_of, "poison", None) > 10
    end = as_of + pd.Timedelta(hours=3)
    samples, counts = load_samples(tmp_path, "5min", as_of, end)
    true, before = load_samples(sample_data, "5min", as_of, end)
    assert counts == before and len(samples) == len(true) > 100
    assert (samples["price"] > 5 * true["price"]).all() and (samples["state"] != true["state"]).mean() > 0.8
    candles, counts = load_candles(tmp_path, "5min", as_of, end)
    assert len(candles) == 36 and (candles["low"] > 5 * true["price"].max()).all()
