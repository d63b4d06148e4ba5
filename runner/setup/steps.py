"""From the answers to what is to be written: the four steps, each checked before the next is asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from pydantic import SecretStr

from lib.errors import ParameterError
from runner.claude.settings import KEY_VARIABLE
from runner.collect.settings import CollectSettings
from runner.config import Config
from runner.config_moved import Keys
from runner.notify.settings import URLS_VARIABLE, NotifySettings
from runner.setup import checks
from runner.setup.questions import (
    DECIDER,
    EQUITY,
    EXCHANGE,
    OF_SOURCE,
    PAGE_SYMBOL,
    SOURCE,
    SYMBOL,
    URL,
    Interview,
)
from runner.setup.toml_values import Value


@dataclass
class Plan:
    """What is to be written: values by their keys in ribbon.toml, secrets by their variable. `collect`: the source as it will be."""

    collect: CollectSettings
    values: dict[Keys, Value] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)


def plan(interview: Interview, config: Config, checked: bool = True, keep_secrets: bool = False) -> Plan:
    """All steps. `checked`: try what was answered. `keep_secrets`: those of the environment are to be written too.

    Raises ParameterError where an answer lacks or is none, and what the checks raise.
    """
    interview.refuse_missing()
    made = Plan(config.section("collect"))
    _source(interview, config, made, checked)
    _decider(interview, config, made, checked, keep_secrets)
    _account(interview, made)
    _notifications(interview, config, made, checked, keep_secrets)
    return made


def _source(interview: Interview, config: Config, made: Plan, checked: bool) -> None:
    if not interview.wanted(SOURCE, EXCHANGE, SYMBOL, URL, PAGE_SYMBOL):
        return
    base = config.section("collect").model_dump(exclude_unset=True)

    def take() -> dict[str, Value]:
        source = interview.answer(SOURCE)
        answers: dict[str, Value] = {"source": source}
        answers |= {question.keys[-1]: interview.answer(question) for question in OF_SOURCE[source]}
        if source == "chart":
            answers["symbol"] = interview.given(SYMBOL) or str(answers["page_symbol"]).rpartition(":")[2]
        return answers

    def check(answers: dict[str, Value]) -> Iterable[str]:
        settings = checks.collect_settings(base | answers)
        if not checked:
            return []
        if settings.source == "exchange":
            return checks.check_exchange(settings)
        return checks.check_chart(settings, interview.mended)

    answers = interview.settled(take, check)
    made.collect = checks.collect_settings(base | answers)
    made.values |= {("collect", key): value for key, value in answers.items()}


def _decider(interview: Interview, config: Config, made: Plan, checked: bool, keep_secrets: bool) -> None:
    if not interview.wanted(DECIDER):
        return
    settings = config.section("claude")
    there = settings.api_key.get_secret_value()

    def take() -> tuple[str, str]:
        decider = interview.answer(DECIDER)
        if decider != "claude" or not interview.asks(DECIDER) or interview.terminal is None:
            return decider, there
        told = f"Key of the Claude API (not shown{'; Enter keeps the one there is' if there else ''})"
        return decider, interview.terminal.ask_secret(told).strip() or there

    def check(answers: tuple[str, str]) -> Iterable[str]:
        decider, key = answers
        if decider != "claude" or not checked:
            return []
        return checks.check_claude(settings.model_copy(update={"api_key": SecretStr(key)}))

    decider, key = interview.settled(take, check)
    made.values[DECIDER.keys] = decider
    if key and decider == "claude" and (key != there or keep_secrets):
        counts = config.origins.get("claude.api_key", "").rpartition(" ")[
            2
        ]  # another variable would not go over it
        made.secrets[counts or KEY_VARIABLE] = key


def _account(interview: Interview, made: Plan) -> None:
    if not (interview.wanted(EQUITY) and interview.has(EQUITY)):
        return

    def check(answer: str) -> Iterable[str]:
        _money(answer)
        return []

    made.values[EQUITY.keys] = _money(interview.settled(lambda: interview.answer(EQUITY), check))


def _money(answer: str) -> float:
    try:
        money = float(answer)
    except ValueError:
        money = 0.0
    if not 0 < money < float("inf"):
        raise ParameterError(f"{EQUITY.option} is a sum of money above 0, not {answer!r}")
    return money


def _notifications(
    interview: Interview, config: Config, made: Plan, checked: bool, keep_secrets: bool
) -> None:
    settings: NotifySettings = config.section("notify")
    there = settings.urls.get_secret_value()

    def take() -> str:
        if not interview.asks() or interview.terminal is None:
            return there
        told = f"Addresses for notifications, as ntfy://topic (not shown; Enter: {'as they are' if there else 'none'})"
        return interview.terminal.ask_secret(told).strip() or there

    def check(urls: str) -> Iterable[str]:
        fresh = urls and (urls != there or keep_secrets)
        return checks.check_notifications(_addressed(settings, urls)) if checked and fresh else []

    urls = interview.settled(take, check)
    if urls and (urls != there or keep_secrets):
        made.secrets[URLS_VARIABLE] = urls


def _addressed(settings: NotifySettings, urls: str) -> NotifySettings:
    return settings.model_copy(update={"urls": SecretStr(urls)})
