"""The lessons of an instant as a reader wants them: those to act on, the nearest to proof with what they need, the rest folded.

A lesson is a sentence with its interval on the scale that all share, never its id; one without an interval has a bar of its evidence
instead. How far that reaches is the share of the evidence that the lesson's own level asks for: proven at 1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import permutations
from typing import Any

from lib.contract.schema import DIRECTIONS
from lib.draw.findings import Found, lessons_finding, told_sentence
from lib.draw.forest import MARKS, LessonGroup, LessonLine, forest
from lib.draw.html import STEP, escape
from lib.draw.lesson_effects import since_proof_words
from lib.draw.lesson_lines import ended_line, group_words, lesson_line, only_just, says, sentence_of
from lib.draw.next_step import lessons_step
from lib.draw.numbers import LEAST, bounds, percent
from lib.draw.worth import Prices
from lib.history.lesson_effects import LessonEffect
from lib.lessons.conflicts import lies_inside
from lib.lessons.derived import OWN, nearest, of_all, pinned_besides, to_act_on, unpinned
from lib.lessons.lesson import Lesson
from lib.lessons.wording import claim_words, holds_zero
from lib.prompt.addition import terms_told
from lib.stats.levels import SOUGHT_PCT

NEAREST = 5
#: Of these so many stand on a page of other things, where there is none to act on; and so many of those to act on are in a headline.
_NEAREST_FIRST, _MOST_NAMED = 1, 3
#: Pairs of lessons of which it is said that one is part of the other.
MOST_PAIRS = 2
#: Why a proven loser is no advice: what it is proven to lose is no more than its costs.
NO_LOSS = "before costs no loss is shown"
COSTS_ONLY = f"{NO_LOSS}, which asks for a better reason to enter, not for a ban"
#: Why a proven lesson is no advice, by its consequence or by what it is withheld for.
_WHY = {
    "restates_costs": NO_LOSS,
    "too_small": "too small to act on",
    "threshold": "told as the confidence that Claude asks for",
    "veto": "a person does not want it told",
    "contradiction": "a better proven lesson says the opposite",
    "answers": "a lesson on all of Claude's answers, traded or not, is told in its place",
    "question": "its question cannot be asked now",
}
#: The same with a verb, of one and of more, where they are only counted.
_ONLY = {
    NO_LOSS: ("only says that trades lose their costs", "only say that trades lose their costs"),
    _WHY["answers"]: ("repeats another lesson", "repeat another lesson"),
}
_DAYS = (
    f"What was seen is luck as well as edge, and can fall again; the days are what a true edge of {SOUGHT_PCT} % usually takes, less what "
    "was seen. A larger edge shows sooner."
)
#: Why the intervals of lessons are as wide as they are.
_SURE = (
    "A lesson is a question that is asked of every trade. The intervals are wide on purpose: they stay true however often one looks, and "
    "however many questions are asked."
)
#: Whose trades lessons speak of, and what counts once, for who has not read the definitions.
WHOSE_WORDS = (
    "Answers are all LONG and SHORT calls, traded or not, entries those that were traded; trades that overlap in time are one "
    "episode."
)
#: How the drawing is read.
_READ = f"{MARKS} Blue: told to Claude; brown: proven, not told; grey: not proven; open: ended. {WHOSE_WORDS}"
#: What it means that a lesson has ended.
_ENDED_NOTE = (
    "a run of trades against a lesson ends it, even one that was right on the whole; then it is asked anew"
)


class LessonGroups:
    """The lessons of insights in groups; shows itself as rows on one scale, on a terminal as lines.

    Each to act on says what it made since its proof, of those that `effects` has.
    """

    def __init__(self, insights: Mapping[str, Any], effects: Sequence[LessonEffect] = ()) -> None:
        lessons = [Lesson.model_validate(lesson) for lesson in insights["lessons"]]
        costs, prices = terms_told(insights).costs, Prices.of(insights)
        acted, pinned = to_act_on(lessons), pinned_besides(lessons)
        near = nearest(unpinned(lessons), costs, NEAREST)
        others = [found for found in lessons if found.status == "proven" and found not in (*acted, *pinned)]
        restating = [found for found in others if found.consequence == "restates_costs"]
        rest = [found for found in others if found not in restating]
        self.whole, since_proof = whole_sentence(lessons), since_proof_words(effects)
        self._acted, asked = acted, {lesson.id: lesson for lesson in lessons}
        self._others = [found for found in lessons if found.status == "proven" and found not in acted]
        ended = [found for found in lessons if found.status == "ended" and found.large_since]
        self.groups = [
            LessonGroup(
                "To act on",
                [
                    lesson_line(lesson, prices.worth)._replace(needs=since_proof.get(lesson.id, ""))
                    for lesson in acted
                ],
                _act_on_words(acted, prices, insights),
            ),
            LessonGroup("Pinned by the trader", list(map(lesson_line, pinned))),
            LessonGroup(
                "Nearest to proof, not to be acted on", list(map(lesson_line, near)), _near_words(near)
            ),
            LessonGroup(
                "Proven losers that are no advice",
                list(map(lesson_line, restating)),
                f"{COSTS_ONLY}. {sides_sentence(lessons)}".rstrip(". "),
                folded=True,
            ),
            LessonGroup("Proven, but not told", list(map(lesson_line, rest)), _why_words(rest), folded=True),
            LessonGroup(
                "Were proven, and have ended",
                [ended_line(lesson, asked) for lesson in ended],
                _ENDED_NOTE if any(lesson.why == "no_longer" for lesson in ended) else "",
                folded=True,
            ),
        ]

    @property
    def nearest(self) -> Sequence[LessonLine]:
        """Those nearest to proof."""
        return self.groups[2].lines

    @property
    def act_on(self) -> Sequence[LessonLine]:
        """Those to act on."""
        return self.groups[0].lines

    @property
    def named(self) -> str:
        """What those to act on say, the first in words, behind "Proven:"; "" without one."""
        return named(self._acted)

    @property
    def shared(self) -> str:
        """That some of those to act on are no separate findings; "" where none is part of another."""
        return "These share trades: they are not separate findings." if _overlap_words(self._acted) else ""

    @property
    def no_advice(self) -> str:
        """Why proven lessons are no advice, each reason with how many it keeps back."""
        counts = _counts(self._others)
        alone = len(counts) == 1
        known = [
            f"{('they' if n > 1 else 'it') if alone else n} {_ONLY[why][n > 1]}"
            for why, n in counts.items()
            if why in _ONLY
        ]
        rest = sum(n for why, n in counts.items() if why not in _ONLY)
        return ", ".join([*known, *[f"{rest} for other reasons"] * bool(rest)])

    @property
    def first(self) -> str:
        """Those to act on, or without one the nearest to proof, as rows on one scale; HTML, "" without one."""
        if self.act_on:
            return forest([LessonGroup("", self.act_on)], head=MARKS)
        near = forest([LessonGroup("", self.nearest[:_NEAREST_FIRST])], head=MARKS)
        return near and f"<p>{self.groups[2].name}:</p>{near}"

    def _repr_html_(self) -> str:
        none = "" if self.act_on else f"<h3>{escape(self.groups[0].name)}</h3><p>None yet.</p>"
        return f"{none}{forest(self.groups, head=_READ)}"

    def __repr__(self) -> str:
        said = []
        for group in self._shown():
            said.append(f"{group.name} ({len(group.lines)})")
            said += [f"  - {line.statement} {line.figures} {line.needs}".rstrip() for line in group.lines]
        return "\n".join(said)

    def _shown(self) -> list[LessonGroup]:
        return [group for place, group in enumerate(self.groups) if group.lines or place == 0]


def insights_finding(insights: Mapping[str, Any]) -> Found:
    """What the page of the insights begins with: what is proven, what to do, and what stands in for a failed analysis."""
    evidence, held = insights["evidence"], insights["provenance"]["prompt_held_since"]
    groups = LessonGroups(insights)
    first, *others = lessons_finding(
        evidence["act_on"], evidence["proven"], evidence["hypotheses"], groups.no_advice
    )
    if named := groups.named:
        first = f"Proven: {named}."
    others[:0] = [groups.shared] * bool(groups.shared)
    if held:
        others.append(told_sentence(evidence["act_on"], held))
    bad = [key for key, status in insights["sections"].items() if status != "ok"]
    if bad:
        others.append(f"Not of this hour: {', '.join(key.replace('_', ' ') for key in bad)}.")
    return Found([first, _what_to_do(evidence["act_on"], held), " ".join(others)], [_SURE])


def _what_to_do(act_on: int, held: str) -> str:
    """What the lessons to act on ask for; without one that nothing proven asks for anything."""
    if not act_on or held:
        return lessons_step(act_on, held=bool(held))
    told = "this lesson" if act_on == 1 else f"these {act_on} lessons"
    return (
        f"{STEP}nothing more; Claude is told {told}. Whether telling helps only a controlled test on a real market can say, in which "
        "chance decides when Claude is told: `ribbon experiment start` begins one."
    )


def named(lessons: Sequence[Lesson]) -> str:
    """What lessons say, the first in words, each with whether it is only just proven; "" without one."""
    told = [f"{says(lesson.hypothesis)}{' (only just)' * only_just(lesson)}" for lesson in lessons]
    more = [f"{len(told) - _MOST_NAMED} more"] if len(told) > _MOST_NAMED else []
    return "; ".join([*told[:_MOST_NAMED], *more])


def whole_sentence(lessons: Sequence[Lesson]) -> str:
    """Whether it is proven that all answers (without these all trades) together lose or gain; "" where too few were seen."""
    if (found := of_all(lessons, LEAST)) is None:
        return ""
    mean, interval = (
        percent(found.net_mean_pct, 3, signed=True),
        bounds(found.net_low_pct, found.net_high_pct, 3),
    )
    size = ", ".join(part for part in (mean, interval, f"n {found.episodes:,}") if part)
    sure = "is not proven"
    if found.status == "proven":
        sure = "is not proven now" if holds_zero(found) else "is proven"
    group = f"{group_words(found.hypothesis)} together{', traded or not,' * (found.stream == 'answers')}"
    return f"That {group} {claim_words(found.hypothesis)} {sure} ({size})."


def sides_sentence(lessons: Sequence[Lesson]) -> str:
    """Whether one direction is proven to do better than the other; "" where too few were compared."""
    asked = [
        lesson
        for lesson in lessons
        if (lesson.family, lesson.claim) == ("direction", "beats")
        and lesson.stream in OWN
        and lesson.status != "ended"
        and lesson.episodes >= LEAST
    ]
    if not asked:
        return ""
    best = max(asked, key=lambda each: (each.status == "proven", each.net_mean_pct or 0.0))
    other, interval = DIRECTIONS[best.value == "LONG"], bounds(best.net_low_pct, best.net_high_pct, 3)
    size = f"n {best.episodes:,} pairs{interval and f', {interval} %'}"
    sure = "is proven" if best.status == "proven" else "is not proven"
    return f"That {group_words(best.hypothesis)} do better than {other} ones {sure} ({size})."


def why_not_told(lessons: Sequence[Lesson]) -> dict[str, str]:
    """Why each proven lesson that is not to be acted on is no advice, in a clause, by its id."""
    return {
        lesson.id: _why(lesson)
        for lesson in lessons
        if lesson.status == "proven" and lesson.consequence != "act_on"
    }


def _act_on_words(lessons: Sequence[Lesson], prices: Prices, insights: Mapping[str, Any]) -> str:
    """What a trade costs, to hold the means against, and which lessons share trades; "" without a lesson."""
    said = (prices.costs_words(insights), _overlap_words(lessons)) if lessons else ()
    return " ".join(part for part in said if part)


def _overlap_words(lessons: Sequence[Lesson]) -> str:
    """Which of the lessons speak of a part of another's entries; "" where none does."""
    asked = [lesson.hypothesis for lesson in lessons]
    inside = [
        f"{group_words(one)} are among {group_words(other)}"
        for one, other in permutations(asked, 2)
        if lies_inside(one, other)
    ]
    if not inside:
        return ""
    more = f"; and {len(inside) - MOST_PAIRS} more such pairs" if len(inside) > MOST_PAIRS else ""
    pairs = f"{'; '.join(inside[:MOST_PAIRS])}{more}"
    return sentence_of(f"{pairs}: such lessons share trades, so they are not separate findings.")


def _near_words(lessons: Sequence[Lesson]) -> str:
    return _DAYS if any(lesson.more_days is not None for lesson in lessons) else ""


def _why_words(lessons: Sequence[Lesson]) -> str:
    """Why proven lessons are not told, each reason with how many it keeps back."""
    counts = _counts(lessons)
    return "; ".join(f"{why} ({n})" if len(counts) > 1 else why for why, n in counts.items())


def _counts(lessons: Sequence[Lesson]) -> Counter[str]:
    return Counter(map(_why, lessons))


def _why(lesson: Lesson) -> str:
    return _WHY.get(lesson.withheld or lesson.consequence, "no advice")
