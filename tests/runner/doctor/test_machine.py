"""Checks of the machine, against programs, folders and servers made for the purpose."""

from __future__ import annotations

import os
import sys
import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from runner.claude.settings import ClaudeSettings
from runner.collect import find_browser
from runner.doctor import machine
from runner.doctor.machine import browser, clock, disk, folders, packages, python


def program(folder: Path, name: str, prints: str, code: int = 0) -> None:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{prints}'\nexit {code}\n")
    path.chmod(0o755)


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """A folder that is the whole PATH, where a test puts programs."""
    place = tmp_path / "bin"
    place.mkdir()
    monkeypatch.setenv("PATH", str(place))
    monkeypatch.delenv("RIBBON_CHROME", raising=False)
    monkeypatch.setattr(find_browser, "PLACES", ())
    return lambda *what: program(place, *what)


def test_python(patient, monkeypatch):
    assert python(patient()).state == "ok"
    monkeypatch.setattr(sys, "version_info", (3, 10, 2))
    assert python(patient()).state == "fail"
    monkeypatch.setattr(sys, "version_info", (3, 14, 0))
    assert python(patient()).state == "fail"


def test_packages(patient, monkeypatch):
    monkeypatch.setattr(
        machine.metadata, "requires", lambda name: ["pandas>=3", "nonsense-1<2", 'x ; extra == "dev"']
    )
    found = packages(patient())
    assert (found.state, found.detail) == ("fail", "missing: nonsense-1")
    monkeypatch.setattr(machine.metadata, "requires", lambda name: ["pandas>=3", "vectorbt[rust]>=1.2,<2"])
    assert packages(patient()).state == "ok"


def test_the_project_not_installed(patient, monkeypatch):
    def missing(name: str):
        raise machine.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(machine.metadata, "requires", missing)
    assert packages(patient()).fix == "Run `make setup`"


def test_a_browser_and_its_driver(patient, programs):
    programs("chromium", "Chromium 150.0.7871.100 built on Debian")
    programs("chromedriver", "ChromeDriver 150.0.7000.1 (abc)")
    found = browser(patient())
    assert (found.state, "150.0.7871.100" in found.detail) == ("ok", True)


@pytest.mark.parametrize(
    ("made", "state", "words"),
    [
        ([], "fail", "no Chrome"),
        ([("chromium", "x", 1)], "fail", "does not start"),
        ([("chromium", "no number")], "fail", "does not start"),
        ([("google-chrome", "Chrome 149.0.1")], "warn", "no chromedriver"),
        (
            [("google-chrome", "Chrome 149.0.1"), ("chromedriver", "ChromeDriver 150.0.1")],
            "warn",
            "driver 150.0.1",
        ),
        ([("google-chrome", "Chrome 149.0.1"), ("chromedriver", "x", 1)], "warn", "driver None"),
    ],
)
def test_what_may_be_wrong_with_a_browser(patient, programs, made, state, words):
    for what in made:
        programs(*what)
    found = browser(patient())
    assert (found.state, words in found.detail) == (state, True)


def test_a_configured_browser_comes_first(patient, programs, tmp_path, monkeypatch):
    programs("chromium", "Chromium 150.0.1")
    programs("chromedriver", "ChromeDriver 99.0.1")
    program(tmp_path / "own", "mine", "Chrome 99.0.5")
    monkeypatch.setenv("RIBBON_CHROME", str(tmp_path / "own" / "mine"))
    assert browser(patient()).state == "ok"


@pytest.mark.parametrize(
    "name", ["trade_events.csv", "lessons.sqlite", "prompts", ".locks/trade_events.csv.lock", ".up"]
)
def test_what_another_user_wrote_into_the_folder_is_told(patient, tmp_path, monkeypatch, name):
    """After one `sudo ribbon` the folder takes files, and those that root made do not."""
    path = tmp_path / "data" / name
    (path if "." not in name or name == ".up" else path.parent).mkdir(parents=True)
    if not path.is_dir():
        path.write_text("")
    (tmp_path / "data" / "notes.txt").write_text("")
    assert folders(patient()).state == "ok"
    barred = {str(path), str(tmp_path / "data" / "notes.txt")}
    monkeypatch.setattr("os.access", lambda each, mode: str(each) not in barred)
    found = folders(patient())
    assert (
        found.state == "fail"
        and str(path) in found.detail
        and "chown" in found.fix
        and "notes" not in found.detail
    )


def test_folders_that_do_not_exist_yet_are_fine_where_they_can_be_made(patient, tmp_path):
    assert folders(patient()).state == "ok"
    assert list(tmp_path.iterdir()) == []  # nothing is left behind


def test_a_folder_without_the_right_to_write(patient, tmp_path):
    (tmp_path / "data").mkdir(mode=0o555)
    if os.access(tmp_path / "data", os.W_OK):
        pytest.skip(
            "root may write anywhere, unless it gave that right up (setpriv --bounding-set=-dac_override)"
        )
    assert folders(patient()).state == "fail"


def test_a_path_that_is_a_file_is_no_folder(patient, tmp_path):
    (tmp_path / "data").write_text("")
    found = folders(patient())
    assert (found.state, str(tmp_path / "data") in found.detail) == ("fail", True)


@pytest.mark.parametrize(("free", "state"), [(100e6, "fail"), (1e9, "warn"), (50e9, "ok")])
def test_disk(patient, monkeypatch, free, state):
    usage = type("Usage", (), {"free": free})
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda place: usage)
    found = disk(patient())
    assert (found.state, bool(found.fix)) == (state, state != "ok")


class Dated(BaseHTTPRequestHandler):
    """Answers HEAD with the status and time of its server, and keeps the request's headers."""

    def do_HEAD(self) -> None:
        self.server.seen = dict(self.headers)
        self.send_response_only(self.server.status)
        if self.server.ahead is not None:
            self.send_header("Date", formatdate(time.time() + self.server.ahead, usegmt=True))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def dated(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with HTTPServer(("127.0.0.1", 0), Dated) as server:
        server.status, server.ahead, server.seen = 404, 0.0, {}
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("ahead", "status", "state"),
    [
        (0, 404, "ok"),
        (0, 200, "ok"),
        (10, 404, "warn"),
        (-10, 404, "warn"),
        (90, 200, "fail"),
        (None, 200, "warn"),
    ],
)
def test_the_clock_against_the_servers(patient, dated, ahead, status, state):
    dated.ahead, dated.status = ahead, status
    claude = ClaudeSettings(base_url=f"http://127.0.0.1:{dated.server_port}", api_key="sk-ant-canary")
    found = clock(patient(claude=claude, ask_network=True))
    assert found.state == state
    assert "canary" not in str(dated.seen)


def test_the_clock_where_nobody_answers_and_where_nobody_is_asked(patient, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    claude = ClaudeSettings(base_url="http://me:canary@127.0.0.1:9/?key=canary")
    found = clock(patient(claude=claude, ask_network=True))
    assert (found.state, "canary" in found.detail) == ("warn", False)
    assert "not compared" in clock(patient(claude=claude)).detail


def test_a_clock_that_jumps(patient, monkeypatch):
    now = iter([2_000_000_100.0, 2_000_000_500.0])
    monkeypatch.setattr(machine.time, "time", lambda: next(now))
    found = clock(patient())
    assert (found.state, "jumped by 399.7 s" in found.detail) == ("warn", True)


def test_a_clock_before_this_program_is_wrong_without_any_comparison(patient, monkeypatch):
    monkeypatch.setattr(machine.time, "time", lambda: 300.0)
    for asked in (False, True):
        found = clock(patient(ask_network=asked))
        assert found.state == "fail" and "says 1970-01-01T00:05:00Z" in found.detail
