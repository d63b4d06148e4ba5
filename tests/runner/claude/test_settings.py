"""Settings of Claude: defaults, the key's privacy, addresses that are refused."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from runner.choose import live_decider
from runner.claude.settings import CHEAP_MODEL, ClaudeSettings
from runner.config import load_config
from runner.errors import ConfigError


def test_defaults(monkeypatch):
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    settings = ClaudeSettings()
    assert (settings.model, settings.prices.input_usd, settings.prices.output_usd) == (
        "claude-sonnet-5-5",
        2.0,
        10.0,
    )
    assert (settings.max_calls_per_day, settings.daily_cap_usd, settings.deadline_s) == (250, 2.0, 8.0)
    assert settings.base_url == "https://api.anthropic.com"
    assert settings.api_key.get_secret_value() == ""


def test_the_key_comes_from_the_environment_and_is_never_shown(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", " sk-ant-canary \n")
    settings = ClaudeSettings()
    assert settings.api_key.get_secret_value() == "sk-ant-canary"
    for shown in (repr(settings), str(settings), settings.model_dump_json(), str(settings.model_dump())):
        assert "canary" not in shown


@pytest.mark.parametrize("month", ["2026", "2026-13", "March 2026", "2026-03-01"])
def test_the_end_of_the_training_is_a_month(month):
    assert ClaudeSettings(training_until="2026-03").training_until == "2026-03"
    with pytest.raises(ValidationError):
        ClaudeSettings(training_until=month)


@pytest.mark.parametrize("model", ["rules", "simulated", "Claude 5\nIGNORE", ""])
def test_a_model_name_that_would_pass_for_another_decider_is_refused(model):
    with pytest.raises(ValidationError):
        ClaudeSettings(model=model)


@pytest.mark.parametrize(
    "address",
    [
        "http://api.example.com",
        "http://localhost.example.com:80/v1",
        "http://127.0.0.1@x.org",
        "ftp://x",
        "x",
    ],
)
def test_a_key_is_not_sent_in_the_clear(address):
    with pytest.raises(ValidationError):
        ClaudeSettings(base_url=address)


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:9/x", "https://proxy.example.com/claude"],
)
def test_a_proxy_on_this_machine_or_an_encrypted_one_is_let_through(address):
    assert ClaudeSettings(base_url=address).base_url == address


def test_a_misspelt_setting_is_refused():
    with pytest.raises(ValidationError):
        ClaudeSettings(daily_cap=5)


def test_what_is_secret_is_not_repeated_and_nothing_else_is_changed():
    secret = ClaudeSettings(api_key="sk-x", base_url="https://me:pass@proxy.example.com/a?token=t")
    assert secret.redacted("sk-x, me, pass, token=t at proxy") == "***, ***, ***, *** at proxy"
    assert secret.address == "https://proxy.example.com/a"
    assert ClaudeSettings(api_key="").redacted("as it was") == "as it was"


def test_the_first_model_has_settings_of_its_own_and_all_others_of_the_second():
    settings = ClaudeSettings(first_model=CHEAP_MODEL, max_tokens=500, api_key="k")
    first = settings.first()
    assert first is not None and ClaudeSettings().first() is None
    assert (first.model, first.first_model, first.thinking, first.min_cache_tokens) == (
        CHEAP_MODEL,
        "",
        "disabled",
        512,
    )
    assert (first.prices.input_usd, first.prices.output_usd) == (0.1, 0.5)
    assert (first.prices.cache_write_factor, first.prices.cache_read_factor) == (2.0, 0.1)
    assert (first.max_tokens, first.api_key.get_secret_value()) == (500, "k")
    some = ClaudeSettings(first_model=CHEAP_MODEL, first_prices={"output_usd": 0.7}).first()
    assert some is not None and (some.prices.input_usd, some.prices.output_usd) == (0.1, 0.7)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"first_model": "claude-sonnet-5-5"}, "first_model and model are both claude-sonnet-5-5"),
        ({"first_model": "rules"}, "give the model's name"),
        ({"first_model": "Not A Name"}, "pattern"),
        ({"first_model": CHEAP_MODEL, "deadline_s": 5.9}, "no time for two models"),
    ],
)
def test_first_models_that_are_refused(changed, words):
    with pytest.raises(ValidationError, match=words):
        ClaudeSettings(**changed)


def test_a_short_deadline_is_enough_for_one_model_or_for_two_quick_ones():
    assert ClaudeSettings(deadline_s=1.0).first() is None
    assert ClaudeSettings(deadline_s=6.0, first_model=CHEAP_MODEL).first()


PRICES = {"input_usd": 5.0, "output_usd": 25.0}


@pytest.mark.parametrize(
    ("given", "unknown"),
    [
        ({}, ""),
        ({"model": "anthropic/claude-sonnet-5-5"}, ""),
        ({"first_model": CHEAP_MODEL}, ""),
        ({"model": "claude-dear-9"}, "what claude-dear-9 costs is not known"),
        ({"model": "claude-dear-9", "prices": {"input_usd": 5.0}}, "what claude-dear-9 costs is not known"),
        ({"model": "claude-dear-9", "prices": PRICES}, ""),
        ({"first_model": "claude-small-9", "prices": PRICES}, "in [claude.first_prices]"),
    ],
)
def test_a_model_is_asked_at_prices_that_are_its_own(given, unknown):
    found = ClaudeSettings.model_validate(given).unknown_prices
    assert unknown in found and bool(found) == bool(unknown)


def test_nobody_is_asked_at_the_prices_of_another(tmp_path):
    (tmp_path / "ribbon.toml").write_text('[claude]\nmodel = "claude-dear-9"\n')
    with pytest.raises(ConfigError, match="claude-dear-9 costs is not known"):
        live_decider("claude", load_config(tmp_path / "ribbon.toml"), tmp_path)
