"""Own trades as the ledger takes them, and what they would have made held longer, from full price paths.

Kept longer means: with its stop in place and its target ignored, closed at the market at the first 5-minute close at or after so many
minutes. Trades that their stop ended are no question of patience and are left out, like those that lost their data.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.analysis.actual import is_whole_path
from lib.analysis.streams.models import Carry
from lib.analysis.trades import executed_trades
from lib.data.window import MarketWindow
from lib.market.costs import DEFAULT_COSTS, SIGN, price_trades
from lib.market.exits import MINUTE, STANDARD, ExitRule, PricePath, find_exit
from lib.market.readings import instants

HELD_MINUTES = (15, 30, 45)
#: Slippage beyond what is modelled that a declared worst loss, or best gain, allows for, percent.
ALLOWANCE_PCT = 0.10
#: What a trade may gain that is held without a target, percent, for the declared best difference.
FARTHEST_PCT = 1.0
NO_CHOICE = ("SL_HIT", "DATA_LOSS")
_NO_TARGET_PCT = 1e6


def declared(stop_pct: np.ndarray, target_pct: np.ndarray, cost_pct: float) -> tuple[np.ndarray, np.ndarray]:
    """Worst loss and best gain of trades with these stops and targets, percent net, both positive (EVIDENCE_METHOD section 3)."""
    worst = stop_pct + cost_pct + ALLOWANCE_PCT
    return worst, np.maximum(target_pct - cost_pct, 0.0) + ALLOWANCE_PCT


def own_trades(window: MarketWindow) -> pd.DataFrame:
    """The window's executed decisions in order of entry, open ones with a blank exit, priced net of fees, with `trade`, `worst_pct`,
    `best_pct` and `stop_pct`.
    """
    rows = (
        executed_trades(window).sort_values(["entry_time", "exit_time"], kind="stable").reset_index(drop=True)
    )
    trades = price_trades(rows, DEFAULT_COSTS.fees_pct)
    price = trades["entry_price"]
    stop = ((price - trades["stop_price"]).abs() / price * 100).fillna(STANDARD.stop_pct).to_numpy()
    target = ((price - trades["target_price"]).abs() / price * 100).fillna(STANDARD.target_pct).to_numpy()
    worst, best = declared(stop, target, DEFAULT_COSTS.round_trip_pct)
    named = trades["decision_id"].astype("str")
    unnamed = trades["entry_time"].dt.strftime("%Y%m%dT%H%M%S.%fZ-") + trades["direction"].astype("str")
    return trades.assign(
        stop_pct=stop, worst_pct=worst, best_pct=best, trade=named.where(named.str.strip() != "", unnamed)
    )


def held(
    trades: pd.DataFrame, minutes: int, window: MarketWindow, path: PricePath, carry: Carry
) -> pd.DataFrame:
    """What own trades that closed before `minutes` would have made more by being kept until then: entry_time, exit_time (NaT while it is
    not known), net_pct (the difference, percent), worst_pct, best_pct, trade, hold.
    """
    hold = trades["exit_time"] - trades["entry_time"]
    closed = trades["exit_time"].notna()
    asked = closed & (hold < pd.Timedelta(minutes=minutes)) & ~trades["exit_reason"].isin(NO_CHOICE)
    chosen = trades[asked | ~closed].reset_index(drop=True)
    ends, differences, whole = [], [], []
    for trade in chosen.itertuples():
        end, difference, sound = _kept(trade, minutes, window, path)
        ends.append(end)
        differences.append(difference)
        whole.append(sound)
    found = pd.DataFrame(
        {
            "entry_time": chosen["entry_time"],
            "exit_time": pd.DatetimeIndex(pd.to_datetime(ends, unit="us", utc=True)).as_unit("us"),
            "net_pct": np.array(differences, dtype=float),
            "worst_pct": chosen["worst_pct"] + chosen["best_pct"],
            "best_pct": chosen["worst_pct"] + FARTHEST_PCT,
            "trade": chosen["trade"],
            "hold": str(minutes),
        }
    )
    sound = np.array(whole, dtype=bool)
    gaps = instants(found["entry_time"][~sound])
    known = f"held{minutes}.gap"
    new = gaps[gaps > carry.walked.get(known, -1)]
    carry.leave_out(f"held{minutes}", "gap", len(new))
    if len(new):
        carry.walked[known] = int(new.max())
    return found[sound].reset_index(drop=True)


def _kept(
    trade: object, minutes: int, window: MarketWindow, path: PricePath
) -> tuple[int | None, float, bool]:
    """When the kept trade ends (None: not known yet), what it makes more than the trade did, and whether its path is whole."""
    if pd.isna(trade.exit_time):
        return None, 0.0, True
    sign, entry_at = SIGN[trade.direction], trade.entry_time.value // 1000
    rule = ExitRule(_NO_TARGET_PCT, trade.stop_pct, minutes)
    ended = find_exit(path, sign, entry_at, trade.entry_price, rule)
    if ended is None:
        return None, 0.0, True
    first = int(np.searchsorted(path.closes_at, entry_at, side="right"))
    last = int(np.searchsorted(path.closes_at, ended.at, side="left"))
    if not is_whole_path(path.opens, path.closes_at, first, last, entry_at):
        return None, 0.0, False
    price = ended.price if ended.reason == "SL_HIT" else DEFAULT_COSTS.fill(ended.price, -sign)
    net = sign * (price - trade.entry_price) / trade.entry_price * 100 - DEFAULT_COSTS.fees_pct
    known = max(ended.at, trade.exit_time.value // 1000, entry_at + minutes * MINUTE)
    return known, net - trade.net_pct, True
