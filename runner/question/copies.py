"""The folder's copies of kept questions: `questions/<name>-<hash>/<name>.py`, read back only as the file that was kept."""

from __future__ import annotations

import hashlib
from pathlib import Path

from lib.contract.standing import file_bytes
from lib.data.atomic import replace_text
from lib.errors import QuestionError, file_remedy
from lib.questions.file import Question, read_question
from lib.questions.keeping import Kept
from lib.questions.record import FOLDER
from runner.errors import WriteFailedError


def copy_path(trading_data: Path, kept: Kept) -> Path:
    """Where the copy of a kept question is."""
    return trading_data / FOLDER / kept.folder / f"{kept.question}.py"


def write_copy(trading_data: Path, kept: Kept, question: Question) -> Path:
    """Copy a question's file into the folder, durable. Raises WriteFailedError."""
    place = copy_path(trading_data, kept)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.is_file() or hashlib.sha256(file_bytes(place)).hexdigest() != kept.sha256:
            replace_text(place, question.text)
    except OSError as error:
        raise WriteFailedError(
            f"{place}: {error.strerror}; nothing was kept. {file_remedy(error)}"
        ) from error
    return place


def read_copy(trading_data: Path, kept: Kept) -> Question:
    """The kept question. Raises MissingDataError without its copy, QuestionError where the copy is another file by now."""
    place = copy_path(trading_data, kept)
    question = read_question(place)
    if question.sha256 != kept.sha256:
        raise QuestionError(
            f"the folder's copy was changed since it was kept on {kept.at}: its hash is {question.sha256[:12]}, not {kept.sha256[:12]}",
            path=place,
            fix="Put the file back as it was; a changed question is another one: keep that one under a name of its own",
        )
    return question
