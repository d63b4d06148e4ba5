"""What a question is given: candles and both ribbons, one row for every closed 5-minute candle, each as it was known at that close.

The ribbons are computed from the candles' closes (docs/definitions.md, Ribbon), also where a folder has samples of a chart: a question is
asked of years, of which most have none. What would surprise: the 15-minute ribbon stands on its forming bar, so that it is known at every
5-minute close; lines and states of the rows before a line has run long enough are blank and unknown.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from lib.market.ribbon import line_names, ribbon_on_forming_bars

COLUMNS = ("open", "high", "low", "close", "volume")
_STATE = "state"


class QuestionFrames(NamedTuple):
    """Three frames of the same n rows, indexed by `closed_at`: the instant from which a row is known (UTC).

    candles: open, high, low, close, volume. Each ribbon: state (lib.contract.schema.STATES) and the lines MMA5 … MMA145.
    """

    candles: pd.DataFrame
    ribbon_5min: pd.DataFrame
    ribbon_15min: pd.DataFrame

    def first(self, rows: int) -> QuestionFrames:
        """Only the first `rows` rows: what was known at the last of them."""
        return QuestionFrames(*(frame.iloc[:rows] for frame in self))


def question_frames(candles_5min: pd.DataFrame) -> QuestionFrames:
    """The frames of 5-minute candles (index: open; column `closed_at`), in time order."""
    closed_at = pd.DatetimeIndex(candles_5min["closed_at"]).rename("closed_at")
    closes = pd.Series(candles_5min["close"].to_numpy(float), index=closed_at)
    return QuestionFrames(
        candles_5min[list(COLUMNS)].astype(float).set_axis(closed_at),
        *(_ribbon(closes, minutes) for minutes in (5, 15)),
    )


def _ribbon(closes: pd.Series, minutes: int) -> pd.DataFrame:
    shown = ribbon_on_forming_bars(closes, minutes, colours=False)
    lines = shown[line_names(shown.columns)].to_numpy()
    lines[(shown["quality"] != "ok").to_numpy()] = np.nan
    frame = pd.DataFrame(lines, columns=line_names(shown.columns), index=closes.index)
    frame.insert(0, _STATE, shown[_STATE].to_numpy())
    return frame.astype({_STATE: "str"})
