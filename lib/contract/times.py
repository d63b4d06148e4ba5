"""Times in files and parameters: parsed strictly, always UTC, never guessed.

A time is ISO-8601 with `Z` or an offset. One without is naive: it needs a zone (an argument, else RIBBON_TIMEZONE) and is an error
otherwise. A naive time that a change of clocks makes happen twice stays unknown (`AMBIGUOUS`), one that it skips never was (`BAD`).
Bulk results are int64 microseconds since 1970 in UTC, `NOT_A_TIME` where there is none.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from lib.errors import ParameterError

ZONE_VARIABLE = "RIBBON_TIMEZONE"
NOT_A_TIME = int(np.iinfo(np.int64).min)
Instant = pd.Timestamp | None  #: an end of a window; None where it is open

#: Why a text is no time: codes of `parse_times`, and of `mark_early`.
OK, BAD, AMBIGUOUS, NAIVE, EARLY = 0, 1, 2, 3, 4
#: 2009-01-03T00:00:00Z in microseconds. What other programs stamp before it, when no market of coins existed, is a zero or an epoch that
#: was read in the wrong unit: seconds taken for milliseconds lie in January 1970.
FIRST_MARKET = 1_230_940_800_000_000
EARLY_WORDS = "lies before 2009-01-03, when no such market existed: a zero, or seconds read as milliseconds"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d{1,2})(?::?([0-5]\d))?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def configured_zone(zone: str | None = None) -> tzinfo | None:
    """The zone of naive times: the argument, else RIBBON_TIMEZONE, else none.

    A zone is an IANA name, or a fixed offset such as "+01:00" or "UTC+1" (east is plus). ParameterError for another text.
    """
    given = zone or os.environ.get(ZONE_VARIABLE, "")
    name = given.strip()
    if not name:
        return None
    if (match := _OFFSET.fullmatch(name)) and int(match[2]) <= 14:
        span = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
        return timezone(-span if match[1] == "-" else span)
    try:
        return ZoneInfo("UTC" if name.upper() in ("Z", "UTC", "GMT") else name)
    except (KeyError, ValueError, OSError) as error:
        where = "" if zone else f" in {ZONE_VARIABLE}"
        raise ParameterError(
            f"unknown time zone {given!r}{where}: give a name such as Europe/Berlin or UTC, or an offset such as +01:00"
        ) from error


def parse_instant(value: str | pd.Timestamp | datetime, zone: str | None = None) -> pd.Timestamp:
    """An instant given as a parameter, in UTC with microseconds. ParameterError if it is none, or naive without a zone."""
    if not isinstance(value, str):
        return _in_utc(pd.Timestamp(value), str(value), zone)
    text = value.strip()
    if not _ISO.fullmatch(text):
        raise ParameterError(f"{value!r} is not a time: write it like 2025-10-19T14:35:10Z")
    try:
        return _in_utc(pd.Timestamp(text), text, zone)
    except ParameterError:
        raise
    except ValueError as error:
        raise ParameterError(f"{value!r} is not a time: {error}") from error


def parse_bound(text: str) -> pd.Timestamp:
    """Where a stretch that a person names begins or ends: an instant, or a date, which is its midnight in UTC. Else ParameterError."""
    day = text.strip()
    return parse_instant(f"{day}T00:00Z" if _DATE.fullmatch(day) else text)


def _in_utc(instant: pd.Timestamp, text: str, zone: str | None) -> pd.Timestamp:
    if pd.isna(instant):
        raise ParameterError("a time is missing: write it like 2025-10-19T14:35:10Z")
    if instant.tzinfo is None:
        named = configured_zone(zone)
        if named is None:
            raise ParameterError(f"{text!r} has no zone: end it with Z for UTC, or set {ZONE_VARIABLE}")
        instant = instant.tz_localize(named, ambiguous="raise", nonexistent="raise")
    return instant.tz_convert("UTC").as_unit("us")


def iso(instant: pd.Timestamp) -> str:
    """`2025-10-19T14:35:10Z`; a fraction of a second only where it is not zero, without trailing zeros."""
    moment = instant.tz_convert("UTC")
    fraction = f".{moment.microsecond:06d}".rstrip("0") if moment.microsecond else ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def iso_of_microseconds(instant: int) -> str:
    """`iso` of UTC microseconds since 1970."""
    moment = _EPOCH + timedelta(microseconds=instant)
    fraction = f".{moment.microsecond:06d}".rstrip("0") if moment.microsecond else ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def parse_times(texts: np.ndarray, zone: tzinfo | None) -> tuple[np.ndarray, np.ndarray]:
    """Texts (n,) → int64 microseconds (n,) and why not (n,) int8: OK, BAD, AMBIGUOUS, or NAIVE without a zone."""
    uniform = _uniform(texts)
    if uniform is not None:
        return uniform, np.zeros(len(texts), dtype=np.int8)
    values = np.full(len(texts), NOT_A_TIME, dtype=np.int64)
    problems = np.full(len(texts), BAD, dtype=np.int8)
    matches = [_ISO.fullmatch(text.strip()) for text in texts]
    zoned = np.array([match is not None and match.group(1) is not None for match in matches], dtype=bool)
    naive = np.array([match is not None and match.group(1) is None for match in matches], dtype=bool)
    if zoned.any():
        parsed = pd.to_datetime(
            pd.Series(texts[zoned]).str.strip(), format="ISO8601", utc=True, errors="coerce"
        )
        _store(parsed, zoned, values, problems)
    if naive.any() and zone is None:
        problems[naive] = NAIVE
    elif naive.any():
        local = pd.to_datetime(pd.Series(texts[naive]).str.strip(), format="ISO8601", errors="coerce")
        placed = local.dt.tz_localize(zone, ambiguous="NaT", nonexistent="NaT")
        _store(placed, naive, values, problems)
        problems[naive] = np.where(_happens_twice(local, placed, zone), AMBIGUOUS, problems[naive])
    return values, problems


def mark_early(values: np.ndarray, problems: np.ndarray) -> np.ndarray:
    """The codes (n,) int8 of times of another program's file, with EARLY for what was read and lies before FIRST_MARKET."""
    return np.where((problems == OK) & (values < FIRST_MARKET), EARLY, problems).astype(np.int8)


_SHAPE = np.frombuffer(b"0000-00-00T00:00:00Z", dtype=np.uint8)


def _uniform(texts: np.ndarray) -> np.ndarray | None:
    """Microseconds of texts that all look like 2025-10-19T14:35:10Z, the form that files are written in; None if any does not."""
    joined = "".join(texts)
    if not joined.isascii() or set(map(len, texts)) != {len(_SHAPE)}:
        return None
    marks = np.frombuffer(joined.encode("ascii"), dtype=np.uint8).reshape(-1, len(_SHAPE))
    digits = ord("0") == _SHAPE
    if not ((marks[:, ~digits] == _SHAPE[~digits]).all() and ((marks[:, digits] ^ ord("0")) <= 9).all()):
        return None
    try:
        local = (
            np.ascontiguousarray(marks[:, :-1])
            .view(f"S{len(_SHAPE) - 1}")[:, 0]
            .astype("U")
            .astype("datetime64[s]")
        )
    except ValueError:  # a 13th month, say: found out row by row
        return None
    return local.astype("datetime64[us]").astype(np.int64)


def _store(parsed: pd.Series, where: np.ndarray, values: np.ndarray, problems: np.ndarray) -> None:
    instants = pd.DatetimeIndex(parsed).tz_convert("UTC").as_unit("us")
    values[where] = np.where(instants.isna(), NOT_A_TIME, instants.asi8)
    problems[where] = np.where(instants.isna(), BAD, OK)


def _happens_twice(local: pd.Series, placed: pd.Series, zone: tzinfo) -> np.ndarray:
    """Of the local times without a place in the zone, those that have two."""
    unplaced = local.notna() & placed.isna()
    if not unplaced.any():
        return np.zeros(len(local), dtype=bool)
    # shift_forward places the skipped ones, so what still has no place happens twice.
    shifted = local.dt.tz_localize(zone, ambiguous="NaT", nonexistent="shift_forward")
    return (unplaced & shifted.isna()).to_numpy()


def parse_time(text: str, zone: tzinfo | None) -> int | None:
    """One text of a file as UTC microseconds, for ordering only (of two possible times the first); None if it is none."""
    stripped = text.strip()
    match = _ISO.fullmatch(stripped)
    if match is None or (match.group(1) is None and zone is None):
        return None
    try:
        moment = datetime.fromisoformat(stripped)
        moment = moment.replace(tzinfo=zone) if moment.tzinfo is None else moment
        since = moment.astimezone(UTC) - _EPOCH
    except (ValueError, OverflowError):
        return None
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def is_naive(text: str) -> bool:
    """Whether a text is a time that lacks its zone."""
    match = _ISO.fullmatch(text.strip())
    return match is not None and match.group(1) is None


def microseconds(instant: pd.Timestamp) -> int:
    """Microseconds since 1970 in UTC."""
    return int(instant.as_unit("us").asm8.astype("int64"))


def microseconds_or_none(instant: Instant) -> int | None:
    """Microseconds since 1970 in UTC; None for no instant, a window that is open on that side."""
    return None if instant is None else microseconds(instant)


def times_index(values: np.ndarray) -> pd.DatetimeIndex:
    """int64 microseconds → an index of datetime64[us, UTC]."""
    return pd.DatetimeIndex(values.view("datetime64[us]"), name="timestamp").tz_localize("UTC")


def seconds_to_wait(told: str, now_s: float) -> float:
    """Seconds from `now_s` (since 1970) that a header Retry-After asks for: a number, or a date; 0 for neither, and for what passed."""
    try:
        seconds = float(told)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(told).timestamp() - now_s
        except (ValueError, OverflowError):
            return 0.0
    return seconds if seconds > 0 else 0.0  # NaN is no number either
