"""What a run said of instants that were past, and a later run says otherwise: the dated tables of both, compared up to the earlier `as_of`.

A row that was known at that `as_of` must be in both, and be the same in both. Of a trade that was open then only the entry is compared.
Columns of outcomes are compared once the row's last time is past; of a row with no other time than its date they are not compared.
A trade that is listed only once it is closed may have been chosen by how it went: where a table lists no open ones, `probe` compares such
entries with those of a run in which everything after that instant is absurd.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import mode
from typing import Any

from lib.contract.times import iso_of_microseconds
from runner.lookahead.dated import DatedTable
from runner.lookahead.documents import MISSING, Difference

#: How names of columns begin that tell of what followed: they may change until it has.
OUTCOMES = (
    *("exit", "outcome", "pnl", "net", "gross", "win", "hold", "held", "return_after", "forward", "future"),
    *("fees", "ambiguous", "mae", "mfe", "hindsight"),
)
#: Labels that are numbered through anew in each run: which trades overlap is known once they have ended.
_LABELS = ("episode",)
_ENTRY = "entry_time"
_DIRECTIONS = ("direction", "side")
#: Two sums over the same rows may differ in their last digits with the length of the array that they are taken from.
_SAME = 1e-9

Row = dict[str, Any]
Key = tuple[int, int]


@dataclass
class Revision:
    """What one earlier run and the last one say differently; `compared` values, and trades that were not listed while open, by table."""

    differences: list[Difference] = field(default_factory=list)
    compared: int = 0
    unlisted: dict[str, list[Key]] = field(default_factory=dict)
    doubtful: set[tuple[str, Key]] = field(default_factory=set)  #: trades that a probe did not have


def revision(then: Mapping[str, DatedTable], later: Mapping[str, DatedTable], at: int) -> Revision:
    """Compare the tables of the run with `as_of` = `at` (UTC microseconds) with those of the last run."""
    found = Revision()
    listed = {trade for table in then.values() for trade in _open_trades(table)}
    for name, table in later.items():
        before = then.get(name)
        limit = at - _delay(table, later, then, at)
        old = _rows(before, limit) if before else {}
        new = _rows(table, limit)
        lists_open = before is not None and any(_open_trades(before))
        for key in sorted(old.keys() | new.keys()):
            if key not in old and _is_open(new[key], at) and not lists_open:
                if _trade(new[key], key[0]) not in listed:
                    found.unlisted.setdefault(name, []).append(key)
            elif key not in old:
                found.compared += 1
                found.differences.append(_difference(name, "row", key, _told(new[key]), MISSING))
            elif key not in new:
                found.compared += 1
                found.differences.append(_difference(name, "row", key, MISSING, _told(old[key])))
            else:
                _compare(found, name, key, old[key], new[key], at)
    return found


def probe(
    found: Revision, absurd: Mapping[str, DatedTable], later: Mapping[str, DatedTable], at: int
) -> None:
    """Compare entries that were not listed while open with a run on data that are absurd after `at`; what it does not have is doubtful.

    A trade that only the absurd data make is a finding where all trades of the table end sooner than the window does: another may have been
    open until its end, unlisted.
    """
    for name, keys in found.unlisted.items():
        table, other = later[name], absurd.get(name)
        old, new = _rows(other, at) if other else {}, _rows(table, at)
        for key in keys:
            if key in old:
                _compare(found, name, key, old[key], new[key], at)
        if _longest(table) < max(table.dates) - at:
            for key in sorted(old.keys() - new.keys()):
                found.compared += 1
                found.differences.append(_difference(name, "row", key, MISSING, _told(old[key])))
        found.doubtful |= {(name, key) for key in keys if key not in old}


def _longest(table: DatedTable) -> int:
    """From the date of a row to the last of its times: the longest of a table."""
    spans = [
        time - date
        for cells in table.times.values()
        for date, time in zip(table.dates, cells, strict=True)
        if time is not None
    ]
    return max(spans, default=0)


def _rows(table: DatedTable, limit: int) -> dict[Key, Row]:
    """The rows dated up to `limit`, by date and place among the rows of that date."""
    found: dict[Key, Row] = {}
    seen: dict[int, int] = {}
    for place, date in enumerate(table.dates):
        if date <= limit:
            seen[date] = seen.get(date, -1) + 1
            row = {column: cells[place] for column, cells in table.values.items()}
            row["\0times"] = {column: cells[place] for column, cells in table.times.items()}
            found[date, seen[date]] = row
    return found


def _compare(found: Revision, name: str, key: Key, old: Row, new: Row, at: int) -> None:
    settled = any(time is not None for time in new["\0times"].values()) and not _is_open(new, at)
    for column, value in new.items():
        if column in _LABELS or column == "\0times":
            continue
        if column.startswith(OUTCOMES) and not settled:
            continue
        found.compared += 1
        was = old.get(column, MISSING)
        if not _same(was, value):
            found.differences.append(_difference(name, column, key, value, was))
    for column, time in new["\0times"].items():
        if time is not None and time <= at:
            found.compared += 1
            was = old["\0times"].get(column)
            if was != time:
                then = MISSING if was is None else iso_of_microseconds(was)
                found.differences.append(_difference(name, column, key, iso_of_microseconds(time), then))


def _is_open(row: Row, at: int) -> bool:
    """Whether something of the row was still to come at `at`: a time that is later, or an exit that is blank."""
    times = row["\0times"]
    return any(time > at if time is not None else column.startswith("exit") for column, time in times.items())


def _open_trades(table: DatedTable) -> Iterator[tuple[int, str]]:
    """The trades that a table lists with a blank exit."""
    exits = [cells for column, cells in table.times.items() if column.startswith("exit")]
    exits += [
        cells for column, cells in table.values.items() if column in ("exit_time", "exit_at")
    ]  # all blank
    for place, date in enumerate(table.dates):
        if any(cells[place] is None for cells in exits):
            entered = table.times.get(_ENTRY, table.dates)[place]
            yield (
                (date if entered is None else entered),
                _direction(
                    {column: table.values[column][place] for column in _DIRECTIONS if column in table.values}
                ),
            )


def _trade(row: Row, date: int) -> tuple[int, str]:
    return row["\0times"].get(_ENTRY) or date, _direction(row)


def _direction(row: Row) -> str:
    return next((str(row[column]) for column in _DIRECTIONS if column in row), "")


def _delay(
    table: DatedTable, later: Mapping[str, DatedTable], then: Mapping[str, DatedTable], at: int
) -> int:
    """How long after its date a row is known: a candle's length for rows dated by an index of candle opens, else 0.

    Opens are a regular index that ends one step before `at`, where a row dated by what it tells of would end at it.
    """
    if table.by or table.opens is None:
        return 0
    own, delay = set(table.opens), 0
    for name, other in later.items():
        before = then.get(name)
        if other.index != table.index or before is None or not before.opens or not other.opens:
            continue
        step = _step(other.opens)
        if step and at - 2 * step < before.opens[-1] <= at - step and own <= set(other.opens):
            delay = max(delay, step)  # opens of 5 minutes are among those of one
    return delay


def _step(dates: list[int]) -> int:
    """The step of a regular index (nine in ten of its steps are the same), else 0."""
    steps = [after - before for before, after in pairwise(dates)]
    if len(steps) < 3:
        return 0
    usual = mode(steps)
    return usual if usual > 0 and steps.count(usual) >= 0.9 * len(steps) else 0


def _same(was: Any, value: Any) -> bool:
    if isinstance(was, float) and isinstance(value, float):
        return abs(was - value) <= _SAME * max(abs(was), abs(value), 1.0)
    return type(was) is type(value) and was == value


def _told(row: Row) -> str:
    """A row in short: what it is about, without its outcome."""
    told = {column: value for column, value in row.items() if column != "\0times"}
    return ", ".join(f"{c}={v}" for c, v in list(told.items())[:3]) or "a row"


def _difference(name: str, column: str, key: Key, later: Any, then: Any) -> Difference:
    return Difference(name, f"{column} of {iso_of_microseconds(key[0])}", later, then)
