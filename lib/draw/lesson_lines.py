"""A lesson as a line of a page: its sentence, how it stands, its figures and what it still needs, and the group and question in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lib.contract.words import time_word
from lib.draw.forest import Interval, LessonLine
from lib.draw.numbers import bounds, counted, percent
from lib.draw.words import moments, typeset
from lib.lessons.conflicts import advice
from lib.lessons.hypotheses import Hypothesis, hypothesis_of
from lib.lessons.lesson import ENDED, Lesson
from lib.lessons.wording import claim_words, holds_zero, needed_words, subject

#: An interval that ends closer to zero than this share of the mean is only just clear of it.
_ONLY_JUST = 0.1
_ADVICE = {"favour": "Favour: ", "avoid": "Avoid: "}
_PREFER, _NO_GAIN = "Prefer them among entries; that they gain is not shown.", "That they gain is not shown."
#: How a lesson ended that was true for a while, where its own word would deny that.
_ENDED_WORDS = {
    "no longer true": "after a run of trades against it",
    "expired": "as too few trades came",
}


def group_words(asked: Hypothesis) -> str:
    """The group that a hypothesis is about, inside a sentence."""
    group = subject(asked).rstrip(",")
    head, _, rest = group.partition(" ")
    return typeset(group if head.isupper() else f"{head.lower()} {rest}".rstrip())


def says(asked: Hypothesis) -> str:
    """What a hypothesis says, inside a sentence."""
    return f"{group_words(asked)} {claim_words(asked)}"


def question_words(lesson_id: str) -> str:
    """What a lesson says, by its id; an id that is no hypothesis as it is."""
    try:
        asked = hypothesis_of(lesson_id)
    except ValueError:
        return lesson_id
    return typeset(f"{subject(asked).rstrip(',')} {claim_words(asked)}")


def lesson_line(lesson: Lesson, worth: Callable[[float | None], str] = lambda mean: "") -> LessonLine:
    """A lesson ready to show; `worth` is what a mean is in money, in words."""
    asked, proven, told = lesson.hypothesis, lesson.status == "proven", lesson.consequence == "act_on"
    said = f"{question_words(lesson.id)}{'.' if proven else '?'}"
    if proven and asked.claim == "beats":
        said = f"{said} {_PREFER if told else _NO_GAIN}"
    needed = needed_words(lesson)
    return LessonLine(
        f"{_ADVICE[advice(asked)] if told else ''}{said}",
        _standing(lesson),
        _figures(lesson, worth),
        typeset(sentence_of(f"{needed}.")) if needed else "",
        min(max(lesson.evidence, 0.0), 1.0),
        interval_of(lesson),
        "told" if told else "proven" if proven else "",
        lesson.claim == "beats",
    )


def ended_line(lesson: Lesson, asked: Mapping[str, Lesson]) -> LessonLine:
    """One that was proven and has ended, and what its trades made since, by the question that was asked anew."""
    again = hypothesis_of(lesson.id)
    anew = asked.get(again._replace(round=again.round + 1).id)
    since = f"Since then, asked anew: {_size_words(anew)}." if anew is not None and anew.episodes else ""
    return LessonLine(
        f"Was proven: {says(again)}.",
        moments(
            f"From {time_word(lesson.large_since)} to {time_word(lesson.since)}, ended {ended_words(ENDED[lesson.why])}"
        ),
        f"Until then {_size_words(lesson)}.",
        since,
        None,
        interval_of(lesson),
        "ended",
        lesson.claim == "beats",
    )


def ended_words(why: str) -> str:
    """How a lesson ended, behind "ended"; `why` is a word of lib.lessons.lesson.ENDED."""
    return _ENDED_WORDS.get(why, why)


def interval_of(lesson: Lesson) -> Interval | None:
    """Its mean with both ends; None while one of them is not known."""
    low, mean, high = lesson.net_low_pct, lesson.net_mean_pct, lesson.net_high_pct
    return None if low is None or mean is None or high is None else Interval(low, mean, high)


def _figures(lesson: Lesson, worth: Callable[[float | None], str]) -> str:
    so_far = "On average" if lesson.status == "proven" else "So far"
    money = worth(lesson.net_mean_pct)
    more = " more than the others" if money and lesson.claim == "beats" else ""
    return f"{so_far} {_size_words(lesson)}{money}{more}."


def _size_words(lesson: Lesson) -> str:
    """Its mean, of what, with n and interval."""
    unit, than = ("pairs", "against all others") if lesson.claim == "beats" else ("episodes", "after costs")
    than = "against closing" if lesson.stream == "held" else than
    interval = bounds(lesson.net_low_pct, lesson.net_high_pct, 3)
    size = ", ".join(
        part for part in (f"n {counted(lesson.episodes, unit)}", interval and f"{interval} %") if part
    )
    return f"{percent(lesson.net_mean_pct, 3, signed=True)} {than} ({size})"


def _standing(lesson: Lesson) -> str:
    """Since when it is proven, or how much of what it needs it has."""
    share = f"{100 * min(max(lesson.evidence, 0.0), 1.0):.0f} % of the evidence it needs"
    if lesson.status != "proven":
        return "" if holds_zero(lesson) else share
    weaker = "" if lesson.evidence >= 1 else f"; by now it has {share}"
    if holds_zero(lesson):
        return moments(f"Was proven on {time_word(lesson.since)}; its newest interval holds 0{weaker}")
    return moments(
        f"Proven since {time_word(lesson.since)}{', only just' if only_just(lesson) else ''}{weaker}"
    )


def only_just(lesson: Lesson) -> bool:
    """Whether zero lies closer to its interval than a tenth of its mean."""
    low, mean, high = lesson.net_low_pct, lesson.net_mean_pct, lesson.net_high_pct
    return None not in (low, mean, high) and min(abs(low), abs(high)) < _ONLY_JUST * abs(mean)


def sentence_of(words: str) -> str:
    """Words with a capital at their begin."""
    return f"{words[0].upper()}{words[1:]}"
