"""A study's folder: what counts as done, one writer, and what a killed writer leaves."""

from __future__ import annotations

import pytest

from lib.questions.study import JobRecord
from runner.errors import LockedError, WriteFailedError
from runner.study.folder import StudyFolder, held
from tests.runner.study.made import jobs_of, study_file


@pytest.fixture
def jobs(tmp_path):
    return jobs_of(study_file(tmp_path / "given"))


def record(job, **more) -> JobRecord:
    return JobRecord(**{"id": job.id, "version": job.version, "state": "nothing", "reason": "none"} | more)


def test_what_is_done_is_found_and_what_cannot_count_is_done_again(tmp_path, jobs):
    with held(tmp_path / "s") as folder:
        assert folder.found(jobs).done == {}
        folder.keep(record(jobs[0]))
        folder.keep(record(jobs[1], version="another"))
        folder.keep(record(jobs[2], state="refused"))
        folder.keep(record(jobs[3]))
        folder.place(jobs[3].id).write_text('{"id": ', encoding="utf-8")
        found = folder.found(jobs)
        assert list(found.done) == [jobs[0].id]
        assert (found.other_version, found.refused, found.unreadable) == (1, 1, 1)
        folder.place(jobs[3].id).write_text(record(jobs[0]).model_dump_json(), encoding="utf-8")
        assert folder.found(jobs).unreadable == 1  # it is another job's
        assert folder.found(jobs).done[jobs[0].id] == record(jobs[0])


def test_two_runs_of_one_study_are_refused(tmp_path):
    with held(tmp_path / "s"), pytest.raises(LockedError), held(tmp_path / "s"):
        pass


def test_a_disk_that_takes_nothing_is_told(tmp_path, jobs):
    folder = StudyFolder(tmp_path / "s")
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "jobs").write_text("in the way", encoding="utf-8")
    with pytest.raises(WriteFailedError, match="what is done is kept"):
        folder.keep(record(jobs[0]))
