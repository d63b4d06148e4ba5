"""A job: what its id holds and what not, its way through JSON, and candles that are not those it is of."""

from __future__ import annotations

import pytest

from lib.errors import DataError, ParameterError
from lib.market.terms import Terms
from lib.questions.study import JobRecord
from runner.cycle.settings import CycleSettings
from runner.study import address
from runner.study import job as job_module
from runner.study.job import Job, Place, code_version, read_market, run_job, run_text
from runner.study.plan import localized
from tests.runner.ask.made import asked_here
from tests.runner.study.made import candle_file, jobs_of, plan_of, study_file


@pytest.fixture
def jobs(tmp_path, monkeypatch) -> list[Job]:
    """Four jobs that are run in this process."""
    monkeypatch.setattr("runner.ask.explore.ask_in_processes", asked_here)
    return jobs_of(study_file(tmp_path))


def test_an_id_is_of_what_decides_the_answer_and_of_nothing_else(jobs):
    first = jobs[0]
    assert len({job.id for job in jobs}) == 4
    same = [
        first.model_copy(update={"version": "another"}),
        first.model_copy(update={"place": Place(candles="elsewhere.csv", symbol="X")}),
        first.model_copy(update={"limits": CycleSettings(limit_s=9)}),
        first.model_copy(update={"cell": first.cell._replace(terms="renamed")}),
    ]
    assert {job.id for job in same} == {first.id}
    other = [
        first.model_copy(update={"terms": Terms(fee_pct=0.02)}),
        first.model_copy(update={"rows_sha256": "0"}),
        first.model_copy(update={"since": "2026-01-02T00:00:00Z"}),
        first.model_copy(update={"end": "2026-01-02T00:00:00Z"}),
        first.model_copy(update={"question": first.question.model_copy(update={"sha256": "0"})}),
    ]
    assert first.id not in {job.id for job in other}


def test_rows_beyond_the_boundary_change_no_id(tmp_path):
    place = study_file(tmp_path)
    before = [job.id for job in jobs_of(place)]
    candle_file(tmp_path / "M0USDT_5m.csv.gz", 1, 2_600)
    assert [job.id for job in jobs_of(place)] == before


def test_a_job_goes_through_json_and_its_record_knows_no_machine(jobs, tmp_path):
    job = jobs[0]
    record = JobRecord.read(run_text(job.model_dump_json()))
    assert record.state == "answered" and record.id == job.id and record.version == code_version()
    assert record.explored.question == "falls" and record.explored.trades.total > 20
    assert str(tmp_path) not in record.model_dump_json()
    moved = tmp_path / "moved"
    moved.mkdir()
    copy = moved / "M0USDT_5m.csv.gz"
    copy.write_bytes((tmp_path / copy.name).read_bytes())
    elsewhere = job.model_copy(update={"place": job.place.model_copy(update={"candles": str(copy)})})
    assert run_job(elsewhere) == record


def test_other_candles_are_refused_and_a_folder_that_has_grown_is_read_anew(jobs, tmp_path):
    job, file = jobs[0], tmp_path / "M0USDT_5m.csv.gz"
    assert run_job(job).state == "answered"
    candle_file(file, 1, 2_600)  # grown behind what the job is of
    job_module._history.cache_clear()
    assert run_job(job).state == "answered"
    candle_file(file, 9)
    job_module._history.cache_clear()
    record = run_job(job)
    assert record.state == "refused" and "holds other candles of M0USDT here" in record.reason


def test_what_is_missing_is_a_record_with_its_reason(jobs, tmp_path):
    job = jobs[0]
    gone = job.model_copy(update={"place": Place(folder=str(tmp_path / "gone"))})
    assert "there is no such folder here" in run_job(gone).reason
    early = job.model_copy(
        update={"end": "2020-01-01T00:00:00Z", "rows_sha256": read_market(job.place).until(_early()).sha256()}
    )
    record = run_job(early)
    assert record.state == "nothing" and "its rows begin later" in record.reason


def _early():
    from lib.contract.times import parse_instant

    return parse_instant("2020-01-01T00:00:00Z")


def test_a_period_beyond_the_boundary_has_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("runner.ask.explore.ask_in_processes", asked_here)
    place = study_file(tmp_path, '[[periods]]\nname = "later"\nsince = "2030-01-01T00:00:00Z"\n')
    # The lines above stand before [[markets]]: tables may come in any order.
    assert {run_job(job).state for job in plan_of(place).exploring()} == {"nothing"}


def test_candles_behind_an_address_are_the_same_job(jobs, tmp_path):
    file = tmp_path / "M0USDT_5m.csv.gz"
    there = jobs[0].model_copy(update={"place": Place(candles=f"file://{file}")})
    assert there.id == jobs[0].id and run_job(there) == run_job(jobs[0])
    local = localized(there)
    assert "://" not in local.place.candles and local.id == there.id and localized(jobs[0]) == jobs[0]
    with pytest.raises(DataError, match="cannot be read"):
        address.local_file(f"file://{tmp_path}/none.csv")


def test_an_address_without_the_extra_names_it(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(ParameterError, match=r"pip install 'ribbon-lab\[grid\]'"):
        address.local_file("s3://bucket/none.csv")
