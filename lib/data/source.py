"""Where a window's rows come from: who decided, on what market."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from lib.contract import schema
from lib.contract.dollars import CENTS, Coin, dollar_decimals
from lib.data.decisions import DecisionsKind, kinds_in
from lib.data.newest import newest_symbol
from lib.data.one_market import TWO_MARKETS_FIX, mixed_frames
from lib.data.rows import RowCounts
from lib.errors import DataError, MixedDecisionsError

_LABELS: dict[DecisionsKind, str] = {
    "live": "your trades",
    "rules": "rule decider",
    "simulated": "simulated decisions",
    "imported": "imported trades",
    "none": "no decisions yet",
}


_DECIMALS = "dollar_decimals"
#: Where a window's prices are looked for, in this order: frame → column.
_PRICES = {"candles_5min": "close", "samples_5min": "price", "decisions": "entry_price"}
#: The coin of a symbol: ETHUSDT, BINANCE:ETHUSDT.P, ETH/USDT:USDT.
_BASE = re.compile(
    r"(?a)(?:SYNTHETIC-)?(?:[A-Z0-9]+:)?([A-Z0-9]{2,10}?)[-/_]?(?:USDT|USDC|FDUSD|BUSD|USD|EUR|GBP)(?![A-Z0-9])"
)


@dataclass(frozen=True)
class DataSource:
    """Who decided, on what market. `symbol` is outside text: shown to people, never put into a prompt."""

    decisions: DecisionsKind
    synthetic: bool
    symbol: str
    unread: int = 0  #: rows of the decisions file that were set aside, where none was taken
    dollar_decimals: int = CENTS  #: of dollars per 1 coin

    @property
    def label(self) -> str:
        """In words for people; says "your trades" only of a trader's own."""
        whose = (
            f"decisions that cannot be read (set aside: {self.unread:,} rows)"
            if self.unread
            else _LABELS[self.decisions]
        )
        return whose + (f" on a {self._synthetic}" if self.synthetic else "")

    @property
    def market(self) -> str:
        """Whose prices, in words for people: for figures that rest on no decisions."""
        return self._synthetic if self.synthetic else self.symbol or "recorded market"

    @property
    def _synthetic(self) -> str:
        planted = self.symbol.startswith(schema.PLANTED_SYMBOL)
        return "synthetic market with planted edges" if planted else "synthetic market"

    @property
    def coin(self) -> Coin:
        """What dollars are told per 1 of: ETH of ETHUSDT; "coin" where no symbol says so."""
        named = _BASE.match(self.symbol.strip().upper())
        return Coin(named[1] if named else "coin", self.dollar_decimals)

    def as_dict(self) -> dict[str, object]:
        """As JSON, coin and label included; what was not read the label says, and decimals are named where they are more than cents."""
        told = {name: value for name, value in asdict(self).items() if name not in ("unread", _DECIMALS)}
        more = {_DECIMALS: self.dollar_decimals} if self.dollar_decimals > CENTS else {}
        return {**told, "coin": str(self.coin), **more, "label": self.label}


def source_of(
    folder: Path,
    frames: dict[str, pd.DataFrame],
    zone: str | None,
    last_symbol: Callable[[Path, str | None], str] = newest_symbol,
    read: RowCounts = RowCounts(),
) -> DataSource:
    """Who decided on what market, by the frames of a window; `last_symbol` finds that of a file where they name none.

    `read`: the counts of the window's decisions. Raises DataError where its files do not belong together.
    """
    symbols = pd.concat([frames["samples_15min"]["symbol"], frames["samples_5min"]["symbol"]])
    named = [symbol for symbol in symbols.unique().tolist() if symbol]
    if len(named) > 1:
        told = f"samples of {' and of '.join(named)} lie in one window: no ribbon is of both"
        raise DataError(told, path=folder, fix=TWO_MARKETS_FIX)
    if mixed := mixed_frames(frames):
        raise DataError(mixed.what, path=folder, fix=mixed.fix)
    if not named:
        files = (*schema.SAMPLE_FILES.values(), schema.DECISIONS_FILE)
        tails = (last_symbol(folder / name, zone) for name in files)
        named = [symbol for symbol in tails if symbol]
    synthetic = any(symbol.startswith(schema.SYNTHETIC_SYMBOL) for symbol in named)
    unread = 0 if read.ok else read.rows_in - read.set_aside.get("torn", 0)
    symbol = named[-1] if named else ""
    kind = decisions_kind(folder, frames["decisions"])
    return DataSource(kind, synthetic, symbol, unread, dollar_decimals(_prices(frames)))


def _prices(frames: dict[str, pd.DataFrame]) -> np.ndarray:
    """Of the window's market: of its candles, else of its samples, else of its trades."""
    told = (frames[name][column].to_numpy() for name, column in _PRICES.items())
    return next((prices for prices in told if len(prices)), np.array([]))


def decisions_kind(folder: Path, decisions: pd.DataFrame) -> DecisionsKind:
    """Whose the decisions of a window are; raises MixedDecisionsError where they are of several kinds."""
    kinds = kinds_in(decisions)
    if len(kinds) > 1:
        told = ", ".join(f"{kind} ({model!r})" for kind, model in kinds.items())
        raise MixedDecisionsError(
            f"decisions of several kinds in one window: {', '.join(kinds)}; the models are {told}",
            path=folder / schema.DECISIONS_FILE,
            column="model",
            fix="Keep one kind of decisions in a folder",
        )
    return next(iter(kinds), "none")
