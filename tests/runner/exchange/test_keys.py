"""The exchange keys: from the environment or the `.env` beside ribbon.toml, both or none, and never shown (docs/guarantees.md, S2)."""

from __future__ import annotations

import pytest

from runner.choose import live_loop
from runner.config import load_config
from runner.errors import ConfigError, LockedError
from runner.exchange import start
from runner.exchange.keys import Keys, read_keys
from runner.exchange.switches import SWITCH_VARIABLE

NAMES = ("RIBBON_EXCHANGE_KEY", "RIBBON_EXCHANGE_SECRET")


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def dotenv(folder, *values):
    path = folder / ".env"
    path.write_text("".join(f'{name}="{value}"\n' for name, value in zip(NAMES, values, strict=True)))
    return path


def both(keys):
    return keys.key.get_secret_value(), keys.secret.get_secret_value()


def test_keys_are_read_from_the_file_and_the_environment_comes_first(tmp_path, monkeypatch):
    path = dotenv(tmp_path, "k-CANARY", "s-CANARY")
    assert both(read_keys(path)) == ("k-CANARY", "s-CANARY")
    monkeypatch.setenv(NAMES[0], "other")
    assert both(read_keys(path)) == ("other", "s-CANARY")


@pytest.mark.parametrize("values", [("", "s-CANARY"), ("k-CANARY", " "), (" ", " "), ("", "")])
def test_one_that_is_blank_is_missing_and_none_is_shown(tmp_path, values):
    with pytest.raises(ConfigError, match="RIBBON_EXCHANGE_KEY and RIBBON_EXCHANGE_SECRET") as refused:
        read_keys(dotenv(tmp_path, *values))
    assert "CANARY" not in str(refused.value)


def test_the_file_is_the_one_beside_the_settings(tmp_path, monkeypatch):
    dotenv(tmp_path, "k-CANARY", "s-CANARY")
    path = tmp_path / "ribbon.toml"
    path.write_text('[exchange]\nsymbol = "ETHUSDT"\n')
    monkeypatch.setenv(SWITCH_VARIABLE, "bybit testnet")
    seen = []
    monkeypatch.setattr(
        start, "broker_of", lambda settings, account, keys, *_: seen.append((account, both(keys)))
    )
    start.exchange_broker(load_config(path), tmp_path, print)
    assert seen == [("bybit testnet ETHUSDT", ("k-CANARY", "s-CANARY"))]


def test_key_and_secret_are_replaced_in_what_a_venue_says():
    keys = Keys(key="k-CANARY", secret="s-CANARY")
    assert keys.redacted("k-CANARY, s-CANARY; k-CANARY") == "********, ********; ********"


def test_a_second_loop_of_an_account_is_refused_from_a_copied_folder_too(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv(SWITCH_VARIABLE, "bybit testnet")
    configs = []
    for name, key, symbol in (
        ("first", "k-CANARY", "ETHUSDT"),
        ("another market", "k-CANARY", "BTCUSDT"),
        ("copy", "k-CANARY", "ETHUSDT"),
        ("other", "k-2", "ETHUSDT"),
    ):
        (tmp_path / name).mkdir()
        dotenv(tmp_path / name, key, "s-CANARY")
        path = tmp_path / name / "ribbon.toml"
        path.write_text(f'[trade]\nbroker = "exchange"\n[exchange]\nsymbol = "{symbol}"\n')
        configs.append(load_config(path))
    first, market, copy, other = configs
    with start.the_only_loop(first):
        with (
            pytest.raises(
                LockedError,
                match=r"another loop trades bybit testnet ETHUSDT with this key already.*process \d+",
            ) as refused,
            live_loop("rules", lambda: copy, tmp_path / "copy", print, print),
        ):
            pass
        assert refused.value.exit_code == 6
        assert "CANARY" not in str(refused.value) + "".join(
            str(path) for path in (tmp_path / "home").rglob("*")
        )
        for free in (other, market):
            with start.the_only_loop(free):
                pass
    with start.the_only_loop(copy):
        pass
