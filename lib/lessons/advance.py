"""Bring the ledger up to date: hour after whole hour, what was known then, and a person's choices in their place.

An hour is seen through a window that ends with it, whether it is taken in when it is new or years later, so a rebuilt ledger is the same;
hours that are behind are read many at once (docs/decisions/catching-up.md).
Each era of a folder (lib.lessons.eras) has a ledger of its own; one that has ended goes up to the whole hour before the change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import pandas as pd

from lib import paths
from lib.contract.times import iso, parse_instant
from lib.errors import BrokenLedgerError, DataError
from lib.lessons.choices import Choices, load_choices
from lib.lessons.episodes import episodes_of_rows
from lib.lessons.eras import LEDGER_FILE, TERMS_FILE, Era, era_at, eras_of, eras_with, write_terms
from lib.lessons.followed import FollowedQuestions
from lib.lessons.hypotheses import QUESTIONS, STREAMS
from lib.lessons.ledger import Ledger
from lib.lessons.store import LedgerState, LedgerStore
from lib.lessons.streams.hour import first_hour, hour_found
from lib.lessons.streams.models import Carry
from lib.lessons.streams.stretch import MOST_HOURS, HourReader, Stretch
from lib.lessons.trade_rows import trade_row
from lib.market.readings import instant
from lib.market.terms import Terms

HOUR = pd.Timedelta(hours=1)
#: Later than any era begins.
LAST = pd.Timestamp.max.tz_localize("UTC")


def note_terms(folder: str | Path | None, terms: Terms, at: str | pd.Timestamp) -> Era:
    """Let `terms` hold in a trading_data folder from `at` on, and write it to `terms.jsonl` if it is a change; returns the era at hand.

    Other terms than the newest ones begin no earlier than what the ledger has seen already. Raises DataError, OSError.
    """
    place = paths.trading_data(folder)
    noted = eras_of(place) if (place / TERMS_FILE).exists() else []
    if noted and noted[-1].terms == terms:
        return noted[-1]
    write_terms(place, terms, _unseen(place, parse_instant(at)))
    return eras_of(place)[-1]


def _unseen(place: Path, at: pd.Timestamp) -> pd.Timestamp:
    """`at`, or the ledger's head where that is later."""
    head = ""
    with suppress(DataError), LedgerStore.read_only(place / LEDGER_FILE) as store:
        head = store.head() if store else ""
    return max(at, parse_instant(head)) if head else at


@contextmanager
def ledger_at(
    folder: str | Path | None,
    as_of: str | pd.Timestamp,
    keep: bool = False,
    progress: Callable[[int, int], object] = lambda done, all_: None,
    terms: Terms | None = None,
) -> Iterator[LedgerStore]:
    """The ledger with every whole hour up to `as_of` taken in: of the file if `keep`, else of a copy that is thrown away.

    It is that of the folder's terms, with `keep` of the newest ones, else of those of `as_of`; or that of `terms`, which hold from `as_of`
    on if they are others, and with `keep` are noted.
    `progress(done, all)` is told of hours. An `as_of` before the ledger's head adds nothing: ask the store for how things stood then.
    Raises what lib.data.window.load_window does, and DataError for a file that cannot be reached. One that is no ledger is moved aside as
    `.broken` and made anew if `keep`, and is a BrokenLedgerError else.
    """
    place, now = paths.trading_data(folder), parse_instant(as_of)
    if keep:
        with _file_of_now(place, now, terms, progress) as store:
            advance(store, place, now, progress)
            yield store
        return
    era = eras_with(eras_of(place), terms, _unseen(place, now))[-1] if terms else era_at(eras_of(place), now)
    with LedgerStore.open_file(_file_of(place, era), writable=False) as store:
        store.begin(era)
        advance(store, place, now, progress)
        yield store


@contextmanager
def ledger_through(
    folder: str | Path | None, as_ofs: Sequence[pd.Timestamp], terms: Terms, at_hand: Stretch | None = None
) -> Iterator[Callable[[pd.Timestamp], LedgerStore]]:
    """The ledger's file as `ledger_at` keeps it at one after another of many instants, which are known beforehand and are in order.

    What is given brings it up to an instant: the hours of all of them are read many at once, and taken in within one transaction. Those
    that were taken in are kept, whatever ends it. Raises as `ledger_at`.
    """
    place = paths.trading_data(folder)
    with _file_of_now(place, as_ofs[0], terms, lambda done, all_: None) as store:
        era, choices = store.era(), load_choices(place)
        kept = _newest_state(store, choices)
        hours, followed = _hours_after(kept.head, place, as_ofs[-1], era), FollowedQuestions.of(place, era)
        reader = HourReader(place, hours, era.terms, at_hand)
        with _Batch(store, kept, reader, choices, followed).open() as batch:
            waiting = iter([*hours, LAST])
            following = [next(waiting)]

            def up_to(as_of: pd.Timestamp) -> LedgerStore:
                while following[0] <= as_of:
                    batch.take_in(following[0])
                    following[0] = next(waiting)
                batch.show_head()
                return store

            yield up_to


@contextmanager
def _file_of_now(
    place: Path, now: pd.Timestamp, terms: Terms | None, progress: Callable[[int, int], object]
) -> Iterator[LedgerStore]:
    """The file of the folder's ledger under its newest terms, or these, which are noted; it takes in nothing yet."""
    era = note_terms(place, terms, now) if terms else era_at(eras_of(place), LAST)
    set_broken_aside(place / LEDGER_FILE)
    _set_ended_aside(place, era, progress)
    with LedgerStore.open_file(_file_of(place, era), writable=True) as store:
        store.begin(era)
        yield store


def _set_ended_aside(place: Path, era: Era, progress: Callable[[int, int], object]) -> None:
    """Complete the ledger of another era up to its end, and give it its own name; nothing where the file is of `era`.

    Where `era` had ended itself by mistake (terms that were taken back at once), its file is the ledger again.
    """
    path = place / LEDGER_FILE
    if not path.exists():
        return
    with LedgerStore.open_file(path, writable=True) as store:
        if (its := store.era()) == era:
            return
        if end := ended(eras_of(place), its):
            advance(store, place, end, progress)
    path.replace(place / its.ended_file)
    if (again := place / era.ended_file).exists():
        again.replace(path)


@contextmanager
def ended_ledger(place: Path, era: Era, end: pd.Timestamp) -> Iterator[LedgerStore]:
    """A copy of the ledger of an era that has ended, up to its end; made from the data where no file is kept. Raises as `ledger_at`."""
    with LedgerStore.open_file(_file_of(place, era), writable=False) as store:
        store.begin(era)
        advance(store, place, end)
        yield store


def _file_of(place: Path, era: Era) -> Path:
    """Where the ledger of an era is kept: an ended one's file, unless the next cycle has yet to set it aside."""
    kept = place / era.ended_file
    return kept if kept.exists() else place / LEDGER_FILE


def ended(eras: list[Era], era: Era) -> pd.Timestamp | None:
    """When an era ended: where the next one begins; None for the newest one, and one that is none of them."""
    later = eras[eras.index(era) + 1 :] if era in eras else []
    return parse_instant(later[0].since) if later else None


def set_broken_aside(path: Path) -> str:
    """Move a file that is no ledger, or a damaged one, out of the way, so that it is rebuilt; nothing is lost. What was wrong with it, and
    where it is; "" if it is sound. The caller holds the cycle's lock.
    """
    try:
        with LedgerStore.read_only(path) as store:
            if store:  # its rows and its state are sound
                store.check()
                store.era()
    except BrokenLedgerError as error:
        taken = [found.name for found in path.parent.glob(f"{path.name}.broken*")]
        number = next(number for number in count() if f"{path.name}.broken{number or ''}" not in taken)
        aside = path.replace(path.with_name(f"{path.name}.broken{number or ''}"))
        return f"{error.problem}; it is kept as {aside.name}, and made anew from the data"
    return ""


def advance(
    store: LedgerStore,
    place: Path,
    as_of: pd.Timestamp,
    progress: Callable[[int, int], object] = lambda done, all_: None,
) -> None:
    """Take in the whole hours after the store's head up to `as_of`."""
    era, choices = store.era(), load_choices(place)
    kept = _newest_state(store, choices)
    hours, followed = _hours_after(kept.head, place, as_of, era), FollowedQuestions.of(place, era)
    told = count(1)
    for first in range(0, len(hours), MOST_HOURS):
        few = hours[first : first + MOST_HOURS]
        with _Batch(store, kept, HourReader(place, few, era.terms), choices, followed).open() as batch:
            for hour in few:
                batch.take_in(hour)
                progress(next(told), len(hours))
        kept = batch.kept


def _newest_state(store: LedgerStore, choices: Choices) -> LedgerState:
    """What to go on from, with the choices that were made since."""
    if not store.head():
        return LedgerState("", 0, _first_carry(store.era()), Ledger.new())
    kept = store.load()
    with store.transaction():
        if (chosen := _chosen(store, kept, choices)) is not kept:
            store.keep(chosen)
    return chosen


class _Batch:
    """Hours that are taken in within one transaction. What stops them between two of them leaves those before it taken in."""

    def __init__(
        self,
        store: LedgerStore,
        kept: LedgerState,
        reader: HourReader,
        choices: Choices,
        followed: FollowedQuestions,
    ):
        self.kept = kept  #: the state to go on from, but for its carry while the batch is open
        self._store, self._reader, self._choices, self._followed = store, reader, choices, followed
        self._carry = Carry.model_validate(kept.carry)
        self._is_whole = True

    @contextmanager
    def open(self) -> Iterator[_Batch]:
        """Hours may be taken in; the state that they leave is kept at the end."""
        stopped: BaseException | None = None
        with self._store.transaction():
            try:
                yield self
            except BaseException as error:
                if not self._is_whole:
                    raise
                stopped = error
            self._keep()
        if stopped is not None:
            raise stopped

    def show_head(self) -> None:
        """Let whoever asks the store find the last hour that was taken in."""
        if not self._store.head():
            self._keep()
        self._store.keep_head(self.kept.head)

    def _keep(self) -> None:
        self.kept = self.kept._replace(carry=self._carry.model_dump(mode="json"))
        if self.kept.head:
            self._store.keep(self.kept)

    def take_in(self, hour: pd.Timestamp) -> None:
        """Take in the next hour."""
        found, ledger, at = hour_found(self._reader, hour, self._carry), self.kept.ledger, instant(hour)
        self._is_whole = False
        self._followed.register(ledger, at)
        rows = found.rows | {QUESTIONS: self._followed.rows(at)}
        for stream in (*STREAMS, QUESTIONS):
            ledger.fold_episodes(stream, episodes_of_rows(stream, rows[stream]))
        ledger.expire(at)
        self._followed.retire(ledger, at)
        self._store.record(ledger, map(trade_row, found.rows["trades"]))
        self.kept, self._carry = self.kept._replace(head=iso(hour)), found.carry
        self.kept = _chosen(self._store, self.kept, self._choices)
        self._is_whole = True


def _hours_after(head: str, place: Path, as_of: pd.Timestamp, era: Era) -> list[pd.Timestamp]:
    """The whole hours up to `as_of` that a ledger of `era` with this head ("" for none) has yet to take in."""
    first = parse_instant(head) + HOUR if head else first_hour(place)
    if first is not None and era.since:
        first = max(first, parse_instant(era.since).floor("h") + HOUR)
    return [] if first is None else list(pd.date_range(first, as_of.floor("h"), freq="h"))


def _first_carry(era: Era) -> dict[str, Any]:
    """What a new ledger goes on from: nothing entered before its era began is of its evidence."""
    return Carry.begun(instant(parse_instant(era.since)) if era.since else None).model_dump(mode="json")


def _chosen(store: LedgerStore, kept: LedgerState, choices: Choices) -> LedgerState:
    """Apply the choices that were made at the head, or before it where data came in late; the caller keeps the state."""
    applied = kept.choices
    for lesson in choices.ended_by(kept.head, kept.choices):
        applied += 1
        if lesson:
            kept.ledger.retire(lesson, instant(parse_instant(kept.head)))
    if applied == kept.choices:
        return kept
    store.record(kept.ledger, ())
    return kept._replace(choices=applied)
