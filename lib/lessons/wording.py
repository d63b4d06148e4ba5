"""Lessons in words: templates over enumerated values, so that nothing a file says can reach a sentence (docs/guarantees.md, S1); ASCII."""

from __future__ import annotations

from collections.abc import Callable

from lib.analysis.sentences import BANDS
from lib.contract.schema import STATES
from lib.contract.words import bounds, number, rate, time_word
from lib.lessons.hypotheses import QUESTION, THRESHOLDS, Hypothesis, question_name
from lib.lessons.lesson import EvidenceCounts, Lesson
from lib.stats.levels import SOUGHT_PCT

#: What entries, or answers, of a group have, by family and value.
_WITH = {
    "wick": {"present": "with a wick in their direction", "absent": "without a wick in their direction"},
    "timeframes": {"agree": "with both ribbons of one colour", "apart": "with ribbons not of one colour"},
    "band": {value: f"at confidence {words}" for value, words in BANDS.values()},
    "pattern": {state: f"at a 5-minute ribbon that is {state}" for state in STATES},
    **{family: {"up": f"from confidence {least:.2f} on"} for family, least in THRESHOLDS.items()},
}
_CLAIMS = {
    "above": "gain after costs",
    "below": "lose after costs",
    "beats": "do better than all others",
}
_HELD = {"above": "makes more than closing did", "below": "makes less than closing did"}
_ENDED = {
    "no_longer": "has ended, no longer true",
    "expired": "has ended, expired: too few of late",
    "shelved": "has ended, shelved: enough seen and nothing shown",
    "person": "was ended by the trader",
}


def subject(hypothesis: Hypothesis) -> str:
    """The group that a hypothesis is about, as the beginning of a sentence."""
    stream, family, value = hypothesis.stream, hypothesis.family, hypothesis.value
    entries = "answers" if stream == "answers" else "entries"
    if family in _WITH:
        return f"{entries.capitalize()} {_WITH[family][value]}"
    if family == "all":
        return f"All {value}"
    if family == "direction":
        return f"{value} {entries}"
    if family == QUESTION:
        return f"Entries in the direction that QUESTION {question_name(hypothesis)} says"
    if family == "hold":
        return f"Keeping trades that closed before {value} min until then, with their stop in place,"
    if family == "kind":
        return "Wicks down taken LONG" if value.endswith("LONG") else "Wicks up taken SHORT"
    if family == "regime":
        regime, _, direction = value.rpartition("_")
        what = {"wicks": f"Wicks taken {direction}", "rule": f"The entry rule's {direction} trades"}
        return f"{what.get(stream, f'{direction} {entries}')} in {regime}"
    where = {
        "setups": " taken every time with the standard exits",
        "rule": " in the entry rule's backtest",
        "answers": " answers",
    }
    return f"{value}{where.get(stream, '')}"


def claim_words(hypothesis: Hypothesis) -> str:
    """What is claimed of the group."""
    return (_HELD if hypothesis.stream == "held" else _CLAIMS)[hypothesis.claim]


def effect_words(lesson: Lesson) -> str:
    """n, episodes, the net effect and its interval: what a lesson is judged by."""
    unit, what = ("pairs", "difference") if lesson.claim == "beats" else ("ep", "mean")
    size = f"n={number(lesson.n)} in {number(lesson.episodes)} {unit}"
    mean = number(lesson.net_mean_pct, 3, sign=True)
    return f"{size}, {what} {mean} % {bounds(lesson.net_low_pct, lesson.net_high_pct, 3)}"


def evidence_words(lesson: Lesson) -> str:
    """`effect_words` with the win rate beside its own break-even, where there is one."""
    if lesson.stream == "held":
        return effect_words(lesson)
    size, _, figures = effect_words(lesson).partition(", ")
    won = f"{rate(lesson.win_rate)} won {bounds(lesson.win_rate_low, lesson.win_rate_high, 1)}"
    return f"{size}, {won}, break-even {rate(lesson.breakeven_win_rate)}, {figures}"


def needed_words(lesson: Lesson, *, edge: bool = True) -> str:
    """How much more an edge would take to show, "" where that is no question any more; `edge`: whether to say which."""
    if lesson.more_episodes is None:
        return ""
    if lesson.more_episodes == 0:
        return f"an edge of {SOUGHT_PCT} % would usually have shown by now"
    unit = "pairs" if lesson.claim == "beats" else "episodes"
    days = "at no rate that is known yet" if lesson.more_days is None else rough_days(lesson.more_days)
    which = f"an edge of {SOUGHT_PCT} % takes " if edge else ""
    return f"{which}about {number(lesson.more_episodes)} more {unit}, {days}"


def needed_short(lesson: Lesson) -> str:
    """`needed_words` for a table."""
    if lesson.more_episodes is None:
        return ""
    if lesson.more_episodes == 0:
        return f"enough seen for {SOUGHT_PCT} %"
    days = "" if lesson.more_days is None else f", {rough_days(lesson.more_days).removeprefix('about ')}"
    return f"{number(lesson.more_episodes)} {'pairs' if lesson.claim == 'beats' else 'ep'}{days}"


def cautious_words(lesson: Lesson) -> str:
    """Its mean shrunk towards zero, with the sign of what was made."""
    effect = lesson.effect_pct and (-lesson.effect_pct if lesson.claim == "below" else lesson.effect_pct)
    return f"shrunk towards zero {number(effect, 3, sign=True)} % an episode"


def proven_words(counts: EvidenceCounts) -> str:
    """How many lessons are to be acted on, of those proven; a record of an earlier version knows the latter alone."""
    proven = f"{number(counts.proven)} proven"
    return proven if counts.act_on is None else f"{number(counts.act_on)} to act on of {proven}"


def rough_days(days: float) -> str:
    """`days_words` of what lies ahead, about so many."""
    return "more than ten years" if days > 3650 else f"about {days_words(days)}"


def days_words(days: float) -> str:
    """A number of days, roughly."""
    return "1 day" if round(days) <= 1 else f"{number(days)} days"


def holds_zero(lesson: Lesson) -> bool:
    """Whether its newest interval holds 0: by the law of the ledger it stays proven until it ends, and that is to be said before it."""
    low, high = lesson.net_low_pct, lesson.net_high_pct
    return low is not None and high is not None and low <= 0 <= high


def statement(lesson: Lesson, evidence: Callable[[Lesson], str] = evidence_words) -> str:
    """The lesson in one sentence, with its evidence in these words and what it is worth; what is not proven is not put as if it were."""
    group, claim = subject(lesson.hypothesis), claim_words(lesson.hypothesis)
    if lesson.status == "proven":
        effect, small = cautious_words(lesson), "" if lesson.large_since else ", but small"
        if holds_zero(lesson):
            once = f"Was proven{small}{small and ','} on {time_word(lesson.since)}, but by now its interval holds 0"
            return f"{once}: {group} {claim}; {evidence(lesson)}, {effect}."
        fallen = "" if lesson.evidence >= 1 else ", though its evidence has weakened since"
        return f"{group} {claim}: {evidence(lesson)}; proven{small} since {time_word(lesson.since)}{fallen}, {effect}."
    more = needed_words(lesson)
    that = "it" if lesson.stream == "held" else "they"
    status = "is unproven" if lesson.status == "candidate" else _ENDED[lesson.why]
    told = f"{group.rstrip(',')}: {evidence(lesson)}; that {that} {claim} {status}"
    return f"{told}: {more}." if more else f"{told}."
