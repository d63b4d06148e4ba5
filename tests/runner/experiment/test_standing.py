"""Where an experiment stands, on the page to watch and in status; and what keeps one from running."""

from __future__ import annotations

import pandas as pd

from lib.lessons.choices import CHOICES_FILE
from lib.lessons.hypotheses import parse_id
from lib.prompt.archive import archive_text
from lib.prompt.hold import add_hold
from runner.claude.example import example_view
from runner.claude.settings import ClaudeSettings
from runner.config import Config
from runner.experiment.armed import decider_in_force
from runner.experiment.condition import cannot_run
from runner.experiment.report import standing
from runner.lookahead.folder import copy_learning
from runner.serve.page import parts_of
from runner.serve.view import Viewer
from runner.status.status import status
from runner.trade.deciders import RuleDecider
from runner.trade.settings import RailSettings, TradeSettings
from runner.why.models import Why
from runner.why.read import read_why
from runner.why.words import why_lines
from tests.runner.experiment.made import SHORT, begun, chosen, experiment_loop, rows_of, tick
from tests.runner.experiment.test_experimenter import harmful
from tests.runner.trade.made import Script


def test_nothing_is_said_where_none_was_begun(tmp_path):
    assert standing(tmp_path, 1) is None
    assert status(tmp_path, TradeSettings(), 1_767_571_200_000_000)["experiment"] is None


def test_status_and_page_say_where_it_stands_and_that_an_arm_was_gone_back_to(tmp_path):
    begun(tmp_path)
    with experiment_loop(tmp_path) as made:
        for _ in range(9):
            tick(made)
        now = made.loop.clock.now_us()
        found = status(tmp_path, TradeSettings(), now)["experiment"]
        assert (found["id"], found["running"], found["verdict"], found["block"]) == ("e1", True, "not_yet", 2)
        viewer = Viewer(tmp_path, tmp_path / "outputs", TradeSettings(), ClaudeSettings(api_key=""), SHORT)
        parts = parts_of(viewer.look(now))
        assert "Experiment e1: not yet." in parts["answer"]
        assert "Experiment e1, lessons against no lessons: not yet" in parts["lessons"]
        assert "Controlled test" in parts["lessons"]
        assert f"Block 2 is {found['arm']}" in parts["lessons"]
        assert "Gone back" not in parts["notes"]
        harmful(tmp_path, now)
        parts = parts_of(viewer.look(now))
        assert "Gone back." in parts["notes"]
        assert "experiment e1 proved that lessons harms" in parts["notes"]
        assert "<code>ribbon experiment release</code>" in parts["notes"]
        assert "Experiment e1: it harms, and was gone back from." in parts["answer"]
        assert "UTC the loop has gone back to no lessons" in parts["lessons"]


def test_a_log_that_cannot_be_read_is_a_fault_of_its_part_alone(tmp_path):
    (tmp_path / "experiments.jsonl").write_text("{}\n")
    found = status(tmp_path, TradeSettings(), 1_767_571_200_000_000)
    assert found["experiment"] is None
    assert any("experiments.jsonl, line 1" in fault for fault in found["faults"])


def test_a_loop_of_rules_begins_no_block_of_claude(tmp_path):
    begun(tmp_path)
    rows = rows_of(tmp_path)
    assert "this loop is run by the rules" in cannot_run(rows, RuleDecider())
    assert cannot_run(rows, Script()) == ""


def test_a_loop_of_claude_begins_no_block_of_rules_alone(tmp_path):
    begun(tmp_path, chosen(a={"decider": "rules"}, b={"decider": "rules"}))
    rows = rows_of(tmp_path)
    assert "this loop is run by Claude" in cannot_run(rows, Script())
    assert cannot_run(rows, RuleDecider()) == ""


def test_a_held_prompt_ends_an_experiment_about_one_lesson(tmp_path):
    lesson = "trades.all.trades.above"
    assert parse_id(lesson) is not None
    made = chosen(lesson=lesson)
    begun(tmp_path, made)
    with experiment_loop(tmp_path, made=made) as loop:
        tick(loop)
        assert rows_of(tmp_path).open_block is not None
        held = archive_text(tmp_path, "held\n")
        (tmp_path / CHOICES_FILE).touch()
        add_hold(tmp_path, held, "2026-01-05T00:00:00Z", None)
        for _ in range(7):
            tick(loop)
    rows = rows_of(tmp_path)
    assert (rows.stop.why, rows.stop.detail) == (
        "arm_changed",
        "a person holds a prompt, and no lesson can be left out of it",
    )
    assert len(rows.draws) == 1


def test_why_names_the_arm_that_was_asked(tmp_path):
    begun(tmp_path)
    with experiment_loop(tmp_path) as made:
        for _ in range(9):
            tick(made)
    rows = rows_of(tmp_path)
    by_block = {draw.block: rows.definition.arm(draw.arm).name for draw in rows.draws}
    executed = [each for answers in rows.answers.values() for each in answers if each.executed]
    told = [read_why(tmp_path, RailSettings(), SHORT, each.decision_id).record for each in executed]
    assert len(told) >= 2 and not any(record.faults for record in told)
    for record, answer in zip(told, executed, strict=True):
        assert record.arm_words == (
            f"{by_block[answer.block]}: arm {answer.arm} of experiment e1, drawn for block {answer.block}"
        )
    assert f"experiment        {told[0].arm_words}" in "\n".join(why_lines(Why(told[0], None)))


def test_a_check_for_look_ahead_finds_the_log_as_it_was(tmp_path):
    begun(tmp_path)
    with experiment_loop(tmp_path) as made:
        for _ in range(9):
            tick(made)
    then = pd.Timestamp(rows_of(tmp_path).draws[0].at, unit="us", tz="UTC")
    target = tmp_path / "as_it_was"
    target.mkdir()
    copy_learning(tmp_path, target, then)
    assert (len(rows_of(tmp_path).draws), len(rows_of(target).draws)) == (2, 1)
    assert not rows_of(target).ends


def test_what_would_be_asked_now_is_what_was_gone_back_to(tmp_path):
    begun(tmp_path)
    sections = {"claude": ClaudeSettings(api_key=""), "experiment": chosen(), "terms": SHORT}
    config = Config(tmp_path / "none", sections, {})
    base = Script()
    assert decider_in_force(base, config, tmp_path) is base
    with experiment_loop(tmp_path) as made:
        for _ in range(9):
            tick(made)
        harmful(tmp_path, made.loop.clock.now_us())
    found = decider_in_force(base, config, tmp_path).dry_run(example_view())
    assert list(found.parts) == ["rules", "tick"] or not any("lessons" in part for part in found.parts)
    assert any("experiment e1 proved that lessons harms" in note for note in found.notes)
