"""What was really traded, and what it shows (notebook 01_actual_trades)."""

from __future__ import annotations

from math import isnan
from typing import NamedTuple

import numpy as np
import pandas as pd

from lib.analysis.answers import ScoredAnswers, counted, score_answers
from lib.analysis.score import scalper_score
from lib.analysis.sentences import BANDS, window_sentences
from lib.analysis.trades import ActualTrades
from lib.contract.actual_trades import ActualPerformance, AnswerBand, AnswerCalibration, LongerHold
from lib.contract.dollars import dollar_decimals
from lib.contract.schema import UNKNOWN_SETUP
from lib.data.window import MarketWindow
from lib.market.candles import covered_until
from lib.market.costs import SIGN, max_drawdown, profit_factor, realised_breakeven_win_rate
from lib.market.exits import MINUTE, PricePath
from lib.market.longer_hold import FORCED_EXITS, longer_hold_pct
from lib.market.readings import instant
from lib.market.terms import DEFAULT_TERMS, Terms
from lib.stats.episodes import episode_means
from lib.stats.groups import (
    TradeColumns,
    group_stats,
    named_groups,
    round_dollars,
    round_percent,
    round_rate,
    signature_stats,
)
from lib.stats.intervals import mean_interval

HOLDS = ("< 5 min", "5–15 min", "15–25 min", "25–45 min", "≥ 45 min", "unknown")
HELD_MINUTES = tuple(range(5, 50, 5))


def confidence_bands(confidence: pd.Series) -> pd.Series:
    """The band of each confidence (docs/definitions.md, Confidence), by the names of lib.analysis.sentences; None without one."""
    names = [confidence_band(value) for value in confidence.astype(float).tolist()]
    return pd.Series(names, index=confidence.index, dtype=object)


def confidence_band(confidence: float) -> str | None:
    """`confidence_bands` of one confidence, NaN where there is none."""
    high, medium, low = BANDS
    if isnan(confidence):
        return None
    # Confidences are sums of tenths: .6 + .1 + .1 is a hair below .8.
    value = confidence + 1e-9
    return high if value >= 0.85 else medium if value >= 0.75 else low


def hold_bands(minutes: pd.Series) -> pd.Series:
    """The band of each hold time."""
    limits = [minutes < 5, minutes < 15, minutes < 25, minutes < 45, minutes >= 45]
    return pd.Series(np.select(limits, HOLDS[:5], default=HOLDS[5]), index=minutes.index, dtype="str")


def analyze_actual(
    window: MarketWindow, trades: ActualTrades, terms: Terms = DEFAULT_TERMS
) -> ActualPerformance:
    """All of what notebook 01 answers, for the window's closed trades and its answers."""
    closed = trades.closed
    by_exit = closed.sort_values("exit_time", kind="stable")
    overall, decimals = group_stats(closed), dollar_decimals(closed["entry_price"])
    wick = closed["trigger"].isin(["WICK_DOWN", "WICK_UP"])
    hours = closed["entry_time"].dt.strftime("%H:00")
    fields = {
        "total_trades": overall.total,
        "win_rate": overall.win_rate,
        "total_pnl": overall.total_pnl,
        "total_pnl_pct": overall.total_pnl_pct,
        "gross_pnl": round_dollars(closed["gross_usd"].sum(), decimals),
        "gross_pnl_pct": round_percent(closed["gross_pct"].sum()),
        **account_figures(by_exit),
        "overall": overall,
        "profit_factor": round_percent(profit_factor(closed["net_usd"])),
        "max_drawdown": round_dollars(max_drawdown(by_exit["net_usd"]), decimals),
        "max_drawdown_pct": round_percent(max_drawdown(by_exit["net_pct"])),
        "breakeven_win_rate": round_rate(realised_breakeven_win_rate(closed["net_pct"])),
        "avg_hold_minutes": round_rate(_known(closed["hold_minutes"].mean())),
        "median_hold_minutes": round_rate(_known(closed["hold_minutes"].median())),
        "long_stats": group_stats(closed, (closed["direction"] == "LONG").to_numpy()),
        "short_stats": group_stats(closed, (closed["direction"] == "SHORT").to_numpy()),
        "confidence_bands": named_groups(closed, confidence_bands(closed["confidence"]), tuple(BANDS)),
        "answers": answer_calibration(score_answers(window, terms)),
        "ema_patterns": signature_stats(closed),
        "mixed_timeframes": group_stats(closed[closed["alignment"] == "MIXED_TIMEFRAMES"]),
        "with_wick": group_stats(closed[wick]),
        "without_wick": group_stats(closed[~wick & (closed["trigger"] != UNKNOWN_SETUP)]),
        "by_hour": named_groups(closed, hours, sorted(hours.unique())),
        "by_hold": named_groups(closed, hold_bands(closed["hold_minutes"]), HOLDS),
        "by_exit_reason": named_groups(closed, closed["exit_reason"], sorted(closed["exit_reason"].unique())),
        "held_longer": longer_holds(closed, window, terms),
        "decisions": _decisions_in_window(window),
        "open_trades": trades.open_trades,
        "incomplete_trades": trades.incomplete,
        "pnl_deviations": trades.deviations,
        "scalper_score": scalper_score(closed, terms),
        "key_lessons": [],
    }
    performance = ActualPerformance(**fields)
    return performance.model_copy(update={"key_lessons": window_sentences(performance, window.source.coin)})


def account_figures(by_exit: pd.DataFrame) -> dict[str, float | int | None]:
    """The account's money of the trades whose rows log a size, which stand in order of exit (docs/definitions.md, Money, Dollars)."""
    sized = by_exit[by_exit["net_account"].notna()]
    net, gross = sized["net_account"], sized["gross_account"]
    figures = {
        "account_pnl": net.sum(),
        "account_gross_pnl": gross.sum(),
        "account_fees": (gross - net).sum(),
        "account_max_drawdown": max_drawdown(net),
    }
    return {"account_trades": len(sized)} | {
        name: round_dollars(float(value)) if len(sized) else None for name, value in figures.items()
    }


def _known(value: float) -> float | None:
    """A figure, or None where there was nothing to take it of."""
    return None if np.isnan(value) else float(value)


def _decisions_in_window(window: MarketWindow) -> dict[str, int]:
    seen = window.decisions[window.decisions["timestamp"] > window.start]["direction"].value_counts()
    return {name: int(seen.get(name, 0)) for name in ("LONG", "SHORT", "HOLD")}


def answer_calibration(answers: ScoredAnswers) -> AnswerCalibration:
    """What the answers of a window would have made, all together and by band (docs/definitions.md, Confidence).

    Overlapping are those beyond the ones that count of all as one group; within a band more may count.
    """
    frame, columns = answers.frame, _answer_columns(answers.frame)
    open_, scored = frame["exit_time"].isna().to_numpy(), (frame["unscored"] == "").to_numpy()
    closed = scored & ~open_
    counts = closed & counted(frame)
    return AnswerCalibration(
        total=len(frame),
        executed=int(frame["executed"].sum()),
        scored=int(closed.sum()),
        open=int((scored & open_).sum()),
        overlapping=int(closed.sum() - counts.sum()),
        standard_distances=int((~frame["own_distances"]).sum()),
        unscored=answers.unscored,
        overall=columns.stats(counts),
        bands=_answer_bands(frame, columns, closed),
    )


def _answer_bands(frame: pd.DataFrame, columns: TradeColumns, closed: np.ndarray) -> list[AnswerBand]:
    names = confidence_bands(frame["confidence"]).to_numpy()
    counts = closed & counted(frame, names.tolist())
    found = []
    for name in BANDS:
        of_band, figures = closed & (names == name), columns.figures(counts & (names == name))
        won = round_rate(100 * columns.win[of_band].mean()) if of_band.any() else None
        found.append(AnswerBand(name=name, scored=int(of_band.sum()), scored_win_rate=won, **figures))
    return found


def _answer_columns(frame: pd.DataFrame) -> TradeColumns:
    """The answers as groups of trades are counted: each an episode of its own, money per 1 coin."""
    net_pct, entry_price = frame["net_pct"].to_numpy(), frame["entry_price"].to_numpy()
    none = np.full(len(frame), np.nan)
    usd, decimals = net_pct / 100 * entry_price, dollar_decimals(entry_price)
    return TradeColumns(net_pct > 0, usd, net_pct, np.arange(len(frame)), none, decimals)


def longer_holds(
    closed: pd.DataFrame, window: MarketWindow, terms: Terms = DEFAULT_TERMS
) -> list[LongerHold]:
    """What trades that closed earlier would have made if kept for 5 to 45 minutes with their stop in place, and how far the price went
    against their entry until then.

    Only trades whose whole price path to that minute is known and free of gaps count, and none that a stop or lost data ended: those
    could not have been kept. The exit is a market order at the close of the finest candle that ends then. Beside it stands what the
    same trades made as they were closed.
    """
    kept = closed[~closed["exit_reason"].isin(FORCED_EXITS) & (closed["hold_minutes"] < HELD_MINUTES[-1])]
    held, adverse = np.full((2, len(kept), len(HELD_MINUTES)), np.nan)
    columns = (kept[name].tolist() for name in _Kept._fields)
    for row, trade in enumerate(map(_Kept._make, zip(*columns, strict=True))):
        held[row], adverse[row] = _held_on(trade, window.own_path, terms)
    actual, episode = kept["net_pct"].to_numpy(), kept["episode"].to_numpy()
    return [
        _longer_hold(minutes, episode[known], held[known, place], actual[known], adverse[known, place])
        for place, minutes in enumerate(HELD_MINUTES)
        for known in [~np.isnan(held[:, place])]
    ]


class _Kept(NamedTuple):
    """A trade that could have been kept; its columns of a trades frame."""

    direction: str
    entry_time: pd.Timestamp
    entry_price: float
    exit_time: pd.Timestamp
    stop_pct: float
    hold_minutes: float
    gross_pct: float
    net_pct: float


def _held_on(trade: _Kept, path: PricePath, terms: Terms) -> tuple[np.ndarray, np.ndarray]:
    """Net percent of one trade if kept for each of HELD_MINUTES, and how far against its entry the price went until then; NaN where it
    was held as long anyway, or the price path is not known.
    """
    held, adverse = np.full((2, len(HELD_MINUTES)), np.nan)
    entry_at, sign = instant(trade.entry_time), SIGN[trade.direction]
    first = int(np.searchsorted(path.closes_at, entry_at, side="right"))
    last = np.searchsorted(path.closes_at, entry_at + np.array(HELD_MINUTES) * MINUTE, side="left")
    covered = covered_until(path.opens, path.closes_at, first, int(last[-1]), entry_at)
    longer = (np.array(HELD_MINUTES) > trade.hold_minutes) & (last >= first) & (last < covered)
    if not longer.any():
        return held, adverse
    last = last[longer]
    gross = longer_hold_pct(
        path,
        sign,
        entry_at,
        trade.entry_price,
        instant(trade.exit_time),
        terms.stop_pct if np.isnan(trade.stop_pct) else trade.stop_pct,
        last,
        terms.slippage_pct,
    )
    held[longer] = gross - (trade.gross_pct - trade.net_pct)
    begun = first if path.opens[first] >= entry_at else first + 1
    against = (path.low if sign > 0 else path.high)[begun : last[-1] + 1]
    worst = np.minimum.accumulate([0.0, *(sign * (against / trade.entry_price - 1) * 100)])
    adverse[longer] = worst[last + 1 - begun]
    return held, adverse


def _longer_hold(
    minutes: int, episode: np.ndarray, held: np.ndarray, actual: np.ndarray, adverse: np.ndarray
) -> LongerHold:
    """Over episode means, as trades that overlap share their market; how far a price went is of single trades."""
    of_held, of_actual, differences = (
        episode_means(episode, values) for values in (held, actual, held - actual)
    )
    difference = mean_interval(differences) or (None, None, None)
    mean, low, high = (round_percent(value) for value in difference)
    return LongerHold(
        minutes=minutes,
        total=len(held),
        episodes=len(of_held),
        mean_net_pct=round_percent(_mean(of_held)),
        mean_actual_net_pct=round_percent(_mean(of_actual)),
        difference_pct=mean,
        difference_low_pct=low,
        difference_high_pct=high,
        worst_adverse_pct=round_percent(adverse.min() if len(adverse) else None),
        mean_adverse_pct=round_percent(_mean(adverse)),
    )


def _mean(values: np.ndarray) -> float | None:
    return float(values.mean()) if len(values) else None
