from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.contract.times import iso, parse_instant
from lib.market.terms import DEFAULT_TERMS
from lib.questions.followed import (
    FollowState,
    first_new_row,
    last_exit,
    read_states,
    settled_trades,
    states_text,
)
from lib.questions.keeping import Dropped, Kept
from lib.questions.record import Record
from tests.builders import START
from tests.lib.questions.made import flat_history, question

HOUR = pd.Timedelta(hours=1)
KEPT = Kept(
    at=iso(START), k=3, question="falls", sha256="ab" * 32, market="X", since=iso(START), terms=DEFAULT_TERMS
)


def closed_at(row: int) -> pd.Timestamp:
    """When a row of 5-minute candles was known."""
    return START + pd.Timedelta(minutes=5 * (row + 1))


def settled(tmp_path, values: list[float | None], said: dict[int, int], begin: int = 0):
    """Trades and until when all is settled, of a market that closes at these values."""
    shown = flat_history(values)
    directions = np.zeros(len(shown.candles_5min), dtype=np.int8)
    for row, direction in said.items():
        directions[row] = direction
    return settled_trades(KEPT, question(tmp_path), shown, directions, begin, START + 6 * HOUR)


def test_a_trade_is_handed_out_once_its_longest_hold_is_past(tmp_path):
    rising = [100.0] * 3 + [100.5] * 20
    # Entered at row 2, at its target one row later, and yet not there before row 11, 45 minutes after its entry.
    for rows, count in ((11, 0), (12, 1), (20, 1)):
        found, until = settled(tmp_path, rising[:rows], {2: 1})
        assert len(found) == count and until == closed_at(rows - 1) - 0.75 * HOUR
    (trade,) = found
    assert (trade.k, trade.hour, trade.direction) == (3, iso(START + 6 * HOUR), "LONG")
    assert parse_instant(trade.entry_time) == closed_at(2) and parse_instant(trade.exit_time) == closed_at(3)
    assert (trade.exit_reason, trade.exit_price) == ("TP_HIT", pytest.approx(100.3))
    assert trade.net_pct == pytest.approx(0.3 - 0.11)
    assert (trade.worst_pct, trade.best_pct) == pytest.approx((0.15 + 0.11 + 0.1, 0.3 - 0.11 + 0.1))


def test_a_gap_in_its_hold_voids_it_though_it_had_ended(tmp_path):
    values: list[float | None] = [100.0] * 3 + [100.5] * 3 + [None] + [100.5] * 20
    assert settled(tmp_path, values, {2: 1})[0] == []
    assert len(settled(tmp_path, values, {2: 1, 8: -1})[0]) == 1  # and it held no position


def test_hour_by_hour_it_comes_to_the_same_as_at_once(tmp_path):
    random = np.random.default_rng(4)
    values = (100 * np.exp(np.cumsum(random.normal(0, 0.001, 200)))).round(4).tolist()
    said = {int(row): int(random.choice([-1, 1])) for row in random.choice(200, 90, replace=False)}
    whole, _ = settled(tmp_path, values, said)
    stepwise, until, ready = [], START, START
    for rows in (13, 40, 41, 97, 150, 200):
        shown = flat_history(values[:rows])
        begin = first_new_row(shown, until, ready)
        found, until = settled(tmp_path, values[:rows], {r: s for r, s in said.items() if r < rows}, begin)
        stepwise += found
        ready = last_exit(stepwise, 3) or START
    assert len(whole) > 15 and stepwise == whole
    assert last_exit(whole, 4) is None


def test_how_asks_went_is_kept_and_a_file_that_is_none_says_nothing(tmp_path):
    (tmp_path / "questions").mkdir()
    states = {
        3: FollowState(until=iso(START), settled=iso(START), error="it failed"),
        12: FollowState(until=iso(START), settled=iso(START)),
    }
    place = tmp_path / "questions" / "followed.json"
    place.write_text(states_text(states), encoding="utf-8")
    assert read_states(tmp_path) == states
    place.write_text("{", encoding="utf-8")
    assert read_states(tmp_path) == {}


def test_what_is_followed_is_kept_and_not_dropped_and_numbers_only_grow():
    again = KEPT.model_copy(update={"k": 5})
    record = Record([KEPT, again, Dropped(at=iso(START), k=5, question="falls", until=iso(START))])
    assert record.kept == [KEPT, again] and record.followed == [KEPT]
    assert record.next_number == 6 and Record().next_number == 1
    assert KEPT.value == "falls-abababab-3" and KEPT.folder == "falls-abababababab"
