from __future__ import annotations

import numpy as np
import pytest

from bench.sweep import LARGE, SPACE, loop, market, sweep


@pytest.mark.slow
# Of a package that is only compared with: it still uses names that pandas has deprecated.
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", [1, 2])
def test_both_sides_of_the_benchmark_make_the_same_trades(seed):
    # The 15-minute lines take four and a half days to warm up.
    candles, signals = market(days=7, seed=seed)
    ours, other = sweep(candles, signals, SPACE).table, loop(candles, signals, SPACE)
    assert ours["trades"].tolist() == other["trades"].tolist()
    assert ours["trades"].min() > 0
    # The round trip of .11 % is ours alone.
    gross = ours["total_pct"] + 0.11 * ours["trades"]
    assert np.allclose(gross, other["gross_pct"], atol=1e-6)


def test_the_spaces_are_of_the_size_that_the_figures_say():
    assert len(SPACE.combinations()) == 48
    assert len(LARGE.combinations()) == 5376
