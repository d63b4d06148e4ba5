from __future__ import annotations

from itertools import pairwise

import pandas as pd
import pytest

from lib.analysis.sweep import run_sweep
from lib.analysis.sweep_candidates import SweepSpace, prepare_sweep
from lib.analysis.walkforward import DAY, Fold, lay_folds, walk_forward
from tests.builders import at, random_market, window

slow = pytest.mark.slow
SPACE = SweepSpace((0.1, 0.3), (0.1, 0.2), (10.0, 45.0), (20.0,), ((), (0.02, 0.06)))


def test_folds_by_hand():
    # Ten days, train four, test two: tests end at 10, 8 and 6; a fourth would begin its train at -2.
    assert lay_folds(0, 10 * DAY, 4, 2) == [
        Fold(0, 4 * DAY, 6 * DAY),
        Fold(2 * DAY, 6 * DAY, 8 * DAY),
        Fold(4 * DAY, 8 * DAY, 10 * DAY),
    ]
    assert lay_folds(0, 10 * DAY, 8, 3) == []
    assert lay_folds(5, 5, 1, 1) == []


@pytest.mark.parametrize("lengths", [(0, 1), (1, 0), (-1, 1)])
def test_a_stretch_without_length_is_refused(lengths):
    with pytest.raises(ValueError, match="more than 0"):
        lay_folds(0, DAY, *lengths)


def test_tests_follow_one_another_and_never_reach_into_their_train():
    folds = lay_folds(0, 100 * DAY, 7.5, 1.25)
    assert all(fold.begin < fold.split < fold.end for fold in folds)
    assert all(before.end == after.split for before, after in pairwise(folds))
    assert folds[-1].end == 100 * DAY


@slow
def test_each_fold_chooses_by_what_it_knew_and_scores_on_what_it_did_not():
    market = random_market(2, count=6 * 48)  # 24 hours
    prepared = prepare_sweep(market, SPACE)
    told: list[str] = []
    found = walk_forward(prepared, 0.5, 0.15, min_trades=5, period_hours=1.0, progress=told.append)
    assert len(found.folds) == 3 and told[-1] == "fold 3 of 3"
    for number, row in enumerate(found.folds.itertuples(), start=1):
        begin, split, end = (moment.value // 1000 for moment in (row.train_from, row.split, row.test_until))
        trained = run_sweep(prepared, begin, split, known_until=split, period_hours=1.0).table
        tested = run_sweep(prepared, split, end, period_hours=1.0).table
        best = trained[trained["trades"] >= 5]["sharpe"].idxmax()
        assert row.in_sharpe == trained["sharpe"][best] and row.fold == number
        assert (row.target_pct, row.wick) == (trained["target_pct"][best], trained["wick"][best])
        assert (row.out_trades, row.out_total_pct) == (tested["trades"][best], tested["total_pct"][best])
        assert row.out_median_pct == tested["net_mean_pct"].median()
    assert len(found.pairs) == 3 * len(SPACE.combinations())
    assert -1 <= found.rank_correlation <= 1
    assert found.folds["test_until"].iloc[-1] == at(24 * 60)


@slow
def test_the_future_changes_no_choice():
    market = random_market(3, count=6 * 48)
    prepared = prepare_sweep(market, SPACE)
    split = prepared.begin + int(0.6 * DAY)
    before = run_sweep(prepared, prepared.begin, split, known_until=split).table
    # Later prices turned upside down: what was known at the split stays the same.
    later = market.candles_1min.index >= pd.Timestamp(split, unit="us", tz="UTC")
    market.candles_1min.loc[later, ["open", "high", "low", "close"]] *= 3
    again = run_sweep(prepare_sweep(market, SPACE), prepared.begin, split, known_until=split).table
    pd.testing.assert_frame_equal(before, again)


@slow
def test_too_little_data_gives_no_fold():
    for market in (window(), random_market(1)):
        found = walk_forward(prepare_sweep(market, SPACE), 10, 5)
        assert found.folds.empty and found.pairs.empty and found.rank_correlation is None


@slow
def test_a_fold_in_which_nothing_traded_enough_is_left_out():
    found = walk_forward(prepare_sweep(random_market(2, count=288), SPACE), 0.5, 0.25, min_trades=10_000)
    assert found.folds.empty and len(found.pairs) > 0
