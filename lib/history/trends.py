"""The history as frames, for charts and sums over weeks: each trade counted once, though windows overlap."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from lib.contract.dollars import published_decimals
from lib.history.records import CycleRecord, instant_at
from lib.stats.groups import round_dollars, round_rate
from lib.stats.intervals import wilson_interval

#: Columns that are no numbers with fractions.
_OTHER_COLUMNS = ("cycle_number", "closed_since", "closed", "closed_wins")
_TREND_COLUMNS = (
    "timestamp",
    "cycle_number",
    "win_rate",
    "win_rate_low",
    "win_rate_high",
    "n",
    "total_pnl",
    "scalper_score",
    "closed_since",
    "closed",
    "closed_wins",
    "closed_pnl",
    "backtest_win_rate",
    "backtest_win_rate_low",
    "backtest_win_rate_high",
    "backtest_n",
    "backtest_pnl",
    "optimal_pnl",
    "learnable_pnl",
    "gap_pnl",
    "proven_lessons",
    "lessons_to_act_on",
    "nearest_share",
)
_WEEK_COLUMNS = (
    "week",
    "cycles",
    "closed",
    "wins",
    "win_rate",
    "win_rate_low",
    "win_rate_high",
    "total_pnl",
    "scalper_score",
    "proven_lessons",
    "lessons_to_act_on",
    "nearest_share",
)


def trends(records: Sequence[CycleRecord]) -> pd.DataFrame:
    """One row per cycle, indexed by its timestamp (UTC), for charts over weeks.

    Columns: cycle_number; win_rate, win_rate_low, win_rate_high (percent), n, total_pnl ($), scalper_score of the window; closed,
    closed_wins, closed_pnl of the trades that closed after closed_since, the cycle before (0, and no time, where a later record covers
    them as well, so that they sum to each trade once); backtest_win_rate with its interval and
    backtest_n, backtest_pnl; optimal_pnl (of the perfect setup trades), learnable_pnl and gap_pnl, unknown in records of another optimum;
    proven_lessons, of which lessons_to_act_on (unknown in older records), and nearest_share, the share (0 to 1) that the nearest
    candidate has of the evidence it needs: unknown where a record has no counts.
    """
    covered = _covered(records)
    rows = []
    for record, twice in zip(records, covered, strict=True):
        window, closed = record.window, None if twice else record.since_last
        backtest, evidence = record.backtest, record.evidence
        perfect = record.optimum if record.optimum and record.optimum.learnable_pnl is not None else None
        rows.append(
            {
                "timestamp": record.at,
                "cycle_number": record.cycle_number,
                "win_rate": window.win_rate if window else None,
                "win_rate_low": window.win_rate_low if window else None,
                "win_rate_high": window.win_rate_high if window else None,
                "n": window.n if window else None,
                "total_pnl": window.total_pnl if window else None,
                "scalper_score": window.scalper_score.total if window else None,
                "closed_since": instant_at(closed.since) if closed else None,
                "closed": closed.n if closed else 0,
                "closed_wins": closed.wins if closed else 0,
                "closed_pnl": closed.total_pnl if closed else 0.0,
                "backtest_win_rate": backtest.win_rate if backtest else None,
                "backtest_win_rate_low": backtest.win_rate_low if backtest else None,
                "backtest_win_rate_high": backtest.win_rate_high if backtest else None,
                "backtest_n": backtest.total_trades if backtest else None,
                "backtest_pnl": backtest.total_pnl if backtest else None,
                "optimal_pnl": perfect.pnl if perfect else None,
                "learnable_pnl": perfect.learnable_pnl if perfect else None,
                "gap_pnl": perfect.gap_pnl if perfect else None,
                "proven_lessons": evidence.proven if evidence else None,
                "lessons_to_act_on": evidence.act_on if evidence else None,
                "nearest_share": evidence.nearest if evidence else None,
            }
        )
    frame = pd.DataFrame(rows, columns=_TREND_COLUMNS).set_index("timestamp")
    return frame.astype({name: "float64" for name in frame.columns if name not in _OTHER_COLUMNS})


def weekly(records: Sequence[CycleRecord]) -> pd.DataFrame:
    """`weekly_of` the trends of records."""
    return weekly_of(trends(records))


def weekly_of(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per ISO week (index, as `2025-W42`) from trades closed between cycles, each counted once; `frame` as of `trends`.

    Columns: cycles, closed, wins, win_rate with win_rate_low and win_rate_high (percent), total_pnl ($), scalper_score (median);
    proven_lessons, lessons_to_act_on and nearest_share as the week's last record that knows each has it.
    """
    calendar = frame.index.isocalendar() if len(frame) else None
    weeks = (
        [f"{year}-W{week:02d}" for year, week in zip(calendar.year, calendar.week, strict=True)]
        if len(frame)
        else []
    )
    rows = []
    for week, group in frame.groupby(pd.Index(weeks, dtype=object), sort=True):
        closed, wins = int(group["closed"].sum()), int(group["closed_wins"].sum())
        low, high = wilson_interval(wins, closed) or (None, None)
        rows.append(
            {
                "week": week,
                "cycles": len(group),
                "closed": closed,
                "wins": wins,
                "win_rate": round_rate(100 * wins / closed) if closed else None,
                "win_rate_low": round_rate(low),
                "win_rate_high": round_rate(high),
                "total_pnl": round_dollars(
                    group["closed_pnl"].sum(), published_decimals(group["closed_pnl"].tolist())
                ),
                "scalper_score": group["scalper_score"].median(),
                "proven_lessons": _newest(group["proven_lessons"]),
                "lessons_to_act_on": _newest(group["lessons_to_act_on"]),
                "nearest_share": _newest(group["nearest_share"]),
            }
        )
    return pd.DataFrame(rows, columns=_WEEK_COLUMNS).set_index("week")


def _newest(values: pd.Series) -> float:
    known = values.dropna()
    return float(known.iloc[-1]) if len(known) else float("nan")


def _covered(records: Sequence[CycleRecord]) -> list[bool]:
    """Whether a later record's `since_last` already reaches back over each record (one put in later, by force)."""
    covered, reach = [], None
    for record in reversed(records):
        inside = reach is not None and record.at > reach
        covered.append(inside)
        if not inside and record.since_last:
            reach = instant_at(record.since_last.since)
    return covered[::-1]
