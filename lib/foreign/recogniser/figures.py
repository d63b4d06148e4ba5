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
#: Whole numbers with a sign between thousands; two digits between are India's.
_GROUPED = {
    mark: re.compile(rf"[+-]?[1-9]\d{{0,2}}(?:{re.escape(mark)}\d{{2,3}})*{re.escape(mark)}\d{{3}}")
    for mark in ".,"
}
_LOOKED_AT = 2_000
#: So many numbers that leave it open are not decided by one.
_FEW = 20
_NOTHING = {"", "nan", "null", "none", "-", "--", "n/a", "na", "n.a.", "#n/a", "∅"}
_YES, _NO = {"1", "true", "yes"}, {"0", "false", "no"}
_LARGE = {"k": 1e3, "m": 1e6, "b": 1e9}


class TwoReadings(Exception):
    """A text that is two numbers: its place among those given."""

    def __init__(self, column: int, row: int) -> None:
        super().__init__()
        self.column, self.row = column, row


class TwoWays(Exception):
    """Numbers with decimal points among such with decimal commas: the places (column, row) of one of the fewer and of one of the more."""

    def __init__(self, fewer: tuple[int, int], more: tuple[int, int]) -> None:
        super().__init__()
        self.fewer, self.more = fewer, more


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
    """The style of all numbers in `columns`; `commas` where commas part the fields. Raises TwoReadings and TwoWays.

    Every number that can be read in one way alone votes for it; a few damaged ones among many that leave it open decide nothing.
    """
    joined = "".join("".join(texts) for texts in columns)
    if not hint and "," not in joined and (commas or "." not in joined):
        return Style()
    part = [texts[:: max(1, len(texts) // _LOOKED_AT)] for texts in columns]
    if not ("," in joined and "." in joined) and any(
        "," in text or "." in text for texts in part for text in texts
    ):
        try:  # one sign alone shows what it is in a part of the rows, if it does in any
            return _style(part, hint)
        except TwoReadings:
            pass
    return _style(columns, hint)


def _style(columns: Sequence[np.ndarray], hint: str) -> Style:
    votes, marked, doubtful, grouped = {".": 0, ",": 0}, 0, None, {".": 0, ",": 0}
    first: dict[str, tuple[int, int]] = {}
    for column, texts in enumerate(columns):
        for row, text in enumerate(texts):
            decimal, thousands = _vote(_bare(text))
            marked += bool(decimal or thousands)
            votes[decimal] = votes.get(decimal, 0) + 1
            first.setdefault(decimal, (column, row))
            grouped[thousands] = grouped.get(thousands, 0) + 1
            if thousands and not decimal:
                doubtful = doubtful or (column, row)
    best = hint or max(".,", key=votes.__getitem__)
    other = "," if best == "." else "."
    fewer, more = sorted(".,", key=votes.__getitem__)
    if votes[fewer] * _FEW > votes[more]:
        raise TwoWays(first[fewer], first[more])
    if not hint and doubtful and (votes[best] == votes[other] or votes[best] * _FEW < marked):
        raise TwoReadings(*doubtful)
    return Style(best, other if grouped[other] else "")


def _vote(bare: str) -> tuple[str, str]:
    """The sign before decimals, and the one between thousands, that a number shows; of one that may be either the latter alone."""
    marks = [mark for mark in ".," if mark in bare]
    if len(marks) == 2:
        pairs = (
            (decimal, thousands)
            for decimal, thousands in (".,", ",.")
            if _GROUPED[thousands].fullmatch(bare.partition(decimal)[0])
        )
        return next(pairs, ("", ""))
    if not marks:
        return "", ""
    (mark,) = marks
    other = "," if mark == "." else "."
    if _GROUPED[mark].fullmatch(bare):
        return (other if bare.count(mark) > 1 else ""), mark
    return (mark, "") if bare.count(mark) == 1 else ("", "")


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


def is_flag(texts: np.ndarray) -> np.ndarray:
    """Which texts say yes or no (n,) bool."""
    return np.array([text.strip().lower() in _YES | _NO for text in texts], dtype=bool)


def is_no(texts: np.ndarray) -> np.ndarray:
    """Which texts say no (n,) bool."""
    return np.array([text.strip().lower() in _NO for text in texts], dtype=bool)


def _bare(text: str) -> str:
    """A number without a currency's sign at its ends, and without blanks or apostrophes between thousands."""
    bare = text.strip(_DRESS)
    return re.sub(r"[\s'’]", "", bare) if _BLANKS.fullmatch(bare) else bare


def _number(text: str, style: Style, large: bool) -> float:
    bare = _bare(text)
    if style.thousands and style.thousands in bare:
        whole, _, rest = bare.partition(style.decimal)
        if not _GROUPED[style.thousands].fullmatch(whole):
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
