"""What candles and ribbons showed at given times: look-ups by the last row known then.

A sample older than one candle of its timeframe, or one that is not `ok`, says nothing: its state is unknown. What a setup is called
after must be fresher: sampled within one step of the samples (docs/definitions.md, Setup signature).
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

CANDLE = pd.Timedelta(minutes=5)
MICROSECOND = pd.Timedelta(microseconds=1)
#: How much later than its step a sample may come.
_LATE = 60_000_000
#: Samples that the data's own step is taken from.
STEP_SAMPLES = 31
LINE_NAME = re.compile(r"MMA(\d+)")


def instants(times: pd.Index | pd.Series) -> np.ndarray:
    """Times as int64 microseconds since 1970 UTC."""
    return pd.DatetimeIndex(times).as_unit("us").asi8


def instant(time: pd.Timestamp) -> int:
    """One time as int microseconds since 1970 UTC; a Timestamp's own `value` is in nanoseconds, whatever its unit."""
    return time.value // 1000


def lines_of(samples: pd.DataFrame) -> list[str]:
    """Names of the line columns, shortest period first."""
    found = [(int(match[1]), name) for name in samples.columns if (match := LINE_NAME.fullmatch(name))]
    return [name for _, name in sorted(found)]


def rows_at(times: pd.DatetimeIndex, frame: pd.DataFrame, max_age: pd.Timedelta) -> np.ndarray:
    """Position of the last row of `frame` (by index) at or before each time and at most `max_age` old; −1
    where there is none.
    """
    index, at = instants(frame.index), instants(times)
    rows = np.searchsorted(index, at, side="right") - 1
    if len(index) == 0:
        return rows
    age = at - index[np.maximum(rows, 0)]
    return np.where((rows >= 0) & (age <= max_age // MICROSECOND), rows, -1)


def states_at(times: pd.DatetimeIndex, samples: pd.DataFrame, minutes: int) -> np.ndarray:
    """Ribbon state at each time: of the last sample at or before it, unknown if that is older than a
    candle or not ok.
    """
    return states_of(rows_at(times, samples, pd.Timedelta(minutes=minutes)), samples)


def states_of(rows: np.ndarray, samples: pd.DataFrame) -> np.ndarray:
    """Ribbon state of the samples at these positions, unknown at −1 and where a sample is not ok."""
    if samples.empty:
        return np.full(len(rows), "unknown", dtype=object)
    usable = np.where(
        samples["quality"].to_numpy() == "ok", samples["state"].to_numpy(dtype=object), "unknown"
    )
    return np.where(rows >= 0, usable[rows], "unknown")


def fresh_rows_at(times: pd.DatetimeIndex, samples: pd.DataFrame) -> np.ndarray:
    """Position of the last sample at or before each time; −1 where it was not taken within one step of the samples + 60 s.

    The step is the median of the last ones up to that sample, so that nothing later changes what is fresh.
    """
    index, at = instants(samples.index), instants(times)
    rows = np.searchsorted(index, at, side="right") - 1
    for place in np.flatnonzero(rows >= 0):
        last = rows[place]
        step = typical_step(index[max(0, last - STEP_SAMPLES) : last + 1])
        if at[place] - index[last] > step * 1e6 + _LATE:
            rows[place] = -1
    return rows


def typical_step(times: np.ndarray) -> float:
    """Seconds between samples: the median of what lies between `times` (microseconds, in order); 0 below two of them."""
    return float(np.median(np.diff(times))) / 1e6 if len(times) > 1 else 0.0
