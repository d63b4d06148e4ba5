"""Which regime ruled, and what wicks did in it (notebook 04_regime_and_wicks).

The strategy sentence is composed of the figures below it. It names a direction only where the wicks of the
current regime have a net mean whose 95 % interval lies above zero; anything else it calls unsupported.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.analysis import sentences
from lib.analysis.smart_backtest import closed_trades, run_rule, window_signals
from lib.analysis.standard_exits import standard_exits
from lib.analysis.trades import complete_trades
from lib.contract.dollars import A_COIN, Coin
from lib.contract.regime_and_wicks import RegimeAnalysis, RegimeWicks, WickStats
from lib.contract.results import GroupStats
from lib.contract.schema import REGIMES
from lib.contract.times import iso
from lib.data.window import MarketWindow
from lib.market.costs import DEFAULT_COSTS, Costs, price_trades
from lib.market.exits import GAP, STANDARD, ExitRule
from lib.market.regime import regimes
from lib.market.wicks import ribbon_dips, wick_entries, wicks
from lib.stats.groups import TradeColumns, round_percent, round_rate, signature_stats

WICK_KEYS = {"WICK_DOWN_LONG": "wick_down", "WICK_UP_SHORT": "wick_up"}
_DIP_KEYS = {"RIBBON_DIP_DOWN_LONG": "dip_down", "RIBBON_DIP_UP_SHORT": "dip_up"}


@dataclass(frozen=True)
class RegimeStudy:
    """Regime per candle of the window, the outcomes of wicks and dips as trades frames with `kind`, the result, by how many
    percent the close moved since the current regime began (None where it is unknown), and over the window (None without two candles in it).
    """

    regimes: pd.DataFrame
    wicks: pd.DataFrame
    dips: pd.DataFrame
    result: RegimeAnalysis
    moved_pct: float | None
    window_moved_pct: float | None


def outcomes(
    flags: pd.DataFrame, keys: dict[str, str], window: MarketWindow, rule: ExitRule, costs: Costs
) -> tuple[pd.DataFrame, dict[str, int]]:
    """One standard trade a flagged candle of the window, closed ones only: a trades frame with `kind` (a
    key of `keys`). Beside it how many of each kind are no trade because of a gap.
    """
    down, up = keys.values()
    candles = window.candles_5min
    entries = wick_entries(flags, candles, down, up)
    entries = entries[entries["entry_time"] > window.start].reset_index(drop=True)
    trades = entries.join(standard_exits(entries, window.path, rule))
    gaps = trades["kind"][trades["exit_reason"] == GAP].value_counts()
    trades = price_trades(trades[trades["exit_time"].notna()], costs.round_trip_pct)
    completed = complete_trades(trades, window)
    names = {direction: key for key, direction in zip(keys, ("LONG", "SHORT"), strict=True)}
    completed["kind"] = completed["direction"].map(names).astype("str")
    return completed, {key: int(gaps.get(column, 0)) for key, column in keys.items()}


def _wick_stats(trades: pd.DataFrame, gaps: dict[str, int]) -> dict[str, WickStats]:
    found, columns, kind = {}, TradeColumns.of(trades), trades["kind"].to_numpy(dtype=object)
    for key, gap in gaps.items():
        stats = columns.stats(kind == key)
        found[key] = WickStats(count=stats.total, gap=gap, **stats.model_dump())
    return found


def _regime_groups(per_candle: pd.DataFrame, trades: pd.DataFrame) -> list[RegimeWicks]:
    """Time spent in each regime of the window, and its wick outcomes; the shares sum to 100 % up to rounding."""
    total, names = len(per_candle), per_candle["regime"].to_numpy(dtype=object)
    columns = TradeColumns.of(trades)
    regime, kind = (trades[name].to_numpy(dtype=object) for name in ("regime", "kind"))
    down, up = kind == "WICK_DOWN_LONG", kind == "WICK_UP_SHORT"
    groups = []
    for name in REGIMES:
        candles = int((names == name).sum())
        inside = regime == name
        groups.append(
            RegimeWicks(
                regime=name,
                hours=round(candles / 12, 2),
                share=round_rate(candles / total * 100) if total else None,
                wick_down_long=columns.stats(inside & down),
                wick_up_short=columns.stats(inside & up),
            )
        )
    return groups


def strategy_sentence(current: str, groups: list[RegimeWicks], coin: Coin = A_COIN) -> tuple[str, bool]:
    """What the figures of the current regime support, in one sentence, and whether they support anything."""
    nothing = GroupStats(total=0, wins=0, win_rate=None)
    here = next((group for group in groups if group.regime == current), None)
    down, up = (here.wick_down_long, here.wick_up_short) if here else (nothing, nothing)
    return sentences.strategy_sentence(current, down, up, coin)


def _current_since(per_candle: pd.DataFrame, candles: pd.DataFrame) -> tuple[int, bool]:
    """The place of the first candle of the run that lasts until now, at whose close the current regime began; and whether it may have
    begun before, because the regime before that candle is not known.
    """
    names = per_candle["regime"]
    changed = names.ne(names.shift()) | (candles.index.to_series().diff() != pd.Timedelta(minutes=5))
    first = int(np.flatnonzero(changed)[-1])
    return first, first == 0 or names.iloc[first - 1] == "UNKNOWN"


def study_regimes(
    window: MarketWindow,
    rule: ExitRule = STANDARD,
    costs: Costs = DEFAULT_COSTS,
    rule_trades: pd.DataFrame | None = None,
) -> RegimeStudy:
    """All of what notebook 04 answers. The current regime is that of the last closed candle, and unknown
    if it is over 10 min old. `rule_trades`: the closed ones of the entry rule, where they are known already (Backtest.trades).
    """
    candles = window.candles_5min
    everything = regimes(candles)
    per_candle = everything[(candles["closed_at"] > window.start).to_numpy()]
    last = everything.iloc[-1] if len(everything) else None
    fresh = last is not None and window.as_of - candles["closed_at"].iloc[-1] <= pd.Timedelta(minutes=10)
    current = last["regime"] if fresh else "UNKNOWN"
    known = fresh and current != "UNKNOWN"
    wick_trades, wick_gaps = outcomes(wicks(candles), WICK_KEYS, window, rule, costs)
    dip_trades, dip_gaps = outcomes(ribbon_dips(candles, window.samples_5min), _DIP_KEYS, window, rule, costs)
    groups = _regime_groups(per_candle, wick_trades)
    if rule_trades is None and known:
        rule_trades = closed_trades(window, run_rule(window_signals(window), window.path, rule, costs))
    first, or_before = _current_since(everything, candles) if known else (-1, False)
    sentence, supported = strategy_sentence(current, groups, window.source.coin)
    result = RegimeAnalysis(
        current_regime=current,
        current_since=iso(candles["closed_at"].iloc[first]) if known else None,
        current_since_or_before=or_before,
        range_pct=round_percent(last["range_pct"]) if known else None,
        change_pct=round_percent(last["change_pct"]) if known else None,
        regime_strategy=sentence,
        strategy_supported=supported,
        wick_performance=_wick_stats(wick_trades, wick_gaps),
        ribbon_dips=_wick_stats(dip_trades, dip_gaps),
        regimes=groups,
        current_patterns=signature_stats(rule_trades[rule_trades["regime"] == current]) if known else [],
        candles=len(per_candle),
        unknown_candles=int((per_candle["regime"] == "UNKNOWN").sum()),
    )
    closes = candles["close"]
    moved = _moved_pct(closes.iloc[first:]) if known else None
    return RegimeStudy(
        per_candle,
        wick_trades,
        dip_trades,
        result,
        moved,
        _moved_pct(closes.iloc[len(closes) - len(per_candle) :]),
    )


def _moved_pct(closes: pd.Series) -> float | None:
    """By how many percent the last close lies above the first; None of fewer than two."""
    return None if len(closes) < 2 else float(closes.iloc[-1] / closes.iloc[0] - 1) * 100
