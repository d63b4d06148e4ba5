"""Whether a trend over cycles moved, so that a picture of it says more than its last point. The frame is that of lib.history.trends."""

from __future__ import annotations

import pandas as pd

from lib.draw.numbers import counted

#: Columns of what is drawn over the cycles, by its name. A nearest candidate alone that comes nearer is no picture.
TRENDS = {
    "the win rate": ("win_rate",),
    "the entry rule's win rate": ("backtest_win_rate",),
    "the scalper score": ("scalper_score",),
    "how many lessons are proven": ("proven_lessons", "lessons_to_act_on"),
}


def moved_sentence(history: pd.DataFrame | None) -> str:
    """What of TRENDS moved over the cycles, and so is drawn."""
    if history is None or len(history) < 2:
        return "Fewer than two cycles are no trend."
    found = [name for name, columns in TRENDS.items() if moves(history, *columns)]
    over = f"over {counted(len(history), 'cycles')}"
    if not found:
        return f"Nothing moved {over}: win rates lie within the newest one's 95 % interval, score and lessons are as they were."
    return (
        f"Moved {over}: {', '.join(found)}. Windows of neighbouring cycles share most of their trades, so a smooth line is no "
        "evidence of a trend. What did not move, or stayed within its newest interval, is not drawn."
    )


def moves(history: pd.DataFrame | None, *columns: str) -> bool:
    """Whether one of the columns moved: a line that lies flat says no more than its last point.

    A column with an interval moved where a value lies outside the newest one's interval, any other where two values differ to two decimals.
    """
    return history is not None and any(_moved_out(history, column) for column in columns)


def _moved_out(history: pd.DataFrame, column: str) -> bool:
    known = history.dropna(subset=[column]) if column in history else history[:0]
    if len(known) and f"{column}_low" in known:
        low, high = known[f"{column}_low"].iloc[-1], known[f"{column}_high"].iloc[-1]
        return bool(((known[column] < low) | (known[column] > high)).any())
    return len(known) > 0 and known[column].astype(float).round(2).nunique() > 1
