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
    last: np.ndarray,
    slippage_pct: float,
) -> np.ndarray:
    """Percent of the fill, before fees, that a trade makes until each candle `last` of the path closes, or until its stop.

    A stop fills at exactly its price, the market exit at the close pays slippage (docs/definitions.md, Money). Times in microseconds.
    """
    _, stop = levels(sign, entry_price, ExitRule(stop_pct=stop_pct))
    stopped = last >= _reaches_stop(path, sign, entry_at, exit_at, int(last.max(initial=-1)), stop)
    return np.where(
        stopped, -stop_pct, sign * (path.close[last] - entry_price) / entry_price * 100 - slippage_pct
    )


def _reaches_stop(path: PricePath, sign: float, entry_at: int, exit_at: int, last: int, stop: float) -> int:
    """The candle up to `last` by which the stop was reached after the exit, one behind it if none: on the candles that begin after the
    entry; at once, where samples show it inside the entry's own.
    """
    begun = int(np.searchsorted(path.opens, entry_at, side="left"))
    inside = slice(
        *np.searchsorted(path.sample_at, [exit_at, own_close(path, entry_at, begun)], side="right")
    )
    prices = path.sample_price[inside]
    if reached(prices, prices, stop, -sign).any():
        return 0
    since = max(begun, int(np.searchsorted(path.closes_at, exit_at, side="left")))
    touched = reached(path.high[since : last + 1], path.low[since : last + 1], stop, -sign)
    return since + int(touched.argmax()) if touched.any() else last + 1
