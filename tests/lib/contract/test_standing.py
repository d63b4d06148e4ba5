"""What stands where a file should be, in words; and paths that lead nowhere."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

from lib.contract.standing import expanded, not_a_file, not_a_folder, resolved
from lib.errors import MissingDataError
from lib.foreign.recogniser.container import unpack
from lib.foreign.trade_table import read_trade_table
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
        ("pipe.py", "this is a pipe or a device, not a file: write what comes out of it to a file first"),
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
