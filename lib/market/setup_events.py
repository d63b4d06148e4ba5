"""Setup events: the closes of 5-minute candles at which a setup shows in its own direction (docs/definitions.md, Optimal, Events).

A wick, else a breakout, else a fresh flip of the 5-minute ribbon. What would surprise: a ribbon that stays all_* is one event, at its
flip; and after a state that is unknown there is no flip, because nobody knows what it was.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.market.readings import CANDLE, states_at
from lib.market.setups import SetupReadings, breakouts
from lib.market.wicks import wicks

_STATE_DIRECTION = {"all_green": 1.0, "all_red": -1.0}


def setup_directions(candles: pd.DataFrame, samples_5min: pd.DataFrame) -> np.ndarray:
    """+1 (LONG), −1 (SHORT) or 0 (no event) per candle, known at its close; wicks both ways: 0."""
    flags, broken = wicks(candles), breakouts(candles)
    down, up = flags["wick_down"].to_numpy(), flags["wick_up"].to_numpy()
    above, below = broken["breakout_up"].to_numpy(), broken["breakout_down"].to_numpy()
    wick, breakout = down.astype(float) - up, above.astype(float) - below
    both = down & up
    flip = _fresh_flips(pd.DatetimeIndex(candles["closed_at"]), samples_5min)
    return np.where(both, 0.0, np.where(wick != 0, wick, np.where(breakout != 0, breakout, flip)))


def _fresh_flips(closed_at: pd.DatetimeIndex, samples_5min: pd.DataFrame) -> np.ndarray:
    """The direction of an all_* state that was known not to be this one a candle earlier; 0 elsewhere."""
    now, before = states_at(closed_at, samples_5min, 5), states_at(closed_at - CANDLE, samples_5min, 5)
    directions = np.array([_STATE_DIRECTION.get(name, 0.0) for name in now])
    return np.where((now != before) & (before != "unknown"), directions, 0.0)


def setup_events(candles: pd.DataFrame, samples_5min: pd.DataFrame, readings: SetupReadings) -> pd.DataFrame:
    """The events of these candles in order: row (position among `candles`), direction, entry_time, entry_price, and what
    their `readings` say of an entry there.
    """
    sign = setup_directions(candles, samples_5min)
    rows = np.flatnonzero(sign)
    events = pd.DataFrame(
        {
            "row": rows,
            "direction": pd.array(np.where(sign[rows] > 0, "LONG", "SHORT"), dtype="str"),
            "entry_time": pd.DatetimeIndex(candles["closed_at"])[rows],
            "entry_price": candles["close"].to_numpy()[rows],
        }
    )
    return readings.describe_frame(events)
