"""What the system refuses ends a command with its exit code and what, where and fix, at one place for all commands."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import resource
import shutil
import signal
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from lib.data.slices import read_header
from lib.errors import DataError, RibbonError
from lib.foreign.recogniser.container import unpack
from lib.paths import repository_root
from runner import main as entry
from runner.cli import app_for
from runner.errors import WriteFailedError, file_error


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (errno.ENOSPC, WriteFailedError, "Free some space"),
        (errno.EDQUOT, WriteFailedError, "quota"),
        (errno.EFBIG, WriteFailedError, "ulimit -f"),
        (errno.EROFS, WriteFailedError, "read-only"),
        (errno.EACCES, DataError, "Give this user the right"),
        (errno.EPERM, DataError, "Give this user the right"),
        (errno.EISDIR, DataError, "A folder stands where a file belongs"),
        (errno.ENOTDIR, DataError, "A file stands where a folder belongs"),
        (errno.EEXIST, DataError, "Something else stands there"),
        (errno.ENAMETOOLONG, DataError, "shorter name"),
        (errno.ELOOP, DataError, "leads back to itself"),
        (errno.EIO, DataError, "The disk fails"),
        (errno.ENOLCK, DataError, "keep no locks"),
        (errno.EOPNOTSUPP, DataError, "keep no locks"),
        (errno.ENOSYS, DataError, "keep no locks"),
        (errno.ENODEV, DataError, "place"),  # no remedy known; what and where all the same
    ],
)
def test_what_where_and_the_fix(code, kind, words, monkeypatch, capsys):
    error = OSError(code, os.strerror(code), "/some/place")
    found = file_error(error)
    assert type(found) is kind and words in str(found)
    assert str(found).startswith("/some/place: ") and os.strerror(code) in str(found)
    monkeypatch.setattr("runner.cli.app_for", lambda name: _raising(error))
    monkeypatch.setattr("sys.argv", ["ribbon", "status"])
    with pytest.raises(SystemExit) as ended:
        entry.main()
    assert ended.value.code == kind.exit_code
    assert capsys.readouterr().err == f"ribbon: {found}\n"


@pytest.mark.parametrize("read", [read_header, unpack])
def test_a_table_that_this_user_may_not_read_is_told_with_the_same_remedy(read, tmp_path, monkeypatch):
    path = tmp_path / "candlesticks_5min.csv"
    path.write_text("timestamp,close\n")

    def refused(*_, **__):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr("os.open", refused)
    with pytest.raises(DataError, match=r"5min\.csv: .*Permission denied.*Give this user the right to it"):
        read(path)


def _raising(error):
    def app(**_named):
        raise error

    return app


def test_of_two_names_the_one_that_was_to_be():
    error = OSError(errno.EISDIR, "Is a directory", "/data/.x.new", None, "/data/x.csv")
    assert str(file_error(error)).startswith("/data/x.csv: ")
    assert str(file_error(OSError(errno.ENOSPC, "No space left on device"))).startswith("cannot be written: ")


def test_what_is_no_file_s_is_a_fault_of_the_program_and_shows_where(monkeypatch):
    error = ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
    assert file_error(error) is None
    monkeypatch.setattr("runner.cli.app_for", lambda name: _raising(error))
    monkeypatch.setattr("sys.argv", ["ribbon", "status"])
    with pytest.raises(ConnectionRefusedError):
        entry.main()


def ribbon(*words, **limits) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "runner.main", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, **limits)


@pytest.fixture
def places(tmp_path):
    """Places at which no folder can be: below a file, with a name too long, in a circle of links, a file."""
    (tmp_path / "file").write_text("x\n")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    return [tmp_path / "file", tmp_path / "file" / "x", tmp_path / ("n" * 300), tmp_path / "loop" / "x"]


CANDLES = "timestamp,open,high,low,close,volume\n2025-06-15T10:00:00Z,100,101,99,100,1\n2025-06-15T10:01:00Z,100,101,99,100,1\n"
#: Commands that look for, or make, the folder of the data, with what else they need.
ON_DATA = (
    ["status"],
    ["status", "--why", "24h"],
    ["cycle", "--as-of", "newest"],
    ["history"],
    ["lessons", "list"],
    ["lessons", "prompts"],
    ["lessons", "rebuild"],
    ["resume"],
    ["upgrade"],
    ["claude-cost"],
    ["trade", "--dry-run"],
)


@pytest.mark.slow
@pytest.mark.parametrize("words", ON_DATA, ids=" ".join)
def test_no_command_ends_in_a_traceback_over_its_folder(words, places):
    for place in places:
        done = ribbon(*words, "--trading-data", place)
        assert "Traceback" not in done.stderr, (place, done.stderr)
        assert done.returncode in (0, 2, 3), (place, done.stderr)


@pytest.mark.slow
@pytest.mark.parametrize(
    "words", [["backfill", "--candles", "FILE"], ["simulate", "--days", "1", "--seed", "1"]], ids=str
)
def test_where_no_folder_can_be_made_nothing_is_written(words, places):
    words = [str(places[0]) if word == "FILE" else word for word in words]
    places[0].write_text(CANDLES)
    for place in places[1:]:
        done = ribbon(*words, "--trading-data", place)
        assert done.returncode in (2, 3) and "Traceback" not in done.stderr, (place, done.stderr)
        assert place.name[:20] in done.stderr


@pytest.mark.slow
def test_a_full_disk_ends_a_command_with_9_and_says_where(tmp_path):
    """Really full: a limit of the kernel on what a file may hold."""

    def full() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

    words = ["simulate", "--days", "1", "--seed", "1", "--trading-data", tmp_path / "new"]
    done = ribbon(*words, preexec_fn=full)
    assert done.returncode == 9 and "Traceback" not in done.stderr, done.stderr
    assert f"{tmp_path / 'new'}" in done.stderr and "File too large" in done.stderr


#: Commands, and the files that each of them reads.
READ = {
    "status": "claude_decisions.csv trade_events.csv ticks.csv ema_data_5min.csv candlesticks_5min.csv training_history.jsonl "
    "lesson_choices.jsonl model_spend.csv collector.json claude.json experiments.jsonl .env",
    "status --why 24h": "claude_decisions.csv ticks.csv trade_events.csv",
    "watch --json": "claude_decisions.csv trade_events.csv ticks.csv .env",
    "why last": "claude_decisions.csv trade_events.csv terms.jsonl candlesticks_5min.csv .env",
    "history": "training_history.jsonl",
    "lessons prompts": "lesson_choices.jsonl training_history.jsonl",
    "resume": "trade_events.csv",
    "claude-cost": ".env",
    "trade --dry-run --decider claude": "claude_decisions.csv trade_events.csv ema_data_5min.csv candlesticks_5min.csv .env",
    "doctor --offline": "claude_decisions.csv trade_events.csv collector.json claude.json model_spend.csv .env",
    "ask notebooks/questions/engulfing.py": "candlesticks_5min.csv candlesticks_1min.csv .env",
}


@contextlib.contextmanager
def bounded(seconds: int):
    """Ends what is waited for without end, at whatever depth."""

    def over(*_: object) -> None:
        raise KeyboardInterrupt(f"nothing within {seconds} s")

    before = signal.signal(signal.SIGALRM, over)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def told(words: list[str]) -> str:
    """All that a command says, its end included, which is none in a traceback."""
    with bounded(60):
        done = CliRunner().invoke(app_for(words[0]), words)
    if isinstance(done.exception, OSError):
        return f"{done.output}{file_error(done.exception)}"
    if done.exception is not None and not isinstance(done.exception, SystemExit | RibbonError):
        raise done.exception
    return f"{done.output}{done.exception}"


#: What stands in a file's place, how that comes, and how it is told.
PLACES = {
    "pipe": (os.mkfifo, "a pipe, a socket or a device"),
    "folder": (os.mkdir, "(?i:folder|directory)"),
    "link to nowhere": (lambda path: path.symlink_to("gone"), "a link that leads nowhere"),
    "circle of links": (
        lambda path: path.symlink_to(path),
        "Too many levels of symbolic links|a link that leads nowhere",
    ),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("words", READ, ids=str)
def test_what_is_no_file_is_told_and_never_waited_for(tmp_path, monkeypatch, words, place):
    root = repository_root()
    monkeypatch.chdir(root)
    for name in READ[words].split():
        folder = shutil.copytree(root / "tests" / "yesterday", tmp_path / name)
        shutil.copy(folder / "ema_data_5min.csv", folder / "ema_data_15min.csv")
        (folder / "ribbon.toml").write_text("")
        monkeypatch.setenv("RIBBON_CONFIG", str(folder / "ribbon.toml"))
        (folder / name).unlink(missing_ok=True)
        PLACES[place][0](folder / name)
        said = told([*words.split(), "--trading-data", str(folder)] if words != "claude-cost" else [words])
        assert re.search(PLACES[place][1], said.replace(str(tmp_path), "")) and name in said, (name, said)
