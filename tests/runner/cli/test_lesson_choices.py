from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from lib.errors import MissingDataError, ParameterError
from lib.lessons import store
from lib.lessons.advance import ledger_at
from lib.lessons.choices import CHOICES_FILE, load_choices
from lib.lessons.eras import LEDGER_FILE
from lib.prompt.hold import add_hold
from runner.cli import app_for
from runner.cycle.lock import cycle_lock
from runner.errors import LockedError
from tests.builders import at
from tests.lib.lessons.made_ledger import ledger_of, own
from tests.lib.lessons.streams.made import lively_market, write_folder

ABOVE, LONG = "trades.all.trades.above", "trades.direction.LONG.above"


@pytest.fixture
def folder(tmp_path):
    """A folder with a ledger: sixty gains, so that both lessons are to be acted on."""
    with ledger_of(tmp_path, own([0.19] * 60)):
        return tmp_path


def ribbon(folder, *words: str):
    return CliRunner().invoke(
        app_for("lessons"), ["lessons", *words, "--trading-data", str(folder)], catch_exceptions=False
    )


def test_the_list_says_what_is_proven_in_words_and_as_json(folder):
    result = ribbon(folder, "list")
    assert result.stdout.isascii() and f"\n  {ABOVE} " in result.stdout
    assert "All trades gain after costs: n=60 in 60 ep, 100.0 % won" in result.stdout
    told = json.loads(ribbon(folder, "list", "--json").stdout)
    assert told["summary"]["trades"] == 60 and told["summary"]["act_on"] == 2
    assert {lesson["id"] for lesson in told["lessons"]} >= {ABOVE, LONG}


def test_one_lesson_in_full_with_how_its_status_changed(folder):
    result = ribbon(folder, "show", ABOVE)
    assert "start of the log  candidate (registered)" in result.stdout
    assert "proven (evidence)" in result.stdout and "rests on, newest first: t59, t58" in result.stdout
    told = json.loads(ribbon(folder, "show", ABOVE, "--json").stdout)
    assert [change["status"] for change in told["changes"]] == ["candidate", "proven"]


def test_a_choice_that_nobody_can_read_is_told_beside_the_list(folder):
    assert ribbon(folder, "list").stderr == ""
    (folder / CHOICES_FILE).write_text(f'{{"action":"veto,"lesson":"{LONG}"}}\n')
    assert f"{folder / CHOICES_FILE}: 1 line is no choice" in ribbon(folder, "list").stderr


@pytest.mark.parametrize("action", ["pin", "veto", "retire"])
def test_a_choice_is_written_with_the_ledger_s_head(folder, action):
    result = ribbon(folder, action, LONG)
    assert f"{action}: {LONG}" in result.stdout and result.stderr == ""
    (choice,) = load_choices(folder).made
    assert (choice.action, choice.lesson, choice.ledger_head) == (action, LONG, "2025-06-03T12:00:00Z")


@pytest.mark.parametrize(("action", "back"), [("pin", "unpin"), ("veto", "unveto")])
def test_a_choice_that_changes_nothing_is_said_and_not_written(folder, action, back):
    for words in ((back,), (action, action), (back, back)):
        before = len(load_choices(folder).made)
        said = [ribbon(folder, word, LONG).stdout for word in words]
        assert "is so already: nothing was changed" in said[-1]
        told = json.loads(ribbon(folder, words[-1], LONG, "--json").stdout)
        assert told == {"action": words[-1], "lesson": LONG, "changed": False}
        assert len(load_choices(folder).made) == before + len(words) - 1


def test_a_pin_on_what_is_vetoed_says_which_is_stronger(folder):
    ribbon(folder, "veto", LONG)
    assert "it is vetoed, which is stronger" in ribbon(folder, "pin", LONG).stdout
    assert "stronger" not in ribbon(folder, "unveto", LONG).stdout


def test_a_choice_says_where_a_prompt_is_held(folder):
    assert "until `ribbon lessons rollback --release`" not in ribbon(folder, "pin", LONG).stdout
    add_hold(folder, "f" * 64, "2026-01-05T10:00:00Z", None)
    assert "until `ribbon lessons rollback --release`" in ribbon(folder, "unpin", LONG).stdout


def test_what_a_person_ended_shows_at_once_and_changes_no_file(folder):
    ribbon(folder, "retire", LONG)
    before = (folder / LEDGER_FILE).read_bytes()
    lessons = {
        lesson["id"]: lesson for lesson in json.loads(ribbon(folder, "list", "--json").stdout)["lessons"]
    }
    assert (lessons[LONG]["status"], lessons[LONG]["why"]) == ("ended", "person")
    shown = ribbon(folder, "show", LONG)
    assert "was ended by the trader." in shown.stdout and shown.stdout.endswith("  ended (person)\n")
    assert (folder / LEDGER_FILE).read_bytes() == before


def test_a_ledger_of_an_older_method_is_called_that(folder, monkeypatch):
    monkeypatch.setattr(store, "METHOD", 10**6)
    for command in (["list"], ["show", LONG], ["rebuild"]):
        with pytest.raises(MissingDataError, match="the ledger is of another method"):
            ribbon(folder, *command)


def test_pins_and_vetoes_show_in_the_list(folder):
    ribbon(folder, "pin", ABOVE)
    ribbon(folder, "veto", LONG)
    assert (
        "\n  pinned: printed in the prompt addition as what it is\n" in ribbon(folder, "show", ABOVE).stdout
    )
    assert "\n  not to be acted on: withheld by veto\n" in ribbon(folder, "show", LONG).stdout
    lessons = {
        lesson["id"]: lesson for lesson in json.loads(ribbon(folder, "list", "--json").stdout)["lessons"]
    }
    assert lessons[ABOVE]["pinned"] and not lessons[ABOVE]["vetoed"]
    assert lessons[LONG]["vetoed"] and lessons[LONG]["withheld"] == "veto"


def test_an_unknown_lesson_and_a_folder_without_ledger_are_clear_errors(folder, tmp_path):
    with pytest.raises(ParameterError, match=r"did you mean trades\.direction\.LONG\.above"):
        ribbon(folder, "pin", "trades.direction.LONG.abov")
    assert load_choices(folder).made == []
    (tmp_path / "other").mkdir()
    with pytest.raises(MissingDataError, match=r"there is no ledger yet\. The next `ribbon cycle` makes it"):
        ribbon(tmp_path / "other", "list")


def test_nothing_is_ended_while_a_cycle_is_at_work(folder):
    """It would be taken in after another hour than it names; a pin has no place in the ledger."""
    with cycle_lock(folder, folder):
        with pytest.raises(LockedError):
            ribbon(folder, "retire", LONG)
        ribbon(folder, "pin", LONG)
    assert [choice.action for choice in load_choices(folder).made] == ["pin"]


def test_a_rebuild_as_json_is_json_alone_and_what_has_ended_cannot_be_ended(tmp_path):
    lesson = "wicks.kind.WICK_DOWN_LONG.above"
    folder = write_folder(tmp_path / "data", lively_market(1, 4))
    for hour in (3, 4):
        with ledger_at(folder, at(60 * hour), keep=True):
            pass
        if hour == 3:
            ribbon(folder, "retire", lesson)
    told = json.loads(ribbon(folder, "rebuild", "--json").stdout)
    assert told["same"] and told["before"] == told["after"]
    with pytest.raises(ParameterError, match="ended already: ended, by a person"):
        ribbon(folder, "retire", lesson)
