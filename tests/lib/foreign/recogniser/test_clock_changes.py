"""Local times around a change of clocks: what happens twice is left out and said, what the clocks skip shows another zone."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from lib.errors import DataError, NaiveTimeError
from lib.foreign.ohlcv import read_history
from lib.foreign.recogniser.reading import Hints

NOW = pd.Timestamp("2026-01-01T00:00:00Z")
BERLIN = Hints(timezone="Europe/Berlin")


def file_of(tmp_path, times, form="%Y-%m-%d %H:%M"):
    path = tmp_path / "c.csv"
    rows = [f"{time.strftime(form)},100,101,99,100,5" for time in times]
    path.write_text("\n".join(["time,open,high,low,close,volume", *rows, ""]))
    return path


def local(start: str, minutes: int) -> pd.DatetimeIndex:
    return pd.date_range(start, periods=minutes, freq="min", tz="UTC").tz_convert("Europe/Berlin")


@pytest.mark.parametrize("form", ["%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M", "%b %d %Y %H:%M"])
def test_a_time_that_the_clocks_skip_refuses_the_file(tmp_path, form):
    """Hours of the winter, written on through the spring: each of the summer would be read an hour off."""
    times = pd.date_range("2025-03-29 20:00", periods=600, freq="min")
    path = file_of(tmp_path, times, form)
    text = re.escape(pd.Timestamp("2025-03-30 02:00").strftime(form))
    with pytest.raises(
        DataError,
        match=rf"line 362, column time: '{text}' is no time in the zone .*Europe/Berlin.*--timezone",
    ):
        read_history(path, NOW, BERLIN)
    assert len(read_history(path, NOW, Hints(timezone="+01:00")).candles) == 600


def test_a_spring_in_its_own_zone_is_read_whole(tmp_path):
    history = read_history(file_of(tmp_path, local("2025-03-29T20:00Z", 600)), NOW, BERLIN)
    assert len(history.candles) == 600
    assert history.set_aside == {}


def test_a_damaged_time_is_no_skipped_one(tmp_path):
    path = file_of(tmp_path, local("2025-03-29T20:00Z", 600))
    path.write_text(path.read_text().replace("2025-03-30 00:10", "2025-03-30 0x:10"))
    assert read_history(path, NOW, BERLIN).set_aside == {"bad_timestamp": 1}


@pytest.mark.parametrize("ends", [30, 60, 90, 120])
def test_a_seam_in_the_hour_that_comes_twice_loses_and_guesses_nothing(tmp_path, ends):
    """Two files that meet anywhere in those two hours: what is read of both is at its true instants, the rest is counted and said."""
    whole = local("2024-10-26T22:00Z", 600)  # the first of the two hours begins at 00:00 UTC, minute 120
    found = [
        read_history(file_of(tmp_path, part), NOW, BERLIN)
        for part in (whole[: 120 + ends], whole[120 + ends :])
    ]
    index = found[0].candles.index.append(found[1].candles.index)
    assert index.equals(whole.tz_convert("UTC").as_unit("us").delete(slice(120, 240)))
    assert sum(each.set_aside.get("ambiguous_time", 0) for each in found) == 120
    assert "happen twice" in found[0].notes[0]
    assert "export the file in UTC" in found[0].notes[0]


def test_a_file_of_that_hour_alone_is_told_why(tmp_path):
    path = file_of(tmp_path, local("2024-10-27T00:10Z", 40))
    with pytest.raises(
        DataError, match=r"line 2, column time: '2024-10-27 02:10' happens twice.*Export the file in UTC"
    ):
        read_history(path, NOW, BERLIN)


def test_a_day_and_a_year_of_two_digits_around_a_months_name_are_asked(tmp_path):
    times = pd.date_range("2024-01-11", periods=3_000, freq="min")
    path = file_of(tmp_path, times, "%d-%b-%y %H:%M")
    with pytest.raises(
        DataError, match=r"'11-Jan-24 00:00' can be read in several ways.*--dates dmy or --dates ymd"
    ):
        read_history(path, NOW, Hints(timezone="UTC"))
    history = read_history(path, NOW, Hints(timezone="UTC", dates="dmy"))
    assert history.candles.index.equals(times.tz_localize("UTC").as_unit("us"))
    path = file_of(tmp_path, times, "%y-%b-%d %H:%M")
    assert (
        read_history(path, NOW, Hints(timezone="UTC", dates="ymd")).candles.index[0]
        == times.tz_localize("UTC")[0]
    )


def test_epochs_before_the_first_market_are_too_early(tmp_path):
    """Milliseconds of 1976; no day and minute written as one number."""
    path = tmp_path / "c.csv"
    rows = [f"{201399990000 + 60_000 * place},100,101,99,100,5" for place in range(300)]
    path.write_text("\n".join(["time,open,high,low,close,volume", *rows, ""]))
    with pytest.raises(DataError, match=r"'201399990000' lies before 2009-01-03"):
        read_history(path, NOW)


@pytest.mark.parametrize(
    ("form", "text"), [("%Y%m%d%H%M", "202401110000"), ("%Y%m%d%H%M%S", "20240111000000")]
)
def test_day_and_time_written_as_one_number_are_no_epoch(tmp_path, form, text):
    path = file_of(tmp_path, pd.date_range("2024-01-11", periods=300, freq="min"), form)
    with pytest.raises(NaiveTimeError, match=rf"line 2, column time: the time '{text}' has no zone"):
        read_history(path, NOW)
    found = read_history(path, NOW, Hints(timezone="UTC")).candles
    assert len(found) == 300 and found.index[0] == pd.Timestamp("2024-01-11T00:00Z")
