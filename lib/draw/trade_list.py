"""Trades one by one, a row each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from lib.contract.dollars import A_COIN, Coin
from lib.contract.smart_backtest import TradeExample
from lib.draw.numbers import counted, dollars, per_coin, percent, price_words
from lib.draw.tables import Table, show_rows
from lib.draw.words import name_words, setup_words

#: Trades that a report lists at most; the log has them all.
MOST_LISTED = 200


def _prices(trade: Any, coin: Coin) -> str:
    """From which price to which."""
    return " → ".join(price_words(price, coin.decimals) for price in (trade.entry_price, trade.exit_price))


def show_examples(examples: Sequence[TradeExample], coin: Coin = A_COIN) -> Table:
    """Single trades, each with its setup."""
    rows = [
        {
            "entry (UTC)": trade.entry_time,
            "setup": setup_words(trade.signature),
            "price": _prices(trade, coin),
            f"net, {per_coin(coin)}": dollars(trade.pnl_dollars, coin),
            "net return": percent(trade.net_pct, 3, signed=True),
            "held": f"{trade.hold_minutes:g} min",
            "exit": name_words(trade.exit_reason),
        }
        for trade in examples
    ]
    return show_rows(rows, caption="The best trades, picked in hindsight: how a setup looks when it works")


def show_trades(closed: pd.DataFrame, coin: Coin = A_COIN) -> Table:
    """The trades of a trades frame, each a row, newest first; of more than MOST_LISTED the newest, and the caption says so."""
    listed = closed.sort_values("entry_time", kind="stable")[::-1][:MOST_LISTED]
    rows = [
        {
            "entry (UTC)": f"{trade.entry_time:%Y-%m-%d %H:%M}",
            "setup": setup_words(trade.signature),
            "confidence": "–" if pd.isna(trade.confidence) else f"{trade.confidence:.2f}",
            "price": _prices(trade, coin),
            f"net, {per_coin(coin)}": dollars(trade.net_usd, coin),
            "net return": percent(trade.net_pct, 3, signed=True),
            "held": f"{trade.hold_minutes:.1f} min",
            "exit": name_words(trade.exit_reason),
        }
        for trade in listed.itertuples()
    ]
    of = "All" if len(closed) == len(listed) else f"The newest {len(listed):,} of"
    return show_rows(rows, caption=f"{of} {counted(len(closed), 'trades')}, one by one, newest first")
