"""When a lesson ends: an e-CUSUM that watches whether its effect is still worth keeping.

M = max(1, M)·(1 + 1.2·(0.03 − x)) over the episodes since it was proven, x in percent on the lesson's own side; it ends at M >= 20.
Under any mean of at least 0.03 % the average run length is 20 at the least by theorem (E-detectors: Shin, Ramdas and Rinaldo), and far
longer simulated; the simulated delays are in docs/evidence-method.md, When lessons end.
"""

from __future__ import annotations

#: The effect, percent net an episode, that is still worth keeping.
KEPT_PCT = 0.03
RATE = 1.2
RETIRED_AT = 20.0
#: A lesson that sees fewer than so many episodes in so many days has expired: nobody knows whether it still holds.
LIVE_EPISODES = 30
LIVE_DAYS = 45


def watch(doubt: float, x: float) -> float:
    """The CUSUM after one more episode's return on the lesson's side; start with 1."""
    return max(1.0, doubt) * max(0.0, 1.0 + RATE * (KEPT_PCT - x))
