"""Which regime ruled, and what wicks did in it (notebook 04_regime_and_wicks).

The strategy sentence is composed of the figures below it. It names a direction only where the wicks of the
current regime have a net mean whose 95 % interval lies above zero; anything else it calls unsupported.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from lib.analysis import sentences
from lib.analysis.smart_backtest import run_rule, window_signals
from lib.analysis.trades import complete_trades
from lib.contract.regime_and_wicks import RegimeAnalysis, RegimeWicks, WickStats
from lib.contract.results import GroupStats, SignatureStats
from lib.contract.schema import REGIMES
from lib.contract.times import iso
from lib.data.window import MarketWindow
from lib.market.costs import DEFAULT_COSTS, Costs, price_trades
from lib.market.exits import STANDARD, ExitRule, PricePath, standard_exits
from lib.market.regime import regimes
from lib.market.wicks import ribbon_dips, wick_entries, wicks
from lib.stats.groups import group_stats, round_percent, round_rate, signature_stats

WICK_KEYS = {"WICK_DOWN_LONG": "wick_down", "WICK_UP_SHORT": "wick_up"}
_DIP_KEYS = {"RIBBON_DIP_DOWN_LONG": "dip_down", "RIBBON_DIP_UP_SHORT": "dip_up"}


@dataclass(frozen=True)
class RegimeStudy:
    """Regime per candle of the window, the outcomes of wicks and dips as trades frames with `kind`, and
    the result.
    """

    regimes: pd.DataFrame
    wicks: pd.DataFrame
    dips: pd.DataFrame
    result: RegimeAnalysis


def outcomes(
    flags: pd.DataFrame, keys: dict[str, str], window: MarketWindow, rule: ExitRule, costs: Costs
) -> pd.DataFrame:
    """One standard trade a flagged candle of the window, closed ones only: a trades frame with `kind` (a
    key of `keys`).
    """
    down, up = keys.values()
    candles = window.candles_5min
    entries = wick_entries(flags, candles, down, up)
    entries = entries[entries["entry_time"] > window.start].reset_index(drop=True)
    path = PricePath.of(window.candles_1min, candles, window.samples_5min)
    trades = entries.join(standard_exits(entries, path, rule))
    trades = price_trades(trades[trades["exit_time"].notna()], costs.round_trip_pct)
    completed = complete_trades(trades, window)
    names = {direction: key for key, direction in zip(keys, ("LONG", "SHORT"), strict=True)}
    return completed.assign(kind=completed["direction"].map(names).astype("str"))


def _wick_stats(trades: pd.DataFrame, keys: dict[str, str]) -> dict[str, WickStats]:
    found = {}
    for key in keys:
        stats = group_stats(trades[trades["kind"] == key])
        found[key] = WickStats(count=stats.total, **stats.model_dump())
    return found


def _regime_groups(per_candle: pd.DataFrame, trades: pd.DataFrame) -> list[RegimeWicks]:
    """Time spent in each regime of the window, and its wick outcomes; the shares sum to 100 % up to rounding."""
    total = len(per_candle)
    groups = []
    for name in REGIMES:
        candles = int((per_candle["regime"] == name).sum())
        inside = trades[trades["regime"] == name]
        groups.append(
            RegimeWicks(
                regime=name,
                hours=round(candles / 12, 2),
                share=round_rate(candles / total * 100) if total else None,
                wick_down_long=group_stats(inside[inside["kind"] == "WICK_DOWN_LONG"]),
                wick_up_short=group_stats(inside[inside["kind"] == "WICK_UP_SHORT"]),
            )
        )
    return groups


def strategy_sentence(current: str, groups: list[RegimeWicks]) -> tuple[str, bool]:
    """What the figures of the current regime support, in one sentence, and whether they support anything."""
    nothing = GroupStats(total=0, wins=0, win_rate=None)
    here = next((group for group in groups if group.regime == current), None)
    down, up = (here.wick_down_long, here.wick_up_short) if here else (nothing, nothing)
    return sentences.strategy_sentence(current, down, up)


def _current_since(per_candle: pd.DataFrame, candles: pd.DataFrame) -> str | None:
    """When the current regime began: the close of the first candle of the run that lasts until now."""
    if per_candle.empty:
        return None
    names = per_candle["regime"]
    changed = names.ne(names.shift()) | (candles.index.to_series().diff() != pd.Timedelta(minutes=5))
    return iso(candles["closed_at"][changed].iloc[-1])


def _patterns_now(current: str, window: MarketWindow, rule: ExitRule, costs: Costs) -> list[SignatureStats]:
    """The entry rule's trades that began in the current regime, by setup."""
    if current == "UNKNOWN":
        return []
    path = PricePath.of(window.candles_1min, window.candles_5min, window.samples_5min)
    taken = run_rule(window_signals(window), path, rule, costs)
    closed = complete_trades(taken[taken["exit_time"].notna()], window)
    return signature_stats(closed[closed["regime"] == current])


def study_regimes(
    window: MarketWindow, rule: ExitRule = STANDARD, costs: Costs = DEFAULT_COSTS
) -> RegimeStudy:
    """All of what notebook 04 answers. The current regime is that of the last closed candle, and unknown
    if it is over 10 min old.
    """
    candles = window.candles_5min
    everything = regimes(candles)
    per_candle = everything[(candles["closed_at"] > window.start).to_numpy()]
    last = everything.iloc[-1] if len(everything) else None
    fresh = last is not None and window.as_of - candles["closed_at"].iloc[-1] <= pd.Timedelta(minutes=10)
    current = last["regime"] if fresh else "UNKNOWN"
    known = fresh and current != "UNKNOWN"
    wick_trades = outcomes(wicks(candles), WICK_KEYS, window, rule, costs)
    dip_trades = outcomes(ribbon_dips(candles, window.samples_5min), _DIP_KEYS, window, rule, costs)
    groups = _regime_groups(per_candle, wick_trades)
    sentence, supported = strategy_sentence(current, groups)
    result = RegimeAnalysis(
        current_regime=current,
        current_since=_current_since(everything, candles) if known else None,
        range_pct=round_percent(last["range_pct"]) if known else None,
        change_pct=round_percent(last["change_pct"]) if known else None,
        regime_strategy=sentence,
        strategy_supported=supported,
        wick_performance=_wick_stats(wick_trades, WICK_KEYS),
        ribbon_dips=_wick_stats(dip_trades, _DIP_KEYS),
        regimes=groups,
        current_patterns=_patterns_now(current, window, rule, costs),
        candles=len(per_candle),
        unknown_candles=int((per_candle["regime"] == "UNKNOWN").sum()),
    )
    return RegimeStudy(regimes=per_candle, wicks=wick_trades, dips=dip_trades, result=result)
