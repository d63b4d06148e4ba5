"""Is what was answered true? The venue answers, the chart is as it should be, the key works, notifications arrive. Nothing is bought.

Each check gives lines for people, or raises the error that says what is wrong and what to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pydantic import ValidationError

from lib.contract.dollars import plain_number
from lib.errors import ParameterError
from runner.claude.key_check import check_key
from runner.claude.settings import KEY_VARIABLE, ClaudeSettings
from runner.collect.chart_reading import UNSAID
from runner.collect.settings import CollectSettings
from runner.errors import ConfigError, NotifyError, ReadingRefused, RunnerError
from runner.notify.messages import Message
from runner.notify.notifier import Notifier
from runner.notify.settings import NotifySettings

#: By reason code of a fault, what a person does about it; where none is, the fault's own detail says it.
_KEY_FIXES = {
    "authentication": "make a new key at https://platform.claude.com and give that",
    "billing": "add credit to the account, or raise its limit",
    "not_found": "name another model in [claude] of ribbon.toml, one that this key has",
    "connection": "see whether this machine is online, and whether [claude] base_url is right",
    "certificate": "see whether the clock is right; a proxy that opens what is encrypted needs its certificate in that of SSL_CERT_FILE",
    "timeout": "see whether this machine is online, and whether a firewall or proxy is on the way",
}
#: These pass by themselves: the key was not refused.
_PASSING = ("overloaded", "rate_limited", "server_error")


def collect_settings(values: dict[str, Any]) -> CollectSettings:
    """The collector's settings with these values. Raises ParameterError that names the option."""
    try:
        return CollectSettings(**values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        option = "--" + str(first["loc"][0]).replace("_", "-")
        raise ParameterError(f"{option}: {first['msg'].removeprefix('Value error, ')}") from None


def check_exchange(settings: CollectSettings) -> Iterator[str]:
    """Raises ParameterError for an exchange or market that there is not, ExchangeError where it does not answer."""
    from runner.venue_feed.check import check_venue

    found = check_venue(settings)
    way = "its trades come as they happen" if found.streams else "it is asked again and again"
    yield f"ok: {found.exchange} answers, {found.symbol} is at {plain_number(found.price, 6)}; {way}"
    yield from (f"note: {problem}" for problem in found.problems)


def check_chart(settings: CollectSettings, again: Callable[[str], bool]) -> Iterator[str]:
    """Both charts as `ribbon collect --once` reads them. `again`: told what is wrong, whether to look once more in the same browser.

    Raises BrowserError without a browser, ReadingRefused where a chart stays as it should not be.
    """
    from runner.collect.browser import Browser
    from runner.collect.once import read_once

    with Browser(settings) as browser:
        found = read_once(settings, browser)
        while wrong := [line for timeframe, chart in found.items() for line in _wrong(timeframe, chart)]:
            if not again("; ".join(wrong)):
                raise ReadingRefused("; ".join(wrong))
            found = read_once(settings, browser)
    for timeframe, chart in found.items():
        yield from (f"note: {problem}" for problem in chart["problems"])
        yield (
            f"ok: the {timeframe} chart shows {len(chart['lines'])} lines with enough candles behind them, colours that follow them, "
            f"and volume; price {plain_number(chart['price'], 6)}, state {chart['state']}"
        )


def _wrong(timeframe: str, chart: dict[str, Any]) -> list[str]:
    if refusal := chart["refusal"]:
        detail = f" ({refusal['detail']})" if refusal["detail"] else ""
        return [f"{timeframe}: not read, {refusal['reason']}{detail}. {refusal['remedy']}"]
    return [f"{timeframe}: {problem}" for problem in chart["problems"] if not problem.startswith(UNSAID)]


def check_claude(settings: ClaudeSettings) -> Iterator[str]:
    """Raises ConfigError for a key or model that is refused, RunnerError where the API is not reached."""
    if not settings.api_key.get_secret_value():
        raise ConfigError(f"Claude wants a key: set {KEY_VARIABLE} in the environment, or let rules decide")
    fault = check_key(settings)
    if fault is None:
        yield f"ok: the key is taken, and it has {settings.model}; whether there is credit only a paid call tells"
        return
    if fault.reason_code in _PASSING:
        yield f"the API answers and is busy: {fault.detail}. The key is not tried"
        return
    fix = _KEY_FIXES.get(fault.reason_code, "")
    kind = ConfigError if fault.blocks else RunnerError
    raise kind(f"Claude cannot be asked: {fault.detail}" + (f"; {fix}" if fix else ""))


def check_notifications(settings: NotifySettings) -> Iterator[str]:
    """Sends a test message to every address. Raises NotifyError where one does not take it."""
    if not settings.addresses():
        return
    notifier = Notifier(settings)
    notifier.tell(Message("test", "Ribbon Lab", "This is a test."))
    notifier.close(settings.timeout_s + 1)
    if set(notifier.counts) != {"sent"}:
        raise NotifyError(
            "a service did not take the test message: check its address (https://appriseit.com)"
        )
    yield f"ok: a test message went to {len(settings.addresses())} service(s)"
