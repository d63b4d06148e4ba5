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
    """Times as int64 microseconds since 1970 UTC, not to be written to: they may be those of the frame itself."""
    array = times.array
    if isinstance(array, pd.arrays.DatetimeArray) and array.unit == "us":
        return array.asi8
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
    return places_at(instants(times), instants(frame.index), max_age)


def places_at(at: np.ndarray, index: np.ndarray, max_age: pd.Timedelta) -> np.ndarray:
    """`rows_at` of instants (int64 microseconds): position of the last of `index` at or before each of `at`."""
    rows = index.searchsorted(at, side="right") - 1
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
    return known_states(rows, usable_states(samples))


def usable_states(samples: pd.DataFrame) -> np.ndarray:
    """The state of each sample (object), unknown where it is not ok."""
    return np.where(samples["quality"].to_numpy() == "ok", samples["state"].to_numpy(dtype=object), "unknown")


def known_states(rows: np.ndarray, states: np.ndarray) -> np.ndarray:
    """The states at these positions, unknown at −1."""
    if not len(states):
        return np.full(len(rows), "unknown", dtype=object)
    return np.where(rows >= 0, states[rows], "unknown")


def fresh_places(at: np.ndarray, index: np.ndarray, since: int | None = None) -> np.ndarray:
    """Position of the last sample at or before each instant; −1 where it was not taken within one step of the samples + 60 s.

    Both in int64 microseconds. The step is the median of the last ones up to that sample, so that nothing later changes what is fresh.
    What lies at or before `since` is as if it were not there.
    """
    rows = index.searchsorted(at, side="right") - 1
    if not len(index):
        return rows
    begin = 0 if since is None else int(index.searchsorted(since, side="right"))
    step, many = np.zeros(len(rows)), rows - STEP_SAMPLES >= begin
    behind = rows[many, None] - np.arange(STEP_SAMPLES)
    middle = STEP_SAMPLES // 2
    step[many] = np.partition(index[behind] - index[behind - 1], middle, axis=1)[:, middle] / 1e6
    for place in np.flatnonzero(~many & (rows >= begin)):
        step[place] = typical_step(index[begin : rows[place] + 1])
    stale = (rows < begin) | (at - index[np.maximum(rows, 0)] > step * 1e6 + _LATE)
    return np.where(stale, -1, rows)


def typical_step(times: np.ndarray) -> float:
    """Seconds between samples: the median of what lies between `times` (microseconds, in order); 0 below two of them."""
    if len(times) < 2:
        return 0.0
    steps = sorted((times[1:] - times[:-1]).tolist())
    middle = len(steps) // 2
    return (steps[middle] if len(steps) % 2 else (steps[middle - 1] + steps[middle]) / 2) / 1e6
