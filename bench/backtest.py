"""A vectorbt backtest of 100,000 candles in a fresh process: the Rust engine against numba, whose first call compiles."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from bench.measure import Figures, figure, seconds

CANDLES = 100_000
EVERY = 20


def market(seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Candles of a random walk, and a trade every 20 of them, held for nine."""
    close = 2500 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 1e-3, CANDLES)))
    index = pd.date_range("2024-01-01", periods=CANDLES, freq="5min", tz="UTC", unit="us")
    candles = pd.DataFrame({"close": close, "closed_at": index + pd.Timedelta(minutes=5)}, index=index)
    entry = np.arange(0, CANDLES - 10, EVERY)
    trades = pd.DataFrame(
        {
            "direction": np.where(entry // EVERY % 2, "LONG", "SHORT"),
            "entry_time": candles["closed_at"].to_numpy()[entry],
            "entry_price": close[entry],
            "exit_time": candles["closed_at"].to_numpy()[entry + 9],
            "exit_price": close[entry + 9],
        }
    )
    for name in ("entry_time", "exit_time"):
        trades[name] = pd.to_datetime(trades[name], utc=True)
    return trades, candles


def measure(engine: str) -> float:
    """Seconds of one backtest by this engine, vectorbt already imported; prints the total so that both can be compared."""
    import vectorbt  # noqa: F401  (its import takes seconds in both engines and is not what is compared)

    from lib.analysis.vectorbt_book import book

    trades, candles = market()
    totals: list[float] = []
    took = seconds(lambda: totals.append(float(book(trades, candles, engine=engine).total_profit())))
    print(f"{took} {totals[0]:.6f}")
    return took


def run(folder: Path) -> Figures:
    """Each engine in a process of its own, numba without a cache from earlier runs; totals must agree."""
    results = {}
    for engine in ("rust", "numba"):
        environment = os.environ | {"NUMBA_CACHE_DIR": str(folder / "numba")}
        command = [
            sys.executable,
            "-W",
            "ignore",
            "-c",
            f"from bench.backtest import measure; measure({engine!r})",
        ]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        took, total = done.stdout.split()
        results[engine] = (float(took), total)
    if results["rust"][1] != results["numba"][1]:
        raise RuntimeError(f"the two engines differ: {results}")
    shown = figure(results["rust"][0], results["numba"][0], "numba engine, first call", candles=CANDLES)
    return {"backtest": shown}
