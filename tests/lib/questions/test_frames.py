from __future__ import annotations

import numpy as np
import pytest
from pandas.testing import assert_frame_equal

from lib.market.ribbon import WARM_CANDLES
from lib.questions.frames import question_frames
from tests.lib.questions.made import walk


def test_every_row_is_indexed_by_the_instant_that_it_is_known_at():
    five = walk(100)
    frames = question_frames(five)
    assert frames.candles.index.equals(frames.ribbon_5min.index) and frames.candles.index.equals(
        frames.ribbon_15min.index
    )
    assert (frames.candles.index == five["closed_at"]).all()
    assert frames.candles["close"].tolist() == five["close"].tolist()


def test_what_is_known_of_a_row_does_not_change_with_later_ones():
    five = walk(1_600)
    whole = question_frames(five)
    for rows in (1, 2, 435, 436, 1_400):
        for cut, frame in zip(question_frames(five.iloc[:rows]), whole.first(rows), strict=True):
            assert_frame_equal(cut, frame)


def test_a_line_is_the_mean_of_the_closes_and_blank_until_it_has_run_in():
    five = walk(1_500)
    shown = question_frames(five).ribbon_5min
    expected = five["close"].ewm(span=5, adjust=False).mean().to_numpy()
    known = shown["MMA5"].notna().to_numpy()
    assert (known == (np.arange(len(five)) >= WARM_CANDLES - 1)).all()
    assert shown["MMA5"].to_numpy()[known] == pytest.approx(expected[known])
    assert set(shown["state"][~known]) == {"unknown"} and "unknown" not in set(shown["state"][known])


def test_the_15_minute_ribbon_stands_on_its_forming_bar():
    five = walk(1_500)
    close = five["close"].to_numpy()
    row = 1_399  # the second of the three candles of its bar
    line = close[2]  # the first bar seeds it
    for bar in range(1, row // 3):
        line += (close[3 * bar + 2] - line) * 2 / 6
    shown = question_frames(five).ribbon_15min["MMA5"]
    assert row % 3 == 1
    assert shown.iloc[row] == pytest.approx(line + (close[row] - line) * 2 / 6)
