"""Frames as CSV text: numbers, times, quoting."""

from __future__ import annotations

import csv

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from lib.contract import schema
from lib.data import formats


def test_times_carry_a_fraction_only_where_there_is_one() -> None:
    times = pd.DatetimeIndex(["2025-01-01T00:00:00Z", "2025-01-01T00:00:00.000250Z", None]).as_unit("us")
    assert formats.instant_texts(times) == ["2025-01-01T00:00:00Z", "2025-01-01T00:00:00.000250Z", ""]
    berlin = pd.DatetimeIndex(["2025-07-01T02:00:00"]).tz_localize("Europe/Berlin")
    assert formats.instant_texts(berlin) == ["2025-07-01T00:00:00Z"]


def test_one_time_is_as_it_is_among_many() -> None:
    for at in (1, 1_735_689_600_000_000, 1_735_689_600_000_250, 1_735_689_659_000_000):
        time = pd.Timestamp(at, unit="us", tz="UTC")
        assert [formats.instant_text(at)] == formats.instant_texts(pd.DatetimeIndex([time]))


def test_numbers() -> None:
    values = pd.Series([2296.97, 0.5, np.nan, 1e-7])
    assert formats.number_texts(values, 2) == ["2296.97", "0.50", "", "0.00"]
    assert formats.figure_texts(values, 8) == ["2296.97", "0.5", "", "0.0000001"]


def test_a_small_price_of_a_decision_has_as_many_digits_as_a_large_one() -> None:
    rows = pd.DataFrame(
        {"entry_price": [2583.123456789, 0.0812345678901, 0.00001234567890123], "fees": [1e-9, 0.1, 2.0]}
    )
    assert formats.decision_rows(rows, ["entry_price", "fees"]) == [
        "2583.12345679,0.0",
        "0.0812345679,0.1",
        "0.0000123456789,2.0",
    ]


def test_price_decimals() -> None:
    assert formats.price_decimals(np.array([1.0, 2.5, 2281.87, np.nan])) == 2
    assert formats.price_decimals(np.array([1.0, 3.0])) == 0
    assert formats.price_decimals(np.array([])) == 0
    assert formats.price_decimals(np.array([1 / 3])) == 12


@given(st.lists(st.text(), min_size=1))
def test_any_text_stays_one_field_of_one_line(texts: list[str]) -> None:
    fields = formats.word_texts(pd.Series(texts, dtype=object))
    line = ",".join(["first", *fields, "last"])
    assert len(line.splitlines()) == 1
    parsed = next(csv.reader([line]))
    assert len(parsed) == len(texts) + 2
    assert parsed[1:-1] == [" ".join(text.splitlines()).replace("\x00", "") for text in texts]


def test_sample_header_order() -> None:
    names = [
        "price",
        "state",
        "quality",
        "symbol",
        "MMA10",
        "MMA5",
        "MMA10_color",
        "MMA5_color",
        "MMA5_intensity",
    ]
    header = formats.sample_header(pd.DataFrame(columns=names))
    leading = ["timestamp", "price", "state", "MMA5", "MMA10", "MMA5_color", "MMA10_color"]
    assert header == [*leading, "quality", "classifier", "symbol", "seq", "source", "MMA5_intensity"]


def test_decision_row() -> None:
    row = {name: [""] for name in schema.DECISION_COLUMNS}
    row |= {
        "timestamp": pd.DatetimeIndex(["2025-01-01T00:00:00Z"]).as_unit("us"),
        "exit_time": pd.DatetimeIndex([None], tz="UTC").as_unit("us"),
        "executed": [True],
        "confidence": [0.8],
        "pnl_pct": [np.nan],
        "reasoning": ['wick, "fresh"\nline'],
    }
    text = formats.decision_rows(pd.DataFrame(row), schema.DECISION_COLUMNS)[0]
    assert text.startswith('2025-01-01T00:00:00Z,,,0.8,,True,"wick, ""fresh"" line",,,,')
