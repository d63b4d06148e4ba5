"""The account of a folder by its events: what is held, what today made, whether it is halted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from lib.contract.schema import DECISIONS_FILE, SUMMARY_FILE
from lib.contract.times import iso, parse_instant
from lib.contract.words import age_words
from lib.market.costs import SIGN
from runner.status.unchanged import Unchanged
from runner.trade.book import DAY, HOUR, Book, not_after
from runner.trade.events import EVENTS_FILE, Event, EventReader
from runner.trade.known import stamp
from runner.trade.lost import executed_in, refuse_lost
from runner.trade.rails import account

#: Seconds without a tick after which nobody watches a position: longer than any beat of live data.
_UNWATCHED_S = 180.0


class EventsOfFolder:
    """The events of a folder as they can have happened by now, and the account that they make."""

    def __init__(self, folder: Path, memory: Unchanged) -> None:
        self._path = folder / EVENTS_FILE
        self._reader, self._memory = EventReader(folder), memory

    def events(self, now_us: int) -> list[Event]:
        """Raises EventLogError, where decision rows tell of more too (runner.trade.lost), and OSError."""
        rows = self._path.with_name(DECISIONS_FILE)
        # First, as a loop at work writes each event before its row.
        executed = self._memory.of("executed", [rows], lambda: list(executed_in(rows)))
        found = self._memory.of("events", [self._path], self._reader.poll)
        self._memory.of("lost account", [self._path, rows], lambda: refuse_lost(rows.parent, executed, found))
        latest = self._memory.of("latest event", [self._path], lambda: max((e.at for e in found), default=0))
        ahead = now_us if latest > now_us else None
        return self._memory.of("settled", [self._path], lambda: not_after(found, now_us), ahead)

    def account(self, now_us: int) -> dict[str, Any] | None:
        """JSON types; null without an event. Raises as `events`."""
        events = self.events(now_us)
        hour = now_us // HOUR  # what counts of an hour or a day begins anew with it
        return self._memory.of(
            "account", [self._path], lambda: account_of(events, now_us), (hour, id(events))
        )


def account_of(events: list[Event], now_us: int) -> dict[str, Any] | None:
    """The account by its events; null where there are none. `at`: whose it is at an exchange, "" on paper."""
    if not events:
        return None
    book = Book.from_events(events)
    stands = account(book, now_us)
    today = now_us - now_us % DAY
    fees = sum(event.fee for event in events if event.kind in ("fill", "exit") and event.at >= today)
    net = sum(trade.net for trade in book.closed)
    return {
        "at": book.account,
        "equity": stands.equity,
        "day_net": stands.day_net,
        "day_net_pct": stands.day_net_pct,
        "day_fees": fees,
        "drawdown_pct": stands.drawdown_pct,
        "trades_today": stands.trades_today,
        "trades_this_hour": stands.trades_this_hour,
        "closed_today": sum(trade.at >= today for trade in book.closed),
        "net": net,
        "net_pct": 100 * net / (book.equity - net),
        "closed": len(book.closed),
        "first_entry_at": next((iso(stamp(event.at)) for event in events if event.kind == "fill"), None),
        "last_exit_at": iso(stamp(book.closed[-1].at)) if book.closed else None,
        "halt": {"reason": book.halted, "since": iso(stamp(book.halt.at))} if book.halt else None,
        "ordered": book.order.decision_id if book.order else None,
        "position": _position(book),
    }


def _position(book: Book) -> dict[str, Any] | None:
    trade, fill = book.watched(), book.held
    if trade is None or fill is None:
        return None
    target, stop = trade.levels()
    return {
        "decision_id": fill.decision_id,
        "direction": fill.direction,
        "size": fill.size,
        "entry_price": fill.price,
        "entry_time": iso(stamp(fill.at)),
        "stop_price": stop,
        "target_price": target,
        "time_exit_at": iso(stamp(trade.time_exit_at)),
        "hold_minutes": fill.hold_minutes,
        "value": SIGN[fill.direction] * fill.size * fill.price,
        "fees": 2 * fill.fee,
    }


def held_in(found: dict[str, Any]) -> dict[str, Any] | None:
    """What is held by a status: the account's position, else what a recording left open at its end."""
    return found["account"]["position"] if found["account"] else found["left_open"]


def with_price(account: dict[str, Any] | None, price: float | None) -> dict[str, Any] | None:
    """The account with what its position would make now: `net_pct`, percent of the entry value after the fees of both sides; null
    without a price (docs/definitions.md, Money).
    """
    if account is None or account["position"] is None:
        return account
    held = account["position"]
    return account | {"position": held | priced(held, price, held["fees"] / abs(held["value"]) * 100)}


def priced(held: dict[str, Any], price: float | None, fees_pct: float) -> dict[str, float | None]:
    """`price`, and `net_pct` of what is held at it, after the fees of both sides, percent of the entry price; null without a price."""
    moved = None if price is None else SIGN[held["direction"]] * (price / held["entry_price"] - 1) * 100
    return {"price": price, "net_pct": None if moved is None else moved - fees_pct}


def unwatched(found: dict[str, Any], now: pd.Timestamp) -> list[dict[str, str]]:
    """What is wrong where the account of a status holds a position, and nothing that a loop writes is as new as it would be.

    Nothing of a replay that has ended: no loop is to go on there.
    """
    account = found["account"]
    if (
        account is None
        or account["position"] is None
        or (Path(found["trading_data"]) / SUMMARY_FILE).is_file()
    ):
        return []
    held = account["position"]
    ages = [each["age_s"] for each in (found["last_tick"], found["last_decision"]) if each]
    age_s = min([(now - parse_instant(held["entry_time"])).total_seconds(), *ages])
    if age_s <= _UNWATCHED_S:
        return []
    rests = "its stop and target rest at the exchange" if account["at"] else "on paper nothing closes it"
    what = f"{held['direction']} is held, and no loop has looked at it for {age_words(age_s)}; {rests}"
    return [
        {
            "part": "account",
            "what": what,
            "fix": "Start `ribbon trade`, or see its log for why it stands still",
        }
    ]
