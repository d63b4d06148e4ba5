"""Ledgers made of tables of trades, as the hourly cycle would have filled them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from lib.contract.times import iso
from lib.lessons.eras import LEDGER_FILE
from lib.lessons.hypotheses import FAMILIES
from lib.lessons.store import LedgerState, LedgerStore
from lib.market.readings import instant

BEGIN = pd.Timestamp("2025-06-01T00:00:00Z")
HOUR = pd.Timedelta(hours=1)


def own(
    net_pct: Sequence[float], begin: pd.Timestamp = BEGIN, first: int = 0, **columns: Any
) -> pd.DataFrame:
    """A table of the stream `trades`: one an hour from `begin`, ten minutes each, an episode each; all LONG, in no other family."""
    return _hourly("trades", net_pct, begin, first).assign(confidence=0.8).assign(**columns)


def answers(
    net_pct: Sequence[float], begin: pd.Timestamp = BEGIN, first: int = 0, **columns: Any
) -> pd.DataFrame:
    """The same of the stream `answers`."""
    return _hourly("answers", net_pct, begin, first).assign(**columns)


def _hourly(stream: str, net_pct: Sequence[float], begin: pd.Timestamp, first: int) -> pd.DataFrame:
    count = len(net_pct)
    entry = pd.date_range(begin, periods=count, freq="h", unit="us")
    numbers = range(first, first + count)
    fixed = {"worst_pct": 0.36, "best_pct": 0.29}
    families = dict.fromkeys(FAMILIES[stream], "") | {"all": stream, "direction": "LONG"}
    frame = pd.DataFrame(
        {"entry_time": entry, "exit_time": entry + pd.Timedelta(minutes=10), "net_pct": net_pct}
    )
    named = {"trade": [f"t{number}" for number in numbers], "episode": list(numbers)}
    return frame.assign(**fixed, **named, **families)


@contextmanager
def ledger_of(folder: Path, *tables: pd.DataFrame, head: pd.Timestamp | None = None) -> Iterator[LedgerStore]:
    """The ledger file of a folder with these tables taken in one after another, and what is too old by `head` expired; own trades have a
    confidence, answers have none.
    """
    with LedgerStore.open_file(folder / LEDGER_FILE, writable=True) as store:
        for table in tables:
            take_in(store, table, head)
        yield store


def take_in(store: LedgerStore, table: pd.DataFrame, head: pd.Timestamp | None = None) -> None:
    """Let a ledger take in one table more, as `ledger_of`."""
    kept = store.load()
    is_own = "confidence" in table
    kept.ledger.fold("trades" if is_own else "answers", table)
    end = head or table["exit_time"].iloc[-1].ceil("h")
    kept.ledger.expire(instant(end))
    with store.transaction():
        store.add(LedgerState(iso(end), kept.choices, kept.carry, kept.ledger), table if is_own else None)
