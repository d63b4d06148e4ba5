"""What is derived from the lessons: best, worst and candidate setups, key lessons for people, and "no lesson yet" with its numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from lib.contract.words import number
from lib.lessons.conflicts import own_group
from lib.lessons.hypotheses import QUESTIONS, THRESHOLDS
from lib.lessons.lesson import LedgerSummary, Lesson
from lib.lessons.wording import days_words, statement
from lib.market.costs import Costs

#: Streams of what the decider chose to enter.
OWN = ("trades", "answers")
#: Families that name a setup.
SETUPS = ("setup", "kind")
#: Why a proven lesson is no advice, by what it is withheld by, else by what follows from it.
_NO_ADVICE = {
    "restates_costs": "restating the costs",
    "too_small": "too small",
    "answers": "of executed trades alone, where a lesson above speaks of all answers",
    "contradiction": "contradicted by a better lesson",
    "veto": "vetoed by the trader",
    "question": "of a question that cannot be asked now",
}
#: Most candidate setups that are named, and most candidates that are told as the nearest.
_CANDIDATE_SETUPS = 10
_NEAREST = 3


def to_act_on(lessons: Sequence[Lesson]) -> list[Lesson]:
    """The lessons to act on; pinned ones first."""
    found = [lesson for lesson in lessons if lesson.consequence == "act_on"]
    return sorted(found, key=lambda lesson: (not lesson.pinned, -(lesson.effect_pct or 0.0), lesson.id))


def best_setups(lessons: Sequence[Lesson]) -> list[str]:
    """Statements of proven setups to favour."""
    return [
        lesson.statement
        for lesson in to_act_on(lessons)
        if lesson.family in SETUPS and lesson.claim != "below"
    ]


def worst_setups(lessons: Sequence[Lesson]) -> list[str]:
    """Statements of proven setups to avoid."""
    return [
        lesson.statement
        for lesson in to_act_on(lessons)
        if lesson.family in SETUPS and lesson.claim == "below"
    ]


def candidate_setups(lessons: Sequence[Lesson], costs: Costs) -> list[str]:
    """Statements of unproven setups, nearest to proof first, own trades before markets; none vetoed or restating costs."""
    found = [lesson for lesson in lessons if _is_question(lesson, costs) and lesson.family in SETUPS]
    ranked = sorted(found, key=lambda lesson: (lesson.stream not in OWN, -lesson.evidence, lesson.id))
    return [lesson.statement for lesson in ranked[:_CANDIDATE_SETUPS]]


def nearest(lessons: Sequence[Lesson], costs: Costs, count: int = _NEAREST) -> list[Lesson]:
    """The candidates with the most evidence, one a group, in the one order that pages and Claude are told them in; none that has none,
    is vetoed, or would restate the costs.

    A question of one's own is told only once it is proven, so it is none of them. A group of own trades and of answers is one; so are the
    thresholds of confidence, which are nested.
    """
    found: dict[tuple[str, ...], Lesson] = {}
    for lesson in sorted(lessons, key=lambda lesson: (-lesson.evidence, lesson.id)):
        if _is_question(lesson, costs) and lesson.evidence > 0:
            found.setdefault(_question_group(lesson), lesson)
    return list(found.values())[:count]


def _question_group(lesson: Lesson) -> tuple[str, ...]:
    if lesson.family in THRESHOLDS:
        return ("threshold",)
    return (
        own_group(lesson.hypothesis) if lesson.stream in OWN else (lesson.stream, lesson.family, lesson.value)
    )


def unpinned(lessons: Sequence[Lesson]) -> list[Lesson]:
    """Those that no person pinned: what is pinned is printed for itself and takes no place of the nearest."""
    return [lesson for lesson in lessons if not lesson.pinned]


def _is_question(lesson: Lesson, costs: Costs) -> bool:
    asked = lesson.status == "candidate" and lesson.stream != QUESTIONS
    return asked and not lesson.vetoed and not restates_costs(lesson, costs)


def restates_costs(lesson: Lesson, costs: Costs) -> bool:
    """Whether a loss after `costs` is not shown to be one before them: its upper bound with the costs added is not below zero."""
    if lesson.claim != "below" or lesson.stream == "held":
        return False
    paid = costs.fees_pct if lesson.stream == "trades" else costs.round_trip_pct
    return lesson.net_high_pct is None or lesson.net_high_pct + paid >= 0


def all_lose(lessons: Sequence[Lesson]) -> Lesson | None:
    """The lesson that all answers together lose after costs, or all trades do, where that is proven."""
    losing = [lesson for lesson in lessons if lesson.family == "all" and lesson.claim == "below"]
    found = (lesson for stream in ("answers", "trades") for lesson in losing if lesson.stream == stream)
    return next((lesson for lesson in found if lesson.status == "proven"), None)


def of_all(lessons: Sequence[Lesson], least: int) -> Lesson | None:
    """The lesson of whether all answers together gain or lose, without these of all trades, seen `least` times: the one that is proven,
    else the one on the side of its mean.
    """

    def rank(lesson: Lesson) -> tuple[bool, bool, bool]:
        along = (lesson.net_mean_pct or 0.0) * (1 if lesson.claim == "above" else -1) >= 0
        return lesson.stream == "answers", lesson.status == "proven", along

    asked = [
        lesson
        for lesson in lessons
        if lesson.family == "all"
        and lesson.claim != "beats"
        and lesson.status != "ended"
        and lesson.episodes >= least
    ]
    return max(asked, key=rank, default=None)


def pinned_besides(lessons: Sequence[Lesson]) -> list[Lesson]:
    """What a person pinned beside the lessons to act on, and is printed as what it is; not what is told as a fact already."""
    return [
        lesson
        for lesson in lessons
        if lesson.pinned and lesson.consequence != "act_on" and not lesson.vetoed and not is_cost_fact(lesson)
    ]


def not_yet(lessons: Sequence[Lesson], summary: LedgerSummary) -> str:
    """ "No lesson yet", with what has been seen; "" where there is one to act on."""
    if to_act_on(lessons):
        return ""
    if not (summary.trades or summary.answers):
        return (
            "No lesson yet: n=0, no own trade is evidence yet (whole hours count, under the present terms); "
            f"{number(summary.hypotheses)} hypotheses wait for it."
        )
    seen = f"n={number(summary.trades)} own trades in {number(summary.episodes)} episodes"
    seen += f" and n={number(summary.answers)} answers" if summary.answers else ""
    over = "" if summary.days is None else f" over {days_words(summary.days)}"
    proven = sum(lesson.status == "proven" for lesson in lessons)
    found = (
        f"{number(proven)} of {number(summary.hypotheses)} hypotheses proven, but none to act on"
        if proven
        else (f"none of {number(summary.hypotheses)} hypotheses is proven")
    )
    return f"No lesson yet: {seen}{over}, {found}."


def other_proven_words(lessons: Sequence[Lesson]) -> str:
    """How many proven lessons are told nowhere, and why; "" for none."""
    counts: Counter[str] = Counter()
    printed = {lesson.id for lesson in pinned_besides(lessons)}
    for lesson in lessons:
        elsewhere = lesson.id in printed or is_cost_fact(lesson) or lesson.consequence == "threshold"
        if lesson.status == "proven" and lesson.consequence != "act_on" and not elsewhere:
            why = lesson.withheld or lesson.consequence
            counts[_NO_ADVICE.get(why, "for a reason that was not recorded")] += 1
    if not counts:
        return ""
    # The lesson that all entries lose is printed by itself, and is one of those that restate the costs.
    besides = {_NO_ADVICE["restates_costs"]: " more"} if any(map(is_cost_fact, lessons)) else {}
    parts = ", ".join(
        f"{words} ({number(counts[words])}{besides.get(words, '')})" for words in sorted(counts)
    )
    return f"Proven, but no advice: {parts}."


def costs_words(lessons: Sequence[Lesson], worded: Callable[[Lesson], str] = statement) -> str:
    """That all answers, or all trades, lose no more than their costs, where that much is proven, a fact about trading alone; else ""."""
    whole = all_lose([lesson for lesson in lessons if is_cost_fact(lesson)])
    return f"{worded(whole)} That only restates the costs and is no advice." if whole else ""


def is_cost_fact(lesson: Lesson) -> bool:
    """Whether it is one that all trades, or answers, lose, and tells no more than that of their costs."""
    return all_lose([lesson]) is not None and lesson.consequence == "restates_costs"


def key_lessons(lessons: Sequence[Lesson], summary: LedgerSummary, costs: Costs) -> list[str]:
    """What the evidence says, in sentences for people: those to act on, or that there is none yet, and what is nearest to proof."""
    found = [lesson.statement for lesson in to_act_on(lessons)] or [not_yet(lessons, summary)]
    found += [costs_words(lessons)] if costs_words(lessons) else []
    found += [lesson.statement for lesson in pinned_besides(lessons)]
    found += [f"Nearest to proof: {lesson.statement}" for lesson in nearest(unpinned(lessons), costs)]
    return [*found, other_proven_words(lessons)] if other_proven_words(lessons) else found
