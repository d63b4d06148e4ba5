"""The interval of an experiment beside those of a library for such intervals (ville, Waudby-Smith and Ramdas' betting sequence)."""

from __future__ import annotations

import numpy as np
import pytest
from ville import BettingABTest, BettingCS

from lib.experiments.blocks import Block
from lib.experiments.differences import Differences
from lib.experiments.evidence import Evidence
from lib.market.terms import DEFAULT_TERMS

#: What one outcome is at least and at most: the standard exits with costs and the allowance.
WORST, BEST = 0.36, 0.29
#: Means that the library tries; its interval is a step of them wider.
GRID = 2_000
LOOKS = (50, 100, 200, 400, 800)


def outcomes(rng, count: int) -> np.ndarray:
    """Outcomes of trades without an edge, percent net; spread 0.16."""
    ends = rng.choice([0.19, -0.26, 0.0], p=[0.17, 0.34, 0.49], size=count)
    moved = np.clip(rng.normal(-0.11, 0.07, size=count), -0.26, 0.19)
    return np.where(ends == 0.0, moved, ends)


def experiment(effect: float, seed: int, count: int = 800, p: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    """Whether each block is of arm a, and what it made; arm a makes `effect` more on average."""
    rng = np.random.default_rng(seed)
    is_a = rng.random(count) < p
    return is_a, np.clip(outcomes(rng, count) + effect * is_a, -WORST, BEST)


def looked_at(is_a, made, p: float = 0.5):
    """Estimate and bounds at each look."""
    differences, found = Differences(DEFAULT_TERMS), []
    for number, (own, outcome) in enumerate(zip(is_a, made, strict=True), 1):
        block = Block(number, "a" if own else "b", p, number, number + 1, 1, float(outcome), 0.15, 0.3)
        differences.observe_block(block)
        if number in LOOKS:
            found.append((differences.randomised.mean(), *differences.randomised.bounds()))
    return differences.randomised, np.array(found)


@pytest.mark.parametrize("effect", [0.0, 0.05, -0.08])
@pytest.mark.parametrize("p", [0.5, 0.25])
def test_the_interval_is_about_that_of_the_library_and_holds_the_truth(effect, p):
    is_a, made = experiment(effect, seed=11, p=p)
    _, ours = looked_at(is_a, made, p)
    theirs = BettingABTest(bounds=(-WORST, BEST), alpha=0.05, propensity=p, grid=GRID).fit(
        made, is_a.astype(float)
    )
    at = np.array(LOOKS) - 1
    mean, low, high = ours.T
    assert (low < effect).all() and (effect < high).all()
    assert (theirs.lower_[at] < effect).all() and (effect < theirs.upper_[at]).all()
    # The library's centre is the plain mean of the past, ours one with 20 blocks of 0 more.
    assert (np.abs(mean - theirs.estimate_[at]) < 0.1 * (high - low)).all()
    width = (high - low) / (theirs.upper_[at] - theirs.lower_[at])
    assert ((width > 0.6) & (width < 1.25)).all(), width


@pytest.mark.parametrize(("effect", "side"), [(0.1, "helps"), (-0.1, "harms")])
def test_both_leave_out_nothing_at_about_the_same_time(effect, side):
    ours, theirs = [], []
    for seed in range(8):
        is_a, made = experiment(effect, seed, count=600)
        differences = Differences(DEFAULT_TERMS)
        stopped = 601
        for number, (own, outcome) in enumerate(zip(is_a, made, strict=True), 1):
            block = Block(number, "a" if own else "b", 0.5, number, number + 1, 1, float(outcome), 0.15, 0.3)
            if differences.observe_block(block) is not None:
                stopped = number
                break
        assert differences.randomised.verdict in (side, None)
        ours.append(stopped)
        library = BettingABTest(bounds=(-WORST, BEST), alpha=0.05, grid=GRID).fit(made, is_a.astype(float))
        theirs.append(library.stopping_time() or 601)
    assert 0.5 < np.median(ours) / np.median(theirs) < 1.1, (np.median(ours), np.median(theirs))


@pytest.mark.parametrize("mean", [0.0, 0.05])
def test_of_pairs_too(mean):
    rng = np.random.default_rng(5)
    differing = np.clip(outcomes(rng, 300) + 0.11 + mean, -0.65, 0.65)
    evidence, bounds = Evidence(), []
    for difference in differing:
        evidence.observe(float(difference), 1.0, 0.65, 0.65, True)
        bounds.append(evidence.bounds() if evidence.differing in (60, 120, 300) else None)
    library = BettingCS(bounds=(-0.65, 0.65), alpha=0.05, grid=GRID).fit(differing)
    for look in (60, 120, 300):
        low, high = bounds[look - 1]
        assert low < mean < high
        width = (high - low) / (library.upper_[look - 1] - library.lower_[look - 1])
        assert 0.6 < width < 1.25, width
