"""Numbers as figures, tables and pages print them: a real minus, a unit, an en dash where there is none. The prompt has its own
(lib.contract.words), in ASCII.
"""

from __future__ import annotations

import math


def per_coin(coin: str) -> str:
    """Whose money a figure is that is not the account's: "per 1 ETH" (docs/definitions.md, Money)."""
    return f"per 1 {coin}"


def counted(n: int, unit: str) -> str:
    """A count with its unit, given in the plural: "45 trades", "1 cycle"."""
    one = unit.removesuffix("s")
    return f"{n:,} {one if n == 1 else unit}"


def dollars(amount: float | None, decimals: int = 2) -> str:
    """Signed dollars: +$5.80, −$12.50, $0.00; an en dash where there is none."""
    return _signed(amount, f"${{:,.{decimals}f}}", plus=True)


def percent(value: float | None, decimals: int = 1, *, signed: bool = False) -> str:
    """A percentage with its unit: 44.4 %, or signed +0.12 %; an en dash where there is none."""
    return _signed(value, f"{{:,.{decimals}f}} %", plus=signed)


def _signed(value: float | None, form: str, *, plus: bool) -> str:
    if value is None or not math.isfinite(value):
        return "–"
    shown = form.format(abs(value))
    if not any(digit in shown for digit in "123456789"):
        return shown  # what shows as zero has no sign
    return ("−" if value < 0 else "+" if plus else "") + shown
