"""Tables of closed trades as other programs write them: CSV with any separator, plain or gzipped, JSON, or JSON lines.

Everything becomes texts under the file's own column names; lib.foreign.trade_columns says what a column means. What would surprise:
a header that names a column twice (MetaTrader's Time and Price) makes "Time" and "Time (2)", lines before the header are passed over, and a
last line without newline counts, because many exports end so; lib.foreign.csv_rows is the stricter reader of files that grow.
"""

from __future__ import annotations

import csv
import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from lib.contract.lines import file_lines, is_no_row
from lib.contract.standing import file_bytes, not_a_file, refuse_stand_in
from lib.errors import DataError, HeaderError, MissingDataError
from lib.foreign.recogniser.container import PAGE_FIX, is_page
from lib.foreign.recogniser.reading import SHOWN

_NAMES_FIX = "The first line must name them, such as entry_time, entry_price, exit_time, exit_price, side"
_SEPARATORS = ",\t;|"
#: The header stands in one of the first so many lines.
_HEADER_WITHIN = 30
#: Names of the column that joins the rows of an entry and of its exit.
_TRADE_NUMBERS = ("trade #", "trade number", "trade no", "trade", "trade id", "position id")


@dataclass(frozen=True)
class BadRow:
    """A row of a table that became no trade: where it stands, its text, why, and what would help."""

    place: str  #: "line 7" of a text file, "entry 7" of a JSON list
    text: str
    reason: str
    fix: str


@dataclass(frozen=True)
class TradeTable:
    """Rows as texts (columns = the file's names, "" where nothing stands), the place of each, and the rows that could not be cut."""

    path: Path
    table: pd.DataFrame
    places: list[str]
    malformed: list[BadRow] = field(default_factory=list)

    def row_text(self, number: int) -> str:
        """A row's texts in one line, for people."""
        return ", ".join(text for text in self.table.iloc[number].tolist() if text)[:160]


def read_trade_table(path: Path, known: Callable[[str], bool]) -> TradeTable:
    """Read a table of trades; `known` says of a column's name whether it means anything here, by which the header is found.

    Raises MissingDataError, HeaderError or DataError, naming the file and what to do.
    """
    if what := not_a_file(path):
        raise MissingDataError(what, path=path, fix="Check the path; CSV, JSON and .gz can be read")
    text = _text(path)
    if text.lstrip()[:1] in ("{", "["):
        return _of_json(path, text, known)
    return _of_csv(path, text, known)


def _text(path: Path) -> str:
    data = file_bytes(path)
    try:
        data = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"cannot be unpacked ({error})", path=path, fix="Export the file again") from error
    refuse_stand_in(data, path)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _of_csv(path: Path, text: str, known: Callable[[str], bool]) -> TradeTable:
    lines = file_lines(text)
    overlong = {number: line for number, line in enumerate(lines, start=1) if is_no_row(line)}
    for number in overlong:
        lines[number - 1] = "\n"
    found = [
        (sum(known(name) for name in fields), separator, number)
        for separator in _SEPARATORS
        for number, fields in _records(lines[:_HEADER_WITHIN], separator)
    ]
    best = max((count for count, _, _ in found), default=0)
    if best < 2:
        raise HeaderError(
            f"no line names the columns of trades; the file begins {_beginning(text)}",
            path=path,
            line=1,
            fix=PAGE_FIX if is_page(text[:500].encode()) else _NAMES_FIX,
        )
    _, separator, begins = next(each for each in found if each[0] == best)
    rows = [each for each in _records(lines, separator) if each[0] >= begins]
    names = _named_once(rows[0][1])
    fix = "It is longer, or of more fields, than the row of any table. Remove the line"
    malformed = [BadRow(f"line {number}", line[:160], "malformed", fix) for number, line in overlong.items()]
    kept, places = [], []
    for number, fields in rows[1:]:
        while len(fields) > len(names) and not fields[-1].strip():
            fields.pop()
        if len(fields) == len(names):
            kept.append([each.strip() for each in fields])
            places.append(f"line {number}")
        elif any(each.strip() for each in fields):
            malformed.append(_malformed(number, separator.join(fields), len(fields), len(names)))
    return _pairs_joined(TradeTable(path, pd.DataFrame(kept, columns=names, dtype=object), places, malformed))


def _pairs_joined(read: TradeTable) -> TradeTable:
    """A table with a row for each entry and one for each exit (TradingView's list of trades) as one with a row a trade.

    Its columns are those of the two rows, "entry Price" and "exit Price", where they differ.
    """
    table = read.table
    sides = {name: table[name].str.lower().str.extract(r"^(entry|exit)\b")[0] for name in table.columns}
    said = next(
        (side for side in sides.values() if len(side) and side.notna().all() and side.nunique() == 2), None
    )
    number = next((name for name in table.columns if name.strip().lower() in _TRADE_NUMBERS), None)
    if said is None or number is None or pd.DataFrame([table[number], said]).T.duplicated().any():
        return read
    halves = [table[said == side].set_index(number) for side in ("entry", "exit")]
    halves[1] = halves[1].reindex(halves[0].index).fillna("")
    whole = pd.DataFrame({number: halves[0].index})
    for name in halves[0].columns:
        first, second = (half[name].to_numpy() for half in halves)
        if ((first == second) | (second == "")).all():
            whole[name] = first
        else:
            whole[f"entry {name}"], whole[f"exit {name}"] = first, second
    places = [place for place, side in zip(read.places, said, strict=True) if side == "entry"]
    return TradeTable(read.path, whole, places, read.malformed)


def in_pairs(table: pd.DataFrame) -> bool:
    """Whether the first column numbers trades of two rows each that stand together, as TradingView's list does in any language."""
    numbers = table.iloc[:, 0]
    pairs = numbers.groupby((numbers != numbers.shift()).cumsum()).size()
    return bool(len(numbers) and numbers.str.fullmatch(r"\d{1,9}").all() and (pairs == 2).all())


def _malformed(number: int, text: str, count: int, wanted: int) -> BadRow:
    fix = "Put quotes around texts that hold the separator, or remove the line"
    return BadRow(
        f"line {number}", text[:160], "malformed", f"It has {count} fields, the header {wanted}. {fix}"
    )


def _records(lines: list[str], separator: str) -> Iterator[tuple[int, list[str]]]:
    """Line number of the first line of each record, and its fields; quoted texts may hold newlines."""
    reader = csv.reader(lines, delimiter=separator)
    number = 1
    while True:
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error:
            fields = [""]
        yield number, fields
        number = reader.line_num + 1


def _beginning(text: str) -> str:
    """The first of a file, as it may say itself why it is none: an answer of an exchange, or a web page."""
    return repr(text.strip()[:SHOWN])


def _named_once(names: list[str]) -> list[str]:
    """The names, each once: a second Time is "Time (2)", a blank one "column 5"."""
    given: list[str] = []
    for place, name in enumerate(names, start=1):
        base = name.strip() or f"column {place}"
        count = sum(each == base or each.startswith(f"{base} (") for each in given)
        given.append(f"{base} ({count + 1})" if count and base in given else base)
    return given


def _of_json(path: Path, text: str, known: Callable[[str], bool]) -> TradeTable:
    numbers: list[int] = []
    malformed: list[BadRow] = []
    try:
        document = json.loads(text, parse_float=str, parse_int=str)
    except RecursionError as error:
        raise DataError(
            "it is no table: its JSON is nested too deeply",
            path=path,
            fix="Give a list of objects, or one object a line",
        ) from error
    except ValueError as error:
        document, numbers, malformed = _json_lines(path, text, error)
    lists = [each for each in _lists(document) if each]
    if not lists:
        raise HeaderError(
            f"no list of trades is in it; it begins {_beginning(text)}",
            path=path,
            fix='Give a list of objects: [{"entry_time": …}, …]',
        )
    found = max(lists, key=lambda each: (sum(known(name) for name in _flat(each[0])), len(each)))
    rows = [_flat(each) for each in found]
    names = list(dict.fromkeys(name for row in rows for name in row))
    table = pd.DataFrame([[row.get(name, "") for name in names] for row in rows], columns=names, dtype=object)
    if len(numbers) == len(rows):  # an object a line
        return TradeTable(path, table, [f"line {number}" for number in numbers], malformed)
    return TradeTable(path, table, [f"entry {number}" for number in range(1, len(rows) + 1)], malformed)


def _json_lines(path: Path, text: str, whole: ValueError) -> tuple[list[Any], list[int], list[BadRow]]:
    """The objects of a file with one a line, their lines, and the lines that are none, as a torn last one.

    Raises DataError where the first line is none, or half of them are.
    """
    objects, numbers, malformed = [], [], []
    for number, line in enumerate(file_lines(text), start=1):
        if not line.strip():
            continue
        try:
            found = json.loads(line, parse_float=str, parse_int=str)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict | list):
            objects.append(found)
            numbers.append(number)
        elif not numbers:
            break  # no file of an object a line, but a document that is damaged
        else:
            fix = "It is no JSON object, so it may be cut. Export the file again, or mend the line"
            malformed.append(BadRow(f"line {number}", line.strip()[:160], "malformed", fix))
    if len(malformed) >= len(numbers):
        raise DataError(
            f"it is no JSON ({whole})", path=path, fix="Give a list of objects, or one object a line"
        ) from whole
    return objects, numbers, malformed


def _lists(document: Any) -> Iterator[list[dict[str, Any]]]:
    """All lists of objects in a JSON document, at any depth; an object of objects is one too."""
    if isinstance(document, dict):
        values = list(document.values())
        if values and all(isinstance(value, dict) for value in values):
            yield values
        for value in values:
            yield from _lists(value)
    elif isinstance(document, list):
        rows = [value for value in document if isinstance(value, dict)]
        yield rows
        if not rows:
            for value in document:
                yield from _lists(value)


def _flat(row: dict[str, Any], above: str = "") -> dict[str, str]:
    """An object's values as texts; what stands within an inner object gets a dotted name."""
    texts: dict[str, str] = {}
    for name, value in row.items():
        if isinstance(value, dict):
            texts |= _flat(value, f"{above}{name}.")
        elif isinstance(value, list):
            texts[above + name] = json.dumps(value)[:200] if value else ""
        else:
            plain = {None: "", True: "true", False: "false"}
            texts[above + name] = str(plain.get(value, value)).strip()
    return texts
