"""The nulls of hindsight: 200 shifts of a day's events, for perfect trades, selection and learnable together, in processor time; and the
outcomes of the fortnight before, kept from the hour before, against reading all of its rows.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pandas as pd

from bench.measure import Figures, figure
from lib.analysis import setup_trades, shifted
from lib.analysis.past_events import SETUP_OUTCOMES_FILE, keep_past_events, past_events
from lib.data.window import MarketWindow, load_window
from lib.market.costs import DEFAULT_COSTS
from lib.market.exits import STANDARD
from lib.simulation.market import DEFAULT_END
from runner.fetch.simulated import Simulation, write_simulation

DAYS = 17
HOUR = pd.Timedelta(hours=1)


def processor_seconds(call: Callable[[], object], repeats: int = 7) -> float:
    """Median processor time of `repeats` calls."""
    times = []
    for _ in range(repeats):
        begun = time.process_time()
        call()
        times.append(time.process_time() - begun)
    return median(times)


def run(folder: Path, days: int = DAYS) -> Figures:
    """A synthetic market; both ways to the past must find the same outcomes."""
    write_simulation(Simulation(days=days, seed=0, end=DEFAULT_END), folder)
    window = load_window(folder)
    keep_past_events(folder, window.start - HOUR, window.start - HOUR, STANDARD, DEFAULT_COSTS)
    kept = folder / SETUP_OUTCOMES_FILE
    text = kept.read_bytes()

    def past() -> pd.DataFrame:
        return past_events(folder, window.start, STANDARD, DEFAULT_COSTS)

    found, ours_s = past(), processor_seconds(past)
    kept.unlink()
    other_s = processor_seconds(past, repeats=3)
    if not found.equals(past()) or found.empty:
        raise RuntimeError("what is kept is not what reading gives")
    sizes = {"outcomes": len(found), "kept_bytes": len(text)}
    return {
        "hindsight_nulls": _nulls(window, found),
        "past_events": figure(ours_s, other_s, "reading the 14 days before", **sizes),
    }


def _nulls(window: MarketWindow, past: pd.DataFrame) -> dict[str, object]:
    """Processor seconds of all that depends on shifts; every signature counts as learned, which is the most that there can be to do."""
    seen = setup_trades.WindowEvents.of(window, STANDARD, DEFAULT_COSTS)
    by = shifted.offsets(len(seen.candles))
    gained = past.assign(net_pct=1.0)
    ways: dict[str, Callable[[], object]] = {
        "perfect_s": lambda: setup_trades.perfect(seen, DEFAULT_COSTS, by),
        "selection_s": lambda: setup_trades.selection(seen, by),
        "learnable_s": lambda: setup_trades.learnable(seen, gained, by),
    }
    each = {name: processor_seconds(way) for name, way in ways.items()}
    told = {name: round(took, 4) for name, took in each.items()}
    return {
        "processor_s": round(sum(each.values()), 4),
        **told,
        "shifts": len(by),
        "events": len(seen.events),
    }
