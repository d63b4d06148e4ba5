"""What lessons are worth in money, by the prices and costs of a window's trades."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from lib.contract.dollars import A_COIN, Coin
from lib.draw.numbers import amount, dollars, per_coin, percent
from lib.prompt.addition import terms_told


class Prices(NamedTuple):
    """What the window's trades cost, and what a percent of one is in dollars by that; both per 1 coin, None without a trade."""

    a_trade: float | None
    a_percent: float | None
    coin: Coin = A_COIN

    @classmethod
    def of(cls, insights: Mapping[str, Any]) -> Prices:
        """By the actual trades of insights."""
        found = insights.get("actual_performance") or {}
        trades = found.get("total_trades") or 0
        paid, share = (
            found[f"gross_{key}"] - found[f"total_{key}"] if trades else 0.0 for key in ("pnl", "pnl_pct")
        )
        coin = Coin.of(insights["provenance"].get("source", {}))
        return cls(paid / trades, paid / share, coin) if min(paid, share) > 0 else cls(None, None, coin)

    def worth(self, mean: float | None) -> str:
        """What a mean (%) is in money, to go on with behind it; "" where that is not known."""
        if mean is None or self.a_percent is None:
            return ""
        return f", about {dollars(mean * self.a_percent, self.coin)} a trade"

    def costs_words(self, insights: Mapping[str, Any]) -> str:
        """What a trade costs, to hold means against, in a sentence."""
        if self.a_trade is None:
            return f"A trade costs {percent(terms_told(insights).costs.fees_pct, 2)} in fees."
        cost = amount(self.a_trade, self.coin)
        return f"Dollars are {per_coin(self.coin)} at this window's prices, where a trade costs {cost}."
