"""lib.data.atomic: the old version or the new one, whole."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from lib.data import atomic


def test_json_is_readable_and_ordered_as_given(tmp_path):
    path = tmp_path / "insights.json"
    atomic.replace_json(path, {"b": 1, "a": ["é", None]})
    assert path.read_bytes() == '{\n  "b": 1,\n  "a": [\n    "é",\n    null\n  ]\n}\n'.encode()


def test_a_file_is_replaced_and_keeps_its_mode(tmp_path):
    path = tmp_path / "prompt.md"
    path.write_text("old")
    path.chmod(0o640)
    atomic.replace_text(path, "new\n")
    assert path.read_text() == "new\n" and path.stat().st_mode & 0o777 == 0o640
    assert [entry.name for entry in tmp_path.iterdir()] == ["prompt.md"]


def test_a_new_file_can_be_read_by_others(tmp_path):
    atomic.replace_text(tmp_path / "new.md", "x")
    assert (tmp_path / "new.md").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"a": [float("-inf")]}])
def test_what_is_no_json_is_refused_and_the_old_file_stays(tmp_path, value):
    path = tmp_path / "insights.json"
    atomic.replace_json(path, 1)
    with pytest.raises(ValueError, match="JSON"):
        atomic.replace_json(path, value)
    assert path.read_text() == "1\n"


def test_a_refusal_names_the_file_and_no_second_one(tmp_path):
    place = tmp_path / "gone" / "insights.json"
    with pytest.raises(OSError, match=r"insights\.json") as refused:
        atomic.replace_text(place, "new")
    assert str(refused.value) == f"[Errno 2] No such file or directory: '{place}'"


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "insights.json"
    atomic.replace_text(path, "old")
    monkeypatch.setattr(atomic.os, "fsync", _fails)
    with pytest.raises(OSError, match="no space"):
        atomic.replace_text(path, "new")
    assert path.read_text() == "old" and len(list(tmp_path.iterdir())) == 1


def _fails(handle: int) -> None:
    raise OSError("no space")


def test_a_line_is_appended_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "history.jsonl"
    path.write_bytes(b"one\n")
    atomic.append_line(path, "zwei ü")
    assert path.read_bytes() == "one\nzwei ü\n".encode()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        atomic.append_line(path, "three")
    assert path.read_bytes() == "one\nzwei ü\n".encode()


def test_what_a_kill_left_of_a_line_is_kept_aside_and_the_next_stands_alone(tmp_path):
    path, aside = tmp_path / "history.jsonl", tmp_path / "history.jsonl.torn"
    for torn in (b'{"a": ', b'{"b": 1}'):
        path.write_bytes(b"one\n" + torn)
        atomic.append_line(path, "two")
        assert path.read_bytes() == b"one\ntwo\n"
    assert aside.read_bytes() == b'{"a": \n{"b": 1}\n'


def test_what_stood_there_is_kept_once(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_bytes(b"\xffold\n")
    path.chmod(0o640)
    copy = atomic.replace_keeping(path, b"new\n")
    assert (path.read_bytes(), copy.read_bytes()) == (b"new\n", b"\xffold\n")
    assert copy.name.startswith("rows.csv.before-") and copy.stat().st_mode & 0o777 == 0o640
    path.write_bytes(b"\xffold\n")  # as after a crash between copy and file
    assert atomic.replace_keeping(path, b"new\n") == copy
    assert atomic.replace_keeping(path, b"newer\n") != copy
    assert len(list(tmp_path.iterdir())) == 3 and copy.read_bytes() == b"\xffold\n"


def test_several_are_all_written_before_any_is_replaced(tmp_path, monkeypatch):
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("old")
    two.write_text("old")
    writes: list[int] = []

    def second_fails(handle: int) -> None:
        writes.append(handle)
        if len(writes) == 2:
            raise OSError("no space")

    with monkeypatch.context() as patched:
        patched.setattr(atomic.os, "fsync", second_fails)
        with pytest.raises(OSError, match="no space"):
            atomic.replace_together([(one, "new"), (two, "new")])
    assert (one.read_text(), two.read_text(), len(list(tmp_path.iterdir()))) == ("old", "old", 2)
    atomic.replace_together([(one, "new"), (two, "newer")])
    assert (one.read_text(), two.read_text(), len(list(tmp_path.iterdir()))) == ("new", "newer", 2)


#: Says that it is about to rename what it has written, and is killed there, or goes on.
WRITER = """
import os, sys
from lib.data import atomic
def wait(*names):
    print("written", flush=True)
    sys.stdin.readline()
    rename(*names)
rename, os.replace = os.replace, wait
atomic.replace_text(sys.argv[1], "new")
"""


def test_what_a_kill_left_is_cleared_by_the_next_writer_and_what_lives_is_not(tmp_path):
    target = tmp_path / "prompt.md"
    command = [sys.executable, "-c", WRITER, str(target)]
    kinds = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **kinds) as killed, subprocess.Popen(command, **kinds) as living:
        assert killed.stdout.readline() == living.stdout.readline() == "written\n"
        assert len(list(tmp_path.glob(".prompt.md.*.new"))) == 2
        killed.kill()
        killed.wait()
        (tmp_path / ".prompt.md.mine.new").write_text("a person's")  # no name that mkstemp gives
        assert len(atomic.clear_unfinished(tmp_path)) == 1
        assert atomic.clear_unfinished(tmp_path) == []
        living.stdin.write("go\n")
        living.stdin.close()
        assert living.wait() == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [".prompt.md.mine.new", "prompt.md"]
    (tmp_path / ".other.md.abcd_123.new").write_text("left")
    subprocess.run([sys.executable, "-c", WRITER, str(target)], input="go\n", text=True, check=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".prompt.md.mine.new", "prompt.md"]
    assert atomic.clear_unfinished(tmp_path / "nowhere") == []


def test_a_name_that_is_no_utf8_is_written_and_read_back(tmp_path):
    name = b"a\xff\xe9.csv".decode("utf-8", "surrogateescape")
    place = tmp_path / "x.json"
    atomic.replace_json(place, {"from": name, "word": "größer"})
    assert json.loads(place.read_text(encoding="utf-8")) == {"from": name, "word": "größer"}
    atomic.append_line(place, name)
    assert place.read_text(encoding="utf-8").endswith("\n" + r"a\udcff\udce9.csv" + "\n")
