"""The page of hindsight says first what nobody can reach and what could be known, in every case that a window can be."""

from __future__ import annotations

import pytest

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
    ("changes", "known", "means"),
    [
        (
            {},
            "Taken every time, no kind of setup had clearly gained in the 14 days before.",
            "nothing to copy: of 12 kinds seen 10 times",
        ),
        (
            {"past_signatures": 0},
            "was seen often enough before to be known.",
            "no kind of setup was seen 10 times.",
        ),
        (
            {"signatures": ["LONG_MIXED"]},
            "gained before, taken every time, did not show.",
            "nothing to copy: of 12 kinds",
        ),
        (
            {"signatures": ["LONG_MIXED"], "trades": 3, "pnl_pct": 0.4, "rank": 0.99},
            "Setups that had clearly gained before, taken every time, made +0.40 %.",
            "Copying these would have made that in 3 trades, too few to judge: of 12 kinds seen 10 times or more in the 14 days "
            "before 1 had, after costs with the standard exits.",
        ),
        (
            {"signatures": ["LONG_MIXED"], "trades": 9, "pnl_pct": -0.4, "rank": 0.2},
            "Setups that had clearly gained before, taken every time, made −0.40 %.",
            "in 9 trades, not told apart from other times: of 12 kinds",
        ),
    ],
)
def test_what_nobody_can_reach_stands_beside_what_could_be_known(changes, known, means):
    first, second, gap, step, third = hindsight_finding(
        comparison(learnable=learned(**changes)), "live", "ETH"
    )
    assert gap.startswith(
        "The largest part of the gap: perfect trades missed, $35.00 (n 4) of the $40.00 per 1 ETH. "
        "Which setups were worth an entry shows only afterwards; "
    )
    beforehand = "by the kind of setup alone nothing of it could be known beforehand."
    if changes.get("trades"):
        gained = "−0.40 %" if changes["pnl_pct"] < 0 else "+0.40 %"
        beforehand = f"what the kind of setup told beforehand made {gained} in {changes['trades']} trades."
    assert gap.endswith(beforehand)
    assert step.startswith("What to do: copy nothing from here. A lesson can be proven all the same")
    assert first.startswith("Hindsight would have made +1.50 %, which nobody can reach. ") and first.endswith(
        known
    )
    assert means in second
    assert second.endswith("You made −0.50 % in 3 trades: hold that against zero, not against hindsight.")
    assert (
        "this window's 12 setups" in third
        and "at other times of the window they make +1.00 %" in third.lower()
    )


def test_no_setup_no_trade_no_time_to_compare_with():
    none = hindsight_finding(comparison(events=0, actual_trades=0), "rules")
    assert none[0].startswith("No setup showed") and none[1].endswith("The rule decider closed no trade.")
    # A file of before has another optimum, of which nothing is said.
    assert hindsight_finding(comparison(events=None, selection=None, learnable=None))[0] == none[0]
    short = hindsight_finding(
        comparison(optimal_null=None, optimal_rank=None, optimal_trades=0, optimal_pnl_pct=0.0)
    )
    assert short[0].startswith("Even hindsight would have made nothing of these setups. ")
    assert "other times" not in short[-1]


def test_without_a_gap_or_a_trade_no_part_of_it_is_named():
    for changes in ({"gap_parts": []}, {"gap_pnl": -1.0}, {"actual_trades": 0}):
        assert "gap" not in " ".join(hindsight_finding(comparison(**changes)))


def test_missed_money_has_a_real_minus():
    assert "-" not in missed_finding(comparison(missed_pnl=-3.0))
