"""`ribbon setup`: the script on stdout, nobody waited for, settings written and shown, secrets never; by a person at a terminal too."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from lib.errors import DataError, ParameterError
from runner.cli import app
from runner.errors import LockedError
from runner.fetch.simulated import Simulation, write_simulation
from runner.files.lock import WriterLock
from runner.main import _end_at_question
from runner.setup.pine import script
from tests.signal_venue import SignalMarket, SignalVenue

ALL = ["--source", "exchange", "--exchange", "binance", "--symbol", "ETH/USDT", "--decider", "rules"]
KEY = "sk-ant-not-a-real-key"


@pytest.fixture
def place(tmp_path, monkeypatch) -> Path:
    """A folder with settings of its own, none yet."""
    monkeypatch.setenv("RIBBON_CONFIG", str(tmp_path / "ribbon.toml"))
    return tmp_path


def run(place: Path, *arguments: str):
    folder = ["--trading-data", str(place / "data")]
    return CliRunner().invoke(app, ["setup", *folder, "--no-check", *arguments])


def test_the_script_is_all_that_stands_on_stdout(place):
    shown = run(place, "--pine")
    assert (shown.exit_code, shown.stdout, shown.stderr) == (0, script(), "")
    assert json.loads(run(place, "--pine", "--json").stdout) == {"script": script()}
    assert list(place.iterdir()) == []


def test_nobody_is_waited_for_and_nothing_is_written(place):
    shown = run(place, "--decider", "rules")
    assert isinstance(shown.exception, ParameterError) and shown.exception.exit_code == 2
    assert "give --source (exchange or chart)" in str(shown.exception)
    assert list(place.iterdir()) == []


@pytest.mark.parametrize(
    "options",
    [
        ["--source", "exchange", "--url", "https://example.org/"],
        ["--exchange", "okx", "--page-symbol", "A:B"],
        ["--source", "chart", "--exchange", "okx"],
    ],
)
def test_options_of_both_sources_are_refused(place, options):
    shown = run(place, *options, "--decider", "rules")
    assert isinstance(shown.exception, ParameterError) and "chart" in str(shown.exception)
    assert list(place.iterdir()) == []


def test_an_option_of_one_source_alone_names_it(place):
    run(place, *ALL)
    shown = json.loads(
        run(place, "--url", "https://example.org/c/", "--yes", "--history", "0", "--json").stdout
    )
    assert shown["changed"]["collect.source"] == "chart"
    assert shown["changed"]["collect.url"] == "https://example.org/c/"
    shown = json.loads(run(place, "--page-symbol", "BYBIT:ETHUSDT", "--symbol", "ETHUSDT", "--json").stdout)
    assert shown["changed"] == {"collect.page_symbol": "BYBIT:ETHUSDT"}


def test_what_was_written_is_shown_and_ends_with_the_one_command(place):
    shown = run(place, *ALL, "--equity", "250")
    assert shown.exit_code == 0, shown.exception
    lines = shown.stdout.splitlines()
    assert lines[0] == f"{place / 'ribbon.toml'}:"
    assert '  [collect] source = "exchange"' in lines and "  [trade.paper] equity = 250" in lines
    assert f" up --trading-data {place / 'data'} " in lines[-1]
    assert tomllib.loads((place / "ribbon.toml").read_text()) == {
        "collect": {"source": "exchange", "exchange": "binance", "symbol": "ETH/USDT"},
        "trade": {"decider": "rules", "paper": {"equity": 250.0}},
    }


def test_again_it_changes_only_what_was_asked(place):
    run(place, *ALL)
    path = place / "ribbon.toml"
    path.write_text("# mine\n" + path.read_text() + "\n[serve]\nport = 9000 # another\n")
    before = path.read_text()
    shown = json.loads(run(place, "--equity", "77", "--json").stdout)
    assert shown["changed"] == {"trade.paper.equity": 77.0}
    assert path.read_text().splitlines()[0] == "# mine" and "port = 9000 # another" in path.read_text()
    assert set(before.splitlines()) <= set(path.read_text().splitlines())
    assert json.loads(run(place, "--equity", "77", "--json").stdout)["changed"] == {}


def test_yes_takes_a_default_for_all_that_is_not_said(place):
    shown = json.loads(run(place, "--yes", "--history", "0", "--json").stdout)
    assert shown["changed"] == {
        "collect.source": "exchange",
        "collect.exchange": "binance",
        "collect.symbol": "ETH/USDT",
        "trade.decider": "rules",
        "trade.paper.equity": 1000.0,
    }
    assert shown["history"] is None and shown["next"] == "ribbon up"


def test_a_secret_is_written_only_if_that_is_wanted_and_never_shown(place, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    shown = run(place, *ALL[:-1], "claude")
    assert shown.exit_code == 0 and not (place / ".env").exists()
    shown = run(place, "--decider", "claude", "--keep-secrets")
    assert f"{place / '.env'} (for you alone): ANTHROPIC_API_KEY" in shown.stdout
    assert KEY in (place / ".env").read_text() and KEY not in shown.output
    assert KEY not in (place / "ribbon.toml").read_text()


def test_a_folder_of_another_market_is_refused_before_anything_is_written(place):
    write_simulation(Simulation(1.0, 1, "2025-06-01T00:00:00Z", 60, "none"), place / "data")
    shown = run(place, *ALL[:4], "--symbol", "BTC/USDT", "--decider", "rules")
    assert isinstance(shown.exception, DataError) and "not of BTCUSDT" in str(shown.exception)
    assert not (place / "ribbon.toml").exists()


def test_what_the_environment_overrules_is_said(place, monkeypatch):
    monkeypatch.setenv("RIBBON_TRADE__DECIDER", "claude")
    assert (
        "note: trade.decider is not in force: environment RIBBON_TRADE__DECIDER goes over it"
        in run(place, *ALL).stdout
    )


# At a terminal


def typed(place: Path, answers: list[str], *arguments: str) -> tuple[int, str]:
    """`ribbon setup` in a terminal of its own: exit code, and all that it shows. An answer is typed once a question waits for it."""
    lead, follow = pty.openpty()
    environment = os.environ | {"RIBBON_CONFIG": str(place / "ribbon.toml"), "TERM": "dumb"}
    command = [
        sys.executable,
        "-m",
        "runner.main",
        "setup",
        "--trading-data",
        str(place / "data"),
        *arguments,
    ]
    process = subprocess.Popen(
        command, stdin=follow, stdout=follow, stderr=follow, env=environment, start_new_session=True
    )
    os.close(follow)
    shown, waiting, deadline = "", list(answers), time.monotonic() + 120
    while time.monotonic() < deadline:
        if select.select([lead], [], [], 0.2)[0]:
            try:
                shown += os.read(lead, 65_536).decode()
            except OSError:  # the terminal's other side is closed
                break
        elif process.poll() is not None:
            break
        elif waiting and shown.rstrip(" ").endswith(":"):
            answer = waiting.pop(0)
            os.write(lead, f"{answer}\n".encode())
            shown += "\n"
    os.close(lead)
    assert not waiting, shown
    return process.wait(timeout=30), shown


@pytest.mark.slow
def test_a_person_is_asked_and_a_key_is_not_shown(place):
    answers = ["", "okx", "", "claude", KEY, "500", "", "0"]
    code, shown = typed(place, answers, "--no-check")
    assert code == 0, shown
    assert KEY not in shown and "[exchange]:" in shown and "Days of history" in shown
    assert tomllib.loads((place / "ribbon.toml").read_text()) == {
        "collect": {"source": "exchange", "exchange": "okx", "symbol": "ETH/USDT"},
        "trade": {"decider": "claude", "paper": {"equity": 500.0}},
    }
    assert KEY in (place / ".env").read_text()
    before = (place / "ribbon.toml").read_text()
    code, shown = typed(place, [*[""] * 7, "0"], "--no-check")  # Enter all the way keeps everything
    assert code == 0 and "nothing to change" in shown, shown
    assert (place / "ribbon.toml").read_text() == before


@pytest.mark.slow
def test_whoever_goes_away_in_the_middle_leaves_nothing(place):
    code, shown = typed(place, ["", "\x04"], "--no-check")
    assert code == 1 and "the input ended at a question" in shown
    assert not (place / "ribbon.toml").exists()


def test_ctrl_c_at_a_question_is_an_interruption(capfd):
    """The command line's library makes exit code 1 of it."""
    ended, asked = SystemExit(1), typer.Abort()
    ended.__context__, asked.__context__ = asked, KeyboardInterrupt()
    with pytest.raises(SystemExit) as left:
        _end_at_question(ended)
    assert left.value.code == 130 and "ribbon: interrupted" in capfd.readouterr().err


# Against an exchange on this machine


@pytest.fixture(scope="module")
def venue():
    with SignalVenue(SignalMarket(time.time() // 300 * 300)) as running:
        yield running


def test_all_of_it_against_an_exchange(place, venue, monkeypatch):
    monkeypatch.setenv("RIBBON_COLLECT__EXCHANGE_ADDRESS", venue.address)
    folder = ["--trading-data", str(place / "data")]
    shown = CliRunner().invoke(app, ["setup", *folder, *ALL, "--history", "0.5"])
    assert shown.exit_code == 0, shown.exception
    assert "ok: binance answers, ETH/USDT is at 2" in shown.stderr
    assert "history of binance ETH/USDT" in shown.stdout and "ema_data_15min.csv" in shown.stdout
    assert (place / "data" / "claude_decisions.csv").is_file()
    wrong = CliRunner().invoke(app, ["setup", *folder, "--symbol", "ETC/USDT"])
    assert isinstance(wrong.exception, ParameterError)
    assert 'symbol = "ETH/USDT"' in (place / "ribbon.toml").read_text()


def test_settings_stand_though_the_history_fails(place, venue, monkeypatch):
    monkeypatch.setenv("RIBBON_COLLECT__EXCHANGE_ADDRESS", venue.address)
    with WriterLock(place / "data" / "ema_data_5min.csv"):
        shown = run(place, *ALL, "--history", "1")
    assert isinstance(shown.exception, LockedError)
    assert '  [trade] decider = "rules"' in shown.stdout.splitlines()
    assert (place / "ribbon.toml").is_file()


def test_a_chart_whose_market_names_no_exchange_has_no_history(place):
    chart = ["--source", "chart", "--url", "https://example.org/c/", "--page-symbol", "ETHUSDT"]
    shown = run(place, *chart, "--decider", "rules", "--history", "7")
    assert shown.exit_code == 0 and "no history: the chart's market names no exchange" in shown.stderr
