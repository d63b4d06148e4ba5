"""A small version of what is simulated of questions, and precautions taken away, without which it must fail."""

from __future__ import annotations

import json
from math import inf

import numpy as np
import pytest

import bench.questions.__main__ as command
from bench.evidence.runs import Bench
from bench.questions import edge, seal, together
from bench.questions.folder import Folder
from bench.questions.market import FREE, STEPS_A_DAY, markets, signal_of
from bench.questions.rules import Seen, answers, rules
from lib.market.terms import DEFAULT_TERMS
from lib.questions.confirmation import CONFIRMED
from lib.questions.history import OPEN_SHARE
from lib.questions.replication import end_log_e, joint_log_e
from lib.stats.levels import Budget


def small(run, runs=4, **given):
    return [run(np.random.default_rng([7, number]), **given) for number in range(runs)]


def test_of_questions_that_know_nothing_the_best_look_good_and_nothing_is_proven():
    runs = small(seal.looks, 3, year=60, quarter=20, count=60)
    assert sum(run.confirmed + run.followed for run in runs) == 0
    assert all(run.open_pct > 0.01 for run in runs) and sum(run.looked_good for run in runs) > 0
    # What was chosen in the open part is nothing beyond it.
    assert abs(np.mean([run.sealed_pct for run in runs])) < 0.02
    assert all(min(run.episodes) > 50 for run in runs)


def test_the_bench_can_fail(monkeypatch):
    """At a level of 1 in 5 each, something false is proven in most folders, and the open part counted makes it worse."""
    monkeypatch.setattr("lib.questions.confirmation.CONFIRMED", Budget(8.0, 20))
    runs = small(seal.looks, 4, year=60, quarter=20, count=60)
    assert sum(run.confirmed + run.followed > 0 for run in runs) >= 3
    assert sum(run.counted for run in runs) > 1.5 * sum(run.confirmed for run in runs)


@pytest.mark.slow
def test_hourly_looks_say_what_one_look_at_the_end_says(monkeypatch):
    monkeypatch.setattr("lib.questions.confirmation.CONFIRMED", Budget(16.0, 20))
    [history] = markets(14, np.random.default_rng(3))
    folder, begin, found = Folder(history, FREE, 8), 8 * STEPS_A_DAY, []
    asked = [rule for rule in rules() if rule.name.startswith(("run", "channel_24"))][:6]
    for said in answers(Seen.of(history.rows), asked):
        hourly: dict[int, bool] = {}  # by how many trades were known at a look: the same ones say the same
        for end in range(begin + 12, len(said) + 1, 12):
            closed = folder.closed(said, begin, end)
            if len(closed) not in hourly:
                hourly[len(closed)] = folder.verdict(closed, 1, begin, end).verdict == "proven"
        once = folder.verdict(folder.closed(said, begin), 1, begin).verdict
        found.append((any(hourly.values()), once == "proven"))
    assert all(ever == once for ever, once in found) and 0 < sum(ever for ever, _ in found) < len(found)


def test_the_keeping_has_numbers_of_its_own_and_the_best_are_confirmed_first(monkeypatch):
    asked: list[tuple[int, int, int | None]] = []
    plain = Folder.verdict

    def noted(self, closed, k, begin, end=None):
        asked.append((k, begin, end))
        return plain(self, closed, k, begin, end)

    monkeypatch.setattr(Folder, "verdict", noted)
    seal.looks(np.random.default_rng(1), year=40, quarter=10, count=20)
    ends = 40 * STEPS_A_DAY
    opens = int(OPEN_SHARE * ends)
    wanted = [[(k, opens, ends), (10 + k, ends, None), (k, 0, ends)] for k in range(1, 11)]
    assert asked == [each for three in wanted for each in three]


@pytest.mark.slow
def test_an_edge_is_found_about_when_it_should_be():
    runs = small(edge.search, 5, terms=DEFAULT_TERMS, year=200, later=120)
    figures = edge.told(runs)
    assert figures["level"] == CONFIRMED.level(10) == 0.00025
    assert figures["mean_pct"] == pytest.approx(0.05, abs=0.015) and 0.13 < figures["sd_pct"] < 0.17
    assert 0.5 < figures["needed_over_theory"] < 2.5
    assert all(run.place <= 10 for run in runs)


def test_it_is_proven_after_these_episodes_and_not_after_one_fewer():
    [history] = markets(260, np.random.default_rng(2), (0.08,))
    folder = Folder(history, FREE, 100)
    closed = folder.closed(signal_of(history.rows), folder.sealed_from)
    needed = int(edge.proven_after(folder, closed, 10))
    verdicts = [
        folder.verdict(closed.iloc[:count], 10, folder.sealed_from).verdict
        for count in (needed - 1, needed, len(closed))
    ]
    assert verdicts == ["not shown", "proven", "proven"] and 20 < needed < len(closed)


def test_what_never_holds_has_no_first_count():
    assert edge.first_count(9, lambda count: False) == inf
    assert [edge.first_count(9, lambda count, at=at: count >= at) for at in (1, 5, 9)] == [1, 5, 9]


@pytest.mark.slow
def test_five_markets_of_which_one_has_the_edge_do_not_replicate_and_all_do(monkeypatch):
    given = {"correlation": 0.5, "days": 120, "every": 40}
    none, one, every = (small(together.observe, 3, edges=count, **given) for count in (0, 1, 5))
    assert not any(run.looks for run in [*none, *one]) and all(run.end for run in every)
    assert all(run.alone < 120 for run in one) and all(run.alone == inf for run in none)
    # With the largest counted in, the one market that has the edge would carry all.
    monkeypatch.setattr("lib.questions.replication.joint_log_e", lambda log_es: joint_log_e([*log_es, 1e9]))
    assert all(run.looks for run in small(together.observe, 3, edges=1, **given))


def test_evidence_on_the_way_is_what_it_would_be_at_an_end():
    [history] = markets(30, np.random.default_rng(4), (0.05,))
    closed = together._closed(history)
    found = together.on_the_way(closed)
    assert len(found) == len(closed) + 1 > 60
    for count in (0, 1, 40, len(closed)):
        assert found[count] == pytest.approx(end_log_e(closed.iloc[:count], FREE.exits, FREE), abs=1e-9)


def test_figures_of_markets_together():
    runs = [
        together.Seen([8, 12, 200], True, 90.0),
        together.Seen(list(range(12, 201, 4)), True, inf),
        *[together.Seen(list(range(8, 201, 4)), True, 40.0)] * 3,
    ]
    figures = together.told(runs, 4)
    assert (figures["replicates"]["hits"], figures["at_any_look"]["hits"]) == (5, 5)
    assert (figures["looked_on"], figures["alone_days"]["value"]) == (8, 90.0)
    assert figures["alone_proven"]["hits"] == 4
    assert together.told([together.Seen([], False, inf)] * 2)["looked_on"] is None


def test_figures_of_an_edge():
    runs = [edge.Found(float(until), 0.05, 0.05**2 + 0.16**2, 600, place) for until, place in
            ((100, 1), (200, 2), (300, 11), (350, 1), (inf, 1))]  # fmt: skip
    figures = edge.told(runs)
    assert figures["theory"] == pytest.approx(((3.4808 + 0.8416) * 0.16 / 0.05) ** 2, abs=0.1)
    assert (figures["needed"]["value"], figures["median"]["value"]) == (350.0, 300.0)
    assert figures["found_within"]["hits"] == 3 and figures["among_the_best_explored"]["hits"] == 4


def test_the_command_writes_every_figure_and_goes_on_where_it_was(tmp_path, monkeypatch, capsys):
    target = tmp_path / "deep" / "bench-questions.json"
    monkeypatch.setattr(command.os, "cpu_count", lambda: 1)
    done: list[str] = []

    def runs(self, name, run, usual, kind=lambda result: result, version=""):
        kept = self.kept.of(name)
        made = {"sealed": seal.Looked(0, 1, 0, 2, 5, 0.02, 0.0, 0.0, (3_000, 2_500)), "edge": edge.Found(
            200.0, 0.05, 0.03, 600, 1)}.get(name.split("_")[0], together.Seen([200], True, 80.0))  # fmt: skip
        for number in range(2):
            if number not in kept:
                done.append(name)
                self.kept.add(name, number, made)
        return [kind(result) for _, result in sorted(self.kept.of(name).items())]

    monkeypatch.setattr(Bench, "runs", runs)
    for _ in range(2):
        command.main([str(target), "--quick"])
    kept = json.loads(target.read_text())
    assert len(done) == 2 * (1 + 2 + 6) and kept["complete"] and kept["scale"] == command.QUICK
    assert kept["sealed"]["any_proven"]["hits"] == 2 and kept["sealed"]["proven_followed"]["hits"] == 2
    assert list(kept["edges"]) == ["edge", "edge_without_costs"]
    assert list(kept["together"]["by_correlation"]) == ["0.5", "0.8"]
    said = capsys.readouterr().out
    assert (
        "something false proven in 2 of 2 folders" in said
        and "one with the edge: replicates in 2 of 2" in said
    )
    with pytest.raises(SystemExit, match="one target"):
        command.main(["--fast", str(target)])


def test_figures_of_the_finished_runs_can_be_had_at_any_time(tmp_path):
    target = tmp_path / "bench-questions.json"
    marks = {"seed": command.SEED, "simulation": command.SIMULATION}
    kept = command.KeptRuns(target.with_name(f"{target.name}.runs"), marks)
    for number in range(3):
        kept.add("sealed", number, seal.Looked(0, 0, 1, 0, 4, 0.02, 0.0, 0.0, (3_000, 2_500)))
    command.main([str(target), "--so-far"])
    found = json.loads(target.read_text())
    assert found["sealed"]["runs"] == 3 and found["sealed"]["any_proven"]["hits"] == 0
    assert not found["complete"] and not {"edges", "together"} & set(found)
