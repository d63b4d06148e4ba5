"""Numbers as figures, tables and pages print them: a real minus, a unit, an en dash where there is none. The prompt has its own
(lib.contract.words), in ASCII.
"""

from __future__ import annotations

import math

from lib.contract.dollars import A_COIN, CENTS, Coin, dollar_decimals

#: Of a group with fewer trades nothing is said but how many they are, and their money: no rate, no mean, no dot in a picture.
LEAST = 5


def per_coin(coin: str) -> str:
    """Whose money a figure is that is not the account's: "per 1 ETH" (docs/definitions.md, Money)."""
    return f"per 1 {coin}"


def counted(n: int, unit: str) -> str:
    """A count with its unit, given in the plural: "45 trades", "1 cycle"."""
    one = unit.removesuffix("s")
    return f"{n:,} {one if n == 1 else unit}"


def dollars(amount: float | None, decimals: int | Coin = CENTS) -> str:
    """Signed dollars: +$5.80, −$12.50, $0.00; an en dash where there is none. `decimals`: so many, or those of what they are per 1 of."""
    count = decimals.decimals if isinstance(decimals, Coin) else decimals
    return _signed(amount, f"${{:,.{count}f}}", plus=True)


def price_words(price: float | None, decimals: int | None = None) -> str:
    """A price with the decimals of dollars at it, or with so many: 2,518.18, 0.531210; an en dash where there is none."""
    if price is None:
        return "–"
    return f"{price:,.{dollar_decimals(price) if decimals is None else decimals}f}"


def percent(value: float | None, decimals: int = 1, *, signed: bool = False) -> str:
    """A percentage with its unit: 44.4 %, or signed +0.12 %; an en dash where there is none."""
    return _signed(value, f"{{:,.{decimals}f}} %", plus=signed)


def amount(money: float, coin: Coin = A_COIN) -> str:
    """Dollars without a sign, for a sentence whose verb has it: $12.50."""
    return dollars(abs(money), coin).removeprefix("+")


def made(money: float, coin: Coin = A_COIN) -> str:
    """What was made or lost, as a verb and its dollars: "lost $12.50"."""
    return f"{'lost' if round(money, coin.decimals) < 0 else 'made'} {amount(money, coin)}"


def least_shown(coin: Coin = A_COIN) -> float:
    """The smallest sum of dollars that does not show as zero: $0.01."""
    return 10.0**-coin.decimals


def bounds(low: float | None, high: float | None, decimals: int) -> str:
    """An interval without its unit: "31–59"; signed with "to" where it has decimals, as a dash would read as a minus."""
    if low is None or high is None:
        return ""
    if decimals == 0:
        return f"{low:.0f}–{high:.0f}"
    return " to ".join(percent(value, decimals, signed=True).removesuffix(" %") for value in (low, high))


def step_of(least: float) -> float:
    """The smallest of 1, 2 and 5 times a power of ten that is no smaller than `least`, which is above 0: a round step of a scale."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= least)


def _signed(value: float | None, form: str, *, plus: bool) -> str:
    if value is None or not math.isfinite(value):
        return "–"
    shown = form.format(abs(value))
    if not any(digit in shown for digit in "123456789"):
        return shown  # what shows as zero has no sign
    return ("−" if value < 0 else "+" if plus else "") + shown
