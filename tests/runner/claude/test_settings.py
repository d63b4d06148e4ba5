"""Settings of Claude: defaults, the key's privacy, addresses that are refused."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from runner.claude.settings import ClaudeSettings


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
