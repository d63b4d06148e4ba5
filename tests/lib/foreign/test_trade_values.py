"""Texts of foreign tables: numbers, times, directions, reasons; what is ambiguous is never guessed."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone

import numpy as np
import pandas as pd
import pytest

from lib.contract.times import AMBIGUOUS, BAD, NAIVE, OK, iso
from lib.errors import ParameterError
from lib.foreign.recording import recording_zone
from lib.foreign.trade_values import directions_of, exit_reason_of, numbers_of, times_of


def texts(*values: str) -> pd.Series:
    return pd.Series(list(values), dtype=object)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("3900", 3900.0),
        ("3,939.00 USDT", 3939.0),
        ("-$1,234.50", -1234.5),
        ("$-2", -2.0),
        ("(12.3)", -12.3),
        ("−0.5", -0.5),
        ("+52.03", 52.03),
        ("1 234.5", 1234.5),
        ("1.2e-3", 0.0012),
        ("45 %", 45.0),
        (".5", 0.5),
    ],
)
def test_a_number_in_its_dress(written, value):
    assert numbers_of(texts(written)).tolist() == [value]


@pytest.mark.parametrize("written", ["", "-", "n/a", "1.2.3.4", "--5", "12 or 13"])
def test_what_is_no_number(written):
    assert np.isnan(numbers_of(texts(written))).all()


def test_a_comma_is_read_as_its_column_shows():
    assert numbers_of(texts("3.900,00", "1,5")).tolist() == [3900.0, 1.5]
    assert numbers_of(texts("1,234", "12,500")).tolist() == [1234.0, 12500.0]


def test_what_a_column_leaves_open_is_read_as_the_others_show():
    assert numbers_of(texts("1,234", "12,500"), ",").tolist() == [1.234, 12.5]
    assert numbers_of(texts("1.234", "12.500"), ",").tolist() == [1234.0, 12500.0]
    assert numbers_of(texts("1,234", "0,830")).tolist() == [
        1.234,
        0.83,
    ]  # no sign between thousands stands behind a 0
    assert numbers_of(texts("1.234", "1.234.567")).tolist() == [1234.0, 1234567.0]


def test_a_number_that_is_written_unlike_its_column_is_none():
    """A decimal comma among decimal points is no sign between thousands: 3904,00 is not 390400."""
    found = numbers_of(texts("3900.50", "3904,00", "1,234.50", "12,34,567.5", "1,23.5", "3,9000"))
    np.testing.assert_array_equal(found, [3900.5, np.nan, 1234.5, 1234567.5, np.nan, np.nan])
    np.testing.assert_array_equal(numbers_of(texts("1,5", "2.5", "1.234,5")), [np.nan, 2.5, np.nan])
    np.testing.assert_array_equal(numbers_of(texts("1,5", "12.34,5", "1.234,5")), [1.5, np.nan, 1234.5])


@pytest.mark.parametrize(
    "written",
    [
        "1760739861",
        "1760739861.0",
        "1760739861000",
        "1760739861000000",
        "1760739861000000000",
        "2025-10-17T22:24:21Z",
        "2025-10-17 22:24:21+00:00",
        "2025-10-18 00:24:21 +0200",
        "2025.10.17 22:24:21 UTC",
        "2025/10/17 10:24:21 PM Z",
        "17 Oct 2025 22:24:21 GMT",
        "Oct 17, 2025, 10:24:21 pm UTC",
        "2025-Oct-17 22:24:21Z",
        "20251017222421Z",
    ],
)
def test_a_time_that_says_its_zone(written):
    found, problems = times_of(texts(written), None)
    assert problems.tolist() == [OK] and iso(found[0]) == "2025-10-17T22:24:21Z"


def test_fractions_of_epoch_seconds_are_kept():
    assert iso(times_of(texts("1760739861.048"), None)[0][0]) == "2025-10-17T22:24:21.048Z"


def test_a_naive_time_needs_a_zone():
    assert times_of(texts("2025.10.17 22:24"), None)[1].tolist() == [NAIVE]
    found, _ = times_of(texts("2025.10.17 22:24"), timezone(timedelta(hours=2)))
    assert iso(found[0]) == "2025-10-17T20:24:00Z"
    assert times_of(texts("20251017222421"), None)[1].tolist() == [NAIVE]  # no epoch of the year 2611
    assert iso(times_of(texts("202510172224"), UTC)[0][0]) == "2025-10-17T22:24:00Z"
    berlin = recording_zone("Europe/Berlin")
    assert times_of(texts("2025-10-26 02:30:00"), berlin)[1].tolist() == [AMBIGUOUS]


@pytest.mark.parametrize(
    "written", ["", "yesterday", "2025-10-17", "12:30", "45947.93", "2025-13-01 10:00:00Z"]
)
def test_what_is_no_time(written):
    assert times_of(texts(written), UTC)[1].tolist() == [BAD]


def test_day_and_month_are_told_apart_by_the_column_or_by_a_person():
    either = texts("03/04/2025 10:00", "05/06/2025 10:00")
    with pytest.raises(ParameterError, match="--dates day-first"):
        times_of(either, UTC)
    assert times_of(either, UTC, day_first=True)[0].month.tolist() == [4, 6]
    assert times_of(texts("03/04/2025 10:00", "17/04/2025 10:00"), UTC)[0].month.tolist() == [4, 4]
    assert times_of(texts("03/04/2025 10:00", "03/17/2025 10:00"), UTC)[0].month.tolist() == [3, 3]


def test_directions():
    found = directions_of(texts("Long", "SELL", "buy to open", "-1", "Close Short", "balance", ""))
    assert found.tolist() == ["LONG", "SHORT", "LONG", "SHORT", "SHORT", "", ""]


def test_the_closing_order_is_on_the_other_side_unless_it_names_the_position():
    assert directions_of(texts("Sell", "Buy", "Close Long"), of_exit=True).tolist() == [
        "LONG",
        "SHORT",
        "LONG",
    ]


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("roi", "TP_HIT"),
        ("take_profit", "TP_HIT"),
        ("TakeProfit", "TP_HIT"),
        ("[tp 3950.00]", "TP_HIT"),
        ("target reached", "TP_HIT"),
        ("stop_loss", "SL_HIT"),
        ("stoploss_on_exchange", "SL_HIT"),
        ("SL", "SL_HIT"),
        ("stopped out", "SL_HIT"),
        ("time stop", "TIME_EXIT"),
        ("timeout", "TIME_EXIT"),
        ("decision_close", "CLAUDE_EXIT"),
        ("exit_signal", "CLAUDE_EXIT"),
        ("force_exit", "MANUAL"),
        ("closed manually", "MANUAL"),
        ("RIBBON_REVERSAL", "RIBBON_REVERSAL"),
        ("data_loss", "DATA_LOSS"),
        # A trailing stop may close at a gain, and a liquidation is no stop.
        ("trailing_stop_loss", "OTHER"),
        ("Liquidation", "OTHER"),
        ("moon phase", "OTHER"),
        ("", ""),
    ],
)
def test_a_reason_becomes_ours_where_it_means_it(theirs, ours):
    assert exit_reason_of(theirs) == ours
