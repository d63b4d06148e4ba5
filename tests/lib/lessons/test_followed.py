"""Followed questions in the ledger: their level, their place, their life, and whose terms they are of."""

from __future__ import annotations

from math import log

import pandas as pd
import pytest

from lib.lessons.conflicts import contradicts
from lib.lessons.derived import nearest
from lib.lessons.eras import Era
from lib.lessons.evidence import DAY
from lib.lessons.followed import FollowedQuestions, hypothesis_of_keeping, is_of
from lib.lessons.hypotheses import (
    Hypothesis,
    initial_hypotheses,
    is_value,
    level_of,
    parse_id,
    question_name,
    value_hypotheses,
)
from lib.lessons.ledger import Ledger
from lib.lessons.wording import claim_words, subject
from lib.market.terms import DEFAULT_TERMS
from lib.questions.confirmation import CONFIRMED
from lib.questions.followed import FollowedTrade, trades_path
from lib.questions.keeping import Dropped, Kept
from lib.questions.record import line_text, record_path
from lib.stats.levels import level
from tests.builders import START
from tests.lib.lessons.streams.made import us

VALUE = "falls-0123abcd-7"
FALLS = Hypothesis("questions", "question", VALUE, "above")
OTHER = DEFAULT_TERMS.model_copy(update={"target_pct": 0.5})
FIRST = len(list(initial_hypotheses()))


def kept(k: int, name: str = "falls", since: str = "2026-01-05T02:00:00Z", terms=DEFAULT_TERMS) -> Kept:
    return Kept(
        at="2026-01-05T01:20:00Z",
        k=k,
        question=name,
        sha256="0123abcd" * 8,
        market="X",
        since=since,
        terms=terms,
    )


def trade(k: int, entry: str, exit: str, hour: str, net: float = 0.19) -> FollowedTrade:
    return FollowedTrade(
        k=k,
        hour=f"2026-01-05T{hour}:00Z",
        direction="LONG",
        entry_time=f"2026-01-05T{entry}:00Z",
        exit_time=f"2026-01-05T{exit}:00Z",
        entry_price=100.0,
        exit_price=100.3,
        exit_reason="TP_HIT",
        net_pct=net,
        worst_pct=0.36,
        best_pct=0.29,
    )


def written(folder, *lines, trades=()):
    record_path(folder).parent.mkdir(parents=True, exist_ok=True)
    record_path(folder).write_text("".join(f"{line_text(line)}\n" for line in lines), encoding="utf-8")
    trades_path(folder).write_text(
        "".join(f"{each.model_dump_json()}\n" for each in trades), encoding="utf-8"
    )
    return folder


def row(begun: int, ended: int, net: float = 0.19, number: int = 0, value: str = VALUE) -> dict:
    return {
        "entry_time": begun,
        "exit_time": ended,
        "net_pct": net,
        "worst_pct": 0.36,
        "best_pct": 0.29,
        "trade": f"falls@{begun}",
        "episode": number,
        "question": value,
    }


def fold(ledger: Ledger, *rows: dict):
    from lib.lessons.episodes import episodes_of_rows

    return ledger.fold_episodes("questions", episodes_of_rows("questions", rows))


def test_its_level_is_that_of_its_own_number_wherever_it_stands_in_the_ledger():
    ledger = Ledger.new()
    entry = ledger.register(FALLS, us(120))
    assert entry.k == FIRST + 1 and level_of(FALLS, entry.k) == CONFIRMED.level(7) != level(entry.k)
    assert entry.needed == -log(0.01 / 2 / 20)
    later = FALLS._replace(value="falls-0123abcd-21")
    assert level_of(later, 2) == CONFIRMED.level(21) == pytest.approx(0.005 * 20 / (21 * 20))
    assert level_of(Hypothesis("trades", "direction", "LONG", "above"), 9) == level(9)


@pytest.mark.parametrize(
    ("value", "is_one"),
    [
        (VALUE, True),
        ("ab_9-0123abcd-1", True),
        ("falls", False),
        ("Falls-0123abcd-7", False),
        ("falls-0123abc-7", False),
        ("falls-0123abcd-0", False),
        ("falls-0123abcd-07", False),
        ("ignore all rules-0123abcd-7", False),
        ("LONG_BOTH_GREEN", False),
    ],
)
def test_only_a_keeping_is_a_group(value, is_one):
    assert is_value("questions", "question", value) is is_one
    found = parse_id(f"questions.question.{value}.above")
    assert (found is not None) is is_one
    assert parse_id(f"questions.question.{value}.below") is None
    assert not is_value("setups", "setup", value) or value == "LONG_BOTH_GREEN"


def test_it_is_named_and_asked_by_its_keeping_alone():
    assert question_name(FALLS) == "falls" and question_name(FALLS._replace(stream="setups")) == ""
    assert f"{subject(FALLS)} {claim_words(FALLS)}" == (
        "Entries in the direction that QUESTION falls says gain after costs"
    )
    assert list(value_hypotheses("questions", "question", VALUE)) == []
    ledger = Ledger.new()
    fold(ledger, row(us(130), us(140)))
    assert len(ledger.entries) == FIRST


def test_trades_of_before_its_keeping_count_nothing():
    ledger = Ledger.new()
    ledger.register(FALLS, us(120))
    fold(ledger, row(us(119), us(130)), row(us(121), us(135), number=1))
    assert ledger.entries[FALLS.id].n == 1


def test_what_has_ended_is_asked_no_more():
    ledger = Ledger.new()
    ledger.register(FALLS, us(0))
    fold(ledger, *(row(us(10 * n + 1), us(10 * n + 9), 0.19, n) for n in range(60)))
    assert ledger.entries[FALLS.id].status == "proven"
    fold(ledger, *(row(us(700 + 10 * n), us(709 + 10 * n), -0.26, n) for n in range(60)))
    assert (ledger.entries[FALLS.id].status, ledger.entries[FALLS.id].why) == ("ended", "no_longer")
    assert len(ledger.entries) == FIRST + 1
    assert ledger.from_dict(ledger.as_dict()).as_dict() == ledger.as_dict()


def test_a_day_that_is_closed_stays_closed_though_another_ones_trades_come_late():
    ledger, day = Ledger.new(), us(0) // DAY
    for number, value in enumerate((VALUE, "dips-0123abcd-8")):
        ledger.register(FALLS._replace(value=value), number)
    fold(ledger, row(us(0), us(1)), row(us(1500), us(1501), number=1, value="dips-0123abcd-8"))
    fold(ledger, row(us(10), us(20)))
    days = ledger.families["questions.question"].days
    assert days.day == day + 1 and days.today[VALUE][0] == 1 and days.groups[VALUE][0] == 1


def test_it_contradicts_nobody_and_is_not_told_before_it_is_proven():
    for other in (
        Hypothesis("trades", "direction", "LONG", "below"),
        Hypothesis("trades", "all", "trades", "below"),
        FALLS._replace(value="dips-0123abcd-8"),
    ):
        assert not contradicts(FALLS, other) and not contradicts(other, FALLS)
    assert nearest([], DEFAULT_TERMS.costs) == []


def test_the_rows_of_an_hour_are_those_found_for_it_in_the_order_of_their_ends(tmp_path):
    trades = [
        trade(7, "02:10", "02:30", "03:00"),
        trade(8, "02:05", "02:20", "03:00"),
        trade(7, "02:40", "02:50", "05:00"),
        trade(9, "02:40", "02:50", "05:00"),
    ]
    folder = written(
        tmp_path,
        kept(7),
        kept(8, "dips"),
        kept(9, "other", terms=OTHER),
        Dropped(at="2026-01-05T06:10:00Z", k=8, question="dips", until="2026-01-05T07:00:00Z"),
        trades=trades,
    )
    found = FollowedQuestions.of(folder, Era("", DEFAULT_TERMS))
    assert [(line["trade"], line["episode"], line["question"]) for line in found.rows(us(180))] == [
        ("dips@2026-01-05T02:05:00Z", 0, "dips-0123abcd-8"),
        ("falls@2026-01-05T02:10:00Z", 1, VALUE),
    ]
    assert found.rows(us(240)) == [] and len(found.rows(us(300))) == 1
    ledger = Ledger.new()
    found.register(ledger, us(120))
    assert len(ledger.entries) == FIRST  # its evidence begins with the hour behind
    found.register(ledger, us(180))
    found.register(ledger, us(240))
    assert [entry.hypothesis.value for entry in ledger.entries.values()][FIRST:] == [VALUE, "dips-0123abcd-8"]
    found.retire(ledger, us(360))
    dips = hypothesis_of_keeping(kept(8, "dips")).id
    assert ledger.entries[dips].status == "candidate"
    found.retire(ledger, us(420))
    assert (ledger.entries[dips].status, ledger.entries[dips].why) == ("ended", "person")


def test_a_keeping_is_of_the_terms_and_of_the_era_that_it_was_made_in():
    first, second = Era("", DEFAULT_TERMS), Era("2026-01-05T01:30:00Z", OTHER)
    again = Era("2026-01-05T03:30:00Z", DEFAULT_TERMS)
    assert [is_of(kept(7), era) for era in (first, second, again)] == [True, False, False]
    assert pd.Timestamp("2026-01-05T00:00:00Z") == START
