"""Texts → instants: epochs by their size, ISO-8601, and dates in the order and with the signs that exports have.

Everything but an epoch is written anew as ISO-8601 and read by lib.contract.times, which knows zones and the hours that happen twice.
dateutil was looked at: it reads anything as some time, which is the opposite of refusing what can be read in two ways.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple

import numpy as np

from lib.contract.times import BAD, FIRST_MARKET, NOT_A_TIME, OK, mark_early, parse_times

#: Epochs count from the first market on; below lie prices, row numbers and days.
_UNITS = (("s", 1_000_000), ("ms", 1_000), ("µs", 1), ("ns", 0))
_FIRST_S = FIRST_MARKET // 1_000_000
_EPOCH = re.compile(r"\d{9,19}(?:\.\d*)?|\d(?:[.,]\d+)?[eE]\+?\d{1,2}", re.ASCII)
_MONTHS = {name: number for number, name in enumerate(
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1)}  # fmt: skip
_MONTHS |= {"mär": 3, "mai": 5, "okt": 10, "dez": 12}
_CLOCK = (
    r"(?P<h>\d{1,2})[:h.]?(?P<mi>\d\d)(?:[:.]?(?P<s>\d\d)(?:[.,:](?P<f>\d{1,9}))?)?\s*(?P<half>[ap]\.?m\.?)?\s*"
    r"(?P<zone>(?:utc|gmt|z|\(utc\))?\s*(?:[+-]\d\d?(?::?\d\d)?)?)(?:\s*\([^)]*\))?"
)
_SEPARATE = r"(?:\s*[T,;]\s*|\s+(?:at\s+)?)"
_FORMS = {
    "ymd": r"(?=\d{8}|\d{4}\D)(?P<y>\d{4})(?P<sep>[-./ ]?)(?P<m>\d{1,2})(?P=sep)(?P<d>\d{1,2})",
    "dotted": r"(?P<d>\d{1,2})\.\s?(?P<m>\d{1,2})\.\s?(?P<y>\d{4})",
    "parted": r"(?P<a>\d{1,2})(?P<sep>[-/])(?P<b>\d{1,2})(?P=sep)(?P<y>\d{4})",
    "short": r"(?P<a>\d\d)(?P<sep>[-./])(?P<b>\d\d)(?P=sep)(?P<c>\d\d)",
    "short-named": r"(?P<a>\d\d)(?P<sep>[-./ ])(?P<b>[a-zä]{3})[a-z]*\.?(?P=sep)(?P<c>\d\d)",
    "ymd-named": r"(?P<y>\d{4})(?P<sep>[-./ ])(?P<name>[a-zä]{3})[a-z]*\.?(?P=sep)(?P<d>\d{1,2})",
    "named": r"(?:[a-z]{3,9},?\s+)?(?P<d>\d{1,2})(?:st|nd|rd|th)?[-./ ]\s?(?P<name>[a-zä]{3})[a-z]*[-./, ]\s?(?P<y>\d{4})",
    "us-named": r"(?:[a-z]{3,9},?\s+)?(?P<name>[a-zä]{3})[a-z]*\.?\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y>\d{4})",
}
#: 20240111000000: as an epoch of 12 or 14 digits it would lie in 1976 or in 2611.
COMPACT = r"(?P<y>20\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?P<h>[01]\d|2[0-3])(?P<mi>[0-5]\d)(?P<s>[0-5]\d)?"
_FULL = {
    name: re.compile(form, re.IGNORECASE)
    for name, form in [
        ("compact", COMPACT + r"(?P<f>)(?P<half>)(?P<zone>z?)"),
        *((name, form + _SEPARATE + _CLOCK) for name, form in _FORMS.items()),
    ]
}
#: Spreadsheets keep a time as days since this one, and a time of day as a part of one.
_FIRST_SHEET_DAY = datetime(1899, 12, 30, tzinfo=UTC)
_SHEET_NUMBER = re.compile(r"[3-6]\d{4}(?:[.,]\d+)?|0[.,]\d{3,}", re.ASCII)
_DATE_ONLY = re.compile(
    "|".join(re.sub(r"\?P<\w+>", "?:", form).replace("(?P=sep)", "[-./ ]?") for form in _FORMS.values()),
    re.IGNORECASE,
)
_CLOCK_ONLY = re.compile(_CLOCK, re.IGNORECASE)
FIXED_ORDERS = {
    **dict.fromkeys(("ymd", "compact", "ymd-named"), ("ymd",)),
    **dict.fromkeys(("dotted", "named"), ("dmy",)),
    "us-named": ("mdy",),
}
ORDERS = {"parted": ("dmy", "mdy"), "short": ("dmy", "mdy", "ymd"), "short-named": ("dmy", "ymd")}


@dataclass(frozen=True)
class Instants:
    """UTC microseconds (n,), why not (codes of lib.contract.times), and what the texts were."""

    values: np.ndarray
    problems: np.ndarray
    form: str
    zoned: bool  #: whether most name their zone

    @property
    def known(self) -> float:
        """The share that is a time, with or without its zone."""
        return float((self.problems != BAD).mean()) if len(self.problems) else 0.0


class Clock(NamedTuple):
    """A date as it is written, the time of day beside it, and whether AM or PM stands there."""

    day: str
    hour: int
    minute: int
    half: bool


def clock_of(text: str, form: str) -> Clock | None:
    """The parts of a date and time of a form (`form_of`, but no epoch); None where it is none."""
    match = _FULL[form].fullmatch(text.strip())
    if match is None:
        return None
    return Clock(text.strip()[: match.start("h")], int(match["h"]), int(match["mi"]), bool(match["half"]))


def form_of(texts: np.ndarray) -> str:
    """What most of the texts are: "epoch", a form of date and time, or ""."""
    counts: dict[str, int] = {}
    for text in texts:
        found = (
            "epoch"
            if _is_epoch(text.strip())
            else next((name for name, form in _FULL.items() if form.fullmatch(text.strip())), "")
        )
        counts[found] = counts.get(found, 0) + 1
    best = max(counts, key=counts.__getitem__, default="")
    return best if best and counts[best] * 2 > len(texts) else ""


def written_otherwise(texts: np.ndarray, form: str, problems: np.ndarray) -> int | None:
    """The place of the first text that is a time, but not of the form of most (`form_of`; "" for none); None where there is no such."""
    most = _FULL.get(form)
    # What is read as ISO-8601 by itself is of the form that begins with the year.
    suspects = np.flatnonzero(problems == BAD) if form in ("", "epoch", "ymd") else range(len(texts))
    odd = (place for place in suspects if most is None or not most.fullmatch(texts[place].strip()))
    # Bare digits beside epochs are one that is damaged.
    same = ("", form, "compact" if form == "epoch" else form)
    return next((int(place) for place in odd if form_of(texts[place : place + 1]) not in same), None)


def not_a_time(text: str, fix: str) -> tuple[str, str]:
    """Why a text is no time, and what to do about it: `fix`, unless a spreadsheet's number of a day stands there."""
    if not _SHEET_NUMBER.fullmatch(text.strip()):
        return "is no time that I know", fix
    days = float(text.replace(",", "."))
    time = (_FIRST_SHEET_DAY + timedelta(days=days, seconds=0.5)).strftime("%Y-%m-%d %H:%M:%S")
    return (
        f"looks like a spreadsheet's number for a time ({time if days >= 1 else time[11:]} there)",
        "Give the column the format yyyy-mm-dd hh:mm:ss there and save it as CSV again, or export the file again without a spreadsheet",
    )


def is_clock(texts: np.ndarray) -> bool:
    """Whether most of the texts are a time of day alone."""
    return _mostly(texts, _CLOCK_ONLY)


def is_date(texts: np.ndarray) -> bool:
    """Whether most of the texts are a day alone."""
    return _mostly(texts, _DATE_ONLY)


def read_instants(texts: np.ndarray, form: str, order: str, zone: tzinfo | None) -> Instants:
    """The instants of texts of a form (`form_of`); `order` where the form leaves it open, `zone` for those that name none."""
    if form == "epoch":
        return _epochs(texts)
    values, problems, again = _read(texts, form, order, zone)
    told = _told(form, order) if again * 2 > len(texts) else "ISO-8601"
    alone = _read(texts[:: max(1, len(texts) // 200)], form, order, None)[1]
    return Instants(values, mark_early(values, problems), told, bool((alone == OK).mean() > 0.5))


def _read(
    texts: np.ndarray, form: str, order: str, zone: tzinfo | None
) -> tuple[np.ndarray, np.ndarray, int]:
    """As parse_times, and how many of the texts had to be written anew for it."""
    values, problems = parse_times(texts, zone)  # type: ignore[arg-type]
    odd = np.flatnonzero(problems == BAD)
    if len(odd):
        again = np.empty(len(odd), dtype=object)
        again[:] = [as_iso(texts[place], form, order) for place in odd]
        values[odd], problems[odd] = parse_times(again, zone)  # type: ignore[arg-type]
    return values, problems, len(odd)


def orders_that_fit(texts: np.ndarray, form: str) -> list[str]:
    """The orders of day, month and year in which every date there is one; several of them only if they differ for some text."""
    pairs = {
        (match["a"], match["b"], match.groupdict().get("c"))
        for text in texts
        if (match := _FULL[form].fullmatch(text.strip()))
    }
    fitting = [order for order in ORDERS[form] if all(_day(form, order, *pair) for pair in pairs)]
    same = all(len({_day(form, order, *pair) for order in fitting}) == 1 for pair in pairs)
    return fitting[:1] if same else fitting


def as_iso(text: str, form: str, order: str) -> str:
    """A date and time as ISO-8601, with the zone it names; "" for none."""
    match = _FULL[form].fullmatch(text.strip()) if form in _FULL else None
    if match is None:
        return ""
    found = match.groupdict()
    if form in ORDERS:
        day = _day(form, order, found["a"], found["b"], found.get("c") or found.get("y"))
        if day is None:
            return ""
        year, month, date = day
    else:
        month = found.get("m") or str(_MONTHS.get(found["name"].lower(), 0))
        year, date = found["y"], found["d"]
    hour = int(found["h"])
    if found["half"]:
        if not 1 <= hour <= 12:
            return ""
        hour = hour % 12 + (12 if found["half"][0] in "pP" else 0)
    fraction = f".{found['f']}" if found["f"] else ""
    return f"{year}-{int(month):02d}-{int(date):02d}T{hour:02d}:{found['mi']}:{found['s'] or '00'}{fraction}{_zone(found['zone'])}"


def _day(form: str, order: str, a: str, b: str, c: str | None) -> tuple[str, str, str] | None:
    """Year, month and day of three numbers in an order; None where that is no date."""
    month = str(_MONTHS.get(b.lower(), 0)) if form == "short-named" else b
    parts = dict(zip(order, (a, month, c), strict=True)) if order else {}
    if not parts or not (1 <= int(parts["m"]) <= 12 and 1 <= int(parts["d"]) <= 31):
        return None
    return (
        f"20{parts['y']}" if form in ("short", "short-named") else parts["y"] or "0",
        parts["m"],
        parts["d"],
    )


def _zone(text: str) -> str:
    """Z or +hh:mm; "" where a time names no zone."""
    offset = re.search(r"([+-])(\d\d?):?(\d\d)?$", text.strip())
    if offset is None:
        return "Z" if text.strip() else ""
    return f"{offset[1]}{int(offset[2]):02d}:{offset[3] or '00'}"


def _told(form: str, order: str) -> str:
    return {"ymd": "year, month, day", "compact": "year, month, day", "dotted": "day.month.year"}.get(
        form, f"dates as {order}" if order else "dates with names of months"
    )


def _is_epoch(text: str) -> bool:
    if _EPOCH.fullmatch(text) is None or _FULL["compact"].fullmatch(text):
        return False
    return _number(text) >= _FIRST_S


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def _mostly(texts: np.ndarray, form: re.Pattern[str]) -> bool:
    return sum(form.fullmatch(text.strip()) is not None for text in texts) * 2 > len(texts)


def epoch(number: float) -> tuple[str, int]:
    """A number of seconds, or ms, µs or ns, since 1970: its unit by its size, and the microseconds (of seconds for what is too large)."""
    unit, factor = next(
        (each for each, limit in zip(_UNITS, (1e11, 1e14, 1e17, 1e20), strict=True) if number < limit),
        _UNITS[0],
    )
    return unit, int(number // 1_000) if not factor else round(number * factor)


def _epochs(texts: np.ndarray) -> Instants:
    """Each by its own size, because Binance's files change from milliseconds to microseconds within a history."""
    values = np.full(len(texts), NOT_A_TIME, dtype=np.int64)
    problems = np.full(len(texts), BAD, dtype=np.int8)
    units: dict[str, int] = {}
    for place, text in enumerate(texts):
        stripped = text.strip()
        if not _is_epoch(stripped):
            continue
        whole = int(stripped) if stripped.isdigit() else _number(stripped)
        unit, values[place] = epoch(whole)
        problems[place] = OK
        units[unit] = units.get(unit, 0) + 1
    told = " and ".join(sorted(units, key=units.__getitem__, reverse=True))
    return Instants(values, mark_early(values, problems), f"epoch in {told}", True)
