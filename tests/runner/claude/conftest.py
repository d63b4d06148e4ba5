"""A Messages server, settings that point to it, and deciders that ask it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from lib.market.terms import DEFAULT_TERMS
from runner.claude.decider import ClaudeDecider
from runner.claude.settings import ClaudeSettings
from tests.messages_server import MessagesServer


@pytest.fixture
def server() -> Iterator[MessagesServer]:
    with MessagesServer() as running:
        yield running


@pytest.fixture
def settings(server: MessagesServer) -> Callable[..., ClaudeSettings]:
    """Settings for the local server, with some changed."""

    def make(**changed: object) -> ClaudeSettings:
        return ClaudeSettings(**({"base_url": server.url, "api_key": server.key} | changed))  # type: ignore[arg-type]

    return make


@pytest.fixture
def deciding(settings, tmp_path) -> Iterator[Callable[..., ClaudeDecider]]:
    """Makes opened deciders on one folder, closed at the end; `keep` are arguments of the decider, the others of the settings."""
    opened: list[ClaudeDecider] = []

    def make(keep: dict | None = None, **changed: object) -> ClaudeDecider:
        decider = ClaudeDecider(settings(**changed), tmp_path, terms=DEFAULT_TERMS, **(keep or {})).open()
        opened.append(decider)
        return decider

    yield make
    for decider in opened:
        decider.close()
