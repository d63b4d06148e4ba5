"""A study from its file to its table: what is kept, what is done again, what is stopped, and what confirming spends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lib.errors import MissingDataError, ParameterError
from lib.market.terms import DEFAULT_TERMS
from lib.questions.record import read_record
from lib.questions.study import JobRecord
from runner.ask.words import listing
from runner.errors import ConfigError, StudyInterrupted
from runner.study import run as run_module
from runner.study.job import run_job
from runner.study.run import Means, run_study
from tests.lib.questions.made import PEEK, WICKS, write
from tests.runner.ask.made import asked_here
from tests.runner.study.made import LIMITS, candle_file, jobs_of, kept_records, plan_of, run, study_file

CONFIRM = "confirm = true"


class Here:
    """What the pool does, in this process; notes each job that is run."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.stop_after = 1_000

    def run(self, jobs, processes, done, stopped) -> None:
        for job in jobs:
            if stopped():
                return
            self.ran.append(job.id)
            done(job, run_job(job))

    def stopped(self) -> bool:
        return len(self.ran) >= self.stop_after


@pytest.fixture
def here(monkeypatch) -> Here:
    made = Here()
    monkeypatch.setattr("runner.ask.explore.ask_in_processes", asked_here)
    monkeypatch.setattr("runner.ask.confirm.ask_in_processes", asked_here)
    monkeypatch.setattr(run_module, "run_pool", made.run)
    return made


def record_of(place: Path):
    return read_record(place.parent / "data")


def test_each_cell_is_answered_kept_and_not_done_again(tmp_path, here):
    place, said = study_file(tmp_path), []
    found, folder = run(place, Means(), said=said)
    assert not found.confirm and len(here.ran) == 4
    assert [(cell.question, cell.market) for cell in found.cells] == [
        (question, market) for question in ("falls", "rises") for market in ("M0USDT", "M1USDT")
    ]
    assert all(
        cell.state == "answered" and cell.trades > 20 and cell.log_e is not None for cell in found.cells
    )
    assert [each.markets for each in found.together] == [2, 2] and not any(
        each.counts for each in found.together
    )
    assert json.loads((folder / "study.json").read_text(encoding="utf-8")) == found.model_dump(mode="json")
    assert len(record_of(place).asked) == 4 and record_of(place).opened == []
    before = kept_records(place)
    again, _ = run(place, Means(), said=said)
    assert len(here.ran) == 4 and again == found and kept_records(place) == before
    assert said[-1] == "open parts: 4 jobs; 4 done"


def test_what_changes_is_done_and_nothing_else(tmp_path, here):
    place = study_file(tmp_path)
    run(place, Means())
    write(tmp_path, PEEK, "falls.py")
    found, _ = run(place, Means())
    assert len(here.ran) == 6  # one question, in two markets
    refused = [cell for cell in found.cells if cell.state == "refused"]
    assert {cell.question for cell in refused} == {"falls"} and "falls.py: it looks ahead" in refused[
        0
    ].reason
    assert str(tmp_path) not in refused[0].reason
    assert next(each for each in found.together if each.question == "falls").log_e is None
    run(place, Means())
    assert len(here.ran) == 8  # what was refused is tried again


def test_a_record_of_another_version_is_done_again(tmp_path, here):
    place, said = study_file(tmp_path), []
    run(place, Means())
    file = next((tmp_path / "out/small/jobs").glob("*/record.json"))
    file.write_text(
        file.read_text(encoding="utf-8").replace('"version": "', '"version": "0'), encoding="utf-8"
    )
    run(place, Means(), said=said)
    assert len(here.ran) == 5 and "open parts: 4 jobs; 3 done; 1 of another version, done again" in said


def test_what_is_stopped_keeps_what_is_done_and_goes_on(tmp_path, here):
    place = study_file(tmp_path)
    here.stop_after = 3
    with pytest.raises(StudyInterrupted, match=r"stopped after 3 of 4 jobs, which are kept in .* goes on"):
        run(place, Means(), here.stopped)
    assert len(kept_records(place)) == 3
    shown = json.loads((tmp_path / "out/small/study.json").read_text(encoding="utf-8"))
    assert sorted(cell["state"] for cell in shown["cells"]) == ["answered"] * 3 + ["open"]
    here.stop_after = 1_000
    run(place, Means())
    assert len(here.ran) == 4 and StudyInterrupted.exit_code == 130


def test_terms_and_periods_are_cells_of_their_own(tmp_path, here):
    place = study_file(tmp_path, markets=1)
    more = '[[terms]]\nname = "cheap"\nfee_pct = 0\n[[terms]]\nname = "dear"\nfee_pct = 0.1\n'
    periods = '[[periods]]\nname = "all-of-it"\n[[periods]]\nname = "late"\nsince = "2026-01-04T00:00:00Z"\n'
    place.write_text(place.read_text(encoding="utf-8") + more + periods, encoding="utf-8")
    found, _ = run(place, Means())
    means = {(cell.question, cell.terms, cell.period): cell.net_mean_pct for cell in found.cells}
    assert len(means) == 8
    gap = means["falls", "cheap", "all-of-it"] - means["falls", "dear", "all-of-it"]
    assert gap == pytest.approx(0.2, abs=0.002)  # a fee of 0.1 % on each side
    assert found.together[0].log_e is None  # one market


def test_confirming_spends_a_level_a_cell_and_one_a_replication_once(tmp_path, here):
    place = study_file(tmp_path, CONFIRM)
    found, _ = run(place, Means())
    record = record_of(place)
    assert found.confirm and len(here.ran) == 8 and all(cell.verdict for cell in found.cells)
    assert [line.k for line in record.opened] == [1, 2, 3, 4]
    assert [(line.k, line.question, line.markets) for line in record.replications] == [
        (1, "falls", ["M0USDT", "M1USDT"]),
        (2, "rises", ["M0USDT", "M1USDT"]),
    ]
    assert all(record.answer(k) is not None for k in (1, 2, 3, 4)) and all(
        each.counts for each in found.together
    )
    again, _ = run(place, Means())
    assert len(here.ran) == 8 and again == found and len(record_of(place).lines) == len(record.lines)
    lines, listed = listing(record, place.parent / "data")
    assert "  markets together 1. falls on M0USDT, M1USDT: at 0.025 %" in lines
    assert [line["k"] for line in listed["replications"]] == [1, 2]


def test_markets_of_which_one_was_opened_before_say_nothing_together(tmp_path, here):
    """Who has seen what some markets said could choose which are taken together."""
    first = study_file(tmp_path, CONFIRM, markets=1)
    run(first, Means())
    assert record_of(first).replications == []
    found, _ = run(study_file(tmp_path, CONFIRM, markets=2), Means())
    assert record_of(first).replications == [] and len(record_of(first).opened) == 4
    assert [(each.log_e, each.replicates, each.counts) for each in found.together] == [
        (None, False, False)
    ] * 2


def test_a_study_whose_records_are_gone_takes_what_was_confirmed_for_good(tmp_path, here):
    place = study_file(tmp_path, CONFIRM)
    found, folder = run(place, Means())
    for file in (folder / "jobs").glob("*/record.json"):
        if JobRecord.read(file.read_text(encoding="utf-8")).confirmed is not None:
            file.unlink()
    candle_file(tmp_path / "M0USDT_5m.csv.gz", 1, 2_500)  # later rows change no answer
    again, _ = run(place, Means())
    assert len(here.ran) == 8 and again.cells == found.cells


def test_stopped_before_the_sealed_part_levels_stay_spent_and_answers_are_due(tmp_path, here):
    place = study_file(tmp_path, CONFIRM)
    here.stop_after = 6
    with pytest.raises(StudyInterrupted):
        run(place, Means(), here.stopped)
    record = record_of(place)
    assert len(record.opened) == 4 and sum(record.answer(k) is not None for k in (1, 2, 3, 4)) == 2
    here.stop_after = 1_000
    found, _ = run(place, Means())
    assert len(here.ran) == 8 and len(record_of(place).opened) == 4
    assert all(cell.verdict for cell in found.cells)


def test_one_that_never_traded_is_not_confirmed_and_spends_nothing(tmp_path, here):
    place = study_file(tmp_path, CONFIRM)
    for number in (0, 1):
        candle_file(tmp_path / f"M{number}USDT_5m.csv.gz", number + 1, 3_000)
    silent = WICKS.replace("long=change < -0.2, short=change > 0.2", "long=change < -90, short=change > 90")
    write(tmp_path, silent, "falls.py")
    for _ in range(2):  # and it is not, however often it is tried
        found, _ = run(place, Means())
        record = record_of(place)
        assert {line.question for line in (*record.opened, *record.replications)} == {"rises"}
        cells = [cell for cell in found.cells if cell.question == "falls"]
        assert [cell.state for cell in cells] == ["refused"] * 2
        assert "falls.py: it made no trade in the open part" in cells[0].reason
        assert all(cell.verdict for cell in found.cells if cell.question == "rises")


def test_a_question_that_is_refused_spends_nothing_and_stands_in_the_table(tmp_path, here):
    place = study_file(tmp_path, CONFIRM)
    write(tmp_path, PEEK, "falls.py")
    found, _ = run(place, Means())
    assert {line.question for line in record_of(place).opened} == {"rises"}
    assert {line.question for line in record_of(place).replications} == {"rises"}
    assert (
        found.confirm and [cell.state for cell in found.cells if cell.question == "falls"] == ["refused"] * 2
    )
    falls = next(each for each in found.together if each.question == "falls")
    assert (falls.log_e, falls.counts) == (None, False)


@pytest.mark.parametrize(
    ("old", "new", "error", "told"),
    [
        ('"*s.py"', '"none_*.py"', MissingDataError, "no file is called like none_"),
        ('"*s.py"', '"falls.py", "other/falls.py"', ParameterError, "two questions are called falls"),
        ("M1USDT_5m.csv.gz", "M0USDT_5m.csv.gz", ParameterError, "M0USDT_5m.csv.gz is named twice"),
        ("M1USDT_5m.csv.gz", "none.csv", MissingDataError, "there is no such file"),
        (
            "[[markets]]",
            '[[terms]]\nname = "odd"\nstop_pct = -1\n[[markets]]',
            ConfigError,
            "small.toml, line 5: terms.0.stop_pct: Input should be greater than 0 (it says -1)",
        ),
    ],
)
def test_what_is_off_is_told_before_anything_runs(tmp_path, here, old, new, error, told):
    place = study_file(tmp_path)
    (tmp_path / "other").mkdir()
    write(tmp_path / "other", name="falls.py")
    place.write_text(place.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(error) as raised:
        run(place, Means())
    assert told in str(raised.value) and here.ran == []


def test_questions_and_candles_may_stand_anywhere(tmp_path):
    place, other = study_file(tmp_path / "a"), tmp_path / "b"
    other.mkdir()
    text = place.read_text(encoding="utf-8")
    text = text.replace('"*s.py"', f'"{place.parent}/*s.py"').replace('"M', f'"{place.parent}/M')
    (other / "small.toml").write_text(text, encoding="utf-8")
    assert [job.id for job in jobs_of(other / "small.toml")] == [job.id for job in jobs_of(place)]


def test_a_plan_fixes_the_boundary_once(tmp_path):
    place = study_file(tmp_path)
    first = [market.fixed for market in plan_of(place).markets]
    candle_file(tmp_path / "M0USDT_5m.csv.gz", 1, 2_600)
    assert [market.fixed for market in plan_of(place).markets] == first


def test_one_market_under_two_names_is_refused_and_one_asked_elsewhere_is_told(tmp_path, here):
    place, said = study_file(tmp_path / "a"), []
    candle_file(place.parent / "M1USDT_5m.csv.gz", 1)
    with pytest.raises(ParameterError, match=r"has the prices of M.USDT: one market counts once"):
        run(place, Means())
    other = study_file(tmp_path / "b", markets=1)
    run_study(other, tmp_path / "first", tmp_path / "out", DEFAULT_TERMS, LIMITS, Means())
    run_study(other, tmp_path / "second", tmp_path / "out", DEFAULT_TERMS, LIMITS, Means(), say=said.append)
    assert any(line.startswith("note: ") and "has asked M0USDT over the same time" in line for line in said)
