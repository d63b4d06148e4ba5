"""The configuration, and supervisord with it: what dies comes again, logs are turned over, a stop leaves nothing."""

from __future__ import annotations

import configparser
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from typer.testing import CliRunner

from lib.errors import ParameterError
from runner.claude.settings import ClaudeSettings
from runner.cli import app
from runner.doctor.at_work import parts
from runner.doctor.findings import Installation
from runner.errors import ConfigError, LockedError
from runner.notify.settings import NotifySettings
from runner.processes.become import command_of
from runner.processes.interpreter import module_command
from runner.processes.scratch import private_folder
from runner.status.status import status
from runner.trade.settings import TradeSettings
from runner.up.orphans import be_the_only_one, end_orphans
from runner.up.programs import CONFIG, FOLDER, PID, SOCKET, Program, programs, supervisord_config
from tests.runner.waiting import is_running, wait_until


def test_what_is_kept_and_what_can_be_left_out(tmp_path):
    assert [program.name for program in programs(tmp_path, tmp_path)] == [
        "warm",
        "collect",
        "trade",
        "cycle",
        "serve",
    ]
    assert [p.name for p in programs(tmp_path, tmp_path, ["collect", "trade"])] == ["warm", "cycle", "serve"]
    with pytest.raises(ParameterError, match="--without colect"):
        programs(tmp_path, tmp_path, ["colect"])


def test_a_part_is_looked_after_by_what_knows_no_more_than_it(tmp_path):
    for program in programs(tmp_path, tmp_path):
        start = command_of(program.name, module_command("runner.up.part", program.name, str(tmp_path)))
        assert list(program.command[: len(start)]) == start


def test_what_cannot_be_here_is_not_tried_again_and_again(tmp_path, monkeypatch):
    monkeypatch.setenv("RIBBON_WARM", "0")
    assert [program.name for program in programs(tmp_path, tmp_path)] == [
        "collect",
        "trade",
        "cycle",
        "serve",
    ]


def test_commands_exist_and_survive_odd_paths():
    folder = Path("/tmp/odd 50% folder")
    told = configparser.RawConfigParser()
    told.read_string(supervisord_config(programs(folder, folder), Path("/tmp/up")))
    for program in programs(folder, folder):
        words = shlex.split(told[f"program:{program.name}"]["command"].replace("%%", "%"))
        assert tuple(words) == program.command
        if "runner.main" in words:
            command = words[words.index("runner.main") + 1 :]
            names = [word for word in command if not word.startswith(("-", "/"))]
            assert CliRunner().invoke(app, [*names, "--help"]).exit_code == 0, names


def test_a_folder_too_deep_for_a_socket_is_refused():
    with pytest.raises(ParameterError, match="shorter path"):
        supervisord_config([], Path("/tmp") / ("x" * 100))


def test_the_command_shows_what_it_would_keep(tmp_path):
    shown = CliRunner().invoke(app, ["up", "--trading-data", str(tmp_path), "--without", "collect", "--show"])
    assert (
        shown.exit_code == 0 and "[program:trade]" in shown.output and "[program:collect]" not in shown.output
    )
    assert list(tmp_path.iterdir()) == []


def test_a_misspelt_variable_is_refused_before_anything_starts(tmp_path, monkeypatch):
    """A part is not handed what stands in no table, so it could not tell."""
    monkeypatch.setenv("RIBBON_TARDE__BROKER", "exchange")
    with pytest.raises(ConfigError, match="RIBBON_TARDE__BROKER"):
        CliRunner().invoke(app, ["up", "--trading-data", str(tmp_path)], catch_exceptions=False)
    assert list(tmp_path.iterdir()) == []


def test_a_second_one_of_a_folder_is_refused_in_words_and_starts_nothing(folder):
    (folder / FOLDER).mkdir()
    with socket.socket(socket.AF_UNIX) as living:
        living.bind(str(folder / FOLDER / SOCKET))
        living.listen()
        (folder / FOLDER / CONFIG).write_text("as it was")
        refused = CliRunner().invoke(app, ["up", "--trading-data", str(folder)])
    assert isinstance(refused.exception, LockedError)
    assert "`ribbon up` keeps its programs running already (another process)" in str(refused.exception)
    assert (folder / FOLDER / CONFIG).read_text() == "as it was"
    os.close(be_the_only_one(folder / FOLDER))  # a socket that a killed one left is nobody


def test_nobody_is_sent_to_another_program_with_the_token(folder, monkeypatch):
    monkeypatch.setattr("runner.cli.up.os.execv", lambda program, command: None)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        monkeypatch.setenv("RIBBON_SERVE__PORT", str(port))
        begun = CliRunner().invoke(app, ["up", "--trading-data", str(folder)])
    assert begun.exit_code == 0 and "token=" not in begun.output
    assert f"no page yet, it is tried again by itself: port {port} of 127.0.0.1 is in use" in begun.output


@pytest.mark.slow
@pytest.mark.serial
def test_of_those_that_begin_in_the_same_instant_one_goes_on_and_the_others_are_refused_in_words(folder):
    """The folder is held over the programs that a process becomes, so the wait for a socket leaves no gap."""
    begin = "import os, sys; from runner.up.orphans import be_the_only_one; from pathlib import Path; {wait}; {does}"
    does = "be_the_only_one(Path(sys.argv[1])); os.execvp('sleep', ['sleep', '600'])"
    code = begin.format(wait="print(flush=True); sys.stdin.read()", does=does)
    both = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(3)
    ]
    try:
        for each in both:
            each.stdout.readline()
        for each in both:
            each.stdin.close()
        wait_until(lambda: sum(each.poll() is not None for each in both) == 2)
        refused = [each for each in both if each.poll() is not None]
        assert all(b"running already (another process)" in each.stderr.read() for each in refused)
        shutil.rmtree(folder)  # by somebody who tidies up
        folder.mkdir()
        (going_on,) = [each for each in both if each.poll() is None]
        wait_until(lambda: psutil.Process(going_on.pid).name() == "sleep")
        with pytest.raises(LockedError, match="another process"):
            be_the_only_one(folder)
        going_on.kill()
        going_on.wait()
        os.close(be_the_only_one(folder))
    finally:
        for each in both:
            each.kill()
            each.wait()
            each.stdout.close()
            each.stderr.close()


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose path leaves room for a socket's name."""
    made = private_folder("rib-up")
    (made / "in").mkdir()
    yield made / "in"
    shutil.rmtree(made)


@pytest.mark.slow
@pytest.mark.serial
def test_supervisord_keeps_it_running_and_leaves_nothing(folder):
    code = "import os, time; print('pid', os.getpid(), os.environ['MY_SECRET'], flush=True); time.sleep(600)"
    config = folder / "supervisord.conf"
    config.write_text(supervisord_config([Program("nap", (sys.executable, "-c", code), starts_s=0)], folder))
    command = [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(config)]
    keeper = subprocess.Popen(command, env=os.environ | {"MY_SECRET": "canary"})
    try:

        def pids() -> list[int]:
            # What an unbuffered Python prints comes in pieces: a line counts once its end is there.
            log = folder / "nap.log"
            whole = log.read_text().rpartition("\n")[0] if log.exists() else ""
            return [int(line.split()[1]) for line in whole.splitlines()]

        wait_until(pids)
        first = pids()[0]
        with pytest.raises(LockedError, match=rf"running already \(process {keeper.pid}\)"):
            be_the_only_one(folder)
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: len(pids()) == 2)
        assert is_running(pids()[1]) and not is_running(first)
        assert (folder / SOCKET).stat().st_mode & 0o077 == 0
        assert "canary" not in config.read_text() + (folder / "supervisord.log").read_text()
        keeper.send_signal(signal.SIGINT)
        assert keeper.wait(30) == 0
        assert not is_running(pids()[1])
        os.close(be_the_only_one(folder))
    finally:
        for left in psutil.Process(keeper.pid).children(recursive=True) if keeper.poll() is None else []:
            left.kill()
        keeper.kill()
        keeper.wait()


@pytest.mark.slow
@pytest.mark.serial
def test_what_a_killed_one_left_is_ended_by_the_next_and_a_living_one_s_is_not(folder):
    code = "import os, signal, time; print('pid', os.getpid(), flush=True); time.sleep(600)"
    kept = [Program("nap", (sys.executable, "-c", code), starts_s=0)]
    (folder / CONFIG).write_text(supervisord_config(kept, folder))
    command = [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(folder / CONFIG)]
    keeper = subprocess.Popen(command)
    try:
        log = folder / "nap.log"
        wait_until(lambda: log.exists() and log.read_text().endswith("\n"))
        pid = int(log.read_text().split()[1])
        assert end_orphans(folder, kept) == [] and is_running(pid)
        keeper.kill()
        keeper.wait()
        assert is_running(pid)
        assert end_orphans(folder / "another", kept) == [] and is_running(pid)
        assert end_orphans(folder, kept) == [pid] and not is_running(pid)
    finally:
        keeper.kill()
        keeper.wait()
        end_orphans(folder, kept)


@pytest.mark.slow
@pytest.mark.serial
def test_a_part_that_was_stopped_is_told_by_status_and_doctor_until_it_starts_again(folder):
    place = folder / FOLDER
    place.mkdir()
    nap = (
        sys.executable,
        "-m",
        "runner.up.part",
        "cycle",
        str(folder),
        sys.executable,
        "-c",
        "import time; time.sleep(600)",
    )
    program = Program("cycle", nap, starts_s=0)
    (place / CONFIG).write_text(supervisord_config([program], place))
    command = [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(place / CONFIG)]

    def told() -> list[str]:
        found = status(folder, TradeSettings(), time.time_ns() // 1_000)["findings"]
        of_doctor = parts(
            Installation(folder, folder, ClaudeSettings(), NotifySettings(), folder / "ribbon.toml")
        )
        assert of_doctor.detail in [wrong["what"] for wrong in found] + ["none of `ribbon up` is stopped"]
        assert (of_doctor.state == "warn") == any(wrong["part"] == "up" for wrong in found)
        return [
            wrong["what"].split(" since ")[0] + wrong["fix"][:14] for wrong in found if wrong["part"] == "up"
        ]

    def control(*words: str) -> None:
        asked = [sys.executable, "-m", "supervisor.supervisorctl", "-c", str(place / CONFIG), *words]
        subprocess.run(asked, check=True, capture_output=True, timeout=60)

    keeper = subprocess.Popen(command)
    try:
        wait_until((place / SOCKET).exists)
        wait_until(lambda: any("sleep(600)" in " ".join(each.cmdline()) for each in children(keeper, 2)[1:]))
        assert told() == []
        control("stop", "cycle")
        assert told() == ["`ribbon up` runs, and its part cycle is stopped`supervisorctl"]
        control("start", "cycle")
        wait_until(lambda: told() == [])
        control("stop", "cycle")
        assert len(told()) == 1
        keeper.send_signal(signal.SIGINT)
        assert keeper.wait(30) == 0
        assert told() == []  # nothing runs, so that nothing is stopped beside it
        (place / PID).write_text(str(os.getpid()))  # as where it was killed and its number went to another
        assert told() == []
    finally:
        for left in children(keeper) if keeper.poll() is None else []:
            left.kill()
        keeper.kill()
        keeper.wait()


def children(keeper: subprocess.Popen, least: int = 0) -> list[psutil.Process]:
    """All that a supervisord started; none before there are so many."""
    found = psutil.Process(keeper.pid).children(recursive=True)
    return found if len(found) >= least else []
