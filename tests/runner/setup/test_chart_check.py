"""A chart is looked at as the collector would read it; what is wrong with it is said, and may be mended in the same window."""

from __future__ import annotations

import time

import pytest

from runner.collect.browser import Browser
from runner.errors import ReadingRefused
from runner.setup.checks import check_chart
from tests.chart_page.market import PageMarket
from tests.chart_page.server import ChartPage
from tests.runner.collect.conftest import living, settings_for

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def page():
    with ChartPage(PageMarket.fresh(time.time() - 60)) as running:
        yield running


@pytest.fixture
def settings(page, chromium, tmp_path):
    page.reset()
    yield settings_for(page, chromium, tmp_path, source="chart", page_symbol="BINANCE:ETHUSDT")
    assert living(tmp_path) == []


def never(wrong: str) -> bool:
    return False


def test_a_chart_as_it_should_be(settings):
    told = list(check_chart(settings, never))
    assert told[0].startswith("note: the page names no exchange")
    assert told[1].startswith("ok: the 5min chart shows 28 lines with enough candles behind them")
    assert told[3].startswith("ok: the 15min chart")


@pytest.mark.parametrize(
    ("switch", "words"),
    [
        ({"palette": "colourless"}, "no line says a direction"),
        ({"volume": "none"}, "no volume is shown"),
        ({"missing": [140, 145]}, "no value for MMA140, MMA145"),
    ],
)
def test_what_is_wrong_is_said(settings, page, switch, words):
    page.set("5min", **switch)
    with pytest.raises(ReadingRefused, match=f"5min: .*{words}"):
        list(check_chart(settings, never))


def test_what_is_mended_is_looked_at_again_in_the_same_browser(settings, page, monkeypatch):
    page.set("15min", volume="none")
    starts: list[None] = []
    start = Browser.start
    monkeypatch.setattr(Browser, "start", lambda browser: (starts.append(None), start(browser))[1])
    wrong: list[str] = []

    def mended(text: str) -> bool:
        wrong.append(text)
        if "15min: no volume is shown" in text:
            page.set("15min", volume="shown")
        return len(wrong) < 20  # a busy machine may have a chart loading still

    assert any(line.startswith("ok: the 15min") for line in check_chart(settings, mended))
    assert "15min: no volume is shown" in " ".join(wrong) and len(starts) == 1
