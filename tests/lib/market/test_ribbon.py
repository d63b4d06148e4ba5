"""Ribbon: lines worked out by hand, colours and shares, frozen stretches."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.market.ribbon import (
    LINE_PERIODS,
    classify_colour,
    frozen_mask,
    frozen_so_far,
    frozen_stretches,
    line_names,
    ribbon_on_forming_bars,
    ribbon_state,
    states_from_colours,
)

SHARED = Path(os.environ.get("RIBBON_SHARED_DATA", Path(__file__).parents[3] / ".." / "shared" / "data"))


def prices(values: list[float], minutes: float = 1, start: str = "2025-01-01T00:01:00Z") -> pd.Series:
    index = pd.date_range(start, periods=len(values), freq=pd.Timedelta(minutes=minutes), unit="us")
    return pd.Series(values, index=index)


def test_line_of_a_forming_bar_by_hand() -> None:
    # Two bars of 5 minutes: (00:00, 00:05] closes at 100, (00:05, 00:10] runs 103, 106. MMA5: alpha = 2 / 6.
    frame = ribbon_on_forming_bars(prices([90, 95, 98, 99, 100, 103, 106]), 5)
    line = frame["MMA5"].tolist()
    assert line[:5] == [90, 95, 98, 99, 100]  # in the first bar the line is the price
    assert line[5] == pytest.approx(100 + 3 / 3)
    assert line[6] == pytest.approx(100 + 6 / 3)  # from the closed bar again, not from the sample before
    assert frame["MMA5_color"].tolist() == ["gray"] * 5 + ["green"] * 2
    assert frame["MMA40_color"].tolist() == ["yellow"] * 7


def test_colour_compares_with_the_previous_closed_bar() -> None:
    # Bar closes 100, 106: MMA5 closes at 102. At 103 in the third bar: 102 + 1/3, above 102, though below the sample before.
    frame = ribbon_on_forming_bars(prices([100] * 5 + [106] * 5 + [120, 103, 102, 101]), 5)
    assert frame["MMA5"].iloc[10:].tolist() == pytest.approx([108, 102 + 1 / 3, 102, 102 - 1 / 3])
    assert frame["MMA5_color"].iloc[10:].tolist() == ["green", "green", "gray", "red"]


def test_a_sample_at_the_bars_end_belongs_to_that_bar() -> None:
    at_end = ribbon_on_forming_bars(prices([100, 130], start="2025-01-01T00:04:00Z"), 5)
    assert at_end["MMA5"].tolist() == [100, 130]  # 00:05:00 still lies in the first bar
    just_after = ribbon_on_forming_bars(
        prices([100, 130], minutes=1 + 1e-6 / 60, start="2025-01-01T00:04:00Z"), 5
    )
    assert just_after["MMA5"].tolist() == pytest.approx([100, 110])


def test_lines_run_on_over_a_gap() -> None:
    before, after = prices([100] * 5), prices([130], start="2025-01-02T00:01:00Z")
    frame = ribbon_on_forming_bars(pd.concat([before, after]), 5)
    assert frame["MMA5"].iloc[-1] == pytest.approx(110)


def test_lines_equal_an_ema_of_closes() -> None:
    values = prices(list(100 + np.random.default_rng(1).normal(0, 1, 600).cumsum()))
    frame = ribbon_on_forming_bars(values, 15)
    closes = values.iloc[14::15]
    expected = closes.ewm(span=145, adjust=False).mean()
    pd.testing.assert_series_equal(
        frame.loc[closes.index, "MMA145"],
        expected,
        check_names=False,
        check_freq=False,
        check_index_type=False,
    )


def test_partial_until_435_candles_are_closed() -> None:
    frame = ribbon_on_forming_bars(
        prices(list(100 + np.arange(440) / 10), minutes=5, start="2025-01-01T00:05:00Z"), 5
    )
    assert frame["quality"].tolist() == ["partial"] * 434 + ["ok"] * 6
    assert (frame["state"].iloc[:434] == "unknown").all()
    assert (frame["state"].iloc[434:] == "all_green").all()


def test_history_goes_on_where_it_ended() -> None:
    values = prices(list(100 + np.random.default_rng(2).normal(0, 1, 3000).cumsum()))
    whole = ribbon_on_forming_bars(values, 5)
    for cut in (2500, 2503):  # at a bar's end, and inside a bar
        later = values.iloc[cut:]
        history = values.groupby((values.index - pd.Timedelta(1, "us")).floor("5min")).last()
        part = ribbon_on_forming_bars(later, 5, history)
        pd.testing.assert_frame_equal(part, whole.iloc[cut:], check_freq=False, check_exact=True)


def test_no_row_changes_when_later_prices_are_added() -> None:
    values = prices(list(100 + np.random.default_rng(3).normal(0, 1, 700).cumsum()))
    whole = ribbon_on_forming_bars(values, 5)
    pd.testing.assert_frame_equal(
        ribbon_on_forming_bars(values.iloc[:333], 5), whole.iloc[:333], check_freq=False
    )


def test_frame_shape() -> None:
    frame = ribbon_on_forming_bars(prices([]), 5)
    assert list(frame.columns[:4]) == ["price", "state", "quality", "symbol"]
    assert line_names(frame.columns) == [f"MMA{period}" for period in LINE_PERIODS]
    assert len(LINE_PERIODS) == 28


@pytest.mark.parametrize(
    ("green", "red", "gray", "state"),
    [
        (17, 3, 0, "all_green"),  # 85 %
        (84, 16, 0, "mixed_green"),
        (3, 17, 0, "all_red"),
        (16, 84, 0, "mixed_red"),
        (10, 10, 0, "mixed"),  # both reach 50 %
        (10, 0, 10, "mixed_green"),
        (9, 1, 10, "mixed"),
        (0, 0, 5, "mixed"),
        (0, 0, 0, "unknown"),
        (1, 0, 0, "all_green"),
    ],
)
def test_state_by_share(green: int, red: int, gray: int, state: str) -> None:
    colours = ["lime"] * green + ["maroon"] * red + ["gray"] * gray + ["yellow"] * 9 + [""]
    assert ribbon_state(colours) == state
    frame = pd.DataFrame([colours], columns=[f"MMA{n}_color" for n in range(1, len(colours) + 1)])
    assert states_from_colours(frame).tolist() == [state]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("green", "green"),
        ("Dark_Green", "green"),
        ("light red", "red"),
        ("maroon", "red"),
        ("lime", "green"),
        ("grey", "gray"),
        ("neutral", "gray"),
        ("#880E4F", "red"),  # the chart's maroon
        ("#00E676", "green"),  # its lime
        ("#26a69a", "green"),  # its teal
        ("#F23645", "red"),
        ("#FFEB3B", "yellow"),
        ("#787B86", "gray"),
        ("rgb(76, 175, 80)", "green"),
        ("rgba(255, 82, 82, 0.5)", "red"),
        ("#0f0", "green"),
        ("#2962ff", ""),  # a blue line has no direction
        ("rgb(300, 0, 0)", ""),
        ("∅", ""),
        ("", ""),
        (None, ""),
        (float("nan"), ""),
    ],
)
def test_classify_colour(text: object, word: str) -> None:
    assert classify_colour(text) == word


def test_states_without_colours_are_refused() -> None:
    with pytest.raises(ValueError, match="no MMA<n>_color"):
        states_from_colours(pd.DataFrame({"price": [1.0]}))


def frozen_frame(lines: list[float], price: list[float], seconds: int) -> pd.DataFrame:
    index = pd.date_range("2025-01-01T00:00:00Z", periods=len(price), freq=f"{seconds}s", unit="us")
    return pd.DataFrame({"price": price, "MMA5": lines}, index=index)


def test_frozen_run_is_marked_whole() -> None:
    frame = frozen_frame([1, 2, 2, 2, 2, 3], [1, 1, 1, 1, 2, 2], 20)  # rows 1 to 4: exactly 60 s
    assert frozen_mask(frame).tolist() == [False, True, True, True, True, False]


def test_not_frozen_when_short_or_when_the_price_rests() -> None:
    assert not frozen_mask(frozen_frame([2, 2, 2, 2], [1, 2, 3, 4], 19)).any()
    assert not frozen_mask(frozen_frame([2] * 9, [1] * 9, 20)).any()


def test_missing_lines_equal_each_other_and_no_lines_freeze_nothing() -> None:
    frame = frozen_frame([float("nan")] * 4, [1, 2, 3, 4], 20)
    assert frozen_mask(frame).all()
    assert not frozen_mask(frame[["price"]]).any()
    assert frozen_mask(frame.iloc[:0]).empty


def test_frozen_rows_of_the_real_recording() -> None:
    path = SHARED / "recorded_ribbon" / "ema_data_5min.csv.gz"
    if not path.is_file():
        pytest.skip(f"no shared data at {SHARED} (RIBBON_SHARED_DATA)")
    frame = pd.read_csv(path).rename(columns=lambda name: name.replace("_value", ""))
    frame.index = pd.to_datetime(frame["timestamp"], utc=True)
    assert len(frame) == 651
    assert frozen_mask(frame).sum() == 513


def test_a_run_is_known_to_be_frozen_from_its_first_minute_on() -> None:
    frame = frozen_frame([1, 2, 2, 2, 2, 2, 3], [1, 1, 1, 1, 2, 2, 2], 20)
    assert frozen_so_far(frame).tolist() == [False, False, False, False, True, True, False]
    late = frozen_frame([2] * 6, [1, 1, 1, 1, 1, 2], 20)  # the price moves only at the end
    assert frozen_so_far(late).tolist() == [False] * 5 + [True]
    assert frozen_mask(late).all()
    # Begun, known, last: rows 1 to 5, known at the first row a minute later at which the price had moved.
    assert seconds_of(frame, frozen_stretches(frame)) == [[20, 80, 100]]
    assert seconds_of(late, frozen_stretches(late)) == [[0, 100, 100]]
    assert frozen_stretches(frame.iloc[:3]).shape == (0, 3)


def seconds_of(frame: pd.DataFrame, stretches: np.ndarray) -> list[list[int]]:
    first = pd.DatetimeIndex(frame.index).as_unit("us").asi8[0]
    return ((stretches - first) // 1_000_000).tolist()


def test_what_is_known_so_far_is_what_the_mask_says_of_the_newest_row() -> None:
    random = np.random.default_rng(5)
    frame = frozen_frame(list(random.integers(0, 2, 60).cumsum() // 3), list(random.integers(0, 3, 60)), 20)
    newest = [bool(frozen_mask(frame.iloc[: end + 1]).iloc[-1]) for end in range(len(frame))]
    assert frozen_so_far(frame).tolist() == newest
    assert 0 < sum(newest) < len(newest)
