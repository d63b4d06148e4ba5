"""`ribbon collect --source exchange` as a process against the stand-in: history, then samples within a minute, then a clean end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lib.data.loaders import load_samples
from runner.collect.state_file import STATE_FILE
from tests.fake_venue.server import running

pytestmark = [pytest.mark.serial, pytest.mark.slow]

COMMAND = [sys.executable, "-c", "from runner.main import main; main()", "collect"]
MARKET = ["--exchange", "binance", "--symbol", "ETH/USDT"]


def test_from_an_empty_folder_to_samples_that_teach(tmp_path: Path):
    with running() as server:
        environment = os.environ | {"RIBBON_COLLECT__EXCHANGE_ADDRESS": server.address}
        command = [*COMMAND, *MARKET, "--trading-data", str(tmp_path)]
        begun = time.monotonic()
        process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        try:
            _until(lambda: _read(tmp_path) >= 2, process)
            assert time.monotonic() - begun < 60
        finally:
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "collecting ETHUSDT of binance" in said and said.rstrip().endswith("stopped")
    assert "Traceback" not in said
    samples, counts = load_samples(tmp_path, "5min", None, None)
    assert counts.ok == counts.rows_in > 7_000
    assert samples["quality"].iloc[-1] == "ok"
    state = json.loads((tmp_path / STATE_FILE).read_text())
    assert (state["status"], state["source"], state["venue"]["stream"]) == ("stopped", "binance", "minutes")


def test_once_and_a_market_that_is_not_there(tmp_path: Path):
    with running() as server:
        environment = os.environ | {"RIBBON_COLLECT__EXCHANGE_ADDRESS": server.address}
        done = _run([*COMMAND, *MARKET, "--once", "--json", "--trading-data", str(tmp_path)], environment)
        found = json.loads(done.stdout)
        assert found["15min"]["source"] == "binance"
        assert "5min: price" in done.stderr
        none = _run([*COMMAND, *MARKET, "--symbol", "ETH/EUR", "--once"], environment)
        assert none.returncode == 2 or none.returncode > 0
        assert none.returncode == 2
        assert "knows no ETH/EUR" in none.stderr and "Traceback" not in none.stderr
        server.faults.status, server.faults.body = 451, '{"code": 0, "msg": "restricted location"}'
        refused = _run([*COMMAND, *MARKET, "--trading-data", str(tmp_path)], environment)
        assert refused.returncode == 11
        assert "country" in refused.stderr


def _run(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)


def _read(folder: Path) -> int:
    path = folder / STATE_FILE
    return json.loads(path.read_text())["charts"]["5min"]["read"] if path.exists() else 0


def _until(found, process: subprocess.Popen, seconds: float = 90.0) -> None:
    end = time.monotonic() + seconds
    while not found():
        assert process.poll() is None, "it ended by itself"
        assert time.monotonic() < end, "it did not come to pass in time"
        time.sleep(0.2)
