"""Trades booked on vectorbt: equity, drawdown and sums of trades whose exits are already resolved.

vectorbt has no time stop and does not know the order inside a candle, so exits are found first
(lib.market.exits) and it is handed orders with their prices. It runs on its Rust engine. The round trip is
charged half at each order as a fixed fee, in percent of the *entry* price, which makes its P&L exactly that
of docs/definitions.md. Importing vectorbt takes seconds: only this module does.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lib.market.costs import DEFAULT_COSTS, Costs, signs

if TYPE_CHECKING:
    import vectorbt

_ENGINE = "rust"
#: Peak memory of `booked_returns` for one trade of one column, measured with vectorbt 1.2.
BYTES_PER_TRADE = 900


def book(
    trades: pd.DataFrame, candles: pd.DataFrame, costs: Costs = DEFAULT_COSTS, engine: str = _ENGINE
) -> vectorbt.Portfolio:
    """One unit a trade, booked over the candles' closes.

    `trades` (non-overlapping; direction, entry_time, entry_price, exit_time, exit_price) and `candles`
    (closed_at, close; what marks the equity in between). Rows of the portfolio are events in time order;
    its index holds their UTC times, which may repeat, without zone: vectorbt turns zoned ones into objects,
    which is a hundred times as slow.
    """
    sign = signs(trades["direction"])
    fee = trades["entry_price"].to_numpy() * costs.round_trip_pct / 200
    events = pd.DataFrame(
        {
            "time": pd.concat(
                [candles["closed_at"], trades["exit_time"], trades["entry_time"]], ignore_index=True
            ),
            # At one instant the exit comes first, then the mark, then the next entry: a trade that a candle ended is not marked at
            # that candle's close, which it did not live to see.
            "rank": np.repeat([1, 0, 2], [len(candles), len(trades), len(trades)]),
            "price": np.concatenate([candles["close"], trades["exit_price"], trades["entry_price"]]),
            "size": np.concatenate([np.full(len(candles), np.nan), -sign, sign]),
            "fee": np.concatenate([np.zeros(len(candles)), fee, fee]),
        }
    ).sort_values(["time", "rank"], kind="stable")
    times = pd.DatetimeIndex(events["time"]).tz_localize(None)
    price, size = (pd.Series(events[name].to_numpy(), index=times) for name in ("price", "size"))
    return _portfolio(price, size, events["fee"].to_numpy(), engine)


def booked_returns(
    column: np.ndarray,
    columns: int,
    sign: np.ndarray,
    entry_price: np.ndarray,
    exit_price: np.ndarray,
    costs: Costs = DEFAULT_COSTS,
) -> np.ndarray:
    """Net returns in percent of n trades that lie in `columns` books of non-overlapping ones, in the order of their books.

    `column` names the book of each, ascending; `sign` is +1 for LONG, −1 for SHORT. Books are filled up to the longest: peak memory is
    about BYTES_PER_TRADE × columns × its trades, and what does not fit is booked in several calls.
    """
    trades = np.bincount(column, minlength=columns)
    place = np.arange(len(column)) - np.repeat(np.cumsum(trades) - trades, trades)
    shape = (int(trades.max(initial=0)), columns)
    signs_, entries, exits = np.full(shape, np.nan), np.ones(shape), np.ones(shape)
    signs_[place, column], entries[place, column], exits[place, column] = sign, entry_price, exit_price
    portfolio = _book_arrays(signs_, entries, exits, costs)
    records = portfolio.trades.records_arr
    found = np.full(shape, np.nan)
    found[records["entry_idx"] // 2, records["col"]] = records["return"] * 100
    # Its caches refer back to it: left to the garbage collector, arrays of several calls would pile up.
    vars(portfolio).clear()
    return found[place, column]


def _book_arrays(
    sign: np.ndarray, entry_price: np.ndarray, exit_price: np.ndarray, costs: Costs
) -> vectorbt.Portfolio:
    # Rows of different columns are not the same instants: row 2k is the entry of a column's trade k, row 2k + 1 its exit.
    trades, columns = sign.shape
    rows = max(2 * trades, 1)
    price, fee = np.ones((rows, columns)), np.zeros((rows, columns))
    size = np.full((rows, columns), np.nan)
    half = entry_price * costs.round_trip_pct / 200
    for first, prices, sizes in ((0, entry_price, sign), (1, exit_price, -sign)):
        into = slice(first, 2 * trades, 2)
        price[into], size[into], fee[into] = prices, sizes, half
    return _portfolio(price, size, fee, _ENGINE)


def _portfolio(
    price: pd.Series | np.ndarray, size: pd.Series | np.ndarray, fee: np.ndarray, engine: str
) -> vectorbt.Portfolio:
    return _plain_portfolio().from_orders(
        close=price,
        size=size,
        price=price,
        fixed_fees=fee,
        init_cash=1000 * (float(np.nanmax(price)) if price.size else 1.0),
        freq="5min",
        engine=engine,
    )


@cache
def _plain_portfolio() -> type[vectorbt.Portfolio]:
    """A portfolio without the metrics and plots of vectorbt's own reports, which each one would copy: half of what it takes to make one."""
    import vectorbt as vbt

    class _Plain(vbt.Portfolio):
        _metrics, _subplots = vbt.utils.config.Config({}), vbt.utils.config.Config({})

    return _Plain
