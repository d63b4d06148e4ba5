"""A study's folder: `jobs/<id>/record.json` for each job that has an answer, `study.json` and `study.html` made of all of them.

One writer at a time. A record is replaced whole and is on the disk before it counts. What would surprise: a record of another version of
the code, or one that cannot be read, is not taken: its job is done again, and how many were is said.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from lib.contract.standing import file_text
from lib.data.atomic import replace_json, replace_text
from lib.errors import file_remedy
from lib.questions.study import FORMAT, JobRecord, StudyTable
from runner.errors import WriteFailedError
from runner.files.lock import WriterLock
from runner.study.job import Job

RECORD, TABLE, PAGE = "record.json", "study.json", "study.html"


@dataclass
class Found:
    """What a folder holds of some jobs."""

    done: dict[str, JobRecord] = field(default_factory=dict)  #: by id
    other_version: int = 0
    unreadable: int = 0
    refused: int = 0  #: refused before, and tried again


class StudyFolder:
    """The folder, held for writing."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def place(self, job_id: str) -> Path:
        """The record of a job."""
        return self.path / "jobs" / job_id / RECORD

    def found(self, jobs: Sequence[Job]) -> Found:
        """What is there of these jobs already."""
        found = Found()
        for job in jobs:
            place = self.place(job.id)
            try:
                record = JobRecord.read(file_text(place))
            except FileNotFoundError:
                continue
            except (OSError, ValueError, ValidationError):
                found.unreadable += 1
                continue
            if record.version != job.version or record.format != FORMAT:
                found.other_version += 1
            elif record.id != job.id:
                found.unreadable += 1
            elif record.state == "refused":
                found.refused += 1
            else:
                found.done[job.id] = record
        return found

    def keep(self, record: JobRecord) -> None:
        """Write a job's record; raises WriteFailedError with what stood there as it was."""
        place = self.place(record.id)
        with _writing(place):
            place.parent.mkdir(parents=True, exist_ok=True)
            replace_text(place, record.model_dump_json(indent=2) + "\n")

    def show(self, table: StudyTable, page: str) -> None:
        """Write table and page."""
        with _writing(self.path / TABLE):
            replace_json(self.path / TABLE, table.model_dump(mode="json"))
            replace_text(self.path / PAGE, page)


@contextlib.contextmanager
def held(path: Path) -> Iterator[StudyFolder]:
    """A study's folder with its lock held, made if it is not there. Raises LockedError where another run is at it."""
    with _writing(path):
        path.mkdir(parents=True, exist_ok=True)
    with WriterLock(path / TABLE):
        yield StudyFolder(path)


@contextlib.contextmanager
def _writing(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise WriteFailedError(
            f"{place}: {error.strerror}; what is done is kept. {file_remedy(error)}"
        ) from error
