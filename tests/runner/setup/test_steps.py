"""The steps in their order: what is asked, what is tried, and what comes of it to be written."""

from __future__ import annotations

import pytest

from lib.errors import ParameterError
from runner.errors import ConfigError, NotifyError, RunnerError
from runner.setup import checks
from runner.setup.steps import plan
from tests.runner.setup.person import Person

EXCHANGE = {"--source": "exchange", "--exchange": "binance", "--symbol": "ETH/USDT"}
HELD = (
    '[collect]\nsource = "exchange"\nexchange = "binance"\nsymbol = "ETH/USDT"\n[trade]\ndecider = "rules"\n'
)


def with_api(api, text: str = HELD) -> str:
    return f'{text}[claude]\nbase_url = "{api.url}"\n'


def test_a_first_time_by_options(sit_down):
    made = plan(*sit_down("", EXCHANGE | {"--decider": "rules", "--equity": "250"})[:2], checked=False)
    assert made.values == {
        ("collect", "source"): "exchange",
        ("collect", "exchange"): "binance",
        ("collect", "symbol"): "ETH/USDT",
        ("trade", "decider"): "rules",
        ("trade", "paper", "equity"): 250.0,
    }
    assert (made.secrets, made.collect.market) == ({}, "ETHUSDT")


def test_what_need_not_be_said_stays_a_default(sit_down):
    made = plan(*sit_down("", EXCHANGE | {"--decider": "rules"})[:2], checked=False)
    assert ("trade", "paper", "equity") not in made.values


def test_the_second_time_only_what_was_asked_for(sit_down):
    made = plan(*sit_down(HELD, {"--equity": "99"})[:2])
    assert made.values == {("trade", "paper", "equity"): 99.0}


def test_a_chart_has_its_market_from_what_it_shows(sit_down):
    given = {"--source": "chart", "--url": "https://example.org/c/", "--page-symbol": "BYBIT:BTCUSDT.P"}
    made = plan(*sit_down(HELD, given)[:2], checked=False)
    assert made.values[("collect", "symbol")] == "BTCUSDT.P"
    assert (made.collect.source, made.collect.shown_symbol) == ("chart", "BYBIT:BTCUSDT.P")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"--equity": "much"}, "--equity is a sum of money above 0, not 'much'"),
        ({"--equity": "-1"}, "above 0"),
        ({"--equity": "inf"}, "above 0"),
        (
            {"--source": "chart", "--url": "x", "--page-symbol": "A:B"},
            "--url: an address begins",
        ),
    ],
)
def test_an_answer_that_is_none_names_its_option(sit_down, given, words):
    with pytest.raises(ParameterError, match=words):
        plan(*sit_down(HELD, given)[:2], checked=False)


def test_a_person_goes_through_all_and_the_key_is_typed_unseen(sit_down, api, inbox, monkeypatch):
    monkeypatch.setattr(checks, "check_exchange", lambda settings: [f"looked at {settings.exchange}"])
    person = Person([None, None, None, "claude", f" {api.key} ", "750", inbox.address])
    interview, config, told = sit_down(with_api(api), person=person)
    made = plan(interview, config)
    assert made.values[("trade", "decider")] == "claude"
    assert made.values[("trade", "paper", "equity")] == 750.0
    assert made.secrets == {"ANTHROPIC_API_KEY": api.key, "RIBBON_NOTIFY__URLS": inbox.address}
    assert told[0] == "  looked at binance" and told[1].startswith("  ok: the key is taken")
    assert told[2] == "  ok: a test message went to 1 service(s)" and len(inbox.took) == 1
    assert api.key not in " ".join([*told, *person.asked]) and not person.answers


def test_a_key_of_the_environment_is_tried_and_written_only_if_that_is_wanted(sit_down, api, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", api.key)
    made = plan(*sit_down(with_api(api), {"--decider": "claude"})[:2])
    assert made.secrets == {} and api.looked_up == ["claude-sonnet-5-5"]
    made = plan(*sit_down(with_api(api), {"--decider": "claude"})[:2], keep_secrets=True)
    assert made.secrets == {"ANTHROPIC_API_KEY": api.key}


def test_a_new_key_takes_the_place_of_the_one_that_counts(sit_down, api, monkeypatch):
    monkeypatch.setattr(checks, "check_exchange", lambda settings: [])
    for name in ("RIBBON_CLAUDE__API_KEY", "ANTHROPIC_API_KEY"):
        person = Person([None, None, None, "claude", api.key, None, None])
        made = plan(*sit_down(with_api(api), person=person, dotenv=f"{name}=sk-ant-old\n")[:2])
        assert made.secrets == {name: api.key}


def test_without_a_key_claude_is_not_chosen(sit_down, api):
    with pytest.raises(ConfigError, match="set ANTHROPIC_API_KEY in the environment, or let rules decide"):
        plan(*sit_down(with_api(api), {"--decider": "claude"})[:2])


def test_a_key_that_is_refused_says_what_to_do(sit_down, api):
    interview, config, _ = sit_down(
        with_api(api), {"--decider": "claude"}, dotenv="ANTHROPIC_API_KEY=sk-ant-wrong\n"
    )
    with pytest.raises(ConfigError, match=r"authentication_error.*make a new key") as told:
        plan(interview, config)
    assert "sk-ant-wrong" not in str(told.value)


def test_an_api_that_is_busy_does_not_stop_the_set_up(sit_down, api):
    api.fails(529, "overloaded_error")
    interview, config, told = sit_down(
        with_api(api), {"--decider": "claude"}, dotenv=f"ANTHROPIC_API_KEY={api.key}\n"
    )
    assert plan(interview, config).values[("trade", "decider")] == "claude"
    assert told[0].startswith("  the API answers and is busy")


def test_an_api_that_is_not_there_is_no_fault_of_the_settings(sit_down):
    text = f'{HELD}[claude]\nbase_url = "http://127.0.0.1:9"\n'
    interview, config, _ = sit_down(text, {"--decider": "claude"}, dotenv="ANTHROPIC_API_KEY=sk-ant-x\n")
    with pytest.raises(RunnerError, match="see whether this machine is online"):
        plan(interview, config)


def test_a_service_that_does_not_take_the_test_message(sit_down, inbox, monkeypatch):
    inbox.status = 500
    monkeypatch.setenv("RIBBON_NOTIFY__URLS", inbox.address)
    with pytest.raises(NotifyError):
        plan(*sit_down(HELD, {"--equity": "1"})[:2], keep_secrets=True)
    assert plan(*sit_down(HELD, {"--equity": "1"})[:2]).secrets == {}
