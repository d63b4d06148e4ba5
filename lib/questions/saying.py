"""What a question says, out of two conditions; and the small readings that questions share.

What would surprise: a condition given as a Series comes back as one on the same rows, so that rows in another order or under other times
are seen when the answer is checked (lib.questions.answering).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.market.wicks import WICK_RANGE_PCT, wicks

#: What `say` says of a row of which both conditions hold; it counts as nothing, and is counted.
BOTH = "BOTH"
_NUMBERS = ("floating", "integer", "mixed-integer-float", "decimal")


def say(long: object = None, short: object = None) -> np.ndarray | pd.Series:
    """LONG where `long` holds, SHORT where `short` does, "" where neither does and BOTH (nothing as well) where both do; (n,) object.

    Conditions are columns of True and False, or one of them for all rows; what is not known (NaN, None) holds nowhere. A Series where one
    was given, else an array. Raises TypeError for what is no condition, ValueError for two that stand on different rows.
    """
    up, down = _condition(long, "long"), _condition(short, "short")
    rows = [given.index for given in (long, short) if isinstance(given, pd.Series)]
    if len({len(each) for each in (up, down)} - {1}) > 1 or (len(rows) > 1 and not rows[0].equals(rows[1])):
        raise ValueError(
            f"long and short stand on different rows ({len(up):,} and {len(down):,}): "
            "make both out of the columns that directions is given, in their order"
        )
    said = np.select([up & down, up, down], [BOTH, "LONG", "SHORT"], "").astype(object)
    return pd.Series(said, rows[0], dtype=object) if rows else said


def began(condition: object) -> np.ndarray | pd.Series:
    """Where a condition holds and did not hold one row before; never in the first row. A Series where one was given, else an array."""
    holds = _condition(condition, "condition")
    found = holds & ~np.r_[True, holds[:-1]]
    return pd.Series(found, condition.index) if isinstance(condition, pd.Series) else found


def wick_shown(
    candles: pd.DataFrame, band: tuple[float, float] = WICK_RANGE_PCT
) -> tuple[np.ndarray, np.ndarray]:
    """Whether each candle has a wick down, and one up, of this size in percent of its close (docs/definitions.md, Wicks)."""
    found = wicks(candles, band)
    return found["wick_down"].to_numpy(bool), found["wick_up"].to_numpy(bool)


def _condition(values: object, name: str) -> np.ndarray:
    """A condition as booleans; (n,), or (1,) of one that holds of all rows or of none."""
    column = pd.Series(np.atleast_1d(np.asarray(values)))
    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind not in ("boolean", "empty"):
        what = "text" if kind == "string" else "numbers" if kind in _NUMBERS else f"of kind {kind}"
        raise TypeError(
            f"{name} is {what}, not True or False of each row: wrap it in a comparison, as in {name}=change < -0.5"
        )
    return column.where(column.notna(), False).to_numpy(bool)
