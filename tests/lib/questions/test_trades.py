from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.analysis.sweep_exits import OPEN, choose_each
from lib.market.costs import DEFAULT_COSTS, SIGN
from lib.market.exits import ExitRule, hypothetical_exit
from lib.market.readings import instant
from lib.questions.history import History
from lib.questions.trades import entry_exits, one_at_a_time, question_trades, trades_of
from tests.builders import candles
from tests.lib.questions.made import flat_history, history, walk

RULE = ExitRule(target_pct=1.0, stop_pct=0.5, hold_minutes=15.0)


def trades(shown: History, said: dict[int, int], rule: ExitRule = RULE, begin: int = 0):
    directions = np.zeros(len(shown.rows), dtype=np.int8)
    for row, direction in said.items():
        directions[row] = direction
    return question_trades(directions, shown.rows, shown.path, rule, DEFAULT_COSTS, begin)


def test_a_target_a_stop_and_a_time_exit_by_hand():
    shown = flat_history([100, 100, 101.5, 101.5, 101.5, 101.5, 102, 102, 102, 102.2, 102.2])
    made = trades(shown, {1: 1, 4: -1, 6: 1})
    told = made.closed[["direction", "exit_reason"]].to_numpy().tolist()
    # The short of 101.5 is stopped at 102.0075 by the 102.2 of row 9 only after its time exit at row 7, whose position holds row 6 off.
    assert told == [["LONG", "TP_HIT"], ["SHORT", "TIME_EXIT"]]
    assert made.closed["net_pct"].tolist() == pytest.approx([1.0 - 0.11, (101.5 - 102) / 101.5 * 100 - 0.11])
    assert (made.spoke, made.busy, made.gap, made.open) == (3, 1, 0, 0)
    assert made.closed["row"].tolist() == [1, 4] and made.closed["episode"].tolist() == [0, 1]


def test_one_position_at_a_time_and_the_next_may_begin_when_it_ends():
    shown = flat_history([100.0] * 12)
    made = trades(shown, dict.fromkeys(range(10), 1))
    assert made.closed["row"].tolist() == [0, 3, 6]
    assert (made.spoke, made.busy, made.open) == (10, 6, 1)


def test_over_a_gap_a_trade_is_null_and_holds_no_position():
    shown = flat_history([100, 100, None, 100, 100, 100, 100, 100])
    made = trades(shown, {0: 1, 2: 1})
    assert (made.gap, made.closed["row"].tolist()) == (1, [2])


def test_before_its_beginning_nothing_is_entered_and_it_starts_flat():
    made = trades(flat_history([100.0] * 12), dict.fromkeys(range(12), 1), begin=2)
    assert made.closed["row"].tolist() == [2, 5, 8]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_exit_is_that_of_one_trade_looked_at_alone(seed):
    shown = history(walk(1_500, seed))
    directions = np.random.default_rng(seed).choice([1, -1, 0], 1_500).astype(np.int8)
    made = question_trades(directions, shown.rows, shown.path, RULE, DEFAULT_COSTS)
    assert len(made.closed) > 100
    free_at = 0
    for trade in made.closed.itertuples():
        at = instant(trade.entry_time)
        assert at >= free_at
        end = hypothetical_exit(shown.path, SIGN[trade.direction], at, trade.entry_price, RULE)
        assert (instant(trade.exit_time), trade.exit_price, trade.exit_reason) == (
            end.at,
            end.price,
            end.reason,
        )
        free_at = end.at


def test_minutes_judge_what_five_minutes_leave_open():
    five = candles([(100, 100, 100, 100), (100, 101.2, 99.4, 100)] + [(100, 100, 100, 100)] * 4)
    one = candles(
        [(100,) * 4] * 5 + [(100, 101.2, 100, 100), (100, 100, 99.4, 100)] + [(100,) * 4] * 23, minutes=1
    )
    assert trades(history(five), {0: 1}).closed["exit_reason"].tolist() == ["SL_HIT"]
    assert trades(history(five), {0: 1}).closed["ambiguous"].tolist() == [True]
    fine = History("XYZUSDT", "made", one, five)
    assert trades(fine, {0: 1}).closed["exit_reason"].tolist() == ["TP_HIT"]


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 12), st.booleans()), max_size=60))
def test_one_at_a_time_is_what_choose_each_allows(steps):
    entry_at = np.cumsum([step for step, _, _ in steps], dtype=np.int64)
    exit_at = np.array(
        [OPEN if lasts else at + held for at, (_, held, lasts) in zip(entry_at, steps, strict=True)],
        dtype=np.int64,
    )
    wanted = choose_each(entry_at, exit_at[:, None], np.ones((len(steps), 1), dtype=bool), np.zeros(1))
    assert one_at_a_time(entry_at, exit_at).tolist() == wanted[:, 0, 0].tolist()


def test_exits_made_once_give_the_trades_of_each_question_and_of_each_end():
    shown = history(walk(900, 4))
    rows = np.repeat(np.arange(900), 2)
    every = entry_exits(shown.rows, rows, np.tile([1, -1], 900), shown.path, RULE)
    short = shown.until(shown.rows.index[599])
    for seed in (1, 2):
        said = np.random.default_rng(seed).choice([1, -1, 0], 900, p=[0.2, 0.2, 0.6])
        spoken = np.flatnonzero(said)
        for part, many in ((shown, 900), (short, 600)):
            places = 2 * spoken[spoken < many] + (said[spoken[spoken < many]] < 0)
            taken = every.taken(places).until(instant(part.newest))
            made, wanted = (
                trades_of(taken, DEFAULT_COSTS),
                question_trades(said[:many], part.rows, part.path, RULE, DEFAULT_COSTS),
            )
            assert len(wanted.closed) > 50
            pd.testing.assert_frame_equal(made.closed, wanted.closed)
            counts = [(each.spoke, each.gap, each.busy, each.open) for each in (made, wanted)]
            assert counts[0] == counts[1]
