"""Money of a foreign table that is none: figures in a coin, as accounts have them whose margin is a coin (inverse contracts).

A coin's amount has no fixed worth, so nothing is converted: a P&L in one is refused, a fee in one is unknown. A column says its coin by its
name (`pnl_btc`, "Realized PnL (BTC)"), or another column does (`fee_asset`, `settle_coin`).
"""

from __future__ import annotations

import re
from collections.abc import Set

import numpy as np
import pandas as pd

from lib.contract.visible import visible
from lib.errors import DataError
from lib.foreign.market_name import MONEY, plain_market
from lib.foreign.trade_rows import Cells
from lib.foreign.trade_words import CARRY, MONEY_OUT, PROFIT, SYMBOL, VOCABULARY, words_of

#: What accounts are kept in; a market's own coin counts beside these.
_COINS = frozenset(
    {
        "btc",
        "xbt",
        "eth",
        "bnb",
        "sol",
        "xrp",
        "ltc",
        "ada",
        "doge",
        "dot",
        "avax",
        "link",
        "bch",
        "trx",
        "sats",
        "satoshi",
    }
)
_MONEY_NAMES = {"currency", "ccy"}
#: Other money, by its sign; what is as good as a dollar; and what an account's own money is called.
_SIGNS = {"€": "EUR", "£": "GBP", "¥": "JPY"}
_DOLLARS = ("USD", "USDT", "USDC", "FDUSD", "TUSD", "BUSD", "DAI")
_OF_ACCOUNT = _MONEY_NAMES | {"account", "acc"}
_BEHIND = re.compile(r"[A-Za-z]{3,6}(?=\s*\)?$)")
_SETTLED = PROFIT | {"settle", "settlement", "settled", "margin"}
#: Fields that are refused in a coin.
_NEEDED_AS_MONEY = ("pnl", "notional")


def coin_of(name: str, market: str) -> str:
    """The coin or other money that a column's name says its figures are in, in capitals; "" for none, and for the market's own money."""
    plain = plain_market(market)
    signed = next((coin for sign, coin in _SIGNS.items() if sign in name), "")
    if signed and not _is_quote(signed, plain):
        return signed
    for word in re.findall(r"[a-z]+", re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name).lower()):
        own = len(word) > 1 and word not in VOCABULARY and plain.startswith(word.upper())
        other = word in _COINS or (word.upper() in MONEY and word.upper() not in _DOLLARS)
        if (own or other) and not _is_quote(word.upper(), plain):
            return word.upper()
    return ""


def refuse_coins(cells: Cells, market: str) -> None:
    """Raise DataError where the P&L, or a size in money, is of a coin, or of other money than the market is priced in."""
    for field in _NEEDED_AS_MONEY:
        name = cells.columns.get(field, "")
        if coin := coin_of(name, market):
            raise _in_coin(f"column {name!r} is in {coin}", cells, field, coin)
        texts = cells.texts(field)
        said = texts.map(lambda text: _named_in(text, market))
        if (said != "").any():
            odd = said[said != ""].index[0]
            told = f"column {name!r} has {visible(texts[odd][:60])!r}, which is in {said[odd]}"
            raise _in_coin(told, cells, field, said[odd])
    coins = _coins_beside(cells, _SETTLED) if "pnl" in cells.columns else None
    if coins is not None:
        filled = coins[_foreign(coins, market)]
        if len(filled):
            told = f"column {coins.name!r} says that column {cells.columns['pnl']!r} is in {visible(filled.iloc[0])}"
            raise _in_coin(told, cells, "pnl", filled.iloc[0])


def _named_in(text: str, market: str) -> str:
    """The coin or other money that a figure's own text names, by its sign or behind it; "" for none, and for the market's own money."""
    signed = next((coin for sign, coin in _SIGNS.items() if sign in text), "")
    behind = _BEHIND.search(text)
    coin = signed or (behind[0].upper() if behind else "")
    plain = plain_market(market)
    known = coin in MONEY or coin.lower() in _COINS or (len(coin) > 1 and plain.startswith(coin))
    return coin if known and coin not in _DOLLARS and not _is_quote(coin, plain) else ""


def inverse_pnl(cells: Cells) -> DataError:
    """The error for a P&L that is that of contracts of a fixed number of dollars, paid in the coin."""
    told = f"column {cells.columns['pnl']!r} is in the market's coin: it fits size x (1 / entry - 1 / exit)"
    return _in_coin(told, cells, "pnl", "")


def costs_in_coins(cells: Cells, fields: tuple[str, ...], market: str) -> pd.Series | None:
    """The coin of each trade's fees, or of its funding, in capitals, "" where they are money; None where nothing says it."""
    said = [cells.texts(field).map(lambda text: _named_in(text, market)) for field in fields]
    named = said[0].where(said[0] != "", said[-1])
    if (named != "").any():
        return named
    coins = _coins_beside(cells, CARRY if fields == ("funding",) else MONEY_OUT)
    if coins is not None:
        return coins.where(_foreign(coins, market), "")
    named = next((coin for field in fields if (coin := coin_of(cells.columns.get(field, ""), market))), "")
    return pd.Series(named, index=cells.table.index, dtype=object) if named else None


def _coins_beside(cells: Cells, about: Set[str]) -> pd.Series | None:
    for name in cells.table.columns:
        words = set(words_of(name))
        coins = cells.table[name].astype(str).str.strip().str.upper()
        if words & about and words & (SYMBOL | _MONEY_NAMES):
            return coins
        if words & _MONEY_NAMES and words <= _OF_ACCOUNT and coins.isin(MONEY).any():  # of all its money
            return coins.where(coins.isin(MONEY), "")
    return None


def _foreign(coins: pd.Series, market: str) -> np.ndarray:
    plain = plain_market(market)
    return np.array([bool(coin) and coin not in _DOLLARS and not _is_quote(coin, plain) for coin in coins])


def _is_quote(coin: str, plain: str) -> bool:
    """Whether a market is priced in a coin, as ETHBTC is in BTC."""
    return plain != coin and plain.endswith(coin)


def _in_coin(told: str, cells: Cells, field: str, coin: str) -> DataError:
    leave = f"Leave it out with --column {field}=, or write it in"
    if coin in MONEY:
        other = "other money than its market is priced in, and what that was worth is not known"
        return DataError(f"{told}: {other}", fix=f"{leave} the market's own")
    size = cells.columns.get("size")
    contracts = (
        f"; if its sizes are contracts of one dollar, add --column notional={size}, if they are of more, --column size="
        if size
        else ""
    )
    return DataError(
        f"{told}, and a coin is no money",
        fix=f"{leave} dollars (times the exit price){contracts}",
    )
