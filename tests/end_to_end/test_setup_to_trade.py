"""From nothing to a decided paper trade and a cycle, by two commands a newcomer types: `ribbon setup`, `ribbon up`.

The market is one of an exchange on this machine, and gives the entry rule a signal at a 5-minute close. The test waits for the right moment
before it begins, and then has three minutes.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pandas as pd
import psutil
import pytest

from lib.contract import schema
from lib.paths import repository_root
from tests.end_to_end.rig import MARK, table
from tests.signal_venue import SignalMarket, SignalVenue

pytestmark = [pytest.mark.slow, pytest.mark.serial]

#: All of it, seconds; and how long before the signal the first command is typed.
LIMIT_S, AHEAD_S = 180.0, 110.0


class Newcomer:
    """A folder of its own, and commands typed in it; ends all it started."""

    def __init__(self, folder: Path, venue: SignalVenue) -> None:
        self.folder, self.data, self.outputs = folder, folder / "data", folder / "outputs"
        self.at, self.mark = venue.market.at, uuid.uuid4().hex
        self.environment = os.environ | {
            "RIBBON_CONFIG": str(folder / "ribbon.toml"),
            "RIBBON_TRADING_DATA": str(self.data),
            "RIBBON_OUTPUTS": str(self.outputs),
            "RIBBON_COLLECT__EXCHANGE_ADDRESS": venue.address,
            "RIBBON_SERVE__PORT": "0",
            "PYTHONPATH": str(repository_root()),
            MARK: self.mark,
        }

    def types(self, *words: str) -> subprocess.Popen[bytes]:
        """A `ribbon` command; its streams go to files."""
        command = [sys.executable, "-m", "runner.main", *words]
        with (self.folder / f"{words[0]}.log").open("w") as log:
            return subprocess.Popen(
                command,
                env=self.environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def told(self) -> str:
        """The ends of all logs."""
        logs = [*self.folder.glob("*.log"), *self.data.glob(".up/*.log")]
        return "\n".join(f"{log.name}: {log.read_text(errors='replace')[-1500:]}" for log in logs)

    def living(self) -> list[psutil.Process]:
        """What is at work of all that was started."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get(MARK) == self.mark and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def trades_since(self, began: pd.Timestamp) -> pd.DataFrame:
        """Executed entries that were decided since `began`."""
        rows = table(self.data / schema.DECISIONS_FILE)
        times = pd.to_datetime(rows["timestamp"], format="ISO8601")
        return rows[(times > began) & (rows.get("executed", "") == "True")] if len(rows) else rows

    def published(self) -> dict:
        """The manifest of the newest cycle; {} while there is none."""
        manifest = self.outputs / "latest" / "manifest.json"
        return json.loads(manifest.read_text()) if manifest.is_file() else {}


@pytest.fixture
def newcomer(tmp_path):
    at = (time.time() + AHEAD_S) // 300 * 300 + 300
    with SignalVenue(SignalMarket(at)) as venue:
        made = Newcomer(tmp_path, venue)
        time.sleep(max(0.0, at - AHEAD_S - time.time()))
        yield made
        for process in made.living():
            process.kill()


def test_from_setup_to_a_decided_paper_trade_and_a_cycle_in_three_minutes(newcomer):
    began, start = pd.Timestamp.now("UTC"), time.monotonic()
    options = ["--source", "exchange", "--exchange", "binance", "--symbol", "ETH/USDT", "--decider", "rules"]
    assert newcomer.types("setup", *options, "--history", "7").wait(LIMIT_S) == 0, newcomer.told()
    assert "up    starts all of it" in (newcomer.folder / "setup.log").read_text()
    everything = newcomer.types("up")
    while not (len(newcomer.trades_since(began)) and newcomer.published().get("published")):
        assert everything.poll() is None, newcomer.told()
        assert time.monotonic() - start < LIMIT_S, newcomer.told()
        time.sleep(0.5)
    took = time.monotonic() - start
    trade = newcomer.trades_since(began).iloc[0]
    assert (trade["direction"], trade["model"], trade["asked_because"]) == ("LONG", "rules", "signal")
    assert trade["timestamp"] == pd.Timestamp(newcomer.at, unit="s").strftime("%Y-%m-%dT%H:%M:%SZ")
    assert float(trade["entry_price"]) > 0
    assert newcomer.published()["status"] == "ok", newcomer.published()
    assert took < LIMIT_S
    everything.send_signal(signal.SIGINT)
    everything.wait(60)
    assert newcomer.living() == []
