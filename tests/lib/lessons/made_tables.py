"""Seeded tables of closed trades with several trades an episode, gaps, and edges that come and go."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from lib.contract.schema import SIGNATURES
from lib.contract.times import times_index
from lib.lessons.episodes import COLUMNS
from lib.lessons.hypotheses import FAMILIES

BEGIN_US = 1_748_736_000_000_000  #: 2025-06-01 00:00 UTC
MINUTE_US = 60_000_000


def table_of(stream: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Rows of microseconds, numbers and words as a stream's table; families that are not given are ""."""
    filled = [dict.fromkeys(FAMILIES[stream], "") | row for row in rows]
    frame = pd.DataFrame(filled, columns=[*COLUMNS, *FAMILIES[stream]])
    times = {name: times_index(frame[name].to_numpy(dtype=np.int64)) for name in ("entry_time", "exit_time")}
    return frame.assign(**times)


def trade(entry: float, net: float, episode: int, minutes: float = 10, **more: Any) -> dict[str, Any]:
    """One row, entered so many minutes after BEGIN_US."""
    begun = BEGIN_US + round(entry * MINUTE_US)
    return {
        "entry_time": begun,
        "exit_time": begun + round(minutes * MINUTE_US),
        "net_pct": net,
        "worst_pct": 0.36,
        "best_pct": 0.29,
        "trade": f"t{episode}-{entry:g}",
        "episode": episode,
        **more,
    }


def random_rows(stream: str, seed: int, count: int, small: bool = False) -> list[dict[str, Any]]:
    """Rows of `count` episodes of one to four trades; the share of winners goes by the group and turns over halfway.

    Declared bounds differ from trade to trade, a few losses lie beyond them, one episode in twelve begins before the last one has ended,
    and once in a while weeks go by. `small`: returns so small that candidates are shelved.
    """
    random = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    minute = 0.0
    for episode in range(count):
        pause = random.choice([5.0, 60.0, 600.0, 1440.0 * 46], p=[0.6, 0.36, 0.036, 0.004])
        begun = minute - 3 if random.random() < 1 / 12 else minute + pause
        for _ in range(int(random.choice([1, 1, 2, 4]))):
            words = {
                family: _value(random, stream, family, values) for family, values in FAMILIES[stream].items()
            }
            first = next(word for word in reversed(words.values()))
            share = 0.5 + 0.5 * np.sin(len(first) + 2 * (episode > count * 0.6))
            worst, best = random.choice([0.26, 0.36, 0.5]), random.choice([0.2, 0.29, 0.6])
            net = best - 0.1 if random.random() < share else 0.1 - worst
            if random.random() < 0.02:
                net = -worst - 0.05
            net *= 0.1 if small else 1.0
            entry, minutes = begun + random.uniform(0, 4), random.uniform(5, 20)
            row = trade(entry, net, episode, minutes, worst_pct=worst, best_pct=best, **words)
            rows.append(row)
            minute = max(minute, entry + minutes)
    return rows


def _value(random: np.random.Generator, stream: str, family: str, values: tuple[str, ...]) -> str:
    if random.random() < 0.1:
        return "trades" if family == "all" else ""
    known = values or (SIGNATURES[0], SIGNATURES[17], SIGNATURES[30])
    return str(known[min(int(random.exponential(len(known) / 4)), len(known) - 1)])


def episodes_in(rows: list[dict[str, Any]]) -> list[tuple[int, int, list[dict[str, Any]]]]:
    """(begun, ended, rows) of each episode."""
    found = {}
    for row in rows:
        found.setdefault(row["episode"], []).append(row)
    return [
        (min(row["entry_time"] for row in group), max(row["exit_time"] for row in group), group)
        for group in found.values()
    ]
