"""What is asked of the trades: every hypothesis has a stable id and is registered before its evidence counts.

An id is `<stream>.<family>.<value>.<claim>`. A stream is a source of closed trades, one for each analyzer (and `held`: what own trades
would have made held longer; `answers`: what the decider recommended while it held nothing, executed or not; `questions`: those of one's own
that are followed); a family is an attribute known at the entry; a claim says on which side the net mean of an episode lies.
Standing hypotheses are registered at the start of the log, in this order, which fixes their levels; setups when they are first seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from math import log
from typing import Literal, NamedTuple

from lib.contract.schema import REGIMES, SIGNATURES, STATES
from lib.stats.levels import BUDGETS, level

Claim = Literal["above", "below", "beats"]
CLAIMS: tuple[Claim, ...] = ("above", "below", "beats")
#: The streams that the hours of the data hand out.
STREAMS = ("trades", "held", "setups", "rule", "wicks", "answers")
#: The stream of followed questions, and its one family: a group is a keeping, `<name>-<hash>-<number>` (lib.questions.keeping).
QUESTIONS, QUESTION = "questions", "question"
_KEEPING = re.compile(r"([a-z][a-z0-9_]{2,30})-[0-9a-f]{8}-([1-9][0-9]{0,8})")
#: The confidence that each threshold's family holds the answers from (docs/definitions.md, Confidence). They are nested, and a column holds
#: one value a row, so each is a family of its own.
THRESHOLDS = {"from_70": 0.70, "from_75": 0.75, "from_80": 0.80, "from_85": 0.85, "from_90": 0.90}
_SIDES = tuple(
    f"{regime}_{direction}" for regime in REGIMES if regime != "UNKNOWN" for direction in ("LONG", "SHORT")
)
KINDS = ("WICK_DOWN_LONG", "WICK_UP_SHORT")
_OF_OWN: dict[str, tuple[str, ...]] = {
    "direction": ("LONG", "SHORT"),
    "wick": ("present", "absent"),
    "timeframes": ("agree", "apart"),
    "band": ("high", "medium", "low"),
    "pattern": tuple(state for state in STATES if state != "unknown"),
    "regime": _SIDES,
    "setup": (),
}
#: Values of each family by stream; () are those that are registered when they are first seen.
FAMILIES: dict[str, dict[str, tuple[str, ...]]] = {
    "trades": {"all": ("trades",), **_OF_OWN},
    "held": {"hold": ("15", "30", "45")},
    "setups": {"setup": ()},
    "rule": {"regime": _SIDES, "setup": ()},
    "wicks": {"kind": KINDS, "regime": _SIDES},
    "answers": {**dict.fromkeys(THRESHOLDS, ("up",)), "all": ("answers",), **_OF_OWN},
    QUESTIONS: {QUESTION: ()},
}
#: What is asked of each stream, of thresholds only "above". Of markets without a trader nothing is asked "below zero": fees alone put
#: nearly everything there.
ASKED: dict[str, tuple[Claim, ...]] = {
    "trades": ("beats", "above", "below"),
    "held": ("above", "below"),
    "setups": ("beats", "above"),
    "rule": ("beats", "above"),
    "wicks": ("above", "beats"),
    "answers": ("above", "below"),
    QUESTIONS: ("above",),
}
#: Of the number of a round in an id.
_MOST_DIGITS = 9
_PLAIN = ("all", "direction", "wick", "timeframes", "band", "pattern")


class Hypothesis(NamedTuple):
    """One claim about one group of a stream; `round` counts how often it was registered, from 1."""

    stream: str
    family: str
    value: str
    claim: Claim
    round: int = 1

    @property
    def id(self) -> str:
        """The stable id."""
        again = f"#{self.round}" if self.round > 1 else ""
        return f"{self.stream}.{self.family}.{self.value}.{self.claim}{again}"

    @property
    def group(self) -> str:
        """The id of the group that it is about."""
        return f"{self.stream}.{self.family}.{self.value}"


@lru_cache(maxsize=4096)
def parse_id(text: str) -> Hypothesis | None:
    """The hypothesis of an id, spelled as `Hypothesis.id` does; None for a text that is none."""
    name, _, again = text.partition("#")
    parts = name.split(".")
    if len(parts) != 4 or len(again) > _MOST_DIGITS:
        return None
    stream, family, value, claim = parts
    if not is_value(stream, family, value) or claim not in _claims(stream, family):
        return None
    found = Hypothesis(stream, family, value, claim, int(again) if again.isdecimal() else 1)  # type: ignore[arg-type]
    return found if found.id == text else None


def hypothesis_of(text: str) -> Hypothesis:
    """The hypothesis of an id; raises ValueError for a text that is none."""
    found = parse_id(text)
    if found is None:
        raise ValueError(f"{text} is no hypothesis")
    return found


def is_value(stream: str, family: str, value: str) -> bool:
    """Whether a family may have such a value; whatever a file says beyond that is nobody's hypothesis."""
    known = FAMILIES.get(stream, {}).get(family)
    if stream == QUESTIONS:
        return known is not None and _KEEPING.fullmatch(value) is not None
    return known is not None and value in (known or SIGNATURES)


def question_name(hypothesis: Hypothesis) -> str:
    """The name of the followed question that it is about; "" for another."""
    found = _KEEPING.fullmatch(hypothesis.value) if hypothesis.stream == QUESTIONS else None
    return found[1] if found else ""


def level_of(hypothesis: Hypothesis, k: int) -> float:
    """Its level: that of the k-th of the ledger, or of a question's own number among those confirmed and followed."""
    found = _KEEPING.fullmatch(hypothesis.value) if hypothesis.stream == QUESTIONS else None
    return BUDGETS["confirmed"].level(int(found[2])) if found else level(k)


def log_needed_of(hypothesis: Hypothesis, k: int) -> float:
    """Natural log of the e-value at which it is proven."""
    return -log(level_of(hypothesis, k))


def initial_hypotheses() -> Iterator[Hypothesis]:
    """The hypotheses that every log starts with: the thresholds of confidence, then the most telling first; those of answers came last."""
    for family in THRESHOLDS:
        yield from _of("answers", family, "above")
    yield from _plain("trades")
    for stream, family in (("wicks", "kind"), ("held", "hold")):
        for claim in ASKED[stream]:
            yield from _of(stream, family, claim)
    for stream in ("trades", "wicks", "rule"):
        yield from _regimes(stream)
    yield from _plain("answers")
    yield from _regimes("answers")


def value_hypotheses(stream: str, family: str, value: str) -> Iterator[Hypothesis]:
    """The hypotheses to register when a value is seen for the first time; none of a family whose values are all standing, and none of a
    question, which is registered by its keeping.
    """
    if stream != QUESTIONS and not FAMILIES[stream].get(family) and is_value(stream, family, value):
        for claim in ASKED[stream]:
            yield Hypothesis(stream, family, value, claim)


def _plain(stream: str) -> Iterator[Hypothesis]:
    for claim in ASKED[stream]:
        for family in _PLAIN:
            if claim in _claims(stream, family):
                yield from _of(stream, family, claim)


def _regimes(stream: str) -> Iterator[Hypothesis]:
    for claim in ASKED[stream]:
        yield from _of(stream, "regime", claim)


def _claims(stream: str, family: str) -> tuple[Claim, ...]:
    """What is asked of a family's groups: of a threshold whether it gains, and one that holds all trades has no others to beat."""
    if family in THRESHOLDS:
        return ("above",)
    return tuple(claim for claim in ASKED[stream] if claim != "beats" or family != "all")


def _of(stream: str, family: str, claim: Claim) -> Iterator[Hypothesis]:
    for value in FAMILIES[stream][family]:
        yield Hypothesis(stream, family, value, claim)
