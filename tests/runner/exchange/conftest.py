"""A stand-in for the venue."""

from __future__ import annotations

import pytest

from tests.fake_exchange.server import running


@pytest.fixture
def server():
    with running() as made:
        yield made
