"""Off unless both switches are on; on paper no key is read and no order transport imported (docs/guarantees.md, L7)."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from lib.paths import repository_root
from runner.choose import live_broker
from runner.config import load_config
from runner.errors import ConfigError
from runner.exchange.settings import ExchangeSettings
from runner.exchange.start import exchange_broker
from runner.exchange.switches import SWITCH_VARIABLE, require_switches
from runner.trade.live import paper_broker

PAPER_RUN = """
import gc, sys
from pathlib import Path
from pydantic import SecretStr
from runner.config import load_config
from runner.choose import live_broker
from tests.runner.trade.made import Script, enter, hand_loop
folder, config = Path(sys.argv[1]), load_config(Path(sys.argv[1]) / "ribbon.toml")
with hand_loop(folder, Script(enter()), broker_for=live_broker(config, folder, print)) as (loop, feed):
    for second, price in ((40, 100.0), (50, 100.0), (60, 99.0)):
        feed.give(second, price)
        loop.step()
    assert loop.book.closed
    assert not [name for name in sys.modules if name.startswith(("ccxt", "runner.exchange.")) and "settings" not in name]
    gc.collect()
    for held in gc.get_objects():
        texts = [held.get_secret_value()] if isinstance(held, SecretStr) else held.values() if isinstance(held, dict) else []
        assert not any("CANARY" in text for text in texts if isinstance(text, str))
print("on paper")
"""


def test_a_paper_run_imports_no_transport_and_holds_no_key(tmp_path):
    (tmp_path / "ribbon.toml").write_text("")
    (tmp_path / ".env").write_text("RIBBON_EXCHANGE_KEY=CANARY-1\nRIBBON_EXCHANGE_SECRET=CANARY-2\n")
    (tmp_path / "run.py").write_text(PAPER_RUN)
    root = str(repository_root())
    done = subprocess.run(
        [sys.executable, tmp_path / "run.py", tmp_path],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": root},
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "on paper" in done.stdout


def configured(folder, network="testnet", broker="exchange"):
    path = folder / "ribbon.toml"
    path.write_text(f'[trade]\nbroker = "{broker}"\n[exchange]\nsymbol = "ETHUSDT"\nnetwork = "{network}"\n')
    return load_config(path)


def test_the_variable_alone_leaves_it_on_paper(tmp_path, monkeypatch):
    monkeypatch.setenv(SWITCH_VARIABLE, "bybit testnet")
    assert live_broker(configured(tmp_path, broker="paper"), tmp_path, print) is paper_broker


def test_the_setting_alone_is_refused_and_so_is_a_variable_in_the_file(tmp_path):
    (tmp_path / ".env").write_text(f"{SWITCH_VARIABLE}=bybit testnet\n")
    with pytest.raises(ConfigError, match=f'{SWITCH_VARIABLE}="bybit testnet"'):
        live_broker(configured(tmp_path), tmp_path, print)


@pytest.mark.parametrize(
    ("network", "given", "passes"),
    [
        ("testnet", "bybit testnet", True),
        ("testnet", "bybit mainnet real-money", False),
        ("testnet", "1", False),
        ("mainnet", "bybit mainnet", False),
        ("mainnet", "bybit testnet", False),
        ("mainnet", "bybit mainnet real-money", True),
    ],
)
def test_the_variable_names_the_account_and_mainnet_needs_a_further_word(monkeypatch, network, given, passes):
    monkeypatch.setenv(SWITCH_VARIABLE, given)
    settings = ExchangeSettings(symbol="ETHUSDT", network=network)
    if passes:
        assert require_switches(settings) == f"{given} ETHUSDT"
    else:
        with pytest.raises(ConfigError, match="another account"):
            require_switches(settings)


def test_without_a_symbol_or_a_key_it_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv(SWITCH_VARIABLE, "bybit testnet")
    with pytest.raises(ConfigError, match="symbol is missing"):
        require_switches(ExchangeSettings())
    with pytest.raises(ConfigError, match="RIBBON_EXCHANGE_KEY"):
        exchange_broker(configured(tmp_path), tmp_path, print)
    monkeypatch.setenv("RIBBON_EXCHANGE_KEY", "k-CANARY")
    with pytest.raises(ConfigError) as refused:
        exchange_broker(configured(tmp_path), tmp_path, print)
    assert "CANARY" not in str(refused.value)


def test_a_key_in_the_file_is_refused(tmp_path):
    (tmp_path / "ribbon.toml").write_text('[exchange]\nkey = "CANARY"\n')
    with pytest.raises(ConfigError) as refused:
        load_config(tmp_path / "ribbon.toml")
    assert "CANARY" not in str(refused.value)


def test_keys_go_nowhere_but_to_the_venue_or_this_machine():
    with pytest.raises(ValueError, match="on this machine"):
        ExchangeSettings(address="https://elsewhere.example")
