from __future__ import annotations

import json
import tracemalloc

import pytest

from lib.errors import ParameterError
from lib.lessons.choices import (
    ACTIONS,
    CHOICES_FILE,
    HOLD,
    RELEASE,
    Choices,
    add_choice,
    choices_warning,
    load_choices,
)
from lib.prompt.hold import load_hold

NINE, TEN, ELEVEN = (f"2025-10-19T{hour:02}:00:00Z" for hour in (9, 10, 11))
LONG, WICK = "trades.direction.LONG.above", "trades.wick.present.beats"


def made(folder, *choices: tuple[str, str, str]) -> Choices:
    """Choices (action, lesson, ledger head) written one after another and read back."""
    (folder / CHOICES_FILE).touch()
    for action, lesson, head in choices:
        add_choice(folder, action, lesson, "2025-10-19T12:34:56Z", head)
    return load_choices(folder)


def test_no_file_no_choices(tmp_path):
    assert load_choices(tmp_path) == Choices([], 0)


def test_what_is_written_is_read_back(tmp_path):
    (tmp_path / CHOICES_FILE).touch()
    choice = add_choice(tmp_path, "veto", LONG, "2025-10-19T14:34:56+02:00", "2025-10-19T12:00:00+02:00")
    assert (choice.at, choice.ledger_head) == ("2025-10-19T12:34:56Z", TEN)
    add_choice(tmp_path, "unveto", LONG, choice.at, TEN)
    found = load_choices(tmp_path)
    assert found.made[0] == choice and [one.action for one in found.made] == ["veto", "unveto"]
    assert found.set_aside == 0
    lines = (tmp_path / CHOICES_FILE).read_text().splitlines()
    assert json.loads(lines[0]) == {
        "at": "2025-10-19T12:34:56Z",
        "action": "veto",
        "lesson": LONG,
        "ledger_head": TEN,
    }


@pytest.mark.parametrize(("at", "head"), [("now", TEN), (TEN, ""), (TEN, "2025-10-19T10:00:00")])
def test_a_choice_without_a_time_is_not_written(tmp_path, at, head):
    (tmp_path / CHOICES_FILE).touch()
    with pytest.raises(ParameterError):
        add_choice(tmp_path, "pin", LONG, at, head)
    assert (tmp_path / CHOICES_FILE).read_bytes() == b""


def line(**more: object) -> str:
    return json.dumps({"at": NINE, "action": "retire", "lesson": LONG, "ledger_head": TEN} | more)


def test_lines_that_are_no_choice_are_counted_and_passed_over(tmp_path):
    bad = [
        "",
        "not json",
        "[]",
        "3",
        '"action"',
        "{}",
        line(action=None)[:-1],
        line(lesson=3),
        line(ledger_head=None),
        line(ledger_head=""),
        line(ledger_head="yesterday"),
        line(ledger_head="2025-10-19T10:00:00"),
    ]
    (tmp_path / CHOICES_FILE).write_text("\n".join([line(), *bad, line(lesson=WICK), ""]))
    found = load_choices(tmp_path)
    assert [one.lesson for one in found.made] == [LONG, WICK]
    assert found.set_aside == len(bad)
    assert list(found.ended_by(ELEVEN)) == [LONG, WICK]


def test_what_belongs_to_others_and_further_keys_are_no_fault(tmp_path):
    text = "\n".join(
        [line(action=HOLD, sha256="00"), line(action=RELEASE), line(note="since the fees went up"), ""]
    )
    (tmp_path / CHOICES_FILE).write_text(text)
    found = load_choices(tmp_path)
    assert [one.action for one in found.made] == ["retire"] and found.set_aside == 0
    assert not {HOLD, RELEASE} & {*ACTIONS} and choices_warning(tmp_path) == ""


def test_an_action_that_nobody_knows_is_told_because_it_may_be_a_lost_veto(tmp_path):
    unknown = [line(action=action) for action in ("vetoo", "VETO", "hold", "", 3, None, ["veto"])]
    (tmp_path / CHOICES_FILE).write_text("\n".join([line(action="veto"), *unknown, ""]))
    found = load_choices(tmp_path)
    assert [one.action for one in found.made] == ["veto"] and found.set_aside == len(unknown)
    told = choices_warning(tmp_path)
    assert f"{len(unknown)} lines are no choice and change nothing, the first is line 2 «" in told
    assert '"vetoo"' in told


def test_a_torn_last_line_is_set_aside_even_where_it_looks_whole(tmp_path):
    (tmp_path / CHOICES_FILE).write_bytes(f"{line()}\n{line(lesson=WICK)}".encode())
    found = load_choices(tmp_path)
    assert [one.lesson for one in found.made] == [LONG] and found.set_aside == 1


def test_a_mark_that_an_editor_put_before_the_first_line_costs_no_choice(tmp_path):
    (tmp_path / CHOICES_FILE).write_text(f"{line()}\n", encoding="utf-8-sig", newline="\r\n")
    found = load_choices(tmp_path)
    assert [one.lesson for one in found.made] == [LONG] and found.set_aside == 0


def test_bytes_that_are_no_text_spoil_one_line_only(tmp_path):
    (tmp_path / CHOICES_FILE).write_bytes(b"\xff\xfe\n" + f"{line()}\n".encode())
    found = load_choices(tmp_path)
    assert [one.lesson for one in found.made] == [LONG] and found.set_aside == 1


def test_a_line_without_end_is_one_line_of_which_little_is_shown_and_kept(tmp_path):
    """A file that a fault made huge neither fills the memory of a cycle nor its words."""
    path = tmp_path / CHOICES_FILE
    with path.open("w") as file:
        file.writelines([f"{line()}\n", "[" * (80 << 20), f"\n{line(lesson=WICK)}\n"])
    tracemalloc.start()
    found, told, hold = load_choices(tmp_path), choices_warning(tmp_path), load_hold(tmp_path)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [one.lesson for one in found.made] == [LONG, WICK] and found.set_aside == 1 and hold is None
    assert f"the first is line 2 «{'[' * 80}»" in told and len(told) < 400
    assert most < 40 << 20


def test_an_editors_mark_before_the_first_choice_changes_nothing(tmp_path):
    (tmp_path / CHOICES_FILE).write_bytes(b"\xef\xbb\xbf" + f"{line(action='veto')}\r\n".encode())
    found = load_choices(tmp_path)
    assert [one.action for one in found.made] == ["veto"] and not found.set_aside


def test_a_lesson_is_retired_at_the_head_at_which_it_was_chosen(tmp_path):
    found = made(tmp_path, ("retire", LONG, NINE), ("pin", LONG, NINE), ("retire", WICK, TEN))
    assert list(found.ended_by("2025-10-19T08:00:00Z")) == []
    # Every choice that has been applied is counted, whatever it was.
    assert list(found.ended_by(NINE)) == [LONG, ""]
    assert list(found.ended_by(NINE, skip=2)) == []
    assert list(found.ended_by(TEN, skip=2)) == [WICK]
    assert list(found.ended_by(ELEVEN)) == [LONG, "", WICK]
    assert list(found.ended_by(ELEVEN, skip=3)) == []


def test_choices_keep_their_order_where_the_ledger_went_back(tmp_path):
    # The second was made at a ledger that had been rebuilt from less: it waits for the first.
    found = made(tmp_path, ("retire", LONG, TEN), ("retire", WICK, NINE))
    assert list(found.ended_by(NINE)) == []
    assert list(found.ended_by(TEN)) == [LONG, WICK]


def test_pins_and_vetoes_stand_until_taken_back(tmp_path):
    found = made(
        tmp_path,
        ("pin", LONG, NINE),
        ("pin", WICK, NINE),
        ("veto", WICK, NINE),
        ("unpin", LONG, TEN),
        ("unpin", "trades.band.low.above", TEN),
        ("pin", LONG, TEN),
        ("pin", WICK, ELEVEN),
        ("retire", WICK, ELEVEN),
    )
    assert found.lessons_with("pin", "unpin") == [WICK, LONG]
    assert found.lessons_with("veto", "unveto") == [WICK]
    assert made(tmp_path, ("unveto", WICK, ELEVEN)).lessons_with("veto", "unveto") == []
