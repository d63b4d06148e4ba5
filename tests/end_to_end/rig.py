"""The live side as a user runs it: a folder of its own, `ribbon` commands as real processes, a chart page and a Messages API on localhost.

    with Rig(tmp_path, page, server, chromium) as rig:
        rig.start("collect")
        rig.until(lambda: rig.samples("5min"), "a sample was collected")

Every process that is started here, and whatever it starts, carries the rig's mark in its environment. That is how the end of all of them
is seen, and how stray ones are found. The key is in that environment and must be nowhere else.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import psutil

from lib.contract import schema
from lib.paths import repository_root
from runner.trade.events import Event, read_events
from tests.chart_page.server import ChartPage
from tests.messages_server import MessagesServer

#: Every program gets variables of this kind (runner.processes.environment).
MARK = "XDG_END_TO_END_RUN"
#: A machine that is busy with other things is slow, not wrong.
PATIENCE_S = 150.0
Found = TypeVar("Found")


class Rig:
    """One run. `beat_s` is the step of collector and loop; `claude` holds further settings of `[claude]`."""

    def __init__(
        self, folder: Path, page: ChartPage, server: MessagesServer, chromium: str, beat_s: float = 10.0
    ) -> None:
        self.folder, self.page, self.server = folder, page, server
        self.data, self.outputs, self.logs = folder / "data", folder / "outputs", folder / "logs"
        self.profile = folder / "profile"
        self.began = pd.Timestamp(0, unit="s", tz="UTC")
        self._started: dict[str, subprocess.Popen[bytes]] = {}
        self.logs.mkdir(parents=True)
        config = folder / "ribbon.toml"
        config.write_text(_config(page, chromium, self.profile, beat_s), encoding="utf-8")
        self.mark = uuid.uuid4().hex
        self.environment = os.environ | {
            "RIBBON_CONFIG": str(config),
            "RIBBON_TRADING_DATA": str(self.data),
            "RIBBON_OUTPUTS": str(self.outputs),
            "RIBBON_CLAUDE__BASE_URL": server.url,
            "ANTHROPIC_API_KEY": server.key,
            "PYTHONPATH": str(repository_root()),
            MARK: self.mark,
        }

    def __enter__(self) -> Rig:
        return self

    def __exit__(self, *_: object) -> None:
        """After a failure nothing may be left either."""
        for process in (*self._started.values(), *self.living()):
            with suppress(psutil.NoSuchProcess, ProcessLookupError):
                process.kill()
        for process in self._started.values():
            process.wait()

    # Commands

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """A `ribbon` command that goes on running; its streams go to files in `logs`."""
        name = words[0]
        with (self.logs / f"{name}.out").open("ab") as out, (self.logs / f"{name}.err").open("ab") as err:
            process = subprocess.Popen(
                self._command(words), env=self.environment, cwd=self.folder, stdout=out, stderr=err
            )
        self._started[name] = process
        return process

    def run(self, *words: str, code: int = 0, seconds: float = 240.0) -> str:
        """A `ribbon` command to its end; its stdout. Fails if it ends with another code."""
        done = subprocess.run(
            self._command(words),
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=seconds,
        )
        (self.logs / f"{words[0]}.err").write_text(done.stderr, encoding="utf-8")
        assert done.returncode == code, f"{words} ended with {done.returncode}: {done.stderr[-2000:]}"
        return done.stdout

    def stop(self, name: str, number: signal.Signals, code: int = 0, seconds: float = 60.0) -> None:
        """End a started command by a signal; fails if it ends with another code or not at all."""
        process = self._started[name]
        process.send_signal(number)
        ended = process.wait(seconds)
        assert ended == code, f"{name} ended with {ended}: {self.said(name)}"

    def said(self, name: str) -> str:
        """The end of what a started command wrote to stderr."""
        return (self.logs / f"{name}.err").read_text(encoding="utf-8")[-3000:]

    def _command(self, words: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-m", "runner.main", *words]

    # Waiting and looking

    def until(self, true: Callable[[], Found], what: str, seconds: float = PATIENCE_S) -> Found:
        """Wait for something; what it gave. Fails, with the ends of the logs, when it does not come."""
        end = time.monotonic() + seconds
        while not (found := true()):
            for name, process in self._started.items():
                assert process.poll() is None, f"{name} ended with {process.returncode}: {self.said(name)}"
            assert time.monotonic() < end, f"not within {seconds:g} s: {what}\n" + "\n".join(
                f"{path}: {path.read_text(errors='replace')[-1500:]}" for path in self.logs_written()
            )
            time.sleep(0.02)
        return found

    def logs_written(self) -> list[Path]:
        """Every log there is."""
        return [
            path
            for path in (*self.logs.glob("*"), *self.data.glob(".up/*.log"))
            if path.is_file() and path.stat().st_size
        ]

    def living(self) -> list[psutil.Process]:
        """Processes of this run that are at work."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def _is_ours(self, process: psutil.Process) -> bool:
        with suppress(psutil.Error):
            if process.status() == psutil.STATUS_ZOMBIE:
                return False
            words = " ".join(process.cmdline())
            with suppress(psutil.AccessDenied):
                if process.environ().get(MARK) == self.mark:
                    return True
            return str(self.profile) in words
        return False

    def holding(self, text: str) -> list[str]:
        """Files of this run, and processes by their arguments, that hold `text`."""
        found = [str(path) for path in self._files() if text.encode() in path.read_bytes()]
        for process in self.living():
            with suppress(psutil.Error):
                if text in " ".join(process.cmdline()):
                    found.append(f"process {process.pid}")
        return found

    def _files(self) -> Iterator[Path]:
        for path in self.folder.rglob("*"):
            if path.is_file() and not path.is_symlink():
                yield path

    # What is in the folder

    def collected(self, timeframe: str) -> pd.DataFrame:
        """Whole rows of a samples file that the collector has written, as text."""
        path = self.data / schema.SAMPLE_FILES[timeframe]
        frame = table(path)
        return frame[pd.to_datetime(frame["timestamp"], format="ISO8601") > self.began].reset_index(drop=True)

    def samples(self, timeframe: str = "5min") -> int:
        """How many samples were collected."""
        return len(self.collected(timeframe))

    def decisions(self) -> pd.DataFrame:
        """All decision rows, as text."""
        return table(self.data / schema.DECISIONS_FILE)

    def events(self, *kinds: str) -> list[Event]:
        """Events of these kinds, in order; without any, all."""
        return [event for event in read_events(self.data) if not kinds or event.kind in kinds]

    def state(self, name: str) -> dict[str, Any]:
        """A side file such as collector.json; {} while there is none."""
        with suppress(FileNotFoundError):
            return json.loads((self.data / name).read_text(encoding="utf-8"))
        return {}


def table(path: Path) -> pd.DataFrame:
    """A CSV that somebody may be writing: whole rows, every field as the text it is; empty while there is none."""
    whole = path.read_text(encoding="utf-8").rpartition("\n")[0] if path.is_file() else ""
    if not whole:  # it is made a moment before its header is written
        return pd.DataFrame({"timestamp": []}, dtype=str)
    from io import StringIO

    return pd.read_csv(StringIO(whole), dtype=str, keep_default_na=False)


def _config(page: ChartPage, chromium: str, profile: Path, beat_s: float) -> str:
    """Every tick asks, and no rail but those of an answer's ranges says no: what happens is what the test makes happen."""
    return f"""
[collect]
url = "{page.url}"
symbol = "{schema.SYNTHETIC_SYMBOL}"
page_symbol = "ETHUSDT"
browser = "{chromium}"
profile = "{profile}"
headless = true
beat_s = {beat_s}

[trade]
beat_s = {beat_s}

[trade.gate]
every_minutes = 0.01
least_seconds = 0

[trade.rails]
cooldown_minutes = 0
max_trades_per_hour = 100
max_trades_per_day = 100
max_daily_loss_pct = 50
max_drawdown_pct = 50
"""
