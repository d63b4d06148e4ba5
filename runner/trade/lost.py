"""Whether decision rows tell of trades that the event log of their folder has lost: it was deleted, cut, or replaced by an older copy.

An event is written before the row that tells of it, so rows never know more than the log. Where they do, nobody knows what is held, what
the account is worth, or whether it is halted, and a start must not put a fresh account in its place: that would lift a halt and forget a
position. Only a person begins a new account over such rows (`ribbon trade --new-account`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from lib.contract.schema import DECISIONS_FILE
from lib.contract.standing import file_bytes
from lib.contract.times import parse_time
from lib.data.decisions import kind_of
from lib.data.records import split_row
from runner.errors import EventLogError
from runner.trade.events import EVENTS_FILE, PUT_BACK, Event, read_events

NEW_ACCOUNT = "ribbon trade --new-account"
_NEEDED = ("timestamp", "executed", "decision_id", "exit_price")
#: What an old file may lack.
_LATER = ("model", "reason_code", "size", "prompt_sha", "asked_because")


class Executed(NamedTuple):
    """A decision row that says it was executed."""

    decision_id: str
    at: int  #: microseconds since 1970 UTC; 0 where its time cannot be read
    over: bool  #: whether it has an exit
    ours: bool  #: whether a loop filled it; rows that were imported, simulated or made of candles have no account


def executed_of(row: Mapping[str, str]) -> Executed | None:
    """What a decision row (texts by column, some of which an old one lacks) says of its execution; None where it was not executed, or
    has no name.
    """
    if row["executed"].strip().lower() != "true" or not row["decision_id"]:
        return None
    # A loop says why it asked. Before that column, who decides live was told a prompt, and its fills had a size.
    told = row.get("size") and row.get("prompt_sha")
    ours = row.get("asked_because") or (
        told and kind_of(row.get("model", ""), row.get("reason_code", "")) == "live"
    )
    at = parse_time(row["timestamp"], None) or 0
    return Executed(row["decision_id"], at, bool(row["exit_price"]), bool(ours))


def refuse_lost(folder: Path, executed: Iterable[Executed], events: Sequence[Event]) -> None:
    """Raise EventLogError where executed rows tell of more than the events of their folder do.

    Without an event every trade of ours does. Beside events, of trades from before the log began, or that are over and have no event at
    all, nothing is said: a log may be begun anew.
    """
    if not events:
        if ours := [row for row in executed if row.ours]:
            raise EventLogError(_no_account(folder, ours))
        return
    began = min(event.at for event in events)
    filled = {event.decision_id for event in events if event.kind == "fill"}
    exited = {event.decision_id for event in events if event.kind == "exit"}
    for row in executed:
        lost = (
            row.decision_id in filled and row.decision_id not in exited
            if row.over
            else row.decision_id not in filled
        )
        if lost and row.at >= began:
            raise EventLogError(
                f"{folder / EVENTS_FILE}: rows are missing at its end: {DECISIONS_FILE} has the {'exit' if row.over else 'fill'} of "
                f"{row.decision_id}, the log has not. {PUT_BACK} ({DECISIONS_FILE} too)"
            )


def read_account(folder: Path) -> list[Event]:
    """The events of a folder as `read_events`; raises EventLogError too where decision rows tell of more than they do."""
    executed = list(
        executed_in(folder / DECISIONS_FILE)
    )  # first, as a loop at work writes each event before its row
    events = read_events(folder)
    refuse_lost(folder, executed, events)
    return events


def executed_in(path: Path) -> Iterator[Executed]:
    """The executed rows of a decisions file, whoever may be writing it: whole ones only; none where there is no such file."""
    try:
        *lines, _ = file_bytes(path).split(b"\n")
    except FileNotFoundError:
        return
    header: list[str] = []
    places: dict[str, int] = {}
    for line in lines:
        if header and b"true" not in line.lower():
            continue
        fields = split_row(line.decode("utf-8-sig", errors="replace").rstrip("\r"))
        if not header:
            header = [name.strip() for name in fields]
            if not set(_NEEDED) <= set(header):
                return  # whoever analyses it says what is wrong with it; a loop has not written it
            places = {name: header.index(name) for name in (*_NEEDED, *_LATER) if name in header}
        elif len(fields) == len(header):
            row = {name: fields[place] for name, place in places.items()}
            if found := executed_of(row):
                yield found


def _no_account(folder: Path, ours: Sequence[Executed]) -> str:
    path = folder / EVENTS_FILE
    what = "holds no event" if path.exists() else "is not there"
    trades = "1 trade" if len(ours) == 1 else f"{len(ours):,} trades"
    still = [row.decision_id for row in ours if not row.over]
    held = f"; without an exit: {still[-1]}" if still else ""
    return (
        f"{path} {what}, and {DECISIONS_FILE} has {trades} of the account that it held (the newest: {ours[-1].decision_id}{held}): "
        "what is held, the equity, and whether it is halted are lost with it. Put the file back from a copy, or begin a new account with "
        f"`{NEW_ACCOUNT}` (the decisions stay)"
    )
