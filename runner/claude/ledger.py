"""What was spent on the model: an append-only file, a row before each call and one after it (docs/guarantees.md, L5).

A call is reserved at its worst case and on the disk before it is made, and settled at its cost once that is known. A reservation that is
never settled counts in full, for ever: after a crash nobody knows whether the answer was billed. The day is the UTC day of the
reservation, by the wall clock. A row that cannot be read stops all calls, because a sum that leaves something out may be too small.
"""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from lib.errors import DataError
from runner.claude.costs import round_up
from runner.files.followed import Followed
from runner.files.journal import Journal
from runner.trade.models import Usage

SPEND_FILE = "model_spend.csv"
COLUMNS = (
    "timestamp",
    "call",
    "event",
    "usd",
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "model",
    "note",
)
#: The first so many are in every version's file.
_FIRST = 10
_RESERVED, SETTLED = "reserve", "settle"
_AMOUNT = re.compile(r"\d{1,9}(\.\d+)?", re.ASCII)


@dataclass
class DaySpend:
    """One UTC day: how many calls, dollars billed, and dollars reserved by call whose cost is not known (yet)."""

    day: str
    calls: int = 0
    billed_usd: float = 0.0
    open_usd: dict[str, float] = field(default_factory=dict)

    @property
    def reserved_usd(self) -> float:
        """Dollars of calls whose cost is not known: at their worst case."""
        return round(sum(self.open_usd.values()), 6)

    @property
    def total_usd(self) -> float:
        """Dollars that count against the cap."""
        return round(self.billed_usd + self.reserved_usd, 6)


def wall_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def day_of(instant: datetime) -> str:
    """The UTC day that an instant counts for."""
    return f"{instant.astimezone(UTC):%Y-%m-%d}"


def spend_journal(path: Path) -> Journal:
    """The journal under a file of what was spent."""
    return Journal(path, COLUMNS, later=COLUMNS[_FIRST:])


class SpendLedger:
    """The file of one folder, held open under its lock: one process spends at a time."""

    def __init__(
        self, path: Path, cap_usd: float, max_calls: int, now: Callable[[], datetime] = wall_clock
    ) -> None:
        self.path, self.cap_usd, self.max_calls = path, cap_usd, max_calls
        self._now = now
        self._journal = spend_journal(path)
        self._days: dict[str, DaySpend] = {}
        self._guard = threading.Lock()  # answers that come late are settled by another thread

    def open(self) -> SpendLedger:
        """Take the lock and read what was spent. Raises LockedError, or DataError for a row that cannot be read."""
        self._journal.__enter__()
        try:
            self._days = _days(self._journal)
        except BaseException:
            self._journal.close()
            raise
        return self

    def close(self) -> None:
        """Give the lock back; what is reserved stays reserved."""
        with self._guard:
            self._journal.close()

    def today(self) -> DaySpend:
        """The day it is now, as a copy; an empty one before its first call."""
        with self._guard:
            found = self._today()
            return replace(found, open_usd=dict(found.open_usd))

    def reserve(
        self, worst_usd: float, model: str, then_usd: Sequence[float] = (), share: float = 1.0
    ) -> str | None:
        """The id of a call that may be made, its worst case on the disk; None if it could pass the cap or the number of calls.

        `then_usd` are the worst cases of calls that may follow it: without room for those this one is not made either. `share`: how much
        of cap and number the call may count on, 0 to 1, whoever spent the rest.

        Raises WriteFailedError or FsyncFailedError, and then nothing may be called.
        """
        with self._guard:
            today = self._today()
            # Of millionths, so that a sum of rounded figures does not pass or miss the cap by a hair.
            over = round((today.total_usd + worst_usd + sum(then_usd) - self.cap_usd * share) * 1e6) > 0
            if over or today.calls + len(then_usd) >= self.max_calls * share:
                return None
            call = uuid.uuid4().hex[:16]
            self._append(call, _RESERVED, Usage(cost_usd=worst_usd), model, "")
            self._days[today.day] = today
            today.calls += 1
            today.open_usd[call] = worst_usd
            return call

    def settle(self, call: str, usage: Usage, model: str, note: str = "") -> None:
        """The cost of a reserved call is known. Raises what writing raises; the call then goes on counting in full."""
        with self._guard:
            day = next((day for day in self._days.values() if call in day.open_usd), None)
            if day is None:
                raise KeyError(f"{call} is not reserved")
            self._append(call, SETTLED, usage, model, note)
            day.billed_usd += usage.cost_usd
            del day.open_usd[call]

    def _today(self) -> DaySpend:
        day = day_of(self._now())
        return self._days.get(day) or DaySpend(day)

    def _append(self, call: str, event: str, usage: Usage, model: str, note: str) -> None:
        tokens = (usage.input_tokens, usage.output_tokens, usage.cache_read_tokens, usage.cache_write_tokens)
        values = dict(
            zip(
                COLUMNS,
                (
                    f"{self._now().astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
                    call,
                    event,
                    f"{round_up(usage.cost_usd):.6f}",
                    *(str(count) if event == SETTLED else "" for count in tokens),
                    model,
                    note,
                ),
                strict=True,
            )
        )
        self._journal.append([",".join(values.get(column, "") for column in self._journal.header)])


def spend_of_day(folder: Path, now: datetime | None = None) -> DaySpend:
    """What was spent on the UTC day of `now`, as `spend_by_day` has it."""
    day = day_of(now or wall_clock())
    return spend_by_day(folder).get(day) or DaySpend(day)


def spend_by_day(folder: Path) -> dict[str, DaySpend]:
    """What was spent on each UTC day, for whoever only looks: takes no lock, and cuts at the last newline.

    Raises DataError for a row that cannot be read.
    """
    return SpendReader(folder).poll()


class SpendReader:
    """Reads what was spent in a folder, and from then on what is appended."""

    def __init__(self, folder: Path) -> None:
        self._file = Followed(folder / SPEND_FILE)
        self._clear()

    def poll(self) -> dict[str, DaySpend]:
        """What was spent on each UTC day until now. Raises as `spend_by_day`, at each look until the file is another."""
        anew, lines = self._file.poll()
        if anew:
            self._clear()
        rows = [line.decode(errors="replace").split(",") for line in lines]
        if not self._header and rows:
            self._header = rows.pop(0)
        known = len(self._header)
        given = [dict(zip(self._header, row, strict=True)) if len(row) == known else None for row in rows]
        try:
            self._sum.add(self._file.path, given)
        except DataError:
            self._file.begin_anew()
            self._clear()
            raise
        return self._sum.days

    def _clear(self) -> None:
        self._header: list[str] = []
        self._sum = _Sum()


def _days(journal: Journal) -> dict[str, DaySpend]:
    return _summed(journal.path, [journal.fields(row) for row in journal.rows()])


def _summed(path: Path, rows: list[dict[str, str] | None]) -> dict[str, DaySpend]:
    made = _Sum()
    made.add(path, rows)
    return made.days


class _Sum:
    """The days of a file's rows, taken in their order."""

    def __init__(self) -> None:
        self.days: dict[str, DaySpend] = {}
        self._of_call: dict[str, DaySpend] = {}
        self._lines = 1  #: that were taken in, the header among them

    def add(self, path: Path, rows: Iterable[dict[str, str] | None]) -> None:
        """Take further rows. Raises DataError for one that cannot be read."""
        for row in rows:
            self._lines += 1
            try:
                if row is None:
                    raise ValueError("another number of fields")
                _add(row, self.days, self._of_call)
            except (KeyError, ValueError) as error:
                raise DataError(
                    f"not a row of what was spent ({error}), so the day's sum is not known and nothing is asked",
                    path=path,
                    line=self._lines,
                    fix="Mend the row, or move the file away; the day's cap then starts anew",
                ) from None


def _add(row: dict[str, str], days: dict[str, DaySpend], of_call: dict[str, DaySpend]) -> None:
    call, at = row["call"], datetime.fromisoformat(row["timestamp"])
    if not _AMOUNT.fullmatch(row["usd"]):
        raise ValueError(f"{row['usd']!r} is no amount")
    if "\ufffd" in "".join(row.values()):
        raise ValueError("bytes that are no text")
    if not call or at.tzinfo is None:
        raise ValueError("no call, or a time without a zone")
    dollars = float(row["usd"])
    if row["event"] == _RESERVED:
        if call in of_call:
            raise ValueError(f"{call} was reserved before")
        day = day_of(at)
        found = days.setdefault(day, DaySpend(day))
        found.calls += 1
        found.open_usd[call] = dollars
        of_call[call] = found
    elif row["event"] == SETTLED:
        found = of_call[call]
        del found.open_usd[call]
        found.billed_usd += dollars
    else:
        raise ValueError(f"unknown event {row['event']!r}")
