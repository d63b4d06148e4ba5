"""Tables of single results: what a notebook shows between its figures. Formats are those of lib.draw.tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from lib.contract.actual_trades import ActualPerformance, LongerHold
from lib.contract.dollars import A_COIN, Coin
from lib.contract.optimal_vs_actual import OptimalComparison, ShiftedTotals
from lib.contract.regime_and_wicks import RegimeAnalysis, RegimeWicks, WickStats
from lib.contract.smart_backtest import RealisticBacktest
from lib.contract.times import iso
from lib.data.window import MarketWindow
from lib.draw.actual_trades import HELD_LONGER, LEAST_HOLD_EPISODES, longer_holds_answer
from lib.draw.html import Folded, Sentences
from lib.draw.numbers import bounds, counted, dollars, per_coin, percent
from lib.draw.optimal_vs_actual import PART_WORDS
from lib.draw.tables import Table, net_text, rate_text, show_facts, show_rows
from lib.draw.words import name_words


def show_window(window: MarketWindow) -> Table:
    """Whose data, which window, and how many rows were read and set aside in each file."""
    facts = {
        "decisions": window.source.label,
        "market": "synthetic" if window.source.synthetic else "real",
        "symbol": window.source.symbol or "not named in the data",
        "window (UTC)": f"{iso(window.start)} to {iso(window.as_of)} ({window.lookback_hours:g} h)",
        "data until": iso(window.data_until),
    }
    for file, counts in window.counts.items():
        aside = ", ".join(f"{number:,} {reason}" for reason, number in counts.set_aside.items() if number)
        facts[file] = f"{counts.ok:,} rows read with warm-up{'; set aside: ' + aside if aside else ''}"
    held = window.coverage()
    facts["closed 5-minute candles"] = f"{held.pop('candle_hours'):g} h of {window.lookback_hours:g} h"
    for name, qualities in held.items():
        words = ", ".join(f"{count:,} {quality}" for quality, count in qualities.items())
        facts[f"quality of {name.replace('_', ', ')}"] = words or "none"
    if not window.has_market:
        facts["missing"] = (
            "candles and samples: setups, wicks, regime and longer holds are unknown (`ribbon backfill` fetches candles)"
        )
    return show_facts(facts, caption="What was known; only ok samples teach")


def show_actual(result: ActualPerformance, coin: Coin = A_COIN) -> Table:
    """Money and risk of the actual trades."""
    score = result.scalper_score
    return show_facts(
        {
            f"net P&L {per_coin(coin)}": f"{dollars(result.total_pnl, coin)} (gross {dollars(result.gross_pnl, coin)})",
            "net P&L, account": _account(result),
            "sum of net returns": f"{percent(result.total_pnl_pct, 2, signed=True)} (n {result.total_trades})",
            "net win rate": rate_text(result.overall),
            "win rate needed at the size of these wins and losses": percent(result.breakeven_win_rate),
            "net mean per episode": net_text(result.overall),
            "profit factor, net": number_text(result.profit_factor),
            "deepest drawdown": f"{dollars(-result.max_drawdown, coin)} {per_coin(coin)} (closed trades)"
            + _account_drawdown(result),
            "hold time, mean and median": f"{number_text(result.avg_hold_minutes, 1)} and {number_text(result.median_hold_minutes, 1)} min",
            "scalper score": "needs 5 trades"
            if score.total is None
            else f"{score.total:.1f} ({score.grade})",
            "decisions": ", ".join(f"{name} {count:,}" for name, count in result.decisions.items()),
            "still open": f"{result.open_trades:,}",
            "executed rows without a full price or time": f"{result.incomplete_trades:,}",
            "logged P&L off by more than 0.01 points": f"{result.pnl_deviations:,}",
        },
        caption="Money and risk",
    )


def _account(result: ActualPerformance) -> str:
    if result.account_pnl is None:
        return "unknown: no row logs a size" if result.total_trades else "–"
    return (
        f"{dollars(result.account_pnl)} (gross {dollars(result.account_gross_pnl)}, fees {dollars(-(result.account_fees or 0.0))}); "
        f"{result.account_trades:,} of {counted(result.total_trades, 'trades')} log a size"
    )


def _account_drawdown(result: ActualPerformance) -> str:
    deepest = result.account_max_drawdown
    return "" if deepest is None else f", {dollars(-deepest)} of the account"


def show_longer_holds(held: Sequence[LongerHold]) -> Folded:
    """What trades that closed earlier would have made if held so long with their stop in place, where enough episodes say so.

    The line that opens it is the answer.
    """
    enough = [row for row in held if row.episodes >= LEAST_HOLD_EPISODES]
    rows = [
        {
            "held": f"{row.minutes} min",
            "trades closed before": f"{row.total:,} in {row.episodes:,} episodes",
            "net mean if held": percent(row.mean_net_pct, 3, signed=True),
            "net mean as closed": percent(row.mean_actual_net_pct, 3, signed=True),
            "difference (95 % t)": f"{percent(row.difference_pct, 3, signed=True)} (n {row.episodes}, "
            f"{bounds(row.difference_low_pct, row.difference_high_pct, 3) or 'no spread'})",
            "mean move against": percent(row.mean_adverse_pct, 3, signed=True),
            "worst move against": percent(row.worst_adverse_pct, 3, signed=True),
        }
        for row in enough
    ]
    told = Sentences([HELD_LONGER])
    return Folded(longer_holds_answer(held), told, *[show_rows(rows)] * bool(rows))


_OTHER_TIMES = (
    "Hindsight gains on any chart. So the same setups were moved to other times of this window and chosen anew: a figure counts as more "
    "than chance where it is above 95 % of these, and in one window of twenty it is so by chance."
)


def show_optima(result: OptimalComparison, who: str, coin: Coin = A_COIN) -> Folded:
    """Perfect trades, selection, learnable, each beside the same setups at other times, and what was traded, one row each."""
    chosen, learned = result.selection, result.learnable
    rows = [
        (
            "hindsight, perfect timing of the setups",
            result.optimal_trades,
            result.optimal_pnl,
            result.optimal_pnl_pct,
            result.optimal_null,
            result.optimal_rank,
        ),
        (who, result.actual_trades, result.actual_pnl, result.actual_pnl_pct, None, None),
    ]
    named = {
        "hindsight, best choice with standard exits": chosen,
        "setups that had paid before, at every signal": learned,
    }
    rows[1:1] = [
        (name, made.trades, made.pnl, made.pnl_pct, made.null, made.rank)
        for name, made in named.items()
        if made is not None
    ]
    table = show_rows(
        (
            {
                "what": what,
                f"net P&L {per_coin(coin)}": dollars(money, coin),
                "sum of returns": f"{percent(returns, 2, signed=True)} (n {trades})",
                "same setups at other times, on average (5–95 %)": _shifted_text(null),
                "better than": "–" if rank is None else f"{100 * rank:.0f} % of these times",
            }
            for what, trades, money, returns, null, rank in rows
        )
    )
    return Folded("The same as a table", Sentences([_OTHER_TIMES]), table)


def _shifted_text(null: ShiftedTotals | None) -> str:
    if null is None:
        return "–"
    return f"{percent(null.mean, 2, signed=True)} ({bounds(null.p5, null.p95, 2)}; {null.shifts} times tried)"


def show_gap_parts(result: OptimalComparison, coin: Coin = A_COIN) -> Table:
    """The parts of the gap and their sum."""
    rows = [
        {
            "part": PART_WORDS[part.name],
            "count": f"{part.count:,}",
            f"net, {per_coin(coin)}": dollars(part.pnl, coin),
        }
        for part in result.gap_parts
    ]
    rows.append(
        {"part": "perfect less actual", "count": "", f"net, {per_coin(coin)}": dollars(result.gap_pnl, coin)}
    )
    return show_rows(rows, caption="The same as a table")


def show_backtest(result: RealisticBacktest, coin: Coin = A_COIN) -> Table:
    """Money, risk and what the exits need."""
    return show_facts(
        {
            "exits": f"target {result.target_pct:g} %, stop {result.stop_pct:g} %",
            f"net P&L {per_coin(coin)}": f"{dollars(result.total_pnl, coin)} (gross {dollars(result.gross_pnl, coin)})",
            "sum of net returns": f"{percent(result.total_pnl_pct, 2, signed=True)} (n {result.total_trades})",
            "net win rate": rate_text(result.overall),
            "win rate needed at these fixed exits": percent(result.breakeven_win_rate),
            "net mean per episode": net_text(result.overall),
            "profit factor, net": number_text(result.profit_factor),
            "deepest drawdown": f"{dollars(-result.max_drawdown, coin)} (closed trades), "
            f"{dollars(-result.max_drawdown_marked, coin)} (marked at every 5-minute close), {per_coin(coin)}",
            "mean hold time": f"{number_text(result.avg_hold_time, 1)} min",
            "signals, of which traded": f"{result.signals:,}, {result.total_trades + result.open_trades:,}",
            "signals left out for a gap": f"{result.gap:,}",
            "still open": f"{result.open_trades:,}",
            "target and stop in one candle, order unknown": f"{result.ambiguous_trades:,} "
            f"({percent(result.ambiguous_share)} of n {result.total_trades})",
        },
        caption="Money, risk and what the exits need",
    )


def show_regime(result: RegimeAnalysis) -> Table:
    """The current regime, and what of the window is unknown."""
    gaps = _left_out(result.wick_performance) + _left_out(result.ribbon_dips)
    known = {
        "regime": name_words(result.current_regime),
        "since": (result.current_since or "–") + (" or before" if result.current_since_or_before else ""),
        "range of the last 2 hours (24 candles)": percent(result.range_pct, 2),
        "change over them": percent(result.change_pct, 2, signed=True),
        "candles in the window": f"{result.candles:,}",
    }
    if result.unknown_candles:
        known["of unknown regime"] = f"{result.unknown_candles:,}"
    if gaps:
        known["wicks and dips left out for a gap"] = f"{gaps:,}"
    return show_facts(known, caption="Current regime")


def _left_out(found: Mapping[str, WickStats]) -> int:
    return sum(stats.gap for stats in found.values())


def show_regimes(groups: Sequence[RegimeWicks]) -> Table:
    """Time and wick outcomes in each regime that occurred."""
    rows = [
        {
            "regime": name_words(group.regime),
            "hours": f"{group.hours:.1f}",
            "wick down, LONG: win rate": rate_text(group.wick_down_long),
            "net mean per episode": net_text(group.wick_down_long),
            "wick up, SHORT: win rate": rate_text(group.wick_up_short),
            "net mean per episode ": net_text(group.wick_up_short),
        }
        for group in groups
        if group.hours
    ]
    return show_rows(rows, caption="Hours and wicks in each regime")


def show_counts(values: pd.Series, *, name: str) -> Table:
    """How often each value occurs, most frequent first."""
    found = values.value_counts()
    rows = [
        {
            name: str(value),
            "rows": f"{count:,}",
            "share": f"{percent(100 * count / len(values))} (n {len(values):,})",
        }
        for value, count in found.items()
    ]
    return show_rows(rows)


def number_text(value: float | None, digits: int = 2) -> str:
    """A number with so many decimals, an en dash for none."""
    return "–" if value is None else f"{value:,.{digits}f}"


def threshold_text(value: float | None) -> str:
    """The confidence from which answers are proven to gain, or that none is."""
    return (
        "No confidence level is proven to gain"
        if value is None
        else f"{value:.2f}: answers at or above it are proven to gain after costs"
    )
