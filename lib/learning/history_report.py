"""The text report of `ribbon history`; ASCII, so that it prints in any log."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from lib.learning.changes import rate_of, score_of
from lib.learning.history import CycleRecord
from lib.learning.prompts.wording import change_sentence
from lib.learning.trends import weekly
from lib.learning.words import bounds, money, number, rate, regime_word, time_word


def text_report(records: Sequence[CycleRecord], last: int = 10, set_aside: int = 0) -> str:
    """The history in plain text: the last cycles, week by week, and what changed in the newest ones."""
    notes = [f"{set_aside} lines of the history file are no records and were set aside."] if set_aside else []
    if not records:
        return "\n".join(["No cycle is recorded yet: `ribbon cycle` records one.", *notes]) + "\n"
    newest, shown = records[-1], records[-last:] if last > 0 else []
    market = "a SYNTHETIC market" if newest.synthetic else "real data"
    cycles = "1 cycle" if len(records) == 1 else f"{len(records)} cycles"
    head = [
        f"Training history: {cycles}, {time_word(records[0].timestamp)} to {time_word(newest.timestamp)}",
        f"Decisions: {newest.decisions}, on {market}. Dollars and win rates are net of costs, for 1 unit; [ ] = 95 % interval.",
        "Window = trades of the cycle's window (neighbours overlap); new = trades closed since the cycle before.",
    ]
    return (
        "\n".join([*head, *notes, *_cycle_table(shown), *_week_table(records), *_changes(shown[-3:])]) + "\n"
    )


def _cycle_table(records: Sequence[CycleRecord]) -> list[str]:
    rows = [("cycle", "as of", "n", "window win rate", "window net", "score", "new", "new net", "regime")]
    for record in records:
        window, new = record.window, record.since_last
        rows.append(
            (
                str(record.cycle_number),
                time_word(record.timestamp),
                number(window.n) if window else "-",
                rate_of(window) if window else "no figures",
                money(window.total_pnl) if window else "-",
                score_of(window.scalper_score) if window else "-",
                number(new.n) if new else "-",
                money(new.total_pnl) if new else "-",
                regime_word(str(record.regime)),
            )
        )
    title = "The newest cycle" if len(records) == 1 else f"The newest {len(records)} cycles"
    return ["", title, *_aligned(rows, left=(1, 8))]


def _week_table(records: Sequence[CycleRecord]) -> list[str]:
    rows = [("week", "cycles", "closed", "won", "win rate", "net", "median score")]
    for week, row in weekly(records).iterrows():
        interval = bounds(row["win_rate_low"], row["win_rate_high"], 1)
        win_rate = f"{rate(row['win_rate'])} {interval}" if row["closed"] else "-"
        score = "-" if pd.isna(row["scalper_score"]) else number(row["scalper_score"], 1)
        counts = (number(row["cycles"]), number(row["closed"]), number(row["wins"]))
        rows.append((str(week), *counts, win_rate, money(row["total_pnl"]), score))
    return [
        "",
        "Week by week (each trade once, in the week of the cycle that first saw it closed)",
        *_aligned(rows, left=(0,)),
    ]


def _changes(records: Sequence[CycleRecord]) -> list[str]:
    lines = ["", "What changed"]
    for record in reversed(records):
        lines.append(f"  cycle {record.cycle_number}, {time_word(record.timestamp)}")
        lines += [
            f"    - {text}" for text in [*record.key_improvements, change_sentence(record.prompt_change)]
        ]
    return lines


def _aligned(rows: list[tuple[str, ...]], left: tuple[int, ...]) -> list[str]:
    """Rows of a table under a ruled header, columns right-aligned but for `left`."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  "
        + "  ".join(
            cell.ljust(width) if column in left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return [lines[0], "  " + "-" * (sum(widths) + 2 * (len(widths) - 1)), *lines[1:]]
