from __future__ import annotations

import os
from contextlib import nullcontext
from pathlib import Path

import psutil
import pytest

from bench import command
from bench.command import kept_server, own_environment, plain_environment
from runner.warm.address import FOLDER_VARIABLE, SOCKET_VARIABLE, SWITCH, listens, server_socket, why_not


def use(monkeypatch, environment: dict[str, str]) -> None:
    for name in (SWITCH, SOCKET_VARIABLE, FOLDER_VARIABLE):
        monkeypatch.delenv(name, raising=False)
        if name in environment:
            monkeypatch.setenv(name, environment[name])


def test_a_person_s_settings_are_left_out(monkeypatch):
    monkeypatch.setenv("RIBBON_TRADING_DATA", "mine")
    monkeypatch.setenv(SOCKET_VARIABLE, "mine.sock")
    monkeypatch.setenv(FOLDER_VARIABLE, "mine")
    plain = plain_environment()
    assert {name for name in plain if name.startswith("RIBBON_")} == {SWITCH}
    with own_environment() as own:
        assert {name for name in own if name.startswith("RIBBON_")} == {FOLDER_VARIABLE}
        folder = Path(own[FOLDER_VARIABLE])
        assert [path.name for path in folder.iterdir()] == [".owner"] and plain["PATH"] == own[
            "PATH"
        ] == os.environ["PATH"]
        use(monkeypatch, own)
        assert server_socket().parent == folder and not why_not()
    assert not folder.exists()
    use(monkeypatch, plain)
    assert "switched off" in why_not()


@pytest.mark.slow
def test_a_kept_server_is_found_where_it_is_kept_and_only_there(monkeypatch, forking):
    shared = server_socket()
    with kept_server() as (environment, process):
        use(monkeypatch, environment)
        place = server_socket()
        assert listens(place) and place.parent == Path(environment[FOLDER_VARIABLE]) != shared.parent
        running = psutil.Process(process.pid)
        assert "runner.warm.server" in running.cmdline()
    assert not psutil.pid_exists(process.pid) and not place.parent.exists()


@pytest.mark.slow
def test_a_server_that_does_not_live_to_the_end_is_no_figure(forking):
    with pytest.raises(RuntimeError, match="the kept server ended with"), kept_server() as (_, process):
        process.kill()
        process.wait()


def test_a_server_that_does_not_start_says_why(monkeypatch):
    switched_off = plain_environment() | {FOLDER_VARIABLE: "/nonexistent"}
    monkeypatch.setattr(command, "own_environment", lambda: nullcontext(switched_off))
    with pytest.raises(RuntimeError, match=r"did not start:\n.*switched off by RIBBON_WARM=0"), kept_server():
        pass
