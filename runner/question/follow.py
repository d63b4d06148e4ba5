"""The hourly ask: each followed question of a folder is asked of the new rows, and its closed trades are written down, once each.

`follow_questions` is what a cycle calls before it compiles. What would surprise: it knows nothing later than the whole hour before the
cycle's `as_of`, so that each trade counts at the hour that the ledger is about to take in; and whatever a question does (fails, hangs,
looks ahead, was changed) is a line of the answer and withholds its lesson, and stops nobody else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from lib.contract.schema import CANDLE_FILES
from lib.contract.times import iso, parse_instant
from lib.data.atomic import append_line, replace_text
from lib.data.loaders import empty_candles, load_candles
from lib.errors import EmptyWindowError, RibbonError, file_remedy
from lib.lessons.followed import followed_now
from lib.questions.followed import (
    STATE_FILE,
    WINDOW_DAYS,
    FollowedTrade,
    FollowState,
    first_new_row,
    last_exit,
    read_followed_trades,
    read_states,
    settled_trades,
    states_text,
    trades_path,
)
from lib.questions.history import History
from lib.questions.keeping import Kept
from lib.questions.record import FOLDER
from runner.errors import WriteFailedError
from runner.question.copies import read_copy
from runner.question.keep import ledger_head
from runner.question.limits import Limits
from runner.question.process import ask_in_processes

_HOUR = pd.Timedelta(hours=1)
#: Seconds that one may take in a cycle: it is asked of the new rows of an hour, and twenty may be followed.
MOST_S = 60.0


@dataclass(frozen=True)
class HourLimits:
    """Limits of an hourly ask: a notebook's, and no more than MOST_S."""

    limit_s: float
    output_mb: float
    memory_mb: float

    @classmethod
    def of(cls, limits: Limits) -> HourLimits:
        """Those of a notebook, shortened."""
        return cls(min(limits.limit_s, MOST_S), limits.output_mb, limits.memory_mb)


@dataclass(frozen=True)
class Following:
    """How the ask of one followed question went: its new trades, or why it gave nothing."""

    question: str
    trades: int
    error: str = ""


def follow_questions(
    folder: Path, as_of: pd.Timestamp, limits: Limits, stop: Callable[[], bool] = lambda: False
) -> list[Following]:
    """Ask each followed question of the rows known at the whole hour before `as_of`.

    Returns how it went, by number; nothing where none is followed. The caller holds the cycle's lock, which is that of the two files that
    are written here. Raises DataError where the folder's record cannot be read, WriteFailedError where nothing can be written, and
    KeyboardInterrupt where `stop` says so, after the question at hand. Where it raises anything else, the state of each question says so,
    which withholds its lesson.
    """
    due, until = followed_now(folder), as_of.floor("h")
    if not due:
        return []
    try:
        return _Hour(folder, until, HourLimits.of(limits)).ask_all(stop)
    except Exception as error:
        _note_for_all(folder, due, until, error)
        raise


def _note_for_all(folder: Path, due: Sequence[Kept], until: pd.Timestamp, error: Exception) -> None:
    """Let each state say that the ask as a whole gave nothing; what is settled stays so."""
    states = read_states(folder)
    for kept in due:
        settled = states[kept.k].settled if kept.k in states else kept.since
        states[kept.k] = FollowState(until=iso(until), settled=settled, error=_told(error))
    with suppress(OSError):  # the error at hand is the one to be told
        replace_text(folder / FOLDER / STATE_FILE, states_text(states))


def _told(error: Exception) -> str:
    return str(error) if isinstance(error, RibbonError) else f"{type(error).__name__}: {error}"


class _Hour:
    """One hourly ask."""

    def __init__(self, folder: Path, until: pd.Timestamp, limits: Limits) -> None:
        self.folder, self.until, self.limits = folder, until, limits
        head = ledger_head(folder)
        #: The hour that the ledger takes in next, from which on what is found now can count.
        self.hour = until if head is None or head < until else head + _HOUR
        self.states = read_states(folder)
        self.trades = read_followed_trades(folder)
        self.history: History | None = None

    def ask_all(self, stop: Callable[[], bool]) -> list[Following]:
        """Ask each, and keep how it went."""
        found = []
        for kept in followed_now(self.folder):
            if stop():
                raise KeyboardInterrupt
            if parse_instant(kept.since) < self.until:
                found.append(self._ask(kept))
        _written(self.folder / FOLDER / STATE_FILE, lambda path: replace_text(path, states_text(self.states)))
        return found

    def _ask(self, kept: Kept) -> Following:
        before = self.states.get(kept.k)
        settled = max(parse_instant(kept.since), parse_instant(before.settled if before else kept.since))
        try:
            new, settled = self._new_trades(kept, settled)
        except WriteFailedError:
            raise
        except Exception as error:  # whatever a question does stops nobody else
            told = _told(error)
            self.states[kept.k] = FollowState(until=iso(self.until), settled=iso(settled), error=told)
            return Following(kept.question, 0, told)
        self._append(new)
        self.states[kept.k] = FollowState(until=iso(self.until), settled=iso(settled))
        return Following(kept.question, len(new))

    def _new_trades(self, kept: Kept, settled: pd.Timestamp) -> tuple[list[FollowedTrade], pd.Timestamp]:
        question = read_copy(self.folder, kept)
        self.history = self.history or window_history(self.folder, self.until, kept.market)
        begin = first_new_row(self.history, settled, last_exit(self.trades, kept.k) or settled)
        if begin >= len(self.history.candles_5min):
            return [], settled
        said = ask_in_processes(question, self.history.candles_5min, self.limits, first=begin).directions
        # Exits are sought from the first row that is not settled on; minutes before it are read for nothing.
        part = replace(self.history, candles_1min=self._minutes(settled))
        new, until = settled_trades(kept, question, part, said, begin, self.hour)
        return new, max(settled, until)

    def _minutes(self, since: pd.Timestamp) -> pd.DataFrame:
        if not (self.folder / CANDLE_FILES["1min"]).exists():
            return empty_candles()
        return load_candles(self.folder, "1min", since - _HOUR, self.until)[0]

    def _append(self, trades: Sequence[FollowedTrade]) -> None:
        """Write trades down."""
        path = trades_path(self.folder)
        if not trades:
            return

        def write(place: Path) -> None:
            if not place.exists():
                replace_text(place, "")
            for trade in trades:
                append_line(place, trade.model_dump_json())
                self.trades.append(trade)

        _written(path, write)


def window_history(folder: Path, until: pd.Timestamp, market: str) -> History:
    """The 5-minute candles that a followed question is given at an instant: of the last WINDOW_DAYS, from a midnight on.

    Raises EmptyWindowError where nothing was known then, and as the loader.
    """
    start = (until - pd.Timedelta(days=WINDOW_DAYS)).floor("D")
    five, _ = load_candles(folder, "5min", start, until)
    if five.empty:
        raise EmptyWindowError(f"{folder}: no 5-minute candle was known at {iso(until)}")
    return History(market, "folder", empty_candles(), five)


def _written(path: Path, write: Callable[[Path], object]) -> None:
    try:
        write(path)
    except OSError as error:
        raise WriteFailedError(
            f"{path}: {error.strerror}; nothing was added. {file_remedy(error)}"
        ) from error
