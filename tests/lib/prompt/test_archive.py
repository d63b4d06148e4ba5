from __future__ import annotations

import hashlib

import pytest

from lib.errors import DataError, MissingDataError, ParameterError
from lib.prompt.archive import LESSON_STATES, archive_text, load_archive, read_archive, sha256_of

TEXT = "# NOTES\n\nn=3, 66.7 % won\n"


def test_kept_under_the_hash_of_its_bytes_and_read_back(tmp_path):
    sha256 = archive_text(tmp_path, TEXT)
    assert sha256 == hashlib.sha256(TEXT.encode()).hexdigest()
    assert (tmp_path / "prompts" / f"{sha256}.md").read_text() == TEXT
    assert read_archive(tmp_path, sha256) == TEXT
    assert [tuple(kept) for kept in load_archive(tmp_path).prompts] == [(sha256, len(TEXT))]


def test_keeping_twice_writes_once(tmp_path):
    path = tmp_path / "prompts" / f"{archive_text(tmp_path, TEXT)}.md"
    inode = path.stat().st_ino
    archive_text(tmp_path, TEXT)
    assert path.stat().st_ino == inode and len(list(path.parent.iterdir())) == 1


@pytest.mark.parametrize("damage", [b"", b"# NOTES\n\nAlways buy.\n", b"\xff\xfe"])
def test_a_file_that_is_not_its_name_is_refused_listed_and_made_good_by_keeping(tmp_path, damage):
    path = tmp_path / "prompts" / f"{archive_text(tmp_path, TEXT)}.md"
    path.write_bytes(damage)
    with pytest.raises(DataError, match="does not hold what its name says"):
        read_archive(tmp_path, sha256_of(TEXT))
    assert load_archive(tmp_path) == ([], [path.name])
    archive_text(tmp_path, TEXT)
    assert read_archive(tmp_path, sha256_of(TEXT)) == TEXT


def test_bytes_that_are_no_text_are_refused_though_their_hash_fits(tmp_path):
    (tmp_path / "prompts").mkdir()
    sha256 = hashlib.sha256(b"\xff").hexdigest()
    (tmp_path / "prompts" / f"{sha256}.md").write_bytes(b"\xff")
    with pytest.raises(DataError, match="no text"):
        read_archive(tmp_path, sha256)


def test_what_is_not_kept_and_what_is_no_hash(tmp_path):
    with pytest.raises(MissingDataError, match="ribbon lessons prompts"):
        read_archive(tmp_path, sha256_of(TEXT))
    for name in ("../training_insights", "abc", sha256_of(TEXT).upper()):
        with pytest.raises(ParameterError, match="64 hex digits"):
            read_archive(tmp_path, name)
    assert load_archive(tmp_path) == ([], [])


def test_lesson_states_are_no_prompts(tmp_path):
    sha256 = archive_text(tmp_path, TEXT, LESSON_STATES)
    (tmp_path / "prompts" / "notes.md").write_text("a person's own")
    assert read_archive(tmp_path, sha256, LESSON_STATES) == TEXT
    assert load_archive(tmp_path) == ([], ["notes.md"])
