"""Texts of a chart page as numbers and colours: the English form, or nothing.

A text of another form is refused, never guessed at: 65.090,75 read by the wrong rule is another price.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lib.contract.visible import visible

#: What the page shows where there is no value.
MISSING = frozenset({"", "∅", "n/a", "N/A", "—"})
_MINUS = "\u2212"
_NUMBER = re.compile(r"[-\u2212+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?", re.ASCII)
_VOLUME = re.compile(r"((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)[ \u00a0\u2009\u202f]?([KMBT]?)", re.ASCII)
_FACTORS = {"": 1.0, "K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*(?:,\s*[\d.]+\s*)?\)", re.ASCII)
_HEX = re.compile(r"#[0-9a-f]{6}")


class NumberFormError(ValueError):
    """A text that should be a number has another form than English."""


@dataclass(frozen=True)
class Number:
    """A number and the decimals it was shown with."""

    value: float
    decimals: int


def parse_number(text: str) -> Number | None:
    """A price or a line; None where the page shows none. Raises NumberFormError for any other text."""
    if text.strip() in MISSING:
        return None
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        raise NumberFormError(text)
    plain = match.group().replace(",", "").replace(_MINUS, "-")
    return Number(float(plain), len(match.group(1) or ""))


def parse_volume(text: str) -> float | None:
    """A volume, with K, M, B or T multiplied out; None where the page shows none. Raises NumberFormError."""
    if text.strip() in MISSING:
        return None
    match = _VOLUME.fullmatch(text.strip())
    if match is None:
        raise NumberFormError(text)
    return float(match.group(1).replace(",", "")) * _FACTORS[match.group(2)]


def parse_colour(text: str) -> str:
    """A style's colour as `#rrggbb`, its transparency dropped; "" where it is none of that form."""
    plain = text.strip().lower()
    if _HEX.fullmatch(plain):
        return plain
    match = _RGB.fullmatch(plain)
    channels = [int(channel) for channel in match.groups()] if match else []
    if not channels or max(channels) > 255:
        return ""
    return "#" + "".join(f"{channel:02x}" for channel in channels)


def printable(text: str, length: int = 40) -> str:
    """A text of the page as people may be shown it: every mark visible, short."""
    kept = visible(text)
    return kept if len(kept) <= length else kept[: length - 1] + "…"
