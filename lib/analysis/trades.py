"""Closed trades out of a decisions log, and how any trade gets its setup, regime and episode.

P&L is recomputed from the logged fills; what the log says of it is only compared. An old row without an exit
time counts as held for the 45 minutes after which its exit is known, and says nothing about hold times.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.contract import schema
from lib.data.window import MarketWindow
from lib.market.costs import DEFAULT_COSTS, Costs, price_trades, signs
from lib.market.exits import NO_GAP
from lib.market.readings import instants
from lib.stats.episodes import assign_episodes

#: A logged P&L further than this from the recomputed one, in points of percent, is a deviation.
_DEVIATION_POINTS = 0.01
#: Fees are written with eight decimals of money: what follows behind these of the percentage is how they were rounded, and no cost.
_FEE_DECIMALS = 6
#: What stands in columns that not every kind of trade has.
_MISSING = dict.fromkeys(("confidence", "stop_pct", "gross_account", "net_account"), float("nan"))
_MISSING |= {"ambiguous": False}


@dataclass(frozen=True)
class ActualTrades:
    """The window's executed decisions: closed ones as a trades frame, and what could not become a trade."""

    closed: pd.DataFrame
    open_trades: int
    incomplete: int
    deviations: int


@dataclass(frozen=True)
class ExecutedTrades:
    """The window's executed decisions with their log columns: closed ones priced, open ones, and how many are neither."""

    closed: pd.DataFrame
    still_open: pd.DataFrame
    incomplete: int


def complete_trades(trades: pd.DataFrame, window: MarketWindow) -> pd.DataFrame:
    """Priced trades with setup, regime and episode added, ordered by entry: a trades frame
    (schema.TRADE_COLUMNS).
    """
    # A trade without an exit comes last of those entered with it.
    left = np.where(trades["exit_time"].isna(), NO_GAP, instants(trades["exit_time"]))
    order = np.lexsort((left, instants(trades["entry_time"])))
    # One frame made of columns: each step from frame to frame would cost as much again.
    given = {name: trades[name].array.take(order) for name in schema.TRADE_COLUMNS if name in trades}
    ordered = pd.DataFrame(given)
    found = _MISSING | given | window.readings.columns_of(ordered)
    found["episode"] = assign_episodes(ordered["entry_time"], ordered["exit_time"])
    return pd.DataFrame({name: found[name] for name in schema.TRADE_COLUMNS}, index=ordered.index)


def executed_trades(window: MarketWindow, costs: Costs = DEFAULT_COSTS) -> ExecutedTrades:
    """The executed decisions whose entry lies in the window; one counts as closed once its exit is known at `as_of`.

    Both frames have `fees_pct`, of the round trip in percent of the entry price: what the row logs, else the configured rate. Closed
    ones have `gross_account` and `net_account`, the account's money, NaN where the row logs no size.
    """
    return executed_between(window.decisions, window.start, window.as_of, costs)


def executed_between(
    log: pd.DataFrame, start: pd.Timestamp, as_of: pd.Timestamp, costs: Costs = DEFAULT_COSTS
) -> ExecutedTrades:
    """`executed_trades` of a decisions frame as it was known at `as_of`, which reaches from DECISIONS_WARMUP before `start` on."""
    entry = log["entry_time"].fillna(log["timestamp"])
    return price_log(log[(entry > start) & (entry <= as_of)], costs)


def price_log(log: pd.DataFrame, costs: Costs = DEFAULT_COSTS) -> ExecutedTrades:
    """The executed rows of any decisions frame, whatever their time; as `executed_trades`."""
    rows = log[log["executed"] & log["direction"].isin(["LONG", "SHORT"])].copy()
    rows["entry_time"] = rows["entry_time"].fillna(rows["timestamp"])
    has_exit = rows["exit_price"].notna()
    timed = rows["exit_time"].notna()
    assumed = rows["timestamp"] + pd.Timedelta(minutes=schema.EXIT_KNOWN_AFTER_MINUTES)
    rows["exit_time"] = rows["exit_time"].where(timed | ~has_exit, assumed)
    valid = (
        (rows["entry_price"] > 0)
        & ~(has_exit & ~(rows["exit_price"] > 0))
        & ~(rows["exit_time"] < rows["entry_time"])
    )
    rows["fees_pct"] = _fees_pct(rows, costs)
    rows["stop_pct"] = _stop_pct(rows)
    closed = rows[valid & has_exit]
    closed = _with_account(price_trades(closed, closed["fees_pct"]))
    closed.loc[~timed, "hold_minutes"] = float("nan")
    known = closed["exit_reason"].isin(schema.EXIT_REASONS)
    closed["exit_reason"] = closed["exit_reason"].where(known, "OTHER")
    return ExecutedTrades(closed=closed, still_open=rows[valid & ~has_exit], incomplete=int((~valid).sum()))


def _fees_pct(rows: pd.DataFrame, costs: Costs) -> pd.Series:
    """docs/definitions.md, Money: logged fees are of both sides and in the account's currency, so the size says what they are of."""
    logged = (rows["fees"] / (rows["size"] * rows["entry_price"]) * 100).round(_FEE_DECIMALS)
    return logged.where((rows["size"] > 0) & (rows["entry_price"] > 0), float("nan")).fillna(costs.fees_pct)


def _stop_pct(rows: pd.DataFrame) -> pd.Series:
    """Distance of the stop from the fill, percent: by its logged price, else as it was recommended."""
    by_price = signs(rows["direction"]) * (1 - rows["stop_price"] / rows["entry_price"]) * 100
    return by_price.where(by_price > 0, rows["stop_pct"])


def _with_account(closed: pd.DataFrame) -> pd.DataFrame:
    """docs/definitions.md, Money: price difference × size, and that less the logged fees, or those of the configured rate."""
    size = closed["size"].where(closed["size"] > 0)
    at_rate = closed["fees_pct"] / 100 * closed["entry_price"] * size
    gross = closed["gross_usd"] * size
    return closed.assign(gross_account=gross, net_account=gross - closed["fees"].fillna(at_rate))


def actual_trades(window: MarketWindow, costs: Costs = DEFAULT_COSTS) -> ActualTrades:
    """`executed_trades` as a trades frame, and how many logged results deviate from the recomputed ones."""
    executed = executed_trades(window, costs)
    closed = executed.closed
    off = (closed["pnl_pct"] - closed["gross_pct"]).abs() > _DEVIATION_POINTS
    off |= (closed["net_pnl_pct"] - closed["net_pct"]).abs() > _DEVIATION_POINTS
    return ActualTrades(
        closed=complete_trades(closed, window),
        open_trades=len(executed.still_open),
        incomplete=executed.incomplete,
        deviations=int(off.sum()),
    )
