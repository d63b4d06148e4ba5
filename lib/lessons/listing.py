"""Lessons as text for a terminal: a table of all, and all that is known of one; ASCII."""

from __future__ import annotations

from collections.abc import Sequence

from lib.contract.text_table import TextTable, plain_lines
from lib.contract.words import bounds, number, rate
from lib.lessons.derived import is_cost_fact, key_lessons
from lib.lessons.evidence import Snapshot
from lib.lessons.lesson import Lesson, Lessons
from lib.lessons.wording import cautious_words, needed_short, needed_words, proven_words

_ORDER = ("proven", "candidate", "ended")
_HEAD = (
    "lesson",
    "status",
    "n",
    "episodes",
    "net % an episode",
    "[interval]",
    "won",
    "evidence",
    "still needed",
)


def lessons_text(found: Lessons, every: bool = False, last: int = 20) -> str:
    """`lessons_parts` as plain text."""
    return "\n".join(plain_lines(lessons_parts(found, every, last))) + "\n"


def lessons_parts(found: Lessons, every: bool = False, last: int = 20) -> list[str | TextTable]:
    """What the evidence says, then the lessons in a table: the proven ones, and the `last` candidates nearest to proof (`every`: all)."""
    summary = found.summary
    head = [
        f"{number(summary.hypotheses)} hypotheses asked of {number(summary.trades)} own trades in {number(summary.episodes)} episodes, "
        f"up to {summary.head or 'no hour yet'}: {proven_words(summary)}, "
        f"{number(summary.candidates)} candidates, {number(summary.ended)} ended.",
        *(f"  - {sentence}" for sentence in key_lessons(found.lessons, summary, found.terms.costs)),
    ]
    ranked = sorted(found.lessons, key=_rank)
    proven = [lesson for lesson in ranked if lesson.status == "proven" or lesson.pinned]
    others = [lesson for lesson in ranked if lesson not in proven]
    shown = ranked if every else [*proven, *others[:last]]
    if not shown:
        return [*head]
    hidden = len(ranked) - len(shown)
    more = [f"  ... and {hidden} more: --all"] if hidden else []
    return [*head, "", TextTable(_HEAD, [*map(_row, shown)], left=(0, 1, 8)), *more]


def _rank(lesson: Lesson) -> tuple:
    return _ORDER.index(lesson.status), lesson.consequence != "act_on", -lesson.evidence, lesson.id


def _row(lesson: Lesson) -> tuple[str, ...]:
    return (
        lesson.id,
        lesson.status_words,
        number(lesson.n),
        number(lesson.episodes),
        number(lesson.net_mean_pct, 3, sign=True),
        bounds(lesson.net_low_pct, lesson.net_high_pct, 3),
        rate(lesson.win_rate),
        f"{lesson.evidence:.2f}",
        needed_short(lesson),
    )


def _not_told(lesson: Lesson) -> str:
    """What becomes of a lesson in the prompt addition where it is not simply told; "" where it is, or is no more than a candidate."""
    if is_cost_fact(lesson):
        return "told as a fact, and not as advice: it only restates the costs"
    if lesson.pinned and not lesson.vetoed:
        return "pinned: printed in the prompt addition as what it is"
    if lesson.consequence in ("", "act_on"):
        return "not told: vetoed" if lesson.vetoed else ""
    if lesson.consequence == "threshold":
        return "a confidence threshold: the smallest that is proven is told as such"
    joined = "; told is" if lesson.withheld == "answers" else " with"
    other = f"{joined} {lesson.withheld_for}" if lesson.withheld_for else ""
    return f"not to be acted on: {lesson.consequence_words}{other}"


def lesson_text(lesson: Lesson, course: Sequence[Snapshot], changes: Sequence[tuple[str, str, str]]) -> str:
    """One lesson: its sentence, its figures, and how its status changed (time, status, why)."""
    lines = [
        lesson.statement,
        f"  number {len(course) and course[-1].k}, level {lesson.level:.2e}, evidence {lesson.evidence:.2f} of what that asks for "
        f"(days hang together by a factor of {lesson.tempering:.2f})",
        f"  mean per trade {number(lesson.trade_mean_pct, 3, sign=True)} %; {cautious_words(lesson)}",
        f"  losses beyond the declared worst: {lesson.beyond_declared}; doubt {lesson.doubt:.1f} (ends at 20)",
        f"  rests on, newest first: {', '.join(lesson.trades) or 'no trade'}",
    ]
    if why := _not_told(lesson):
        lines.append(f"  {why}")
    if words := needed_words(lesson):
        lines.append(f"  {words}")
    if lesson.claim != "beats" and (lesson.trade_mean_pct or 0.0) * (lesson.net_mean_pct or 0.0) < 0:
        lines.append(
            "  note: the mean per trade and the mean per episode differ in sign: episode size goes with return"
        )
    return "\n".join([*lines, *(f"  {at}  {status} ({why})" for at, status, why in changes)]) + "\n"
