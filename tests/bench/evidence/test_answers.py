"""Answers on a random walk: their exits by plain loops, their mean, who repeats what, and what counts."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from bench.evidence.answers import (
    DECIDERS,
    HOLD_MINUTES,
    REPEATED_EVERY,
    STEP_PCT,
    STOP_STEPS,
    TARGET_STEPS,
    exits,
    random_walk,
    repeated,
)
from bench.evidence.payoffs import BEST_PCT, COST_PCT, STOP_PCT, TARGET_PCT, WORST_PCT
from bench.evidence.tables import null_weeks
from lib.lessons.hypotheses import FAMILIES

SPAN = 288


@pytest.fixture(scope="module")
def walk():
    rng = np.random.default_rng(4)
    return random_walk(rng.integers(0, 3, size=SPAN), rng)


def entries(count: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    return np.sort(rng.integers(0, 5 * SPAN, size=count)), rng.choice([-1, 1], size=count)


def test_exits_are_those_of_plain_loops(walk):
    minutes, signs = entries(200)
    ends, net = exits(walk, minutes, signs)
    for minute, sign, end, made in zip(minutes, signs, ends, net, strict=True):
        place = walk.begins[minute]
        while True:
            place += 1
            moved = sign * (walk.position[place] - walk.position[walk.begins[minute]])
            if moved in (TARGET_STEPS, -STOP_STEPS) or walk.minute[place] >= minute + HOLD_MINUTES:
                break
        assert (end, made) == (walk.minute[place], moved * STEP_PCT)
    assert {round(value, 4) for value in net} >= {
        round(TARGET_STEPS * STEP_PCT, 4),
        round(-STOP_STEPS * STEP_PCT, 4),
    }


def test_target_and_stop_are_about_the_net_ones_and_within_what_is_declared():
    assert pytest.approx(TARGET_PCT - COST_PCT, abs=0.01) == TARGET_STEPS * STEP_PCT < BEST_PCT
    assert pytest.approx(STOP_PCT + COST_PCT, abs=0.01) == STOP_STEPS * STEP_PCT < WORST_PCT


@pytest.mark.parametrize("decider", DECIDERS)
def test_what_is_repeated_is_repeated_while_the_first_is_open_and_behind_or_ahead(walk, decider):
    minutes, signs = entries(100)
    found = repeated(walk, minutes, signs, decider)
    assert (np.diff(found.minutes) >= 0).all()
    first = {
        (minute, sign): end
        for minute, sign, end in zip(minutes, signs, exits(walk, minutes, signs)[0], strict=True)
    }
    assert (len(found.minutes) > len(minutes)) == (decider != "once")
    for minute, sign, surer in zip(*found, strict=True):
        if not surer:
            continue
        begun = minute - REPEATED_EVERY * round(surer / 0.05)
        moved = sign * (walk.position[walk.begins[minute]] - walk.position[walk.begins[begun]])
        assert first[begun, sign] > minute and np.sign(moved) == (-1 if decider == "behind" else 1)


@pytest.mark.parametrize("decider", DECIDERS)
def test_a_group_has_one_open_at_a_time_and_the_mean_of_nothing(decider):
    table = null_weeks(6, np.random.default_rng(6), decider=decider)["answers"]
    assert table["exit_time"].is_monotonic_increasing and (table["entry_time"] < table["exit_time"]).all()
    for family in FAMILIES["answers"]:
        for value, group in table[table[family] != ""].groupby(family):
            ordered = group.sort_values("entry_time")
            spans = zip(ordered["entry_time"], ordered["exit_time"], strict=True)
            assert all(end <= later for (_, end), (later, _) in pairwise(spans)), (family, value)
            sem = group["net_pct"].sem() if len(group) > 30 else np.inf
            assert abs(group["net_pct"].mean()) < 4.5 * sem, (family, value)
    assert {"up", ""} == set(table["from_90"]) and (table["all"] == "answers").sum() > 500
    assert pd.Series(table["episode"]).tolist() == list(range(len(table)))
