"""lib.analysis.answers: what each recommended direction would have made, by hand, and nothing that was not known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lib.analysis.answers import COLUMNS, counted, score_answers
from lib.data.source import DataSource
from lib.market import rules
from lib.market.terms import Terms
from tests.builders import at, candles, decisions, known_until, random_market, samples, window

TERMS = Terms()
FEES = 0.09
#: Ten-second samples at 100 from 00:00 to 02:00, and candles that reach 0.3 % above 100.01 in the minute after 00:10.
TAKEN = samples([(second / 60, 100.0, "all_green") for second in range(0, 7_201, 10)])
UP = (100.0, 100.32, 100.0, 100.0)


def market(asked, ones=None, taken=TAKEN, start=0.0, end=120.0):
    """A market with minute candles at 100, the given ones instead (by minute of their open), and these answers."""
    rows = [(ones or {}).get(minute, (100.0,) * 4) for minute in range(120)]
    fives = [
        (
            rows[k][0],
            max(row[1] for row in rows[k : k + 5]),
            min(row[2] for row in rows[k : k + 5]),
            rows[k + 4][3],
        )
        for k in range(0, 120, 5)
    ]
    whole = window(candles(fives), taken, taken, candles(rows, 1), decisions(asked), end=120.0)
    return known_until(whole, end, start=start)


def answer(minute, direction="LONG", **fields):
    """A recommended entry that was not executed, asked for while nothing was held."""
    return {
        "timestamp": minute,
        "direction": direction,
        "entry_recommended": "YES",
        "confidence": 0.6,
        "executed": False,
        "model": "claude",
        "holding": "NO",
    } | fields


def test_a_refused_answer_is_entered_at_the_next_sample_and_wins_what_its_target_pays():
    found = score_answers(market([answer(8, stop_pct=0.2, target_pct=0.3)], {10: UP}), TERMS).frame
    assert found.columns.tolist() == list(COLUMNS) and len(found) == 1
    row = found.iloc[0]
    assert row["entry_time"] == at(8 + 1 / 6) and row["entry_price"] == pytest.approx(100.01)
    assert (row["exit_time"], row["exit_reason"]) == (at(11), "TP_HIT")
    assert row["exit_price"] == pytest.approx(100.01 * 1.003)
    assert row["net_pct"] == pytest.approx(0.3 - FEES) and not row["executed"] and row["own_distances"]


def test_one_over_a_gap_has_no_result_however_soon_it_ended():
    # The target of the first comes in minute 10; minute 30 is missing, within its hold and not within that of the second.
    whole = market([answer(8, stop_pct=0.2, target_pct=0.3), answer(60)], {10: UP})
    seen = replace(
        whole, candles_1min=whole.candles_1min.drop(at(30)), candles_5min=whole.candles_5min.drop(at(30))
    )
    found = score_answers(seen, TERMS)
    assert found.frame["unscored"].tolist() == ["gap", ""] and found.unscored == {"gap": 1}
    assert found.frame["net_pct"].isna().tolist() == [True, False]
    assert score_answers(whole, TERMS).unscored == {}


def test_trades_of_another_bot_are_no_answers():
    seen = market([answer(8, executed=True, reason_code="imported")], {10: UP})
    assert len(score_answers(seen, TERMS).frame) == 1
    assert score_answers(replace(seen, source=DataSource("imported", False, "")), TERMS).frame.empty


def test_its_own_distances_decide():
    """100.32 lies 0.31 % above a LONG's fill and 0.33 % above a SHORT's: the standard target, not one of 0.5 %; stops of 0.3 and 0.5 %."""
    asked = [
        answer(8),
        answer(8, stop_pct=0.15, target_pct=0.5),
        answer(8, "SHORT", stop_pct=0.3, target_pct=0.3),
        answer(8, "SHORT", stop_pct=0.5, target_pct=0.3),
    ]
    found = score_answers(market(asked, {10: UP}), TERMS).frame
    assert found["exit_reason"].tolist() == ["TP_HIT", "TIME_EXIT", "SL_HIT", "TIME_EXIT"]
    assert found["own_distances"].tolist() == [False, True, True, True]
    assert found["stop_pct"].tolist() == [0.15, 0.15, 0.3, 0.5]
    # Time exits are market orders: 100 less slippage against a fill with slippage.
    assert found["net_pct"].tolist() == pytest.approx(
        [0.3 - FEES, (99.99 / 100.01 - 1) * 100 - FEES, -0.3 - FEES, (1 - 100.01 / 99.99) * 100 - FEES]
    )
    assert found["exit_time"].tolist() == [at(11), at(55), at(11), at(55)]


def test_only_what_was_recommended_while_nothing_was_held_is_an_answer():
    asked = [
        answer(1),
        answer(2, holding="YES"),
        answer(3, "HOLD", entry_recommended="NO"),
        answer(4, entry_recommended="NO"),
        answer(5, "SHORT", executed=True, entry_time=5.5, entry_price=100.0),
    ]
    found = score_answers(market(asked), TERMS).frame
    assert found["answered_at"].tolist() == [at(1), at(5)] and found["executed"].tolist() == [False, True]


def test_older_rows_were_asked_while_an_executed_trade_was_open():
    """Held from 10 to 20, and from 60 on: that exit is not logged, so it was held for 45 minutes and the candle after."""
    trade = {"executed": True, "entry_price": 100.0, "holding": ""}
    asked = [
        answer(9, **trade, entry_time=10, exit_time=20, exit_price=100.0),
        *(answer(minute, holding="") for minute in (9.5, 10, 19, 20)),
        answer(59, **trade, entry_time=60),
        *(answer(minute, holding="") for minute in (100, 110)),
    ]
    found = score_answers(market(asked), TERMS).frame
    assert found["answered_at"].tolist() == [at(minute) for minute in (9, 9.5, 20, 59, 110)]


def test_an_order_waits_twenty_seconds_and_a_rule_decider_s_five_minutes():
    holed = TAKEN[(TAKEN.index <= at(10)) | (TAKEN.index > at(13))]
    asked = [answer(9), answer(10), answer(10, model="rules"), answer(30)]
    scored = score_answers(market(asked, taken=holed), TERMS)
    assert scored.frame["unscored"].tolist() == ["", "no_sample", "", ""] and scored.unscored == {
        "no_sample": 1
    }
    assert scored.frame["entry_time"].isna().tolist() == [False, True, False, False]
    assert scored.frame["entry_time"].iloc[2] == at(13 + 1 / 6)


def test_waits_grow_with_the_step_of_the_data():
    minutes = samples([(minute, 100.0, "mixed") for minute in range(121)])
    found = score_answers(market([answer(10), answer(20.5)], taken=minutes), TERMS).frame
    assert found["entry_time"].tolist() == [at(11), at(21)]


def test_a_price_of_another_venue_is_none_to_enter_at():
    other = TAKEN.copy()
    other.loc[other.index == at(8 + 1 / 6), ["quality", "price"]] = ["venue_mismatch", 50.0]
    found = score_answers(market([answer(8)], taken=other), TERMS).frame
    assert found["entry_time"].iloc[0] == at(8 + 2 / 6) and found["entry_price"].iloc[0] == pytest.approx(
        100.01
    )


def test_an_answer_is_known_at_its_entry_and_its_result_at_its_exit():
    asked, ones = [answer(8, stop_pct=0.2, target_pct=0.3)], {10: UP}
    assert score_answers(market(asked, ones, end=8), TERMS).frame.empty
    entered = score_answers(market(asked, ones, end=10), TERMS).frame.iloc[0]
    assert entered["entry_time"] == at(8 + 1 / 6) and pd.isna(entered["exit_time"])
    assert np.isnan(entered["net_pct"]) and (entered["exit_reason"], entered["unscored"]) == ("", "")
    assert score_answers(market(asked, ones, end=11), TERMS).frame.iloc[0]["exit_reason"] == "TP_HIT"
    assert score_answers(market(asked, ones, start=8), TERMS).frame.empty  # of the window before


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_that_comes_later_matters(seed):
    """What is known at an instant stays: rows with an exit are the same at the end, all others have the same entry."""
    whole = random_market(seed, count=72, gaps=2)
    random = np.random.default_rng(seed)
    asked = [
        answer(minute, str(random.choice(["LONG", "SHORT"])), stop_pct=0.1, target_pct=0.15, model="claude")
        for minute in sorted(random.uniform(31, 350, size=40).round(2))
    ]
    later = window(
        whole.candles_5min,
        whole.samples_5min,
        whole.samples_15min,
        whole.candles_1min,
        decisions(asked),
        start=30.0,
        end=360.0,
    )
    full = score_answers(later, TERMS).frame
    assert len(full) == 40 and full["exit_reason"].nunique() >= 2
    seen = 0
    for minute in (60, 137, 200.5, 301):
        then = score_answers(known_until(later, minute), TERMS).frame
        same = full.iloc[: len(then)]
        ended = then["exit_time"].notna()
        # A gap that lies ahead voids an answer; until it is known, that is open, or as found.
        voided = (then["unscored"] == "") & (same["unscored"] == "gap")
        then, same, ended = then[~voided], same[~voided], ended[~voided]
        seen += int(ended.sum())
        pd.testing.assert_frame_equal(then[ended], same[ended])
        entry = ["answered_at", "entry_time", "entry_price", "unscored"]
        pd.testing.assert_frame_equal(then[entry], same[entry])
        assert (same.loc[~ended, "exit_time"].dropna() > at(minute)).all()
    assert seen >= 10


def test_the_rule_decider_s_trades_score_as_they_were_traded():
    """Executed answers without a reversal: the same fills and exits, to the cent."""
    made = random_market(3, count=240)
    log = rules.decide(made.samples_5min, made.samples_15min, made.candles_5min, made.candles_1min)
    own = window(made.candles_5min, made.samples_5min, made.samples_15min, made.candles_1min, log, end=1200.0)
    found = score_answers(own, TERMS).frame.set_index("decision_id")
    log = log.set_index("decision_id")
    same = log["exit_reason"].isin(["TP_HIT", "SL_HIT", "TIME_EXIT"])
    assert len(found) == len(log) > 10 and same.sum() > 5
    assert found["executed"].all() and found["own_distances"].all()
    pd.testing.assert_series_equal(found["entry_time"], log["entry_time"])
    np.testing.assert_allclose(found["entry_price"], log["entry_price"])
    np.testing.assert_allclose(found.loc[same, "net_pct"], log.loc[same, "net_pnl_pct"], atol=1e-9)
    assert (found.loc[same, "exit_time"] == log.loc[same, "exit_time"]).all()


def test_one_counts_while_none_that_counts_is_open():
    """A target after three minutes, then 45-minute holds: the second lies in the first, the third begins as the first ends."""
    asked = [answer(8), answer(9), answer(10 + 5 / 6), answer(30), answer(100), answer(101)]
    found = score_answers(market(asked, {10: UP}), TERMS).frame
    assert found["exit_time"].iloc[0] == found["entry_time"].iloc[2]
    assert counted(found).tolist() == [True, False, True, False, True, False]
    assert found["exit_time"].isna().tolist() == [
        False,
        False,
        False,
        False,
        True,
        True,
    ]  # open ones count, and block
    assert counted(found[found["direction"] == "SHORT"]).tolist() == []
