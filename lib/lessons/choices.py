"""What a person decides about lessons, in a file of its own: `trading_data/lesson_choices.jsonl`, append-only, one JSON object a line.

A choice names the ledger's head at which it was made and takes effect right after it, so that a ledger rebuilt from the data and this file
comes out the same. The actions of lib.prompt stand in the file too and are passed over here; a line that is no choice, or whose action
nobody knows, is counted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from pydantic import Field, ValidationError, field_validator

from lib import paths
from lib.contract.lines import lines_of
from lib.contract.results import Model
from lib.contract.times import iso, parse_instant
from lib.contract.visible import visible
from lib.contract.words import instant_or_none
from lib.data.atomic import append_line

CHOICES_FILE = "lesson_choices.jsonl"
_SHOWN = 80  #: characters of a line that are told
Action = Literal["pin", "unpin", "veto", "unveto", "retire"]
ACTIONS: tuple[Action, ...] = get_args(Action)
#: What a person decides about the prompt that is told (lib.prompt.hold).
HOLD, RELEASE = "hold_prompt", "release_prompt"


class Choice(Model):
    """One action on one lesson."""

    at: str = Field(description="When it was made by the clock, ISO time in UTC.")
    action: Action = Field(description="What the person decided: pin, unpin, veto, unveto or retire.")
    lesson: str = Field(description="Id of the lesson.")
    ledger_head: str = Field(
        description="Last whole hour that the ledger had taken in then, ISO time in UTC."
    )

    @field_validator("ledger_head")
    @classmethod
    def _is_time(cls, text: str) -> str:
        """A choice whose place in the ledger cannot be told is set aside like any other line that is none."""
        if instant_or_none(text) is None:
            raise ValueError("not a time")
        return text


class Choices(NamedTuple):
    """A person's choices in order, how many lines of the file are none, and the first of these: its number and how its text begins."""

    made: list[Choice]
    set_aside: int
    first_aside: tuple[int, str] = (0, "")

    def ended_by(self, head: str, skip: int = 0) -> Iterable[str]:
        """Lessons to retire: those of the choices from place `skip` on whose head is not after `head`."""
        until = parse_instant(head)
        for choice in self.made[skip:]:
            if parse_instant(choice.ledger_head) > until:
                return
            yield choice.lesson if choice.action == "retire" else ""

    def lessons_with(self, on: Action, off: Action) -> list[str]:
        """Lessons that are pinned (pin, unpin) or vetoed (veto, unveto) now, in the order of the choices."""
        found: dict[str, None] = {}
        for choice in self.made:
            if choice.action == on:
                found[choice.lesson] = None
            elif choice.action == off:
                found.pop(choice.lesson, None)
        return list(found)


def load_choices(folder: str | Path | None = None) -> Choices:
    """All choices of a trading_data folder; none where there is no file. A torn last line counts as set aside."""
    made, aside, first = [], 0, (0, "")
    for number, line in enumerate(lines_of(paths.trading_data(folder) / CHOICES_FILE), start=1):
        whole = line.endswith("\n")
        try:
            made += [Choice.read(line)] if whole else []
        except ValidationError:
            whole = _of_others(line)
        if not whole:
            first = first if aside else (number, line.strip()[:_SHOWN])
            aside += 1
    return Choices(made, aside, first)


def choices_warning(folder: str | Path | None = None) -> str:
    """What a person should know of lines that are no choice: they count for nothing, so a veto may be lost; "" where there are none."""
    _, number, (place, text) = load_choices(folder)
    if not number:
        return ""
    lines = "1 line is no choice and changes" if number == 1 else f"{number:,} lines are no choice and change"
    path = paths.trading_data(folder) / CHOICES_FILE
    return (
        f"{path}: {lines} nothing, the first is line {place} «{visible(text)[:_SHOWN]}»: look at it, and choose again "
        "with `ribbon lessons`"
    )


def _of_others(line: str) -> bool:
    """Whether a line is an action on the prompt, not on a lesson. One that nobody knows may be a veto that was misspelt."""
    try:
        return json.loads(line)["action"] in (HOLD, RELEASE)
    except (ValueError, RecursionError, KeyError, TypeError):
        return False


def add_choice(folder: str | Path | None, action: Action, lesson: str, at: str, ledger_head: str) -> Choice:
    """Append one choice; `at` is the caller's clock. The caller holds the file's lock. Returns it as written."""
    choice = Choice(
        at=iso(parse_instant(at)),
        action=action,
        lesson=lesson,
        ledger_head=iso(parse_instant(ledger_head)),
    )
    append_line(paths.trading_data(folder) / CHOICES_FILE, choice.model_dump_json())
    return choice
