"""What a closed trade would have made if kept longer: its stop stays in place, its target is ignored.

What would surprise: the stop is judged from the exit on, the candle of the exit included, so where it is unclear whether the stop was
touched before or after, it counts as after.
"""

from __future__ import annotations

import numpy as np

from lib.market.exits import ExitRule, PricePath, levels, own_close, reached

#: Exits that were no choice: nobody could have held on.
FORCED_EXITS = ("SL_HIT", "DATA_LOSS")


def longer_hold_pct(
    path: PricePath,
    sign: float,
    entry_at: int,
    entry_price: float,
    exit_at: int,
    stop_pct: float,
    last: int,
    slippage_pct: float,
) -> float:
    """Percent of the fill, before fees, that a trade makes until candle `last` of the path closes, or until its stop.

    A stop fills at exactly its price, the market exit at the close pays slippage (docs/definitions.md, Money). Times in microseconds.
    """
    _, stop = levels(sign, entry_price, ExitRule(stop_pct=stop_pct))
    if _reaches_stop(path, sign, entry_at, exit_at, last, stop):
        return -stop_pct
    return float(sign * (path.close[last] - entry_price) / entry_price * 100 - slippage_pct)


def _reaches_stop(path: PricePath, sign: float, entry_at: int, exit_at: int, last: int, stop: float) -> bool:
    """Whether the stop was reached after the exit: on the candles that begin after the entry, inside the entry's own on samples."""
    begun = int(np.searchsorted(path.opens, entry_at, side="left"))
    left = int(np.searchsorted(path.closes_at, exit_at, side="left"))
    since = slice(max(begun, left), last + 1)
    if reached(path.high[since], path.low[since], stop, -sign).any():
        return True
    inside = (path.sample_at > exit_at) & (path.sample_at <= own_close(path, entry_at, begun))
    prices = path.sample_price[inside]
    return bool(reached(prices, prices, stop, -sign).any())
