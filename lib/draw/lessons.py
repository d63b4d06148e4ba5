"""The lessons of an instant as a reader wants them: those to act on, the nearest to proof with what they need, the rest folded.

A lesson is a sentence with its interval beside zero, never its id; one that is not proven has a bar of its evidence instead. How far that
reaches is the share of the evidence that the lesson's own level asks for: proven at 1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import permutations
from typing import Any, NamedTuple

from lib.contract.words import time_word
from lib.draw.card import Drawn, LessonLine, card, drawn_together
from lib.draw.findings import Found, lessons_finding, told_sentence
from lib.draw.html import NO_FORMULAS, STEP, escape
from lib.draw.next_step import lessons_step
from lib.draw.numbers import bounds, percent
from lib.draw.words import moments, typeset
from lib.draw.worth import Prices
from lib.lessons.conflicts import advice, lies_inside
from lib.lessons.derived import nearest, pinned_besides, to_act_on, unpinned
from lib.lessons.hypotheses import Hypothesis, hypothesis_of
from lib.lessons.lesson import Lesson
from lib.lessons.wording import claim_words, holds_zero, needed_words, subject
from lib.prompt.addition import terms_told
from lib.stats.levels import SOUGHT_PCT

NEAREST = 5
#: An interval that ends closer to zero than this share of the mean is only just clear of it.
_ONLY_JUST = 0.1
#: Pairs of lessons of which it is said that one is part of the other.
MOST_PAIRS = 2
_ADVICE = {"favour": "Favour: ", "avoid": "Avoid: "}
_PREFER, _NO_GAIN = "Prefer them among entries; that they gain is not shown.", "That they gain is not shown."
_COSTS = "they lose after costs, as every entry without an edge does, and the static rules say so; before costs no loss is shown"
#: Why a proven lesson is no advice, by its consequence or by what it is withheld for.
_WHY = {
    "restates_costs": "it only says what trading costs",
    "too_small": "too small to act on",
    "threshold": "told as the confidence that Claude asks for",
    "veto": "a person does not want it told",
    "contradiction": "a better proven lesson says the opposite",
    "answers": "a lesson on all of Claude's answers, traded or not, is told in its place",
    "question": "its question cannot be asked now",
}
_DAYS = (
    f"What was seen is luck as well as edge, and can fall again; the days are what a true edge of {SOUGHT_PCT} % usually takes, less what "
    "was seen. A larger edge shows sooner."
)
#: Why the intervals of lessons are as wide as they are, and what is drawn of them.
_SURE = [
    "A lesson is a question that is asked of every trade. The intervals are wide on purpose: they stay true however often one looks, and "
    "however many questions are asked.",
    "The band is the interval of the mean, beside a line at zero.",
]


class LessonGroup(NamedTuple):
    """Lessons under one heading; `meant` is what it means that they stand here, `folded` whether they do behind that."""

    name: str
    lines: list[LessonLine]
    meant: str = ""
    folded: bool = False


class LessonGroups:
    """The lessons of insights in groups; shows itself as cards, on a terminal as lines."""

    def __init__(self, insights: Mapping[str, Any]) -> None:
        lessons = [Lesson.model_validate(lesson) for lesson in insights["lessons"]]
        costs, prices = terms_told(insights).costs, Prices.of(insights)
        acted, pinned = to_act_on(lessons), pinned_besides(lessons)
        near = nearest(unpinned(lessons), costs, NEAREST)
        others = [found for found in lessons if found.status == "proven" and found not in (*acted, *pinned)]
        restating = [found for found in others if found.consequence == "restates_costs"]
        rest = [found for found in others if found not in restating]
        self._restating, self._rest = restating, rest
        self.groups = [
            LessonGroup("To act on", _lines(acted, prices.worth), _act_on_words(acted, prices, insights)),
            LessonGroup("Pinned by the trader", _lines(pinned)),
            LessonGroup("Nearest to proof, not to be acted on", _lines(near), _near_words(near)),
            LessonGroup("Proven, but only what trading costs", _lines(restating), _COSTS, folded=True),
            LessonGroup("Proven, but not told", _lines(rest), _why_words(rest), folded=True),
        ]

    @property
    def no_advice(self) -> str:
        """Why what else is proven is no advice, each reason with how many it keeps back, in a clause; "" for none."""
        said = [_costs_clause(self._restating)] if self._restating else []
        return "; ".join([*said, *(f"for {n:,}, {why}" for why, n in _counts(self._rest).items())])

    @property
    def nearest(self) -> list[LessonLine]:
        """Those nearest to proof."""
        return self.groups[2].lines

    @property
    def act_on(self) -> list[LessonLine]:
        """Those to act on."""
        return self.groups[0].lines

    def _repr_html_(self) -> str:
        return f'<div class="{NO_FORMULAS}">{"".join(map(_group_html, self._shown()))}</div>'

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
    why = LessonGroups(insights).no_advice
    first, *others = lessons_finding(evidence["act_on"], evidence["proven"], evidence["hypotheses"], why=why)
    if held:
        others.append(told_sentence(evidence["act_on"], held))
    bad = [key for key, status in insights["sections"].items() if status != "ok"]
    if bad:
        others.append(f"Not of this hour: {', '.join(key.replace('_', ' ') for key in bad)}.")
    return Found([first, _what_to_do(evidence["act_on"], held), " ".join(others)], _SURE)


def _what_to_do(act_on: int, held: str) -> str:
    """What the lessons to act on ask for; without one that nothing proven asks for anything."""
    if not act_on or held:
        return lessons_step(act_on, held=bool(held))
    told = "this lesson" if act_on == 1 else f"these {act_on} lessons"
    return (
        f"{STEP}nothing more; Claude is told {told}. Whether telling helps only a controlled test on a real market can say, in which "
        "chance decides when Claude is told: `ribbon experiment start` begins one."
    )


def why_not_told(lessons: Sequence[Lesson]) -> dict[str, str]:
    """Why each proven lesson that is not to be acted on is no advice, in a clause, by its id."""
    return {
        lesson.id: _why(lesson)
        for lesson in lessons
        if lesson.status == "proven" and lesson.consequence != "act_on"
    }


def group_words(asked: Hypothesis) -> str:
    """The group that a hypothesis is about, inside a sentence."""
    group = subject(asked).rstrip(",")
    head, _, rest = group.partition(" ")
    return typeset(group if head.isupper() else f"{head.lower()} {rest}".rstrip())


def question_words(lesson_id: str) -> str:
    """What a lesson says, by its id; an id that is no hypothesis as it is."""
    try:
        asked = hypothesis_of(lesson_id)
    except ValueError:
        return lesson_id
    return typeset(f"{subject(asked).rstrip(',')} {claim_words(asked)}")


def _lines(
    lessons: Sequence[Lesson], worth: Callable[[float | None], str] = lambda mean: ""
) -> list[LessonLine]:
    """The lessons ready to show, their intervals drawn on one axis; `worth` is what a mean is in money, in words."""
    ends = [(each.net_low_pct, each.net_mean_pct, each.net_high_pct) for each in lessons]
    known = [None if None in found else found for found in ends]
    return [_line(*each, worth) for each in zip(lessons, drawn_together(known), strict=True)]


def _line(lesson: Lesson, drawn: Drawn | None, worth: Callable[[float | None], str]) -> LessonLine:
    asked, proven, told = lesson.hypothesis, lesson.status == "proven", lesson.consequence == "act_on"
    said = f"{question_words(lesson.id)}{'.' if proven else '?'}"
    if proven and asked.claim == "beats":
        said = f"{said} {_PREFER if told else _NO_GAIN}"
    needed = needed_words(lesson)
    return LessonLine(
        f"{_ADVICE[advice(asked)] if told else ''}{said}",
        _standing(lesson),
        _figures(lesson, worth),
        typeset(_sentence(f"{needed}.")) if needed else "",
        min(max(lesson.evidence, 0.0), 1.0),
        drawn,
    )


def _figures(lesson: Lesson, worth: Callable[[float | None], str]) -> str:
    unit, than = ("pairs", "against all others") if lesson.claim == "beats" else ("episodes", "after costs")
    than = "against closing" if lesson.stream == "held" else than
    interval = bounds(lesson.net_low_pct, lesson.net_high_pct, 3)
    size = ", ".join(part for part in (f"n {lesson.episodes:,} {unit}", interval and f"{interval} %") if part)
    so_far = "On average" if lesson.status == "proven" else "So far"
    mean = lesson.net_mean_pct
    money = worth(mean)
    more = " more than the others" if money and lesson.claim == "beats" else ""
    return f"{so_far} {percent(mean, 3, signed=True)} {than} ({size}){money}{more}."


def _act_on_words(lessons: Sequence[Lesson], prices: Prices, insights: Mapping[str, Any]) -> str:
    """What a trade costs, to hold the means against, and which lessons share trades; "" without a lesson."""
    said = (prices.costs_words(insights), _overlap_words(lessons)) if lessons else ()
    return " ".join(part for part in said if part)


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}"


def _standing(lesson: Lesson) -> str:
    """Since when it is proven, or how much of what it needs it has."""
    share = f"{100 * min(max(lesson.evidence, 0.0), 1.0):.0f} % of the evidence it needs"
    if lesson.status != "proven":
        return "Its interval still holds 0" if holds_zero(lesson) else share
    weaker = "" if lesson.evidence >= 1 else f"; by now it has {share}"
    if holds_zero(lesson):
        return moments(f"Was proven on {time_word(lesson.since)}; its newest interval holds 0{weaker}")
    return moments(
        f"Proven since {time_word(lesson.since)}{', only just' if _only_just(lesson) else ''}{weaker}"
    )


def _only_just(lesson: Lesson) -> bool:
    """Whether zero lies closer to its interval than a tenth of its mean."""
    low, mean, high = lesson.net_low_pct, lesson.net_mean_pct, lesson.net_high_pct
    return None not in (low, mean, high) and min(abs(low), abs(high)) < _ONLY_JUST * abs(mean)


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
    return _sentence(f"{pairs}: such lessons share trades, so they are not separate findings.")


def _near_words(lessons: Sequence[Lesson]) -> str:
    better = any(lesson.claim == "beats" for lesson in lessons)
    days = any(lesson.more_days is not None for lesson in lessons)
    said = ["To do better than all others need not be a gain."] if better else []
    return " ".join([*said, _DAYS] if days else said)


def _why_words(lessons: Sequence[Lesson]) -> str:
    """Why proven lessons are not told, each reason with how many it keeps back."""
    counts = _counts(lessons)
    return "; ".join(f"{why} ({n})" if len(counts) > 1 else why for why, n in counts.items())


def _counts(lessons: Sequence[Lesson]) -> Counter[str]:
    return Counter(map(_why, lessons))


def _why(lesson: Lesson) -> str:
    return _WHY.get(lesson.withheld or lesson.consequence, "no advice")


def _costs_clause(lessons: Sequence[Lesson]) -> str:
    """That so many lessons only restate the costs, those that rest on most named."""
    most = sorted(lessons, key=lambda lesson: (holds_zero(lesson), -lesson.episodes))
    named = list(dict.fromkeys(group_words(lesson.hypothesis) for lesson in most))[:MOST_PAIRS]
    more = len(lessons) - len(named)
    who = f"{', '.join(named)} and {more:,} more" if more else " and ".join(named)
    return f"{who} lose by their costs, as every trade without an edge does, which speaks neither for nor against them"


def _group_html(group: LessonGroup) -> str:
    cards = "".join(map(card, group.lines))
    cards = f'<div class="lessons">{cards}</div>' if group.lines else "<p>None yet.</p>"
    if group.folded:
        named = f"{escape(group.name)} ({len(group.lines)})"
        return f"<details><summary>{named}: {escape(group.meant)}</summary>{cards}</details>"
    count = f" ({len(group.lines)})" if group.lines else ""
    note = f'<p class="soft">{escape(group.meant)}</p>' if group.meant else ""
    return f"<h3>{escape(group.name)}{count}</h3>{cards}{note}"
