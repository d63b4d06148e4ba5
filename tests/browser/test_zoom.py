"""The zoomable chart in a real browser, from `file://`: drawn under a narrow policy, it moves, zooms and tells; else the picture stays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.actions.wheel_input import ScrollOrigin

from lib.contract.price_block import BlockTrade, Level, PriceBlock
from lib.draw.zoom import price_block
from runner.why.page import why_page
from runner.zoom.html import head, zoomable
from runner.zoom.scripts import leave_scripts, style
from tests.browser.axe import LOOKS, faults, look_as
from tests.browser.pages import every_page_stands_alone, sideways
from tests.lib.draw.made import candles, samples, trades
from tests.runner.waiting import wait_until
from tests.runner.why.made import ASKED, decide, executed, log_events, market, trade_events, why

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FRAME = ".zoomable.drawn .zoom"
#: By how much each three of a day's trades are later than the first ones.
_SPREAD = pd.timedelta_range("0h", "22h", freq="90min")


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Path:
    """The page of a decision that was traded, with its scripts in `assets/` beside it."""
    folder, outputs = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("outputs")
    market(folder, {ASKED + 4: 100.35, ASKED + 8: 100.2})
    log_events(folder, *trade_events("claude-one", ASKED, ASKED + 11))
    decide(folder, **executed())
    assert leave_scripts(outputs)
    path = outputs / "why.html"
    path.write_text(why_page(why(folder), "assets/"), encoding="utf-8")
    return path


def opened(browser, page: Path):
    """The chart of a page, drawn."""
    browser.get(page.as_uri())
    wait_until(lambda: browser.find_elements("css selector", FRAME))
    found = browser.find_element("css selector", FRAME)
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", found)
    return found


def shown(chart) -> tuple[str, str]:
    """From when to when it shows."""
    return chart.get_attribute("data-from"), chart.get_attribute("data-to")


def canvas_of(chart):
    return chart.find_element("css selector", ".zoom-canvas")


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_it_takes_the_pictures_place_and_breaks_no_rule(browser, page, width, scheme):
    look_as(browser, width, scheme)
    chart = opened(browser, page)
    assert not browser.find_element("css selector", ".zoomable .still").is_displayed()
    assert canvas_of(chart).size["height"] >= 300 and sideways(browser) <= 0
    assert "LONG entry" in chart.text and "15-minute ribbon" in chart.text
    assert ("Tap the chart" in chart.text, "Point at the chart" in chart.text) == (width < 640, width > 640)
    assert "candle up" in chart.text and "all green" in chart.text
    assert chart.find_elements("css selector", ".zoom-swatch"), (
        "every colour of a ribbon that is drawn has its name"
    )
    policy = browser.execute_script("return document.querySelector('meta[http-equiv]').content")
    assert "script-src 'self';" in policy and "eval" not in policy
    every_page_stands_alone(browser, [page])
    assert faults(browser, page) == []


def test_it_moves_and_zooms(browser, page):
    chart = opened(browser, page)
    whole = shown(chart)
    canvas = canvas_of(chart)
    plus, minus, everything = chart.find_elements("css selector", ".zoom-buttons button")
    ActionChains(browser).scroll_from_origin(ScrollOrigin.from_element(canvas), 0, -100).perform()
    assert shown(chart) == whole  # the wheel is the page's until the chart was clicked
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", chart)
    ActionChains(browser).click(canvas).perform()
    ActionChains(browser).scroll_from_origin(ScrollOrigin.from_element(canvas), 0, -300).perform()
    wait_until(lambda: shown(chart) != whole)
    near = shown(chart)
    assert whole[0] <= near[0] < near[1] <= whole[1]
    everything.click()
    assert shown(chart) == whole
    plus.click()
    half = shown(chart)
    ActionChains(browser).drag_and_drop_by_offset(canvas, 150, 0).perform()
    wait_until(lambda: shown(chart) < half)
    minus.click()
    chart.send_keys("0")
    assert shown(chart) == whole
    chart.send_keys("+")
    chart.send_keys(*["\ue014"] * 30)  # as far to the right as there is something
    assert shown(chart)[1] == whole[1]


def test_it_tells_what_it_points_at(browser, page):
    chart = opened(browser, page)
    canvas = canvas_of(chart)
    said = chart.find_element("css selector", ".zoom-said")
    assert said.text.startswith("Point at the chart")
    told = set()
    for share in (-0.2, 0.0, 0.02, 0.04, 0.06):
        ActionChains(browser).move_to_element_with_offset(
            canvas, int(canvas.size["width"] * share), 0
        ).perform()
        wait_until(lambda: "close" in said.text)
        told.add(said.text)
    assert any("LONG +0.11 %: entered" in text and "(Claude's exit)" in text for text in told)
    assert all("5-minute ribbon all green; 15-minute ribbon all green" in text for text in told)


def test_a_finger_rolls_the_page_until_it_taps_the_chart(browser, page):
    look_as(browser, 390, "light")
    browser.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 2})
    chart = opened(browser, page)
    whole = shown(chart)
    action = """
    const find = (node) => { for (const each of node.querySelectorAll('*')) {
      if (each.classList?.contains('bk-events')) return each;
      const below = each.shadowRoot && find(each.shadowRoot); if (below) return below; } return null; };
    return getComputedStyle(find(document)).touchAction"""
    assert browser.execute_script(action) == "auto" and "Tap it" in chart.text
    place = canvas_of(chart).rect
    top = browser.execute_script("return scrollY")
    x, y = place["x"] + place["width"] / 2, place["y"] - top + 150
    touch(browser, [[(x, y)]])
    wait_until(lambda: browser.execute_script(action) == "none")
    touch(browser, [[(x - 20 - 12 * step, y), (x + 20 + 12 * step, y)] for step in range(6)])
    wait_until(lambda: shown(chart) != whole)
    near = shown(chart)
    assert whole[0] <= near[0] < near[1] <= whole[1]


def touch(browser, steps: list[list[tuple[float, float]]]) -> None:
    """Fingers set down at the first step's places, moved to the others', and taken away."""
    for place, points in enumerate(steps):
        kind = "touchMove" if place else "touchStart"
        fingers = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(points)]
        browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})
    browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


@pytest.mark.parametrize("missing", ["script", "bokeh"])
def test_without_scripts_the_picture_stays(browser, page, tmp_path, missing):
    if missing == "bokeh":
        alone = tmp_path / "alone.html"
        alone.write_text(page.read_text(encoding="utf-8"), encoding="utf-8")
        browser.get(alone.as_uri())
    else:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        browser.get(page.as_uri())
    assert browser.find_element("css selector", ".zoomable .still img").is_displayed()
    assert not browser.find_elements("css selector", ".zoom")
    assert "{" not in browser.find_element("css selector", ".zoomable").text


def test_it_is_drawn_anew_when_the_scheme_changes(browser, page):
    look_as(browser, 1280, "light")
    opened(browser, page)
    background = "return getComputedStyle(document.querySelector('.zoomable')).getPropertyValue('--z-ground')"
    light = browser.execute_script(background)
    look_as(browser, 1280, "dark")
    wait_until(lambda: browser.execute_script(background) != light)
    wait_until(lambda: browser.find_elements("css selector", FRAME))
    assert len(browser.find_elements("css selector", ".zoom")) == 1


def odd_blocks() -> dict[str, PriceBlock | None]:
    """Blocks of data that are rare: one candle, prices of any size, none that moves, without samples or trades."""
    one = candles([0])
    flat = dict.fromkeys(("open", "high", "low", "close"), 100.0)
    return {
        "one candle": price_block(one, {}),
        "two that do not move": price_block(candles([0, 5]).assign(**flat), {}),
        "worth next to nothing": price_block(
            candles([0, 5, 10]).assign(open=1e-9, high=1.2e-9, low=0.9e-9, close=1.1e-9), {}
        ),
        "worth nothing": price_block(one.assign(open=0.0, high=0.0, low=0.0, close=0.0), {}),
        "huge": price_block(candles([0, 5]).assign(open=1e300, high=1.1e300, low=0.9e300, close=1e300), {}),
        "one without a price": price_block(candles([0, 5]).assign(high=[np.nan, 101.0]), {}),
        "a ribbon of one sample": price_block(
            one, {"5min": samples([0]), "15min": samples([])}, trades().iloc[:0]
        ),
        "a year between two": price_block(candles([0, 525_600]), {}, trades()),
    }


def test_marks_have_the_room_that_there_is(browser, tmp_path):
    assert leave_scripts(tmp_path)
    many = pd.concat(
        [trades().assign(entry_time=lambda each, by=by: each["entry_time"] + by) for by in _SPREAD]
    )
    many["exit_time"] = many["entry_time"] + pd.Timedelta("5min")
    chart = zoomable("<p>a picture</p>", price_block(candles(range(0, 1440, 5)), {}, many))
    narrow = "<meta name='viewport' content='width=device-width'>"
    page = f"<!doctype html><meta charset='utf-8'>{narrow}<style>{style()}</style>{head('assets/')}{chart}"
    (tmp_path / "many.html").write_text(page, encoding="utf-8")
    sizes = {}
    for width in (390, 1280):
        look_as(browser, width, "light")
        found = opened(browser, tmp_path / "many.html")
        sizes[width] = float(found.get_attribute("data-marks"))
        found.send_keys("++")
        near = float(found.get_attribute("data-marks"))
        assert near > sizes[width] or near == 12
        found.send_keys("0")
        assert float(found.get_attribute("data-marks")) == sizes[width]
    assert 5 <= sizes[390] < sizes[1280] <= 12


def test_price_and_trade_have_the_height_and_the_key_says_where_the_ribbon_goes_on(browser, tmp_path):
    assert leave_scripts(tmp_path)
    minutes = range(0, 120, 5)
    block = price_block(candles(minutes), {"5min": samples(minutes)})
    low, high = min(block.candles.low), max(block.candles.high)
    spread = high - low
    (band,) = block.bands
    band.low, band.high = [low / 2] * len(band.at), [high] * len(band.at)
    since, until = block.first + 600, block.first + 1200
    stop, left = low - spread, high + spread / 2
    held = {"entry_at": since, "entry": low, "exit_at": until, "exit": left, "net_pct": 1.0}
    block.trades = [BlockTrade(direction="LONG", **held)]
    block.levels = [
        Level(name="stop", price=stop, since=since, until=until),
        Level(name="target", price=high + 9 * spread, since=since, until=until),
    ]
    page = f"<!doctype html><meta charset='utf-8'><style>{style()}</style>{head('assets/')}{zoomable('<p>a picture</p>', block)}"
    (tmp_path / "far.html").write_text(page, encoding="utf-8")
    look_as(browser, 1280, "light")
    chart = opened(browser, tmp_path / "far.html")
    air = 0.06 * (left - stop)  # the target lies so far off that it would squeeze the price
    assert [float(chart.get_attribute(f"data-{name}")) for name in ("low", "high")] == pytest.approx(
        [stop - air, left + air]
    )
    assert chart.find_element("css selector", ".zoom-rest").text == "the ribbon goes on below"
    chart.send_keys("++", *["\ue014"] * 30)  # to where the trade is over
    assert float(chart.get_attribute("data-high")) < left


def test_odd_data_is_drawn_or_its_picture_stays(browser, tmp_path):
    assert leave_scripts(tmp_path)
    blocks = odd_blocks()
    parts = [f"<h2>{name}</h2>{zoomable('<p>a picture</p>', block)}" for name, block in blocks.items()]
    page = f"<!doctype html><meta charset='utf-8'><style>{style()}</style>{head('assets/')}{''.join(parts)}"
    (tmp_path / "odd.html").write_text(page, encoding="utf-8")
    browser.get((tmp_path / "odd.html").as_uri())
    wait_until(lambda: len(browser.find_elements("css selector", FRAME)) == len(blocks))
    wait_until(
        lambda: all(
            each.size["height"] >= 200 for each in browser.find_elements("css selector", ".zoom-canvas")
        )
    )
    for chart in browser.find_elements("css selector", FRAME):
        chart.send_keys("+")
        chart.send_keys("-")
        chart.send_keys("0")
        assert "NaN" not in chart.text and "Infinity" not in chart.text and "undefined" not in chart.text
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []
