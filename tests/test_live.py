"""`make live`: paper by the rule decider whatever a person has set, with a first cycle; without a network a sentence and a code."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import psutil
import pytest

from lib.paths import repository_root
from tests.signal_venue import SignalMarket, SignalVenue

#: What a person may have set, and must not reach it.
PERSONAL = {
    "RIBBON_TRADE__DECIDER": "claude",
    "RIBBON_TRADE__BROKER": "exchange",
    "RIBBON_LIVE_ACCOUNT": "yes",
    "RIBBON_EXCHANGE_KEY": "not-to-be-seen-key",
    "ANTHROPIC_API_KEY": "sk-ant-not-to-be-seen",
    "RIBBON_NOTIFY__URLS": "json://not-to-be-seen/",
}


def begun(folder: Path, address: str, *exchanges: str, **how) -> subprocess.Popen[str]:
    """The script, as `make live` starts it."""
    environment = os.environ | PERSONAL
    environment |= {
        "RIBBON_COLLECT__EXCHANGE_ADDRESS": address,
        "RIBBON_OUTPUTS": str(folder.parent / "outputs"),
        "RIBBON_SERVE__PORT": "0",
    }
    command = [sys.executable, "-m", "scripts.make_live", str(folder), *exchanges]
    return subprocess.Popen(command, env=environment, cwd=repository_root(), text=True, **how)


def test_make_live_runs_the_script_in_a_folder_of_its_own():
    shown = subprocess.run(
        ["make", "--no-print-directory", "-n", "live", "EXCHANGE=okx"],
        cwd=repository_root(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.splitlines()[-1].endswith("-m scripts.make_live trading_data/live okx")


@pytest.mark.slow
def test_without_a_network_it_says_so_in_a_sentence_and_leaves_no_settings(tmp_path):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound, not listening
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
        started = begun(
            tmp_path / "live",
            address,
            "binance",
            "okx",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        out, told = started.communicate(timeout=180)
    assert (started.returncode, out) == (11, "")
    assert told.startswith("make live: no exchange answers, so there is no market to trade on.")
    assert len(told.splitlines()) == 1 and "make demo" in told
    assert list((tmp_path / "live").iterdir()) == []


@pytest.mark.slow
@pytest.mark.serial
def test_on_a_market_it_has_a_first_cycle_and_trades_on_paper_by_the_rules(tmp_path):
    folder, log = tmp_path / "live", tmp_path / "live.log"
    with SignalVenue(SignalMarket(time.time() // 300 * 300 - 3_300)) as venue, log.open("w") as stream:
        started = begun(
            folder, venue.address, stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT
        )
        try:
            parts = folder / ".up"
            wait_for(lambda: "collecting ETHUSDT of binance" in text(parts / "collect.log"), started, log)
            wait_for(
                lambda: "rules decides on ETHUSDT, broker paper" in text(parts / "trade.log"), started, log
            )
            family = [*psutil.Process(started.pid).children(recursive=True), psutil.Process(started.pid)]
            environments = [environment for process in family if (environment := environment_of(process))]
        finally:
            started.send_signal(signal.SIGINT)
            started.wait(60)
    told = log.read_text()
    assert re.search(r"cycle \w+: ok, published", told) and "the page: http" not in told
    (page,) = re.findall(r"file://(\S+index\.html)", told)
    assert Path(page).is_file()
    assert tomllib.loads((folder / "ribbon.toml").read_text()) == {
        "collect": {"source": "exchange", "exchange": "binance", "symbol": "ETH/USDT"},
        "trade": {"decider": "rules", "paper": {"equity": 1000.0}},
    }
    assert len(environments) > 3
    held = {value for environment in environments for value in environment.values()}
    assert not [value for value in held if "not-to-be-seen" in value]
    assert psutil.wait_procs(family, 20)[1] == []


def wait_for(true, started: subprocess.Popen[str], log: Path, seconds: float = 170.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert started.poll() is None and time.monotonic() < end, log.read_text()[-3000:]
        time.sleep(0.3)


def text(path: Path) -> str:
    return path.read_text(errors="replace") if path.is_file() else ""


def environment_of(process: psutil.Process) -> dict[str, str]:
    try:
        return process.environ()
    except psutil.Error:
        return {}
