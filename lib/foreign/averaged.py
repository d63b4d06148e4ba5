"""A candle file whose candles are averaged ones is refused: its prices were never traded, and every figure made of them would be wrong."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.contract.dollars import plain_number
from lib.contract.times import iso
from lib.data.formats import price_decimals
from lib.errors import DataError
from lib.foreign.recogniser.reading import Grid
from lib.market.averaged import averaged_opens

_ENOUGH = 10  #: candles that tell
_MOST = 0.9  #: of them: a row that is off breaks the chain twice


def refuse_averaged(candles: pd.DataFrame, step: int, grid: Grid, lines: np.ndarray) -> None:
    """Raises DataError where candles (in time order, of `step` minutes, at `lines`) open in the middle of the body before."""
    opens, closes = candles["open"].to_numpy(float), candles["close"].to_numpy(float)
    decimals = price_decimals(candles[["open", "close"]].to_numpy(float))
    tells, averaged = averaged_opens(opens, closes, decimals)
    follows = np.diff(candles.index.as_unit("us").asi8) == step * 60_000_000
    tells, averaged = tells & follows, averaged & follows
    if averaged.sum() < _ENOUGH or averaged.sum() < _MOST * tells.sum():
        return
    place = int(averaged.argmax()) + 1
    prices = opens[place], *candles.iloc[place - 1][["open", "close"]]
    opened, *before = (plain_number(price, 10) for price in prices)
    line, word = int(lines[place]), grid.word
    where = "" if word == "line" else f"{word} {line}: "
    raise DataError(
        f"{where}{averaged.sum():,} of {tells.sum():,} candles open in the middle of the body before, as Heikin Ashi draws them "
        f"(that of {iso(candles.index[place])} at {opened}, after {before[0]} to {before[1]}): nobody traded at "
        "these prices",
        path=grid.path,
        line=line if word == "line" else None,
        column="open",
        fix="Set the chart to candles and export it again",
    )
