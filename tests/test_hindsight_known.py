"""The known values of docs/definitions.md, Optimal, on real candles: backfilled as a user would, 24 hours up to each instant."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from lib.analysis.optimal_vs_actual import compare_optimal_with_actual
from lib.analysis.past_events import past_events
from lib.analysis.trades import actual_trades
from lib.contract.optimal_vs_actual import OptimalComparison
from lib.data.window import load_window
from lib.foreign.ohlcv import read_history
from lib.market.costs import DEFAULT_COSTS
from lib.market.exits import STANDARD
from lib.market.terms import DEFAULT_TERMS
from runner.fetch.backfill import backfill

pytestmark = pytest.mark.slow

MINUTES = ("ETHUSDT_perp_1m_2025-05-04_2025-06-15.csv.gz", "2025-05-20T00:00Z")
SPOT = ("ETHUSDT_spot_5m_2024-01-01_2024-09-06.csv.gz", "2024-01-01T00:00Z")


def backfilled(source: Path, since: str, until: str, folder: Path) -> Path:
    """A folder of the candles from one instant to another, with the rule decider's decisions."""
    history = read_history(source, pd.Timestamp(until))
    kept = replace(history, candles=history.candles[history.candles.index >= pd.Timestamp(since)])
    backfill(kept, folder, source.name, DEFAULT_TERMS, rules=True, quiet=True)
    return folder


@pytest.fixture(scope="module")
def minutes(shared_data, tmp_path_factory):
    name, since = MINUTES
    return backfilled(shared_data / name, since, "2025-06-06T00:00Z", tmp_path_factory.mktemp("minutes"))


@pytest.fixture(scope="module")
def spot(shared_data, tmp_path_factory):
    name, since = SPOT
    return backfilled(shared_data / name, since, "2024-08-06T00:00Z", tmp_path_factory.mktemp("spot"))


def compared(folder: Path, at: str) -> OptimalComparison:
    window = load_window(folder, at, 24)
    past = past_events(folder, window.start, STANDARD, DEFAULT_COSTS)
    return compare_optimal_with_actual(window, actual_trades(window).closed, past).result


def figures(result: OptimalComparison) -> tuple[object, ...]:
    perfect = (result.optimal_trades, round(result.optimal_pnl_pct, 2))
    return result.events, *perfect, result.selection.trades, round(result.selection.pnl_pct, 2)


def test_a_quiet_day(minutes):
    found = compared(minutes, "2025-05-30T00:00Z")
    assert figures(found) == (54, 22, 10.61, 15, 2.85)
    assert found.optimal_null.mean == pytest.approx(10.9, abs=0.3) and found.optimal_rank < 0.95


def test_a_falling_day(minutes):
    found = compared(minutes, "2025-06-06T00:00Z")
    assert figures(found) == (56, 25, 16.84, 16, 3.04)
    assert found.optimal_null.mean == pytest.approx(12.3, abs=0.4)
    assert found.optimal_rank == pytest.approx(0.97, abs=0.02)
    # Of the signatures of the fortnight before none had gained: mostly that is so.
    assert (found.learnable.signatures, found.learnable.trades) == ([], 0)
    assert found.learnable.past_signatures > 10


def test_a_crash(spot):
    found = compared(spot, "2024-08-06T00:00Z")
    assert figures(found) == (167, 66, 96.79, 38, 7.22)
    assert found.optimal_null.mean == pytest.approx(97.3, abs=1.0) and found.optimal_rank < 0.95
