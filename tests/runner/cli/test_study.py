"""`ribbon study` as it is typed: table on stdout, the rest on stderr, and the codes that it ends with."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from lib.errors import MissingDataError, ParameterError
from lib.questions.study import StudyTable
from runner.cli import app
from runner.errors import StudyUnfinished
from runner.study import run as run_module
from runner.study.job import run_job
from tests.lib.questions.made import PEEK, write
from tests.runner.ask.made import asked_here
from tests.runner.study.made import study_file


@pytest.fixture(autouse=True)
def here(monkeypatch) -> None:
    """Jobs in this process: real ones are tests/runner/study's."""

    def run(jobs, processes, done, stopped) -> None:
        for job in jobs:
            done(job, run_job(job))

    monkeypatch.setattr("runner.ask.explore.ask_in_processes", asked_here)
    monkeypatch.setattr(run_module, "run_pool", run)


def study(*words: object, fails: type[Exception] | None = None):
    done = CliRunner().invoke(app, ["study", *map(str, words)])
    if fails is None:
        assert done.exit_code == 0, (done.output, done.exception)
    else:
        assert isinstance(done.exception, fails), done.exception
    return done


def test_run_shown_and_as_json(tmp_path):
    place = study_file(tmp_path / "given")
    given = place, "--trading-data", tmp_path / "data", "--outputs", tmp_path / "out"
    told = study(*given)
    assert told.stdout.startswith("Exploratory (small): 4 cells, 4 answered.")
    assert "… 4 of 4 jobs" in told.stderr and "falls · M1USDT" in told.stdout
    assert (tmp_path / "out/studies/small/study.html").is_file() and (
        tmp_path / "data/questions/record.jsonl"
    ).is_file()
    found = StudyTable.model_validate(json.loads(study(*given, "--json").stdout))
    assert [cell.state for cell in found.cells] == ["answered"] * 4


def test_what_was_refused_ends_with_its_code_after_the_table(tmp_path):
    place = study_file(tmp_path / "given")
    write(tmp_path / "given", PEEK, "falls.py")
    told = study(
        place, "--trading-data", tmp_path / "data", "--outputs", tmp_path / "out", fails=StudyUnfinished
    )
    assert "2 of 4 jobs have no answer" in str(told.exception) and StudyUnfinished.exit_code == 17
    assert "refused: falls.py: it looks ahead" in told.stdout


def test_mistakes(tmp_path):
    assert "give one of them" in str(
        study("x.toml", "--processes", "2", "--cluster", "tcp://a:1", fails=ParameterError).exception
    )
    study(tmp_path / "none.toml", fails=MissingDataError)
