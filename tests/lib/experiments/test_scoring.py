"""What an answer would have made: entry, exit, gaps, and the one pair of a block."""

from __future__ import annotations

from dataclasses import replace
from math import isnan

import numpy as np
import pytest

from lib.experiments.rows import BlockEnded, ShadowLeftOut
from lib.experiments.scoring import Pair, Prices, pairs_of, score_answer
from lib.market.exits import PricePath
from lib.market.terms import DEFAULT_TERMS
from tests.lib.experiments.made import MINUTE, START, answered, begun, minute

DRAW = begun().next_draw(minute(1))
FEES = DEFAULT_TERMS.costs.fees_pct


def prices(moves: dict[int, float] | None = None, minutes: int = 120, until: float | None = None) -> Prices:
    """A path at 100 that from the minutes given on stands at other prices; sampled 10 s into each minute."""
    closes = np.full(minutes, 100.0)
    for begin, price in (moves or {}).items():
        closes[begin:] = price
    opened = np.concatenate([[100.0], closes[:-1]])
    opens = START + np.arange(minutes, dtype=np.int64) * MINUTE
    known = minutes if until is None else int(until)
    path = PricePath(
        opens=opens[:known],
        closes_at=opens[:known] + MINUTE,
        open=opened[:known],
        high=np.maximum(opened, closes)[:known],
        low=np.minimum(opened, closes)[:known],
        close=closes[:known],
        bar_closes_at=opens[4:known:5] + MINUTE,
        bar_close=closes[4:known:5],
        sample_at=(opens + 10_000_000)[:known],
        sample_price=opened[:known],
    )
    return Prices(path, int(opens[known - 1] + MINUTE))


def test_a_target_a_stop_and_the_time_each_make_what_an_order_would_have_made():
    entered = 100 * (1 + 0.01 / 100)
    up = score_answer(answered(DRAW, minute(1)), prices({5: 101.0}), DEFAULT_TERMS)
    assert (up.net_pct, up.exit_reason) == (pytest.approx(0.3 - FEES), "TP_HIT")
    down = score_answer(answered(DRAW, minute(1)), prices({5: 99.0}), DEFAULT_TERMS)
    assert (down.net_pct, down.exit_reason) == (pytest.approx(-0.15 - FEES), "SL_HIT")
    still = score_answer(answered(DRAW, minute(1)), prices(), DEFAULT_TERMS)
    left = 100 * (1 - 0.01 / 100)
    assert still.net_pct == pytest.approx((left - entered) / entered * 100 - FEES)
    assert still.exit_reason == "TIME_EXIT"
    short = score_answer(answered(DRAW, minute(1), direction="SHORT"), prices({5: 99.0}), DEFAULT_TERMS)
    assert (short.net_pct, short.exit_reason) == (pytest.approx(0.3 - FEES), "TP_HIT")


def test_its_own_distances_count():
    wide = answered(DRAW, minute(1), stop_pct=0.9, target_pct=0.6)
    assert score_answer(wide, prices({5: 100.7}), DEFAULT_TERMS).net_pct == pytest.approx(0.6 - FEES)


def test_it_is_filled_at_the_first_sample_after_its_own_call():
    path = prices({1: 100.2})  # the candle of minute 1 closes at 100.2
    quick = score_answer(answered(DRAW, minute(1), took_s=2), path, DEFAULT_TERMS)
    slow = score_answer(answered(DRAW, minute(1), took_s=12, valid_s=60), path, DEFAULT_TERMS)
    assert quick.net_pct > 0.1 + slow.net_pct


def test_an_order_that_expires_and_an_answer_that_makes_none_are_worth_nothing():
    expired = score_answer(answered(DRAW, minute(1), took_s=12, valid_s=20), prices(), DEFAULT_TERMS)
    assert (expired.net_pct, expired.known_at) == (0.0, minute(1) + 32_000_000)
    refused = score_answer(answered(DRAW, minute(1), code="rail_confidence"), prices(), DEFAULT_TERMS)
    assert (refused.net_pct, refused.known_at) == (0.0, minute(1))


def test_nothing_is_known_before_the_whole_hold_is_past():
    answer = answered(DRAW, minute(1))
    for until in range(7, 47):
        assert score_answer(answer, prices({5: 99.0}, until=until), DEFAULT_TERMS).known_at is None
    assert score_answer(answer, prices({5: 99.0}, until=50), DEFAULT_TERMS).exit_reason == "SL_HIT"


def test_a_gap_in_the_hold_voids_it_however_it_ended():
    whole = prices({5: 99.0})
    keep = np.arange(len(whole.path.opens)) != 20
    torn = replace(
        whole.path,
        **{
            name: getattr(whole.path, name)[keep]
            for name in ("opens", "closes_at", "open", "high", "low", "close")
        },
    )
    found = score_answer(answered(DRAW, minute(1)), replace(whole, path=torn), DEFAULT_TERMS)
    assert found.is_gap and isnan(found.net_pct)


def test_the_rule_deciders_answer_ends_by_the_opposite_ribbon():
    path = prices()
    states = np.array(["all_green"] * 120, dtype=object)
    states[10:] = "all_red"
    found = score_answer(
        answered(DRAW, minute(1)), replace(path, states=states), DEFAULT_TERMS, reverses=True
    )
    assert found.exit_reason == "RIBBON_REVERSAL"


def paired_log(*answers, trades=0, left_out=()):
    """One block begun at minute 1, with these answers (changes of each), ended after its hold."""
    log = begun(paired=True)
    draw = log.next_draw(minute(1))
    log.accept(draw)
    for at, executed, changes in answers:
        log.accept(answered(draw, minute(at), executed=executed, **changes))
        if at in left_out and executed:
            arm = "b" if draw.arm == "a" else "a"
            log.accept(ShadowLeftOut(at=minute(at), experiment="e1", block=1, arm=arm, why="cap"))
    why, net = ("closed", -0.26) if trades else ("hold", 0.0)
    log.accept(BlockEnded(at=minute(46), experiment="e1", block=1, why=why, trades=trades, net_pct=net))
    return log.experiments[0]


HOLD = {"direction": "HOLD", "code": "hold"}


def only(rows, path=None) -> Pair:
    [pair] = pairs_of(rows, path or prices({5: 101.0}), DEFAULT_TERMS).known
    return pair


def test_two_answers_that_are_the_same_differ_by_exactly_nothing():
    pair = only(paired_log((1, True, {}), (1, False, {"took_s": 4.0}), trades=1))
    assert pair.difference_pct == 0.0 and pair.a_pct == pytest.approx(0.3 - FEES)


def test_the_pair_is_that_of_the_first_tick_at_which_either_would_enter():
    rows = paired_log(
        (1, True, HOLD), (1, False, HOLD), (2, True, HOLD), (2, False, {}), (3, True, {}), trades=1
    )
    pair, shadow = only(rows), "b" if rows.draws[0].arm == "a" else "a"
    assert pair.at == minute(2)
    made = {"a": pair.a_pct, "b": pair.b_pct}
    assert made[shadow] == pytest.approx(0.3 - FEES) and made[rows.draws[0].arm] == 0.0


def test_a_block_in_which_neither_enters_is_a_pair_of_nothing():
    pair = only(paired_log((1, True, HOLD), (1, False, HOLD)))
    assert (pair.a_pct, pair.b_pct, pair.at) == (0.0, 0.0, minute(46))


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (paired_log((1, True, {}), trades=1, left_out=(1,)), "left_out"),
        (paired_log((1, True, HOLD), (2, True, {}), (2, False, {}), trades=1, left_out=(1,)), "left_out"),
        (paired_log((1, True, {}), trades=1), "no_row"),
        (paired_log(trades=1), "no_row"),
    ],
)
def test_without_the_other_answer_there_is_no_pair_and_it_is_counted(rows, why):
    found = pairs_of(rows, prices(), DEFAULT_TERMS)
    assert (found.known, found.unpaired) == ([], {1: why})


def test_a_left_out_shadow_after_the_entry_costs_nothing():
    assert only(paired_log((1, True, HOLD), (1, False, {}), (2, True, HOLD), left_out=(2,))).at == minute(1)


def test_pairs_wait_in_the_order_of_their_blocks():
    """A pair that is known early does not overtake one that is not: stops are quicker than time exits."""
    log = begun(paired=True)
    for number in range(3):
        draw = log.next_draw(minute(1 + 50 * number))
        log.accept(draw)
        log.accept(answered(draw, draw.at))
        log.accept(answered(draw, draw.at, executed=False, **HOLD))
        end = BlockEnded(
            at=draw.at + MINUTE, experiment="e1", block=number + 1, why="closed", trades=1, net_pct=-0.26
        )
        log.accept(end)
    rows = log.experiments[0]
    path = prices(minutes=200)
    known = [
        [pair.block for pair in pairs_of(rows, prices(minutes=200, until=until), DEFAULT_TERMS).known]
        for until in (40, 60, 110, 160)
    ]
    assert known == [[], [1], [1, 2], [1, 2, 3]]
    assert len(pairs_of(rows, path, DEFAULT_TERMS).known) == 3
