"""Which confidence the record supports (docs/definitions.md, Confidence)."""

from __future__ import annotations

import pandas as pd

from lib.stats.episodes import episode_means
from lib.stats.intervals import one_sided_lower

#: Levels that `calibrated_threshold` tries, smallest first (docs/definitions.md, Confidence).
THRESHOLD_LEVELS = (0.70, 0.75, 0.80, 0.85, 0.90)
_MIN_THRESHOLD_EPISODES = 30


def calibrated_threshold(trades: pd.DataFrame) -> float | None:
    """The smallest confidence whose trades at or above it are, on this record, probably above zero after costs.

    docs/definitions.md, Confidence: of .70, .75, .80, .85, .90 the first with at least 30 episodes and a one-sided 95 % t lower
    bound on the mean of the episode means above 0; None while no level has that. Trades without confidence count nowhere.
    """
    confidence = trades["confidence"].astype(float)
    for level in THRESHOLD_LEVELS:
        # Confidences are sums of tenths: .6 + .1 + .1 is a hair below .8.
        means = episode_means(trades[confidence >= level - 1e-9])
        if len(means) < _MIN_THRESHOLD_EPISODES:
            continue
        lower = one_sided_lower(means)
        if lower is not None and lower > 0:
            return level
    return None
