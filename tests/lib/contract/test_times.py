"""lib.contract.times: strict, always UTC, never guessed."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from lib.contract import times
from lib.errors import ParameterError

BERLIN = ZoneInfo("Europe/Berlin")
#: 2025-10-19T14:35:10Z by hand: 20,380 days after 1970 (55 years, 14 leap days, 291 days of 2025) and 52,510 s.
INSTANT = (20_380 * 86_400 + 52_510) * 1_000_000


def parsed(text: str, zone: ZoneInfo | None = None) -> tuple[int, int]:
    """Value and problem of one text, read together with an uncommon one so that the general path is taken, too."""
    alone, problem = times.parse_times(np.array([text], dtype=object), zone)
    beside, problems = times.parse_times(np.array([text, "2025-10-19T14:35:10+00:00"], dtype=object), zone)
    assert (alone[0], problem[0]) == (beside[0], problems[0])
    return int(alone[0]), int(problem[0])


@pytest.mark.parametrize(
    "text",
    [
        "2025-10-19T14:35:10Z",
        "2025-10-19 14:35:10Z",
        "2025-10-19T16:35:10+02:00",
        "2025-10-19T16:35:10+0200",
        "2025-10-19T14:35:10.000000Z",
        " 2025-10-19T14:35:10Z",
    ],
)
def test_zones_and_offsets_are_one_instant(text):
    assert parsed(text) == (INSTANT, times.OK)
    assert times.parse_time(text, None) == INSTANT
    assert times.parse_instant(text) == pd.Timestamp("2025-10-19T14:35:10Z")


def test_fractions_are_kept_to_the_microsecond():
    assert parsed("2025-10-19T14:35:10.694248Z") == (INSTANT + 694_248, times.OK)


@pytest.mark.parametrize(
    "text",
    ["", "x", "2025-10-19", "20251019T143510Z", "2025-13-19T14:35:10Z", "2025-02-30T00:00:00Z", "2025-10-19T14:35:1Z",
     "2025-10-19T25:35:10Z", "2025-10-19T14:35:10ZZ", "1760884510", "2025-10-19T14:35:10Z,", "٢٠٢٥-10-19T14:35:10Z"],
)  # fmt: skip
def test_what_is_no_time_is_none(text):
    assert parsed(text) == (times.NOT_A_TIME, times.BAD)
    assert times.parse_time(text, None) is None
    with pytest.raises(ParameterError):
        times.parse_instant(text)


@pytest.mark.parametrize(
    "text", ["2025-10-19", " 2025-10-19 ", "2025-10-19T00:00Z", "2025-10-19T02:00+02:00"]
)
def test_the_bound_of_a_stretch_may_be_a_date(text):
    assert times.parse_bound(text) == pd.Timestamp("2025-10-19T00:00:00Z")


@pytest.mark.parametrize("text", ["", "2025-10", "2025-13-19", "2025-10-19T00:00", "today"])
def test_what_is_no_bound_is_refused(text):
    with pytest.raises(ParameterError):
        times.parse_bound(text)


def test_a_naive_time_needs_a_zone():
    assert parsed("2025-10-19T14:35:10") == (times.NOT_A_TIME, times.NAIVE)
    assert parsed("2025-10-19T16:35:10", BERLIN) == (INSTANT, times.OK)
    with pytest.raises(ParameterError, match="no zone"):
        times.parse_instant("2025-10-19T14:35:10")
    assert times.parse_instant("2025-10-19T16:35:10", "Europe/Berlin") == pd.Timestamp("2025-10-19T14:35:10Z")


def test_an_hour_that_happens_twice_is_ambiguous_and_one_that_is_skipped_is_bad():
    assert parsed("2025-10-26T02:30:00", BERLIN) == (times.NOT_A_TIME, times.AMBIGUOUS)
    assert parsed("2025-03-30T02:30:00", BERLIN) == (times.NOT_A_TIME, times.BAD)
    assert parsed("2025-10-26T02:30:00+01:00", BERLIN)[1] == times.OK
    for text in ("2025-10-26T02:30:00", "2025-03-30T02:30:00"):
        with pytest.raises(ParameterError):
            times.parse_instant(text, "Europe/Berlin")


def test_forms_may_be_mixed_in_one_column():
    texts = np.array(
        ["2025-10-19T14:35:10Z", "2025-10-19T16:35:10", "2025-10-19T14:35:10.5Z", "?"], dtype=object
    )
    values, problems = times.parse_times(texts, BERLIN)
    assert values.tolist() == [INSTANT, INSTANT, INSTANT + 500_000, times.NOT_A_TIME]
    assert problems.tolist() == [times.OK, times.OK, times.OK, times.BAD]


def test_the_quick_path_does_not_read_across_texts():
    """19 and 21 characters whose concatenation looks like two times of 20."""
    values, problems = times.parse_times(
        np.array(["2025-10-19T14:35:10", "Z2025-10-19T14:35:20Z"], dtype=object), None
    )
    assert problems.tolist() == [times.NAIVE, times.BAD]
    assert (values == times.NOT_A_TIME).all()


def test_iso_shows_a_fraction_only_where_there_is_one():
    assert times.iso(pd.Timestamp("2025-10-19T16:35:10+02:00")) == "2025-10-19T14:35:10Z"
    assert times.iso(pd.Timestamp("2025-10-19T14:35:10.500Z")) == "2025-10-19T14:35:10.5Z"
    assert times.iso(pd.Timestamp("2025-10-19T14:35:10.000001Z")) == "2025-10-19T14:35:10.000001Z"


def test_the_zone_comes_from_the_argument_then_the_environment(monkeypatch):
    assert times.configured_zone() is None
    monkeypatch.setenv("RIBBON_TIMEZONE", "Europe/Berlin")
    assert times.configured_zone() == BERLIN
    assert times.configured_zone("UTC") == ZoneInfo("UTC")
    for name in ("Nowhere/Atall", "../etc", "/etc/localtime", "UTC+15"):
        with pytest.raises(ParameterError, match="unknown time zone"):
            times.configured_zone(name)


@pytest.mark.parametrize("text", ["UTC+1", "+01:00", "GMT+1", " +0100"])
def test_the_environment_takes_the_offsets_that_an_option_takes(monkeypatch, text):
    monkeypatch.setenv("RIBBON_TIMEZONE", text)
    zone = times.configured_zone()
    assert times.iso(times.parse_instant("2025-07-01T12:00:00")) == "2025-07-01T11:00:00Z"
    assert times.configured_zone(str(zone)) == zone  # by its name it is carried into other processes


def test_an_unknown_zone_of_the_environment_is_told_with_the_variable(monkeypatch):
    monkeypatch.setenv("RIBBON_TIMEZONE", "Mars/X")
    with pytest.raises(ParameterError, match="'Mars/X' in RIBBON_TIMEZONE: give"):
        times.configured_zone()


def test_a_missing_instant_is_refused():
    with pytest.raises(ParameterError):
        times.parse_instant(pd.NaT)
