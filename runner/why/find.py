"""Which decision is meant: by its id, by its time, or the last one."""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from lib.contract import schema
from lib.contract.times import iso, parse_instant
from lib.contract.visible import visible
from lib.data.decisions import load_decisions
from lib.data.newest import newest_or_refused
from lib.errors import MissingDataError, ParameterError

LAST = "last"
_MOST_NEAR = 5
#: Of decisions without any time in what was asked for, only the newest so many are compared by their names.
_COMPARED = 2_000
_TIME_IN_ID = re.compile(r"\d{8}T\d{6}(?:\.\d+)?Z")


class Found(NamedTuple):
    """The row (contract: schema.DECISION_COLUMNS) of a decision, and by what those before and after it can be asked for; "" for none."""

    row: pd.Series
    before: str
    after: str


def find_decision(folder: Path, wanted: str) -> Found:
    """The decision of an id, of an exact time as ISO 8601, or the `last`.

    Raises MissingDataError for a folder without decisions, ParameterError, which names the nearest, for one that is not there.
    """
    log, counts = load_decisions(folder, None, None)
    path = folder / schema.DECISIONS_FILE
    aside = ", ".join(f"{number:,} {reason}" for reason, number in counts.set_aside.items())
    if log.empty:
        newest_or_refused(path)
    if log.empty:
        raise MissingDataError(
            "nobody has decided anything yet", path=path, fix="`ribbon trade` makes decisions"
        )
    wanted = wanted.strip()
    if wanted.lower() == LAST:
        return _found(log, len(log) - 1)
    moment = _moment(wanted)
    places = np.flatnonzero((log["decision_id"] == wanted).to_numpy())
    if not len(places) and moment is not None:
        places = np.flatnonzero((log["timestamp"] == moment).to_numpy())
    found = log.iloc[places]
    if len(found) == 1 or (len(found) and found["decision_id"].iloc[0] == wanted):
        return _found(log, int(places[0]))
    what = f"{len(found)} decisions at that time" if len(found) else f"no decision {visible(wanted)!r}"
    what += f" ({aside} rows were set aside)" if aside and found.empty else ""
    near = _names(found) if len(found) else _nearest(log, wanted, moment)
    raise ParameterError(f"{path}: {what}. The nearest: {', '.join(near)}; `ribbon why last` is the newest")


def _found(log: pd.DataFrame, place: int) -> Found:
    beside = ("".join(_names(log.iloc[max(at, 0) : at + 1])) for at in (place - 1, place + 1))
    return Found(log.iloc[place], *beside)


def name_of(row: pd.Series) -> str:
    """What a decision can be asked for by: its id, in older rows its time."""
    return visible(str(row["decision_id"])) or iso(row["timestamp"])


def _names(rows: pd.DataFrame) -> list[str]:
    return [name_of(row) for _, row in rows.head(_MOST_NEAR).iterrows()]


def _nearest(log: pd.DataFrame, wanted: str, moment: pd.Timestamp | None) -> list[str]:
    """By time where what is asked for has one in it, else by name."""
    if moment is not None:
        away = (log["timestamp"] - moment).abs()
        return _names(log.loc[away.sort_values(kind="stable").index])
    recent = log.iloc[-_COMPARED:]
    names = recent["decision_id"].tolist()
    alike = get_close_matches(wanted, names, n=_MOST_NEAR, cutoff=0.5)
    return [visible(name) for name in alike] or _names(recent.iloc[::-1])


def _moment(wanted: str) -> pd.Timestamp | None:
    inside = _TIME_IN_ID.search(wanted)
    try:
        return parse_instant(pd.Timestamp(inside[0]) if inside else wanted)
    except (ParameterError, ValueError):
        return None
