from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.errors import EmptyWindowError
from lib.market.terms import DEFAULT_TERMS, Terms
from lib.questions.answering import ask, compiled
from lib.questions.exploration import Exploration
from lib.questions.exploring import explore
from lib.questions.history import boundary_of, folder_history
from tests.builders import at, candles
from tests.lib.questions.made import WICKS, flat_history, history, question, walk


def explored(tmp_path, shown=None, text: str = WICKS, **more):
    shown = shown or history()
    asked = question(tmp_path, text)
    said = ask(asked, compiled(asked), shown.frames)
    boundary = more.pop("boundary", shown.newest)
    return explore(asked, shown, said, more.pop("terms", DEFAULT_TERMS), boundary, **more)


def test_figures_by_hand(tmp_path):
    # The first fall recovers to its target, the second goes on to its stop, and the third, entered there, has not ended.
    values = [100.0] * 4 + [99.0, 99.5] + [99.5] * 4 + [98.5, 98.0] + [98.0] * 8
    found = explored(tmp_path, flat_history(values), WICKS.replace("short=change > 0.2", "short=None")).record
    counts = (
        found.trades.total,
        found.trades.wins,
        found.long_rows,
        found.short_rows,
        found.busy,
        found.open_trades,
    )
    assert counts == (2, 1, 3, 0, 0, 1)
    assert found.gross_total_pct == pytest.approx(0.3 - 0.15)
    assert (found.costs_total_pct, found.trades.total_pnl_pct) == pytest.approx((0.22, -0.07))
    assert found.max_drawdown_pct == pytest.approx(0.26) and found.equity[0].total_pct == pytest.approx(-0.07)
    assert found.buy_and_hold_pct == pytest.approx(-2.0 - 0.11)
    assert [(group.name, group.total) for group in found.by_hour] == [("00", 2)]


def test_the_parts_are_all_of_the_trades(tmp_path):
    found = explored(tmp_path).record
    for groups in (found.by_direction, found.by_year, found.by_month, found.by_regime, found.by_hour):
        assert sum(group.total for group in groups) == found.trades.total > 200
        assert sum(group.total_pnl_pct for group in groups) == pytest.approx(
            found.trades.total_pnl_pct, abs=0.01
        )
    assert found.equity[-1].total_pct == pytest.approx(found.trades.total_pnl_pct, abs=0.001)
    assert Exploration.read(found.model_dump_json()) == found


def test_on_a_random_walk_it_is_no_different_from_random_entries(tmp_path):
    ranks = []
    for seed in range(8):
        found = explored(tmp_path, history(walk(seed=seed))).record.random_entries
        assert found.p5_pct < found.mean_pct < found.p95_pct
        ranks.append(found.rank)
    assert 0.1 < np.mean(ranks) < 0.9 and sum(0.05 <= rank <= 0.95 for rank in ranks) >= 6


def test_a_planted_edge_is_better_than_random_entries(tmp_path):
    five = walk(seed=5)
    close = five["close"].to_numpy().copy()
    # After a fall of 0.2 % the next candles give it back.
    for row in range(1, len(close) - 3):
        if close[row] / close[row - 1] < 1 - 0.002:
            close[row + 1 :] *= 1.003
    shown = history(
        candles([(a, max(a, b), min(a, b), b) for a, b in zip(np.r_[100.0, close[:-1]], close, strict=True)])
    )
    found = explored(tmp_path, shown, WICKS.replace("short=change > 0.2", "short=None")).record
    assert found.random_entries.rank == 1.0 and found.trades.net_low_pct > 0
    assert found.answer[0].startswith("Exploratory: falls gained here: +")


def test_since_narrows_and_an_empty_stretch_is_refused(tmp_path):
    shown = history()
    middle = shown.candles_5min["closed_at"].iloc[1_500]
    found = explored(tmp_path, shown, since=middle).record
    assert (
        found.since == middle.strftime("%Y-%m-%dT%H:%M:%SZ")
        and 0 < found.trades.total < explored(tmp_path).record.trades.total
    )
    with pytest.raises(EmptyWindowError, match="Give an earlier --since"):
        explored(tmp_path, shown, since=shown.newest)
    # A month that the file lacks, before the boundary.
    later = shown.newest + pd.Timedelta(days=90)
    with pytest.raises(
        EmptyWindowError, match="its candles are missing there, and the last before it is known at"
    ):
        explored(tmp_path, shown, since=shown.newest, boundary=later)


def test_a_question_without_a_trade_says_so(tmp_path):
    found = explored(tmp_path, text=WICKS.replace("-0.2", "-50").replace("> 0.2", "> 50")).record
    assert found.trades.total == 0 and found.random_entries is None and found.trades.net_mean_pct is None
    assert "made no trade" in found.answer[0]


def test_terms_give_exits_and_costs(tmp_path):
    cheap = explored(tmp_path, terms=Terms(fee_pct=0.0, slippage_pct=0.0)).record
    assert cheap.costs_total_pct == 0 and cheap.gross_total_pct == pytest.approx(
        cheap.trades.total_pnl_pct, abs=1e-3
    )
    assert cheap.exits.breakeven_win_rate == pytest.approx(33.3) and not cheap.exits.own
    own = explored(tmp_path, text=WICKS.replace("\n\n\ndef", '\n\nEXITS = {"stop_pct": 1}\n\n\ndef')).record
    assert (own.exits.stop_pct, own.exits.target_pct, own.exits.breakeven_win_rate, own.exits.own) == (
        1.0,
        None,
        None,
        True,
    )


def test_the_boundary_is_the_close_at_seventy_of_a_hundred_rows_and_until_cuts_there():
    shown = history()
    boundary = boundary_of(shown)
    assert boundary == shown.candles_5min["closed_at"].iloc[2_099] == at(2_100 * 5)
    part = shown.until(boundary)
    assert (len(part.candles_5min), part.newest) == (2_100, boundary)
    assert part.path.closes_at.max() == boundary.value // 1000
    assert shown.first_row_after(boundary) == 2_100


def test_a_folder_of_few_rows_is_refused(sample_data):
    whole = folder_history(sample_data)
    assert whole.market and len(whole.candles_5min) > 2_000 and len(whole.candles_1min)
    assert isinstance(whole.newest, pd.Timestamp)


def test_rows_of_a_folder_that_were_set_aside_are_said(tmp_path, sample_data):
    import shutil

    folder = tmp_path / "data"
    shutil.copytree(sample_data, folder)
    assert folder_history(folder).notes == ()
    with (folder / "candlesticks_5min.csv").open("a", encoding="utf-8") as file:
        file.write("2030-01-01T00:00:00Z,1,2,3\n")
    assert folder_history(folder).notes == ("Rows of the folder's candles set aside: 1 malformed.",)
