"""Lines → rows of fields: the delimiter, the line with the names, and the rows that are whole.

csv.Sniffer was looked at: it takes any letter that repeats for a delimiter and cannot say that it does not know. Here a delimiter is one
by which most lines fall into equally many fields, five at least. Each line is read alone, so a stray quote costs one row.
"""

from __future__ import annotations

import csv
import re
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from lib.errors import DataError, HeaderError, RaggedHeaderError
from lib.foreign.recogniser.columns import price_hits
from lib.foreign.recogniser.reading import PRICES, SHOWN, Columns, Grid, Hints, delimiter_word
from lib.foreign.recogniser.text import Lines

_MARKS = (",", ";", "\t", "|", "^", "~", " ")
_OPENING, _CLOSING = re.compile(r"(^|[,;\t|^~])\s*'"), re.compile(r"'\s*([,;\t|^~]|$)")
_FEWEST = 5
_LOOK_AT = 400
_HEADER_WITHIN = 40
#: Lines that are cut into fields at once.
_AT_ONCE = 20_000
_WANTED = "The first line must name timestamp, open, high, low, close; or --columns names them"


def fields_of(text: str, mark: str) -> list[str] | None:
    """The fields of one line; None where its quotes are broken, or one is larger than any field."""
    if '"' not in text:
        return text.split(mark) if mark != " " else text.split()
    try:
        return next(csv.reader([text], delimiter=mark, skipinitialspace=True), [])
    except csv.Error:
        return None


class _Split(Sequence[list[str] | None]):
    """The fields of lines, found when somebody looks at them: a year of minutes has three million."""

    def __init__(self, texts: list[str], mark: str) -> None:
        self.texts, self.mark = texts, mark

    def __len__(self) -> int:
        return len(self.texts)

    def __iter__(self) -> Iterator[list[str] | None]:
        return (fields_of(text, self.mark) for text in self.texts)

    def widths(self) -> Iterator[int]:
        """How many fields each line has; 0 where its quotes are broken."""
        mark = self.mark
        for text in self.texts:
            plain = mark != " " and '"' not in text
            yield text.count(mark) + 1 if plain else len(fields_of(text, mark) or [])

    def __getitem__(self, place: Any) -> Any:
        """The fields of a line, or the same of some lines."""
        if isinstance(place, slice):
            return _Split(self.texts[place], self.mark)
        return fields_of(self.texts[place], self.mark)


def grid_of(lines: Lines, path: Path, hints: Hints) -> Grid:
    """The table in the lines. Raises HeaderError, RaggedHeaderError or DataError where there is none."""
    lines = replace(lines, texts=_unwrapped(lines.texts))
    mark = _delimiter(lines.texts)
    if mark is None:
        raise _no_table(lines, path)
    split = _Split(lines.texts, mark)
    first = None if hints.columns else _header_at(split)
    names, whence = ([], "no header") if first is None else _named(split[first], lines.numbers[first])
    width = _most_common_width(split[(-1 if first is None else first) + 1 :])
    if names and width and not any(row and len(row) == len(names) for row in split[(first or 0) + 1 :]):
        names, split = _evened(names, split, width, lines, first, path)
    if hints.columns:
        names, whence, first = _given(hints, split, width, path)
    if first is None:
        first = _first_row(split, width, lines, path) - 1
    body = replace(lines, texts=lines.texts[first + 1 :], numbers=lines.numbers[first + 1 :])
    places, malformed = array("q"), dict(lines.overlong)
    rows = Columns(_blocks(body, mark, len(names) or width, places, malformed), len(names) or width)
    layout = delimiter_word(mark)
    return Grid(
        path,
        names,
        rows,
        np.array(places, dtype=np.int64),
        layout,
        whence,
        malformed,
        commas=mark == ",",
        torn=lines.torn,
    )


def _blocks(
    lines: Lines, mark: str, width: int, places: array[int], malformed: dict[int, str]
) -> Iterator[Sequence[Sequence[str]]]:
    """The whole rows, some thousands at once, as their columns; their lines go to `places`, the others to `malformed`."""
    for begin in range(0, len(lines.texts), _AT_ONCE):
        texts, numbers = lines.texts[begin : begin + _AT_ONCE], lines.numbers[begin : begin + _AT_ONCE]
        joined = mark.join(texts)
        if (
            mark == " "
            or lines.torn in numbers
            or '"' in joined
            or any(text.count(mark) != width - 1 for text in texts)
        ):
            rows = []
            for row, number, text in zip(_Split(texts, mark), numbers, texts, strict=True):
                if row is None or len(row) != width or number == lines.torn:
                    malformed[number] = text[:SHOWN]
                else:
                    rows.append(row)
                    places.append(number)
            if rows:
                yield list(zip(*rows, strict=True))
            continue
        # Without quotes, and with equally many marks in each line, all can be cut at once.
        fields = fields_of(joined, mark) or []
        places.extend(numbers)
        yield [fields[place::width] for place in range(width)]


def _unwrapped(texts: list[str]) -> list[str]:
    """Lines that are one quoted field each, as a sheet of one column gives them, without those quotes; single quotes as double ones.

    A single quote that opens fields and closes none is the mark by which a spreadsheet holds a field for text.
    """
    opened = sum("'" in text and _OPENING.search(text) is not None for text in texts)
    if opened * 2 > len(texts) and not any('"' in text for text in texts):
        closed = sum(_CLOSING.search(text) is not None for text in texts) * 2 > len(texts)
        texts = [text.replace("'", '"') if closed else _OPENING.sub(r"\1", text) for text in texts]
    wrapped = [fields_of(text, "\0") if text[:1] == '"' == text.strip()[-1:] else None for text in texts]
    if sum(
        found is not None and len(found) == 1 and any(mark in found[0] for mark in _MARKS)
        for found in wrapped
    ) * 2 <= len(texts):
        return texts
    return [text if found is None else found[0] for text, found in zip(texts, wrapped, strict=True)]


def _delimiter(texts: list[str]) -> str | None:
    """The mark by which most of the lines looked at have the same number of fields; a line with names speaks for its own."""
    step = max(1, len(texts) // _LOOK_AT)
    looked_at = texts[:_HEADER_WITHIN] + texts[_HEADER_WITHIN::step]
    best, most = None, 0
    for mark in _MARKS:
        split = [fields_of(text, mark) or [] for text in looked_at]
        widths = Counter(len(row) for row in split if len(row) >= _FEWEST)
        width, number = widths.most_common(1)[0] if widths else (0, 0)
        # Decimal commas fall apart evenly too, but no field of theirs is a time: the names, or the first field, decide.
        head = max((price_hits(row) for row in split[:_HEADER_WITHIN]), default=0)
        number = number * 2 if head == 4 else number // 2 if _cuts_numbers(split, width) else number
        if number > most:
            best, most = mark, number
    return best


def _cuts_numbers(split: list[list[str]], width: int) -> bool:
    """Whether fields still hold another delimiter in most rows, so that this one is not theirs."""
    rows = [row for row in split if len(row) == width]
    return sum(any(mark in field for field in row for mark in ";\t|^~") for row in rows) * 2 > len(rows)


def _header_at(split: Sequence[list[str] | None]) -> int | None:
    """The line that names the four prices; a line that names three of them is one that lacks the fourth."""
    hits = [price_hits(row) if row else 0 for row in split[:_HEADER_WITHIN]]
    return hits.index(max(hits)) if hits and max(hits) >= 3 else None


def _named(fields: list[str] | None, number: int) -> tuple[list[str], str]:
    return [name.strip().strip("\ufeff") for name in fields or []], f"names in line {number}"


def _most_common_width(split: Sequence[list[str] | None]) -> int:
    if isinstance(split, _Split):
        widths = Counter(split.widths())
        widths.pop(0, None)
    else:
        widths = Counter(len(row) for row in split if row)
    return widths.most_common(1)[0][0] if widths else 0


def _evened(
    names: list[str],
    split: Sequence[list[str] | None],
    width: int,
    lines: Lines,
    first: int | None,
    path: Path,
) -> tuple[list[str], Sequence[list[str] | None]]:
    """Names and rows of one length where they differ by a delimiter at the end, or by a column of row numbers without a name."""
    rows = [row for row in split[(first or 0) + 1 :] if row and len(row) == width]
    if len(names) == width + 1 and not names[-1]:
        return names[:-1], split
    if width == len(names) + 1 and all(not row[-1].strip() for row in rows):
        return [*names, ""], split
    if width == len(names) + 1 and all(row[0].strip().isdigit() for row in rows[:_LOOK_AT]):
        return ["", *names], split
    place = next(
        place
        for place, row in enumerate(split[(first or 0) + 1 :], (first or 0) + 1)
        if row and len(row) == width
    )
    text = lines.texts[place]
    raise RaggedHeaderError(
        f"no row has the {len(names)} fields of the header; this one has {width}: {text[:60]!r}",
        path=path,
        line=lines.numbers[place],
        fix="Decimal commas must be quoted where commas part the fields"
        if width > len(names) + 3
        else "Make the header name every column",
    )


def _first_row(split: Sequence[list[str] | None], width: int, lines: Lines, path: Path) -> int:
    """Where the rows of a file without known names begin. Words above them say something, so values are not asked instead."""
    place = next((place for place, row in enumerate(split) if row and len(row) == width), 0)
    if _is_words(split[place] or []):
        told = f"these names are none that are known: {lines.texts[place][:60]!r}"
        raise HeaderError(told, path=path, line=lines.numbers[place], fix=_WANTED)
    return place


def _is_words(fields: list[str]) -> bool:
    """Whether these are names: no field holds a digit."""
    return not any(any(sign.isdigit() for sign in field) for field in fields)


def _given(
    hints: Hints, split: Sequence[list[str] | None], width: int, path: Path
) -> tuple[list[str], str, int | None]:
    names = [*hints.columns]
    if len(names) != width:
        problem = f"--columns names {len(names)} columns, and the rows have {width}"
        raise RaggedHeaderError(problem, path=path, fix="Name each, - for those that are not used")
    first = next(place for place, row in enumerate(split) if row and len(row) == width)
    return names, "names by --columns", first if _is_words(split[first] or []) else first - 1


def _no_table(lines: Lines, path: Path) -> DataError:
    """Why the lines are no table: a header that lacks columns, or none at all."""
    if not lines.texts:
        number, text = next(iter(lines.overlong.items()))
        told = f"{text[:60]!r} … is longer, or of more fields, than the row of any table"
        return DataError(told, path=path, line=number, fix="Look at the file: it is damaged, or no table")
    for text, number in zip(lines.texts[:_HEADER_WITHIN], lines.numbers, strict=False):
        fields = max((fields_of(text, mark) or [] for mark in _MARKS), key=len)
        if price_hits(fields) >= 2:
            return lacking(path, fields, number)
    told = f"{lines.texts[0][:60]!r} is no row of a candle, nor does it name the columns of one"
    return HeaderError(told, path=path, line=lines.numbers[0], fix=_WANTED)


def lacking(path: Path, names: Sequence[str], number: int) -> HeaderError:
    """The first column that a header lacks."""
    known = price_hits(names)
    lacks = next((price for price in PRICES if price_hits([*names, price]) > known), "timestamp")
    return HeaderError("the column is missing", path=path, line=number or None, column=lacks, fix=_WANTED)
