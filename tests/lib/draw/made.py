"""Small frames and groups for the drawing tests, written out so that what must be drawn can be read off."""

from __future__ import annotations

import pandas as pd

from lib.contract.results import GroupStats, NamedGroup

START = pd.Timestamp("2025-06-14T08:00:00Z")


def at(minutes: float) -> pd.Timestamp:
    """So many minutes after START."""
    return START + pd.Timedelta(minutes=minutes)


def candles(opens: list[int], first: float = 100.0) -> pd.DataFrame:
    """5-minute candles opening at these minutes; each rises by 1, with a shadow of 0.5 both ways."""
    index = pd.DatetimeIndex([at(minute) for minute in opens], name="timestamp").as_unit("us")
    opened = [first + place for place in range(len(opens))]
    frame = pd.DataFrame({"open": opened, "close": [price + 1 for price in opened]}, index=index, dtype=float)
    frame["high"], frame["low"] = frame["close"] + 0.5, frame["open"] - 0.5
    frame["volume"] = 1.0
    frame["closed_at"] = frame.index + pd.Timedelta(minutes=5)
    return frame


def samples(
    minutes: list[float], states: list[str] | None = None, quality: list[str] | None = None
) -> pd.DataFrame:
    """Samples at these minutes with three lines 10, 20, 30 below 100 and their colours green, red, yellow."""
    count = len(minutes)
    index = pd.DatetimeIndex([at(minute) for minute in minutes], name="timestamp").as_unit("us")
    frame = pd.DataFrame({"price": 100.0}, index=index)
    frame["state"] = states or ["mixed"] * count
    frame["quality"] = quality or ["ok"] * count
    for period, below, colour in ((5, 10.0, "#00ff00"), (10, 20.0, "#ff0000"), (40, 30.0, "yellow")):
        frame[f"MMA{period}"], frame[f"MMA{period}_color"] = 100.0 - below, colour
    return frame


def trades() -> pd.DataFrame:
    """Three trades, net +3, −2, +1 and gross +4, −1, +2 dollars; the second LONG entered, closes last."""
    rows = [
        ("LONG", 0, 100.0, 10, 104.0, "TP_HIT", 4.0, 3.0),
        ("LONG", 12, 104.0, 40, 103.0, "SL_HIT", -1.0, -2.0),
        ("SHORT", 20, 104.0, 30, 102.0, "TIME_EXIT", 2.0, 1.0),
    ]
    frame = pd.DataFrame(
        rows,
        columns=[
            "direction",
            "entry",
            "entry_price",
            "exit",
            "exit_price",
            "exit_reason",
            "gross_usd",
            "net_usd",
        ],
    )
    frame["entry_time"] = pd.to_datetime([at(minute) for minute in frame.pop("entry")])
    frame["exit"] = frame["exit"].astype(float)
    frame["exit_time"] = pd.to_datetime([at(minute) for minute in frame.pop("exit")])
    frame["hold_minutes"] = (frame["exit_time"] - frame["entry_time"]).dt.total_seconds() / 60
    frame["win"] = frame["net_usd"] > 0
    frame["net_pct"] = frame["net_usd"] / frame["entry_price"] * 100
    return frame


def group(
    name: str, total: int, wins: int, pnl: float = 0.0, low: float = 10.0, high: float = 90.0
) -> NamedGroup:
    """A group with an interval that is easy to find again."""
    return NamedGroup(name=name, **stats(total, wins, pnl, low, high).model_dump())


def stats(total: int, wins: int, pnl: float = 0.0, low: float = 10.0, high: float = 90.0) -> GroupStats:
    """The same without a name."""
    return GroupStats(
        total=total,
        wins=wins,
        win_rate=100 * wins / total if total else None,
        win_rate_low=low if total else None,
        win_rate_high=high if total else None,
        total_pnl=pnl,
        avg_pnl=pnl / total if total else None,
    )
