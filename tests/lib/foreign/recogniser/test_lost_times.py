"""Times that lost AM and PM, or an epoch's digits, are refused by name; no file of whole times is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.errors import DataError
from lib.foreign.ohlcv import CandleHistory, read_history
from lib.foreign.recogniser.reading import Hints
from tests.lib.foreign.recogniser.dialects import NAMES, epoch, true_table

NOW = pd.Timestamp("2026-01-01T00:00:00Z")
HINTS = Hints(timezone="UTC", dates="mdy")
DAYS = true_table(3 * 1440, start="2025-01-02T00:00:00Z").iloc[::5]  # three days of five-minute candles
SESSIONS = DAYS[(DAYS.index.hour >= 9) & (DAYS.index.hour < 16)]  # 9:00 to 15:55, as shares trade

AMERICAN = "{0.month}/{0.day}/{0.year} {1}:{0:%M}"


def half_day(time: pd.Timestamp) -> str:
    return AMERICAN.format(time, time.hour % 12 or 12)


def half_day_from_zero(time: pd.Timestamp) -> str:
    return AMERICAN.format(time, time.hour % 12)


def whole_day(time: pd.Timestamp) -> str:
    return AMERICAN.format(time, time.hour)


def marked(time: pd.Timestamp) -> str:
    return f"{half_day(time)} {time:%p}"


def rounded(digits: int, unit: str = "ms", mark: str = ".") -> Callable[[pd.Timestamp], str]:
    return lambda time: f"{int(epoch(time, unit)):.{digits - 1}E}".replace(".", mark)


def written(folder: Path, table: pd.DataFrame, form: Callable[[pd.Timestamp], str]) -> Path:
    lines = [
        f"{form(time)};" + ";".join(map(str, row))
        for time, row in zip(table.index, table[[*NAMES]].to_numpy(), strict=True)
    ]
    path = folder / "c.csv"
    path.write_text("\n".join(["time;open;high;low;close;volume", *lines, ""]))
    return path


def read(folder: Path, table: pd.DataFrame, form: Callable[[pd.Timestamp], str]) -> CandleHistory:
    return read_history(written(folder, table, form), NOW, HINTS)


@pytest.mark.parametrize("form", [half_day, half_day_from_zero])
@pytest.mark.parametrize("table", [DAYS, SESSIONS, DAYS[::-1], SESSIONS[::-1], DAYS.iloc[30:-40]])
def test_times_without_am_and_pm_are_refused_by_name(tmp_path: Path, table: pd.DataFrame, form) -> None:
    with pytest.raises(
        DataError, match=r"line \d+, column time: '1/\d/2025 .*AM and PM are lost.*24-hour clock"
    ):
        read(tmp_path, table, form)


def test_a_clock_in_a_column_of_its_own_is_told_as_such(tmp_path: Path) -> None:
    path = written(tmp_path, DAYS, lambda time: half_day(time).replace(" ", ";"))
    path.write_text(path.read_text().replace("time;", "date;time;", 1))
    with pytest.raises(DataError, match=r"line 14, column time: '1:00' follows .*AM and PM are lost"):
        read_history(path, NOW, HINTS)


@pytest.mark.parametrize("digits", [4, 5, 6, 7])
@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("mark", [".", ","])
def test_rounded_epochs_are_refused_by_name(tmp_path: Path, digits: int, unit: str, mark: str) -> None:
    told = rf"line 2, column time: '1[.,]73\d*E\+\d\d' was rounded.*{digits} digits.*Export the file again"
    with pytest.raises(DataError, match=told):
        read(tmp_path, true_table(1440, start="2025-01-02T00:00:00Z"), rounded(digits, unit, mark))


HONEST = {
    "sorted": lambda table: table,
    "newest first": lambda table: table[::-1],
    "by chance": lambda table: table.sample(frac=1.0, random_state=1),
    "twice": lambda table: pd.concat([table, table]),
    "each day twice": lambda table: pd.concat(
        [part for _, day in table.groupby(table.index.date) for part in (day, day)]
    ),
    "two rows late": lambda table: pd.concat(
        [table.iloc[[1]], table.iloc[[0]], table.iloc[2:-2], table.iloc[[-1]], table.iloc[[-2]]]
    ),
}


@pytest.mark.parametrize("order", [*HONEST])
@pytest.mark.parametrize("hours", [(0, 24), (0, 12), (1, 13), (7, 13), (12, 24), (11, 13), (0, 13), (9, 16)])
def test_a_24_hour_clock_is_never_refused(tmp_path: Path, order: str, hours: tuple[int, int]) -> None:
    table = DAYS[(DAYS.index.hour >= hours[0]) & (DAYS.index.hour < hours[1])]
    for form in (whole_day, marked):
        assert len(read(tmp_path, HONEST[order](table), form).candles) == len(table)


@settings(max_examples=30)
@given(
    start=st.integers(0, 23), length=st.integers(1, 24), order=st.sampled_from([*HONEST]), seed=st.integers(0, 99),
    kept=st.sampled_from([1.0, 0.9, 0.5]),
)  # fmt: skip
def test_no_honest_file_is_refused_whatever_it_lacks(
    start, length, order, seed, kept, tmp_path_factory
) -> None:
    hours = {(start + hour) % 24 for hour in range(length)}
    table = DAYS[[hour in hours for hour in DAYS.index.hour]]
    table = table[np.random.default_rng(seed).random(len(table)) < kept]
    if len(table) < 20:
        return
    assert len(read(tmp_path_factory.mktemp("h"), HONEST[order](table), whole_day).candles) == len(table)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("order", ["sorted", "twice"])
def test_epochs_in_scientific_notation_that_tell_their_minute_are_read(
    tmp_path: Path, unit: str, order: str
) -> None:
    def shortest(time: pd.Timestamp) -> str:  # trailing zeros left out, as many programs do
        return np.format_float_scientific(int(epoch(time, unit)), trim="-")

    for form in (shortest, rounded(10, unit), rounded(10, unit, ",")):
        history = read(tmp_path, HONEST[order](DAYS), form)
        pd.testing.assert_frame_equal(history.candles, DAYS, check_freq=False)
