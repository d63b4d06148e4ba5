"""`ribbon collect`: options become settings, and what is wrong is said with its exit code."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lib.errors import ParameterError
from runner.cli import app
from runner.cli.collect import collect_settings
from runner.collect.settings import CollectSettings


def test_options_that_were_not_given_stay_at_their_defaults():
    assert collect_settings(url=None, headless=None) == CollectSettings()
    assert collect_settings(symbol="BTCUSDT", headless=True).headless
    assert collect_settings(source="exchange", symbol="ETH/USDT").market == "ETHUSDT"


def test_a_wrong_option_is_named():
    with pytest.raises(ParameterError, match=r"--url-15min: .*https"):
        collect_settings(url_15min="ftp://x")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            ("--exchange", "binance", "--url", "https://x.org", "--study", "Mine"),
            "--url, --study: not with an exchange",
        ),
        (("--exchange", "binance", "--visible"), "--headless or --visible: not with"),
        (("--source", "chart", "--exchange", "binance"), "--exchange: not with a chart"),
        (("--exchange", "binance", "--json"), "--json: not with .*--once"),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(tmp_path, options, told):
    result = CliRunner().invoke(app, ["collect", "--trading-data", str(tmp_path), *options])
    assert isinstance(result.exception, ParameterError)
    assert re.search(told, str(result.exception))


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from runner.main import main; main()", "collect", *arguments]
    command += ["--profile", str(folder / "profile"), "--trading-data", str(folder / "data")]
    import os

    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=os.environ | environment)


def test_a_browser_that_is_not_there(tmp_path):
    done = run(tmp_path, "--headless", "--browser", str(tmp_path / "nowhere"))
    assert done.returncode == 20
    assert "is no program that can be started" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a screen")
def test_a_window_without_a_screen(tmp_path, chromium):
    done = run(tmp_path, "--visible", "--browser", chromium, DISPLAY="", WAYLAND_DISPLAY="")
    assert done.returncode == 20
    assert "no screen" in done.stderr
    assert "--headless" in done.stderr
