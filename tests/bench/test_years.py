from __future__ import annotations

import pandas as pd
import pytest

from bench.years import DAY, END, FILES, WARM, write_years
from lib.contract import schema
from lib.data.decisions import load_decisions
from lib.data.loaders import load_candles, load_samples
from lib.data.window import WARMUP, load_window


@pytest.fixture(scope="module")
def years(tmp_path_factory):
    folder = tmp_path_factory.mktemp("years")
    folders = {1: folder / "1", 12: folder / "12"}
    write_years(folders)
    return folders


@pytest.mark.parametrize("name", FILES)
def test_the_shorter_file_is_the_end_of_the_longer(years, name):
    short, long = ((years[days] / name).read_bytes() for days in (1, 12))
    header, _, rows = short.partition(b"\n")
    assert long.startswith(header + b"\n") and long.endswith(rows) and len(long) > 8 * len(short)


def test_every_day_is_whole_and_follows_the_one_before(years):
    assert WARM > WARMUP
    samples, counts = load_samples(years[12], "15min", None, None)
    assert counts.set_aside == {}
    assert len(samples) == 12 * 8640 + WARM / pd.Timedelta(seconds=10)
    assert set(samples.index.to_series().diff().dropna()) == {pd.Timedelta(seconds=10)}
    assert samples.index[-1] == END
    for timeframe, minutes in schema.MINUTES.items():
        candles, counts = load_candles(years[12], timeframe, None, None)
        assert counts.set_aside == {}
        assert set(candles["closed_at"].diff().dropna()) == {pd.Timedelta(minutes=minutes)}
        assert candles["closed_at"].iloc[-1] == END


def test_decisions_are_told_apart_and_end_after_they_began(years):
    decisions, counts = load_decisions(years[12], None, None)
    assert counts.set_aside == {} and decisions["decision_id"].is_unique
    held = (decisions["exit_time"] - decisions["entry_time"]).dropna()
    assert held.min() > pd.Timedelta(0) and held.max() < pd.Timedelta(hours=2)
    named = pd.to_datetime(
        decisions["decision_id"].str.removeprefix("rules-"), format="%Y%m%dT%H%M%SZ", utc=True
    )
    assert (named == decisions["timestamp"]).all()


def test_a_window_of_a_day_finds_its_rows_in_all_of_them(years):
    windows = [load_window(folder, END) for folder in years.values()]
    for name in (
        "samples_5min",
        "samples_15min",
        "candles_1min",
        "candles_5min",
        "candles_15min",
        "decisions",
    ):
        pd.testing.assert_frame_equal(*(getattr(window, name) for window in windows))
    assert len(windows[0].in_window(windows[0].samples_5min)) == DAY / pd.Timedelta(seconds=10)
