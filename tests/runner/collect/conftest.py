"""A chart page on localhost and a browser that reads it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from runner.collect.browser import Browser
from runner.collect.settings import CollectSettings
from tests.chart_page.market import PageMarket
from tests.chart_page.server import ChartPage


@pytest.fixture(scope="module")
def shared_page() -> Iterator[ChartPage]:
    with ChartPage(PageMarket.fresh(time.time() - 60)) as page:
        yield page


@pytest.fixture
def page(shared_page) -> Iterator[ChartPage]:
    """The chart page with every switch at its harmless value."""
    shared_page.reset()
    yield shared_page
    shared_page.reset()


@pytest.fixture(scope="module")
def shared_charts(shared_page, chromium, tmp_path_factory) -> Iterator[Browser]:
    settings = settings_for(shared_page, chromium, tmp_path_factory.mktemp("collect"))
    with Browser(settings) as browser:
        browser.start()
        yield browser


def settings_for(page: ChartPage, chromium: str, folder: Path, **more: object) -> CollectSettings:
    return CollectSettings(
        **{
            "url": page.url,
            "browser": chromium,
            "profile": folder / "profile",
            "headless": True,
        }
        | more
    )


def living(folder: Path) -> list[psutil.Process]:
    """Browser processes whose profile lies in `folder`; zombies do not count."""
    found = []
    for process in psutil.process_iter(["name", "cmdline", "status"]):
        ours = str(folder) in " ".join(process.info["cmdline"] or []) and process.info["name"].startswith(
            "chrom"
        )
        if ours and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found


def until(true: Callable[[], object], seconds: float = 5.0, step: float = 0.1) -> float:
    """Wait until something holds; seconds waited. Fails when it does not come true."""
    begin = time.monotonic()
    while not true():
        assert time.monotonic() - begin < seconds, f"not true within {seconds} s"
        time.sleep(step)
    return time.monotonic() - begin


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    begin = time.monotonic()
    yield
    assert time.monotonic() - begin <= seconds
