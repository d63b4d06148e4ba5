"""Texts → numbers: the sign before decimals, the sign between thousands, and what stands for nothing.

One style holds for all prices and the volume of a file. A file in which `1,827` may be 1827 and 1.827 is refused, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

_DRESS = " \t\u00a0\u202f$€£¥₿"
_BLANKS = re.compile(r"[+-]?\d{1,3}(?:[\s'’]\d{3})+(?:[.,]\d*)?")
_NOTHING = {"", "nan", "null", "none", "-", "--", "n/a", "na", "n.a.", "#n/a", "∅"}
_LARGE = {"k": 1e3, "m": 1e6, "b": 1e9}


class TwoReadings(Exception):
    """A text that is two numbers: its place among those given."""

    def __init__(self, column: int, row: int) -> None:
        super().__init__()
        self.column, self.row = column, row


@dataclass(frozen=True)
class Style:
    """How numbers are written."""

    decimal: str = "."
    thousands: str = ""

    def words(self) -> str:
        """For people."""
        names = {".": "point", ",": "comma"}
        return names[self.decimal] + (
            f", {names[self.thousands]} between thousands" if self.thousands else ""
        )


def style_of(columns: Sequence[np.ndarray], commas: bool, hint: str) -> Style:
    """The style of all numbers in `columns`; `commas` where commas part the fields. Raises TwoReadings."""
    joined = "".join("".join(texts) for texts in columns)
    has_point, has_comma = "." in joined, "," in joined
    if hint:
        other = "," if hint == "." else "."
        return Style(hint, other if (has_comma if other == "," else has_point) else "")
    if not has_comma and (commas or not has_point):
        return Style()
    if has_point and has_comma:
        return _by_the_last(columns)
    mark = "," if has_comma else "."
    return _by_the_digits(columns, mark)


def _by_the_last(columns: Sequence[np.ndarray]) -> Style:
    """Where a number has both signs, the last is the decimal one; else the one that stands before other than three digits."""
    for texts in columns:
        for text in texts:
            if "." in text and "," in text:
                return Style(".", ",") if text.rindex(".") > text.rindex(",") else Style(",", ".")
    for mark, other in ((".", ","), (",", ".")):
        loose = re.compile(rf"\d*{re.escape(mark)}(?!\d{{3}}$)\d*")
        if any(loose.fullmatch(text.strip()) for texts in columns for text in texts):
            return Style(mark, other)
    place = next(
        (column, row) for column, texts in enumerate(columns) for row, text in enumerate(texts) if "," in text
    )
    raise TwoReadings(*place)


def _by_the_digits(columns: Sequence[np.ndarray], mark: str) -> Style:
    """One sign only: between thousands if some number has two of it, before decimals if some number cannot be read with thousands."""
    other = "." if mark == "," else ","
    grouped = re.compile(rf"[+-]?[1-9]\d{{0,2}}(?:{re.escape(mark)}\d{{3}})+")
    doubtful = None
    for column, texts in enumerate(columns):
        for row, text in enumerate(texts):
            bare = _bare(text)
            if mark not in bare:
                continue
            if not grouped.fullmatch(bare):
                if bare.count(mark) == 1:
                    return Style(mark)
                continue
            if bare.count(mark) > 1:
                return Style(other, mark)
            doubtful = doubtful or (column, row)
    if doubtful is None:
        return Style()
    raise TwoReadings(*doubtful)


def numbers_of(texts: np.ndarray, style: Style, large: bool = False) -> np.ndarray:
    """The texts as f64 (n,), NaN for what is no number in that style; `large`: 1.2K and 3M are numbers too."""
    plain = texts
    if style.decimal == ",":
        plain = [text.replace(",", ".") if "." not in text else "" for text in texts]
    values = pd.to_numeric(pd.Series(plain, dtype=object), errors="coerce").to_numpy(float, copy=True)
    odd = np.flatnonzero(np.isnan(values) | (style.decimal == "," and style.thousands != ""))
    values[odd] = [_number(text, style, large) for text in texts[odd]]
    return values


def is_nothing(texts: np.ndarray) -> np.ndarray:
    """Which texts stand for no value (n,) bool."""
    return np.array([text.strip().lower() in _NOTHING for text in texts], dtype=bool)


def _bare(text: str) -> str:
    """A number without a currency's sign at its ends, and without blanks or apostrophes between thousands."""
    bare = text.strip(_DRESS)
    return re.sub(r"[\s'’]", "", bare) if _BLANKS.fullmatch(bare) else bare


def _number(text: str, style: Style, large: bool) -> float:
    bare = _bare(text)
    if style.thousands and style.thousands in bare:
        whole, _, rest = bare.partition(style.decimal)
        if not re.fullmatch(
            rf"[+-]?\d{{1,3}}(?:{re.escape(style.thousands)}\d{{2,3}})*{re.escape(style.thousands)}\d{{3}}",
            whole,
        ):
            return np.nan
        bare = whole.replace(style.thousands, "") + (f".{rest}" if rest else "")
    elif style.decimal == ",":
        if "." in bare:
            return np.nan
        bare = bare.replace(",", ".")
    factor = _LARGE.get(bare[-1:].lower(), 0.0) if large else 0.0
    try:
        # An underscore is a digit sign of Python's, not of a table.
        return np.nan if "_" in bare else float(bare[:-1]) * factor if factor else float(bare)
    except ValueError:
        return np.nan
