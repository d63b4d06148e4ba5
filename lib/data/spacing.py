"""How far apart candles stand: what tells that they are of another length than they pass for."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

MINUTE = 60_000_000
#: Equal spacings in a row that are no chance: where half of all minutes have no trade, 20 of them come once in a trillion.
_IN_A_ROW = 20


def another_spacing(times: np.ndarray, minutes: int) -> tuple[int, int] | None:
    """(place in `times`, minutes of its step) of the first of a run of candles longer or shorter than `minutes`; None without.

    `times`: opens in UTC microseconds, in order, and may repeat. A market in which most minutes have no trade has gaps of any length, so
    what tells is that many in a row are equally long.
    """
    unique, places = np.unique(times, return_index=True)
    spacings = np.diff(unique)
    begins = np.flatnonzero(np.append(True, spacings[1:] != spacings[:-1])) if len(spacings) else spacings
    for begin, end in pairwise([*begins, len(spacings)]):
        spacing = int(spacings[begin])
        if end - begin >= _IN_A_ROW and spacing != minutes * MINUTE and spacing % MINUTE == 0:
            return int(places[begin]), spacing // MINUTE
    return None
