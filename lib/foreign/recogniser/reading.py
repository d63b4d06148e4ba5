"""What a candle file was taken for, what a person says of it beforehand, and its rows while nobody knows yet what they mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from lib.errors import DataError, ParameterError

#: So much of a text is shown.
SHOWN = 60
#: What a column may hold; a time may also stand in two (`date`, `clock`).
PRICES = ("open", "high", "low", "close")
_DELIMITERS = {
    ",": "comma",
    ";": "semicolon",
    "\t": "tab",
    "|": "bar",
    "^": "caret",
    "~": "tilde",
    " ": "blanks",
}
_CHOICES = {"stamped": ("", "open", "close"), "decimal": ("", ".", ","), "dates": ("", "dmy", "mdy", "ymd")}


@dataclass(frozen=True)
class Hints:
    """What a person says where a file leaves it open; "" and () leave it to the file. Raises ParameterError for a word that is none."""

    timezone: str = ""  #: of times that name none
    stamped: str = ""  #: whether a row bears its candle's open or close
    decimal: str = ""  #: the sign before decimals
    dates: str = ""  #: which of day, month and year stands first
    columns: tuple[
        str, ...
    ] = ()  #: the columns in order: time (or date, clock), open, high, low, close, volume, - for others

    def __post_init__(self) -> None:
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                told = " or ".join(choice for choice in choices if choice)
                raise ParameterError(f"--{name} {getattr(self, name)!r}: it is {told}")
        if self.columns and not {*PRICES} <= {*self.columns}:
            raise ParameterError(
                "--columns names time,open,high,low,close,volume in the file's order, - for others"
            )


@dataclass(frozen=True)
class FileReading:
    """What a file was taken for: one word or two for each step."""

    container: str
    encoding: str
    layout: str  #: the delimiter, or what else tells the fields apart
    decimal: str
    header: str  #: where the names of the columns are from
    columns: dict[str, str]  #: what is read → the file's name for it
    unused: tuple[str, ...]
    times: str
    zone: str
    stamped: str
    order: str
    symbol: str = ""  #: the market that a column names

    def words(self) -> str:
        """For people, one line."""
        parts = [self.container, self.encoding, self.layout, f"decimal {self.decimal}", self.header]
        parts += [f"{self.columns['time']}: {self.times} ({self.zone}), {self.stamped}", self.order]
        parts.append("volume: " + self.columns.get("volume", "none"))
        if self.unused:
            parts.append(f"unused: {', '.join(self.unused[:8])}{' …' if len(self.unused) > 8 else ''}")
        return "; ".join(part for part in parts if part)

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self) | {"unused": list(self.unused)}


class Columns(Sequence[list[str]]):
    """Rows of texts of equal length, kept as one long text a column.

    A year of minutes is three million texts: kept one by one they take ten times what the file does, and minutes of the collector of
    garbage, which looks at every row's list again and again. A row is put together when somebody looks at it.
    """

    def __init__(self, blocks: Iterable[Sequence[Sequence[str]]], width: int) -> None:
        """Of blocks of rows, each given as its columns; no text may hold the end of a line."""
        parts: list[list[str]] = [[] for _ in range(width)]
        self._count = 0
        for block in blocks:
            self._count += len(block[0])
            for part, texts in zip(parts, block, strict=True):
                part.append("\n".join(texts))
        self._texts = ["\n".join(part) for part in parts]

    def __len__(self) -> int:
        return self._count

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self._texts)

    def __iter__(self) -> Iterator[list[str]]:
        return map(list, zip(*(self._texts_of(place) for place in range(len(self._texts))), strict=True))

    def __getitem__(self, row: Any) -> Any:
        """A row, or a list of several; it costs as much as all of them."""
        if isinstance(row, slice):
            return list(self)[row]
        return [self.column(place)[row] for place in range(len(self._texts))]

    def holds(self, sign: str, place: int) -> bool:
        """Whether any text of a column holds the sign (no line's end)."""
        return sign in self._texts[place]

    def column(self, place: int) -> np.ndarray:
        """The texts of one column (n,)."""
        return np.array(self._texts_of(place), dtype=object)

    def _texts_of(self, place: int) -> list[str]:
        return self._texts[place].split("\n") if self._count else []


@dataclass(frozen=True)
class Grid:
    """Rows of texts of equal length, where each stands in the file, and the places of rows with another number of fields."""

    path: Path
    names: list[str]  #: of the columns, "" where one has none; [] without a header
    rows: Sequence[list[str]]
    lines: np.ndarray  #: (n,) int64: the line of each row, or its number where the file has no lines
    layout: str
    header: str
    malformed: dict[int, str] = field(default_factory=dict)  #: line → the first of its text
    word: str = "line"  #: what `lines` counts
    commas: bool = False  #: whether the fields are told apart by commas, so that a bare number holds none
    torn: int = 0  #: the line without end, which may be cut; 0 for none

    @property
    def width(self) -> int:
        """Number of columns."""
        if isinstance(self.rows, Columns):
            return self.rows.width
        return len(self.names) if self.names else len(self.rows[0]) if self.rows else 0

    def column(self, place: int) -> np.ndarray:
        """The texts of one column (n,)."""
        if isinstance(self.rows, Columns):
            return self.rows.column(place)
        texts = np.empty(len(self.rows), dtype=object)
        texts[:] = [row[place] for row in self.rows]
        return texts

    def holds(self, sign: str, places: Sequence[int]) -> bool:
        """Whether any text of these columns holds the sign."""
        if isinstance(self.rows, Columns):
            return any(self.rows.holds(sign, place) for place in places)
        return any(sign in row[place] for row in self.rows for place in places)

    def name(self, place: int) -> str:
        """What the file calls a column."""
        return (self.names[place] if self.names else "") or f"column {place + 1}"

    def places(self, of: np.ndarray) -> Grid:
        """The same table with some rows only, to look at."""
        columns = (self.column(place)[of].tolist() for place in range(self.width))
        rows = list(map(list, zip(*columns, strict=True)))
        return Grid(
            self.path, self.names, rows, self.lines[of], self.layout, self.header,
            word=self.word, commas=self.commas,
        )  # fmt: skip

    def first_malformed(self) -> str:
        """ "line 7: malformed '…'": the first line that is no row, with its text; "" where all are."""
        if not self.malformed:
            return ""
        line = min(self.malformed)
        cut = ", without line end, so it may be cut," if line == self.torn else ""
        return f"{self.word} {line}: malformed{cut} {self.malformed[line]!r}"

    def error(
        self, problem: str, row: int, place: int, fix: str, kind: type[DataError] = DataError
    ) -> DataError:
        """What is wrong in a row, with the text that was there."""
        text = self.rows[row][place]
        told = f"{text[:SHOWN]!r} {problem}"
        line = int(self.lines[row])
        if self.word != "line":
            told, line = f"{self.word} {line}: {told}", 0
        return kind(
            told, path=self.path, line=line or None, column=self.name(place).removeprefix("column "), fix=fix
        )


def delimiter_word(mark: str) -> str:
    """A delimiter in words."""
    return _DELIMITERS[mark]
