"""OHLCV history as others export it: 1-minute or 5-minute candles of a file of any kind, checked row by row.

Reads no clock: `as_of` says up to when a candle can have closed. What would surprise: rows in any time order are taken (exports often
run newest first); a row that cannot be right is set aside and counted with its line, never repaired.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from lib.contract.dollars import plain_number
from lib.contract.times import iso, times_index
from lib.data.formats import price_decimals
from lib.data.grown import to_keep
from lib.errors import DataError
from lib.foreign.averaged import refuse_averaged
from lib.foreign.recogniser.reading import PRICES, FileReading, Grid, Hints
from lib.foreign.recogniser.recognise import Recognised, recognise
from lib.foreign.two_steps import other_step

_PRICES = [*PRICES]
_COLUMNS = [*PRICES, "volume"]
_STEPS = {60: 1, 300: 5}
_MINUTE = 60_000_000
#: A time that lies no more than this before a full minute is that of a close: 15:33:59.999.
_BEFORE_CLOSE = 1_000_000
_SPARSE = 0.2
_ASK_AGAIN = "Ask again later, or take another exchange: one of its answers is wrong"


@dataclass(frozen=True)
class CandleHistory:
    """Candles of one market: index = open (UTC, strictly increasing), columns open, high, low, close, volume (NaN = blank)."""

    candles: pd.DataFrame
    minutes: int
    decimals: int
    set_aside: dict[str, int]
    first_bad: str = ""
    path: Path | None = None  #: of the file, None for an exchange
    lines: np.ndarray | None = None  #: where each candle stands in the file; None where it stands in none
    damaged: np.ndarray = field(
        default_factory=lambda: np.empty(0, dtype=np.int64)
    )  #: lines whose candle is not known
    in_lines: bool = False  #: whether the rows are lines of the file
    reading: FileReading | None = None  #: what the file was taken for
    notes: tuple[str, ...] = ()  #: what lacks, in words

    def place(self, time: pd.Timestamp) -> int | None:
        """The line of a candle; None where it is of no file, or of one without lines."""
        if not self.in_lines or self.lines is None or time not in self.candles.index:
            return None
        return int(self.lines[self.candles.index.get_loc(time)])

    def refuse_empty(self, source: str) -> None:
        """Raises DataError where no candle is left."""
        if self.candles.empty:
            told = ", ".join(f"{number:,} {reason}" for reason, number in self.set_aside.items())
            fix = "Give candles that have closed, stamped at full minutes"
            first = f"; first: {self.first_bad}" if self.first_bad else ""
            raise DataError(f"{source}: no candle is left ({told or 'there was none'}{first})", fix=fix)

    def whole_behind(self) -> np.ndarray:
        """For each place between candles (n + 1,), before the first and behind the last included: no row that was set aside lies there."""
        if self.lines is None or not len(self.damaged) or not len(self.lines):
            return np.ones(len(self.candles) + 1, dtype=bool)
        end = np.iinfo(np.int64).max
        ends = (0, end) if self.lines[0] <= self.lines[-1] else (end, 0)
        bounds = np.sort(
            np.column_stack([np.append(ends[0], self.lines), np.append(self.lines, ends[1])]), axis=1
        )
        inside = np.searchsorted(self.damaged, bounds)
        return inside[:, 0] == inside[:, 1]


def read_history(path: Path, as_of: pd.Timestamp, hints: Hints | None = None) -> CandleHistory:
    """Read a candle file of any kind (lib.foreign.recogniser); `hints` say what the file leaves open.

    Raises MissingDataError, HeaderError, NaiveTimeError or DataError, naming file, line, text and fix.
    """
    hints = hints or Hints()
    found = recognise(path, hints)
    good = found.reasons == ""
    instants = found.instants[good]
    rising = instants if (np.diff(instants) > 0).all() else np.unique(instants)
    step = _step(rising, found)
    _refuse_off_minutes(found, good, hints)
    if hints.stamped == "close":
        instants = -(-instants // _MINUTE) * _MINUTE - step * _MINUTE
    order = np.argsort(instants, kind="stable")
    rows = np.flatnonzero(good)[order]
    lines = found.grid.lines[rows]
    candles = found.values[good].set_axis(times_index(instants))[_COLUMNS].iloc[order]
    _refuse_two_steps(candles, step, found, lines)
    refuse_averaged(candles, step, found.grid, lines)
    reasons = found.reasons.astype(object)
    reasons[rows] = reasons_of(candles, step, as_of, path, lines, found.grid.word)
    kept = reasons[rows] == ""
    damaged = np.append(found.grid.lines[~good], np.array([*found.grid.malformed], dtype=np.int64))
    history = replace(
        _history(candles[kept], step, _set_aside(found.grid, reasons)),
        first_bad=_first_bad(found, reasons),
        path=path,
        lines=lines[kept],
        damaged=np.sort(damaged),
        in_lines=found.grid.word == "line",
        reading=found.reading,
        notes=found.notes,
    )
    history.refuse_empty(str(path))
    return history


def numbers(table: pd.DataFrame) -> pd.DataFrame:
    """Open, high, low, close, volume as numbers; NaN where there is none."""
    values = table[_PRICES].apply(pd.to_numeric, errors="coerce").astype(float)
    values["volume"] = (
        pd.to_numeric(table["volume"], errors="coerce").astype(float) if "volume" in table else np.nan
    )
    return values


def tidy(
    candles: pd.DataFrame,
    minutes: int,
    as_of: pd.Timestamp,
    set_aside: dict[str, int],
    lines: np.ndarray | None = None,
    word: str = "line",
) -> CandleHistory:
    """Candles (in time order) without those that have a reason (`reasons_of`); these are counted beside what was `set_aside` before."""
    reasons = reasons_of(candles, minutes, as_of, lines=lines, word=word)
    kept = reasons == ""
    before = {reason: number for reason, number in set_aside.items() if number}
    history = _history(candles[kept], minutes, before | _counted(reasons))
    return history if lines is None else replace(history, lines=lines[kept])


def reasons_of(
    candles: pd.DataFrame,
    minutes: int,
    as_of: pd.Timestamp,
    path: Path | None = None,
    lines: np.ndarray | None = None,
    word: str = "line",
) -> np.ndarray:
    """Why each candle (n, in time order) is set aside, "" for the others: a repeat, off the clock's grid, not closed at `as_of`.

    `word` is what stands at `lines`, "" for rows of an exchange's answer, which stand in no file.
    Of rows of one candle the grown one is kept (lib.data.grown); raises DataError where none of two that differ has grown from the other.
    """
    kept_rows, doubtful = to_keep(candles)
    if doubtful >= 0:
        raise _conflict(candles, doubtful, path, lines, word)
    off_grid = candles.index.as_unit("us").asi8 % (minutes * _MINUTE) != 0
    unfinished = candles.index + pd.Timedelta(minutes=minutes) > as_of
    return np.select([~kept_rows, off_grid, unfinished], ["duplicate", "off_grid", "unfinished"], "")


def _history(kept: pd.DataFrame, minutes: int, set_aside: dict[str, int]) -> CandleHistory:
    return CandleHistory(
        kept.rename_axis("timestamp"), minutes, price_decimals(kept[_PRICES].to_numpy()), set_aside
    )


def _counted(reasons: np.ndarray) -> dict[str, int]:
    """How many rows were set aside, by reason."""
    names, counts = np.unique(reasons[reasons != ""].astype(str), return_counts=True)
    return {str(name): int(count) for name, count in zip(names, counts, strict=True)}


def step_minutes(index: pd.DatetimeIndex, path: Path) -> int:
    """1 or 5, from the most common spacing, so that a stray row is not a step; raises DataError for any other.

    A market in which most minutes have no trade still has many that follow one another.
    """
    spacings, numbers_of = np.unique(np.diff(index.as_unit("us").asi8), return_counts=True)
    if not len(spacings):
        problem = "it holds a single candle, which tells no step"
        raise DataError(problem, path=path, column="timestamp", fix="Give at least two candles")
    seconds = spacings[numbers_of.argmax()] / 1e6
    if seconds not in _STEPS and seconds % 60 == 0:
        seconds = 60 if numbers_of[spacings == _MINUTE].sum() >= _SPARSE * numbers_of.sum() else seconds
    if seconds not in _STEPS:
        problem = f"its candles are {_duration(seconds)} apart"
        raise DataError(problem, path=path, column="timestamp", fix="Give 1-minute or 5-minute candles")
    return _STEPS[int(seconds)]


def _step(rising: np.ndarray, found: Recognised) -> int:
    """The step of the good rows; where it is none of ours and rows were set aside, these are named, because they leave such gaps."""
    try:
        return step_minutes(times_index(rising), found.grid.path)
    except DataError as error:
        first = _first_bad(found, found.reasons.astype(object))
        if not first:
            raise
        number = int((found.reasons != "").sum()) + len(found.grid.malformed)
        problem = f"{error.problem}, without the {number:,} rows that were set aside (first: {first})"
        fix = "Mend those rows, or give 1-minute or 5-minute candles"
        raise DataError(problem, path=error.path, column=error.column, fix=fix) from None


def _refuse_two_steps(candles: pd.DataFrame, step: int, found: Recognised, lines: np.ndarray) -> None:
    """A file in which longer or shorter candles stand among those of its step: they would pass for such."""
    if (other := other_step(candles, step)) is None:
        return
    place, minutes = other
    line, word = int(lines[place]), found.grid.word
    where = "" if word == "line" else f"{word} {line}: "
    raise DataError(
        f"{where}the candle of {iso(candles.index[place])} and those behind it are of {_minutes_word(minutes)}, "
        f"and most others of {_minutes_word(step)}",
        path=found.grid.path,
        line=line if word == "line" else None,
        fix="Give a file of one step, 1 or 5 minutes: take the rows of the other out",
    )


def _minutes_word(minutes: int) -> str:
    return f"{minutes} minute{'' if minutes == 1 else 's'}"


def _duration(seconds: float) -> str:
    return f"{seconds:g} s" if seconds < 7_200 else f"{seconds / 3_600:g} hours"


def candle_text(values: np.ndarray) -> str:
    """A candle in words: open, high, low, close and volume."""
    *prices, volume = ("none" if np.isnan(value) else plain_number(value, 10) for value in values[:5])
    return f"{' '.join(prices)}, volume {volume}"


def _conflict(
    candles: pd.DataFrame, place: int, path: Path | None, lines: np.ndarray | None, word: str
) -> DataError:
    """Two rows of one candle of which none has grown from the other."""
    time = candles.index[place]
    other = int(np.flatnonzero(candles.index == time)[0])
    rows = [candles.iloc[at][_COLUMNS].to_numpy(float) for at in (other, place)]
    where = ["", ""] if lines is None or not word else [f"{word} {lines[at]}: " for at in (other, place)]
    told = " and ".join(f"{at}{candle_text(row)}" for at, row in zip(where, rows, strict=True))
    problem = f"two rows of the candle of {iso(time)} differ, and neither has grown from the other ({told})"
    line = int(lines[place]) if lines is not None and word == "line" else None
    fix = "Take out the row that is wrong, or a market that does not belong there" if word else _ASK_AGAIN
    return DataError(problem, path=path, line=line, fix=fix)


def _refuse_off_minutes(found: Recognised, good: np.ndarray, hints: Hints) -> None:
    """Times of which most are no full minutes: those of closes where they lie just short of one, else of something else."""
    on_minutes = found.instants[good] % _MINUTE == 0
    behind = -found.instants[good] % _MINUTE
    closes = (behind > 0) & (behind <= _BEFORE_CLOSE)
    if hints.stamped or on_minutes.sum() * 2 >= len(on_minutes):
        return
    if closes.sum() * 2 <= len(closes):
        row = int(np.flatnonzero(good)[on_minutes.argmin()])
        fix = "Give candles stamped at the minute that they opened in; --columns names another column for the time"
        raise found.grid.error(
            "is no full minute, nor are most of the others", row, found.roles.time[-1], fix
        )
    row = int(np.flatnonzero(good)[closes.argmax()])
    raise found.grid.error(
        "and the others look like close times: they lie just before full minutes", row, found.roles.time[-1],
        "Read them so with --stamped close",
    )  # fmt: skip


def _set_aside(grid: Grid, reasons: np.ndarray) -> dict[str, int]:
    return ({"malformed": len(grid.malformed)} if grid.malformed else {}) | _counted(reasons)


def _first_bad(found: Recognised, reasons: np.ndarray) -> str:
    """ "line 7: bad_value 'x' in close": the first row set aside, with the text that was there."""
    grid = found.grid
    bad = [(int(grid.lines[row]), int(row)) for row in np.flatnonzero(reasons != "")[:1]]
    if bad and (not grid.malformed or bad[0][0] < min(grid.malformed)):
        line, row = bad[0]
        return f"{grid.word} {line}: {_fault(found, row, str(reasons[row]))}"
    return grid.first_malformed()


def _fault(found: Recognised, row: int, reason: str) -> str:
    """The reason, the column and its text: of a bad value the first that is no number, else all four prices; else the time."""
    fields = found.grid.rows[row]
    if reason != "bad_value":
        return f"{reason} {' '.join(fields[place] for place in found.roles.time)[:40]!r}"
    places = [*found.roles.prices.values()] + [place for place in (found.roles.volume,) if place is not None]
    odd = [
        place
        for place, value in zip(places, found.values.iloc[row], strict=False)
        if not (np.isfinite(value) and value >= 0)
    ]
    if odd and (odd[0] != found.roles.volume or fields[odd[0]].strip()):
        return f"{reason} {fields[odd[0]][:40]!r} in {found.grid.name(odd[0])}"
    return f"{reason} {' '.join(fields[place] for place in found.roles.prices.values())[:60]!r}"
