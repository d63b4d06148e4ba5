"""A tick of full size with made-up figures, for whoever wants to know what a prompt looks like and costs before there is data."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.contract.schema import MINUTES, RIBBON_TIMEFRAMES
from lib.market.ribbon import LINE_PERIODS
from runner.claude.tick_text import SHOWN_CANDLES
from runner.trade.models import Account, Position, Reading, TickView

AT = pd.Timestamp("2026-01-05T12:00:00Z")
_PRICE = 3412.37


def example_view() -> TickView:
    """A tick with all lines, all candles and an open position."""
    return TickView(
        at=AT,
        readings={timeframe: _reading(timeframe) for timeframe in RIBBON_TIMEFRAMES},
        candles_5min=_candles("5min"),
        candles_15min=_candles("15min"),
        position=_position(),
        account=Account(1003.2, 3.2, 0.32, 0.4, 1, 3),
        gate_reason="flip",
        wick="WICK_DOWN",
        regime="RANGING_QUIET",
    )


def _reading(timeframe: str) -> Reading:
    return Reading(
        timeframe=timeframe,
        at=AT - pd.Timedelta(seconds=2),
        price=_PRICE,
        state="mixed_green",
        quality="ok",
        symbol="ETHUSDT",
        lines={f"MMA{period}": _PRICE * (1 - period / 20_000) for period in LINE_PERIODS},
        colours=dict.fromkeys((f"MMA{period}" for period in LINE_PERIODS), "green"),
    )


def _candles(timeframe: str) -> pd.DataFrame:
    count, step = SHOWN_CANDLES[timeframe], pd.Timedelta(minutes=MINUTES[timeframe])
    closes = np.round(_PRICE + 4.13 * np.sin(np.arange(count)), 2)
    frame = pd.DataFrame(
        {
            "open": closes - 1.27,
            "high": closes + 3.31,
            "low": closes - 4.09,
            "close": closes,
            "volume": 1234.5,
        },
        index=pd.date_range(end=AT - step, periods=count, freq=step),
    )
    frame["closed_at"] = frame.index + step
    return frame


def _position() -> Position:
    return Position(
        decision_id="example",
        direction="LONG",
        size=0.29,
        entry_price=3405.11,
        entry_time=AT - pd.Timedelta(minutes=12),
        stop_price=3400.0,
        target_price=3415.33,
        time_exit_at=AT + pd.Timedelta(minutes=33),
        fees=0.44,
        peak_pct=0.25,
        worst_pct=-0.05,
    )
