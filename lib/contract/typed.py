"""Decisions made in memory, as the frame that readers of the file get (docs/data-contracts.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from lib.contract import schema


def typed_decisions(rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """Rows as a decisions frame of schema.DECISION_COLUMNS: NaT, NaN, False and "" where a row leaves something out."""
    frame = pd.DataFrame(list(rows), columns=list(schema.DECISION_COLUMNS))
    for name in schema.DECISION_COLUMNS:
        if name in schema.DECISION_TIMES:
            frame[name] = pd.to_datetime(frame[name], utc=True).dt.as_unit("us")
        elif name in schema.DECISION_NUMBERS:
            frame[name] = frame[name].astype(float)
        elif name == "executed":
            frame[name] = frame[name].astype(object).fillna(False).astype(bool)
        else:
            frame[name] = frame[name].astype(object).fillna("").astype("str")
    return frame
