"""Bytes → lines of text. What is told apart: UTF-8, UTF-16 and UTF-32 by their mark, UTF-16 without one by its zeros, else Windows-1252.

No detector of languages is asked (charset-normalizer was looked at): the digits of a candle are the same in every 8-bit encoding, so what
remains to be found out are the zeros of UTF-16, and detectors are at their worst on tables of numbers.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lib.contract.lines import MOST_FIELDS, is_no_row
from lib.errors import DataError, HeaderError
from lib.foreign.recogniser.reading import SHOWN

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8 with mark"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_NO_TEXT = frozenset(range(32)) - frozenset(b"\t\n\r\f\x1a")
_LINE_END = re.compile(r"\r\n|\n|\r")
_ZEROS = 0.3


@dataclass(frozen=True)
class Lines:
    """The lines of a text that may be rows, the number of each, and that of a last one without end (0: none), which may be cut."""

    texts: list[str]
    numbers: Sequence[int]
    torn: int
    encoding: str
    overlong: dict[int, str] = field(default_factory=dict)  #: line → the first of a text that `is_no_row`


def decode(data: bytes, path: Path) -> tuple[str, str]:
    """Text and the name of its encoding. Raises HeaderError for nothing, DataError for what is no text."""
    if not data.strip(b"\xef\xbb\xbf\xff\xfe\x00 \r\n\t"):
        raise HeaderError(
            "the file is empty",
            path=path,
            line=1,
            fix="The first line must name timestamp, open, high, low, close",
        )
    for mark, codec, name in _MARKS:
        if data.startswith(mark):
            return data.decode(codec, errors="replace"), name
    head = data[:4096]
    for codec, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[0::2])):
        if zeros.count(0) > _ZEROS * max(len(zeros), 1) and _is_latin(head.decode(codec, errors="replace")):
            return data.decode(codec, errors="replace"), "UTF-16 without mark"
    if sum(byte in _NO_TEXT for byte in head) * 20 > len(head):
        problem = "is no text: it is full of zero bytes, or of others that no text has"
        raise DataError(problem, path=path, fix="Give a table of candles, CSV or JSON")
    try:
        return data.decode("utf-8"), "UTF-8" if not data.isascii() else ""
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace"), "Windows-1252"


def _is_latin(text: str) -> bool:
    return sum(" " <= sign < "\u0250" or sign in "\r\n\t" for sign in text) > 0.9 * len(text)


def split_text(text: str, encoding: str) -> Lines:
    """The lines of a text, whichever way they end."""
    parts = text.split("\n") if "\r" not in text else _LINE_END.split(text)
    torn = len(parts) if parts[-1].strip() else 0
    overlong = {}
    if max(map(len, parts)) > MOST_FIELDS:  # a shorter line has fewer fields
        overlong = {number: part[:SHOWN] for number, part in enumerate(parts, start=1) if is_no_row(part)}
    for number in overlong:
        parts[number - 1] = ""
    texts = [part for part in parts if part.strip()]
    whole = len(texts) == len(parts) - (not parts[-1].strip())  # no blank line but behind the last one
    numbers = (
        range(1, len(texts) + 1)
        if whole
        else [number for number, part in enumerate(parts, start=1) if part.strip()]
    )
    return Lines(texts, numbers, torn, encoding, overlong)
