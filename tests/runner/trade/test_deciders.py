"""Recorded answers: which rows are given again, as what, and at which tick (docs/guide/trading.md)."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from lib.errors import MissingDataError
from runner.trade.deciders import RecordedDecider, RuleDecider, policy_of, recorded_decider
from runner.trade.decision_log import DecisionLog
from runner.trade.known import stamp
from runner.trade.models import Answer
from runner.trade.settings import TradeSettings
from tests.builders import at
from tests.runner.trade.made import Script, at_us, enter
from tests.runner.trade.test_signal_gate import market

LONG, SHORT = enter(model="m"), enter("SHORT", model="m")


def test_the_rule_decider_holds_where_its_rule_gives_no_signal():
    known = market("mixed")
    known.know(at_us(600))
    view = SimpleNamespace(
        candles_5min=known.candles["5min"].recent(9),
        samples={name: table.recent(0) for name, table in known.samples.items()},
    )
    held = RuleDecider().decide(view, 1.0)
    assert held == Answer("HOLD", False, 0.0, reasoning="entry rule: no signal", model="rules")


def test_an_answer_is_due_from_its_time_for_ninety_seconds_and_given_once():
    decider = RecordedDecider({at_us(200): SHORT, at_us(10): LONG})
    ticks = [at_us(10) - 1, at_us(10), at_us(100), at_us(100) + 1, at_us(200) - 1, at_us(200)]
    assert [decider.due(tick) for tick in ticks] == [False, True, True, False, False, True]
    view = SimpleNamespace(at=stamp(at_us(100)))
    assert decider.decide(view, 1.0) == LONG
    assert not decider.due(at_us(100))
    assert decider.decide(view, 1.0) == Answer.hold("not_recorded", model="recorded")
    assert decider.decide(SimpleNamespace(at=stamp(at_us(290))), 1.0) == SHORT
    assert decider.model == "m"


def test_an_answer_that_came_while_there_were_no_samples_is_passed_over():
    decider = RecordedDecider({at_us(10): LONG, at_us(20): SHORT})
    assert decider.decide(SimpleNamespace(at=stamp(at_us(9))), 1.0).reason_code == "not_recorded"
    assert decider.decide(SimpleNamespace(at=stamp(at_us(20))), 1.0) == SHORT
    assert not decider.due(at_us(20))


def test_without_answers_nothing_is_due():
    decider = RecordedDecider({})
    assert decider.model == "recorded"
    assert not decider.due(at_us(10))
    assert decider.decide(SimpleNamespace(at=stamp(at_us(10))), 1.0).direction == "HOLD"


def test_the_gate_of_recorded_answers_opens_where_one_is_due():
    policy = policy_of(RecordedDecider({at_us(10): LONG}), TradeSettings(valid_for_s=17.0))
    assert (policy.valid_for_s, policy.grows, policy.reverses, policy.listens) == (17.0, True, False, False)
    reasons = [policy.gate.reason(SimpleNamespace(at=at_us(second)), False) for second in (9, 10, 101)]
    assert reasons == ["", "recorded", ""]


def recorded(folder, *rows: dict[str, object]) -> None:
    """Decision rows of one model, a minute apart from START on."""
    with DecisionLog(folder, "m") as log:
        for minute, row in enumerate(rows):
            given = {"timestamp": at(minute), "executed": False, "decision_id": f"d{minute}", "model": "m"}
            log.write(f"d{minute}", log.text(given | row))


def answers_of(folder, *rows: dict[str, object]) -> list[Answer]:
    """What they are given again as."""
    recorded(folder, *rows)
    decider = recorded_decider(folder, at(-1), at(len(rows)))
    return [decider.decide(SimpleNamespace(at=at(minute)), 1.0) for minute in range(len(rows))]


def test_an_entry_is_given_again_with_all_that_was_said(tmp_path):
    row = {"direction": "SHORT", "entry_recommended": "YES", "confidence": 0.8, "stop_pct": 0.2, "target_pct": 0.4,
           "reasoning": "why, so", "prompt_sha": "abc", "reason_code": "rail_hour"}  # fmt: skip
    (answer,) = answers_of(tmp_path, row)
    assert answer == Answer(
        "SHORT", True, 0.8, stop_pct=0.2, target_pct=0.4, reasoning="why, so", model="m", prompt_sha="abc"
    )  # the rails judge it anew


@pytest.mark.parametrize(
    ("row", "entered", "advice", "code"),
    [
        ({"direction": "LONG", "entry_recommended": "NO", "reason_code": "not_recommended"}, False, "keep", "not_recommended"),
        ({"direction": "HOLD", "entry_recommended": "YES", "reason_code": "hold"}, False, "keep", "hold"),
        ({"direction": "HOLD", "entry_recommended": "NO", "reason_code": "exit_advised"}, False, "exit", ""),
        ({"direction": "LONG", "entry_recommended": "YES", "reason_code": "exit_advised"}, True, "exit", ""),
    ],
)  # fmt: skip
def test_what_was_no_entry_is_none_and_advice_to_leave_stays(tmp_path, row, entered, advice, code):
    (answer,) = answers_of(tmp_path, row)
    found = (answer.direction, answer.entry_recommended, answer.exit_advice, answer.reason_code)
    assert found == (row["direction"], entered, advice, code)
    assert answer.confidence == 0.0  # the row has none


def test_distances_of_older_rows_are_had_from_a_fills_prices(tmp_path):
    entry = {"direction": "LONG", "entry_recommended": "YES", "confidence": 0.8}
    levels = {"entry_price": 99.0, "stop_price": 98.851501, "target_price": 99.4}
    rows = [
        levels,
        levels | {"stop_pct": 0.25, "target_pct": 0.5},
        {"stop_price": 98.0, "target_price": 99.0},
        {"entry_price": 99.0},
    ]
    found = answers_of(tmp_path, *(entry | row for row in rows))
    assert [(answer.stop_pct, answer.target_pct) for answer in found] == [
        (0.149999, 0.40404),
        (0.25, 0.5),
        (None, None),
        (None, None),
    ]


def test_answers_are_those_after_the_start_and_up_to_the_end(tmp_path):
    recorded(tmp_path, *({"direction": "HOLD", "reason_code": f"r{minute}"} for minute in range(4)))
    decider = recorded_decider(tmp_path, at(0), at(2))
    given = [decider.decide(SimpleNamespace(at=at(minute)), 1.0).reason_code for minute in range(4)]
    assert given == ["not_recorded", "r1", "r2", "not_recorded"]
    with pytest.raises(MissingDataError, match="no decisions of that time"):
        recorded_decider(tmp_path, at(3), at(60))


def test_how_each_kind_of_decider_is_run():
    deciders = (Script(), RuleDecider(), RecordedDecider({}))
    policies = [policy_of(decider, TradeSettings(valid_for_s=17.0)) for decider in deciders]
    assert [(each.grows, each.reverses, each.listens, each.spacing_us) for each in policies] == [
        (True, False, True, 0),
        (False, True, False, 20 * 60_000_000),
        (True, False, False, 0),
    ]
