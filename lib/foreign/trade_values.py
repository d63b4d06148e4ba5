"""What the texts of a foreign table of trades say: numbers, times, directions, reasons of exits.

A column is read as a whole, because one text alone may be ambiguous: 1,234 is a thousand or a decimal, 03/04/2025 is of March or of April.
What stays ambiguous is never guessed: it is an error that names the option which says it.
"""

from __future__ import annotations

import itertools
import re
from datetime import tzinfo

import numpy as np
import pandas as pd

from lib.contract.schema import EXIT_REASONS
from lib.contract.times import (
    AMBIGUOUS,
    BAD,
    EARLY,
    EARLY_WORDS,
    FIRST_MARKET,
    NAIVE,
    OK,
    mark_early,
    parse_times,
    times_index,
)
from lib.errors import ParameterError
from lib.foreign.recogniser.instants import COMPACT

_NUMBER = re.compile(
    r"(?P<open>\()?\s*(?P<sign>[+\-−]?)\s*[$€£¥]?\s*(?P<second>[+\-−]?)"
    r"(?P<body>\d[\d,.'\u00a0\u202f ]*|\.\d+)(?P<power>[eE][+\-]?\d+)?\s*(?:%|[A-Za-z]{2,6})?\s*\)?"
)
#: Whole digits without signs between thousands, or with them at every third digit, or as in India.
_GROUPED = {
    mark: re.compile(rf"\d*|[1-9]\d{{0,2}}(?:{re.escape(mark)}\d{{2,3}})*{re.escape(mark)}\d{{3}}")
    for mark in ".,"
}
_EITHER = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
#: Epoch times by their size: below the limit a unit of so many microseconds, until 2286.
_EPOCHS = ((1e9, 0), (1e10, 1_000_000), (1e13, 1_000), (1e16, 1), (1e19, 1e-3))
_CLOCK = r"(?:,?\s+|T)(?P<clock>\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?)\s*(?P<half>[AaPp]\.?[Mm]\.?)?"
_ZONE = r"\s*(?P<zone>Z|UTC|GMT|[+-]\d\d:?(?:\d\d)?)?"
_YEAR_FIRST = re.compile(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})" + _CLOCK + _ZONE)
_COMPACT = re.compile(COMPACT + _ZONE)
_YEAR_LAST = re.compile(r"(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<y>\d{4})" + _CLOCK + _ZONE)
_NAMED = re.compile(
    r"(?:[A-Za-z]{3,9},?\s+)??(?:(?P<d>\d{1,2})[\s-]+(?P<name>[A-Za-z]{3,9})|(?P<name2>[A-Za-z]{3,9})\s+(?P<d2>\d{1,2}))"
    r"[,\s-]+(?P<y>\d{4})" + _CLOCK + _ZONE
)
_YEAR_NAMED = re.compile(r"(?P<y>\d{4})[-/. ](?P<name>[A-Za-z]{3,9})[-/. ](?P<d>\d{1,2})" + _CLOCK + _ZONE)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

_LONG = frozenset({"long", "buy", "b", "bull", "bullish", "bought", "l", "longs", "kauf", "achat", "compra"})
_SHORT = frozenset({"short", "sell", "s", "bear", "bearish", "sold", "shorts", "verkauf", "vente", "venta"})

#: Words of other programs' reasons, by ours: the first that has one of them counts (docs/reference/reason-codes.md, Exits).
#: A trailing stop may close at a gain and a liquidation is no stop: neither means a word of ours.
_REASONS = (
    ("OTHER", {"trailing", "trail", "trailed", "liquidation", "liquidated", "liq", "partial", "emergency", "breakeven"}),
    ("MANUAL", {"manual", "manually", "force", "forced", "user", "hand"}),
    ("TIME_EXIT", {"time", "timeout", "timed", "expired", "expiry", "expiration", "duration", "timelimit"}),
    ("SL_HIT", {"sl", "stop", "stoploss", "stopped"}),
    ("TP_HIT", {"tp", "takeprofit", "target", "roi"}),
    ("CLAUDE_EXIT", {"decision", "signal", "claude", "llm", "ai", "model", "strategy"}),
)  # fmt: skip


def numbers_of(texts: pd.Series, otherwise: str = "") -> np.ndarray:
    """Numbers (n,) with or without currency, unit and thousands; NaN where a text is none as the column writes them.

    `otherwise` is the sign before decimals where the column leaves it open; "": a point.
    """
    found = [_NUMBER.fullmatch(text) for text in texts]
    decimal = decimal_of(texts) or otherwise or "."
    thousands = "," if decimal == "." else "."
    values = np.full(len(texts), np.nan)
    for place, each in enumerate(found):
        if each is None or (each["sign"] and each["second"]):
            continue
        whole, _, rest = _bare(each["body"]).partition(decimal)
        if not _GROUPED[thousands].fullmatch(whole) or not re.fullmatch(r"\d*", rest):
            continue
        value = float(f"{whole.replace(thousands, '')}.{rest}0{each['power'] or ''}")
        negative = each["open"] or each["sign"] in ("-", "−") or each["second"] in ("-", "−")
        values[place] = -value if negative else value
    return values


def decimal_of(texts: pd.Series) -> str:
    """The sign before decimals that a column shows, a point where it shows both; "" where it leaves it open, as 1,234 and 12 do."""
    bodies = [_bare(each["body"]) for text in texts if (each := _NUMBER.fullmatch(text))]
    shown = {_decimal_mark(body) for body in bodies if not _EITHER.fullmatch(body)}
    return "." if "." in shown else "," if "," in shown else ""


def _decimal_mark(body: str) -> str:
    """The last sign of a number that holds it once, the other one where it stands more often, as between thousands."""
    mark = max(".,", key=body.rfind)
    if mark not in body:
        return ""
    return mark if body.count(mark) == 1 else "," if mark == "." else "."


def _bare(body: str) -> str:
    return re.sub(r"['\u00a0\u202f ]", "", body)


def flags_of(texts: pd.Series) -> pd.Series:
    """True, False, or None where a text is neither."""
    words = {
        "true": True,
        "yes": True,
        "1": True,
        "1.0": True,
        "false": False,
        "no": False,
        "0": False,
        "0.0": False,
    }
    return texts.str.lower().map(words).astype(object).where(lambda found: found.notna(), None)


def directions_of(texts: pd.Series, of_exit: bool = False) -> pd.Series:
    """LONG, SHORT, or "" where a text is neither; `of_exit`: buy and sell are the closing order's, so a sell closes a LONG."""
    found = []
    for text in texts:
        words = set(re.findall(r"[a-z]+", text.lower()))
        named = {side for side, own in (("LONG", {"long"}), ("SHORT", {"short"})) if words & own}
        if not named:
            named = {side for side, own in (("LONG", _LONG), ("SHORT", _SHORT)) if words & own}
            if of_exit:
                named = {"LONG" if side == "SHORT" else "SHORT" for side in named}
        if not words and text.strip() in ("1", "-1", "+1"):
            named = {"SHORT" if text.strip() == "-1" else "LONG"}
        found.append(named.pop() if len(named) == 1 else "")
    return pd.Series(found, index=texts.index, dtype="str")


def exit_reason_of(text: str) -> str:
    """Our word where a foreign reason means one, "" for none, else OTHER."""
    if text.strip().upper() in EXIT_REASONS:
        return text.strip().upper()
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", text).lower()
    words = re.findall(r"[a-z]+", spaced)
    if not words:
        return ""
    pairs = {first + second for first, second in itertools.pairwise(words)}
    told = {*words, *pairs}
    if "takeprofit" in told or "profittarget" in told:
        told |= {"tp"}
    return next((ours for ours, theirs in _REASONS if told & theirs), "OTHER")


def times_of(
    texts: pd.Series, zone: tzinfo | None, day_first: bool | None = None
) -> tuple[pd.DatetimeIndex, np.ndarray]:
    """Times (NaT where there is none), and for each text a code of lib.contract.times: OK, BAD, AMBIGUOUS, EARLY, or NAIVE without a zone.

    Epoch seconds, milli-, micro- and nanoseconds are told apart by their size. Raises ParameterError where day and month cannot be told
    apart and `day_first` is None.
    """
    values, problems = np.full(len(texts), np.iinfo(np.int64).min), np.full(len(texts), BAD, dtype=np.int8)
    written = pd.Series([_epoch(text) for text in texts], dtype=object)
    epochs = written.notna().to_numpy()
    values[epochs] = [int(each) for each in written[epochs]]
    problems[epochs] = OK
    order = _day_first(texts, day_first)
    isos = np.array([_iso(text, order) for text in texts], dtype=object)
    if (~epochs).any():
        parsed, found = parse_times(isos[~epochs], zone)
        values[~epochs], problems[~epochs] = parsed, found
    return times_index(values), mark_early(values, problems)


def written_otherwise(texts: pd.Series) -> tuple[int, int] | None:
    """The places of the first time of the fewer and of the more, where some have their year last and others do not; else None."""
    last = np.array([_YEAR_LAST.fullmatch(text) is not None for text in texts], dtype=bool)
    first = ~last & np.array([looks_like_time(text) for text in texts], dtype=bool)
    if not last.any() or not first.any():
        return None
    fewer, more = (last, first) if last.sum() <= first.sum() else (first, last)
    return int(fewer.argmax()), int(more.argmax())


def looks_like_time(text: str) -> bool:
    """Whether a text can be read as an instant, its zone aside."""
    return _epoch(text) is not None or bool(_iso(text, True) or _iso(text, False))


def says_zone(text: str) -> bool:
    """Whether a time can be placed without being told a zone."""
    return _epoch(text) is not None or bool(
        re.search(r"(?:Z|[+-]\d\d:?\d\d)$", _iso(text, True) or _iso(text, False))
    )


def why_no_time(problem: int) -> tuple[str, str]:
    """The reason a row is set aside for its time, and what would help."""
    if problem == AMBIGUOUS:
        return "ambiguous_time", "That time happens twice where clocks change: write it with its offset"
    if problem == NAIVE:
        return "bad_timestamp", "It has no zone: name it with --timezone"
    if problem == EARLY:
        return "too_early", f"Its time {EARLY_WORDS}"
    return "bad_timestamp", "Write times as 2025-10-19T14:35:10Z, with a time of day, or as epoch seconds"


def _epoch(text: str) -> int | None:
    """Microseconds since 1970 of a bare number of a plausible size."""
    if not re.fullmatch(r"\d{10,19}(?:\.\d+)?", text) or _COMPACT.fullmatch(text):
        return None
    value = float(text)
    unit = next((each for limit, each in _EPOCHS if value < limit), 0)
    if not unit:
        return None
    whole, _, part = text.partition(".")
    instant = round(int(whole) * unit) + round(float(f"0.{part or 0}") * unit)
    return instant if instant >= FIRST_MARKET else None


def _day_first(texts: pd.Series, told: bool | None) -> bool:
    """Whether the day stands before the month where the year stands last."""
    found = [each for text in texts if (each := _YEAR_LAST.fullmatch(text))]
    if not found or told is not None:
        return bool(told)
    first = any(int(each["a"]) > 12 for each in found)
    second = any(int(each["b"]) > 12 for each in found)
    if first == second and not all(each["a"] == each["b"] for each in found):
        raise ParameterError(
            f"{found[0][0]!r}: day and month cannot be told apart. Say it with --dates day-first or --dates month-first"
        )
    return first


def _iso(text: str, day_first: bool) -> str:
    """A time as ISO-8601, with the zone that it names, if any; "" for none."""
    if compact := _COMPACT.fullmatch(text):
        date, clock = compact.expand(r"\g<y>-\g<m>-\g<d>"), compact.expand(r"\g<h>:\g<mi>")
        text = f"{date} {clock}:{compact['s'] or '00'}{compact['zone'] or ''}"
    forms = (_YEAR_FIRST, _YEAR_LAST, _NAMED, _YEAR_NAMED)
    found = next((each for form in forms if (each := form.fullmatch(text))), None)
    if found is None:
        return ""
    parts = found.groupdict()
    if "a" in parts:
        day, month = (parts["a"], parts["b"]) if day_first else (parts["b"], parts["a"])
    elif "name" in parts:
        name = (parts["name"] or parts.get("name2") or "")[:3].lower()
        day, month = parts["d"] or parts.get("d2"), _MONTHS.index(name) + 1 if name in _MONTHS else 0
    else:
        day, month = parts["d"], parts["m"]
    hour, _, rest = parts["clock"].replace(",", ".").partition(":")
    if half := (parts["half"] or "").lower():
        hour = str(int(hour) % 12 + (12 if half.startswith("p") else 0))
    zone = parts["zone"] or ""
    zone = "Z" if zone in ("Z", "UTC", "GMT") else zone + "00" if re.fullmatch(r"[+-]\d\d", zone) else zone
    return f"{parts['y']}-{int(month):02d}-{int(day):02d}T{int(hour):02d}:{rest}{zone}"
