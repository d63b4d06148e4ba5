"""Ticks written out by hand, and published lessons."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from lib.prompt.addition import compose_prompt
from lib.published.insights import compile_insights
from lib.published.pair import publish
from runner.trade.models import Account, Position, Reading, TickView
from tests.builders import at, candles
from tests.lib.contract.made import AS_OF, all_published

PERIODS = (*range(5, 91, 5), *range(100, 146, 5))
ACCOUNT = Account(
    equity=1000.0, day_net=-3.2, day_net_pct=-0.32, drawdown_pct=0.4, trades_this_hour=1, trades_today=3
)


def walk(count: int, minutes: int) -> pd.DataFrame:
    """Candles that rise by 2 a candle, up to 600 minutes after START."""
    rows = [(2000.0 + 2 * n, 2003.5 + 2 * n, 1999.25 + 2 * n, 2002.0 + 2 * n) for n in range(count)]
    return candles(rows, minutes, start=600 - count * minutes)


def reading(timeframe: str, **changed: object) -> Reading:
    fields = {
        "at": at(600) - pd.Timedelta(seconds=2),
        "price": 2100.5,
        "state": "all_green",
        "quality": "ok",
        "symbol": "ETHUSDT",
        "lines": {f"MMA{period}": 2100.0 - period / 10 for period in PERIODS},
        "colours": {f"MMA{period}": "#089981" for period in PERIODS},
    }
    return Reading(timeframe=timeframe, **(fields | changed))  # type: ignore[arg-type]


def tick(**changed: object) -> TickView:
    fields = {
        "at": at(600),
        "readings": {"5min": reading("5min"), "15min": reading("15min", state="mixed_green")},
        "candles_5min": walk(60, 5),
        "candles_15min": walk(30, 15),
        "position": None,
        "account": ACCOUNT,
        "gate_reason": "flip",
        "wick": "WICK_DOWN",
        "regime": "RANGING_QUIET",
    }
    return TickView(**(fields | changed))  # type: ignore[arg-type]


def held(**changed: object) -> Position:
    fields = {
        "decision_id": "d1",
        "direction": "LONG",
        "size": 0.4,
        "entry_price": 2090.0,
        "entry_time": at(580),
        "stop_price": 2086.865,
        "target_price": 2096.27,
        "time_exit_at": at(625),
        "fees": 0.4,
        "peak_pct": 0.6,
        "worst_pct": -0.05,
    }
    return Position(**(fields | changed))  # type: ignore[arg-type]


def publish_lessons(folder: Path, as_of: str = AS_OF) -> str:
    """Publish the lessons of a made-up cycle; their text."""
    insights = compile_insights(all_published(as_of), None, as_of)
    text = compose_prompt(insights)
    publish(folder, insights, text, force=True)
    return text
