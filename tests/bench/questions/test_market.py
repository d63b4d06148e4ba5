"""The simulated market is what it says: null where there is no edge, and of the planted mean where there is one."""

from __future__ import annotations

import numpy as np
import pytest

from bench.questions.market import (
    FREE,
    SIGNALS_A_DAY,
    STEPS_A_DAY,
    drifts,
    hold_steps,
    markets,
    signal_of,
    signals,
    spreads,
)
from lib.market.terms import DEFAULT_TERMS
from lib.questions.trades import question_trades

DAYS = 1_500


def returns(history, terms=FREE):
    made = question_trades(signal_of(history.rows), history.rows, history.path, terms.exits, terms.costs)
    assert (made.busy, made.gap, made.closed["ambiguous"].sum()) == (0, 0, 0)
    return made.closed["net_pct"].to_numpy()


@pytest.mark.parametrize(
    ("edge", "terms"), [(None, FREE), (0.05, FREE), (0.05, DEFAULT_TERMS), (-0.05, FREE), (0.12, FREE)]
)
def test_the_net_mean_of_a_trade_is_the_one_that_was_planted(edge, terms):
    [history] = markets(DAYS, np.random.default_rng(8), (edge,), terms)
    net = returns(history, terms)
    error = net.std() / len(net) ** 0.5
    assert abs(len(net) - DAYS * SIGNALS_A_DAY) <= 1 and error < 0.0026
    assert net.mean() == pytest.approx(edge or 0.0, abs=3.3 * error)
    assert 0.13 < net.std() < 0.18


def test_without_an_edge_no_row_has_a_mean_whatever_came_before_it():
    """Entries after a fall, after a rise, in wild and in quiet hours: all are martingale trades."""
    [history] = markets(1_000, np.random.default_rng(2))
    close = history.rows["close"].to_numpy()
    moved = np.log(close / np.r_[np.full(12, close[0]), close[:-12]])
    usual = np.abs(moved).mean()
    for said in (moved > 2 * usual, moved < -2 * usual, np.abs(moved) < usual / 20):
        made = question_trades(said.astype(np.int8), history.rows, history.path, FREE.exits, FREE.costs)
        net = made.closed["net_pct"].to_numpy()
        assert len(net) > 3_000 and abs(net.mean()) < 3.3 * net.std() / len(net) ** 0.5


def test_candles_hang_together_and_their_extremes_hold_their_ends():
    [history] = markets(20, np.random.default_rng(1))
    rows = history.rows
    assert (rows["open"].to_numpy()[1:] == rows["close"].to_numpy()[:-1]).all()
    assert (rows["high"] >= rows[["open", "close"]].max(axis=1)).all()
    assert (rows["low"] <= rows[["open", "close"]].min(axis=1)).all()
    assert (rows.index[1:] - rows.index[:-1]).unique().tolist() == [rows.index[1] - rows.index[0]]


def test_a_candles_range_is_that_of_a_brownian_motion():
    """Its mean is sqrt(8/pi) of the spread (Feller, 1951)."""
    [history] = markets(400, np.random.default_rng(5))
    rows = history.rows
    spread = spreads(400 * STEPS_A_DAY, np.random.default_rng(5))
    ranges = ((rows["high"] - rows["low"]) / rows["open"] * 100).to_numpy() / spread
    assert ranges.mean() == pytest.approx(np.sqrt(8 / np.pi), abs=0.006)


def test_signals_are_three_a_day_and_none_waits_for_another():
    hold = hold_steps(FREE)
    found = signals(300, np.random.default_rng(3), hold)
    at = np.flatnonzero(found)
    assert len(at) == 300 * SIGNALS_A_DAY and np.diff(at).min() > hold
    assert abs(found.sum()) < 120
    [history] = markets(30, np.random.default_rng(3))
    assert np.count_nonzero(signal_of(history.rows)) == 30 * SIGNALS_A_DAY


def test_the_price_drifts_while_a_trade_may_last_and_never_else():
    spread, signal = np.full(60, 0.06), np.zeros(60, dtype=np.int8)
    signal[[10, 40, 55]] = [1, -1, 1]
    moved = np.sign(drifts(signal, spread, 0.05, FREE))
    assert np.flatnonzero(moved > 0).tolist() == [*range(11, 20), *range(56, 60)]
    assert np.flatnonzero(moved < 0).tolist() == list(range(41, 50))


def test_markets_move_together_as_far_as_was_said_and_only_some_have_the_edge():
    first, second = markets(DAYS, np.random.default_rng(4), (0.05, None), FREE, 0.8)
    moves = [np.diff(np.log(history.rows["close"].to_numpy())) for history in (first, second)]
    assert np.corrcoef(moves)[0, 1] == pytest.approx(0.8, abs=0.01)
    made = [returns(history) for history in (first, second)]
    error = made[0].std() / len(made[0]) ** 0.5
    assert made[0].mean() == pytest.approx(0.05, abs=3.3 * error)
    assert made[1].mean() == pytest.approx(0.0, abs=3.3 * error)
