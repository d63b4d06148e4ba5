from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest

from lib.lessons.episodes import Cell
from lib.lessons.pairs import MOST_OF_A_SIDE, MOST_WAITING, PRIOR, Pairing


def cell(mean: float, worst: float = 0.3, best: float = 0.2) -> Cell:
    return Cell(n=1, net=mean, worst=worst, best=best)


def fed(pairing: Pairing, text: str, first: float = 0.0) -> list[float]:
    """Differences after episodes of the group (g) and of others (o), whose means are 1, 2, 3, …"""
    found = []
    for place, side in enumerate(text, 1):
        mean = first + place
        one = (cell(mean), None) if side == "g" else (None, mean)
        found += [pair.difference for pair in [pairing.observe(*one, 0.4, 0.5)] if pair]
    return found


def test_an_episode_of_both_is_a_pair_of_its_own_and_touches_nothing_that_waits():
    pairing = Pairing()
    assert fed(pairing, "gg") == []
    before = asdict(pairing)
    pair = pairing.observe(cell(0.2, 0.3, 0.6), -0.1, 0.4, 0.5)
    assert pair == pytest.approx((0.3, 0.3 + 0.5, 0.6 + 0.4))
    assert asdict(pairing) == before


def test_an_episode_of_neither_changes_nothing():
    pairing = Pairing()
    assert pairing.observe(None, None, 0.4, 0.5) is None and pairing == Pairing()


def test_the_newest_that_waits_is_taken_and_none_twice():
    assert fed(Pairing(), "gggo") == [3 - 4]
    assert fed(Pairing(), "gggoo") == [3 - 4, 2 - 5]
    assert fed(Pairing(), "oogggo") == [3 - 2, 4 - 1, 5 - 6]


def test_the_largest_loss_and_gain_are_those_of_the_group_that_is_paired_and_of_the_family():
    pairing = Pairing(seen=[90, 40])  # two of the group against one
    assert pairing.observe(cell(0.1, 0.3, 0.2), None, 0.4, 0.5) is None
    assert pairing.observe(cell(0.2, 0.6, 0.1), None, 0.4, 0.5) is None
    pair = pairing.observe(None, 0.05, 0.45, 0.55)
    assert pair == pytest.approx((0.15 - 0.05, 0.6 + 0.55, 0.2 + 0.45))


@pytest.mark.parametrize(
    ("seen", "sizes"),
    [
        ([0, 0], (1, 1)),
        ([0, 4], (1, 1)),
        ([0, 5], (1, 2)),  # 15 to 10
        ([10, 70], (1, 4)),
        ([70, 10], (4, 1)),
        ([5, 0], (2, 1)),
        ([0, 10_000], (1, MOST_OF_A_SIDE)),
        ([10_000, 0], (MOST_OF_A_SIDE, 1)),
    ],
)
def test_of_the_frequent_side_so_many_as_there_have_been_for_one_of_the_rare(seen, sizes):
    assert PRIOR == 10
    assert Pairing(seen=seen).sizes() == sizes


def test_four_others_are_set_against_one_of_a_fifth():
    pairing = Pairing(seen=[190, 790])
    assert fed(pairing, "ooogo") == [4 - (1 + 2 + 3 + 5) / 4]
    assert fed(pairing, "oooog") == [5 - (1 + 2 + 3 + 4) / 4]
    assert pairing.group == pairing.others == [] and pairing.seen == [192, 798]


def test_the_oldest_that_wait_are_let_go():
    pairing = Pairing(seen=[1_000, 1_000])
    assert fed(pairing, "g" * (MOST_WAITING + 5)) == []
    assert [mean for mean, _, _ in pairing.group] == list(range(6, MOST_WAITING + 6))
    found = fed(pairing, "o" * (2 * MOST_WAITING + 5))
    assert len(found) == MOST_WAITING and found[-1] == 6 - MOST_WAITING
    assert pairing.others == list(range(MOST_WAITING + 6, 2 * MOST_WAITING + 6))


def test_what_is_paired_depends_on_no_return():
    """The pairs of any returns are the same linear function of them: with the indices for returns they say who is set against whom."""
    rng = np.random.default_rng(5)
    sides = rng.choice(["g", "o", "b"], 400, p=[0.25, 0.65, 0.1])
    returns = rng.normal(0, 0.2, (400, 2))

    def differences(x: np.ndarray) -> np.ndarray:
        pairing, found = Pairing(), []
        for side, (ours, theirs) in zip(sides, x, strict=True):
            one = cell(ours) if side != "o" else None
            pair = pairing.observe(one, theirs if side != "g" else None, 0.4, 0.5)
            found += [pair.difference] if pair else []
        return np.array(found)

    weights = np.array(
        [differences(unit.reshape(400, 2)) for unit in np.eye(800)]
    ).T  # a row a pair, a column a mean
    assert differences(returns) == pytest.approx(weights @ returns.ravel())
    assert np.allclose(np.where(weights > 0, weights, 0).sum(axis=1), 1)
    assert np.allclose(np.where(weights < 0, weights, 0).sum(axis=1), -1)
    assert ((weights != 0).sum(axis=0) <= 1).all()  # no episode counts twice
    assert (weights != 0).any(axis=0).sum() > 0.8 * (len(sides) + (sides == "b").sum())
