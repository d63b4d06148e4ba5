"""Which groups a trade belongs to: the family columns of the stream tables, as known in the hour's window.

What is unknown at an entry is in no group of that family (docs/definitions.md, Setup signature).
All trades of an hour are described at once, whatever their stream: what is computed of candles and samples is the same for each.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from lib.analysis.actual_trades import confidence_bands
from lib.analysis.sentences import BANDS
from lib.contract.schema import UNKNOWN_SETUP
from lib.data.window import MarketWindow
from lib.lessons.hypotheses import THRESHOLDS
from lib.lessons.streams.models import Candidate
from lib.market.setups import describe_entries

_BAND_WORDS = dict(zip(BANDS, ("high", "medium", "low"), strict=True))


def group_words(trades: Sequence[Candidate], window: MarketWindow) -> list[dict[str, str]]:
    """For each trade the value of every family of any stream; "" where it belongs to none."""
    if not trades:
        return []
    entries = pd.DataFrame(
        {
            "direction": pd.array([trade.direction for trade in trades], dtype="str"),
            "entry_time": pd.to_datetime([trade.entry_at for trade in trades], unit="us", utc=True),
            "confidence": [float(trade.words.get("confidence", "nan")) for trade in trades],
            "kind": [trade.words.get("kind", "") for trade in trades],
            "hold": [trade.words.get("hold", "") for trade in trades],
            "state_5min": [trade.words.get("state_5min", "") for trade in trades],
            "state_15min": [trade.words.get("state_15min", "") for trade in trades],
        }
    )
    described = describe_entries(entries, window.candles_5min, window.samples_5min, window.samples_15min)
    bands = confidence_bands(described["confidence"])
    return [
        {
            "all": "trades",
            "direction": row.direction,
            "band": _BAND_WORDS.get(band, ""),
            "pattern": "" if row.state_5min == "unknown" else row.state_5min,
            "wick": _wick(row.trigger),
            "timeframes": _timeframes(row.state_5min, row.state_15min),
            "regime": "" if row.regime == "UNKNOWN" else f"{row.regime}_{row.direction}",
            "setup": "" if row.signature == UNKNOWN_SETUP else row.signature,
            "kind": row.kind,
            "hold": row.hold,
        }
        | thresholds_reached(row.confidence)
        for row, band in zip(described.itertuples(), bands, strict=True)
    ]


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
