"""The terms: what follows from them, and what makes none."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from lib.market.costs import Costs
from lib.market.exits import STANDARD, ExitRule
from lib.market.terms import DEFAULT_TERMS, Terms

OTHER = Terms(fee_pct=0.02, target_pct=0.6, stop_pct=0.3)


def test_the_default_ones_are_those_of_the_definitions():
    assert (DEFAULT_TERMS.costs, DEFAULT_TERMS.exits) == (Costs(), STANDARD)
    assert DEFAULT_TERMS.round_trip_pct == pytest.approx(0.11)
    assert (DEFAULT_TERMS.net_win_pct, DEFAULT_TERMS.net_loss_pct) == pytest.approx((0.19, 0.26))
    assert DEFAULT_TERMS.breakeven_win_rate == pytest.approx(100 * 0.26 / 0.45)


def test_what_follows_from_others():
    """Round trip 2 (0.02 + 0.01) = 0.06; (0.3 + 0.06) / 0.9 = 40 %."""
    assert OTHER.round_trip_pct == pytest.approx(0.06)
    assert (OTHER.net_win_pct, OTHER.net_loss_pct) == pytest.approx((0.54, 0.36))
    assert OTHER.breakeven_win_rate == pytest.approx(40.0)
    assert (OTHER.costs, OTHER.exits) == (Costs(0.02, 0.01), ExitRule(0.6, 0.3, 45.0))
    assert "target 0.6 %, stop 0.3 %" in OTHER.words() and OTHER.words().endswith("break-even 40.0 %")


def test_equal_terms_have_one_name_and_others_another():
    assert Terms(hold_minutes=45).sha256() == DEFAULT_TERMS.sha256() == Terms().sha256()
    changed = [Terms(**{name: value * 0.9}) for name, value in DEFAULT_TERMS if not name.startswith("m")]
    changed += [Terms(min_stop_pct=0.06), Terms(max_stop_pct=0.9), Terms(min_target_pct=0.06)]
    changed += [Terms(max_target_pct=4.0)]
    assert len({terms.sha256() for terms in [DEFAULT_TERMS, *changed]}) == 10


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"stop_pct": 1.5}, "stop_pct 1.5 is not within min_stop_pct 0.05 and max_stop_pct 1"),
        ({"target_pct": 0.01}, "target_pct 0.01 is not within min_target_pct 0.05"),
        ({"min_stop_pct": 0.9, "max_stop_pct": 0.8}, "stop_pct 0.15 is not within"),
        ({"fee_pct": -0.01}, "greater than or equal to 0"),
        ({"hold_minutes": 0}, "greater than 0"),
        ({"hold_minutes": float("nan")}, "finite"),
        ({"leverage": 3}, "Extra inputs"),
    ],
)
def test_what_makes_no_terms(wrong, said):
    with pytest.raises(ValidationError, match=said):
        Terms(**wrong)


def test_terms_that_only_measure_may_have_any_exits():
    """A stop and a target beyond the ranges that an answer is held to by default."""
    found = Terms.measured(target_pct=8.0, stop_pct=0.01, hold_minutes=30.0, fee_pct=0.02, slippage_pct=0.0)
    assert (found.target_pct, found.stop_pct, found.hold_minutes, found.round_trip_pct) == (
        8.0,
        0.01,
        30.0,
        0.04,
    )
    given = {
        "target_pct": 0.3,
        "stop_pct": 0.15,
        "hold_minutes": 45.0,
        "fee_pct": 0.045,
        "slippage_pct": 0.01,
    }
    assert Terms.measured(**given) == Terms()
