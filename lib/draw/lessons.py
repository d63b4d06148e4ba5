"""The lessons of an instant as a reader wants them: those to act on, the nearest to proof with what they need, the rest folded.

A lesson is a sentence with a bar of its evidence, never its id. How far the bar reaches is the share of the evidence that the lesson's own
level asks for: proven at 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from lib.contract.words import bounds, time_word
from lib.draw.findings import lessons_finding, told_sentence
from lib.draw.html import NO_FORMULAS, STEP, escape
from lib.draw.next_step import lessons_step
from lib.draw.numbers import percent
from lib.draw.words import moments, tight, typeset
from lib.lessons.conflicts import advice
from lib.lessons.derived import nearest, pinned_besides, to_act_on, unpinned
from lib.lessons.hypotheses import Hypothesis, hypothesis_of
from lib.lessons.lesson import Lesson
from lib.lessons.wording import cautious_words, claim_words, holds_zero, needed_words, subject
from lib.prompt.addition import terms_told

NEAREST = 5
#: Lessons that the first lines of a page spell out.
MOST_DEEDS = 3
_ADVICE = {"favour": "Favour: ", "avoid": "Avoid: "}
_RESTATING = "Proven, but restating what trading costs"
_OTHERS = "Proven, but too small or withheld"
#: What a folded group means, for who does not open it.
_MEANT = {
    _RESTATING: "they lose after costs, and before costs no loss is shown; that says what trading costs, not which way to trade",
    _OTHERS: "true as far as is known, and nothing that Claude is told to act on",
}


_BETTER = "do better than all others"
_NOTE = "To do better than all others need not be a gain."


class LessonLine(NamedTuple):
    """One lesson, ready to show: what it says, how it stands, its figures, what it still needs, and how much of the evidence that it
    needs it has (0 to 1).
    """

    statement: str
    standing: str
    figures: str
    needs: str
    share: float


class LessonGroups:
    """The lessons of insights in groups; shows itself as cards, on a terminal as lines."""

    def __init__(self, insights: Mapping[str, Any]) -> None:
        lessons = [Lesson.model_validate(lesson) for lesson in insights["lessons"]]
        costs = terms_told(insights).costs
        acted = to_act_on(lessons)
        pinned = pinned_besides(lessons)
        others = [found for found in lessons if found.status == "proven" and found not in (*acted, *pinned)]
        restating = [found for found in others if found.consequence == "restates_costs"]
        #: Named groups in their order: what they are, their lessons, whether they are folded.
        self.groups: list[tuple[str, list[LessonLine], bool]] = [
            ("To act on", _lines(acted), False),
            ("Pinned by the trader", _lines(pinned), False),
            (
                "Nearest to proof, not to be acted on",
                _lines(nearest(unpinned(lessons), costs, NEAREST)),
                False,
            ),
            (_RESTATING, _lines(restating), True),
            (_OTHERS, _lines([found for found in others if found not in restating]), True),
        ]

    @property
    def nearest(self) -> list[LessonLine]:
        """Those nearest to proof."""
        return self.groups[2][1]

    @property
    def act_on(self) -> list[LessonLine]:
        """Those to act on."""
        return self.groups[0][1]

    def _repr_html_(self) -> str:
        shown = "".join(_group_html(name, lines, folded) for name, lines, folded in self._shown())
        return f'<div class="{NO_FORMULAS}">{shown}</div>'

    def __repr__(self) -> str:
        said = []
        for name, lines, _ in self._shown():
            said.append(f"{name} ({len(lines)})")
            said += [f"  - {line.statement} {line.figures} {line.needs}".rstrip() for line in lines]
        return "\n".join(said)

    def _shown(self) -> list[tuple[str, list[LessonLine], bool]]:
        return [group for place, group in enumerate(self.groups) if group[1] or place == 0]


def insights_finding(insights: Mapping[str, Any]) -> list[str]:
    """What the page of the insights begins with: what is proven, what is told, and what stands in for a failed analysis."""
    evidence, held = insights["evidence"], insights["provenance"]["prompt_held_since"]
    told = lessons_finding(
        evidence["act_on"], evidence["proven"], evidence["hypotheses"], evidence["nearest"]
    )
    bad = [key for key, status in insights["sections"].items() if status != "ok"]
    names = ", ".join(key.replace("_", " ") for key in bad)
    lacks = f" Not of this hour: {names}." if bad else ""
    first, rest = told[0], " ".join(told[1:])
    act_on = to_act_on([Lesson.model_validate(lesson) for lesson in insights["lessons"]])
    return [
        first,
        _what_to_do(act_on, held),
        f"{rest} {told_sentence(evidence['act_on'], held)}{lacks}".lstrip(),
    ]


def _what_to_do(lessons: Sequence[Lesson], held: str) -> str:
    """What the lessons to act on ask for, in one sentence; without one that nothing proven asks for anything."""
    if not lessons or held:
        return lessons_step(len(lessons), held=bool(held))
    named = "; to ".join(_deed(lesson) for lesson in lessons[:MOST_DEEDS])
    more = len(lessons) - MOST_DEEDS
    rest = f"; and {more} more, below" if more > 0 else ""
    return typeset(
        f"{STEP}nothing more; Claude is told to {named}{rest}. Whether telling helps stands under History."
    )


def _deed(lesson: Lesson) -> str:
    """One lesson as what it asks for: "favour LONG entries, which gain after costs"."""
    asked = lesson.hypothesis
    group = subject(asked).rstrip(",")
    head, _, rest = group.partition(" ")
    group = group if head.isupper() else f"{head.lower()} {rest}".rstrip()
    return (
        f"{advice(asked)} {group}, which {claim_words(asked)}{_no_gain(asked, ' (that need not be a gain)')}"
    )


def _no_gain(asked: Hypothesis, words: str) -> str:
    """`words` of who only does better than others; better than a loss may be a loss."""
    return words if asked.claim == "beats" else ""


def question_words(lesson_id: str) -> str:
    """What a lesson says, by its id; an id that is no hypothesis as it is."""
    try:
        asked = hypothesis_of(lesson_id)
    except ValueError:
        return lesson_id
    return typeset(f"{subject(asked).rstrip(',')} {claim_words(asked)}")


def _lines(lessons: Sequence[Lesson]) -> list[LessonLine]:
    return [_line(lesson) for lesson in lessons]


def _line(lesson: Lesson) -> LessonLine:
    end = "." if lesson.status == "proven" else "?"
    unit = "pairs" if lesson.claim == "beats" else "episodes"
    what = "difference" if lesson.claim == "beats" else "mean"
    interval = (
        ""
        if None in (lesson.net_low_pct, lesson.net_high_pct)
        else f", at every look {bounds(lesson.net_low_pct, lesson.net_high_pct, 3)[1:-1]}"
    )
    mean = f"{what} {percent(lesson.net_mean_pct, 3, signed=True)} (n {lesson.episodes:,} {unit}{interval})"
    needed = needed_words(lesson)
    sure = f"; {cautious_words(lesson)}" if lesson.status == "proven" else ""
    # Of those that are no advice the heading says it once.
    alone = _no_gain(lesson.hypothesis, ", which need not be a gain") if lesson.status == "proven" else ""
    return LessonLine(
        f"{_ADVICE[advice(lesson.hypothesis)] if lesson.consequence == 'act_on' else ''}{question_words(lesson.id)}{alone}{end}",
        _standing(lesson),
        typeset(f"{mean[0].upper()}{mean[1:]}{sure}."),
        typeset(f"{needed[0].upper()}{needed[1:]}.") if needed else "",
        min(max(lesson.evidence, 0.0), 1.0),
    )


def _standing(lesson: Lesson) -> str:
    """Since when it is proven, or how much of what it needs it has."""
    share = f"{100 * min(max(lesson.evidence, 0.0), 1.0):.0f} % of the evidence it needs"
    if lesson.status != "proven":
        return share
    weaker = "" if lesson.evidence >= 1 else f"; by now it has {share}"
    if holds_zero(lesson):
        return moments(f"Was proven on {time_word(lesson.since)}; its newest interval holds 0{weaker}")
    full = "" if weaker else "All the evidence it needs: "
    return moments(f"{full}{'proven' if full else 'Proven'} since {time_word(lesson.since)}{weaker}")


def _group_html(name: str, lines: Sequence[LessonLine], folded: bool) -> str:
    cards = "".join(card(line) for line in lines)
    cards = f'<div class="lessons">{cards}</div>' if lines else "<p>None yet.</p>"
    if folded:
        return f"<details><summary>{escape(name)} ({len(lines)}): {_MEANT[name]}</summary>{cards}</details>"
    count = f" ({len(lines)})" if lines else ""
    better = any(_BETTER in line.statement and line.statement.endswith("?") for line in lines)
    note = f'<p class="soft">{_NOTE}</p>' if better else ""
    return f"<h3>{escape(name)}{count}</h3>{note}{cards}"


def card(line: LessonLine) -> str:
    """One lesson as HTML: its sentence, a bar of how much of the evidence it needs it has, its figures, and what it still needs."""
    needs = f" {escape(tight(line.needs))}" if line.needs else ""
    wide = max(100 * line.share, 1.5)
    return (
        f'<div class="lesson"><p><b>{escape(line.statement)}</b></p><div class="bar" role="img" aria-label="{escape(line.standing)}" '
        'style="background: #8884; height: 8px; max-width: 420px; border-radius: 4px">'
        f'<div style="background: #2a7fb8; height: 8px; width: {wide:.1f}%; border-radius: 4px"></div></div>'
        f'<p>{escape(tight(line.standing))}</p><p class="soft">{escape(tight(line.figures))}{needs}</p></div>'
    )
