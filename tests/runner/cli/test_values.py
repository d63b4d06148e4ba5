from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from lib.contract.schema import INSIGHTS_FILE
from runner.cli.values import cycle_names, decision_ids, lesson_ids, one_of, prompt_hashes
from tests.runner.why.made import decide


def asked(folder: Path, **more: object) -> SimpleNamespace:
    return SimpleNamespace(params={"trading_data": folder} | more)


def test_decisions_are_the_newest_first_whatever_stands_in_their_texts(tmp_path):
    decide(tmp_path, decision_id="claude-one", reasoning='a, "b"\nclaude-wrong,c')
    decide(tmp_path, decision_id="claude-two")
    assert decision_ids(asked(tmp_path), "") == ["last", "claude-two", "claude-one"]
    assert decision_ids(asked(tmp_path), "claude-t") == ["claude-two"]


def test_of_a_long_log_only_the_end_is_read(tmp_path):
    decide(tmp_path, decision_id="first", reasoning="x" * 70_000)
    decide(tmp_path, decision_id="second")
    assert decision_ids(asked(tmp_path), "") == ["last", "second"]


@pytest.mark.parametrize("name", ["a b", "a$(b)", "a`b`", "a\x1b[2J", "a'b"])
def test_what_a_shell_would_take_for_something_else_is_left_out(tmp_path, name):
    decide(tmp_path, decision_id=name)
    assert decision_ids(asked(tmp_path), "") == ["last"]


def test_lessons_prompts_and_cycles(tmp_path):
    (tmp_path / INSIGHTS_FILE).write_text(json.dumps({"lessons": [{"id": "trades.all.x"}, {"id": "rule.y"}]}))
    assert lesson_ids(asked(tmp_path), "tr") == ["trades.all.x"]
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / f"{'ab' * 32}.md").write_text("x")
    assert prompt_hashes(asked(tmp_path), "a") == ["abababababab"]
    for name in ("20250615T110500Z", "20250615T120500Z"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text("{}")
    assert cycle_names(asked(tmp_path, outputs=tmp_path), "") == ["20250615T120500Z", "20250615T110500Z"]


def test_nothing_is_said_where_nothing_is_there(tmp_path):
    (tmp_path / INSIGHTS_FILE).write_text("{")
    for find in (lesson_ids, decision_ids, prompt_hashes, cycle_names):
        assert find(asked(tmp_path / "none", outputs=tmp_path / "none"), "") == []
    assert lesson_ids(asked(tmp_path), "") == []
    assert one_of("rules", "claude")("r") == ["rules"]
