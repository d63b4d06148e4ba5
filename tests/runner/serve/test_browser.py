"""The page in a real browser on a folder that changes under it."""

from __future__ import annotations

import json
import time
from itertools import pairwise

import pytest

from runner.zoom.scripts import scripts
from tests.browser.pages import sideways
from tests.runner.serve.conftest import TOKEN, add_samples, sample
from tests.runner.serve.test_page import ATTACK
from tests.runner.trade.made import at_us
from tests.runner.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def page(browser, traded, serving):
    """The page, opened by its address, and the clock of its server."""
    clock = [at_us(100)]
    server = serving(traded, now_us=lambda: clock[0])
    browser.get(f"http://127.0.0.1:{server.port}/?token={TOKEN}")
    return browser, traded, server, clock


def asked(browser) -> list[str]:
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]


def text_of(browser, place: str) -> str:
    return browser.find_element("css selector", place).text


def test_it_follows_the_folder_and_keeps_what_its_reader_opened(page):
    browser, folder, server, clock = page
    assert browser.current_url == f"http://127.0.0.1:{server.port}/"  # the token is out of the address
    assert browser.execute_script("return document.cookie") == ""
    assert text_of(browser, "#answer").startswith("PAPER LONG since 00:01")
    (folder / ".up").mkdir()
    (folder / ".up" / "trade.log").write_text("first line\n")
    wait_until(lambda: browser.find_elements("css selector", "#log-trade"))
    browser.find_element("css selector", "#log-trade summary").click()
    browser.execute_script(
        "document.querySelector('#feed a.why').focus(); window.kept = document.querySelector('#lessons h2')"
    )
    add_samples(folder, sample(100, 103.25, "red"))
    (folder / ".up" / "trade.log").write_text("first line\nsecond line\n")
    (folder / "KILL").touch()
    clock[0] = at_us(101)
    wait_until(lambda: "103.25" in text_of(browser, "#position"))
    wait_until(lambda: "second line" in text_of(browser, "#logs"))
    wait_until(lambda: text_of(browser, "#answer").startswith("PAPER The kill file"))
    assert "all red" in text_of(browser, "#ribbon") and browser.title.startswith("LONG +")
    assert browser.execute_script("return document.querySelector('#log-trade').open")
    assert browser.execute_script("return document.activeElement.classList.contains('why')")
    assert browser.execute_script("return window.kept.isConnected")  # what did not change was left alone
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []
    assert {url.split("/")[2] for url in asked(browser) if url.startswith("http")} == {
        f"127.0.0.1:{server.port}"
    }


def test_what_an_attacker_puts_into_data_is_shown_and_runs_nowhere(page):
    browser, folder, _, clock = page
    decisions = folder / "claude_decisions.csv"
    doubled = ATTACK.replace('"', '""')
    decisions.write_text(
        decisions.read_text()
        .replace("both ribbons turned green", f'"{doubled}"')
        .replace(",script,", f',"{doubled}",')
    )
    (folder / ".up").mkdir()
    (folder / ".up" / "trade.log").write_text(f"{ATTACK}\n")
    add_samples(folder, sample(100, 103.25).replace("ETHUSDT", ATTACK))
    clock[0] = at_us(101)
    wait_until(lambda: "document.title" in text_of(browser, "#feed"))
    wait_until(lambda: browser.find_elements("css selector", "#log-trade"))
    time.sleep(0.5)
    assert "ran" not in browser.title and browser.execute_script("return document.scripts.length") == 5
    assert browser.find_elements("css selector", "img") == []
    # Were something to slip through all the same, the page's policy would stop it.
    browser.execute_script(
        "const d = document.createElement('div'); d.innerHTML = \"<img src=x onerror='document.title = `ran`'>\"; document.body.append(d)"
    )
    time.sleep(0.5)
    assert browser.title != "ran"


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_its_window_and_can_be_told_apart(page, width, scheme):
    browser, folder, _, clock = page
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600},
    )
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )
    assert sideways(browser) <= 0
    answer = browser.find_element("css selector", "#answer")
    assert answer.rect["y"] + answer.rect["height"] < 300  # the answer first
    wait_until(lambda: browser.find_elements("css selector", CHART))
    tops = browser.execute_script(TOPS)
    add_samples(folder, sample(100, 103.25))
    clock[0] = at_us(101)
    wait_until(lambda: "103.25" in text_of(browser, "#position"))
    assert browser.execute_script(TOPS) == tops  # nothing jumps when figures change
    assert browser.execute_script(FAINT) == []
    assert len(browser.find_elements("css selector", "main, header, nav, footer")) == 4
    assert browser.execute_script(
        "return document.querySelectorAll('[id]').length"
    ) == browser.execute_script("return new Set([...document.querySelectorAll('[id]')].map(e => e.id)).size")


def test_only_what_runs_has_a_green_dot_and_what_is_long_ago_its_date(page):
    browser, _, _, clock = page
    dot = "return getComputedStyle(document.querySelector('#beat .dot')).backgroundColor"
    ages = "return [...document.querySelectorAll('time[data-ago]')].map(e => e.textContent)"
    shown = [browser.execute_script(ages), browser.execute_script(dot)]
    assert browser.find_element("id", "beat").get_attribute("data-stands") == "ok"
    assert shown[0] and all(
        age.endswith(" s ago") for age in shown[0]
    )  # by the server's clock, not this machine's
    clock[0] = at_us(3 * 86_400)
    wait_until(lambda: browser.find_element("id", "beat").get_attribute("data-stands") == "wrong")
    wait_until(lambda: set(browser.execute_script(ages)) == {"5 Jan 00:01"})
    assert browser.execute_script(dot) != shown[1]


def test_a_tab_that_is_left_open_does_not_grow(page):
    browser, folder, _, clock = page
    count = "return document.querySelectorAll('*').length"

    def after(second: int, price: float) -> int:
        add_samples(folder, sample(second, price))
        clock[0] = at_us(second + 1)
        wait_until(lambda: f"{price:.2f}" in text_of(browser, "#position"))
        return browser.execute_script(count)

    wait_until(lambda: browser.find_elements("css selector", CHART))
    first = after(100, 103.0)
    assert [after(100 + 10 * turn, 103.0 + turn) for turn in range(1, 4)] == [first] * 3


def test_its_chart_is_drawn_under_its_policy_and_follows_the_price(page):
    browser, folder, server, clock = page
    wait_until(lambda: browser.find_elements("css selector", CHART))
    chart = browser.find_element("css selector", CHART)
    assert not browser.find_element("css selector", "#picture").is_displayed()
    assert (
        "LONG entry" in chart.text and "left in profit" in chart.text
    )  # the one that was closed by its target
    until = chart.get_attribute("data-to")
    browser.execute_script("window.kept = arguments[0]", chart)
    add_samples(folder, sample(160, 103.25, "red"))
    clock[0] = at_us(161)
    wait_until(lambda: chart.get_attribute("data-to") > until)
    assert browser.execute_script(
        f"return window.kept === document.querySelector('{CHART}')"
    )  # the same, moved on
    zoom_in, _, _ = chart.find_elements("css selector", ".zoom-buttons button")
    zoom_in.click()
    seen = chart.get_attribute("data-from"), chart.get_attribute("data-to")
    add_samples(folder, sample(220, 103.5))
    clock[0] = at_us(221)
    wait_until(lambda: "103.50" in text_of(browser, "#position"))
    assert (
        chart.get_attribute("data-from"),
        chart.get_attribute("data-to"),
    ) == seen  # who looks closer is left alone
    policy = server.ask("/").headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy and "style-src 'self' 'nonce-" in policy and "unsafe" not in policy
    assert server.ask("/").headers["Content-Security-Policy"] != policy  # another one each time
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []


def test_a_position_that_was_just_entered_has_its_words_beside_the_price_and_apart(page):
    browser, *_ = page
    wait_until(lambda: browser.find_elements("css selector", CHART))
    said, places, room = browser.execute_script(LEVELS)
    assert [words.split()[0] for words in said] == ["entry", "stop", "target"]
    assert all(lower - upper >= 15.9 for upper, lower in pairwise(sorted(places))) and room >= 100


def test_the_page_of_a_decision_has_its_chart(page):
    browser, _, server, _ = page
    browser.find_element("css selector", "#feed a.why").click()
    wait_until(lambda: "/decision/" in browser.current_url)
    assert browser.find_elements("css selector", ".price-chart")
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []
    kept = server.ask(f"/static/{next(iter(scripts()))}", token=None)
    assert kept.status == 200 and "immutable" in kept.headers["Cache-Control"]


def test_a_server_that_is_gone_is_said(page):
    browser, _, server, _ = page
    server.site.token = "another" * 6
    wait_until(lambda: "no longer valid" in text_of(browser, "#lost"))


CHART = ".zoomable.drawn .zoom"
TOPS = "return [...document.querySelectorAll('[data-part]')].map(e => [e.id, Math.round(e.getBoundingClientRect().top + scrollY)])"
#: The words of a chart's lines, how far down each stands, and the room behind the newest price, pixels.
LEVELS = """
const models = Bokeh.documents.flatMap(document => [...document._all_models.values()]);
const found = models.find(model => model.type === 'ColumnDataSource' && model.data.shift);
const { start, end } = models.find(model => model.type === 'Plot' || model.type === 'Figure').y_range;
const plot = models.find(model => model.type === 'Plot' || model.type === 'Figure'), x = plot.x_range;
const at = [...found.data.price].map((price, i) => (end - price) / (end - start) * 370 + found.data.shift[i]);
return [[...found.data.said], at, (x.end - found.data.until[0]) / (x.end - x.start) * document.querySelector('.zoom-canvas').clientWidth];
"""
#: Texts whose colour and ground are closer than 4.5 to 1 (WCAG 2, contrast).
FAINT = """
const parse = c => (c.match(/[\\d.]+/g) || []).map(Number);
const part = v => v / 255 <= .03928 ? v / 255 / 12.92 : ((v / 255 + .055) / 1.055) ** 2.4;
const shine = ([r, g, b]) => .2126 * part(r) + .7152 * part(g) + .0722 * part(b);
const ground = e => {
  for (; e; e = e.parentElement) {
    const c = parse(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > .5) return c;
  }
  return [255, 255, 255];
};
const told = e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) && e.getClientRects().length;
return [...document.querySelectorAll('body *')].filter(told).map(e => {
  const s = getComputedStyle(e), ink = e.namespaceURI.endsWith('svg') ? s.fill : s.color;
  const [a, b] = [shine(parse(ink)), shine(ground(e))];
  return [(Math.max(a, b) + .05) / (Math.min(a, b) + .05), e.textContent.slice(0, 30)];
}).filter(([ratio]) => ratio < 4.5);
"""
