"""Numbers and colours of the page: English, or refused."""

from __future__ import annotations

import pytest

from lib.market.ribbon import classify_colour
from runner.collect.page_texts import (
    Number,
    NumberFormError,
    parse_colour,
    parse_number,
    parse_volume,
    printable,
)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("65,090.75", Number(65090.75, 2)),
        ("3875.250", Number(3875.25, 3)),
        ("1,234,567", Number(1234567.0, 0)),
        ("\u22120.0451", Number(-0.0451, 4)),
        ("-12.5", Number(-12.5, 1)),
        (" 7 ", Number(7.0, 0)),
    ],
)
def test_english_numbers(text, number):
    assert parse_number(text) == number


@pytest.mark.parametrize("text", ["", "∅", "n/a", " ∅ "])
def test_no_value_is_none_and_not_zero(text):
    assert parse_number(text) is None
    assert parse_volume(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "65.090,75",
        "65 090,75",
        "65\u202f090,75",
        "65\u00a0090.75",
        "1,23.4",
        "12,34,567",
        "1.2.3",
        "3,875.25%",
        "0,5",
        "٣٤",
        "1e5",
        "NaN",
        "inf",
        "−",
    ],
)
def test_other_forms_are_refused(text):
    with pytest.raises(NumberFormError):
        parse_number(text)


@pytest.mark.parametrize(
    ("text", "volume"),
    [
        ("26.53 K", 26530.0),
        ("26.53\u202fK", 26530.0),
        ("1.2M", 1.2e6),
        ("3 B", 3e9),
        ("950.125", 950.125),
        ("1,204", 1204.0),
        ("2\u00a0T", 2e12),
    ],
)
def test_volumes(text, volume):
    assert parse_volume(text) == pytest.approx(volume, abs=0)


@pytest.mark.parametrize("text", ["26,53 K", "\u22125 K", "5 k", "5 Mio."])
def test_other_volumes_are_refused(text):
    with pytest.raises(NumberFormError):
        parse_volume(text)


def test_colours_keep_their_hue_and_lose_their_transparency():
    assert parse_colour("rgb(0, 230, 118)") == "#00e676"
    assert parse_colour("rgba(136, 14, 79, 0.4)") == "#880e4f"
    assert parse_colour("#FF5252") == "#ff5252"
    assert [classify_colour(parse_colour(text)) for text in ("rgb(136, 14, 79)", "rgb(38, 166, 154)")] == [
        "red",
        "green",
    ]
    # A colour goes into a file: nothing but its own form may.
    assert [parse_colour(text) for text in ("", "rgb(300, 0, 0)", "red; x", "url(x)", "rgb(1, 2)")] == [
        ""
    ] * 5


def test_what_people_are_told_is_short_and_printable():
    assert printable("a\x1b[31m\nb") == r"a\x1b[31m\nb"
    assert printable("x" * 50) == "x" * 39 + "…"
