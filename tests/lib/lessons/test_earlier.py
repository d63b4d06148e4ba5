"""Files of earlier versions: what they said of lessons is read in today's words, and nothing is claimed that they did not know."""

from __future__ import annotations

import json

import pytest

from lib.contract.schema import HISTORY_FILE, INSIGHTS_FILE, PROMPT_FILE
from lib.draw.lessons import LessonGroups
from lib.history.changes import changes_since
from lib.history.log import load_history
from lib.history.report import text_report
from lib.lessons import earlier
from lib.lessons.derived import to_act_on
from lib.lessons.lesson import EvidenceCounts, Lesson
from lib.prompt.addition import compose_prompt
from lib.prompt.difference import (
    LessonChange,
    lesson_changes,
    lesson_states,
    read_states,
)
from lib.published.insights import compile_insights
from lib.published.pair import load_insights, publish, read_prompt
from tests.lib.contract.made import all_published
from tests.lib.history.test_log import FIRST, SECOND, cycle
from tests.lib.lessons.made_lessons import candidate, lesson, lessons

LONG = "trades.direction.LONG.above"


def old_lesson(id_: str, status: str, why: str, withheld: str = "", **more) -> dict:
    """A lesson as the version before wrote it."""
    made = lesson(id_, statement="as it was", **more).model_dump(mode="json")
    del made["large_since"], made["consequence"]
    return made | {"status": status, "why": why, "withheld": withheld}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (("active", "evidence", ""), ("proven", "evidence", "act_on", "")),
        (("active", "size", ""), ("proven", "evidence", "act_on", "")),
        (("active", "evidence", "costs"), ("proven", "evidence", "restates_costs", "")),
        (("active", "evidence", "vetoed"), ("proven", "evidence", "withheld", "veto")),
        (("active", "evidence", "conflict"), ("proven", "evidence", "withheld", "contradiction")),
        (("supported", "evidence", "small"), ("proven", "evidence", "too_small", "")),
        (("supported", "evidence", "costs"), ("proven", "evidence", "restates_costs", "")),
        (("candidate", "registered", ""), ("candidate", "registered", "", "")),
        (("retired", "no_longer", ""), ("ended", "no_longer", "", "")),
        (("retired", "person", ""), ("ended", "person", "", "")),
        (("expired", "too_few", ""), ("ended", "expired", "", "")),
        (("shelved", "in_vain", ""), ("ended", "shelved", "", "")),
    ],
)
def test_a_lesson_of_before(old, new):
    found = Lesson.model_validate(old_lesson(LONG, *old))
    assert (found.status, found.why, found.consequence, found.withheld) == new
    assert found.large_since == (found.since if old[0] == "active" else None)
    assert [one.id for one in to_act_on([found])] == ([LONG] if new[2] == "act_on" else [])
    assert Lesson.model_validate(found.model_dump(mode="json")) == found


@pytest.mark.parametrize(
    ("supported", "active", "proven", "act_on"), [(1, 12, 13, None), (3, 0, 3, 0), (0, 0, 0, 0)]
)
def test_how_many_were_to_be_acted_on_is_known_only_where_none_was_active(supported, active, proven, act_on):
    today = lessons().summary.model_dump()
    old = {name: value for name, value in today.items() if name not in ("proven", "act_on")}
    found = EvidenceCounts.read(old | {"supported": supported, "active": active})
    assert (found.proven, found.act_on, found.candidates) == (proven, act_on, 138)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("active", "proven, act on"),
        ("active, pinned, costs only", "proven, restates costs, pinned"),
        ("active, pinned, vetoed", "proven, withheld by veto, pinned"),
        ("active, in conflict", "proven, withheld by contradiction"),
        ("supported, too small", "proven, too small"),
        ("candidate, pinned, vetoed", "candidate, pinned, vetoed"),
        ("retired", "ended"),
        ("expired", "ended, expired"),
        ("shelved, vetoed", "ended, shelved, vetoed"),
        ("", ""),
    ],
)
def test_a_state_of_before(old, new):
    assert earlier.state(old) == new == earlier.state(new)
    assert read_states(json.dumps({LONG: [old, "0a"]})) == {LONG: (new, "0a")}
    assert LessonChange(id=LONG, before=old, after=old).after == new


def test_the_states_of_before_are_those_of_today():
    """So that the first cycle of this version does not call every lesson changed."""
    found = [
        lesson(LONG),
        lesson("trades.wick.present.above", consequence="restates_costs", pinned=True),
        lesson("trades.wick.absent.above", consequence="withheld", withheld="veto", vetoed=True),
        lesson("trades.band.low.above", large_since=None, consequence="too_small"),
        lesson("trades.band.high.above", status="ended", why="expired"),
        candidate(),
    ]
    then = [
        "active",
        "active, pinned, costs only",
        "active, vetoed",
        "supported, too small",
        "expired",
        "candidate",
    ]
    states = lesson_states({"lessons": [one.model_dump(mode="json") for one in found]})
    kept = {id_: [old, words] for (id_, (_, words)), old in zip(states.items(), then, strict=True)}
    assert lesson_changes(read_states(json.dumps(kept)), states) == []


def old_insights(as_of: str) -> dict:
    insights = compile_insights(all_published(as_of), None, as_of, lessons(lesson(LONG)))
    insights["lessons"] = [
        old_lesson(LONG, "active", "size", "costs"),
        old_lesson("trades.wick.present.beats", "candidate", "registered"),
    ]
    del insights["evidence"]["proven"], insights["evidence"]["act_on"]
    insights["evidence"] |= {"supported": 0, "active": 1}
    return insights


def test_insights_of_before_are_still_told_and_stand_in_where_an_analysis_fails(tmp_path):
    old = old_insights(FIRST)
    (tmp_path / INSIGHTS_FILE).write_text(json.dumps(old))
    prompt = compose_prompt(compile_insights(all_published(FIRST), None, FIRST, lessons(lesson(LONG))))
    (tmp_path / PROMPT_FILE).write_text(prompt)
    assert read_prompt(tmp_path).text == prompt
    found = load_insights(tmp_path)
    assert (found["evidence"]["proven"], found["evidence"]["act_on"]) == (1, None)
    groups = {group.name: len(group.lines) for group in LessonGroups(old).groups}
    assert groups["Proven losers that are no advice"] == groups["Nearest to proof, not to be acted on"] == 1
    results = all_published(SECOND) | {"smart_backtest": None}
    insights = compile_insights(results, old, SECOND, lessons())
    assert insights["sections"]["realistic_backtest"] == "stale"
    assert insights["realistic_backtest"] == old["realistic_backtest"]
    publish(tmp_path, insights, compose_prompt(insights))
    assert load_insights(tmp_path)["evidence"]["act_on"] == 0


@pytest.mark.parametrize(
    "broken", [{"status": ["active"]}, {"status": None}, {"status": "active", "withheld": []}]
)
def test_insights_of_before_that_are_broken_are_none_and_no_crash(tmp_path, broken):
    old = old_insights(FIRST)
    old["lessons"][0] |= broken
    (tmp_path / INSIGHTS_FILE).write_text(json.dumps(old))
    found = load_insights(tmp_path)
    assert found is None or "withheld" in broken
    old["evidence"] |= {"supported": None}
    (tmp_path / INSIGHTS_FILE).write_text(json.dumps(old))
    assert load_insights(tmp_path) is None


def test_records_of_before_are_in_the_history_with_what_they_knew(tmp_path):
    one = cycle(FIRST, [0.1], [0.1], [])
    two = cycle(SECOND, [0.1], [0.2], [one])
    old = one.model_dump(mode="json")
    del old["evidence"]["proven"], old["evidence"]["act_on"]
    old["evidence"] |= {"supported": 1, "active": 12}
    new = two.model_dump(mode="json")
    new["evidence"] |= {"proven": 14, "act_on": 0}
    lines = "".join(json.dumps(record) + "\n" for record in (old, new))
    (tmp_path / HISTORY_FILE).write_text(lines)
    history = load_history(tmp_path)
    assert history.set_aside == [] and [line + "\n" for line in history.lines] == lines.splitlines(True)
    before, now = history.records
    assert (before.evidence.proven, before.evidence.act_on) == (13, None)
    report = text_report(history.records)
    assert "? of 13" in report and "0 of 14" in report
    assert "Lessons: 14 proven, after 13; 0 hypotheses asked." in changes_since(now, before)
