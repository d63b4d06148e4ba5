"""Two rows of one candle: equal ones any, the grown one of two that differ, else neither."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.data.grown import has_grown
from lib.errors import DataError
from lib.foreign.ohlcv import read_history

NOW = pd.Timestamp("2025-01-02T00:00:00Z")
FINAL = "100,101.5,99,100.25,3"


def read(tmp_path: Path, *rows: str):
    path = tmp_path / "c.csv"
    lines = ["timestamp,open,high,low,close,volume", "2025-01-01T00:00:00Z,100,101,99,100,3"]
    path.write_text("\n".join([*lines, *(f"2025-01-01T00:01:00Z,{row}" for row in rows), ""]))
    return read_history(path, NOW)


@pytest.mark.parametrize(
    "younger",
    [
        "100,100.5,100,100.5,0.1",
        "100,101.5,99,101,2.9",  # the same range, less volume
        "100,101,99,100.25,3",  # the same volume, a smaller range
        "100.1,100.1,100.1,100.1,0",  # no trade yet
        "100,101,99.5,100,",  # no volume yet
    ],
)
def test_the_grown_one_is_kept_whichever_comes_first(tmp_path: Path, younger: str) -> None:
    for rows in ((younger, FINAL), (FINAL, younger), (younger, FINAL, younger, FINAL)):
        history = read(tmp_path, *rows)
        assert history.candles.iloc[1].tolist() == [100, 101.5, 99, 100.25, 3]
        assert history.set_aside == {"duplicate": len(rows) - 1}


@pytest.mark.parametrize(
    "other",
    [
        "100,101.5,99,100.5,3",  # another close, nothing grown
        "100,102,99.5,100.25,3",  # higher, but not as low
        "100,102,98,100.25,2",  # wider, with less volume
    ],
)
def test_where_neither_has_grown_both_are_told(tmp_path: Path, other: str) -> None:
    with pytest.raises(
        DataError,
        match=r"line 4: two rows of the candle of 2025-01-01T00:01:00Z differ.*line 3: 100 101\.5 .*line 4: 100 ",
    ):
        read(tmp_path, FINAL, other)


def test_growing_is_a_strict_order() -> None:
    random = np.random.default_rng(5)
    one = random.integers(1, 4, (2_000, 5)).astype(float)
    other = random.integers(1, 4, (2_000, 5)).astype(float)
    assert not has_grown(one, one).any()
    assert not (has_grown(one, other) & has_grown(other, one)).any()
