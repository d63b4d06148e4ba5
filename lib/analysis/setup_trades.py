"""What the window's events would have made: perfect, selection and learnable, each with its null (docs/definitions.md, Optimal).

Perfect trades choose entries and exits knowing the future, selection only which events to take; learnable knows nothing later than the
window's start, so it alone may be called achievable.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.analysis import shifted
from lib.analysis.optimal import CloseTrades, perfect_trades, segments, whole_ahead
from lib.analysis.selection import Outcomes, best_choice, one_at_a_time, standard_outcomes
from lib.contract.dollars import dollar_decimals
from lib.contract.optimal_vs_actual import Learnable, PatternStats, SetupTrades, ShiftedTotals, StandardExits
from lib.contract.schema import UNKNOWN_SETUP
from lib.data.window import MarketWindow
from lib.market.costs import Costs, price_trades, signs
from lib.market.exits import ExitRule
from lib.market.setup_events import setup_events
from lib.stats.groups import round_dollars, round_percent, round_rate
from lib.stats.levels import shrink

LEAST_PAST = 10
LEAST_GAIN_PCT = 0.02


@dataclass(frozen=True)
class WindowEvents:
    """The candles of a window, its events (setup_events, `row` among these candles), and what entries at these closes make."""

    candles: pd.DataFrame
    events: pd.DataFrame
    outcomes: Outcomes
    enterable: np.ndarray  #: per candle: no gap within the next nine closes

    @classmethod
    def of(cls, window: MarketWindow, rule: ExitRule, costs: Costs) -> WindowEvents:
        """The events of a window; candles before it only tell what its first ones are."""
        inside = window.in_window(window.candles_5min)
        events = setup_events(window.candles_5min, window.samples_5min, window.readings)
        events["row"] -= len(window.candles_5min) - len(inside)
        return cls(
            candles=inside,
            events=events[events["row"] >= 0].reset_index(drop=True),
            outcomes=standard_outcomes(inside, window.path, rule, costs),
            enterable=whole_ahead(segments(inside)),
        )

    def directions(self, events: pd.DataFrame | None = None) -> np.ndarray:
        """+1, −1 or 0 per candle, of these events or all."""
        chosen = self.events if events is None else events
        directions = np.zeros(len(self.candles))
        directions[chosen["row"].to_numpy()] = signs(chosen["direction"])
        return directions

    def made(self, events: pd.DataFrame) -> np.ndarray:
        """Net percent of each of these events with the standard exits; NaN where it is not known."""
        side = np.where(events["direction"] == "LONG", 0, 1)
        return self.outcomes.net_pct[side, events["row"].to_numpy()]

    def in_gaps(self, events: pd.DataFrame) -> int:
        """How many of these events have no outcome because of a gap."""
        side, rows = np.where(events["direction"] == "LONG", 0, 1), events["row"].to_numpy()
        return int((np.isnan(self.made(events)) & ~self.outcomes.still_open[side, rows]).sum())


@dataclass(frozen=True)
class Perfect:
    """The perfect setup trades, priced; how many events a gap kept out; the null and the rank of their total."""

    trades: pd.DataFrame
    gap: int
    null: ShiftedTotals | None
    rank: float | None


def perfect(seen: WindowEvents, costs: Costs, by: np.ndarray) -> Perfect:
    """The perfect setup trades of a window; `by` are the offsets of the null."""
    directions = seen.directions()
    series = _with_shifted(directions, by) * seen.enterable
    found, totals = perfect_trades(seen.candles, series, costs)
    null, rank = shifted.against(float(found.net_pct.sum()), totals[1:])
    gap = int((~seen.enterable[seen.events["row"]]).sum())
    return Perfect(_frame(seen.candles, directions, found, costs), gap, null, rank)


def _frame(candles: pd.DataFrame, directions: np.ndarray, found: CloseTrades, costs: Costs) -> pd.DataFrame:
    close, closed_at = candles["close"].to_numpy(), pd.DatetimeIndex(candles["closed_at"])
    trades = pd.DataFrame(
        {
            "direction": pd.array(np.where(directions[found.entries] > 0, "LONG", "SHORT"), dtype="str"),
            "entry_time": closed_at[found.entries],
            "entry_price": close[found.entries],
            "exit_time": closed_at[found.exits],
            "exit_price": close[found.exits],
            "exit_reason": "HINDSIGHT",
        }
    )
    return price_trades(trades, costs.round_trip_pct)


def selection(seen: WindowEvents, by: np.ndarray) -> SetupTrades:
    """The choice of events that makes the most with the standard exits."""
    directions = seen.directions()
    totals, taken = best_choice(seen.outcomes, _with_shifted(directions, by))
    null, rank = shifted.against(float(totals[0]), totals[1:])
    return SetupTrades(
        **_sums(seen, directions, taken[0]), gap=seen.in_gaps(seen.events), null=null, rank=rank
    )


def learnable(seen: WindowEvents, past: pd.DataFrame, by: np.ndarray) -> Learnable:
    """The events of signatures that gained before the window, one at a time as they come, with the standard exits.

    `past` are the events of the 14 days before whose outcome was known at its start (columns signature, net_pct).
    """
    means = past.groupby("signature")["net_pct"].agg(["size", "mean"])
    often = means[(means["size"] >= LEAST_PAST) & (means.index != UNKNOWN_SETUP)]
    gained = [str(name) for name, size, mean in often.itertuples() if shrink(mean, size) > LEAST_GAIN_PCT]
    events = seen.events[seen.events["signature"].isin(gained)]
    directions = seen.directions(events)
    totals, taken = one_at_a_time(seen.outcomes, _with_shifted(directions, by))
    null, rank = shifted.against(float(totals[0]), totals[1:])
    return Learnable(
        **_sums(seen, directions, taken[0]),
        gap=seen.in_gaps(events),
        null=null,
        rank=rank,
        signatures=sorted(gained),
        past_events=len(past),
        past_signatures=len(often),
    )


def _with_shifted(directions: np.ndarray, by: np.ndarray) -> np.ndarray:
    """The directions, and behind them the same at other times of the window, if there is anything to move."""
    moved = shifted.shifted(directions, by if directions.any() else by[:0])
    return np.concatenate([directions[None], moved])


def _sums(seen: WindowEvents, directions: np.ndarray, taken: np.ndarray) -> dict[str, float | int | None]:
    rows = np.flatnonzero(taken)
    net = seen.outcomes.net_pct[np.where(directions[rows] > 0, 0, 1), rows]
    close = seen.candles["close"].to_numpy()
    return {
        "trades": len(rows),
        "pnl": round_dollars(float((net / 100 * close[rows]).sum()), dollar_decimals(close)),
        "pnl_pct": round_percent(float(net.sum())),
    }


def patterns(seen: WindowEvents, perfect: pd.DataFrame) -> list[PatternStats]:
    """The window's events by signature, most seen first; `perfect` is the trades frame of the perfect ones."""
    found, made = [], seen.made(seen.events)
    signature, of_perfect = (frame["signature"].to_numpy(dtype=object) for frame in (seen.events, perfect))
    usd, pct = perfect["net_usd"].to_numpy(), perfect["net_pct"].to_numpy()
    decimals = dollar_decimals(perfect["entry_price"])
    for name in set(signature.tolist()):
        shown, best = signature == name, of_perfect == name
        known = made[shown & ~np.isnan(made)]
        rate = round_rate(float((known > 0).mean() * 100)) if len(known) else None
        mean = round_percent(known.mean()) if len(known) else None
        found.append(
            PatternStats(
                signature=name,
                seen=int(shown.sum()),
                count=int(best.sum()),
                avg_pnl=round_dollars(usd[best].mean(), decimals) if best.any() else None,
                avg_pnl_pct=round_percent(pct[best].mean()) if best.any() else None,
                win_rate=rate,
                standard=StandardExits(n=len(known), win_rate=rate, net_mean_pct=mean),
            )
        )
    return sorted(found, key=lambda pattern: (-(pattern.seen or 0), pattern.signature))
