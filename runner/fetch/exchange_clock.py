"""An exchange's own clock beside this machine's: which candles have closed is for it to say.

A machine's clock that is ahead takes a running candle for a whole one, and half of it would stay as that candle.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

import pandas as pd

from lib.contract.times import iso
from runner.fetch.causes import CAUSES

#: Further apart than this the two clocks must not be, seconds.
CLOCKS_APART_S = 2.0
#: Who asks until then or later asks until now.
_BEFORE = pd.Timedelta(minutes=1)
#: The head of an answer tells the time to the second, by a gateway's clock; so far off it may be, seconds.
_HEAD_S, _GATEWAY_S = 0.5, 2.5


def clock_off(
    exchange: Any,
    answered: tuple[float, float],
    ask: Callable[[Callable[[], Any]], Any] = lambda asked: asked(),
) -> tuple[float, float] | None:
    """By how many seconds this machine's clock is ahead of a ccxt exchange's, and how far off that may be; None where no time is told.

    Where there is no call for the time, the head of the last answer has it, which was asked for and there at `answered`, seconds since
    1970 by this machine's clock. Raises whatever `ask` raises.
    """
    if not getattr(exchange, "has", {}).get("fetchTime"):
        return by_head(exchange, *answered)
    before = time.time()
    told = ask(exchange.fetch_time)
    after = time.time()
    return ((before + after) / 2 - told / 1_000, (after - before) / 2) if told else None


def told_by_both(now: pd.Timestamp, off: tuple[float, float] | None) -> pd.Timestamp:
    """Until when candles have closed by both clocks, by what `clock_off` found."""
    ahead, unsure = off or (0.0, 0.0)
    return (now - pd.Timedelta(seconds=ahead)).as_unit("us") if ahead > unsure else now


def closed_by(
    exchange: Any, until: pd.Timestamp, asked: float, answered: tuple[float, float]
) -> tuple[pd.Timestamp, tuple[str, ...]]:
    """Until when candles that were asked for at `asked` have closed, at most `until`; and in words that a clock is off, if it matters."""
    try:
        off = clock_off(exchange, answered)
    except Exception:  # the candles came: their head tells the time, too
        off = by_head(exchange, *answered)
    now = pd.Timestamp(asked, unit="s", tz="UTC").as_unit("us")
    closed = min(until, told_by_both(now, off))
    matters = until >= now - _BEFORE or closed < until
    if off is None or abs(off[0]) - off[1] <= CLOCKS_APART_S or not matters:
        return closed, ()
    told = f"this machine's clock is {abs(off[0]):,.1f} s {'ahead of' if off[0] > 0 else 'behind'} {exchange.id}'s"
    return closed, (f"{told}, so candles are taken until {iso(closed.floor('s'))}. {CAUSES['clock'].fix}",)


def by_head(exchange: Any, before: float, after: float) -> tuple[float, float] | None:
    """As `clock_off`, by the head of the last answer."""
    head = getattr(exchange, "last_response_headers", None) or {}
    told = {name.lower(): value for name, value in head.items()}
    try:
        # What a gateway kept bears the time at which it was made, and its age.
        sent = parsedate_to_datetime(told.get("date", "")).timestamp() + _HEAD_S + float(told.get("age", 0))
    except (TypeError, ValueError):
        return None
    return (before + after) / 2 - sent, _HEAD_S + _GATEWAY_S + (after - before) / 2
