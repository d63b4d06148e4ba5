"""What a simulated trader did as a decisions log, and what is true of it.

States, wick and regime of a row are those that candles and samples show at its time, read with the code that reads real ones.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.contract import schema
from lib.contract.typed import typed_decisions
from lib.market.costs import SIGN, Costs
from lib.market.exits import STANDARD
from lib.market.fills import exit_fill
from lib.market.setups import describe_entries
from lib.simulation.planted import Span, edges_on, planted_key
from lib.simulation.trader import Trader

#: Text written for what the trader saw.
REASONS = {
    "wick": "a wick just closed",
    "breakout": "close beyond the last three candles",
    "flip": "ribbon just turned",
    "aligned": "no fresh signal",
    "whim": "no signal, a guess",
}
_PERCENT_DECIMALS, _PRICE_DECIMALS = 6, 4


def decisions_frame(
    trader: Trader | None,
    costs: Costs,
    candles_5min: pd.DataFrame,
    samples_5min: pd.DataFrame,
    samples_15min: pd.DataFrame,
) -> pd.DataFrame:
    """The trader's log as a frame of schema.DECISION_COLUMNS in time order; empty without a trader."""
    rows = [] if trader is None else [_row(trader, decision, costs) for decision in trader.decisions]
    frame = typed_decisions(rows)
    asked = frame[["direction"]].assign(entry_time=frame["timestamp"])
    seen = describe_entries(asked, candles_5min, samples_5min, samples_15min)
    for name in ("state_5min", "state_15min", "regime"):
        frame[name] = seen[name]
    is_wick = seen["trigger"].str.startswith("WICK") & (frame["direction"] != "HOLD")
    frame["wick"] = seen["trigger"].where(is_wick, "").astype("str")
    against = _against(frame["direction"], frame["state_5min"])
    states = "5min " + frame["state_5min"] + ", 15min " + frame["state_15min"]
    frame["reasoning"] = (
        frame["reasoning"] + ": " + states + pd.Series(np.where(against, ", against the 5min ribbon", ""))
    ).astype("str")
    return frame


def _against(directions: pd.Series, states: pd.Series) -> np.ndarray:
    """Whether an entry goes against the colour of the 5-minute ribbon."""
    green, red = (states.str.endswith(colour).to_numpy(bool) for colour in ("_green", "_red"))
    return ((directions == "SHORT").to_numpy() & green) | ((directions == "LONG").to_numpy() & red)


def _row(trader: Trader, decision: dict[str, object], costs: Costs) -> dict[str, object]:
    asked = _instant(trader.market.time(decision["step"]))
    entered = "entry_step" in decision
    row: dict[str, object] = {
        "timestamp": asked,
        "direction": decision["direction"],
        "entry_recommended": "NO" if decision["direction"] == "HOLD" else "YES",
        "confidence": decision["confidence"],
        "executed": entered,
        "reasoning": REASONS[decision["sight"]],
        "decision_id": f"simulated-{asked:%Y%m%dT%H%M%SZ}",
        "model": schema.SIMULATED_MODEL,
        "holding": "YES" if decision["holding"] else "NO",
    }
    if decision["direction"] in SIGN:
        row |= {"stop_pct": STANDARD.stop_pct, "target_pct": STANDARD.target_pct}
    return row | _trade(trader, decision, costs) if entered else row


def _trade(trader: Trader, decision: dict[str, object], costs: Costs) -> dict[str, object]:
    sign, fill, found = SIGN[decision["direction"]], decision["entry_price"], decision["exit"]
    row: dict[str, object] = {
        "entry_time": _instant(trader.market.time(decision["entry_step"])),
        "entry_price": fill,
        "stop_price": round(fill * (1 - sign * STANDARD.stop_pct / 100), _PRICE_DECIMALS),
        "target_price": round(fill * (1 + sign * STANDARD.target_pct / 100), _PRICE_DECIMALS),
        "size": 1.0,
        "fees": round(fill * costs.fees_pct / 100, _PRICE_DECIMALS),
    }
    if found is None:
        return row
    price = round(exit_fill(found, sign, costs), _PRICE_DECIMALS)
    gross = sign * (price - fill) / fill * 100
    return row | {
        "exit_price": price,
        "exit_reason": found.reason,
        "exit_time": _instant(found.at),
        "pnl_pct": round(gross, _PERCENT_DECIMALS),
        "net_pnl_pct": round(gross - costs.fees_pct, _PERCENT_DECIMALS),
    }


def _instant(microseconds: int) -> pd.Timestamp:
    return pd.Timestamp(microseconds, unit="us", tz="UTC")


def truth_of(
    decisions: pd.DataFrame,
    trader: Trader | None,
    edges: dict[str, float],
    spans: dict[str, Span],
    candles_5min: pd.DataFrame,
    samples_5min: pd.DataFrame,
    samples_15min: pd.DataFrame,
) -> dict[str, object]:
    """What is true of a market (JSON): the edges wanted and realised, and how the trades without one did.

    `planted[key]`: net_mean_pct wanted, its days where it has a span, trades that met the drift, drift_minutes and drift_pct (sum of
    its sizes), and the closed trades of its setups read back from the market with their net mean. `unplanted`: all other closed trades;
    `setups`: each setup.
    """
    closed = decisions[decisions["executed"] & decisions["exit_time"].notna()]
    trades = describe_entries(
        closed[["direction", "entry_time", "net_pnl_pct"]], candles_5min, samples_5min, samples_15min
    )
    days = (trades["entry_time"] - samples_5min.index.min()) / pd.Timedelta(days=1)
    keys = pd.Series(
        [
            planted_key(signature, edges_on(day, edges, spans)) or ""
            for signature, day in zip(trades["signature"], days, strict=True)
        ],
        index=trades.index,
        dtype=str,
    )
    planted = {}
    for key, wanted in edges.items():
        met = [row for row in trader.planted if row["key"] == key] if trader else []
        seconds = trader.market.path.step_seconds if trader else 0
        planted[key] = {
            "net_mean_pct": wanted,
            **({"days": list(spans[key])} if key in spans else {}),
            "trades": len(met),
            "drift_minutes": round(sum(row["steps"] for row in met) * seconds / 60, 1),
            "drift_pct": round(sum(abs(row["drift_pct"]) for row in met), 4),
            "realised": _summary(trades[keys == key]),
        }
    groups = trades.groupby("signature", sort=True)
    return {
        "planted": planted,
        "unplanted": _summary(trades[keys == ""]),
        "setups": {str(name): _summary(group) for name, group in groups},
    }


def _summary(trades: pd.DataFrame) -> dict[str, object]:
    mean = float(np.mean(trades["net_pnl_pct"])) if len(trades) else None
    return {"trades": len(trades), "net_mean_pct": None if mean is None else round(mean, 4)}
