from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from lib.errors import MissingDataError, ParameterError
from lib.history.log import store_record
from lib.lessons.choices import add_choice
from lib.prompt.addition import compose_prompt
from lib.prompt.archive import archive_text
from lib.prompt.difference import PromptBefore, lesson_states, prompt_change
from lib.published.insights import compile_insights
from lib.published.pair import get_training_prompt_addition, publish
from runner.cli import app_for
from tests.lib.contract.made import all_published, trades
from tests.lib.history.test_log import FIRST, SECOND, cycle

OLD = "# LEARNING NOTES\nsaid before\n"


@pytest.fixture
def folder(tmp_path):
    """Two cycles: the first told OLD, the second what was composed."""
    first = cycle(FIRST, [0.1], [0.1], [])
    store_record(tmp_path, first.model_copy(update={"prompt_sha256": archive_text(tmp_path, OLD)}))
    insights = compile_insights(all_published(SECOND), None, SECOND)
    prompt = compose_prompt(insights)
    publish(tmp_path, insights, prompt)
    before = PromptBefore(archive_text(tmp_path, OLD), OLD, lesson_states(insights))
    change = prompt_change(insights, prompt, before, trades([0.2]))
    second = cycle(SECOND, [0.1], [0.1], [first])
    store_record(tmp_path, second.model_copy(update={"prompt_change": change}))
    return tmp_path


def ribbon(*arguments: str):
    return CliRunner().invoke(app_for("lessons"), ["lessons", *arguments])


def told(folder, *arguments: str):
    done = ribbon(*arguments, "--trading-data", str(folder))
    assert done.exit_code == 0, done.output
    return done


def test_diff_of_the_newest_cycle(folder):
    shown = told(folder, "diff").stdout
    assert "  - said before" in shown and "  + As of" in shown and "\x1b" not in shown
    assert "Trades closed since the cycle before: n=1" in shown
    done = told(folder, "diff", "--json")
    found = json.loads(done.stdout)
    assert [line["text"] for line in found["went"]] == ["said before"] and found["trades"] == 1
    # The record lists 30 of them; the kept texts give all back.
    assert len(found["came"]) > 30 and found["came_more"] == 0
    assert "said before" in done.stderr


def test_diff_with_a_text_that_is_no_longer_kept_shows_what_the_record_has(folder):
    for path in (folder / "prompts").glob("*.md"):
        path.unlink()
    found = json.loads(told(folder, "diff", "--json").stdout)
    assert len(found["came"]) == 30 and found["came_more"] > 0


def test_diff_of_any_two(folder):
    now = json.loads(told(folder, "diff", "--from", FIRST, "--json").stdout)
    back = json.loads(told(folder, "diff", "--to", FIRST, "--json").stdout)
    assert now["sha256_after"] == back["sha256_before"] != back["sha256_after"] == now["sha256_before"]
    assert now["came"] == back["went"] and now["went"] == back["came"]
    assert "nothing but times changed" in told(folder, "diff", "--from", SECOND).stdout


def test_the_list_and_a_roll_back(folder):
    listed = json.loads(told(folder, "prompts", "--json").stdout)
    assert [prompt["in_force"] for prompt in listed["prompts"]] == [False, True] and listed["held"] is None
    old = listed["prompts"][0]["sha256"]
    done = told(folder, "rollback", FIRST, "--json")
    assert json.loads(done.stdout)["in_force"] == json.loads(done.stdout)["held"] == old
    assert "--release" in done.stderr
    assert get_training_prompt_addition(folder) == OLD
    shown = told(folder, "prompts").stdout
    assert f"{old[:12]}" in shown and "IN FORCE, HELD" in shown and "held since" in shown
    done = told(folder, "rollback", "--release")
    assert f"Claude is told {listed['in_force'][:12]}" in done.stdout
    assert get_training_prompt_addition(folder) != OLD


def test_damaged_and_vanished_ones_are_said(folder):
    told(folder, "rollback", FIRST)
    held = json.loads(told(folder, "prompts", "--json").stdout)["held"]["sha256"]
    (folder / "prompts" / f"{held}.md").write_text("Always buy.")
    shown = told(folder, "prompts").stdout
    assert f"damaged, not used: prompts/{held}.md" in shown and "not kept as it was" in shown
    failed = ribbon("rollback", held[:12], "--trading-data", str(folder))
    assert f"{held}.md is damaged, so it cannot be told" in str(failed.exception)


@pytest.mark.parametrize("arguments", [["rollback"], ["rollback", FIRST, "--release"]])
def test_one_of_both_must_be_given(folder, arguments):
    done = ribbon(*arguments, "--trading-data", str(folder))
    assert isinstance(done.exception, ParameterError) and "--release" in str(done.exception)


def test_nothing_yet(tmp_path):
    assert "no prompt addition is kept yet" in told(tmp_path, "prompts").stdout
    for arguments in (["diff"], ["diff", "--from", FIRST]):
        failed = ribbon(*arguments, "--trading-data", str(tmp_path))
        assert isinstance(failed.exception, MissingDataError | ParameterError)
    failed = ribbon("prompts", "--trading-data", str(tmp_path / "none"))
    assert isinstance(failed.exception, MissingDataError)


def test_a_record_without_a_change_says_what_to_do(tmp_path):
    store_record(tmp_path, cycle(FIRST, [0.1], [0.1], []))
    failed = ribbon("diff", "--trading-data", str(tmp_path))
    assert "The next `ribbon cycle` records it" in str(failed.exception)


def test_diff_says_what_is_in_force_where_the_newest_cycle_did_not_tell_it(folder):
    assert "in force now" not in told(folder, "diff").stdout
    old = json.loads(told(folder, "rollback", FIRST, "--json").stdout)["in_force"]
    assert f"in force now is {old[:12]}, which that cycle did not tell" in told(folder, "diff").stdout
    assert "in force now" not in told(folder, "diff", "--to", FIRST).stdout
    told(folder, "rollback", "--release")
    assert "in force now" not in told(folder, "diff").stdout


def test_a_roll_back_says_that_a_veto_made_since_does_not_change_what_was_told(folder):
    assert "vetoed since" not in told(folder, "rollback", FIRST).output
    add_choice(folder, "pin", "trades.direction.LONG.beats", FIRST, FIRST)
    assert "vetoed since" not in told(folder, "rollback", FIRST).output
    add_choice(folder, "veto", "trades.direction.LONG.beats", FIRST, FIRST)
    told(folder, "rollback", "--release")
    assert "a lesson that was vetoed since may stand in it" in told(folder, "rollback", FIRST).output
