"""Whether a chart draws averaged candles (Heikin Ashi): its price is then a mean at which nobody traded, and so is every line of it.

One reading cannot tell, and the label need not. Where candle after candle begins in the middle of the body before, it is so; where they do
not, it is not. The verdict stays until as many candles in a row began elsewhere as are too many for one look that went wrong.
"""

from __future__ import annotations

import numpy as np

from lib.contract.dollars import plain_number
from lib.data.formats import price_decimals
from lib.market.averaged import averaged_opens
from runner.collect.candle_watch import continues
from runner.collect.chart_reading import Bar

#: So many candles in a row say that they are averaged, and so many that they are not.
_ARE, _ARE_NOT = 4, 2
#: A look comes a moment before the close, so that the middle is known to this part of the body.
_WITHIN = 0.1
#: After a longer pause between two looks the candle before may have gone on unseen.
_UNSEEN_S = 15.0


class AveragedWatch:
    """Watches one chart; `observe` is told what it shows, in order of time."""

    def __init__(self) -> None:
        self._at = float("-inf")
        self._bar: Bar | None = None
        self._in_row = 0  #: candles that began in the middle; below 0: that did not
        #: What is wrong, in words; "" while nothing shows it.
        self.wrong = ""
        #: When candles had last shown to be those of a market, seconds since 1970; -inf before.
        self.right_at = float("-inf")

    def forget(self) -> None:
        """What was seen cannot be joined to what comes. The verdict stays."""
        self._bar = None

    def observe(self, at: float, bar: Bar) -> None:
        """Take in what the chart showed at `at` (seconds since 1970 UTC)."""
        if at <= self._at:
            return
        before = self._bar if at - self._at <= _UNSEEN_S else None
        self._at, self._bar = at, bar
        if before is None or continues(before, bar):
            return
        opens, closes = np.array([before.open, bar.open]), np.array([before.close, bar.close])
        decimals = price_decimals(np.array([before.open, before.close, bar.open]))
        tells, averaged = averaged_opens(opens, closes, decimals, _WITHIN)
        if not tells[0]:
            return
        self._in_row = max(self._in_row, 0) + 1 if averaged[0] else min(self._in_row, 0) - 1
        if self._in_row >= _ARE:
            self.wrong = (
                f"candle after candle began in the middle of the body before, the last one at {plain_number(bar.open, 10)} after "
                f"{plain_number(before.open, 10)} to {plain_number(before.close, 10)}"
            )
        elif self._in_row <= -_ARE_NOT:
            self.wrong, self.right_at = "", at
