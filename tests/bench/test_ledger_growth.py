from __future__ import annotations

import numpy as np
import pytest

from bench import ledger_growth
from bench.__main__ import BENCHMARKS
from bench.ledger_growth import earlier, last_day, run
from bench.years import DAY, END
from lib.lessons.advance import HOUR
from lib.lessons.hypotheses import STREAMS
from lib.lessons.streams.hour import hour_tables
from lib.market.terms import DEFAULT_TERMS
from runner.fetch.simulated import Simulation, write_simulation

pytestmark = pytest.mark.slow


def test_days_of_lessons_at_toy_size(tmp_path):
    assert BENCHMARKS["ledger_growth"] is ledger_growth.run
    (figure,) = run(tmp_path, spans=(1, 5), timed=1, days=1).values()
    spans = ["1 day", "5 days"]
    names = ("hour_cpu_s", "hour_ratio", "lessons_cpu_s", "own_trades", "hypotheses", "state_kb", "file_mb")
    assert all(list(figure[name]) == spans for name in names)
    assert (
        0 < figure["hours_per_second"] <= figure["hours_per_cpu_second"] + 0.1
        and figure["hour_ratio"]["1 day"] == 1.0
    )
    one, five = (figure["own_trades"][name] for name in spans)
    assert five == 5 * one > 0
    assert figure["file_mb"]["5 days"] > figure["file_mb"]["1 day"]
    assert figure["hypotheses"]["5 days"] >= figure["hypotheses"]["1 day"] > 50


def test_the_day_that_is_repeated_is_the_last_and_the_next_hour_follows_it(tmp_path):
    write_simulation(Simulation(days=1, seed=7, end=END.isoformat(), gaps=0), tmp_path)
    day, carry = last_day(tmp_path)
    assert set(day) == set(STREAMS) and len(day["trades"])
    assert all((table["exit_time"] > END - HOUR - DAY - DAY).all() for table in day.values())
    hour_tables(tmp_path, END, carry, DEFAULT_TERMS)
    table = day["trades"]
    assert earlier(table, 0, np.random.default_rng(1)) is table
    before = earlier(table, 2, np.random.default_rng(1))
    assert (table["entry_time"] - before["entry_time"] == 2 * DAY).all()
    assert set(before["net_pct"]) <= set(table["net_pct"])
    assert before["episode"].max() < table["episode"].min()
    assert not set(before["trade"]) & set(table["trade"])
