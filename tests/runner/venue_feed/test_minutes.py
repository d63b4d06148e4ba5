"""The minutes of a market: what grows, what closes, what is an older copy, and what cannot be."""

from __future__ import annotations

import pytest

from runner.venue_feed.minutes import NOWHERE, Minute, MinuteTable

T = 1_767_571_200


def minute(place: int, close: float = 100.0, volume: float = 1.0, **values: float) -> Minute:
    high, low = values.get("high", max(100.0, close)), values.get("low", min(100.0, close))
    return Minute(T + 60 * place, 100.0, high, low, close, volume)


def table(*rows: Minute, now: float | None = None) -> MinuteTable:
    made = MinuteTable()
    made.take(rows, rows[-1].ended if now is None else now)
    return made


def test_a_minute_closes_when_a_later_one_is_known():
    made = table(minute(0), minute(1))
    assert made.close() == [minute(0)]
    assert made.close() == []
    assert made.given == T


def test_that_its_time_is_over_does_not_close_a_minute():
    made = table(minute(0), now=T + 600)
    assert made.close() == []


def test_minutes_without_a_trade_are_flat_and_long_gaps_stay():
    made = table(minute(0, close=101.0), minute(3), minute(20), minute(21))
    closed = made.close()
    assert [each.opened for each in closed] == [T, T + 60, T + 120, T + 180, T + 1_200]
    assert closed[1] == Minute(T + 60, 101.0, 101.0, 101.0, 101.0, 0.0)


def test_a_minute_without_a_trade_is_flat_only_once_a_later_one_is_known():
    made = table(minute(0))
    assert made.close() == []
    made.take([minute(2)], T + 125)
    assert [each.volume for each in made.close()] == [1.0, 0.0]


def test_out_of_order_and_older_copies():
    grown = minute(0, close=102.0, volume=5.0)
    made = table(grown, minute(1))
    made.take([minute(1, volume=2.0), minute(0, close=101.0, volume=3.0)], T + 70)
    assert made.newest == minute(1, volume=2.0)
    assert made.close() == [grown]
    assert made.counts.stale == 1


def test_a_late_trade_of_a_closed_minute_is_counted_once_and_changes_nothing():
    made = table(minute(0), minute(1))
    made.close()
    late = minute(0, close=101.0, volume=9.0)
    for _ in range(2):
        made.take([late], T + 80)
    assert made.counts.revised == 1
    assert made.ended_at(T + 60) == minute(0)


@pytest.mark.parametrize(
    "row",
    [
        minute(1, low=101.0),
        minute(1, close=float("nan")),
        minute(1, volume=-1.0),
        minute(1, high=float("inf")),
        Minute(T + 61, 100.0, 100.0, 100.0, 100.0, 1.0),
        minute(9),
        Minute(T + 60, 0.0, 0.0, 0.0, 0.0, 0.0),
    ],
)
def test_a_row_that_cannot_be_is_left_out(row):
    made = table(minute(0))
    made.take([row], T + 70)
    assert made.newest == minute(0)
    assert made.counts.torn == 1


def test_twice_or_half_the_price_is_set_aside_for_an_hour():
    made = table(minute(0), now=T + 30)
    assert made.take([minute(1, close=201.0)], T + 70)
    assert made.take([minute(1, close=49.0)], T + 70)
    assert made.newest == minute(0)
    assert not made.take([minute(70, close=201.0)], T + 70 * 60)
    assert made.newest == minute(70, close=201.0)


@pytest.mark.parametrize(
    "torn", [{"low": 101.0}, {"close": 300.0}, {"high": 1_000.0}, {"volume": float("nan")}]
)
def test_a_minute_whose_row_cannot_be_is_awaited_and_no_flat_one_is_made_of_it(torn):
    made = table(minute(0), minute(1))
    assert made.close() == [minute(0)]
    made.take([minute(0), minute(1, **torn), minute(3)], T + 185)
    assert made.close() == []  # nor is what was known of it given out as if it had closed
    made.take([minute(1, volume=4.0), minute(3)], T + 190)
    assert [each.volume for each in made.close()] == [4.0, 0.0]


def test_a_minute_that_no_row_tells_of_stays_missing():
    made = table(minute(0), minute(1))
    made.close()
    made.take([minute(0), minute(1, low=101.0), minute(3), minute(6)], T + 365)
    assert [each.opened for each in made.close()] == [T + 180, T + 240, T + 300]
    assert made.whole(T + 300, 5) is None
    assert (made.counts.lost, made.counts.lost_at) == (1, T + 60)
    made.take([minute(1)], T + 366)
    assert made.close() == []


def test_a_wick_behind_the_newest_minute_is_no_price():
    made = table(minute(0))
    assert not made.take([minute(1, high=1_000.0), minute(2)], T + 125)
    assert made.take([minute(2, high=1_000.0)], T + 130)


def test_a_minute_that_has_not_begun_closes_none():
    made = table(minute(0), minute(1), now=T + 65)
    made.close()
    made.take([minute(2)], T + 65 + 30)
    assert made.close() == [] and made.counts.torn == 1
    made.take([minute(1, volume=4.0), minute(2)], T + 116)  # a clock that is a little behind
    assert [each.volume for each in made.close()] == [4.0]


def test_a_whole_candle_needs_each_of_its_minutes():
    made = table(*(minute(place) for place in (0, 1, 2, 3, 4)), minute(16), now=T + 1_000)
    made.close()
    assert len(made.whole(T + 300, 5)) == 5
    assert made.whole(T + 900, 15) is None


def test_few_are_remembered():
    made = MinuteTable()
    for place in range(300):
        made.take([minute(place)], T + 60 * place + 30)
        made.close()
    assert len(made._minutes) < 70


def test_a_row_of_no_minute_is_counted_and_what_lacks_beside_it_is_awaited():
    made = MinuteTable()
    made.take([NOWHERE, minute(0), minute(1), minute(3)], T + 185)
    assert [each.opened for each in made.close()] == [T, T + 60] and made.counts.torn == 1
    made.take([minute(2), minute(4)], T + 245)
    assert [each.opened for each in made.close()] == [T + 120, T + 180]
