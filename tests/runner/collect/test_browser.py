"""The script and the browser against a chart page in real Chromium: every trap, every fault."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from selenium.common.exceptions import NoAlertPresentException, UnexpectedAlertPresentException
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By

from lib.market.ribbon import LINE_PERIODS
from runner.collect.browser import Browser
from runner.collect.chart_reading import ChartReading, ReadingRefusal, judge, read_bar
from runner.collect.direction_watch import DirectionWatch
from runner.collect.once import read_once
from runner.errors import BrowserError, LockedError, PageError
from runner.processes.scratch import clear_abandoned
from tests.chart_page.server import SWITCHES, ChartPage
from tests.runner.collect.conftest import at_most, living, settings_for, until
from tests.runner.collect.raws import SETTINGS, raw

pytestmark = pytest.mark.browser


@pytest.fixture
def charts(shared_charts, page) -> Browser:
    """The shared browser, once its pages show what the test before has reset."""
    flipped(shared_charts, page)
    return shared_charts


def flipped(charts: Browser, page: ChartPage) -> None:
    """Wait until both pages have drawn the switches as they stand; a dialog that the test before left open is closed."""
    shown = "return document.documentElement?.dataset.revision"  # none while a page loads

    def drawn(timeframe: str) -> bool:
        window = charts._shown(timeframe)
        try:
            return window.execute_script(shown) == str(page.revision)
        except UnexpectedAlertPresentException:  # closed by the driver as it tells of it
            return False

    for timeframe in charts._windows:
        until(lambda name=timeframe: drawn(name), 30)


def look(charts: Browser, timeframe: str = "5min", **settings) -> ChartReading | ReadingRefusal:
    return judge(charts.read(timeframe), timeframe, SETTINGS.model_copy(update=settings))


def shape(value: object) -> object:
    """The keys and kinds of a structure; of a list, those of its first entry."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return (
        "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__
    )


def test_the_real_script_brings_what_the_tests_write_by_hand(charts):
    until(lambda: shape(charts.read("5min") | {"seen": []}) == shape(raw()))
    until(
        lambda: (
            (noted := charts.read("5min")["seen"])
            and shape(noted[0]["charts"][0])
            == shape({key: raw()["charts"][0][key] for key in ("label", "hovered", "series", "volume")})
        )
    )


@pytest.mark.parametrize("timeframe", ["5min", "15min"])
def test_a_reading_is_the_market(charts, page, timeframe):
    minutes = int(timeframe.removesuffix("min"))
    before = page.now()
    reading = look(charts, timeframe)
    after = page.now()
    # The page lags by up to a tenth of a second: it shows the market of some tick before.
    instants = [at for at in page.market.times if before - 1.0 <= at <= after]
    shown = [at for at in instants if page.market.candle_at(at, minutes).close == reading.price.value]
    assert shown
    candle = page.market.candle_at(shown[-1], minutes)
    assert (reading.bar.open, reading.bar.high, reading.bar.low) == (candle.open, candle.high, candle.low)
    truth = page.market.lines_at(shown[-1], minutes)
    assert list(reading.lines) == [f"MMA{period}" for period in LINE_PERIODS]
    for period, (line, _) in truth.items():
        assert reading.lines[f"MMA{period}"].number.value == pytest.approx(line, abs=0.0051)
    assert reading.lines["MMA40"].colour == "#ffeb3b"


def test_clipped_values_are_read_that_webdriver_does_not_see(charts, page):
    charts.read("5min")
    driver = charts._running()
    driver.set_window_size(700, 600)
    values = driver.find_elements(By.CSS_SELECTOR, '[data-name="legend-source-item"] [class*="valueValue-"]')
    try:
        seen = sum(bool(each.text) for each in values[:12])
    except Exception:  # the page draws anew sixty times a second: such readings are torn, which is the point
        seen = 0
    assert seen < 12
    assert sum(line.number is not None for line in look(charts).lines.values()) == 28
    driver.set_window_size(1600, 900)


@pytest.mark.parametrize(
    ("switches", "reason"),
    [
        ({"hidden": True}, "hidden"),
        ({"symbol": "BTCUSDT"}, "wrong_symbol"),
        ({"interval": 60}, "wrong_interval"),
        ({"series_status": "loading"}, "loading"),
        ({"series_status": "loading", "loading_shows": "old"}, "loading"),
        ({"study_status": "loading"}, "loading"),
        ({"study_status": "loading", "loading_shows": "old"}, "loading"),
        ({"missing": list(LINE_PERIODS)}, "no_lines"),
        ({"eye_off": "eyeOff"}, "no_lines"),
        ({"eye_off": "disabled"}, "no_lines"),
        ({"study_removed": True}, "no_lines"),
        ({"series_values": False}, "no_price"),
        ({"locale": "de"}, "number_form"),
        ({"locale": "fr"}, "number_form"),
        ({"locale": "de", "lang": "de"}, "locale"),
        ({"label": "Graphique pour"}, "locale"),
        ({"label": ""}, "no_label"),
        ({"wall": "disconnected"}, "disconnected"),
        ({"wall": "taken_over"}, "disconnected"),
        ({"wall": "restore"}, "disconnected"),
        ({"wall": "ban", "freeze": "all"}, "modal"),
        ({"wall": "inside", "freeze": "all"}, "modal"),
        ({"wall": "corner", "freeze": "all"}, "modal"),
        ({"wall": "login", "freeze": "all"}, "login"),
        ({"wall": "cookies", "freeze": "all"}, "cookies"),
        ({"wall": "login", "chart": False}, "login"),
        ({"wall": "captcha", "chart": False}, "captcha"),
        ({"wall": "cookies", "chart": False}, "cookies"),
        ({"chart": False}, "no_chart"),
        ({"renamed": True}, "no_chart"),
        ({"torn": True}, "torn"),
        ({"second": "loading"}, "loading"),
    ],
)
def test_traps_that_refuse_a_reading(charts, page, switches, reason):
    page.set("5min", **switches)
    until(lambda: isinstance(found := look(charts), ReadingRefusal) and found.reason == reason)
    assert isinstance(look(charts, "15min"), ChartReading)  # the other chart is read all the same


@pytest.mark.parametrize(
    "switches",
    [
        {"markup": "qa-id"},
        {"names": "title"},
        {"hash": "Zz9_-0"},
        {"wall": "cookies"},
        {"wall": "ban"},
        {"wall": "inside"},
        {"study_symbol": "ETHUSDT"},
        {"volume": "none"},
        {"symbol": "BINANCE:ETHUSDT"},
        {"rows_fit": 0},
        {"rows_fit": 6, "studies": "twelve"},
        {"inputs": "many", "studies": "twelve", "study_symbol": "BINANCE:ETHUSDT"},
        {"palette": "own"},
        {"second": "same"},
        {"second": "hidden"},
        {"decimals": 1},
        {"markup": "qa-id", "names": "title", "hash": "q1", "studies": "twelve"},
    ],
)
def test_traps_that_a_reading_survives(charts, page, switches):
    page.set(**switches)
    flipped(charts, page)
    for timeframe in ("5min", "15min"):
        reading = look(charts, timeframe)
        assert isinstance(reading, ChartReading)
        assert all(line.number for line in reading.lines.values())
        assert len(reading.lines) == (12 if switches.get("studies") else 28)


def test_an_empty_layer_covers_nothing_and_a_quiet_market_is_read(charts, page):
    until(lambda: charts.read("5min")["still_ms"] is not None)
    page.set("5min", wall="layer", freeze="all")
    until(lambda: (charts.read("5min")["still_ms"] or 0) > 3_500, 15)
    assert isinstance(look(charts), ChartReading)
    page.set("5min", wall="corner")
    until(lambda: look(charts) == ReadingRefusal("modal", "it says 'Your plan allows no more connections'"))


def test_twelve_studies_have_their_lines_by_length(charts, page):
    one = look(charts)
    page.set(studies="twelve")
    until(lambda: len(look(charts).lines) == 12)
    twelve = look(charts)
    assert list(twelve.lines) == [
        f"MMA{length}" for length in (5, 10, 15, 20, 25, 30, 35, 40, 50, 60, 75, 100)
    ]
    for name, line in twelve.lines.items():
        assert line.number.value == pytest.approx(one.lines[name].number.value, rel=0.01)
    page.set(removed=[20, 75])
    until(lambda: len(look(charts).lines) == 10)


@pytest.mark.parametrize(
    ("switches", "missing"),
    [
        ({"missing": [5, 90]}, {"MMA5", "MMA90"}),
        ({"missing": [10], "missing_text": "n/a"}, {"MMA10"}),
        ({"switched_off": [15]}, {"MMA15"}),
    ],
)
def test_plots_without_value(charts, page, switches, missing):
    page.set(**switches)
    until(lambda: {name for name, line in look(charts).lines.items() if not line.number} == missing)


@pytest.mark.parametrize("volume", ["shown", "hidden", "study", "none"])
def test_the_volume_wherever_it_is(charts, page, volume):
    page.set(volume=volume, rows_fit=0)
    flipped(charts, page)
    bar = look(charts).bar
    if volume == "none":
        assert bar.volume is None
        return
    true = page.market.candle_at(page.now(), 5).volume
    assert bar.volume == pytest.approx(true, rel=0.2)
    until(lambda: look(charts).bar.volume != bar.volume)
    noted = []
    until(lambda: noted.extend(charts.read("5min")["seen"]) or len(noted) > 5)
    volumes = {read_bar(each["charts"][0]["series"], each["charts"][0]["volume"])[1].volume for each in noted}
    assert len(volumes) > 1  # what the page notes between readings has it too


def test_single_emas_have_the_directions_of_their_values_whatever_they_are_painted(charts, page):
    page.set(studies="twelve", rows_fit=6)
    flipped(charts, page)
    reading = look(charts)
    colours, _ = DirectionWatch(300).colours(reading, list(reading.lines), 0.0, True)
    assert len(colours) == 12
    for name, line in reading.lines.items():
        expected = "green" if reading.price.value > line.number.value else "red"
        assert line.by_value
        assert line.colour == ""
        assert colours[name] == ("yellow" if name in ("MMA40", "MMA100") else expected)


def test_plots_of_one_hue_are_no_directions_where_they_go_against_their_lines(charts, page):
    page.set(palette="fixed", venue_pct=-4.0)  # all lines lie under the price, whatever it did
    flipped(charts, page)
    reading = look(charts)
    assert {line.colour for line in reading.lines.values()} == {"#ff5252"}
    under = [name for name, line in reading.lines.items() if line.number.value < 0.999 * reading.price.value]
    assert len(under) > 14
    colours, words = DirectionWatch(300).colours(reading, list(reading.lines), 0.0, True)
    assert set(colours.values()) == {""}
    assert all(name in words[0] for name in under)


@pytest.mark.parametrize("dialog", ["alert", "confirm"])
def test_an_alert_costs_no_browser(charts, page, dialog):
    before = charts._process.pid, charts._browser.pid
    charts.read("5min")
    page.set("5min", dialog=dialog)
    until(lambda: dialog_open(charts))
    assert isinstance(look(charts), ChartReading)  # closed in passing, and not one reading lost
    page.set("5min", dialog="nagging")
    time.sleep(1.0)
    for _ in range(3):  # nothing can be read while it nags; that is the page's fault, not the browser's
        assert read_or_none(charts) is None or charts.alive
    page.reset()
    until(lambda: read_or_none(charts) is not None, 20)
    assert (charts._process.pid, charts._browser.pid) == before


def dialog_open(charts: Browser) -> bool:
    try:
        return bool(charts._running().switch_to.alert)
    except NoAlertPresentException:
        return False


def read_or_none(charts: Browser) -> dict | None:
    try:
        return charts.read("5min")
    except PageError:
        return None


def test_a_page_that_goes_elsewhere_is_told_and_comes_back_when_loaded_again(charts, page):
    page.set("5min", elsewhere=True)
    until(lambda: look(charts) == ReadingRefusal("blank"))
    page.reset()
    charts.reload("5min")
    until(lambda: isinstance(look(charts), ChartReading), 20)


def test_a_ribbon_that_was_added_twice_with_other_values_has_none(charts, page):
    page.set("5min", second="other")
    flipped(charts, page)
    refused = look(charts)
    assert isinstance(refused, ReadingRefusal) and refused.reason == "no_lines"
    assert "MMA5 is shown by 2 studies with different values" in refused.detail


def test_the_market_named_by_a_study(charts, page):
    page.set(study_symbol="COINBASE:ETHUSD")
    until(lambda: look(charts).other_symbols == {"COINBASE:ETHUSD"})


def test_the_pointer_over_an_old_candle(charts, page):
    charts.read("5min")
    driver = charts._running()
    canvas = driver.find_element(By.CSS_SELECTOR, '[data-name="pane-top-canvas"]')
    shown = "return document.querySelector('[data-test-id-value-title=O] [class*=valueValue-]').textContent"
    opened = driver.execute_script(shown)
    ActionChains(driver).move_to_element(canvas).perform()
    until(lambda: driver.execute_script(shown) != opened)  # the trap: an old candle stands there
    reading = look(charts)
    assert f"{reading.bar.open:,.2f}" == opened
    # A pointer that keeps moving brings the old candle back at once.
    driver.execute_script(
        "window.moving = setInterval(() => arguments[0].dispatchEvent(new MouseEvent('mousemove', {bubbles: true})), 4)",
        canvas,
    )
    assert look(charts) == ReadingRefusal("hovered")
    driver.execute_script("clearInterval(window.moving)")
    ActionChains(driver).move_by_offset(0, 400).perform()
    driver.execute_cdp_cmd("Input.dispatchMouseEvent", {"type": "mouseMoved", "x": 5, "y": 890})
    until(lambda: isinstance(look(charts), ChartReading))


def test_a_page_that_breaks_the_script_is_no_fault_of_the_browser(charts, page):
    page.set("5min", throws=True)
    until(lambda: broken(charts))
    with pytest.raises(PageError) as caught:
        charts.read("5min")
    assert "\n" not in str(caught.value)
    page.reset()
    until(lambda: not broken(charts))


def broken(charts: Browser) -> bool:
    try:
        charts.read("5min")
    except PageError:
        return True
    return False


def test_a_chart_in_a_frame_of_the_same_site(charts, page, chromium, tmp_path):
    with Browser(
        settings_for(page, chromium, tmp_path, url=page.framed_url, timeframes=("5min",))
    ) as browser:
        found = read_once(SETTINGS.model_copy(update={"timeframes": ("5min",)}), browser)
    assert found["5min"]["refusal"] is None
    assert len(found["5min"]["lines"]) == 28


def test_what_the_page_notes_between_readings(charts, page):
    charts.read("5min")
    time.sleep(3.0)
    brought = charts.read("5min")
    times = [noted["at"] for noted in brought["seen"]]
    assert 3 <= len(times) <= 18
    assert times == sorted(times)
    assert brought["now"] - times[-1] < 1_000
    # Chromium may note less often on a busy machine, and the price may stay for a while: that it moves is to be seen, not how much.
    assert len({noted["charts"][0]["series"]["values"][3]["text"] for noted in brought["seen"]}) > 1


def test_every_switch_of_the_page_is_tried():
    text = Path(__file__).read_text(encoding="utf-8")
    elsewhere = {
        "averaged",
        "freeze",
        "study_lag_ms",
        "venue_pct",
        "hang",
        "offline",
    }  # test_live.py and below
    assert [
        name
        for name in SWITCHES
        if f'"{name}"' not in text and f"{name}=" not in text and name not in elsewhere
    ] == []


# Faults: each is told within seconds, and leaves no process behind.


@pytest.fixture
def own(page: ChartPage, chromium, tmp_path):
    """A browser of the test's own, started."""
    with Browser(settings_for(page, chromium, tmp_path, timeframes=("5min",))) as browser:
        browser.start()
        until(lambda: isinstance(look(browser), ChartReading), 20)
        yield browser


def drivers_of(browser: Browser) -> psutil.Process:
    return psutil.Process(browser._process.pid)


def zombies() -> list[str]:
    """Children of this process whose end nobody took note of."""
    found = []
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess):
            found += [f"{child.name()} {child.pid}"] if child.status() == psutil.STATUS_ZOMBIE else []
    return found


@pytest.mark.serial
@pytest.mark.parametrize("fault", ["browser", "driver", "tab", "hang", "stopped"])
def test_a_fault_is_told_and_the_browser_replaced(own, page, tmp_path, fault):
    assert len(living(tmp_path)) > 2
    before = zombies()
    if fault == "browser":
        own._browser.kill()
        until(lambda: not own.alive, 2)
    elif fault == "driver":
        drivers_of(own).kill()
        until(lambda: not own.alive, 2)
    elif fault == "tab":
        with pytest.raises(Exception):  # noqa: B017 - the command that crashes the tab fails itself
            own._running().execute_cdp_cmd("Page.crash", {})
    elif fault == "hang":
        page.set(hang=True)
        time.sleep(1.0)
    else:
        own._browser.suspend()
    with at_most(8), pytest.raises(BrowserError) as caught:
        own.read("5min")
    assert len(str(caught.value)) < 400
    page.reset()
    with at_most(10):
        own.close()
    until(lambda: not living(tmp_path), 3)
    with at_most(20):
        own.start()  # takes note of what ended later than the closing waited
        assert zombies() == before
        until(lambda: isinstance(look(own), ChartReading), 15)


@pytest.mark.serial
def test_closing_leaves_no_process(own, tmp_path):
    driver = drivers_of(own)
    own.close(kindly=True)
    until(lambda: not living(tmp_path), 3)
    assert not driver.is_running() or driver.status() == psutil.STATUS_ZOMBIE
    own.close()


HOLDER = """
import sys, time
from pathlib import Path
from runner.collect.browser import Browser
from runner.collect.settings import CollectSettings
settings = CollectSettings(url=sys.argv[1], browser=sys.argv[2], profile=sys.argv[3], headless=True)
with Browser(settings) as browser:
    browser.start()
    print("up", browser._scratch, flush=True)
    time.sleep(600)
"""


@pytest.mark.serial
@pytest.mark.slow
def test_what_a_killed_collector_left_is_ended_by_the_next(page, chromium, tmp_path):
    profile = str(tmp_path / "profile")
    command = [sys.executable, "-c", HOLDER, page.url, chromium, profile]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        word, scratch = holder.stdout.readline().decode().split()
        assert word == "up"
        assert list(
            Path(scratch).glob("*hromium*")
        )  # what a browser leaves among the temporary files when it is killed
        settings = settings_for(page, chromium, tmp_path)
        with pytest.raises(LockedError), Browser(settings):  # one profile, one collector
            pass
        left = {process.pid for process in living(tmp_path)}
        holder.send_signal(signal.SIGKILL)
    assert clear_abandoned(Path(scratch).parent).count(Path(scratch)) == 1
    with Browser(settings) as browser:
        browser.start()
        assert left.isdisjoint(process.pid for process in living(tmp_path))
        until(lambda: isinstance(look(browser), ChartReading), 20)
        scratch = browser._scratch
        assert list(scratch.glob("*hromium*"))
    assert not scratch.exists()


@pytest.mark.slow
def test_a_login_is_kept_and_no_secret_handed_on(page, chromium, tmp_path, monkeypatch):
    for name in ("ANTHROPIC_API_KEY", "RIBBON_NOTIFY__URLS", "DATABASE_URL"):
        monkeypatch.setenv(name, "canary-4711")
    settings = settings_for(page, chromium, tmp_path, timeframes=("5min",))
    with Browser(settings) as browser:
        browser.start()
        until(lambda: isinstance(look(browser), ChartReading), 20)
        browser._running().add_cookie(
            {"name": "sessionid", "value": "kept", "expiry": int(time.time()) + 86_400}
        )
        assert "canary-4711" not in str(drivers_of(browser).environ())
        browser.close(kindly=True)
        browser.start()
        until(lambda: isinstance(look(browser), ChartReading), 20)
        assert browser._running().get_cookie("sessionid")["value"] == "kept"
    assert oct((tmp_path / "profile").stat().st_mode & 0o777) == oct(0o700)


@pytest.mark.slow
@pytest.mark.parametrize("program", ["#!/bin/sh\nexit 3\n", "#!/bin/sh\nsleep 60\n"])
def test_a_driver_that_does_not_come_up(page, chromium, tmp_path, program):
    script = tmp_path / "chromedriver"
    script.write_text(program)
    script.chmod(0o755)
    settings = settings_for(page, chromium, tmp_path, driver=script, start_timeout_s=2.0)
    with Browser(settings) as browser:
        with at_most(8), pytest.raises(BrowserError, match="is it a chromedriver"):
            browser.start()
        assert not browser.alive
    assert os.getpid() not in {process.pid for process in living(tmp_path)}
    assert living(tmp_path) == []


@pytest.mark.slow
def test_a_profile_that_another_browser_uses(page, chromium, tmp_path):
    profile = tmp_path / "profile"
    arguments = [
        "--headless=new",
        "--disable-gpu",
        "--disable-background-networking",
        f"--user-data-dir={profile}",
    ]
    arguments += ["--no-sandbox"] if os.geteuid() == 0 else []
    with subprocess.Popen(
        [chromium, *arguments, "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as other:
        until(lambda: (profile / "SingletonLock").is_symlink(), 20)
        with Browser(settings_for(page, chromium, tmp_path)) as browser:
            with pytest.raises(BrowserError, match=r"Close any browser that uses the same profile"):
                browser.start()
            assert other.poll() is None  # it is not ours to end
        other.terminate()
