from __future__ import annotations

import pytest

from lib.lessons.streams.models import (
    FAMILIES,
    FURTHER_NUMBERS,
    LEADING_COLUMNS,
    TRACKS,
    Carry,
    Track,
    stream_table,
)
from lib.market.costs import DEFAULT_COSTS
from lib.market.exits import STANDARD, ExitRule
from lib.market.terms import declared_bounds
from tests.builders import at
from tests.lib.lessons.streams.made import us


def test_the_bounds_of_the_standard_exits_by_hand():
    # 0.15 + 0.11 + 0.10 and 0.30 - 0.11 + 0.10
    assert declared_bounds(STANDARD, DEFAULT_COSTS) == pytest.approx((0.36, 0.29))


def test_a_target_below_the_costs_leaves_the_allowance():
    assert declared_bounds(ExitRule(0.05, 0.5), DEFAULT_COSTS) == pytest.approx((0.71, 0.10))


@pytest.mark.parametrize("stream", TRACKS)
def test_an_empty_table_has_the_types_of_a_full_one(stream):
    row = dict.fromkeys(FAMILIES[stream], "x") | {
        "entry_time": us(5), "exit_time": us(7), "net_pct": 1, "worst_pct": 1, "best_pct": 1, "trade": "t", "episode": 3,
        "confidence": 1,
    }  # fmt: skip
    full, empty = stream_table(stream, [row | {"no column": 1}]), stream_table(stream, [])
    assert full.columns.tolist() == [*LEADING_COLUMNS, *FURTHER_NUMBERS.get(stream, ()), *FAMILIES[stream]]
    assert full.dtypes.to_dict() == empty.dtypes.to_dict()
    assert str(full["exit_time"].dtype) == "datetime64[us, UTC]"
    assert (full["entry_time"].iloc[0], full["exit_time"].iloc[0]) == (at(5), at(7))


def test_a_carry_survives_json_and_sums_its_tracks():
    carry = Carry(
        hour=us(60),
        next_episode={"trades": 4},
        tracks={
            "trades": Track(settled_until=us(60), cut_episodes=2, left_out={"abandoned": 1, "late": 5}),
            "wicks": Track(cut_episodes=1, left_out={"abandoned": 2}),
        },
    )
    assert Carry.model_validate_json(carry.model_dump_json()) == carry
    assert (carry.cut_episodes, carry.abandoned) == (3, 3)
    assert (Carry().cut_episodes, Carry().abandoned, Carry().track("rule")) == (0, 0, Track())
