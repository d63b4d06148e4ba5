"""The two hundred questions: different ones, that know nothing of what comes later."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bench.questions.market import markets
from bench.questions.rules import COUNT, Seen, _channel, _run, answers, rules


@pytest.fixture(scope="module")
def rows():
    [history] = markets(60, np.random.default_rng(1))
    return history.rows


def test_there_are_two_hundred_with_names_of_their_own():
    asked = rules()
    assert len(asked) == COUNT == len({rule.name for rule in asked})
    assert [rule.name for rule in asked] == [rule.name for rule in rules()]


def test_each_speaks_and_no_two_say_the_same(rows):
    said = list(answers(Seen.of(rows), rules()))
    assert all({-1, 1} & set(each.tolist()) for each in said)
    assert len({each.tobytes() for each in said}) == COUNT


def test_what_is_said_of_a_row_does_not_change_with_later_ones(rows):
    whole = list(answers(Seen.of(rows), rules()))
    for cut in (5_000, 9_001, 12_345):
        for rule, known, all_of_it in zip(
            rules(), answers(Seen.of(rows.iloc[:cut]), rules()), whole, strict=True
        ):
            assert (known == all_of_it[:cut]).all(), rule.name


def test_the_opposite_and_the_hours_of_an_idea(rows):
    seen = Seen.of(rows)
    by_name = {rule.name: rule for rule in rules()}
    pairs = [name for name in by_name if "follow" in name and name.replace("follow", "fade") in by_name]
    assert pairs
    for name in pairs[:5]:
        followed, faded = answers(seen, [by_name[name], by_name[name.replace("follow", "fade")]])
        assert (followed == -faded).all()
    for rule, said in zip(rules(), answers(seen, rules()), strict=True):
        hours = rows.index.hour[np.flatnonzero(said)]
        assert hours.min() >= rule.hours[0] and hours.max() < rule.hours[1]


@pytest.mark.parametrize("length", [24, 48, 96, 288])
def test_a_channel_is_that_of_the_rows_before(rows, length):
    top = rows["high"].rolling(length).max().shift(1)
    floor = rows["low"].rolling(length).min().shift(1)
    wanted = np.where(rows["close"] > top, 1, np.where(rows["close"] < floor, -1, 0))
    found = _channel(Seen.of(rows), length)
    assert (found[length + 1 :] == wanted[length + 1 :]).all() and np.count_nonzero(wanted) > 50


def test_a_run_is_so_many_candles_in_one_direction(rows):
    up = pd.Series(np.sign(rows["close"].to_numpy() - rows["open"].to_numpy()))
    wanted = up.rolling(5).sum().to_numpy()
    found = _run(Seen.of(rows), 5)
    assert ((found > 0) == (wanted >= 5)).all() and ((found < 0) == (wanted <= -5)).all()
