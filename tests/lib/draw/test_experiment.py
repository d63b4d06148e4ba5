"""The controlled test on a page: the answer first, two curves, the difference with its bounds, a row an arm."""

from __future__ import annotations

import pandas as pd
import pytest

from lib.draw.experiment import (
    ESTIMAND,
    draw_experiment,
    experiment_axes,
    experiment_sentences,
    show_estimates,
    show_experiment,
)
from lib.experiments.arm import Arm
from lib.experiments.experiment import Experiment
from lib.experiments.folder import Judged, experiment_at, experiments_in
from lib.experiments.judge import judge
from lib.experiments.log import EXPERIMENTS_FILE, ExperimentLog, read_log
from lib.experiments.rows import Answered, Begin, BlockEnded, Stop, VerdictFound, row_text
from lib.experiments.scoring import Pairs

A = Arm(name="lessons", model="m")
B = Arm(name="no lessons", lessons="none", model="m")
START = int(pd.Timestamp("2026-01-05T00:00:00Z").value // 1_000)
HOUR = 3_600_000_000


def rows_of(blocks: int, gain: float) -> list:
    """The rows of an experiment of so many blocks of an hour, in which arm a makes `gain` percent and arm b nothing."""
    definition = Experiment(id="e1", a=A, b=B, seed=1, started=START)
    log = ExperimentLog()
    found = [
        Begin(at=START, experiment="e1", definition=definition, a_sha256=A.sha256(), b_sha256=B.sha256())
    ]
    log.accept(found[0])
    for block in range(1, blocks + 1):
        at = START + block * HOUR
        draw = log.next_draw(at)
        made = gain if draw.arm == "a" else 0.0
        known = {"experiment": "e1", "block": block}
        answer = Answered(
            **known, at=at, arm=draw.arm, executed=True, direction="HOLD", code="hold", stop_pct=0.15,
            target_pct=0.3, valid_s=20, took_s=1, cost_usd=0.01, decision_id=f"d{block}",
        )  # fmt: skip
        end = BlockEnded(
            **known, at=at + HOUR // 2, why="closed", trades=1, net_pct=made, stop_pct=0.15, target_pct=0.3
        )
        for row in (draw, answer, end):
            log.accept(row)
            found.append(row)
    return found


def judged_of(rows: list) -> Judged:
    log = ExperimentLog()
    for row in rows:
        log.accept(row)
    return Judged(log.newest, judge(log.newest), Pairs())


@pytest.mark.parametrize(("gain", "verdict"), [(0.19, "helps"), (-0.26, "harms"), (0.0, "not yet")])
def test_the_answer_comes_first_and_says_what_it_cost_and_what_is_estimated(gain, verdict):
    found = judged_of(rows_of(80, gain))
    first, *rest = experiment_sentences(found)
    assert verdict in first.lower() and "lessons" in first
    assert found.state == (verdict if verdict != "not yet" else "running")
    assert "chance drew its arm before anybody was asked" in rest[0]
    assert f"Lessons: {found.judgement.a.blocks} blocks of 30 minutes on average" in rest[0]
    assert "95 % bounds, at every look: " in rest[1] and rest[-1] == ESTIMAND
    assert rest[2].startswith("Experiment e1 compares lessons against no lessons")
    assert not any("came to the same" in sentence for sentence in rest), "nobody asked both arms"
    assert any("billed $0.80" in sentence for sentence in rest)
    assert any("about" in sentence and "more blocks" in sentence for sentence in rest) == (
        verdict == "not yet"
    )


def test_both_curves_and_the_difference_are_drawn_and_said_in_words():
    found = judged_of(rows_of(80, 0.19))
    above, below = draw_experiment(experiment_axes("simulated"), found)
    labels = [line.get_label() for line in above.get_lines()]
    assert labels[:2] == ["lessons", "no lessons"]
    ends = [line.get_ydata()[-1] for line in above.get_lines()[:2]]
    blocks = [judged.blocks for judged in (found.judgement.a, found.judgement.b)]
    assert ends == pytest.approx([0.19 * blocks[0], 0.0])
    assert "difference" in [line.get_label() for line in below.get_lines()]
    assert "95 % bounds, at every look" in [fill.get_label() for fill in below.collections]
    assert above.figure.finding.startswith("helps: lessons made more than no lessons: +0.")
    table = repr(show_experiment(found))
    assert "no lessons" in table
    assert f"(n {blocks[0]})" in table
    assert "executed blocks" in repr(show_estimates(found))


def test_a_page_says_since_when_arm_b_is_in_force_and_why():
    rows = rows_of(60, -0.26)
    at = rows[-1].at
    known = {"at": at, "experiment": "e1"}
    rows += [
        VerdictFound(**known, verdict="harms", blocks=60, difference_pct=-0.26, log_e=5.0),
        Stop(**known, why="harms"),
    ]
    said = " ".join(experiment_sentences(judged_of(rows)))
    assert (
        "Gone back to no lessons since 2026-01-07 12:30 UTC: experiment e1 proved that lessons harms" in said
    )


def test_a_row_was_not_there_before_the_one_above_it_whatever_clock_stamped_it(tmp_path):
    """A stop is stamped by the clock, and the end behind it by the sample's time, which is seconds earlier."""
    log = read_log([row_text(rows_of(1, 0.1)[0])], tmp_path)
    draw = log.next_draw(START)
    stop = Stop(at=START + 65_000_000, experiment="e1", why="person")
    end = BlockEnded(at=START + 60_000_000, experiment="e1", block=1, why="stopped", trades=0, net_pct=0.0)
    text = "".join(f"{row_text(row)}\n" for row in (log.experiments[0].begin, draw, stop, end))
    (tmp_path / EXPERIMENTS_FILE).write_text(text)
    for until, known in ((59, (None, 0)), (62, (None, 0)), (65, (stop, 1))):
        found = experiments_in(tmp_path, START + until * 1_000_000).newest
        assert (found.stop, len(found.ends), len(found.draws)) == (*known, 1)


def test_only_what_was_written_by_then_is_known(tmp_path):
    rows = rows_of(10, 0.1)
    (tmp_path / EXPERIMENTS_FILE).write_text("".join(f"{row_text(row)}\n" for row in rows) + '{"torn')
    assert len(experiments_in(tmp_path).newest.ends) == 10
    then = pd.Timestamp(START + 5 * HOUR + HOUR // 4, unit="us", tz="UTC")
    found = experiment_at(tmp_path, then)
    assert (len(found.rows.draws), len(found.rows.ends)) == (5, 4)
    assert found.words.startswith("Experiment e1, lessons against no lessons: not yet, ")
    assert experiment_at(tmp_path, pd.Timestamp("2026-01-04T00:00:00Z")) is None
    assert experiment_at(tmp_path / "none", then) is None


@pytest.mark.parametrize(("differing", "said"), [(0, True), (3, False)])
def test_arms_that_always_came_to_the_same_are_said_to(differing, said):
    found = judged_of(rows_of(80, 0.1))
    pairs = found.judgement.randomised.model_copy(update={"blocks": 78, "differing": differing})
    told = found.judgement.model_copy(update={"judged_by": "paired", "paired": pairs})
    sentences = experiment_sentences(Judged(found.rows, told, Pairs()))
    assert any("both arms came to the same" in sentence for sentence in sentences) == said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"low_pct": -0.1, "high_pct": 0.2}, "no difference at all lies within the bounds"),
        ({"low_pct": None, "high_pct": None}, "too few blocks to tell that from chance"),
        ({"low_pct": 0.01, "high_pct": 0.2}, ""),
    ],
)
def test_sums_that_lie_apart_are_reconciled_with_the_verdict(changes, said):
    found = judged_of(rows_of(6, 0.1))
    told = found.judgement.model_copy(
        update={"randomised": found.judgement.randomised.model_copy(update=changes), "verdict": "not_yet"}
    )
    sentence = experiment_sentences(Judged(found.rows, told, Pairs()))[2]
    assert "The sums lie apart" in sentence if said else "The sums lie apart" not in sentence
    assert said in sentence


def test_an_arm_without_a_block_says_so():
    assert "no block has ended" in experiment_sentences(judged_of(rows_of(1, 0.1)))[1]


def test_bounds_that_are_not_there_are_said_to_be_missing():
    found = judged_of(rows_of(6, 0.1))
    none = found.judgement.randomised.model_copy(update={"low_pct": None, "high_pct": None})
    told = found.judgement.model_copy(update={"randomised": none})
    said = experiment_sentences(Judged(found.rows, told, Pairs()))[2]
    assert "too few blocks for bounds" in said and "?" not in said
