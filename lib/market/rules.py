"""The original entry rule, and the rule decider: decisions and trades for data that has none (docs/definitions.md, The original entry rule;
docs/definitions.md, The rule decider).

The decider is also the baseline in replays. It is a pure function of what samples and candles show; its fills
have slippage inside, and its target and stop are measured from the fill. A target or a stop fills at exactly
its price; a market exit (time, reversal) pays slippage.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from lib.contract import schema
from lib.contract.typed import typed_decisions
from lib.market.costs import DEFAULT_COSTS, SIGN, Costs
from lib.market.exits import MINUTE, STANDARD, Exit, ExitRule, PricePath, find_exit, touches
from lib.market.fills import Fill, entry_fill, exit_fill, valid_until
from lib.market.readings import CANDLE, instant, known_states, lines_of, rows_at, states_at, usable_states
from lib.market.regime import CANDLES as REGIME_CANDLES
from lib.market.regime import regimes
from lib.market.setups import triggers_at

SPACING_MINUTES = 20.0
#: A signal whose next sample comes later than this is dropped: an order does not rest over a gap.
ENTRY_WITHIN = pd.Timedelta(minutes=5)
#: Candles that a signal and what is said of it rest on: those of the regime.
SIGNAL_CANDLES = REGIME_CANDLES
_FRIENDLY_15MIN = {
    "LONG": ("all_green", "mixed_green", "mixed"),
    "SHORT": ("all_red", "mixed_red", "mixed"),
}
_OWN_STATE = {"LONG": "all_green", "SHORT": "all_red"}
OPPOSITE_STATE = {"LONG": "all_red", "SHORT": "all_green"}


def entry_signals(
    candles: pd.DataFrame, samples_5min: pd.DataFrame, samples_15min: pd.DataFrame
) -> pd.DataFrame:
    """Signals of the original entry rule at closes of 5-minute candles, in time order.

    Columns: direction, entry_time (the candle's close), entry_price (its close), state_5min, state_15min,
    fresh (the state was known not to be this all_* one candle earlier). An unknown state, or a gap before the
    candle, is never a fresh flip.
    """
    found = _found(candles, samples_5min, samples_15min)
    chosen = found.chosen
    return pd.DataFrame(
        {
            "entry_time": found.closed[chosen],
            "entry_price": found.close[chosen],
            "state_5min": pd.array(found.state_5min[chosen], dtype="str"),
            "state_15min": pd.array(found.state_15min[chosen], dtype="str"),
            "direction": pd.array(np.where(found.long[chosen], "LONG", "SHORT"), dtype="str"),
            "fresh": found.fresh[chosen],
        }
    )


def gives_signal(candles: pd.DataFrame, samples_5min: pd.DataFrame, samples_15min: pd.DataFrame) -> bool:
    """Whether `entry_signals` has any: without the frame, which takes longer to make than to fill."""
    return bool(_found(candles, samples_5min, samples_15min).chosen.any())


class _Found(NamedTuple):
    """Closes of candles and what the entry rule says at each; arrays of one length."""

    closed: pd.DatetimeIndex
    close: np.ndarray
    state_5min: np.ndarray
    state_15min: np.ndarray
    chosen: np.ndarray
    long: np.ndarray
    fresh: np.ndarray


def _found(candles: pd.DataFrame, samples_5min: pd.DataFrame, samples_15min: pd.DataFrame) -> _Found:
    closed, close = pd.DatetimeIndex(candles["closed_at"]), candles["close"].to_numpy()
    shown = usable_states(samples_5min)
    state_5min, before = (
        known_states(rows_at(times, samples_5min, CANDLE), shown) for times in (closed, closed - CANDLE)
    )
    state_15min = states_at(closed, samples_15min, 15)
    above = close - _shortest_line(closed, samples_5min)
    body = close - candles["open"].to_numpy()
    long = np.zeros(len(closed), dtype=bool)
    chosen, fresh = long.copy(), long.copy()
    # The two directions ask for different states, so that a close is a signal of one of them at the most.
    for direction, sign in SIGN.items():
        flipped = (before != _OWN_STATE[direction]) & (before != "unknown")
        fits = (
            (state_5min == _OWN_STATE[direction])
            & np.isin(state_15min, _FRIENDLY_15MIN[direction])
            & (sign * above > 0)
            & (flipped | (sign * body > 0))
        )
        chosen |= fits
        long[fits], fresh[fits] = sign > 0, flipped[fits]
    return _Found(closed, close, state_5min, state_15min, chosen, long, fresh)


def _shortest_line(times: pd.DatetimeIndex, samples: pd.DataFrame) -> np.ndarray:
    names = lines_of(samples)
    if not names or samples.empty:
        return np.full(len(times), np.nan)
    rows = rows_at(times, samples, CANDLE)
    return np.where(rows >= 0, samples[names[0]].to_numpy()[rows], np.nan)


def decide(
    samples_5min: pd.DataFrame,
    samples_15min: pd.DataFrame,
    candles_5min: pd.DataFrame,
    candles_1min: pd.DataFrame | None = None,
    rule: ExitRule = STANDARD,
    costs: Costs = DEFAULT_COSTS,
) -> pd.DataFrame:
    """Decisions of the rule decider over all of the history given: a frame of schema.DECISION_COLUMNS in time
    order.

    Every row is an executed entry; one still open at the end has blank exit fields. Blocked signals are not
    logged.
    """
    signals = rule_signals(candles_5min, samples_5min, samples_15min)
    if candles_1min is None:
        candles_1min = candles_5min.iloc[:0]
    # A price of another venue is no price to trade at.
    own = samples_5min[samples_5min["quality"] != "venue_mismatch"]
    path = PricePath.of(candles_1min, candles_5min, own)
    state = np.where(own["quality"] == "ok", own["state"], "unknown")
    reversals = {
        direction: np.flatnonzero(state == opposite) for direction, opposite in OPPOSITE_STATE.items()
    }
    rows: list[dict[str, object]] = []
    free_at, last_entry = -1, -(10**18)
    for signal in signals.itertuples():
        signal_at = instant(signal.entry_time)
        if signal_at < free_at:
            continue
        sign, until = SIGN[signal.direction], valid_until(signal_at, ENTRY_WITHIN.total_seconds())
        fill = entry_fill(path.sample_at, path.sample_price, signal_at, until, sign, costs)
        if fill is None or fill.at - last_entry < SPACING_MINUTES * MINUTE:
            continue
        standard = find_exit(path, sign, *fill, rule)
        reversal = reversal_after(path, reversals[signal.direction], fill.at)
        chosen = first_exit(path, sign, *fill, rule, standard, reversal)
        rows.append(_decision(signal, fill, chosen, rule, costs))
        last_entry = fill.at
        free_at = chosen.at if chosen else 10**18
    return typed_decisions(rows)


def rule_signals(
    candles: pd.DataFrame, samples_5min: pd.DataFrame, samples_15min: pd.DataFrame
) -> pd.DataFrame:
    """`entry_signals` with what the rule decider says of each: confidence, wick, regime.

    A signal rests on at most SIGNAL_CANDLES candles and the samples since, so that the newest ones can be had from a short stretch.
    """
    signals = entry_signals(candles, samples_5min, samples_15min)
    wick = _wick_before(signals, candles)
    signals["confidence"] = _confidence(signals, wick)
    signals["wick"] = wick
    signals["regime"] = _regime_at(signals, candles)
    return signals


def signal_words(signal: object) -> str:
    """What the rule decider gives as its reason."""
    return f"entry rule: 5min {signal.state_5min}, 15min {signal.state_15min}"


def _confidence(signals: pd.DataFrame, wick: np.ndarray) -> np.ndarray:
    """.60, and .10 more for each of: both ribbons all_*, a wick in its direction within 10 minutes, a
    fresh flip.
    """
    both = signals["state_15min"].str.startswith("all_").to_numpy(dtype=bool)
    fresh = signals["fresh"].to_numpy(dtype=bool)
    return np.round(0.6 + 0.1 * (both.astype(int) + (wick != "") + fresh), 2)


def _wick_before(signals: pd.DataFrame, candles: pd.DataFrame) -> np.ndarray:
    """WICK_DOWN / WICK_UP where a wick in the signal's direction closed within the 10 minutes before, else
    "".
    """
    times = pd.DatetimeIndex(signals["entry_time"])
    trigger = triggers_at(times, signals["direction"].to_numpy(dtype=object), candles)
    return np.where(np.isin(trigger, ["WICK_DOWN", "WICK_UP"]), trigger, "")


def _regime_at(signals: pd.DataFrame, candles: pd.DataFrame) -> np.ndarray:
    rows = rows_at(pd.DatetimeIndex(signals["entry_time"]), candles.set_index("closed_at"), CANDLE)
    names = regimes(candles)["regime"].to_numpy(dtype=object)
    return names[rows] if len(candles) else np.full(len(rows), "UNKNOWN", dtype=object)


def reversal_after(path: PricePath, opposite: np.ndarray, entry_at: int) -> Exit | None:
    """RIBBON_REVERSAL at the first sample after the entry that shows the opposite all_*; None without one."""
    first = int(np.searchsorted(path.sample_at[opposite], entry_at, side="right"))
    if first == len(opposite):
        return None
    row = opposite[first]
    return Exit(int(path.sample_at[row]), float(path.sample_price[row]), "RIBBON_REVERSAL")


def first_exit(
    path: PricePath,
    sign: float,
    entry_at: int,
    fill: float,
    rule: ExitRule,
    standard: Exit | None,
    reversal: Exit | None,
) -> Exit | None:
    """The reversal, unless target or stop came by then: by a closed candle, or by a sample inside one still open."""
    if reversal is None:
        return standard
    if standard is not None and (
        standard.at < reversal.at or (standard.at == reversal.at and standard.reason != "TIME_EXIT")
    ):
        return standard
    lo, hi = np.searchsorted(path.sample_at, [entry_at + 1, reversal.at])
    return standard if touches(path.sample_price[lo:hi], sign, fill, rule).any() else reversal


def _decision(
    signal: object, fill: Fill, found: Exit | None, rule: ExitRule, costs: Costs
) -> dict[str, object]:
    sign, entered = SIGN[signal.direction], fill.price
    row: dict[str, object] = {
        "timestamp": signal.entry_time,
        "direction": signal.direction,
        "entry_recommended": "YES",
        "confidence": signal.confidence,
        "entry_price": entered,
        "executed": True,
        "reasoning": signal_words(signal),
        "decision_id": f"rules-{signal.entry_time:%Y%m%dT%H%M%SZ}",
        "entry_time": pd.Timestamp(fill.at, unit="us", tz="UTC"),
        "stop_price": entered * (1 - sign * rule.stop_pct / 100),
        "target_price": entered * (1 + sign * rule.target_pct / 100),
        "size": 1.0,
        "fees": entered * costs.fees_pct / 100,
        "state_5min": signal.state_5min,
        "state_15min": signal.state_15min,
        "wick": signal.wick,
        "regime": signal.regime,
        "model": schema.RULES_MODEL,
        "stop_pct": rule.stop_pct,
        "target_pct": rule.target_pct,
        "holding": "NO",
    }
    if found is not None:
        price = exit_fill(found, sign, costs)
        gross = sign * (price - entered) / entered * 100
        row |= {
            "exit_price": price,
            "exit_reason": found.reason,
            "exit_time": pd.Timestamp(found.at, unit="us", tz="UTC"),
            "pnl_pct": gross,
            "net_pnl_pct": gross - costs.fees_pct,
        }
    return row
