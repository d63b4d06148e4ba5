"""With how many decimals money and prices are told (docs/definitions.md, Money, Dollars): the one place that decides it.

Dollars of a trade follow the price of its market, so that a coin far below a dollar has figures too; the account's money has two decimals.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Self

#: Decimals of the account's money, and of any dollars of a market from 100 dollars on.
CENTS = 2
#: Of no market more than this: the figures of the prompt have bounded length.
MOST = 12
#: A dollar figure resolves 0.01 % of the price: as many digits behind the price's first.
_BEHIND_FIRST = 4
#: Digits of a number that count, where none says how many.
_DIGITS = 7


def dollar_decimals(prices: Any) -> int:
    """The fewest decimals, 2 to 12, that resolve 0.01 % of the lowest of these prices (a number or many, dollars).

    What is no price (NaN, 0, below) is passed over; 2 where there is none.
    """
    import numpy as np  # here, as whoever puts a number into words reads this module, the completion of an option too

    found = np.atleast_1d(np.asarray(prices, dtype=float))
    found = found[np.isfinite(found) & (found > 0)]
    if not len(found):
        return CENTS
    first_digit = int(f"{found.min():.16e}".partition("e")[2])
    return min(MOST, max(CENTS, _BEHIND_FIRST - first_digit))


def plain_number(value: float, digits: int = _DIGITS, *, grouped: bool = False) -> str:
    """A price or a size with so many digits that count, never as a power of ten: 3921.37, 0.00001234; `grouped`: 3,921.37."""
    return format(Decimal(f"{value:.{digits}g}"), ",f" if grouped else "f")


def published_decimals(figures: Iterable[float | None]) -> int:
    """The decimals that dollars were published with where nothing names their market: those of the figure that has the most, at least 2."""
    exponents = (
        Decimal(repr(float(figure))).normalize().as_tuple().exponent
        for figure in figures
        if figure is not None
    )
    return max(CENTS, *(min(-int(exponent), MOST) for exponent in exponents), CENTS)


class Coin(str):
    """What dollars are told per 1 of, and with how many decimals these are told."""

    decimals: int

    def __new__(cls, name: str = "coin", decimals: int = CENTS) -> Self:
        """The name, as ETH; "coin" where no symbol says so."""
        coin = super().__new__(cls, name)
        coin.decimals = decimals
        return coin

    @classmethod
    def of(cls, source: Mapping[str, Any]) -> Self:
        """That of a source as JSON (lib.data.source); an older one names no decimals, as its figures have two."""
        decimals = source.get("dollar_decimals")
        known = isinstance(decimals, int) and CENTS <= decimals <= MOST
        return cls(str(source.get("coin", "coin")), decimals if known else CENTS)


#: Of a market that nothing is known of.
A_COIN = Coin()
