"""A small version of the simulated truth, and ledgers without a precaution, which must fail it."""

from __future__ import annotations

import json
from functools import partial
from math import inf

import numpy as np
import pytest

import bench.evidence.__main__ as command
from bench.evidence import ending, null, power
from bench.evidence.fees import losing_weeks
from bench.evidence.ledgers import Untempered, WithoutMultiplicity, fold_days
from bench.evidence.runs import Bench
from bench.evidence.tables import World, null_weeks, priced, spaced
from lib.lessons.ledger import Ledger
from lib.stats.levels import level


def few(run, count=20):
    return Bench().runs("few", run, count)


@pytest.mark.slow
def test_in_null_weeks_next_to_nothing_is_ever_supported():
    runs = few(partial(null.weeks, count=1), 20)
    figures = null.told(runs) | null.played(runs)
    assert figures["hits"] <= 3
    assert figures["threshold"]["hits"] <= figures["hits"] and figures["answers"]["least"] > 100
    assert figures["trades"]["least"] >= 280 and figures["hypotheses"]["least"] >= 40
    assert all(figures[f"hypotheses_{claim}"]["least"] >= 20 for claim in ("above", "below", "beats"))


@pytest.mark.slow
def test_without_multiplicity_something_false_is_nearly_always_supported():
    figures = null.told(few(partial(null.weeks, count=2, judge=WithoutMultiplicity), 12))
    assert figures["interval"][0] > 0.05


@pytest.mark.slow
def test_counting_each_trade_as_independent_is_punished():
    figures = null.told(few(partial(null.weeks, count=4, alone=True), 12))
    assert figures["interval"][0] > 0.05


def test_a_level_is_each_ones_own_only_without_multiplicity():
    for judge, wanted in ((Ledger, level(1)), (WithoutMultiplicity, 0.05), (Untempered, level(1))):
        entry = next(iter(judge.new().entries.values()))
        assert np.exp(-entry.needed) == pytest.approx(wanted)


def test_tempering_is_switched_off_where_days_hang_together():
    found = {}
    for judge in (Ledger, Untempered):
        ledger = judge.new(recording=False)
        fold_days(ledger, null_weeks(4, np.random.default_rng(6), World(day_pct=0.15)))
        found[judge] = ledger.families["trades.direction"].days.inflation
    assert found[Untempered] == 1.0 < found[Ledger]


def test_an_hourly_look_sees_what_was_latched_and_nothing_else():
    looks, lessons, otherwise = null.looks(np.random.default_rng(9))
    assert looks > 60 and lessons > 0 and otherwise == 0


def test_needed_episodes_are_counted_up_to_the_one_that_found_it():
    case = power.CASES[0]
    rng = np.random.default_rng(5)
    found = power.search(rng, case)
    rng = np.random.default_rng(5)
    longest = int(np.ceil(power.GIVEN_UP_AFTER * power.fixed_number(case, 200, 0.5) / 0.5))
    table = spaced(longest, rng)
    table = priced(table, World(edges={("direction", "LONG"): 0.05}), rng.random(longest))
    ledger = Ledger.new(recording=False)
    name = "trades.direction.LONG.above"
    for place in range(int(found.all)):
        assert not ledger.entries[name].proven_at
        ledger.fold("trades", table.iloc[place : place + 1])
    entry = ledger.entries[name]
    assert entry.proven_at and entry.episodes == found.inside and entry.k == found.k


def test_the_fixed_number_is_the_formula_with_the_ledgers_level():
    case = power.CASES[0]
    # z(1 − 0.0025) + z(0.8) = 2.80703 + 0.84162, by tables; level(k) is the ledger's.
    assert level(10) == pytest.approx(0.035 / 120)
    sd = case.payoff(0.05, 0.03).sd
    assert power.fixed_number(case, 10, 0.5) == pytest.approx(
        ((3.43925 + 0.84162) * sd / 0.05) ** 2, rel=1e-3
    )
    beats = case._replace(claim="beats")
    both = sd**2 + case.payoff(0.0, 0.03).sd ** 2 * 0.25
    assert power.fixed_number(beats, 10, 0.2) == pytest.approx(
        ((3.43925 + 0.84162) / 0.05) ** 2 * both, rel=1e-3
    )


@pytest.mark.slow
def test_an_edge_is_found_within_twice_the_fixed_number_and_no_edge_is_not(monkeypatch):
    case = power.CASES[0]
    figures = power.told(case, few(partial(power.search, case=case), 24))
    assert figures["found"]["share"] > 0.9 and figures["needed_over_theory"] < 2
    assert figures["needed_over_theory"] > 0.5
    monkeypatch.setattr(power, "EDGE_PCT", 0.0)
    monkeypatch.setattr(power, "fixed_number", lambda case, k, part: 100)
    assert all(run.inside == inf for run in few(partial(power.search, case=case), 8))


def test_a_turned_edge_is_retired_sooner_than_one_that_stays():
    lasting, turned = (few(partial(ending.ending, after_pct=edge), 6) for edge in (0.05, -0.05))
    assert sum(run is not None for run in lasting) >= 4
    assert [run is None for run in lasting] == [run is None for run in turned]
    assert all(run < 200 for run in turned if run is not None)
    assert sum(run > 500 for run in lasting if run is not None) >= 3


@pytest.mark.slow
def test_what_only_costs_is_below_zero_and_marked_so():
    runs = few(losing_weeks, 3)
    assert all(run.above == 0 for run in runs)
    assert sum(run.below for run in runs) > 10
    assert all(run.marked == run.below for run in runs)


def test_the_command_writes_every_figure(tmp_path, monkeypatch, capsys):
    target = tmp_path / "deep" / "bench-evidence.json"
    week = {"runs": 20, "share": 0.05, "interval": [0.001, 0.2]}
    week |= {"threshold": {"runs": 20, "share": 0.0, "interval": [0.0, 0.17]}}
    year = week | {"share": 0.1}
    parts = {
        "week": lambda bench: {"null_week": week},
        "year": lambda bench: {"null_year": year},
        "planted": lambda bench: {"planted_edge": 0.05, "trades_needed": 200, "needed_over_theory": 1.4},
    }
    monkeypatch.setattr(command, "PARTS", parts)
    monkeypatch.setattr(command.os, "cpu_count", lambda: 1)
    command.main([str(target), "--quick"])
    kept = json.loads(target.read_text())
    assert (kept["null_weeks"], kept["false_lesson_share"], kept["false_lesson_interval"]) == (
        20,
        0.05,
        [0.001, 0.2],
    )
    assert kept["scale"] == command.QUICK and kept["seed"] and kept["machine"]["cores"] == 1
    assert kept["any_instruction_share"] == {"week": 0.05, "year": 0.1}
    assert kept["threshold_false_share"] == {"week": 0.0, "year": 0.0}
    assert kept["threshold_false_interval"]["year"] == [0.0, 0.17]
    assert kept["any_instruction_interval"]["week"] == [0.001, 0.2]
    assert set(kept["seconds"]) == {"week", "year", "planted", "all"} and kept["complete"]
    assert (tmp_path / "deep" / "bench-evidence.json.runs").exists()
    assert "5.0 % of 20 null weeks" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="one target"):
        command.main(["--fast", str(target)])
