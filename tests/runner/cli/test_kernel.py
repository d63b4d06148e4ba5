from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from runner.cli import app
from runner.processes.scratch import private_folder
from runner.warm import address
from runner.warm.client import ForkedProcess
from tests.runner.waiting import wait_until


def test_status_says_whether_there_is_one_and_why_not(monkeypatch, tmp_path):
    monkeypatch.setattr(address, "_SHORT", tmp_path)
    shown = CliRunner().invoke(app, ["kernel", "status", "--json"])
    told = json.loads(shown.stdout)
    assert (told["kept"], told["reason"]) == (False, "") and "no warm server is kept" in shown.stderr
    monkeypatch.setenv("RIBBON_WARM", "0")
    assert "switched off" in CliRunner().invoke(app, ["kernel", "status"]).stdout


def test_where_nothing_can_be_forked_none_is_kept(monkeypatch):
    monkeypatch.setenv("RIBBON_WARM", "0")
    shown = CliRunner().invoke(app, ["kernel", "serve"])
    assert "switched off" in str(shown.exception)


@pytest.mark.slow
def test_a_kept_server_serves_until_ctrl_c_and_knows_no_secret():
    """By the command, in a place of its own (a person's server must not be in the way), short enough for a socket."""
    folder = private_folder("rib-test")
    environment = os.environ | {"SOME_API_KEY": "canary", address.FOLDER_VARIABLE: str(folder)}
    process = subprocess.Popen([sys.executable, "-m", "runner.main", "kernel", "serve"], env=environment)
    try:
        wait_until(lambda: list(folder.glob("*.sock")))
        (place,) = folder.glob("*.sock")
        told = ForkedProcess(place, "this", env=os.environ, streams=(0, 2, 2))
        assert told.wait(60) == 0
        with open(f"/proc/{process.pid}/environ", "rb") as seen:  # noqa: PTH123
            assert b"canary" not in seen.read()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert not place.exists()
    finally:
        process.kill()
        process.wait()
