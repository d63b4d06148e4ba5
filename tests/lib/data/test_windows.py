"""Windows of many hours at once are the windows that are loaded alone: over gaps, rows out of order, repeated, torn and frozen ones."""

from __future__ import annotations

from dataclasses import fields

import pandas as pd
import pytest

from lib.contract import schema
from lib.data import windows as module
from lib.data.hours import read_hours
from lib.data.window import load_window
from lib.data.windows import load_windows
from lib.errors import EmptyWindowError
from runner.fetch.simulated import Simulation, write_simulation
from tests.builders import START
from tests.lib.lessons.streams.made import lively_market, write_folder
from tests.lib.lessons.test_batches import made

HOUR = pd.Timedelta(hours=1)


@pytest.fixture
def alone(monkeypatch) -> list[pd.Timestamp]:
    """The instants whose windows were loaded alone."""
    told, really = [], load_window

    def load(folder, as_of, hours):
        told.append(as_of)
        return really(folder, as_of, hours)

    monkeypatch.setattr(module, "load_window", load)
    return told


def assert_as_alone(folder, hours, lookback=6.0, read=None) -> int:
    """Every window is what load_window gives; how many there were."""
    count = 0
    for hour, found in zip(hours, load_windows(folder, hours, lookback, read), strict=True):
        try:
            expected = load_window(folder, hour, lookback)
        except EmptyWindowError:
            assert found is None
            continue
        count += 1
        for field in fields(expected):
            ours, theirs = getattr(found, field.name), getattr(expected, field.name)
            if isinstance(theirs, pd.DataFrame):
                pd.testing.assert_frame_equal(ours, theirs)
            else:
                assert ours == theirs, field.name
        assert list(found.counts) == list(expected.counts)
    return count


def test_sound_rows_are_parsed_once(tmp_path, alone):
    folder = write_folder(tmp_path, lively_market(3, 20, gaps=3))
    hours = list(pd.date_range(START + 3 * HOUR, periods=14, freq="h"))
    assert assert_as_alone(folder, hours) == 14
    assert alone == []


def test_rows_at_hand_that_reach_further_give_the_same(tmp_path, alone):
    folder = write_folder(tmp_path, lively_market(3, 20, gaps=3))
    hours = list(pd.date_range(START + 6 * HOUR, periods=8, freq="h"))
    read = read_hours(folder, hours[0] - 6 * HOUR, hours[-1] + 2 * HOUR)
    assert read is not None
    assert [assert_as_alone(folder, hours, lookback, read) for lookback in (6.0, 2.5)] == [8, 8]
    assert alone == []


def test_what_is_spoiled_is_loaded_alone_and_the_rest_is_not(tmp_path, alone):
    folder = made(tmp_path / "data", 72, gaps=8)
    found = []
    for first in range(0, 72, 24):
        hours = [START + (first + hour) * HOUR for hour in range(1, 25)]
        found.append(assert_as_alone(folder, hours, 2.0))
    assert sum(found) > 60
    assert 0 < len(alone) < sum(found)


def test_ten_second_samples_and_other_instants_than_whole_hours(tmp_path, alone):
    end = START + 12 * HOUR
    write_simulation(Simulation(days=0.5, seed=7, end=end.isoformat(), gaps=2), tmp_path)
    instants = [end - place * pd.Timedelta(minutes=37) for place in range(9, -1, -1)]
    assert assert_as_alone(tmp_path, instants) == 10
    assert len(alone) < 10


@pytest.mark.parametrize(
    "line",
    ["what is this\n", "2025-06-02T", "2099-01-01T00:00:00Z\n"],
)
def test_a_row_that_is_set_aside_is_counted_where_it_stands(tmp_path, alone, line):
    folder = write_folder(tmp_path, lively_market(3, 20, gaps=0))
    path = folder / schema.CANDLE_FILES["5min"]
    rows = path.read_text().splitlines(keepends=True)
    place = len(rows) if not line.endswith("\n") else 1 + 12 * 7
    path.write_text("".join([*rows[:place], line, *rows[place:]]))
    asked = [START + hour * HOUR for hour in range(2, 21)]
    assert_as_alone(folder, asked, 2.0)
    assert 0 < len(alone) < len(asked)


def test_hours_without_any_row_have_no_window(tmp_path):
    folder = write_folder(tmp_path, lively_market(3, 4, gaps=0))
    hours = [START + hour * HOUR for hour in (-3, 2, 9, 20)]
    assert [window is None for window in load_windows(folder, hours, 6.0)] == [True, False, False, True]
    assert list(load_windows(folder, [], 6.0)) == []
