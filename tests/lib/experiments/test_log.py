"""The log: what may follow what, and what a line that cannot is refused with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lib.errors import DataError
from lib.experiments.arm import OTHER
from lib.experiments.log import ExperimentLog, read_log
from lib.experiments.rows import (
    BlockEnded,
    Released,
    Row,
    ShadowLeftOut,
    Stop,
    VerdictFound,
    read_row,
    row_text,
)
from tests.lib.experiments.made import START, add_block, answered, begin, begun, definition, minute

FILE = Path("experiments.jsonl")


def story() -> list[Row]:
    """Every kind of row, in an order that can be."""
    log = begun(paired=True)
    rows: list[Row] = [log.experiments[0].begin]
    draw = log.next_draw(minute(1))
    rows.append(draw)
    rows.append(answered(draw, draw.at, code="hold", direction="HOLD"))
    rows.append(answered(draw, draw.at, executed=False, code="timeout", direction="HOLD"))
    rows.append(answered(draw, minute(11)))
    rows.append(ShadowLeftOut(at=minute(11), experiment="e1", block=1, arm=OTHER[draw.arm], why="cap"))
    rows.append(
        BlockEnded(
            at=minute(30),
            experiment="e1",
            block=1,
            why="closed",
            trades=1,
            net_pct=-0.26,
            stop_pct=0.15,
            target_pct=0.3,
        )
    )
    rows.append(
        VerdictFound(
            at=minute(60), experiment="e1", verdict="harms", blocks=1, difference_pct=-0.2, log_e=3.7
        )
    )
    rows.append(Stop(at=minute(60), experiment="e1", why="harms", detail="proven"))
    rows.append(Released(at=minute(90), experiment="e1"))
    rows.append(begin(definition(id="e2", started=minute(91)), minute(91)))
    return rows


def test_every_row_reads_back_as_it_was_written():
    rows = story()
    assert [read_row(row_text(row)) for row in rows] == rows
    log = read_log([row_text(row) for row in rows], FILE)
    first = log.experiments[0]
    assert (first.verdict, first.stop, first.released) == (rows[7], rows[8], rows[9])
    assert len(first.answers[1]) == 3 and len(first.left_out[1]) == 1
    assert log.current is log.experiments[1] and log.next_id() == "e3"


@pytest.mark.parametrize("missing", [0, 1, 2, 4, 6, 7, 8, 9])
def test_a_row_that_others_rest_on_cannot_be_missing(missing):
    lines = [row_text(row) for place, row in enumerate(story()) if place != missing]
    with pytest.raises(DataError, match="line"):
        read_log(lines, FILE)


@pytest.mark.parametrize("twice", range(len(story())))
def test_no_row_stands_there_twice(twice):
    lines = [row_text(row) for row in story()]
    lines.insert(twice, lines[twice])
    with pytest.raises(DataError) as refused:
        read_log(lines, FILE)
    assert refused.value.line == twice + 2


def test_an_arm_that_somebody_changed_is_seen():
    rows = story()
    draw = rows[1]
    forged = draw.model_copy(update={"arm": OTHER[draw.arm]})
    with pytest.raises(DataError, match=rf"line 2.*seed and number draw arm {draw.arm}"):
        read_log([row_text(rows[0]), row_text(forged)], FILE)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "Invalid JSON"),
        ('{"kind": "draw"', "Invalid JSON"),
        ("[]", "dictionary|object"),
        ('{"kind": "dream", "at": 1, "experiment": "e1"}', "dream"),
        ('{"kind": "stop", "at": "1", "experiment": "e1", "why": "person"}', "stop.at"),
        ('{"kind": "stop", "at": 1, "experiment": "e1", "why": "person", "who": "me"}', "Extra inputs"),
        (
            '{"kind": "stop", "at": 1, "experiment": "e9", "why": "person"}',
            "not the experiment that was begun last",
        ),
        ('{"kind": "release", "at": 1, "experiment": "e1"}', "nothing to release"),
    ],
)
def test_a_line_that_is_none_is_shown_with_its_place_and_the_remedy(line, said):
    with pytest.raises(DataError, match=said) as refused:
        read_log([row_text(story()[0]), line], FILE)
    text = str(refused.value)
    assert (
        text.startswith("experiments.jsonl, line 2: ") and f"«{line}»" in text and "Put the file back" in text
    )


def test_a_long_line_is_shown_in_part():
    with pytest.raises(DataError) as refused:
        read_log(["x" * 5_000], FILE)
    assert len(str(refused.value)) < 500


def test_one_experiment_runs_at_a_time():
    log = begun()
    assert "is running" in log.why_not(begin(definition(id="e2")))
    log.accept(Stop(at=minute(1), experiment="e1", why="person"))
    assert log.current is None and log.why_not(begin(definition(id="e2"))) == ""
    assert "not called e2" in log.why_not(begin(definition(id="e3")))
    with pytest.raises(ValueError, match="no experiment is running"):
        log.next_draw(minute(2))


def test_hashes_that_are_not_those_of_the_arms_are_refused():
    row = begin(definition()).model_copy(update={"a_sha256": "0" * 64})
    assert "hashes" in ExperimentLog().why_not(row)


def test_harm_holds_until_a_person_releases_it():
    log = begun()
    add_block(log, minute(1), -0.26)
    log.accept(
        VerdictFound(
            at=minute(60), experiment="e1", verdict="harms", blocks=1, difference_pct=-0.2, log_e=4.0
        )
    )
    assert log.rolled_back is log.experiments[0] and log.current is not None
    log.accept(Stop(at=minute(60), experiment="e1", why="harms"))
    assert "nobody has released it" in log.why_not(begin(definition(id="e2")))
    log.accept(Released(at=minute(70), experiment="e1"))
    assert log.rolled_back is None and log.why_not(begin(definition(id="e2"))) == ""


def test_help_leaves_a_holdout_of_a_tenth():
    log = begun()
    add_block(log, minute(1), 0.19)
    assert log.next_draw(minute(61)).probability == 0.5
    log.accept(
        VerdictFound(at=minute(60), experiment="e1", verdict="helps", blocks=1, difference_pct=0.2, log_e=4.0)
    )
    assert log.next_draw(minute(61)).probability == 0.9 and log.rolled_back is None


def test_a_block_open_at_a_stop_still_ends_and_none_begins_before():
    log = begun()
    draw = log.next_draw(minute(1))
    log.accept(draw)
    log.accept(Stop(at=minute(5), experiment="e1", why="arm_changed"))
    assert "has not ended" in log.why_not(begin(definition(id="e2")))
    log.accept(BlockEnded(at=minute(5), experiment="e1", block=1, why="stopped", trades=0, net_pct=0.0))
    assert log.why_not(begin(definition(id="e2"))) == ""


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"why": "closed"}, "closed with 0 trades"),
        ({"trades": 1, "net_pct": 0.1}, "hold with 1 trades"),
        ({"net_pct": 0.1}, "without a trade"),
        ({"block": 2}, "block 2 is not open"),
        ({"at": START}, "before its block began"),
        ({"why": "stopped"}, "was not stopped"),
    ],
)
def test_a_block_cannot_end_otherwise(changes, said):
    log = begun()
    log.accept(log.next_draw(minute(1)))
    given = {"at": minute(46), "experiment": "e1", "block": 1, "why": "hold", "trades": 0, "net_pct": 0.0}
    assert log.why_not(BlockEnded(**given)) == ""
    assert said in log.why_not(BlockEnded(**(given | changes)))


def test_a_shadow_comes_once_after_the_executed_answer_of_its_tick():
    log = begun(paired=True)
    draw = log.next_draw(minute(1))
    log.accept(draw)
    shadow = answered(draw, draw.at, executed=False)
    assert "after the executed answer" in log.why_not(shadow)
    log.accept(answered(draw, draw.at, code="hold", direction="HOLD"))
    wrong_arm = shadow.model_copy(update={"arm": draw.arm})
    assert f"executes arm {draw.arm}" in log.why_not(wrong_arm)
    log.accept(shadow)
    left_out = ShadowLeftOut(at=draw.at, experiment="e1", block=1, arm=OTHER[draw.arm], why="busy")
    assert "is there" in log.why_not(left_out) and "is there" in log.why_not(shadow)
    assert log.experiments[0].has_entry()


def test_lines_are_plain_json():
    assert {json.loads(row_text(row))["kind"] for row in story()} == {
        "begin", "draw", "answer", "left_out", "end", "verdict", "stop", "release",
    }  # fmt: skip
