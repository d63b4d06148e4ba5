"""Tables of what the compile and the history notebook show: sections, lessons and what followed them, thresholds, weeks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from lib.analysis.results import GroupStats
from lib.draw.axis import dollars, percent
from lib.draw.summaries import number_text, threshold_text
from lib.draw.tables import Table, bounds, net_text, rate_text, show_facts, show_rows
from lib.learning.lesson_history import LessonEffect, Sides

EVIDENCE = ("win_rate", "win_rate_low", "win_rate_high", "net_mean_pct", "net_low_pct", "net_high_pct")


def show_sections(insights: Mapping[str, Any]) -> Table:
    """Each section's status, what its figures are of, and why where that is not this cycle."""
    origins = insights["provenance"]["sections"]
    rows = [
        {
            "section": key,
            "status": status,
            "figures of": origins[key]["as_of"],
            "data until": origins[key]["data_until"],
            "reason": (origins[key]["reason"] or "").replace("_", " "),
        }
        for key, status in insights["sections"].items()
    ]
    return show_rows(rows)


def show_lessons(insights: Mapping[str, Any]) -> Table:
    """The lessons with their evidence."""
    rows = []
    for lesson in insights["lessons"]:
        group = GroupStats(
            total=lesson["n"],
            wins=0,
            episodes=lesson["episodes"],
            **{name: lesson[name] for name in EVIDENCE},
        )
        rows.append(
            {
                "hypothesis": lesson["id"],
                "status": lesson["status"],
                "net win rate (95 % Wilson)": rate_text(group),
                "net mean per episode (95 % t)": net_text(group),
            }
        )
    return show_rows(rows)


def show_thresholds(insights: Mapping[str, Any]) -> Table:
    """What is recommended of setups and confidence; empty lists are the normal case while nothing is proven."""
    return show_facts(
        {
            "best setups": ", ".join(insights["best_setups"]) or "none is proven",
            "worst setups": ", ".join(insights["worst_setups"]) or "none is proven",
            "candidate setups": f"{len(insights['candidate_setups'])}, the most frequent of the setups above; all unproven",
            "confidence threshold": threshold_text(insights["optimal_confidence_threshold"]),
            "prompt addition": f"{insights['provenance']['prompt_bytes']:,} bytes of at most 6,000",
        }
    )


def show_weeks(weeks: pd.DataFrame) -> Table:
    """Sums of the weeks (lib.learning.trends.weekly), each trade counted once."""
    rows = [
        {
            "week": week.Index,
            "cycles": f"{week.cycles:,}",
            "trades closed": f"{week.closed:,}",
            "net win rate (95 % Wilson)": rate_text(
                GroupStats(
                    total=week.closed,
                    wins=week.wins,
                    **{name: _or_none(getattr(week, name)) for name in EVIDENCE[:3]},
                )
            ),
            "net P&L, 1 unit": dollars(week.total_pnl),
            "median score": number_text(_or_none(week.scalper_score), 1),
            "active lessons": number_text(_or_none(week.active_lessons), 0),
            "nearest candidate": number_text(_or_none(week.nearest_share), 2),
        }
        for week in weeks.itertuples()
    ]
    return show_rows(rows)


def show_lesson_effects(effects: Sequence[LessonEffect]) -> Table:
    """Own trades before and since each lesson was active: those that trades were better after first."""
    rows = [
        {
            "lesson": effect.statement,
            "active": f"{effect.active_from[:16]} to {'now' if effect.active_until is None else effect.active_until[:16]}",
            "own trades since": effect.verdict,
            "before": _side_text(effect.own.mean_before_pct, effect.own.episodes_before),
            "since": _side_text(effect.own.mean_while_pct, effect.own.episodes_while),
            "difference (95 % Welch)": _difference_text(effect.own),
            "difference, its own group": _difference_text(effect.group),
        }
        for effect in effects
    ]
    return show_rows(rows, caption="Lessons and what followed, net mean per episode")


def _side_text(mean: float | None, episodes: int) -> str:
    return f"{percent(mean, 3, signed=True)} (n {episodes})"


def _difference_text(sides: Sides) -> str:
    found = bounds(sides.low_pct, sides.high_pct, 3) or "no interval"
    count = f"n {sides.episodes_before} and {sides.episodes_while}"
    return f"{percent(sides.difference_pct, 3, signed=True)} ({count}, {found})"


def _or_none(value: float) -> float | None:
    return None if pd.isna(value) else float(value)
