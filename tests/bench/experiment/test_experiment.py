"""The bench of experiments in small: its market has no edge, its arms are what they are said to be, and what it simulates can fail."""

from __future__ import annotations

import json
from functools import partial

import numpy as np
import pytest

from bench.evidence.runs import Bench
from bench.experiment import __main__ as command
from bench.experiment import parts
from bench.experiment.arms import REFUSED, SIDES, Arms, World, entry
from bench.experiment.market import MOVES, TERMS, market
from bench.experiment.run import Outcome, simulate
from lib.experiments import differences
from lib.experiments.scoring import score_answer


def few(world: World, count: int, slots: int = 600, **how) -> list[Outcome]:
    return Bench(scale=1).runs(world.name, partial(simulate, world=world, slots=slots, **how), count)


@pytest.fixture(scope="module")
def made() -> np.ndarray:
    """What LONG and SHORT make of 3,000 slots, percent."""
    paths = market(3_000, np.random.default_rng(3))
    return np.array(
        [
            [score_answer(entry(paths.tick(slot), side), paths.prices(slot), TERMS).net_pct for side in SIDES]
            for slot in range(3_000)
        ]
    )


def test_the_market_gives_nobody_an_edge_and_a_spread_of_a_sixth(made):
    assert np.abs(made.mean(axis=0)).max() < 4 * 0.16 / np.sqrt(len(made))
    assert made.std() == pytest.approx(0.16, abs=0.006)
    assert set(np.round(made, 6).ravel()) >= {0.3, -0.15} and np.abs(made).max() <= 0.3 + 1e-9


def test_a_world_chooses_as_well_as_it_says():
    better = parts.chance_to_choose(0.05, MOVES, False)
    world = World("made", better={"a": better, "b": -better})
    rng = np.random.default_rng(1)
    paths = market(4_000, rng)
    arms = Arms(world, paths, 4_000, rng)
    means = {
        letter: np.mean(
            [
                score_answer(arms.answer(letter, slot, 0, True, "e1", 1), paths.prices(slot), TERMS).net_pct
                for slot in range(4_000)
            ]
        )
        for letter in ("a", "b")
    }
    assert means["a"] == pytest.approx(0.05, abs=0.011) and means["b"] == pytest.approx(-0.05, abs=0.011)


def test_a_repeating_decider_enters_only_once_it_is_behind():
    rng = np.random.default_rng(2)
    paths = market(40, rng, 120)
    arms = Arms(World("repeats", repeats=True), paths, 40, rng)
    assert all(arms.answer("a", slot, 0, True, "e1", 1).code == REFUSED for slot in range(40))
    later = [(slot, minute) for slot in range(40) for minute in arms.ticks() if minute]
    entered = [place for place in later if arms.answer("a", *place, True, "e1", 1).enters]
    assert 20 < len(entered) < len(later)
    for slot, minute in entered:
        moved = paths.moved(slot, minute)
        assert moved < 0 if arms.answer("a", slot, minute, True, "e1", 1).direction == "LONG" else moved > 0


def test_a_run_depends_on_its_number_alone():
    one, other = (few(World("null"), 2, 200, paired=True) for _ in range(2))
    assert one == other and one[0] != one[1]


@pytest.mark.slow
@pytest.mark.parametrize("world", [world for world, _ in parts.NULLS[1:]], ids=lambda world: world.name)
def test_without_a_difference_there_is_hardly_ever_a_verdict(world):
    """At 5 % each, three or more of ten come up in 1.2 % of such tests; the seeds are fixed."""
    runs = few(world, 10, 400, paired=True, whole=True)
    assert sum(run.verdict != "" for run in runs) < 3
    assert sum(run.randomised != "" for run in runs) < 3
    assert sum(run.disagree for run in runs) < 4


@pytest.mark.slow
def test_a_difference_is_found_and_harm_rolled_back():
    better = parts.chance_to_choose(0.05, MOVES, False)
    good = few(World("good", better={"a": better, "b": 0.0}), 10, 1_200)
    assert sum(run.verdict == "helps" for run in good) >= 9 and not any(
        run.verdict == "harms" for run in good
    )
    bad = few(World("bad", better={"a": -better, "b": 0.0}), 10, 1_200)
    assert sum(run.verdict == "harms" for run in bad) >= 9
    assert np.quantile([run.blocks for run in bad], 0.8) < 1.5 * parts.TABLES["episodes"]
    only_a = World("pairs", better={"a": better, "b": 0.0}, trades={"a": 1.0, "b": 0.0})
    pairs = few(only_a, 20, 600, paired=True)
    assert np.quantile([run.pairs for run in pairs], 0.8) < 1.6 * parts.TABLES["paired"]


@pytest.mark.slow
def test_the_bench_can_fail(monkeypatch):
    """Judged at E >= 2 there are verdicts everywhere; the bench shows it."""
    monkeypatch.setattr("lib.experiments.evidence.LOG_PROVEN", np.log(2))
    runs = few(World("null"), 10, 300)
    assert sum(run.verdict != "" for run in runs) >= 5


def test_an_arm_that_follows_the_market_is_no_draw(monkeypatch):
    """If the tick could choose the arm, equal arms would differ: what the seed alone decides is what keeps the judge honest."""
    seen: list[float] = []
    plain = differences.Differences.observe_block

    def follow(self, block):
        arm = "a" if block.outcome_pct > 0 else "b"
        seen.append(block.outcome_pct)
        return plain(self, type(block)(**(vars(block) | {"arm": arm})))

    monkeypatch.setattr(differences.Differences, "observe_block", follow)
    [run, _] = few(World("null"), 2, 300)
    assert run.verdict == "helps" and seen


def test_the_command_writes_every_figure(tmp_path, monkeypatch, capsys):
    target = tmp_path / "deep" / "bench-experiment.json"
    said = {"runs": 20, "share": 0.05, "interval": [0.001, 0.2]}
    power = {"needed": {"value": 520.0, "interval": [480.0, 560.0]}}
    found = {
        "nulls": {"null": {"randomised": said}, "null_paired": {"paired": said}},
        "randomised_power": power,
        "paired_power": {"needed": {"value": 111.0, "interval": [100.0, 120.0]}},
    }
    monkeypatch.setattr(command, "PARTS", {"all_of_it": lambda bench: found})
    monkeypatch.setattr(command.os, "cpu_count", lambda: 1)
    command.main([str(target), "--quick"])
    kept = json.loads(target.read_text())
    assert (kept["null_runs"], kept["false_verdict_share"], kept["difference"]) == (20, 0.05, 0.05)
    assert (kept["episodes_needed"], kept["episodes_table"]) == (520.0, 524)
    assert (kept["paired_needed"], kept["paired_table"]) == (111.0, 110)
    assert kept["complete"] and kept["scale"] == command.QUICK and kept["machine"]["cores"] == 1
    assert (tmp_path / "deep" / "bench-experiment.json.runs").exists()
    assert "5.0 % of 20 experiments" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="one target"):
        command.main(["--fast", str(target)])


def test_figures_of_the_finished_runs_can_be_had_at_any_time(tmp_path, monkeypatch):
    target = tmp_path / "bench-experiment.json"
    marks = {"seed": command.SEED, "simulation": command.SIMULATION}
    kept = command.KeptRuns(target.with_name(f"{target.name}.runs"), marks)
    for number, word in enumerate(("", "helps", "")):
        kept.add("null", number, Outcome(word, word, 1_800, 0, 900, 0.0, 0.0, False))
    monkeypatch.setattr(command, "PARTS", {"nulls": parts.null_figures})
    monkeypatch.setattr(command, "quoted", lambda found: {"false_verdict_share": 1 / 3, "null_runs": 3, "difference": 0.05,
        "episodes_needed": 1, "episodes_table": 1, "paired_needed": 1, "paired_table": 1})  # fmt: skip
    command.main([str(target), "--so-far"])
    found = json.loads(target.read_text())
    assert list(found["nulls"]) == ["null"] and not found["complete"]
    assert (found["nulls"]["null"]["randomised"]["hits"], found["nulls"]["null"]["randomised"]["runs"]) == (
        1,
        3,
    )
