"""What all tests of notifications share."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="package")
def apprise_loaded() -> Iterator[None]:
    """apprise's plugins, loaded once: they import imghdr, which Python 3.11 and 3.12 call deprecated."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "'imghdr' is deprecated", DeprecationWarning)
        import apprise

        assert apprise.Apprise().add("json://localhost/")
    yield
