"""What the loop did last: the newest decisions, and the ticks that asked nobody, in the order of time."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import Any

import pandas as pd

from lib.contract import schema
from lib.contract.standing import is_there, open_file
from lib.contract.times import iso, parse_instant
from lib.contract.words import instant_or_none
from lib.data.decisions import empty_decisions, load_decisions
from lib.data.newest import newest_in, newest_or_refused
from lib.errors import DataError, RibbonError
from lib.market.terms import Terms
from runner.files.header import read_header
from runner.status.account import priced
from runner.status.unchanged import Unchanged
from runner.status.why import result_of
from runner.trade.tick_log import FIRST_COLUMNS

#: Bytes of ticks.csv that are looked at: some 800 rows.
_TICK_BYTES = 32 * 1024
#: Characters of an answer's reasoning that are told.
_SHOWN = 2_000
_NUMBERS = (
    "confidence",
    "entry_price",
    "exit_price",
    "stop_price",
    "target_price",
    "net_pnl_pct",
    "model_cost_usd",
)
_WORDS = ("decision_id", "direction", "reasoning", "model", "state_5min", "state_15min", "exit_reason")


class DecisionsOfFolder:
    """The decision rows of the last day that has any, read anew only where the file is another."""

    def __init__(self, folder: Path, memory: Unchanged) -> None:
        self._folder, self._memory = folder, memory
        self._path = folder / schema.DECISIONS_FILE

    def rows(self, now: pd.Timestamp) -> pd.DataFrame:
        """A decisions frame (lib.data.decisions) as it is known at `now`. Raises DataError."""
        newest = self._memory.of("newest decision", [self._path], lambda: newest_or_refused(self._path))
        if newest is None:
            return empty_decisions()
        ahead = now if newest > now else None  # what is ahead of the clock is not known yet
        return self._memory.of("decisions", [self._path], lambda: self._read(now), ahead)

    def ends(
        self, now: pd.Timestamp, alone: bool, newest: dict[str, Any] | None, terms: Terms
    ) -> dict[str, dict[str, Any] | None]:
        """`last_trade`, and of a folder that is `alone`, without an account that would know better, `left_open`, in JSON types.

        What was not left is held at the `newest` sample (MarketOfFolder.now) if that is no later than its hold, or nobody knows how it
        ended. `price` and `net_pct` are what it would make there after the fees of both sides, percent of the entry price. Null where
        there is none, or where decisions cannot be read.
        """
        try:
            rows = self.rows(now)
        except (RibbonError, OSError):
            return {"last_trade": None, "left_open": None}
        last, held = self._memory.of(
            "ends", [self._path], lambda: (last_trade(rows), left_open(rows)), id(rows)
        )
        if held is None or not alone or newest is None or not _holds(held, newest["at"], terms):
            return {"last_trade": last, "left_open": None}
        price = newest["price"] if newest["usable"] else None
        return {"last_trade": last, "left_open": held | priced(held, price, terms.costs.fees_pct)}

    def _read(self, now: pd.Timestamp) -> pd.DataFrame:
        newest = newest_in(self._path, now=now)
        since = None if newest is None else newest - pd.Timedelta(days=1)
        return load_decisions(self._folder, since, now)[0]


def told_decisions(rows: pd.DataFrame, most: int) -> list[dict[str, Any]]:
    """The newest `most` decisions in JSON types, the newest first, each with its `result`."""
    return [_told(row) for row in reversed(list(rows.tail(most).itertuples()))]


def told_trades(rows: pd.DataFrame, since: pd.Timestamp) -> list[dict[str, Any]]:
    """The decisions that were entered and had not been left by `since`, likewise, the oldest first."""
    entered = rows["executed"] & rows["entry_time"].notna() & rows["entry_price"].notna()
    running = rows["exit_time"].isna() | (rows["exit_time"] > since)
    shown = rows[entered & running & rows["direction"].isin(schema.DIRECTIONS)]
    return told_decisions(shown, len(shown))[::-1]


def last_trade(rows: pd.DataFrame) -> dict[str, Any] | None:
    """Of these decisions the trade that was left last, likewise; null where none was."""
    left = rows[rows["executed"] & rows["exit_time"].notna() & rows["direction"].isin(schema.DIRECTIONS)]
    found = told_decisions(left.sort_values("exit_time", kind="stable"), 1)
    return found[0] if found else None


def left_open(rows: pd.DataFrame) -> dict[str, Any] | None:
    """Of these decisions the one that was entered last, likewise, if it was never left; else null."""
    entered = told_trades(rows, pd.Timestamp(0, tz="UTC"))
    return entered[-1] if entered and entered[-1]["exit_time"] is None else None


def _holds(held: dict[str, Any], at: str, terms: Terms) -> bool:
    entered = parse_instant(held["entry_time"])
    return parse_instant(at) <= entered + pd.Timedelta(minutes=terms.hold_minutes)


def _told(row: Any) -> dict[str, Any]:
    numbers = {name: _number(getattr(row, name)) for name in _NUMBERS}
    words = {name: str(getattr(row, name))[:_SHOWN] for name in _WORDS}
    times = {name: _time(getattr(row, name)) for name in ("entry_time", "exit_time")}
    return {"at": iso(row.timestamp), **words, **numbers, **times, "result": result_of(row)}


def tick_rows(path: Path) -> list[dict[str, str]]:
    """The newest ticks that asked nobody, in the file's order, their first columns. Raises DataError where the newest row is none."""
    if not is_there(path):
        return []
    names = read_header(path)
    with open_file(path) as file:
        size = path.stat().st_size
        file.seek(max(0, size - _TICK_BYTES))
        lines = file.read().decode(errors="replace").split("\n")[:-1]
    fields = [line.split(",") for line in (lines if size <= _TICK_BYTES else lines[1:])]
    if not fields:
        return []
    if len(fields[-1]) != len(names) or not set(FIRST_COLUMNS) <= set(names):
        raise DataError(
            "its newest row is none", path=path, fix="Move the file away; the loop makes a new one"
        )
    rows = [dict(zip(names, each, strict=True)) for each in fields if len(each) == len(names)]
    return [{name: row[name] for name in FIRST_COLUMNS} for row in rows if list(row.values()) != names]


def quiet_stretches(rows: list[dict[str, str]], asked_at: list[str]) -> list[dict[str, Any]]:
    """Ticks that asked nobody, between two decisions (`asked_at`, ISO times) one stretch, the newest first.

    `at` of the first tick, `until` of the last, `count`, and `reasons`: outcome, reason_code and count of each, the most frequent first.
    """
    known = [row for row in rows if instant_or_none(row["timestamp"]) is not None]
    asked = sorted(asked_at)
    found = []
    for _, group in groupby(known, lambda row: bisect_right(asked, row["timestamp"])):
        ticks = list(group)
        counts = Counter((row["outcome"], row["reason_code"]) for row in ticks).most_common()
        reasons = [{"outcome": each[0], "reason_code": each[1], "count": n} for each, n in counts]
        told = {"at": ticks[0]["timestamp"], "until": ticks[-1]["timestamp"], "count": len(ticks)}
        found.append({**told, "reasons": reasons})
    return found[::-1]


def feed_of(rows: pd.DataFrame | None, ticks: list[dict[str, str]], most: int) -> list[dict[str, Any]]:
    """Decisions (`kind` decision) and what lay between them (`kind` quiet), the newest `most`, the newest first."""
    decisions = [{"kind": "decision"} | each for each in ([] if rows is None else told_decisions(rows, most))]
    quiet = [{"kind": "quiet"} | each for each in quiet_stretches(ticks, [each["at"] for each in decisions])]
    both = sorted([*decisions, *quiet], key=lambda each: each.get("until", each["at"]), reverse=True)
    return both[:most]


def _number(value: float) -> float | None:
    return None if pd.isna(value) else float(value)


def _time(value: Any) -> str | None:
    return None if pd.isna(value) else iso(value)
