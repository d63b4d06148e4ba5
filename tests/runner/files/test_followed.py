"""A file that others write, followed: each whole line once, and all of them anew where it is another file."""

from __future__ import annotations

import os

from runner.files.followed import Followed


def test_each_whole_line_is_given_once(tmp_path):
    path = tmp_path / "x.csv"
    followed = Followed(path)
    assert followed.poll() == (False, [])
    path.write_bytes(b"a\nb\nto")
    assert followed.poll() == (False, [b"a", b"b"])
    assert followed.poll() == (False, [])
    with path.open("ab") as file:
        file.write(b"rn\nc\n")
    assert followed.poll() == (False, [b"torn", b"c"])


def test_a_file_that_was_replaced_cut_or_changed_is_given_anew(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"a\nb\n")
    followed = Followed(path)
    followed.poll()
    (tmp_path / "new").write_bytes(b"a\nb\nc\n")
    (tmp_path / "new").replace(path)
    assert followed.poll() == (True, [b"a", b"b", b"c"])
    path.write_bytes(b"a\n")
    assert followed.poll() == (True, [b"a"])
    path.write_bytes(b"z\nb\n")  # longer than before, and another where it had been read
    assert followed.poll() == (True, [b"z", b"b"])
    with path.open("ab") as file:
        file.write(b"c\n")
    assert followed.poll() == (False, [b"c"])
    path.unlink()
    assert followed.poll() == (True, [])


def test_a_line_that_was_changed_in_place_is_noticed_where_the_last_one_stands_as_it_did(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"a\nb\n")
    followed = Followed(path)
    followed.poll()
    path.write_bytes(b"z\nb\n")
    os.utime(path, (1, 1))
    assert followed.poll() == (True, [b"z", b"b"])


def test_a_file_that_did_not_change_is_not_opened(tmp_path, monkeypatch):
    path = tmp_path / "x.csv"
    path.write_bytes(b"a\n")
    followed = Followed(path)
    followed.poll()
    monkeypatch.setattr(os, "open", lambda *_, **__: 1 / 0)  # by which lib.contract.standing opens each file
    assert followed.poll() == (False, [])
