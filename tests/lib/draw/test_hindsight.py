"""The page of hindsight says first what was made and what nobody can reach, then what had paid before, in every case of a window."""

from __future__ import annotations

import pytest

from lib.contract.dollars import Coin
from lib.contract.optimal_vs_actual import Learnable
from lib.draw.hindsight import hindsight_finding, missed_finding
from tests.lib.draw.test_optimal_vs_actual import comparison


def learned(**changes) -> Learnable:
    none = {
        "trades": 0,
        "pnl": 0.0,
        "pnl_pct": 0.0,
        "signatures": [],
        "past_events": 40,
        "past_signatures": 12,
    }
    return Learnable(**(none | changes))


@pytest.mark.parametrize(
    ("changes", "then", "means"),
    [
        (
            {},
            "No kind of setup had clearly paid in the 14 days before, so none pointed to any of it.",
            "Of 12 kinds of setup seen 10 times or more in the 14 days before none had clearly gained",
        ),
        (
            {"past_signatures": 0},
            "No kind of setup was seen often enough in the 14 days before to point to any of it.",
            "no kind of setup was seen 10 times.",
        ),
        (
            {"signatures": ["LONG_MIXED"]},
            "The setups that had clearly paid in the 14 days before did not show.",
            "standard exits; none of these could be taken here.",
        ),
        (
            {"signatures": ["LONG_MIXED"], "trades": 3, "pnl": 14.0, "pnl_pct": 0.4, "rank": 0.99},
            "Setups that had clearly paid before, taken at every signal, made $14.00 in 3 trades: too few to judge.",
            "1 had clearly gained when taken every time, after costs with the standard exits. Copied here they made $14.00 in "
            "3 trades: too few to judge.",
        ),
        (
            {"signatures": ["LONG_MIXED"], "trades": 9, "pnl": -14.0, "pnl_pct": -0.4, "rank": 0.2},
            "Setups that had clearly paid before, taken at every signal, lost $14.00 in 9 trades: not told apart from chance.",
            "in 9 trades: not told apart from other times.",
        ),
        (
            {"signatures": ["LONG_MIXED"], "trades": 9, "pnl": 14.0, "pnl_pct": 0.4, "rank": 0.97},
            "Setups that had clearly paid before, taken at every signal, made $14.00 in 9 trades: more than most other times.",
            "one window in twenty is so by chance.",
        ),
    ],
)
def test_the_money_stands_first_beside_perfect_timing_and_then_what_had_paid_before(changes, then, means):
    (first, second, step), (rests_on, out_of_reach) = hindsight_finding(
        comparison(learnable=learned(**changes)), "live", Coin("ETH")
    )
    lasting = "see whether that lasts" if (changes.get("rank") or 0.0) == 0.97 else "copy nothing from here"
    assert step.startswith(f"What to do: {lasting}")
    assert first == (
        "You lost $10.00 per 1 ETH on 3 trades; perfect timing makes $30.00, more than at other times."
    )
    assert means in rests_on
    assert second == (
        f"{then} The largest part of the $40.00 between the two, $35.00, is in perfect trades missed, which shows only afterwards."
    )
    assert "this window's 12 setups" in out_of_reach
    assert "Moved to other times of the window the same setups make +1.00 %" in out_of_reach


def test_no_setup_no_trade_no_time_to_compare_with():
    none = hindsight_finding(comparison(events=0, actual_trades=0), "rules").said
    assert none[0].startswith("No setup showed") and none[1].endswith("The rule decider closed no trade.")
    # A file of before has another optimum, of which nothing is said.
    assert hindsight_finding(comparison(events=None, selection=None, learnable=None)).said[0] == none[0]
    short = hindsight_finding(
        comparison(optimal_null=None, optimal_rank=None, optimal_trades=0, optimal_pnl_pct=0.0, gap_parts=[])
    )
    first, step = short.said
    assert first.endswith(" trades; even hindsight finds nothing to gain in these setups.")
    assert step.startswith("What to do: ")
    assert "other times" not in short.sure[-1]
    idle = hindsight_finding(comparison(actual_trades=0), "rules").said[0]
    assert idle.startswith("The rule decider closed no trade; perfect timing makes $30.00")


@pytest.mark.parametrize(
    ("made", "beside"),
    [
        (0.39, ", less than at other times."),
        (0.4, ", about what it makes at other times."),
        (1.4, ", about what it makes at other times."),
        (1.41, ", more than at other times."),
    ],
)
def test_perfect_timing_is_held_against_what_it_makes_at_other_times(made, beside):
    first = hindsight_finding(comparison(optimal_pnl_pct=made)).said[0]
    assert first.endswith(f"; perfect timing makes $30.00{beside}")
    alone = hindsight_finding(comparison(optimal_pnl_pct=made, optimal_null=None)).said[0]
    assert alone.endswith("; perfect timing makes $30.00.")


def test_without_a_gap_or_a_trade_no_part_of_it_is_named():
    for changes in ({"gap_parts": []}, {"gap_pnl": -1.0}, {"actual_trades": 0}):
        assert "between them" not in " ".join(hindsight_finding(comparison(**changes)).said)


def test_missed_money_has_a_real_minus():
    assert "-" not in missed_finding(comparison(missed_pnl=-3.0))


def test_how_long_was_held_stands_where_the_most_is_in_early_exits():
    early = comparison().gap_parts[0].model_copy(update={"name": "early_exit", "pnl": 90.0})
    held = "Perfect timing held 34 min on average, the trades 11"
    said = hindsight_finding(comparison(gap_parts=[early]), held=held).said[1]
    assert said.endswith(f"$90.00, is in trades left too early, which shows only afterwards. {held}.")
    assert held not in " ".join(hindsight_finding(comparison(), held=held).said)
