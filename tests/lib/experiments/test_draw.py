from itertools import pairwise

import pytest
from scipy.stats import binomtest

from lib.experiments.draw import draw


def test_a_draw_depends_on_seed_experiment_and_number_alone():
    drawn = [draw(7, "e1", block, 0.5) for block in range(1, 31)]
    assert drawn == [draw(7, "e1", block, 0.5) for block in range(1, 31)]
    assert "".join(drawn) == "bbbababbaabbaaaabbaababaaabbbb"
    assert drawn != [draw(8, "e1", block, 0.5) for block in range(1, 31)]
    assert drawn != [draw(7, "e2", block, 0.5) for block in range(1, 31)]


@pytest.mark.parametrize("probability", [0.1, 0.5, 0.9])
def test_arm_a_gets_its_share(probability):
    drawn = [draw(seed, "e1", block, probability) for seed in range(40) for block in range(1, 251)]
    assert binomtest(drawn.count("a"), len(drawn), probability).pvalue > 0.001


def test_neighbours_are_drawn_independently():
    drawn = [draw(3, "e1", block, 0.5) for block in range(1, 10_001)]
    same = sum(one == next_one for one, next_one in pairwise(drawn))
    assert binomtest(same, len(drawn) - 1, 0.5).pvalue > 0.001


def test_blocks_count_from_one():
    with pytest.raises(ValueError, match="count from 1"):
        draw(7, "e1", 0, 0.5)
