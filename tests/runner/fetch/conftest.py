"""An exchange on localhost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.runner.fetch import fake_binance


@pytest.fixture
def server() -> Iterator[fake_binance.Binance]:
    """The exchange on localhost."""
    with fake_binance.running() as server:
        yield server


@pytest.fixture
def binance(server) -> Iterator:
    """A ccxt exchange that asks it."""
    exchange = fake_binance.opened(server)
    yield exchange
    exchange.session.close()
