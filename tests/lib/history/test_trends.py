from __future__ import annotations

import pandas as pd

from lib.history.report import text_report
from lib.history.trends import trends, weekly, weekly_of
from tests.lib.history.test_log import FIRST, SECOND, THIRD, cycle

NEXT_WEEK = "2025-10-20T00:30:00Z"  # a Monday


def test_one_row_a_cycle_with_its_new_trades():
    one = cycle(FIRST, [0.2, -0.1], [0.2, -0.1], [])
    two = cycle(SECOND, [0.2, -0.1, 0.3], [0.3], [one])
    frame = trends([one, two])
    assert frame["closed"].tolist() == [2, 1] and frame["closed_wins"].tolist() == [1, 1]
    assert frame["closed_pnl"].tolist() == [1.0, 3.0]
    assert frame["win_rate"].tolist() == [50.0, 66.7] and frame["n"].tolist() == [2.0, 3.0]
    assert frame["scalper_score"].isna().all() and frame["optimal_pnl"].tolist() == [450.25, 450.25]
    assert frame["backtest_n"].tolist() == [28.0, 28.0] and frame["backtest_win_rate_high"].tolist() == [
        80.0,
        80.0,
    ]
    assert frame.index[0] == pd.Timestamp(FIRST) and str(frame.index.tz) == "UTC"


def test_another_optimum_of_before_is_no_point_of_the_trend():
    one = cycle(FIRST, [0.2], [0.2], [])
    before = one.model_copy(update={"optimum": one.optimum.model_copy(update={"learnable_pnl": None})})
    frame = trends([before, cycle(SECOND, [0.2], [0.3], [before])])
    assert frame["optimal_pnl"].isna().tolist() == frame["gap_pnl"].isna().tolist() == [True, False]


def test_a_record_put_in_later_counts_its_trades_once():
    one = cycle(FIRST, [0.1], [0.1], [])
    three = cycle(THIRD, [0.1], [0.2, 0.3], [one])
    two = cycle(SECOND, [0.1], [0.2], [one, three])  # its trade is among those of the third
    frame = trends([one, two, three])
    assert frame["closed"].tolist() == [1, 0, 2] and frame["closed_pnl"].tolist() == [1.0, 0.0, 5.0]


def test_week_by_week():
    one = cycle(FIRST, [0.1], [0.2, -0.1], [])
    two = cycle(SECOND, [0.2, 0.2, 0.2, -0.1, -0.1], [0.1], [one])
    three = cycle(NEXT_WEEK, [0.1], [], [one, two])
    weeks = weekly([one, two, three])
    assert weeks.index.tolist() == ["2025-W42", "2025-W43"]
    first = weeks.loc["2025-W42"]
    # 2 of 3 won: Wilson 20.8 to 93.9
    assert (first["cycles"], first["closed"], first["wins"], first["total_pnl"]) == (2, 3, 2, 2.0)
    assert (first["win_rate"], first["win_rate_low"], first["win_rate_high"]) == (66.7, 20.8, 93.9)
    assert first["scalper_score"] == 100.0
    assert weeks.loc["2025-W43", "closed"] == 0 and pd.isna(weeks.loc["2025-W43", "win_rate"])


def with_evidence(record, **counts):
    return record.model_copy(update={"evidence": record.evidence.model_copy(update=counts)})


def test_evidence_over_time_and_unknown_where_records_have_none():
    one = cycle(FIRST, [0.1], [0.1], []).model_copy(update={"evidence": None})
    two = with_evidence(cycle(SECOND, [0.1], [], [one]), proven=3, act_on=2, nearest=0.8)
    three = with_evidence(cycle(THIRD, [0.1], [], [one, two]), proven=3, act_on=None, nearest=None)
    four = with_evidence(cycle(NEXT_WEEK, [0.1], [], [one, two, three]), proven=1, act_on=1, nearest=0.2)
    frame = trends([one, two, three, four])
    assert frame["proven_lessons"].fillna(-1).tolist() == [-1, 3, 3, 1]
    assert frame["lessons_to_act_on"].fillna(-1).tolist() == [-1, 2, -1, 1]
    assert frame["nearest_share"].fillna(-1).tolist() == [-1, 0.8, -1, 0.2]
    weeks = weekly([one, two, three, four])
    assert weeks["lessons_to_act_on"].tolist() == [2, 1] and weeks["proven_lessons"].tolist() == [3, 1]
    assert weeks["nearest_share"].tolist() == [0.8, 0.2]
    assert weekly([one])[["proven_lessons", "lessons_to_act_on", "nearest_share"]].isna().all(axis=None)


def test_nothing_recorded():
    assert trends([]).empty and weekly([]).empty


def test_weeks_at_hand_are_not_made_again(monkeypatch):
    one = cycle(FIRST, [0.2], [0.2], [])
    records = [one, cycle(NEXT_WEEK, [0.2], [0.1], [one])]
    weeks, expected = weekly_of(trends(records)), text_report(records)
    pd.testing.assert_frame_equal(weeks, weekly(records))
    monkeypatch.setattr("lib.history.report.weekly", None)
    assert text_report(records, weeks=weeks) == expected
