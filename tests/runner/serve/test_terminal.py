"""`ribbon watch` and `ribbon serve` as commands: what a pipe gets, the token, a port that is another's."""

from __future__ import annotations

import errno
import io
import json
import signal
import socket
import stat
import subprocess
import sys
import urllib.request
from unittest.mock import Mock

import pytest
from rich.console import Console

from runner.errors import PortTaken
from runner.serve.server import listen
from runner.serve.terminal import redraw, snapshot
from runner.serve.token import address_of, token_of
from runner.terminal.console import SafeConsole
from tests.runner.serve.conftest import viewer_of
from tests.runner.serve.test_page import ATTACK
from tests.runner.trade.made import at_us


def drawn(view, **options) -> str:
    console = Console(width=150, **options)
    with console.capture() as capture:
        console.print(snapshot(view))
    return capture.get()


def test_a_snapshot_says_the_answer_first_and_the_feed_below(traded):
    text = drawn(viewer_of(traded).look(at_us(100)))
    assert text.startswith("LONG since 00:01: −0.20 % (−$")
    for words in (
        "100.90",
        "all green",
        "Today",
        "At work",
        "both ribbons turned green",
        "the chart stood still",
        "+$2.10 (+0.21 %) on 1",
        "LONG +0.21 %, left 00:01",
        "entered, no exit yet",
        "looked once: ",
    ):
        assert words in text, words


def test_a_snapshot_of_long_ago_has_its_date_and_what_is_told(traded):
    view = viewer_of(traded).look(at_us(3 * 86_400))
    view["status"]["lessons"] = {
        "act_on": 1,
        "proven": 1,
        "told": ["Favour: X gain. So sure."],
        "nearest": [],
    }
    text = drawn(view)
    assert "told: Favour: X gain. So sure." in text and "d ago" not in text
    assert "not running here, 5 Jan 00:01" in text


def test_markup_in_data_is_text_and_no_control_character_leaves(traded, capsys):
    decisions = traded / "claude_decisions.csv"
    attack = ATTACK.replace('"', "") + "[bold red]x[/]\x1b]0;pwn\x07"
    decisions.write_text(decisions.read_text().replace("both ribbons turned green", f'"{attack}"'))
    console = SafeConsole(width=150, force_terminal=False)
    console.print(snapshot(viewer_of(traded).look(at_us(100))))
    told = capsys.readouterr().out
    assert "\\x1b" in told and "\x1b" not in told and "\u202e" not in told


def test_on_a_terminal_it_is_drawn_in_place_until_it_is_to_end(traded):
    looks = []
    console = Console(force_terminal=True, width=120, height=40, file=io.StringIO())
    view = viewer_of(traded).look(at_us(100))
    redraw(console, lambda: looks.append(1) or view, 0.0, lambda: len(looks) >= 3)
    assert len(looks) == 3
    assert console.file.getvalue().count("LONG since") >= 3


def test_the_token_is_its_owner_s_alone_and_stays(tmp_path):
    token = token_of(tmp_path)
    path = tmp_path / ".serve" / "token"
    assert token_of(tmp_path) == token and len(token) >= 43
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    path.chmod(0o644)
    assert token_of(tmp_path) != token  # others may have read it
    path.write_text("short")
    assert len(token_of(tmp_path)) >= 43


def test_a_disk_that_takes_no_token_is_named_and_nothing_is_left(tmp_path, monkeypatch):
    monkeypatch.setattr("lib.data.atomic.os.fsync", Mock(side_effect=OSError(errno.ENOSPC, "No space left")))
    with pytest.raises(OSError) as refused:
        token_of(tmp_path)
    assert refused.value.filename == str(tmp_path / ".serve" / "token")
    assert list((tmp_path / ".serve").iterdir()) == []
    assert address_of(1, "t") == "http://127.0.0.1:1/?token=t"


def test_a_port_that_is_another_s_is_said_with_what_to_do():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(PortTaken, match=r"is in use.*--port 0"):
            listen(other.getsockname()[1])


@pytest.mark.slow
@pytest.mark.parametrize("hidden", [False, True])
def test_the_command_prints_its_address_answers_and_ends_with_ctrl_c(traded, hidden):
    command = [
        sys.executable,
        "-m",
        "runner.main",
        "serve",
        "--trading-data",
        str(traded),
        "--port",
        "0",
        "--json",
    ]
    process = subprocess.Popen(
        [*command, *(["--hide-token"] if hidden else [])], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        address = json.loads(process.stdout.readline())["address"]
        assert ("token=" in address) is not hidden
        if not hidden:
            with urllib.request.urlopen(address, timeout=30) as page:
                assert b"Ribbon Lab" in page.read()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
