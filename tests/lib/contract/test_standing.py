"""What stands where a file should be, in words; and paths that lead nowhere."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pandas as pd
import pytest

from lib.contract.standing import (
    expanded,
    file_bytes,
    file_text,
    is_there,
    not_a_file,
    not_a_folder,
    open_file,
    refuse_pipe,
    resolved,
)
from lib.data.atomic import append_line
from lib.errors import MissingDataError, ParameterError
from lib.foreign.recogniser.container import unpack
from lib.foreign.trade_table import read_trade_table
from lib.paths import trading_data
from lib.questions.file import read_question
from runner.cli.options import data_folder
from runner.config import config_path
from runner.cycle.inputs import resolve_as_of
from runner.errors import ConfigError
from runner.study.file import read_study

READERS = (unpack, read_question, read_study, lambda path: read_trade_table(path, lambda name: True))


def test_what_stands_there_is_told_by_every_reader(tmp_path: Path) -> None:
    (tmp_path / "file.py").write_text("")
    assert not_a_file(tmp_path / "file.py") == ""
    (tmp_path / "folder.py").mkdir()
    os.mkfifo(tmp_path / "pipe.py")
    for name, told in (
        ("none.py", "there is no such file"),
        ("folder.py", "this is a folder, not a file"),
        (
            "pipe.py",
            "this is a pipe, a socket or a device, not a file: write what comes out of it to a file first",
        ),
    ):
        for read in READERS:
            with pytest.raises(MissingDataError, match=told):
                read(tmp_path / name)


def test_a_link_to_nowhere_is_told_with_its_target(tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to("gone.csv")
    with pytest.raises(MissingDataError, match=r"a link that leads nowhere \(to 'gone.csv'\)"):
        unpack(tmp_path / "link.csv")


@pytest.mark.parametrize("read", READERS)
def test_a_circle_of_links_is_no_traceback(tmp_path: Path, read) -> None:
    (tmp_path / "circle.py").symlink_to("circle.py")
    with pytest.raises(MissingDataError, match="leads nowhere"):
        read(tmp_path / "circle.py")


def test_a_home_of_nobody_and_a_nul_lead_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MissingDataError, match="the path '~nobody-9/x' leads nowhere"):
        expanded("~nobody-9/x")
    with pytest.raises(MissingDataError, match="leads nowhere"):
        resolved("a\0b", Path("/tmp"))
    monkeypatch.setenv("RIBBON_CONFIG", "~nobody-9/ribbon.toml")
    with pytest.raises(ConfigError, match=r"RIBBON_CONFIG: the path '~nobody-9/ribbon.toml' leads nowhere"):
        config_path()


def test_what_stands_where_a_folder_should_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to("gone")
    assert not_a_folder(tmp_path) == ""
    assert not_a_folder(tmp_path / "file") == "this is a file, not a folder"
    assert not_a_folder(tmp_path / "link") == "this is a link that leads nowhere (to 'gone')"
    assert not_a_folder(tmp_path / "none") == "there is no such folder"
    for asked in (data_folder, lambda path: resolve_as_of("", path, pd.Timestamp.now("UTC"))):
        with pytest.raises(MissingDataError, match="this is a file, not a folder"):
            asked(tmp_path / "file")


def test_a_path_from_a_folder_that_was_deleted_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(MissingDataError, match="the path 'x' leads nowhere"):
        resolved("x")
    with pytest.raises(ParameterError, match=r"x leads nowhere .* in full"):
        trading_data("x")


def test_what_would_be_waited_for_is_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
    for place in (tmp_path / "pipe", tmp_path / "socket", Path(os.devnull)):
        for read in (file_bytes, file_text, open_file, lambda path: append_line(path, "x")):
            with pytest.raises(OSError, match="a pipe, a socket or a device, not a file") as refused:
                read(place)
            assert str(place) in str(refused.value)
    for read in (file_bytes, file_text, open_file):
        with pytest.raises(IsADirectoryError):
            read(tmp_path)
        with pytest.raises(FileNotFoundError):
            read(tmp_path / "none")
    (tmp_path / "file").write_bytes(b"\xef\xbb\xbfa\r\nb")
    assert file_bytes(tmp_path / "file") == b"\xef\xbb\xbfa\r\nb"
    assert file_text(tmp_path / "file", "utf-8-sig") == "a\nb"


def test_a_link_to_nowhere_is_there_and_is_no_file_that_never_was(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("gone")
    (tmp_path / "circle").symlink_to("circle")
    assert is_there(tmp_path / "link") and is_there(tmp_path / "circle") and not is_there(tmp_path / "none")
    with pytest.raises(OSError, match=r"a link that leads nowhere \(to 'gone'\)") as refused:
        file_bytes(tmp_path / "link")
    assert not isinstance(refused.value, FileNotFoundError)
    append_line(tmp_path / "link", "x")  # a writer may make what a link leads to
    assert file_text(tmp_path / "link") == "x\n"


def test_a_handle_of_a_pipe_is_closed_and_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    handle = os.open(tmp_path / "pipe", os.O_RDWR)
    with pytest.raises(OSError, match="a pipe, a socket or a device, not a file"):
        refuse_pipe(handle, tmp_path / "pipe")
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(handle)
