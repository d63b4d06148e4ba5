"""What tests of benchmarks share."""

from __future__ import annotations

import pytest

from runner.warm.address import why_not


@pytest.fixture
def forking() -> None:
    """Skips where nothing can be forked, so that no server can be kept."""
    if why_not():
        pytest.skip(why_not())
