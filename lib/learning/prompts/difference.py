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

import pandas as pd
from pydantic import ConfigDict, field_validator

from lib.analysis.results import Model
from lib.data.times import iso
from lib.learning.lessons import earlier
from lib.learning.lessons.lesson import Lesson
from lib.learning.prompts.kept import sha256_of
from lib.learning.prompts.tokens import token_range

MOST_LINES, MOST_LESSONS, MOST_TRADES = 40, 40, 20
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?)?")
_FIGURE = re.compile(r"(?<![\w.])[+-]?\$?\d[\d,]*(?:\.\d+)?(?:e[+-]\d+)?")

#: Lesson id → how it stands and the hash of its wording without figures.
LessonStates = Mapping[str, tuple[str, str]]


class PromptLine(Model):
    """A line of a prompt addition, under its section's heading; `figures`: its words stood there before, with other figures."""

    section: str
    text: str
    figures: bool = False


class LessonChange(Model):
    """A lesson's status before and after, "" where it was not there; the same twice where only its wording is another."""

    id: str
    before: str
    after: str

    @field_validator("before", "after")
    @classmethod
    def _in_these_words(cls, words: str) -> str:
        return earlier.state(words)


class TradeBehind(Model):
    """A trade that closed since the cycle before; net return in percent, times ISO in UTC."""

    entry_time: str
    exit_time: str
    direction: str
    net_pct: float
    signature: str


class PromptChange(Model):
    """The difference of a cycle's prompt addition to that of the cycle before; sizes in bytes and about so many tokens.

    Hash and sizes before are "" and null in the first cycle. `before_lost`: the text before is not kept, so no lines are compared.
    `came_more` and `went_more` lines are not listed. `lessons` and `trades` are null where they could not be compared or analyzed.
    """

    model_config = ConfigDict(extra="ignore")  # a later version's keys are no reason to lose a record

    sha256_before: str
    sha256_after: str
    bytes_before: int | None
    bytes_after: int
    tokens_before: int | None
    tokens_after: int
    before_lost: bool
    came: list[PromptLine]
    came_more: int
    went: list[PromptLine]
    went_more: int
    figures_only: int  #: lines with other figures; whether listed among those that came and went or not
    lessons: list[LessonChange] | None
    lessons_more: int
    trades: int | None
    trades_shown: list[TradeBehind]
    held_since: str  #: since when a person holds what is told; "" if nobody does
    composed_sha256: str  #: what would be told if nobody did
    lessons_sha256: str  #: of the lesson states, kept beside the prompts

    @property
    def is_first(self) -> bool:
        """Whether nothing was told before: all of it is new then, and nothing worth listing."""
        return not self.sha256_before

    @property
    def same(self) -> bool:
        """Whether Claude is told the same, times aside."""
        return not (self.before_lost or self.came or self.went or self.figures_only)


class Before(NamedTuple):
    """What was told by the cycle before: the prompt's hash, its text and the lessons' states, each None where it is not kept."""

    sha256: str
    text: str | None
    lessons: LessonStates | None


class Lines(NamedTuple):
    """All lines that came and all that went."""

    came: list[PromptLine]
    went: list[PromptLine]


def compare_lines(before: str, after: str) -> Lines:
    """The lines of `after` that `before` lacks, and the other way round; new words first, then new figures, each in order of print."""
    old, new = _lines(before), _lines(after)
    came, went = _beyond(new, old), _beyond(old, new)
    return Lines(_marked(came, went), _marked(went, came))


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
    insights: Mapping[str, Any], prompt: str, before: Before | None, trades: pd.DataFrame | None
) -> PromptChange:
    """The change that a cycle's insights and what it tells make, beside the cycle before (None: there was none), as it is recorded.

    `trades` are those closed since then (columns as in lib.data.schema.TRADE_COLUMNS); None where they could not be analyzed.
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
    found = [Lesson.model_validate(lesson) for lesson in insights["lessons"]]
    return {lesson.id: (lesson.status_words, _wording_hash(lesson)) for lesson in found}


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
    return {id_: (earlier.state(status), words) for id_, (status, words) in json.loads(text).items()}


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
    shown = trades.sort_values(["exit_time", "entry_time"], kind="stable").tail(MOST_TRADES)
    return [
        TradeBehind(
            entry_time=iso(trade.entry_time),
            exit_time=iso(trade.exit_time),
            direction=str(trade.direction),
            net_pct=round(float(trade.net_pct), 4),
            signature=str(trade.signature),
        )
        for trade in shown.itertuples()
    ]
