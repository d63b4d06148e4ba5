"""Trades booked on vectorbt: equity, drawdown and sums of trades whose exits are already resolved.

vectorbt has no time stop and does not know the order inside a candle, so exits are found first
(lib.market.exits) and it is handed orders with their prices. It runs on its Rust engine. The round trip is
charged half at each order as a fixed fee, in percent of the *entry* price, which makes its P&L exactly that
of DEFINITIONS. Importing vectorbt takes seconds: only this module does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lib.market.costs import DEFAULT_COSTS, Costs, signs

if TYPE_CHECKING:
    import vectorbt

ENGINE = "rust"


def book(
    trades: pd.DataFrame, candles: pd.DataFrame, costs: Costs = DEFAULT_COSTS, engine: str = ENGINE
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
            # At one instant the mark comes first, then the exit, then the next entry.
            "rank": np.repeat([0, 1, 2], [len(candles), len(trades), len(trades)]),
            "price": np.concatenate([candles["close"], trades["exit_price"], trades["entry_price"]]),
            "size": np.concatenate([np.full(len(candles), np.nan), -sign, sign]),
            "fee": np.concatenate([np.zeros(len(candles)), fee, fee]),
        }
    ).sort_values(["time", "rank"], kind="stable")
    return _portfolio(
        events["price"],
        events["size"],
        events["fee"],
        pd.DatetimeIndex(events["time"]).tz_localize(None),
        engine,
    )


def book_columns(
    columns: dict[str, pd.DataFrame], costs: Costs = DEFAULT_COSTS, engine: str = ENGINE
) -> vectorbt.Portfolio:
    """Many sets of non-overlapping trades at once, one column each; row 2k is the entry of trade k, row 2k +
    1 its exit.

    Rows of different columns are not the same instants, so only what is summed over a column's trades has
    meaning.
    """
    rows = max(2 * max((len(trades) for trades in columns.values()), default=0), 1)
    price = np.ones((rows, len(columns)))
    size = np.full((rows, len(columns)), np.nan)
    fee = np.zeros((rows, len(columns)))
    for column, trades in enumerate(columns.values()):
        sign, last = signs(trades["direction"]), 2 * len(trades)
        price[0:last:2, column], price[1:last:2, column] = trades["entry_price"], trades["exit_price"]
        size[0:last:2, column], size[1:last:2, column] = sign, -sign
        half = trades["entry_price"].to_numpy() * costs.round_trip_pct / 200
        fee[0:last:2, column], fee[1:last:2, column] = half, half
    names = pd.Index(list(columns))
    return _portfolio(
        pd.DataFrame(price, columns=names), pd.DataFrame(size, columns=names), fee, None, engine
    )


def _portfolio(
    price: pd.Series | pd.DataFrame,
    size: pd.Series | pd.DataFrame,
    fee: pd.Series | np.ndarray,
    times: pd.DatetimeIndex | None,
    engine: str,
) -> vectorbt.Portfolio:
    import vectorbt as vbt

    price, size = price.reset_index(drop=True), size.reset_index(drop=True)
    if times is not None:
        price.index = size.index = times
    top = float(np.nanmax(price.to_numpy())) if price.size else 1.0
    return vbt.Portfolio.from_orders(
        close=price,
        size=size,
        price=price,
        fixed_fees=np.asarray(fee),
        init_cash=1000 * top,
        freq="5min",
        engine=engine,
    )
