"""Converter of the old 87-column recordings: `timestamp,price,ribbon_state` and `MMA<n>_value/_color/_intensity`, local naive times.

Their zone must be told, it is never guessed. The logged state is not believed: state comes from the colours, quality from what froze.
Intensities (light, normal, dark) and `timeframe_alignment` are kept as further columns.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

import numpy as np
import pandas as pd

from lib.contract import schema
from lib.contract.times import (
    AMBIGUOUS,
    EARLY,
    NAIVE,
    OK,
    configured_zone,
    mark_early,
    parse_times,
    times_index,
)
from lib.errors import DataError, HeaderError, ParameterError
from lib.foreign.csv_rows import Foreign, read_foreign
from lib.market.ribbon import frozen_mask, states_from_colours

_SAMPLE_REQUIRED = ("timestamp", "price", "ribbon_state")
_DECISION_REQUIRED = (
    "timestamp",
    "direction",
    "entry_recommended",
    "confidence_score",
    "entry_price",
    "executed",
)
#: Columns of old decisions under their names of today.
_RENAMED = {"confidence_score": "confidence", "stop_loss": "stop_price", "take_profit": "target_price"}
#: Zero stands for none.
_ABOVE_ZERO = ("entry_price", "exit_price", "stop_price", "target_price", "stop_pct", "target_pct")
_LINE = re.compile(r"MMA(\d+)_value")


@dataclass(frozen=True)
class Recording:
    """A converted file: its frame, the rows set aside by reason, and the first of them."""

    frame: pd.DataFrame
    set_aside: dict[str, int]
    first_bad: str = ""
    zoned: str = ""  #: the first time, where each names its zone; "" where one needs to be told its own


def recording_zone(text: str) -> tzinfo:
    """The zone that a text names, as `configured_zone`. ParameterError where it names none."""
    zone = configured_zone(text) if text.strip() else None
    if zone is None:
        raise ParameterError(
            "the recording's time zone is missing: give a name such as Europe/Berlin, or an offset such as +01:00"
        )
    return zone


def read_samples(path: Path, zone: tzinfo) -> Recording:
    """A recorded samples file as a samples frame (lines, colours, intensities), times in UTC.

    Raises MissingDataError, HeaderError or DataError naming the file and line.
    """
    foreign = read_foreign(path, _SAMPLE_REQUIRED)
    names = _value_columns(foreign)
    times, reasons = _times(foreign, zone)
    price = _number(foreign.table["price"])
    reasons = np.where((reasons == "") & ~(price > 0), "bad_value", reasons)
    reasons = _only_forward(times, reasons)
    good = reasons == ""
    if not good.any():
        raise DataError(f"no row is a sample ({foreign.first_bad(reasons) or 'there are none'})", path=path)
    columns: dict[str, object] = {"price": price}
    for suffix in ("", "_color", "_intensity"):
        for period, name in names.items():
            source = name if suffix == "" else f"MMA{period}{suffix}"
            if source in foreign.table:
                values = foreign.table[source]
                columns[f"MMA{period}{suffix}"] = (
                    _number(values) if suffix == "" else values.str.strip().astype("str")
                )
    frame = pd.DataFrame(columns).set_axis(times)[good]
    return Recording(_judged(frame), foreign.set_aside(reasons), foreign.first_bad(reasons), _zoned(foreign))


def read_decisions(path: Path, zone: tzinfo) -> Recording:
    """A recorded decisions file as a decisions frame: WAIT is HOLD, a price of 0.0 is none."""
    foreign = read_foreign(path, _DECISION_REQUIRED, multiline=True)
    table = foreign.table.rename(columns=_RENAMED)
    times, reasons = _times(foreign, zone)
    direction = table["direction"].str.strip().str.upper().replace("WAIT", "HOLD")
    reasons = np.where((reasons == "") & ~direction.isin(schema.DIRECTIONS), "bad_value", reasons)
    reasons = _only_forward(times, reasons)
    columns: dict[str, object] = {}
    for name in (
        *schema.DECISION_COLUMNS,
        *(extra for extra in table if extra not in schema.DECISION_COLUMNS),
    ):
        if name in schema.DECISION_NUMBERS:
            columns[name] = _number(table[name]) if name in table else np.full(len(table), np.nan)
        elif name in ("timestamp", "entry_time", "exit_time"):
            columns[name] = (
                times
                if name == "timestamp"
                else pd.DatetimeIndex([pd.NaT] * len(table), tz="UTC").as_unit("us")
            )
        else:
            columns[name] = (
                table[name].astype("str") if name in table else pd.Series("", index=table.index, dtype="str")
            )
    frame = pd.DataFrame(columns, index=table.index).assign(direction=direction.astype("str"))
    frame["executed"] = table["executed"].str.strip().str.lower().isin(["true", "yes", "1"])
    holding = frame["holding"].str.strip().str.upper()
    frame["holding"] = holding.where(holding.isin(schema.HOLDING), "").astype("str")
    for name in _ABOVE_ZERO:
        frame[name] = frame[name].where(frame[name] != 0.0)
    return Recording(
        frame[reasons == ""].reset_index(drop=True),
        foreign.set_aside(reasons),
        foreign.first_bad(reasons),
        _zoned(foreign),
    )


def _value_columns(foreign: Foreign) -> dict[int, str]:
    """Line columns by period, in the order of the periods."""
    found = {int(match[1]): name for name in foreign.table.columns if (match := _LINE.fullmatch(name))}
    if not found:
        raise HeaderError(
            "no column MMA<n>_value", path=foreign.path, line=1, fix="Give an old recording of a ribbon"
        )
    return dict(sorted(found.items()))


def _judged(frame: pd.DataFrame) -> pd.DataFrame:
    quality = np.where(frozen_mask(frame), "frozen", "ok")
    frame.insert(1, "state", states_from_colours(frame))
    frame.insert(2, "quality", pd.array(quality, dtype="str"))
    frame.insert(3, "symbol", pd.array([""] * len(frame), dtype="str"))
    return frame


def _times(foreign: Foreign, zone: tzinfo) -> tuple[pd.DatetimeIndex, np.ndarray]:
    values, problems = parse_times(foreign.table["timestamp"].to_numpy(dtype=object), zone)
    problems = mark_early(values, problems)
    found = [problems == OK, problems == AMBIGUOUS, problems == EARLY]
    reasons = np.select(found, ["", "ambiguous_time", "too_early"], "bad_timestamp")
    return times_index(values), reasons


def _zoned(foreign: Foreign) -> str:
    texts = foreign.table["timestamp"].to_numpy(dtype=object)
    problems = parse_times(texts, None)[1]
    own = np.flatnonzero(problems == OK)
    return "" if not len(own) or (problems == NAIVE).any() else str(texts[own[0]])


def _only_forward(times: pd.DatetimeIndex, reasons: np.ndarray) -> np.ndarray:
    """Set aside repeats and rows behind the time already reached."""
    good = reasons == ""
    instants = np.where(good, times.asi8, np.iinfo(np.int64).min)
    reached = (
        np.maximum.accumulate(np.concatenate([[np.iinfo(np.int64).min], instants[:-1]]))
        if len(instants)
        else instants
    )
    return np.select(
        [~good, instants == reached, instants < reached], [reasons, "duplicate", "out_of_order"], ""
    )


def _number(texts: pd.Series) -> np.ndarray:
    values = pd.to_numeric(texts, errors="coerce").to_numpy(float)
    return np.where(np.isfinite(values), values, np.nan)
