"""A loop whose broker trades at the stand-in, on a clock that is set: the venue's clock is the same one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runner.exchange.keys import Keys
from runner.exchange.settings import ExchangeSettings
from runner.exchange.start import broker_of
from runner.trade.clock import SetClock
from tests.fake_exchange.server import KEY, SECRET, Exchange
from tests.runner.trade.made import START_US, HandFeed, Script, hand_loop, settings

ACCOUNT = "bybit testnet ETHUSDT"
EVENTS = "trade_events.csv"
DECISIONS = "claude_decisions.csv"


def keys() -> Keys:
    """The stand-in's."""
    return Keys(key=KEY, secret=SECRET)


def exchange_settings(server: Exchange, **fields: object) -> ExchangeSettings:
    """Short waits, the stand-in's address."""
    given = {"symbol": "ETHUSDT", "address": server.address, "size_pct": 50, "call_s": 0.5, "tick_s": 1.5}
    return ExchangeSettings.model_validate(given | fields)


class Trade:
    """A loop, its feed, the stand-in, and what a person was told."""

    def __init__(self, loop, feed: HandFeed, server: Exchange, told: list[tuple[str, str]]) -> None:
        self.loop, self.feed, self.server, self.told = loop, feed, server, told

    def tick(self, second: float, price: float | None = None, **sample: object) -> list[str]:
        """A sample, and its tick; says which events the loop was told of."""
        if price is not None:
            self.server.account.move(price)
        self.feed.give(second, self.server.account.price, **sample)
        return [event.kind for event in self.loop.step().events]

    def words(self, kind: str) -> str:
        """What was told of a kind."""
        return " | ".join(text for of, text in self.told if of == kind)


@contextmanager
def live(
    folder: Path, server: Exchange, *answers: object, clock: SetClock | None = None, **fields: object
) -> Iterator[Trade]:
    """A loop over `folder`; `fields` go to the exchange's settings, `chosen` and `begin` to the loop."""
    chosen, begin = fields.pop("chosen", None), fields.pop("begin", 0.0)
    clock = clock or SetClock(START_US + int(begin * 1e6))
    server.account.now_ms = lambda: clock.at_us // 1_000
    told: list[tuple[str, str]] = []

    def tell(kind: str, text: str) -> None:
        told.append((kind, text))

    def wait(seconds: float) -> None:
        clock.at_us += int(seconds * 1e6)

    broker = broker_of(exchange_settings(server, **fields), ACCOUNT, keys(), folder, tell, wait)
    feed = HandFeed(clock, [begin + 10 * place for place in range(4)], server.account.price)
    with hand_loop(
        folder,
        Script(*answers),
        chosen or settings(),
        clock=clock,
        feed=feed,
        broker_for=broker,
        notify=tell,
    ) as (loop, _):
        yield Trade(loop, feed, server, told)
