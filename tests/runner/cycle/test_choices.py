from __future__ import annotations

import json

import pytest

from lib.errors import DataError, MissingDataError, ParameterError
from lib.prompt.addition import compose_prompt
from lib.prompt.archive import archive_text, sha256_of
from lib.prompt.hold import add_hold, load_hold
from lib.published.insights import compile_insights
from lib.published.pair import get_training_prompt_addition, load_insights, publish
from runner.cycle.choices import choices_file, choose_prompt
from runner.cycle.lock import cycle_lock
from runner.errors import LockedError, WriteFailedError
from tests.lib.contract.made import AS_OF, all_published

FILE = "lesson_choices.jsonl"


@pytest.fixture
def published(tmp_path):
    """A folder with what one cycle published, and the hash of an older prompt that is kept."""
    insights = compile_insights(all_published(), None, AS_OF)
    publish(tmp_path, insights, compose_prompt(insights))
    return tmp_path, archive_text(tmp_path, "# OLD\n")


def test_chosen_it_is_told_at_once_and_released_again(published):
    folder, old = published
    before = load_insights(folder), get_training_prompt_addition(folder)
    told = choose_prompt(folder, old)
    assert told.prompt == get_training_prompt_addition(folder) == "# OLD\n"
    assert load_hold(folder).sha256 == load_insights(folder)["provenance"]["prompt_held"] == old
    choose_prompt(folder, "")
    assert (load_insights(folder), get_training_prompt_addition(folder)) == before
    lines = [json.loads(line)["action"] for line in (folder / FILE).read_text().splitlines()]
    assert lines == ["hold_prompt", "release_prompt"]


def test_chosen_twice_it_is_one_line_and_makes_good_what_a_kill_left(published):
    folder, old = published
    add_hold(folder, old, AS_OF, None)  # killed before it republished
    assert get_training_prompt_addition(folder) != "# OLD\n"
    choose_prompt(folder, old)
    assert get_training_prompt_addition(folder) == "# OLD\n"
    assert len((folder / FILE).read_text().splitlines()) == 1
    add_hold(folder, "", AS_OF, None)
    choose_prompt(folder, "")
    assert get_training_prompt_addition(folder) != "# OLD\n"
    assert len((folder / FILE).read_text().splitlines()) == 2


def test_what_is_not_kept_or_not_held_changes_nothing(published):
    folder, old = published
    before = get_training_prompt_addition(folder)
    with pytest.raises(MissingDataError, match="is not kept"):
        choose_prompt(folder, sha256_of("never"))
    (folder / "prompts" / f"{old}.md").write_text("Always buy.")
    with pytest.raises(DataError, match="does not hold what its name says"):
        choose_prompt(folder, old)
    with pytest.raises(ParameterError, match="nothing to release"):
        choose_prompt(folder, "")
    assert get_training_prompt_addition(folder) == before and not (folder / FILE).exists()


def test_before_anything_is_published_it_is_noted(tmp_path):
    old = archive_text(tmp_path, "# OLD\n")
    assert choose_prompt(tmp_path, old) is None
    assert load_hold(tmp_path).sha256 == old


def test_not_while_a_cycle_or_another_choice_is_at_work(published):
    folder, old = published
    with cycle_lock(folder, folder), pytest.raises(LockedError, match="a cycle is already at work"):
        choose_prompt(folder, old)
    with choices_file(folder), pytest.raises(LockedError, match=FILE):
        choose_prompt(folder, old)
    assert load_hold(folder) is None
    choose_prompt(folder, old)


def test_a_torn_line_is_kept_aside_and_not_joined_to_the_next(published):
    folder, old = published
    torn = '{"at": "2026-01-05T10:00:00Z", "action": "ve'
    whole = '{"at": "2026-01-05T10:00:00Z", "action": "veto", "lesson": "x", "ledger_head": ""}\n'
    (folder / FILE).write_text(whole + torn)
    choose_prompt(folder, old)
    lines = (folder / FILE).read_text().splitlines(keepends=True)
    assert lines[0] == whole and json.loads(lines[1])["sha256"] == old and len(lines) == 2
    assert (folder / f"{FILE}.torn").read_text() == torn + "\n"


def test_a_full_disk_is_said_and_nothing_wrong_is_told(published, monkeypatch):
    folder, old = published
    before = get_training_prompt_addition(folder)

    def full(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lib.published.pair.replace_together", full)
    with pytest.raises(WriteFailedError, match="No space left"):
        choose_prompt(folder, old)
    assert get_training_prompt_addition(folder) == before
