"""Tables of what the compile and the history notebook show: sections, lessons, thresholds, weeks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from lib.contract.dollars import A_COIN, Coin
from lib.contract.results import GroupStats
from lib.draw.html import Text
from lib.draw.lesson_lines import question_words
from lib.draw.numbers import dollars, per_coin
from lib.draw.summaries import number_text, threshold_text
from lib.draw.tables import Table, rate_text, show_facts, show_rows
from lib.draw.words import typeset
from lib.prompt.difference import PromptChange
from lib.prompt.hold import PromptInForce
from lib.prompt.layout import MAX_BYTES
from lib.prompt.wording import change_sentence

#: A short table: a report's front page and `ribbon lessons diff` have all of it.
MOST_ROWS = 12
_EVIDENCE = ("win_rate", "win_rate_low", "win_rate_high", "net_mean_pct", "net_low_pct", "net_high_pct")


def show_sections(insights: Mapping[str, Any]) -> Table:
    """Each section's status, what its figures are of, and why where that is not this cycle."""
    origins = insights["provenance"]["sections"]
    rows = [
        {
            "section": key.replace("_", " "),
            "status": status,
            "figures of": origins[key]["as_of"],
            "data until": origins[key]["data_until"],
            "reason": (origins[key]["reason"] or "").replace("_", " "),
        }
        for key, status in insights["sections"].items()
    ]
    return show_rows(rows, caption="Which analyses are of this hour")


def show_thresholds(insights: Mapping[str, Any]) -> Table:
    """What is recommended of confidence, and how large the prompt addition is."""
    return show_facts(
        {
            "confidence threshold": threshold_text(insights["optimal_confidence_threshold"]),
            "prompt addition": f"{insights['provenance']['prompt_bytes']:,} bytes of at most {MAX_BYTES:,}",
        },
        caption="Confidence threshold and size",
    )


def show_prompt_change(change: PromptChange | None) -> Table:
    """Lines that came into and went from what Claude is told; those that only have other figures are counted in the caption."""
    if change is None:
        return Table(pd.DataFrame(), change_sentence(None))
    if change.is_first:
        return Table(pd.DataFrame(), typeset(change_sentence(change)))
    rows = [
        {"what": word, "section": line.section, "line": line.text}
        for word, lines in (("new", change.came), ("gone", change.went))
        for line in lines
    ]
    rows += [
        {
            "what": "lesson",
            "section": question_words(lesson.id),
            "line": f"{lesson.before or 'not there'} → {lesson.after or 'gone'}",
        }
        for lesson in change.lessons or []
    ]
    hidden = len(rows) - MOST_ROWS + change.came_more + change.went_more + change.lessons_more
    more = f" {hidden} more rows: `ribbon lessons diff`, or the front page." if len(rows) > MOST_ROWS else ""
    return Table(pd.DataFrame(rows[:MOST_ROWS]), typeset(change_sentence(change)) + more, left=True)


def show_prompt_in_force(told: PromptInForce) -> Text:
    """What Claude is told, headed by since when a person holds it where that is not what the cycle composed."""
    held = told.insights["provenance"]["prompt_held_since"]
    head = (
        f"HELD since {held} (`ribbon lessons rollback`): this is told, not what is composed from the above.\n\n"
        if held
        else ""
    )
    return Text(head + told.prompt)


def show_weeks(weeks: pd.DataFrame, coin: Coin = A_COIN) -> Table:
    """Sums of the weeks (lib.history.trends.weekly), each trade counted once."""
    rows = [
        {
            "week": week.Index,
            "cycles": f"{week.cycles:,}",
            "trades closed": f"{week.closed:,}",
            "won, net (95 %)": rate_text(
                GroupStats(
                    total=week.closed,
                    wins=week.wins,
                    **{name: _or_none(getattr(week, name)) for name in _EVIDENCE[:3]},
                )
            ),
            f"net P&L {per_coin(coin)}": dollars(week.total_pnl, coin),
            "median score": number_text(_or_none(week.scalper_score), 1),
            "lessons to act on": number_text(_or_none(week.lessons_to_act_on), 0),
            "proven": number_text(_or_none(week.proven_lessons), 0),
            "nearest candidate": number_text(_or_none(week.nearest_share), 2),
        }
        for week in weeks.itertuples()
    ]
    return show_rows(rows)


def _or_none(value: float) -> float | None:
    return None if pd.isna(value) else float(value)
