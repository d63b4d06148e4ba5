"""Which proven lessons are withheld, because they contradict a better one: both would tell somebody two things at once. And which because
answers tell of their group, of which executed trades are a selection (docs/definitions.md, Confidence).

Two lessons contradict each other if one entry can fall under both and they advise opposite things. The one that fixes more of the entry
stays; of equals the one about a mean of its own before a comparison, the one that advises against before the one in favour, then the
better proven one. A followed question contradicts nobody: it says of each tick by itself whether it speaks, and in which direction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from lib.contract.schema import ALIGNMENTS
from lib.lessons.hypotheses import FAMILIES, QUESTIONS, Hypothesis

Advice = Literal["favour", "avoid"]


class ProvenLesson(NamedTuple):
    """What is asked of a proven lesson here: its hypothesis, and how far beyond its level its evidence is (a share, at least 1)."""

    hypothesis: Hypothesis
    evidence: float


def advice(hypothesis: Hypothesis) -> Advice:
    """On which side a lesson comes down."""
    return "avoid" if hypothesis.claim == "below" else "favour"


def conditions(hypothesis: Hypothesis) -> dict[str, str]:
    """What a group fixes of an entry, under names that groups of different families share."""
    family, value = hypothesis.family, hypothesis.value
    if family == "regime":
        regime, _, direction = value.rpartition("_")
        fixed = {"regime": regime, "direction": direction}
        return fixed | {"wick": "present"} if hypothesis.stream == "wicks" else fixed
    if family == "kind":
        return {"direction": value.rpartition("_")[2], "wick": "present"}
    if family == "setup":
        return _of_signature(value)
    if family == "all":
        return {}
    return {{"pattern": "state_5min", "hold": "held"}.get(family, family): value}


def _of_signature(signature: str) -> dict[str, str]:
    direction, _, rest = signature.partition("_")
    alignment = next(name for name in sorted(ALIGNMENTS, key=len, reverse=True) if rest.endswith(name))
    trigger = rest.removesuffix(alignment).rstrip("_")
    fixed = {"direction": direction, "trigger": trigger, "alignment": alignment}
    fixed["wick"] = "present" if trigger.startswith("WICK") else "absent"
    if alignment == "MIXED_TIMEFRAMES":
        fixed["timeframes"] = "apart"
    if alignment.startswith("BOTH_"):
        fixed["timeframes"] = "agree"
    if alignment.startswith("BOTH_") or alignment.endswith("_5MIN"):
        fixed["state_5min"] = "all_green" if "GREEN" in alignment else "all_red"
    return fixed


def contradicts(one: Hypothesis, other: Hypothesis) -> bool:
    """Whether two lessons contradict each other, so that only one of them is to be acted on."""
    if (one.stream == "held") != (other.stream == "held") or QUESTIONS in (one.stream, other.stream):
        return False
    if one.claim == other.claim == "beats":
        # Of two values only one can be the better; of many, several can be better than the rest.
        two = len(FAMILIES[one.stream][one.family]) == 2
        return two and (one.stream, one.family) == (other.stream, other.family) and one.value != other.value
    if advice(one) == advice(other):
        return False
    if "beats" in (one.claim, other.claim) and "all" in (one.family, other.family):
        return False  # that everything loses does not speak against what loses least
    fixed, also = conditions(one), conditions(other)
    return all(fixed[name] == also[name] for name in fixed.keys() & also.keys())


def lies_inside(one: Hypothesis, other: Hypothesis) -> bool:
    """Whether the first group of entries is a part of the second, both of one's own, whatever is claimed of them."""
    own = ("trades", "answers")
    return one.stream in own and other.stream in own and conditions(other).items() < conditions(one).items()


def contradictions(lessons: Sequence[ProvenLesson]) -> dict[str, str]:
    """Ids of lessons that are withheld because of a better one that is to be acted on, with that one's id."""
    better: list[Hypothesis] = []
    against: dict[str, str] = {}
    for lesson in sorted(lessons, key=_rank):
        other = next((other for other in better if contradicts(lesson.hypothesis, other)), None)
        if other is None:
            better.append(lesson.hypothesis)
        else:
            against[lesson.hypothesis.id] = other.id
    return against


def told_by_answers(hypotheses: Sequence[Hypothesis]) -> dict[str, str]:
    """Ids of lessons of own trades that are withheld, because one of answers on the same group is to be acted on, with that one's id."""
    answers = {own_group(found): found.id for found in hypotheses if found.stream == "answers"}
    own = [found for found in hypotheses if found.stream == "trades"]
    return {found.id: answers[own_group(found)] for found in own if own_group(found) in answers}


def own_group(hypothesis: Hypothesis) -> tuple[str, str]:
    """What the groups of own trades and of answers have in common: all trades are called otherwise than all answers."""
    return hypothesis.family, "" if hypothesis.family == "all" else hypothesis.value


def _rank(lesson: ProvenLesson) -> tuple:
    hypothesis = lesson.hypothesis
    return (
        -len(conditions(hypothesis)),
        hypothesis.claim == "beats",
        advice(hypothesis) == "favour",
        -lesson.evidence,
        hypothesis.id,
    )
