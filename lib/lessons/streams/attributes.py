"""Which groups a trade belongs to: the family columns of the stream tables, as known in the hour's window.

What is unknown at an entry is in no group of that family (docs/definitions.md, Setup signature).
All trades of an hour are described at once, whatever their stream: what is computed of candles and samples is the same for each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import nan
from typing import Any

import numpy as np
import pandas as pd

from lib.analysis.actual_trades import confidence_band
from lib.analysis.sentences import BANDS
from lib.contract.schema import UNKNOWN_SETUP
from lib.lessons.hypotheses import THRESHOLDS
from lib.lessons.streams.models import Candidate
from lib.market.setups import SetupReadings

_BAND_WORDS = dict(zip(BANDS, ("high", "medium", "low"), strict=True))


def group_words(
    trades: Sequence[Candidate], readings: SetupReadings, since: int | None = None
) -> list[dict[str, str]]:
    """For each trade the value of every family of any stream; "" where it belongs to none. Samples up to `since` are not looked at."""
    if not trades:
        return []
    said = [trade.words for trade in trades]
    found = readings.describe(
        np.array([trade.entry_at for trade in trades], dtype=np.int64),
        np.array([trade.direction == "LONG" for trade in trades], dtype=bool),
        [[str(words.get(name, "")) for words in said] for name in ("state_5min", "state_15min")],
        since,
    )
    rows = zip(
        trades, found.state_5min, found.state_15min, found.trigger, found.signature, found.regime, strict=True
    )
    return [
        _words(trade.direction, trade.words, *states, trigger, signature, regime)
        for trade, *states, trigger, signature, regime in rows
    ]


def frame_words(trades: pd.DataFrame) -> list[dict[str, str]]:
    """`group_words` of a trades frame (schema.TRADE_COLUMNS), whose setups and regimes were read already; in its order."""
    columns = ("direction", "confidence", "state_5min", "state_15min", "trigger", "signature", "regime")
    rows = zip(*(trades[name].tolist() for name in columns), strict=True)
    return [_words(direction, {"confidence": confidence}, *rest) for direction, confidence, *rest in rows]


def _words(
    direction: str, said: Mapping[str, Any], fast: str, slow: str, trigger: str, signature: str, regime: str
) -> dict[str, str]:
    """The words of one trade; `fast` and `slow` are the states of the ribbons of 5 and 15 minutes."""
    confidence = float(said.get("confidence", nan))
    return {
        "all": "trades",
        "direction": direction,
        "band": _BAND_WORDS.get(confidence_band(confidence), ""),
        "pattern": "" if fast == "unknown" else fast,
        "wick": _wick(trigger),
        "timeframes": _timeframes(fast, slow),
        "regime": "" if regime == "UNKNOWN" else f"{regime}_{direction}",
        "setup": "" if signature == UNKNOWN_SETUP else signature,
        "kind": said.get("kind", ""),
        "hold": said.get("hold", ""),
    } | thresholds_reached(confidence)


def _wick(trigger: str) -> str:
    """Whether the trigger is a wick; "" where it is unknown."""
    if trigger == UNKNOWN_SETUP:
        return ""
    return "present" if trigger in ("WICK_DOWN", "WICK_UP") else "absent"


def thresholds_reached(confidence: float) -> dict[str, str]:
    """The families of the confidence thresholds: "up" from each that it reaches; a NaN reaches none."""
    # Confidences are sums of tenths: .6 + .1 + .1 is a hair below .8.
    return {name: "up" if confidence + 1e-9 >= least else "" for name, least in THRESHOLDS.items()}


def _timeframes(state_5min: str, state_15min: str) -> str:
    """Whether the two ribbons are of one colour family; "" if one of them is unknown."""
    states = (state_5min, state_15min)
    if "unknown" in states:
        return ""
    return (
        "agree" if any(all(colour in state for state in states) for colour in ("green", "red")) else "apart"
    )
