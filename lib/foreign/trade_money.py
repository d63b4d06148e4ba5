"""The money of a foreign table of trades: what its P&L column means, what each trade paid in fees, and where the source contradicts itself.

Where the source gives its own net P&L, that is what its account got: a trade's fees are what the net leaves of price difference × size
(docs/definitions.md, Money), funding and rounding included. Its fee columns are then only compared. Without it they are the fees.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from lib.errors import DataError

Meaning = Literal["net", "gross", "none", "unlike"]
#: A price move of at least this share of the entry price shows its sign, and the size, in the P&L whatever the fees were.
_CLEAR_MOVE = 0.005
#: As many clear moves must agree before the table is said to contradict itself.
_ENOUGH, _MOST = 2, 0.8
#: A smaller move is clear too if the P&L less the fees fits the sides one way so many times better than the other.
_FAR = 5
#: So many trades tell what share of their value the fees are where no column does; and the shares that are believed, rebates below 0.
_TELLING, _LEAST_FEES, _MOST_FEES = 10, -0.001, 0.01
#: And if the two ways differ by so many times what this share of the trades keeps within anyway (fees and funding that no column tells).
_ABOVE_NOISE, _NOISE = 3, 0.9
#: So many clear moves may be against the P&L, by funding say, before the sides are said to be wrong.
_FEW = 0.2
#: Dollars that a contract paid in the coin is of, and what its P&L in coins is of that in money at most.
_CONTRACTS, _TINY = (1, 10, 100), 0.01
#: Money that differs by more than this is told.
CENT = 0.01


@dataclass(frozen=True)
class TradeMoney:
    """Figures of n trades as arrays (n,), NaN where a table does not say; money in the account's currency."""

    sign: np.ndarray  #: +1 LONG, −1 SHORT
    entry: np.ndarray
    exit: np.ndarray
    size: np.ndarray  #: units, above 0
    commissions: np.ndarray  #: both sides, above 0: paid
    funding: np.ndarray  #: as booked: below 0: paid
    pnl: np.ndarray  #: as the source has it

    @property
    def gross(self) -> np.ndarray:
        """Price difference × size."""
        return self.sign * (self.exit - self.entry) * self.size

    @property
    def own_net(self) -> np.ndarray:
        """Gross less commissions and funding, as far as the table has them."""
        return self.gross - np.nan_to_num(self.commissions) + np.nan_to_num(self.funding)


@dataclass(frozen=True)
class SourceCheck:
    """What the source's P&L was taken as, the fees that follow, and how it compares with prices, size and fee columns."""

    meaning: Meaning
    fees: np.ndarray
    net: np.ndarray  #: the source's own, NaN where it has none
    compared: int = 0
    deviating: int = 0  #: more than a cent apart
    source_net: float | None = None  #: sums over the compared
    own_net: float | None = None
    largest: int | None = None  #: the trade that is furthest off, by its place in the arrays


def check_source(money: TradeMoney, named: str) -> SourceCheck:
    """Take the P&L column as net or gross: by its name (`named`: net, gross or ""), else by which of them it comes nearest to."""
    costs = np.isfinite(money.commissions) | np.isfinite(money.funding)
    booked = np.where(costs, np.nan_to_num(money.commissions) - np.nan_to_num(money.funding), np.nan)
    nothing = np.full(len(money.pnl), np.nan)
    both = np.isfinite(money.pnl) & np.isfinite(money.gross)
    if not both.any():
        return SourceCheck("none", booked, money.pnl if named == "net" else nothing)
    meaning: Meaning = _meaning(money, both, named)
    if meaning != "net":
        off = np.abs(money.pnl - money.gross)
        return _compared(SourceCheck(meaning, booked, nothing), money, both, off, money.gross)
    fees = np.where(both, money.gross - money.pnl, booked)
    found = SourceCheck("net", fees, np.where(both, money.pnl, np.nan))
    known = both & costs
    return _compared(found, money, known, np.abs(money.pnl - money.own_net), money.own_net)


def _compared(
    found: SourceCheck, money: TradeMoney, known: np.ndarray, off: np.ndarray, ours: np.ndarray
) -> SourceCheck:
    if not known.any():
        return found
    far = known & (off > CENT)
    return SourceCheck(
        found.meaning,
        found.fees,
        found.net,
        int(known.sum()),
        int(far.sum()),
        float(money.pnl[known].sum()),
        float(ours[known].sum()),
        int(np.argmax(np.where(far, off, -1.0))) if far.any() else None,
    )


def _meaning(money: TradeMoney, both: np.ndarray, named: str) -> Meaning:
    value = money.entry * money.size
    left = ((money.gross - money.pnl) / value)[both]
    if not abs(np.median(left)) <= _MOST_FEES:
        return "unlike"
    if named in ("net", "gross"):
        return "net" if named == "net" else "gross"
    costs = np.nan_to_num(money.gross - money.own_net)[both]
    if (np.abs(costs) > 0).any():
        nearer = np.abs(left * value[both]) < np.abs(left * value[both] - costs)
        return "gross" if np.mean(nearer) > 0.5 else "net"
    return "gross" if np.mean(np.abs(left) < 2e-5) >= _MOST else "net"


def check_sides(money: TradeMoney, column: str) -> None:
    """Raise DataError where the P&L of clear moves says that long and short are the other way round, as a closing order's side is.

    `column` is the one that says the side.
    """
    moved = _clear(money) & np.isfinite(money.pnl) & (money.pnl != 0)
    other = np.sign(money.pnl) != np.sign(money.sign * (money.exit - money.entry))
    as_given, turned = _off(money, 1), _off(money, -1)
    nearer = np.fmin(as_given, turned)
    told = nearer[np.isfinite(nearer)]
    noise = np.quantile(told, _NOISE) if len(told) else 0.0
    move = np.abs(money.gross) / (money.entry * money.size)
    apart = np.abs(as_given - turned) > np.maximum(move / _FAR, _ABOVE_NOISE * noise)
    clear = moved | (apart & ((as_given < turned / _FAR) | (turned < as_given / _FAR)))
    if clear.sum() < _ENOUGH:
        return
    against = np.where(moved, other, turned < as_given)[clear]
    if np.mean(against) < _FEW:
        return
    most = np.mean(against) >= _MOST
    raise DataError(
        f"in {int(against.sum())} of {int(clear.sum())} trades with a clear price move the P&L has the other sign: "
        + (
            "its side seems to be the closing order's, or entry and exit are swapped"
            if most
            else f"{column or 'the size'} is no side"
        ),
        fix=f"For the closing order's side add --column closing_side={column or 'COLUMN'}; else correct the columns",
    )


def _off(money: TradeMoney, way: int) -> np.ndarray:
    """How far the P&L is from prices × size, before or after costs, as a share of the value, sides as given (1) or turned (−1).

    Fees that the table does not tell are one share of the value, the median of what the P&L leaves; NaN where that can be none.
    """
    gross = way * money.gross
    value = money.entry * money.size
    left = (gross - money.pnl) / value
    share = np.median(left[np.isfinite(left)]) if np.isfinite(left).sum() >= _TELLING else np.nan
    guessed = np.where(_LEAST_FEES <= share <= _MOST_FEES, share * value, np.nan)
    after = (
        gross
        - np.where(np.isfinite(money.commissions), money.commissions, guessed)
        + np.nan_to_num(money.funding)
    )
    off = np.where(
        np.isfinite(after), np.minimum(np.abs(money.pnl - gross), np.abs(money.pnl - after)), np.nan
    )
    return off / value


def size_unit(money: TradeMoney) -> float | Literal["money", "inverse"]:
    """How many units one of the table's sizes is, as the P&L of clear moves says: 1, another number (contracts, lots), "money", or
    "inverse" where it is that of contracts of a fixed number of dollars, in the coin.
    """
    clear = _clear(money) & np.isfinite(money.pnl) & (money.size > 0)
    if clear.sum() < _ENOUGH:
        return 1.0
    times = money.pnl[clear] / money.gross[clear]
    by_entry = times * money.entry[clear]
    if _steady(by_entry) and abs(np.median(by_entry) - 1) < 0.2 and abs(np.median(times) - 1) > 0.2:
        return "money"
    if np.median(times) < _TINY and _is_inverse(by_entry * money.exit[clear]):
        return "inverse"
    middle = float(np.median(times))
    if not _steady(times) or abs(middle - 1) < 0.2 or middle <= 0:
        return 1.0
    return (
        float(f"{middle:.1g}") if abs(float(f"{middle:.1g}") / middle - 1) < 0.2 else float(f"{middle:.3g}")
    )


def _is_inverse(dollars: np.ndarray) -> bool:
    """Whether so many dollars a contract are those of contracts that there are."""
    return _steady(dollars) and any(abs(np.median(dollars) / each - 1) < 0.2 for each in _CONTRACTS)


def _clear(money: TradeMoney) -> np.ndarray:
    return np.abs(money.exit / money.entry - 1) >= _CLEAR_MOVE


def _steady(values: np.ndarray) -> bool:
    """Whether most values lie within a fifth of their median."""
    middle = np.median(values)
    return bool(np.mean(np.abs(values / middle - 1) < 0.2) >= _MOST) if middle else False
