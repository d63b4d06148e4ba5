"""What `ribbon ask` says of followed questions: what a keeping costs, and how each stands in the folder's ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lib.contract.times import parse_instant
from lib.contract.words import bounds, number, time_word
from lib.errors import DataError
from lib.lessons.choices import load_choices
from lib.lessons.compiling import compile_lessons
from lib.lessons.eras import LEDGER_FILE
from lib.lessons.followed import followed_now, hypothesis_of_keeping, unanswered_questions
from lib.lessons.lesson import Lesson
from lib.lessons.store import LedgerStore
from lib.lessons.wording import needed_short
from lib.questions.confirmation import CONFIRMED
from lib.questions.file import Question
from lib.questions.followed import read_states
from lib.questions.keeping import Dropped, Kept
from lib.questions.record import Record
from lib.questions.telling import terms_words
from runner.question.keep import Keeping


def keeping_lines(question: Question, keeping: Keeping, folder: Path) -> list[str]:
    """A keeping for people."""
    kept = keeping.kept
    level = f"number {kept.k}, {CONFIRMED.level(kept.k) * 100:.4g} %"
    if keeping.again:
        return [
            f"{kept.question} is followed already, since {time_word(kept.since)}: nothing was spent, and nothing has changed.",
            f"  level        {level}",
        ]
    return [
        f"{kept.question} is followed from {time_word(kept.since)} on: each cycle of {folder} asks it, and trades entered later count.",
        "Until it is proven on those, it is told to nobody.",
        f"  level        {level}: spent for good, out of the {CONFIRMED.share * 100:g} % of confirmed and followed questions",
        f"  copy         questions/{kept.folder}/{kept.question}.py: change it, and it is refused",
        f"  terms        {terms_words(question, kept.terms)}: under other settings it is not followed",
        f"  end it with  ribbon ask --drop {kept.question}",
    ]


def dropped_lines(dropped: list[Dropped]) -> list[str]:
    """A drop for people."""
    return [
        f"{line.question} is followed no longer from {time_word(line.until)} on; what was found stays recorded, and its level "
        f"(number {line.k}) stays spent. The next cycle takes it out of what Claude is told."
        for line in dropped
    ]


def followed_listing(record: Record, folder: Path) -> tuple[list[str], list[dict[str, Any]]]:
    """Every keeping with how it stands, for people and as JSON."""
    lessons, now = _lessons(folder), {line.k for line in followed_now(folder)}
    states = read_states(folder)
    lines, found = [], []
    for kept in record.kept:
        dropped, state = record.dropped(kept.k), states.get(kept.k)
        lesson = lessons.get(hypothesis_of_keeping(kept).id)
        ended = "dropped" if dropped else "" if kept.k in now else "not followed: the terms were changed"
        error = state.error if state and not ended else ""
        lines.append(_line(kept, lesson, ended, error))
        found.append(
            kept.model_dump(mode="json")
            | {
                "level": CONFIRMED.level(kept.k),
                "dropped": dropped.until if dropped else None,
                "followed": not ended,
                "asked_at": state.until if state else None,
                "error": error,
                "lesson": None if lesson is None else lesson.model_dump(mode="json"),
            }
        )
    return lines, found


def _line(kept: Kept, lesson: Lesson | None, ended: str, error: str) -> str:
    head = f"  followed {kept.k}. {kept.question} on {kept.market}, since {time_word(kept.since)}"
    at = f"at {CONFIRMED.level(kept.k) * 100:.4g} %"
    if lesson is None:
        stands = f"n=0 trades yet, {at}"
    else:
        mean = f"{number(lesson.net_mean_pct, 3, sign=True)} % {bounds(lesson.net_low_pct, lesson.net_high_pct, 3)}"
        more = needed_short(lesson)
        stands = f"n={number(lesson.n)}, {mean}, evidence {lesson.evidence:.2f} {at}, {lesson.status_words}"
        stands += f", still needed {more}" if more else ""
    told = [stands, *([ended] if ended else []), *([f"gave nothing: {error}"] if error else [])]
    return f"{head}: {'; '.join(told)}"


def _lessons(folder: Path) -> dict[str, Lesson]:
    """The lessons of the folder's ledger as it stands, by id; none where there is no ledger that can be read."""
    try:
        with LedgerStore.read_only(folder / LEDGER_FILE) as store:
            if store is None or not (head := store.head()):
                return {}
            found = compile_lessons(
                store, parse_instant(head), load_choices(folder), unanswered_questions(folder)
            )
    except DataError:
        return {}
    return {lesson.id: lesson for lesson in found.lessons}
