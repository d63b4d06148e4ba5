"""What a cycle tells Claude that the one before did not: lines, tokens, lessons, and the trades it rests on. Pure.

A line is compared within its section and with its times left out, so that "As of" alone is no change; a line that only moved within its
section is none either. Most lines of an hour have the same words with other figures: they are marked, and a record only counts them, since
the texts are kept and give them back (`text_change`); some thousand records a year are read again every hour.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from pydantic import Field, field_validator

from lib.contract.results import Model
from lib.contract.times import iso
from lib.lessons import earlier
from lib.lessons.lesson import Lesson
from lib.market.readings import instants
from lib.prompt.archive import sha256_of
from lib.prompt.tokens import token_range

MOST_LINES, MOST_LESSONS, _MOST_TRADES = 30, 40, 20
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?)?")
_FIGURE = re.compile(r"(?<![\w.])[+-]?\$?\d[\d,]*(?:\.\d+)?(?:e[+-]\d+)?")

#: Lesson id → how it stands and the hash of its wording without figures.
LessonStates = Mapping[str, tuple[str, str]]


class PromptLine(Model):
    """A line of a prompt addition."""

    section: str = Field(description="Heading that the line stands under; empty before the first one.")
    text: str = Field(description="The line without trailing spaces.")
    figures: bool = Field(False, description="Whether its words stood there before, with other figures.")


class LessonChange(Model):
    """A lesson that came, went, or has another status or wording."""

    id: str = Field(description="The lesson's id: its hypothesis.")
    before: str = Field(description="Its status and marks before; empty where it was not there.")
    after: str = Field(
        description="Its status and marks now; empty where it is not there. Both alike: its wording changed."
    )

    @field_validator("before", "after")
    @classmethod
    def _in_these_words(cls, words: str) -> str:
        return earlier.state(words)


class TradeBehind(Model):
    """A trade that closed since the cycle before."""

    entry_time: str = Field(description="When it was entered, ISO time in UTC.")
    exit_time: str = Field(description="When it was closed, ISO time in UTC.")
    direction: str = Field(description="LONG or SHORT.")
    net_pct: float = Field(description="Its net return, percent of the entry price.")
    signature: str = Field(description="Setup signature of its entry: DIRECTION[_TRIGGER]_ALIGNMENT.")


class PromptChange(Model):
    """The difference of a cycle's prompt addition to that of the cycle before."""

    sha256_before: str = Field(description="Hash of what the cycle before told; empty in the first cycle.")
    sha256_after: str = Field(description="Hash of what this cycle tells.")
    bytes_before: int | None = Field(
        description="Size of what was told before, bytes of UTF-8; null where its text is not kept or was none."
    )
    bytes_after: int = Field(description="Size of what is told, bytes of UTF-8.")
    tokens_before: int | None = Field(
        description="About how many tokens that was before; null where its text is not kept or was none."
    )
    tokens_after: int = Field(description="About how many tokens it is.")
    before_lost: bool = Field(
        description="Whether the text before is not kept, so that no lines are compared."
    )
    came: list[PromptLine] = Field(description="Lines that the text before lacked.")
    came_more: int = Field(description="Further such lines that are not listed.")
    went: list[PromptLine] = Field(description="Lines of the text before that are gone.")
    went_more: int = Field(description="Further such lines that are not listed.")
    figures_only: int = Field(
        description="Lines with other figures alone, whether listed among those that came and went or not."
    )
    lessons: list[LessonChange] | None = Field(
        description="Lessons that came, went or changed, by id; null where they could not be compared."
    )
    lessons_more: int = Field(description="Further such lessons that are not listed.")
    trades: int | None = Field(
        description="Trades closed since the cycle before; null where they could not be analyzed."
    )
    trades_shown: list[TradeBehind] = Field(description="The newest of these trades, oldest first.")
    held_since: str = Field(
        description="Since when a person holds what is told, ISO time in UTC; empty if nobody does."
    )
    composed_sha256: str = Field(description="Hash of what would be told if nobody held another.")
    lessons_sha256: str = Field(description="Hash of the lessons' states, which are kept beside the prompts.")

    @property
    def is_first(self) -> bool:
        """Whether nothing was told before: all of it is new then, and nothing worth listing."""
        return not self.sha256_before

    @property
    def same(self) -> bool:
        """Whether Claude is told the same, times aside."""
        return not (self.before_lost or self.came or self.went or self.figures_only)


class PromptBefore(NamedTuple):
    """What was told by the cycle before: the prompt's hash, its text and the lessons' states, each None where it is not kept."""

    sha256: str
    text: str | None
    lessons: LessonStates | None


class LineDifference(NamedTuple):
    """All lines that came and all that went."""

    came: list[PromptLine]
    went: list[PromptLine]


def compare_lines(before: str, after: str) -> LineDifference:
    """The lines of `after` that `before` lacks, and the other way round; new words first, then new figures, each in order of print."""
    old, new = _lines(before), _lines(after)
    came, went = _beyond(new, old), _beyond(old, new)
    return LineDifference(_marked(came, went), _marked(went, came))


def text_change(sha256_before: str, before: str | None, after: str) -> PromptChange:
    """The whole difference of two texts alone; `sha256_before` is "" where there was none, `before` None where it is not kept."""
    lost = bool(sha256_before) and before is None
    came, went = ([], []) if lost else compare_lines(before or "", after)
    size_before, size = None if before is None else len(before.encode()), len(after.encode())
    return PromptChange(
        sha256_before=sha256_before,
        sha256_after=sha256_of(after),
        bytes_before=size_before,
        bytes_after=size,
        tokens_before=None if size_before is None else token_range(size_before).about,
        tokens_after=token_range(size).about,
        before_lost=lost,
        came=came,
        came_more=0,
        went=went,
        went_more=0,
        figures_only=sum(line.figures for line in came),
        lessons=None,
        lessons_more=0,
        trades=None,
        trades_shown=[],
        held_since="",
        composed_sha256="",
        lessons_sha256="",
    )


def prompt_change(
    insights: Mapping[str, Any], prompt: str, before: PromptBefore | None, trades: pd.DataFrame | None
) -> PromptChange:
    """The change that a cycle's insights and what it tells make, beside the cycle before (None: there was none), as it is recorded.

    `trades` are those closed since then (columns as in lib.contract.schema.TRADE_COLUMNS); None where they could not be analyzed.
    """
    states = lesson_states(insights)
    known = before.lessons if before else {}
    changed = None if known is None else lesson_changes(known, states)
    provenance = insights["provenance"]
    found = text_change(before.sha256 if before else "", before.text if before else None, prompt)
    came, went = new_words(found.came), new_words(found.went)
    return found.model_copy(
        update={
            "came": came[:MOST_LINES],
            "came_more": len(came[MOST_LINES:]),
            "went": went[:MOST_LINES],
            "went_more": len(went[MOST_LINES:]),
            "lessons": None if changed is None else changed[:MOST_LESSONS],
            "lessons_more": len((changed or [])[MOST_LESSONS:]),
            "trades": None if trades is None else len(trades),
            "trades_shown": [] if trades is None else _newest(trades),
            "held_since": provenance["prompt_held_since"],
            "composed_sha256": provenance["composed_sha256"],
            "lessons_sha256": sha256_of(states_text(states)),
        }
    )


def with_lines(change: PromptChange, before: str, after: str) -> PromptChange:
    """A recorded change with all its lines again, out of the texts that were compared."""
    whole = text_change(change.sha256_before, before, after)
    lines = {name: getattr(whole, name) for name in ("came", "came_more", "went", "went_more")}
    return change.model_copy(update=lines)


def new_words(lines: list[PromptLine]) -> list[PromptLine]:
    """The lines that do not merely have other figures."""
    return [line for line in lines if not line.figures]


def lesson_states(insights: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """How each lesson of the insights stands, by id, and of proven and pinned ones a hash of the wording.

    Figures do not count as wording; what is not proven is worded by its figures alone ("no interval" yet), which is no news.
    """
    # Insights were validated when they were made or read.
    return states_of(Lesson.model_construct(**earlier.lesson(lesson)) for lesson in insights["lessons"])


def states_of(lessons: Iterable[Lesson]) -> dict[str, tuple[str, str]]:
    """As `lesson_states`, of lessons."""
    return {lesson.id: (lesson.status_words, _wording_hash(lesson)) for lesson in lessons}


def _wording_hash(lesson: Lesson) -> str:
    if lesson.status != "proven" and not lesson.pinned:
        return ""
    return sha256_of(_words(lesson.statement))[:12]


def lesson_changes(before: LessonStates, after: LessonStates) -> list[LessonChange]:
    """Lessons that came, went, or have another status or wording, by id."""
    nothing = ("", "")
    return [
        LessonChange(id=id_, before=before.get(id_, nothing)[0], after=after.get(id_, nothing)[0])
        for id_ in sorted(before.keys() | after.keys())
        if before.get(id_, nothing) != after.get(id_, nothing)
    ]


def states_text(states: LessonStates) -> str:
    """The states as they are kept: one lesson a line, the same bytes for the same states."""
    return json.dumps(dict(sorted(states.items())), indent=0) + "\n"


def read_states(text: str) -> dict[str, tuple[str, str]]:
    """The states of `states_text`; the text is one whose hash was checked."""
    return {id_: (earlier.state(status), words) for id_, (status, words, *_) in json.loads(text).items()}


def _lines(text: str) -> list[PromptLine]:
    section, found = "", []
    for line in text.splitlines():
        if line.startswith("#"):
            section = line.lstrip("# ").rstrip()
        if line.strip():
            found.append(PromptLine(section=section, text=line.rstrip()))
    return found


def _beyond(lines: Iterable[PromptLine], others: Iterable[PromptLine]) -> list[PromptLine]:
    there = Counter((line.section, _timeless(line.text)) for line in others)
    return _unmatched(lines, there, _timeless)[0]


def _marked(lines: list[PromptLine], others: list[PromptLine]) -> list[PromptLine]:
    there = Counter((line.section, _words(line.text)) for line in others)
    fresh, matched = _unmatched(lines, there, _words)
    return [*fresh, *(line.model_copy(update={"figures": True}) for line in matched)]


def _unmatched(
    lines: Iterable[PromptLine], there: Counter[tuple[str, str]], form: Any
) -> tuple[list[PromptLine], list[PromptLine]]:
    """Lines without and with a partner in `there`, each partner taken once (it is used up)."""
    alone, matched = [], []
    for line in lines:
        key = (line.section, form(line.text))
        (matched if there[key] > 0 else alone).append(line)
        there[key] -= 1
    return alone, matched


def _timeless(text: str) -> str:
    return _TIME.sub("<time>", text)


def _words(text: str) -> str:
    return _FIGURE.sub("<figure>", _timeless(text))


def _newest(trades: pd.DataFrame) -> list[TradeBehind]:
    order = np.lexsort((instants(trades["entry_time"]), instants(trades["exit_time"])))[-_MOST_TRADES:]
    names = ("entry_time", "exit_time", "direction", "signature", "net_pct")
    rows = zip(*(trades[name].array.take(order) for name in names), strict=True)
    return [
        TradeBehind(
            **dict(zip(names, (iso(entered), iso(left), *map(str, words), round(float(net), 4)), strict=True))
        )
        for entered, left, *words, net in rows
    ]
