"""lib.data.order: the smallest set of rows is set aside, and a window never depends on later rows."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.contract.times import NOT_A_TIME
from lib.data.order import disorder_of, longest_ordered, place, spans_out_of_order


def kept(times: list[int], equal_allowed: bool = False) -> list[int]:
    return np.flatnonzero(
        longest_ordered(np.array(times, dtype=np.int64), equal_allowed=equal_allowed)
    ).tolist()


@pytest.mark.parametrize(
    ("times", "rows"),
    [
        ([], []),
        ([1, 2, 3], [0, 1, 2]),
        ([1, 99, 2, 3, 4], [0, 2, 3, 4]),  # one row from the future costs itself only
        ([5, 6, 1, 7, 8], [0, 1, 3, 4]),  # one from the past, too
        ([1, 2, 2, 3], [0, 1, 3]),  # the first of a time wins
        ([2, 2, 2], [0]),
        ([1, 2, 4, 3, 5], [0, 1, 2, 4]),  # either would do: the earlier row stays
        ([3, 2, 1], [0]),
    ],
)
def test_by_hand(times, rows):
    assert kept(times) == rows


def test_equal_times_may_stay():
    assert kept([1, 2, 2, 1, 3], equal_allowed=True) == [0, 1, 2, 4]


@given(st.lists(st.integers(0, 8), max_size=8), st.booleans())
def test_nothing_longer_exists_and_the_earliest_rows_are_taken(times, equal_allowed):
    def ordered(rows: tuple[int, ...]) -> bool:
        pairs = pairwise(rows)
        return all(times[a] <= times[b] if equal_allowed else times[a] < times[b] for a, b in pairs)

    best: tuple[int, ...] = ()
    for count in range(len(times), 0, -1):
        found = [rows for rows in combinations(range(len(times)), count) if ordered(rows)]
        if found:
            best = min(found)
            break
    assert kept(times, equal_allowed) == list(best)


def test_a_row_without_a_time_belongs_where_it_stands():
    times = np.array([1, NOT_A_TIME, 2, 3, NOT_A_TIME, 4, NOT_A_TIME], dtype=np.int64)
    placed = place(times, times != NOT_A_TIME, 1, 3, equal_allowed=False)
    assert (placed.first, placed.last) == (1, 5)  # between 1 and 4: two rows with a time, two without


def test_a_row_of_the_future_inside_the_window_is_counted_there():
    times = np.array([1, 2, 99, 3, 4], dtype=np.int64)
    placed = place(times, np.ones(5, dtype=bool), 1, 3, equal_allowed=False)
    assert (placed.first, placed.last) == (1, 4)
    assert placed.out_of_order[1:4].tolist() == [False, True, False]


@given(
    st.lists(st.integers(0, 30), max_size=20), st.lists(st.integers(16, 40), max_size=10), st.integers(0, 15)
)
def test_rows_later_than_the_end_never_matter(times, later, start):
    before, after = np.array(times, dtype=np.int64), np.array(times + later, dtype=np.int64)
    short = place(before, np.ones(len(before), dtype=bool), start, 15, equal_allowed=False)
    long = place(after, np.ones(len(after), dtype=bool), start, 15, equal_allowed=False)
    assert long.kept[: len(times)].tolist() == short.kept.tolist() and not long.kept[len(times) :].any()
    assert (long.first, long.last) == (short.first, short.last)


@given(st.lists(st.integers(1, 12), max_size=10), st.booleans())
def test_where_no_disorder_touches_an_instant_what_is_kept_up_to_it_is_what_is_kept_of_all(
    found, equal_allowed
):
    times, places = np.array(found, dtype=np.int64), np.arange(len(found))
    sound, repeats = np.ones(len(times), dtype=bool), np.full(len(times), -1)
    kept = place(times, sound, None, None, equal_allowed=equal_allowed).kept
    spans = spans_out_of_order(times, sound, repeats, equal_allowed=equal_allowed)
    disorder = disorder_of(spans, times, ~kept, places, places + 1)
    assert len(disorder) <= len(spans) and (len(disorder) > 0) == (~kept).any()
    for end in range(14):
        if not any(first <= end < last for first, last, _ in disorder.tolist()):
            early = place(times, sound, None, end, equal_allowed=equal_allowed).kept
            assert early.tolist() == (kept & (times <= end)).tolist()


def test_a_row_that_comes_again_is_out_of_order_from_the_first_on():
    times, sound = np.array([1, 2, 3, 2, 4], dtype=np.int64), np.ones(5, dtype=bool)
    repeats = np.array([-1, -1, -1, 1, -1])
    assert spans_out_of_order(times, sound, repeats, equal_allowed=True).tolist() == [[1, 3]]
    aside, starts = repeats >= 0, np.arange(5) * 10
    assert disorder_of(np.array([[1, 3]]), times, aside, starts, starts + 10).tolist() == [[2, 3, 30]]
    assert disorder_of(np.array([[1, 2]]), times, aside, starts, starts + 10).tolist() == []
