"""Lifting a halt, which only a person does (docs/guarantees.md, L6): directly where no loop runs, else by a request that the loop takes up.

A request names the halt it is about by the moment it began, so that one left over never lifts a later halt.
"""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path

from lib.contract.standing import file_text
from lib.data.atomic import replace_json
from lib.errors import MissingDataError, ParameterError
from runner.errors import LockedError, RunnerError
from runner.trade.book import Book
from runner.trade.events import Event, EventLog, read_events
from runner.trade.known import stamp
from runner.trade.lost import read_account

REQUEST_FILE = "resume.request"
#: A loop looks at each step, so many times a second.
WAIT_S = 15.0


def resume(folder: Path, now_us: int, wait_s: float = WAIT_S) -> str:
    """Lift the halt of a folder; says in words what was done.

    Raises ParameterError where nothing is halted, RunnerError where a running loop did not take the request up.
    """
    if not read_account(folder):
        raise MissingDataError(
            "nothing was ever traded here", path=folder, fix="Name the folder with --trading-data"
        )
    try:
        with EventLog(folder) as log:
            book = Book.from_events(log.events, log.append)
            halt = _halt_of(book, folder)
            book.record(Event("resume", now_us, reason="person"))
            return f"lifted: {halt.reason}, halted since {stamp(halt.at)}"
    except LockedError:
        return _ask(folder, wait_s)


def _ask(folder: Path, wait_s: float) -> str:
    halt = _halt_of(Book.from_events(read_events(folder)), folder)
    replace_json(folder / REQUEST_FILE, {"halt_at": halt.at})
    end = time.monotonic() + wait_s
    while time.monotonic() < end:
        if not Book.from_events(read_events(folder)).halted:
            return f"lifted by the running loop: {halt.reason}, halted since {stamp(halt.at)}"
        time.sleep(0.1)
    raise RunnerError(
        f"the loop that writes {folder} did not lift the halt within {wait_s:g} s; its log says why. "
        f"The request stays in {folder / REQUEST_FILE}"
    )


def take_request(folder: Path, book: Book, now_us: int) -> bool:
    """Lift the halt that a request is about, if there is one; whether that happened. For the loop that holds the event log."""
    path = folder / REQUEST_FILE
    try:
        asked = json.loads(file_text(path))["halt_at"]
    except FileNotFoundError:
        return False
    except (OSError, ValueError, KeyError, TypeError):
        asked = None
    fits = book.halt is not None and book.halt.at == asked
    if fits:
        book.record(Event("resume", now_us, reason="person"))
    with contextlib.suppress(OSError):  # it names its halt, so one that stays lifts no other
        path.unlink(missing_ok=True)
    return fits


def _halt_of(book: Book, folder: Path) -> Event:
    if book.halt is None:
        raise ParameterError(f"nothing is halted in {folder}; `ribbon status` shows why no entry is made")
    return book.halt
