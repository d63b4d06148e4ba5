"""Hand-made scored answers, taken in hour by hour; times in minutes after START."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace

import numpy as np

from lib.analysis.answers import Answer, count_for
from lib.lessons.hypotheses import FAMILIES
from lib.lessons.streams.answers import answers_of_hour
from lib.lessons.streams.models import Carry
from lib.market.exits import ExitRule
from lib.market.terms import DEFAULT_TERMS, declared_bounds
from tests.lib.lessons.streams.made import us

GROUPS = ("all", "direction", "band", "from_70", "from_75")


def answer(entry: float, end: float | None, **more: object) -> dict[str, object]:
    """A LONG at .80, answered a tenth of a minute before its entry, that made its entry minute in thousandths of a percent."""
    row = {
        "decision_id": f"{entry:g}",
        "answered_at": us(entry - 0.1),
        "direction": "LONG",
        "confidence": 0.8,
        "executed": False,
        "entry_time": us(entry),
        "entry_price": 100.0,
        "stop_pct": 0.15,
        "target_pct": 0.3,
        "own_distances": True,
        "exit_time": None if end is None else us(end),
        "exit_price": np.nan if end is None else 100.0,
        "exit_reason": "" if end is None else "TP_HIT",
        "net_pct": np.nan if end is None else entry / 1000,
        "unscored": "",
        "state_5min": "all_green",
        "state_15min": "all_green",
    }
    return row | more


def known(rows: list[dict[str, object]], until: float) -> list[Answer]:
    """What is known of the answers at a minute: later ones are not there, later ends are open."""
    return [_known(row, us(until)) for row in rows if row["answered_at"] <= us(until)]


def _known(row: dict[str, object], until: int) -> Answer:
    if (row["entry_time"] or 0) > until:
        row = row | {"entry_time": None}
    if (row["exit_time"] or 0) > until:
        row = row | {"exit_time": None, "net_pct": np.nan, "exit_price": np.nan}
    return Answer(**row)


def seen(answers: list[Answer], hour: float, judged: float = 45) -> SimpleNamespace:
    """The window of the hour that ends with a minute, whose last 5-minute close is so much later."""
    path = SimpleNamespace(bar_closes_at=np.array([us(hour + judged)]))
    return SimpleNamespace(
        hour=us(hour),
        path=path,
        terms=DEFAULT_TERMS,
        answers=lambda after, names: answers,
        group_words=described,
    )


def described(entered):
    nothing = {family: "" for families in FAMILIES.values() for family in families}
    return [
        nothing
        | {"all": "trades", "direction": found.direction, "band": "medium"}
        | answers_reached(found.words["confidence"])
        for found in entered
    ]


def hours(rows, count, carry=None, judged=45):
    """Takes rows in over so many hours; gives what was handed out in each, as (id, groups), and the last carry.

    Candles reach `judged` minutes beyond each hour: a hold, so that whatever has ended is handed out, unless a test says less.
    """
    carry, found = carry or Carry(), []
    for hour in range(1, count + 1):
        settled = carry.track("answers").settled_until
        settled = us(60 * (hour - 1)) if settled is None else settled
        taken = answers_of_hour(seen(known(rows, 60 * hour), 60 * hour, judged), carry, settled)
        carry = Carry(tracks={"answers": taken.track}, open_answers=taken.waiting)
        carry = Carry.model_validate_json(carry.model_dump_json())
        found.append([(one.trade, [name for name in GROUPS if one.words[name]]) for one in taken.finished])
    return found, carry


def answers_reached(confidence):
    return {"from_70": "up" if confidence >= 0.7 else "", "from_75": "up" if confidence >= 0.75 else ""}


def test_an_answer_counts_where_no_counted_one_of_its_group_is_open():
    # The second is open while the first is, so it counts in no group that both have; a third at the instant of the first one's end counts.
    rows = [answer(5, 30), answer(10, 40, direction="SHORT", confidence=0.7), answer(30, 50)]
    found, carry = hours(rows, 1)
    assert found == [[("5", list(GROUPS)), ("10", ["direction"]), ("30", list(GROUPS))]]
    assert carry.open_answers == {} and carry.track("answers").handed_out == 3


def test_one_that_does_not_count_blocks_nothing():
    # 12 does not count among all, so its end at 55 does not keep 35 from it.
    found, carry = hours([answer(5, 30), answer(12, 55), answer(35, 50)], 1)
    assert found == [[("5", list(GROUPS)), ("35", list(GROUPS))]]
    assert carry.track("answers").left_out == {"overlapping": 1}


def test_the_groups_of_one_that_is_open_are_carried_over_the_hour():
    rows = [
        answer(50, 75),
        answer(55, 90, direction="SHORT"),
        answer(70, 80),
        answer(75, 100),
        answer(95, 110),
    ]
    found, carry = hours(rows, 2)
    # 55 counts as a SHORT alone; 70 is under 50; 75 comes when 50 has ended; 95 is under 75.
    assert found == [[], [("50", list(GROUPS)), ("55", ["direction"]), ("75", list(GROUPS))]]
    assert carry.track("answers").left_out == {"overlapping": 2}
    _, between = hours(rows, 1)
    assert between.open_answers["50"].groups["direction"] == "LONG"
    assert between.open_answers["55"].groups == {"direction": "SHORT"}


def test_they_are_handed_out_in_the_order_of_their_ends_with_what_was_declared():
    rows = [answer(5, 58, stop_pct=0.2, target_pct=0.5), answer(10, 20, direction="SHORT"), answer(11, 58)]
    assert [name for name, _ in hours(rows, 1)[0][0]] == ["10", "5"]
    taken = answers_of_hour(seen(known(rows, 60), 60), Carry(), us(0)).finished
    own = declared_bounds(ExitRule(0.5, 0.2), DEFAULT_TERMS.costs)
    assert [(one.worst_pct, one.best_pct) for one in taken][1] == own
    assert [one.net_pct for one in taken] == [0.01, 0.005] and taken[0].words["all"] == ""


def test_one_that_cannot_be_scored_neither_counts_nor_blocks():
    rows = [
        answer(5, None, unscored="gap"),
        answer(10, 20),
        answer(25, None, unscored="no_sample", entry_time=None),
    ]
    found, carry = hours(rows, 1)
    assert found == [[("10", list(GROUPS))]]
    assert carry.track("answers").left_out == {"gap": 1, "no_sample": 1}


def test_one_that_ended_waits_until_no_gap_can_void_it_and_keeps_nobody_away_meanwhile():
    rows = [answer(10, 14), answer(20, 25), answer(55, 70)]
    found, carry = hours(rows, 2, judged=0)
    # At 60 only the hold of 10 (to 55) is past; 20 had ended by then, so 55 counts though 20 waits still.
    assert found == [[("10", list(GROUPS))], [("20", list(GROUPS)), ("55", list(GROUPS))]]
    assert carry.open_answers == {} and carry.track("answers").left_out == {}


def test_one_whose_gap_is_seen_later_is_let_go():
    rows = [answer(50, 80)]
    _, carry = hours(rows, 1)
    later = known([answer(50, None, unscored="gap"), answer(70, 90)], 120)
    taken = answers_of_hour(seen(later, 120), carry, us(60))
    assert [one.trade for one in taken.finished] == ["70"] and taken.waiting == {}
    assert taken.track.left_out == {"gap": 1}


def test_one_that_never_ends_is_abandoned_after_a_day():
    _, carry = hours([answer(50, None)], 24)
    assert list(carry.open_answers) == ["50"]
    found, carry = hours([answer(50, None), answer(1400, 1410), answer(1450, 1460)], 25)
    # In the hour in which a day has gone by its groups are free again.
    assert found[-2:] == [[], [("1450", list(GROUPS))]] and carry.open_answers == {}
    assert carry.track("answers").left_out == {"abandoned": 1, "overlapping": 1}


def test_an_answer_without_a_sample_after_it_waits_for_the_next_hour():
    rows = [answer(60.05, 70)]
    found, _ = hours(rows, 2)
    assert found == [[], [("60.05", list(GROUPS))]]


def test_what_was_entered_before_the_era_is_not_taken_in():
    found, _ = hours([answer(5, 20), answer(30, 40)], 1, Carry.begun(us(10)))
    assert found == [[("30", list(GROUPS))]]


def test_each_counted_one_of_a_group_is_apart_from_the_others():
    random = np.random.default_rng(3)
    entries = np.sort(random.integers(0, 5000, size=400)).tolist()
    taken, spans = {}, {}
    for entry in entries:
        end = entry + int(random.integers(1, 45))
        groups = {"band": str(random.choice(["high", "low", ""])), "all": "answers"}
        for group in count_for(groups, entry, end, taken).items():
            spans.setdefault(group, []).append((entry, end))
    assert set(spans) == {("band", "high"), ("band", "low"), ("all", "answers")}
    for found in spans.values():
        assert all(end <= later for (_, end), (later, _) in pairwise(found))
        assert len(found) > 50
