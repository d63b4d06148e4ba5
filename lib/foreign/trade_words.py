"""The words that names of columns in tables of trades are made of, and what the values of such a column can be."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from lib.foreign.trade_values import directions_of, flags_of, looks_like_time, numbers_of

ENTRY = {"entry", "open", "opened", "opening", "enter", "entered"}
EXIT = {"exit", "close", "closed", "closing", "exited"}
BOUGHT = {"buy": "entry", "bought": "entry", "sell": "exit", "sold": "exit"}
#: Words of times that are of a side only where no better one is there: an export of closed P&L may mean the closing order by both.
PERHAPS = {
    "entry": {"create", "created", "start"},
    "exit": {"updated", "filled", "settlement", "settled", "end"},
}
TIME = {"time", "date", "datetime", "timestamp", "ts", "at", "when", "on"}
PRICE = {"price", "rate", "px", "level", "quote"}
MONEY_OUT = {"fee", "fees", "commission", "commissions", "comm"}
CARRY = {"overnight", "swap", "swaps", "funding", "rollover", "taxes"}
PROFIT = {"pnl", "pl", "profit", "gain", "result", "profitloss", "return", "returns"}
SHARE = {"pct", "percent", "percentage", "ratio", "roi", "roe", "return", "returns"}
NO_TOTAL = {"unrealized", "unrealised", "mfe", "mae", "max", "min", "cum", "cumulative", "running", "balance", "equity", "drawdown",
             "runup", "high", "low", "initial", "requested", "expected", "planned", "r"}  # fmt: skip
SIZE = {
    "size",
    "sz",
    "qty",
    "quantity",
    "amount",
    "volume",
    "vol",
    "contracts",
    "units",
    "lots",
    "lot",
    "shares",
    "filled",
}
CURRENCY = {"usd", "usdt", "usdc", "eur"}
IN_MONEY = CURRENCY | {"value", "notional", "stake", "margin", "cost", "turnover", "quote"}
SYMBOL = {
    "symbol",
    "pair",
    "market",
    "instrument",
    "coin",
    "ticker",
    "asset",
    "contract",
    "contracts",
    "item",
    "product",
}
MODEL = {"model", "strategy", "bot", "agent", "system"}
WHY = {"reason", "why", "type", "tag", "signal", "comment", "cause", "trigger", "name", "by"}
TEXT = {"reasoning", "rationale", "justification", "thesis", "note", "notes", "explanation"}
_OTHER = {"id", "ticket", "trade", "order", "no", "number", "side", "direction", "position", "is", "short", "long", "stop", "loss", "take",
          "target", "sl", "tp", "net", "gross", "abs", "total", "realized", "realised", "avg", "average", "mean", "confidence", "conf",
          "probability", "status", "state", "deal", "human", "leverage", "currency", "in", "out",
          "create", "created", "updated", "settlement"}  # fmt: skip
VOCABULARY = frozenset().union(
    ENTRY,
    EXIT,
    TIME,
    PRICE,
    MONEY_OUT,
    CARRY,
    PROFIT,
    SHARE,
    SIZE,
    IN_MONEY,
    SYMBOL,
    MODEL,
    WHY,
    TEXT,
    _OTHER,
    BOUGHT,
)


@cache
def words_of(name: str) -> tuple[str, ...]:
    """The words of a column's name in lower case: camel case, separators and known compounds cut, what stands in brackets left out."""
    plain = (
        re.sub(r"\((?!%)[^)]*\)", " ", name).replace("%", " pct ").replace("#", " number ").replace("&", "")
    )
    plain = re.sub(r"\bP\s*/?\s*L\b", "pnl", plain).replace("PnL", "pnl").replace("Pnl", "Pnl")
    plain = re.sub(r"\b([ST])\s*/\s*([LP])\b", r"\1\2", plain)
    plain = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", plain).lower()
    return tuple(part for word in re.findall(r"[a-z]+", plain) for part in _cut(word))


def _cut(word: str) -> list[str]:
    """A word as known words, if it is made of nothing else: opentime is open, time."""
    if word in VOCABULARY:
        return [word]
    for length in range(len(word) - 1, 1, -1):
        if word[:length] in VOCABULARY and (rest := _cut(word[length:])) and set(rest) <= VOCABULARY:
            return [word[:length], *rest]
    return [word]


def is_known_name(name: str) -> bool:
    """Whether a column's name has a word that means something here."""
    return len(name) < 60 and bool(set(words_of(name)) & VOCABULARY)


@dataclass(frozen=True)
class Column:
    """A column's name, its words, and what its values can be."""

    name: str
    words: tuple[str, ...]
    twin: str  #: "entry" for the first of two columns of one name, "exit" for the second, else ""
    texts: pd.Series

    def has(self, *groups: Iterable[str]) -> bool:
        return all(set(self.words) & set(group) for group in groups)

    def share(self, good: np.ndarray | pd.Series) -> bool:
        return len(self.texts) > 0 and float(np.mean(good)) > 0.5

    @property
    def is_number(self) -> bool:
        return self.share(np.isfinite(numbers_of(self.texts)))

    @property
    def is_time(self) -> bool:
        return self.share(self.texts.map(looks_like_time))

    @property
    def is_direction(self) -> bool:
        return self.share(directions_of(self.texts) != "")

    @property
    def is_flag(self) -> bool:
        return self.share(flags_of(self.texts).notna())


def is_uncertain_time(name: str) -> bool:
    """Whether a column's name leaves open of which side its time is, as that of a closing order."""
    words = set(words_of(name))
    return bool(words & (PERHAPS["entry"] | PERHAPS["exit"])) and not words & (ENTRY | EXIT)
