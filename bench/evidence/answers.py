"""Answers of deciders without any edge: entries and exits on a random walk, through the product's own walk per group.

The walk goes up or down by one step of a grid on which target and stop lie, in the net of costs, so an answer's net mean is 0 to the last
digit given all that was known at its entry, however often it is repeated and whatever of the path made the decider repeat it. Answers
that are open at one time share their path, so their outcomes hang together as real ones do.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from bench.evidence.attributes import STEP_MINUTES, Market, attributes
from bench.evidence.payoffs import BEST_PCT, WORST_PCT
from lib.analysis.answers import Taken, count_for
from lib.lessons.hypotheses import FAMILIES

#: How a decider answers: once, or again and again while its first answer of that moment is behind, or ahead.
Decider = Literal["once", "behind", "ahead"]
DECIDERS: tuple[Decider, ...] = ("once", "behind", "ahead")
#: A step of the walk in percent; net target and stop in steps (0.188 and -0.259 %); steps a minute in calm, usual and wild hours, which
#: come near the variances of bench.evidence.tables.
STEP_PCT, TARGET_STEPS, STOP_STEPS = 0.0235, 8, 11
STEPS_A_MINUTE = np.array([1, 2, 6])
HOLD_MINUTES = 45
#: Answers a week of a decider that answers once, and first answers of one that repeats them; minutes until it does.
ONCE, FIRST, REPEATED_EVERY = 630, 210, 3
#: What a decider grows surer by with each repetition.
SURER = 0.05
#: Answers whose exits are looked for at once.
_CHUNK = 10_000


class Walk(NamedTuple):
    """Positions in steps and their times in minutes; `begins`: where each minute begins among them."""

    position: np.ndarray
    minute: np.ndarray
    begins: np.ndarray


def random_walk(volatility: np.ndarray, rng: np.random.Generator) -> Walk:
    """A walk over the five-minute steps of a market, `volatility` (0, 1, 2) of each; it goes on for twice the longest hold."""
    kinds = np.append(volatility, [1] * (2 * HOLD_MINUTES // STEP_MINUTES + 1))
    counts = np.repeat(STEPS_A_MINUTE[kinds], STEP_MINUTES)
    begins = np.concatenate([[0], np.cumsum(counts)])
    moves = 2 * rng.integers(0, 2, size=int(begins[-1]), dtype=np.int32) - 1
    position = np.concatenate([[0], np.cumsum(moves, dtype=np.int32)])
    inside = np.arange(len(moves)) - np.repeat(begins[:-1], counts) + 1
    minute = np.repeat(np.arange(len(counts)), counts) + inside / np.repeat(counts, counts)
    return Walk(position, np.concatenate([[0.0], minute]), begins)


def exits(walk: Walk, minutes: np.ndarray, signs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For entries at whole minutes: when each ends (minutes), and what it makes, percent net."""
    first, last = walk.begins[minutes], walk.begins[minutes + HOLD_MINUTES]
    ends, net = np.empty(len(minutes)), np.empty(len(minutes))
    for begin in range(0, len(minutes), _CHUNK):
        part = slice(begin, begin + _CHUNK)
        ahead = np.arange(1, int((last[part] - first[part]).max()) + 1)
        places = np.minimum(first[part, None] + ahead, len(walk.position) - 1)
        moved = signs[part, None] * (walk.position[places] - walk.position[first[part], None])
        over = (moved >= TARGET_STEPS) | (moved <= -STOP_STEPS) | (places >= last[part, None])
        found = over.argmax(axis=1)
        rows = np.arange(len(found))
        ends[part], net[part] = walk.minute[places[rows, found]], moved[rows, found] * STEP_PCT
    return ends, net


class Asked(NamedTuple):
    """Answers: the minute and the side (+1, -1) of each, and how much surer than its first one it is."""

    minutes: np.ndarray
    signs: np.ndarray
    surer: np.ndarray


def repeated(walk: Walk, minutes: np.ndarray, signs: np.ndarray, decider: Decider) -> Asked:
    """First answers and, in the order of time, their repetitions: every few minutes while the first one is open and behind, or ahead."""
    parts = [Asked(minutes, signs, np.zeros(len(minutes)))]
    if decider != "once":
        ends, _ = exits(walk, minutes, signs)
        wanted = -1 if decider == "behind" else 1
        for count, later in enumerate(range(REPEATED_EVERY, HOLD_MINUTES, REPEATED_EVERY), 1):
            at = minutes + later
            moved = signs * (walk.position[walk.begins[at]] - walk.position[walk.begins[minutes]])
            chosen = (at < ends) & (np.sign(moved) == wanted)
            parts.append(Asked(at[chosen], signs[chosen], np.full(int(chosen.sum()), SURER * count)))
    found = Asked(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    order = np.argsort(found.minutes, kind="stable")
    return Asked(*(column[order] for column in found))


def answer_rows(
    moves: Market, levels: np.ndarray, steps: np.ndarray, decider: Decider, rng: np.random.Generator
) -> pd.DataFrame:
    """The stream's rows without times, in the order of their ends: `begun` and `ended` in minutes, net, bounds, and the groups that each
    counts for. `levels`: the volatility of each step; `steps`: those of the first answers.
    """
    walk = random_walk(levels, rng)
    minutes = np.sort(steps * STEP_MINUTES + rng.integers(0, STEP_MINUTES, size=len(steps)))
    asked = repeated(walk, minutes, rng.choice([-1, 1], size=len(steps)), decider)
    ends, net = exits(walk, asked.minutes, asked.signs)
    at = np.minimum(asked.minutes // STEP_MINUTES, len(levels) - 1)
    table = attributes(moves, at, rng, asked.signs > 0, asked.surer).assign(all="answers")
    families = list(FAMILIES["answers"])
    taken: Taken = {}
    words = zip(*(table[family].tolist() for family in families), strict=True)
    counted = [
        count_for(dict(zip(families, row, strict=True)), begun, end, taken)
        for row, begun, end in zip(words, asked.minutes.tolist(), ends.tolist(), strict=True)
    ]
    rows = pd.DataFrame(counted, columns=families, dtype=object).fillna("")
    rows = rows.assign(begun=asked.minutes, ended=ends, net_pct=net, worst_pct=WORST_PCT, best_pct=BEST_PCT)
    return rows[[bool(found) for found in counted]].sort_values("ended", kind="stable", ignore_index=True)
