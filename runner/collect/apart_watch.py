"""Whether the charts of one market tell one price at one time.

One chart alone cannot show that it plays the past again (Bar Replay) or is of another market than its label says: all of it fits together.
Beside the other one it does not. Which of the two is right nobody knows, so both are wrong until they agree. What would surprise: a chart
that stands still lies apart too, and is left out, because the other one's price is then the one to go by. It is found frozen within a
minute, which is why it takes longer here.
"""

from __future__ import annotations

from collections.abc import Mapping

from lib.contract.dollars import plain_number

#: Two looks in one beat lie within moments: no crash moves the price by so many percent between them, beat after beat.
_APART_PCT = 0.5
#: For so long, in seconds.
_APART_S = 90.0
#: With nothing to compare for so long, in seconds, nothing is said any more.
_ALONE_S = 60.0


class ApartWatch:
    """Watches all charts of a collector; `observe` is told the price of each at every beat."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._compared_at = float("-inf")
        #: What is wrong, in words; "" while nothing shows it.
        self.wrong = ""
        #: When they had last told one price, seconds since 1970; -inf before.
        self.right_at = float("-inf")

    def observe(self, at: float, prices: Mapping[str, float]) -> None:
        """Take in the prices that were read at `at` (seconds since 1970 UTC), by chart, without those of charts that stand still."""
        if len(prices) < 2:
            if at - self._compared_at > _ALONE_S:
                self._since, self.wrong = None, ""
            return
        self._compared_at = at
        if (max(prices.values()) / min(prices.values()) - 1) * 100 <= _APART_PCT:
            self._since, self.wrong, self.right_at = None, "", at
            return
        self._since = at if self._since is None else self._since
        if not self.wrong and at - self._since >= _APART_S:  # said once, as what is said anew is told anew
            told = ", ".join(f"{name} tells {plain_number(price, 10)}" for name, price in prices.items())
            self.wrong = f"at one time {told}"
