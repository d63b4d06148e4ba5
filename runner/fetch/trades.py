"""The log of another bot into `claude_decisions.csv`: first a plan that writes nothing, then the plan carried out.

What would surprise: a trade that the folder holds is known by its content, so a second import adds nothing; and trades older than those
there are put among them in the order of time, because logs of several months come in any order.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lib.analysis.trades import price_log
from lib.contract import schema
from lib.contract.standing import open_file
from lib.contract.times import iso
from lib.data.decisions import kind_of
from lib.data.loaders import load_candles
from lib.errors import DataError, MixedDecisionsError
from lib.foreign.closed_trades import SYMBOL, ClosedTrades, closed_trades
from lib.foreign.market_name import same_market
from lib.foreign.trade_columns import corrected, guess_columns, named_columns
from lib.foreign.trade_money import CENT
from lib.foreign.trade_rows import Reading, zone_of
from lib.foreign.trade_table import read_trade_table
from lib.foreign.trade_values import numbers_of, times_of
from lib.foreign.trade_words import is_known_name
from lib.market.costs import Costs
from lib.market.readings import CANDLE, rows_at
from runner.files import tables
from runner.files.tables import WriteCounts

#: Entry prices this far from the folder's candles, in percent by their median, are of another market.
_SAME_MARKET_PCT = 2.0
#: Zones lie whole quarters of an hour apart, from UTC-12 to UTC+14.
_ZONE_STEP, _ZONES_APART = pd.Timedelta(minutes=15), pd.Timedelta(hours=26)


@dataclass(frozen=True)
class TradesPlan:
    """What an import would write, and how it came to that."""

    path: Path
    folder: Path
    columns: dict[str, str]  #: field → column of the file
    examples: dict[str, str]  #: field → its first text
    unused: list[str]
    rows_read: int
    trades: ClosedTrades
    held: int  #: trades that the folder holds already
    costs: Costs  #: of trades whose fees are not known

    @property
    def new(self) -> int:
        """Trades to be written."""
        return len(self.trades.decisions) - self.held

    def figures(self) -> dict[str, Any]:
        """The closed trades of the file in a few figures, as JSON types."""
        closed = price_log(self.trades.decisions, self.costs).closed
        sized = closed["net_account"].notna()
        account = closed[sized]
        return {
            "trades": len(closed),
            "first_entry": iso(closed["entry_time"].min()) if len(closed) else None,
            "last_exit": iso(closed["exit_time"].max()) if len(closed) else None,
            "long": int((closed["direction"] == "LONG").sum()),
            "short": int((closed["direction"] == "SHORT").sum()),
            "models": {str(name): int(count) for name, count in closed["model"].value_counts().items()},
            "win_rate": round(100 * float(closed["win"].mean()), 1) if len(closed) else None,
            "net_pct": round(float(closed["net_pct"].sum()), 4),
            "gross_pct": round(float(closed["gross_pct"].sum()), 4),
            "with_size": int(sized.sum()),
            "with_fees": int(self.trades.decisions["fees"].notna().sum()),
            "account_net": round(float(account["net_account"].sum()), 2) if sized.any() else None,
            "account_gross": round(float(account["gross_account"].sum()), 2) if sized.any() else None,
        }

    def source_check(self) -> dict[str, Any]:
        """How the source's own P&L compares with prices, size and its fee columns, as JSON types."""
        check = self.trades.check
        return {
            "pnl_is": check.meaning,
            "compared": check.compared,
            "deviating": check.deviating,
            "source_sum": _rounded(check.source_net),
            "own_sum": _rounded(check.own_net),
            "largest": self.trades.places[check.largest] if check.largest is not None else None,
        }


def _example(texts: pd.Series, field: str, reading: Reading) -> str:
    """A column's first text, and what it is read as."""
    filled = texts[texts != ""]
    text = " ".join(str(next(iter(filled), "(blank)")).split())[:40]
    if field.endswith("_time") and len(filled):
        first = times_of(filled, zone_of(str(texts.name), reading) or UTC, reading.day_first)[0][0]
        return f"{text} -> {'no time' if pd.isna(first) else iso(first)}"
    return text


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def plan_import(
    path: Path, folder: Path, corrections: Sequence[str], reading: Reading, costs: Costs, now: pd.Timestamp
) -> TradesPlan:
    """Read the table and compare it with the folder; writes nothing.

    Raises MissingDataError, HeaderError, NaiveTimeError, DataError, ParameterError for the table, MixedDecisionsError where the folder
    holds decisions of another kind, DataError where it is of another market, or holds a trade of the file with other values.
    """
    named = named_columns(corrections)
    table = read_trade_table(path, lambda name: is_known_name(name) or name.strip() in named)
    columns = corrected(guess_columns(table.table), corrections, table.table.columns)
    held = _held_rows(folder / schema.DECISIONS_FILE)
    trades = closed_trades(table, columns, reading, now)
    _refuse_another_market(folder, held, trades.decisions)
    _refuse_changed(path, held, trades)
    _refuse_moved(path, held, trades)
    ids = {row.get("decision_id") for row in held}
    return TradesPlan(
        path,
        folder,
        columns,
        {field: _example(table.table[name], field, reading) for field, name in columns.items()},
        [name for name in table.table.columns if name not in columns.values()],
        len(table.table) + len(table.malformed),
        trades,
        int(trades.decisions["decision_id"].isin(ids).sum()),
        costs,
    )


def write_trades(plan: TradesPlan) -> WriteCounts:
    """Carry out a plan. Raises LockedError while another process writes, MixedDecisionsError, WriteFailedError."""
    plan.folder.mkdir(parents=True, exist_ok=True)
    with tables.decisions_journal(plan.folder, plan.trades.decisions.drop(columns=SYMBOL)) as journal:
        return tables.insert_decisions(journal, plan.trades.decisions)


def _held_rows(path: Path) -> list[Mapping[str, str]]:
    """The rows of a folder's decisions file, none without one; raises MixedDecisionsError where any is not imported."""
    if not path.exists():
        return []
    with open_file(path, "r", encoding="utf-8", errors="replace", newline="") as file:
        rows = [{name: text or "" for name, text in row.items() if name} for row in csv.DictReader(file)]
    kinds = sorted({kind_of(row.get("model", ""), row.get("reason_code", "")) for row in rows} - {"imported"})
    if kinds:
        raise MixedDecisionsError(
            f"the file holds decisions of kind {', '.join(kinds)}; imported trades cannot go beside them",
            path=path,
            fix="Import into a folder of its own: give another --trading-data",
        )
    return rows


def _refuse_changed(path: Path, held: Sequence[Mapping[str, str]], trades: ClosedTrades) -> None:
    """A trade that the folder holds with other values would count twice: a spreadsheet rounds prices and drops seconds.

    Two that began and ended in the same minutes are taken where one file holds both.
    """
    given = set(trades.decisions["decision_id"])
    others = {_minutes(row): row for row in held if row.get("decision_id") not in given}
    known = {row.get("decision_id"): row for row in held}
    for place, row in zip(trades.places, trades.decisions.to_dict("records"), strict=True):
        told = {name: iso(row[name]) for name in ("entry_time", "exit_time")} | {
            "direction": row["direction"]
        }
        same = known.get(row["decision_id"])
        if same is not None:
            _refuse_other_fees(path, place, row["fees"], same.get("fees", ""))
        stands = None if same is not None else others.get(_minutes(told))
        if stands:
            here, there = (f"{each['entry_price']} to {each['exit_price']}" for each in (row, stands))
            raise DataError(
                f"{place}: the {told['direction']} trade from {told['entry_time']} to {told['exit_time']} ({here}) stands in the folder, "
                f"written otherwise: from {stands['entry_time']} to {stands['exit_time']} ({there})",
                path=path,
                fix="Give the file as the bot wrote it, or another --trading-data; where both trades were made, one file with both",
            )


def _refuse_other_fees(path: Path, place: str, fees: float, held: str) -> None:
    """A broker books fees and funding late: what the folder holds would stay as it was without a word."""
    before = float(numbers_of(pd.Series([held]))[0])
    if np.isfinite(fees) and not abs(fees - before) <= CENT:
        told = f"{before:.2f} in fees and funding" if np.isfinite(before) else "fees that are not known"
        raise DataError(
            f"{place}: the trade stands in the folder with {told}, and here with {fees:.2f}",
            path=path,
            fix=f"To take these, import all its files anew into another --trading-data, or move {schema.DECISIONS_FILE} away first; "
            "to keep those, leave the row out",
        )


def _refuse_moved(path: Path, held: Sequence[Mapping[str, str]], trades: ClosedTrades) -> None:
    """A trade that the folder holds at another zone's times would count twice: who travels exports, or imports, in another zone.

    The same prices and size, held as long, whole quarters of an hour apart are one trade; two of them are taken where one file holds both.
    """
    given = set(trades.decisions["decision_id"])
    known = {row.get("decision_id") for row in held}
    others: dict[tuple[object, ...], list[pd.Timestamp]] = {}
    for row in held:
        if row.get("decision_id") not in given and (made := _what_was_made(row)):
            others.setdefault(made, []).append(pd.Timestamp(row["entry_time"]))
    for place, row in zip(trades.places, trades.decisions.to_dict("records"), strict=True):
        entered = row["entry_time"]
        stands = [] if row["decision_id"] in known else others.get(_what_was_made(row), [])
        moved = next((there for there in stands if _zones_apart(entered - there)), None)
        if moved is not None:
            raise DataError(
                f"{place}: the {row['direction']} trade of {row['entry_price']} to {row['exit_price']}, entered at {iso(entered)}, stands "
                f"in the folder, entered at {iso(moved)}: the same prices, held as long. Its times seem to be of another zone",
                path=path,
                fix="Name the zone of this file's times with --timezone; if those in the folder are wrong, import all into another "
                "--trading-data; where both trades were made, give one file with both",
            )


def _zones_apart(apart: pd.Timedelta) -> bool:
    return apart % _ZONE_STEP == pd.Timedelta(0) and pd.Timedelta(0) < abs(apart) <= _ZONES_APART


def _what_was_made(row: Mapping[str, Any]) -> tuple[object, ...]:
    """Direction, prices, size and length of a trade, whatever time it had; empty where a row of the folder cannot be read so."""
    try:
        figures = [float(row[name]) for name in ("entry_price", "exit_price")]
        size = float(row.get("size") or "nan")
        held = pd.Timestamp(row["exit_time"]) - pd.Timestamp(row["entry_time"])
    except (KeyError, ValueError, TypeError):
        return ()
    return (row["direction"], *figures, None if np.isnan(size) else size, held)


def _minutes(row: Mapping[str, str]) -> tuple[str, ...]:
    """Direction, entry and exit of a trade to the minute; times are ISO 8601."""
    return (row.get("direction", ""), *(row.get(name, "")[:16] for name in ("entry_time", "exit_time")))


def _refuse_another_market(folder: Path, held: Sequence[Mapping[str, str]], decisions: pd.DataFrame) -> None:
    known = next((row[SYMBOL] for row in held if row.get(SYMBOL)), "")
    ours = next(iter(decisions[SYMBOL]), "")
    fix = "One market, one folder: give another --trading-data"
    if not same_market(known, ours):
        raise DataError(
            f"the folder holds imported trades of {known}, not of {ours}",
            path=folder / schema.DECISIONS_FILE,
            fix=fix,
        )
    if not (folder / schema.CANDLE_FILES["5min"]).exists() or decisions.empty:
        return
    candles, _ = load_candles(folder, "5min", None, None)
    places = rows_at(pd.DatetimeIndex(decisions["entry_time"]), candles, CANDLE)
    inside = places >= 0
    if not inside.any():
        return
    closes = candles["close"].to_numpy()[places[inside]]
    off = float(np.median(np.abs(decisions["entry_price"].to_numpy()[inside] / closes - 1)) * 100)
    if off > _SAME_MARKET_PCT:
        raise DataError(
            f"its entry prices lie {off:.1f} % (median of {int(inside.sum())}) from the candles there: another market, or another zone",
            path=folder / schema.CANDLE_FILES["5min"],
            fix=fix + ", or correct --timezone",
        )
