"""Days of a market, written once for all tests of this room."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runner.venue_feed.bench import Bench, write_past


@pytest.fixture(scope="session")
def past(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("past")
    write_past(folder)
    return folder


@pytest.fixture
def bench(past, tmp_path) -> Bench:
    return Bench(past, tmp_path / "data")
