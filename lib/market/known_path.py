"""A price path as it was known at an instant: what whoever stood there could judge an exit by."""

from __future__ import annotations

import numpy as np

from lib.market.exits import PricePath


def known_path(path: PricePath, begin: int, end: int) -> PricePath:
    """What became known of a path in (begin, end], int64 microseconds; its arrays are views.

    It is the path of the frames of that time wherever no candle reaches over one of the two instants.
    """
    fine, bars, samples = (
        slice(*times.searchsorted([begin, end], side="right"))
        for times in (path.closes_at, path.bar_closes_at, path.sample_at)
    )
    candles: list[np.ndarray] = [
        getattr(path, name)[fine] for name in ("opens", "closes_at", "open", "high", "low", "close")
    ]
    return PricePath(
        *candles,
        path.bar_closes_at[bars],
        path.bar_close[bars],
        path.sample_at[samples],
        path.sample_price[samples],
    )
