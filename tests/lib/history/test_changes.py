from __future__ import annotations

from lib.history.changes import changes_since
from tests.lib.history.test_log import FIRST, SECOND, cycle


def test_the_first_cycle_has_nothing_to_compare_with():
    assert cycle(FIRST, [0.1], [0.1], []).key_improvements == [
        "First cycle of this history: nothing to compare with yet."
    ]


def test_what_changed_in_numbers_with_n():
    one = cycle(FIRST, [0.2, -0.1, -0.1, -0.1, -0.1], [], [])
    two = cycle(SECOND, [0.2, 0.2, 0.2, -0.1, -0.1], [0.2], [one])
    assert two.key_improvements == [
        "Closed since the cycle before (2025-10-19 14:00Z): n=1, 100.0 % [20.7 to 100.0] won, net +$2.00.",
        "Win rate of the window: 60.0 % [23.1 to 88.2] (n=5) after 20.0 % [3.6 to 62.4] (n=5); "
        "the intervals meet, so no change is shown.",
        "Net P&L of the window: +$4.00 (n=5) after -$2.00 (n=5).",
        "Scalper score: 100.0 A+ after 59.0 D.",
    ]


def test_win_rates_far_apart_are_told_as_such():
    one = cycle(FIRST, [-0.1] * 30, [], [])
    two = cycle(SECOND, [0.1] * 30, [], [one])
    assert "the intervals do not meet" in two.key_improvements[1]
    assert two.key_improvements[0] == "No trade closed since the cycle before (2025-10-19 14:00Z)."


def test_regime_and_sections():
    one = cycle(FIRST, [0.1], [], [])
    two = one.model_copy(
        update={"regime": "a page's text", "window": None, "since_last": None}
        | {"sections": one.sections | {"regime_analysis": "failed"}}
    )
    assert changes_since(two, one) == [
        "Trades since the cycle before: not analyzed.",
        "Regime: UNKNOWN after RANGING_QUIET.",
        "Section regime_analysis: failed after ok.",
    ]


def test_other_data_is_not_compared():
    one = cycle(FIRST, [0.1], [], [])
    assert changes_since(one.model_copy(update={"decisions": "rules"}), one) == [
        "Not compared with the cycle before: it rests on another kind of data."
    ]


def test_lessons_that_came_and_went():
    one = cycle(FIRST, [0.1], [0.1], [])
    two = cycle(SECOND, [0.1], [], [one])
    assert not any("Lessons" in text for text in changes_since(two, one))
    counts = two.evidence.model_copy(update={"hypotheses": 88, "act_on": 2, "proven": 2})
    more = two.model_copy(update={"evidence": counts})
    assert (
        "Lessons: 2 to act on of 2 proven, after 0 to act on of 0 proven; 88 hypotheses asked."
        in changes_since(more, one)
    )
    assert (
        "Lessons: 0 to act on of 0 proven, after 2 to act on of 2 proven; 0 hypotheses asked."
        in changes_since(two, more.model_copy(update={"window": None}))
    )
    small = two.model_copy(update={"evidence": counts.model_copy(update={"proven": 3})})
    told = "Lessons: 2 to act on of 3 proven, after 2 to act on of 2 proven; 88 hypotheses asked."
    assert told in changes_since(small, more)
    old = more.model_copy(update={"evidence": counts.model_copy(update={"act_on": None})})
    assert "Lessons: 3 proven, after 2; 88 hypotheses asked." in changes_since(small, old)
    assert not any("Lessons" in text for text in changes_since(more, old))
    assert not any(
        "Lessons" in text for text in changes_since(more, one.model_copy(update={"evidence": None}))
    )
