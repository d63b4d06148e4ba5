"""Own trades that the ledger counts and the folder's decisions hold no more: rows that were taken out, or spoiled, once they were taken in.

The ledger only grows, so that such rows go on counting in lessons while every other figure is without them.
"""

from __future__ import annotations

from pathlib import Path

from lib.contract.schema import DECISIONS_FILE
from lib.data.decisions import load_executed
from lib.lessons.eras import LEDGER_FILE
from lib.lessons.store import LedgerStore
from lib.lessons.streams.own_trades import trade_id
from lib.lessons.trade_rows import known_trades
from lib.market.readings import instants


def lost_trades_warning(folder: Path) -> str:
    """How many they are, the newest of them, and what to do; "" for none.

    Raises DataError where the ledger or the decisions cannot be read.
    """
    with LedgerStore.read_only(folder / LEDGER_FILE) as store:
        counted = known_trades(store.connection) if store else []
    if not counted:
        return ""
    rows = load_executed(folder, None)
    rows = rows[rows["executed"]].dropna(subset="entry_time")
    entered = zip(rows["decision_id"], instants(rows["entry_time"]).tolist(), rows["direction"], strict=True)
    held = {name or trade_id(at, direction) for name, at, direction in entered}
    lost = [name for name in counted if name not in held]
    if not lost:
        return ""
    if len(lost) == len(counted):
        return (
            f"{LEDGER_FILE} is of other data than {DECISIONS_FILE}, which holds none of its {len(counted):,} trades (the newest: "
            f"{lost[-1]}): put the right one back, or make the ledger anew from what is there with `ribbon lessons rebuild`"
        )
    trades = "1 trade counts" if len(lost) == 1 else f"{len(lost):,} trades count"
    return (
        f"{trades} in lessons that {DECISIONS_FILE} holds no more (the newest: {lost[-1]}): put the rows back from a copy; where they are "
        "to stay out, `ribbon lessons rebuild` counts without them"
    )
