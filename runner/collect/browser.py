"""One browser with a window for each chart: started, read, given up, without leaving a process behind.

selenium's own waits are too long here (a frozen page blocks a call for 120 s), so chromedriver is started by hand, the connection has
short time-outs, and whatever goes wrong (selenium's exceptions, urllib3's, a dead socket) becomes one BrowserError; the caller
then closes this browser, which ends its whole process tree, and starts another. Processes are marked in their environment with the
profile's folder: with the profile's lock held, whatever else carries the mark was left by a collector that was killed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from runner.collect.chrome import browser_faults, chrome_options, connection, refuse_without_display
from runner.collect.find_browser import Programs, find_programs
from runner.collect.settings import CollectSettings
from runner.errors import BrowserError, PageError
from runner.files.lock import WriterLock
from runner.processes.environment import RUN_VARIABLE, environment_of
from runner.processes.scratch import private_folder, remove_folder
from runner.processes.tree import adopt_orphans, descendants, end_tree, marked, reap

if TYPE_CHECKING:
    from selenium.webdriver.remote.webdriver import WebDriver

#: How long a browser may take to close itself, so that it keeps its cookies, before it is ended.
_GOODBYE_S = 3.0


class Browser:
    """The charts of `settings` in one browser; use it as a context, so that the profile's lock is held and given back.

    `start` may be called again after `close`. `read` and `reload` raise BrowserError when the browser does not answer in time.
    """

    def __init__(self, settings: CollectSettings) -> None:
        self._settings = settings
        self._lock = WriterLock(settings.profile_folder)
        self._mark = f"collect {settings.profile_folder}"
        self._script = files("runner.collect").joinpath("chart_script.js").read_text(encoding="utf-8")
        self._programs: Programs | None = None
        self._scratch: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._driver: WebDriver | None = None
        self._browser: psutil.Process | None = None
        self._members: set[int] = set()  #: all it started, until their ends are taken note of
        self._port = 0
        self._windows: dict[str, str] = {}

    def __enter__(self) -> Browser:
        self._settings.profile_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock.acquire()
        self._scratch = private_folder("rib-chrome")
        adopt_orphans()
        return self

    def __exit__(self, *_: object) -> None:
        self.close(kindly=True)
        if self._scratch is not None:
            remove_folder(self._scratch)
        self._lock.release()

    def start(self) -> None:
        """Start browser and driver and open the charts; raises BrowserError, and then nothing is left of the attempt."""
        self.close()
        if self._programs is None:  # looked for once: Selenium Manager can take a minute
            self._programs = find_programs(self._settings.browser, self._settings.driver)
        refuse_without_display(self._settings)
        for orphan in marked(self._mark):
            end_tree(orphan.pid, self._mark)
        try:
            with browser_faults("the browser did not start"):
                self._launch(self._programs)
                self._open_windows()
            self._members |= {member.pid for member in marked(self._mark)}
        except BaseException:
            self.close()
            raise

    def read(self, timeframe: str) -> dict[str, Any]:
        """What the script brings from the chart of `timeframe`."""
        with browser_faults(f"the {timeframe} chart did not answer"):
            driver = self._shown(timeframe)
            brought = driver.execute_script(self._script)
            if not isinstance(brought, dict):  # an alert() that came amid the script ended it
                raise PageError(f"the {timeframe} chart's answer was cut off")
            return brought

    def reload(self, timeframe: str) -> None:
        """Load a chart's address anew."""
        with browser_faults(f"the {timeframe} chart could not be loaded again"):
            self._shown(timeframe).get(self._settings.chart_url(timeframe))

    @property
    def alive(self) -> bool:
        """Whether browser and driver are running; says nothing about whether they answer."""
        running = self._process is not None and self._process.poll() is None
        return running and (self._browser is None or _runs(self._browser))

    def close(self, kindly: bool = False) -> None:
        """End the browser and everything it started; `kindly`: let it close itself first. Harmless when there is none."""
        process, driver, browser = self._process, self._driver, self._browser
        self._process = self._driver = self._browser = None
        self._windows = {}
        if process is None:
            self._members = reap(
                self._members
            )  # of a browser that took longer to end than its closing waited
            return
        self._members |= {member.pid for member in (*descendants(process.pid), *marked(self._mark))}
        self._members |= {member.pid for member in descendants(browser.pid)} if browser else set()
        if driver is not None:
            if kindly:
                with contextlib.suppress(BrowserError), browser_faults("goodbye"):
                    driver.command_executor = connection(self._port, _GOODBYE_S)
                    driver.quit()
            driver.command_executor.close()
        end_tree(process.pid, self._mark)
        with contextlib.suppress(
            subprocess.TimeoutExpired
        ):  # in uninterruptible sleep: it is gone once it wakes
            process.wait(timeout=10)
        self._members = reap(self._members | _children_in_session(process.pid))

    def _launch(self, programs: Programs) -> None:
        from selenium import webdriver
        from selenium.webdriver.common.utils import free_port, is_connectable

        self._port = free_port()
        self._process = subprocess.Popen(
            [str(programs.driver), f"--port={self._port}"],
            env=environment_of("browser") | {RUN_VARIABLE: self._mark, **self._temporary()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # Ctrl-C in a terminal goes to the collector alone, which then lets the browser close itself.
            start_new_session=True,
        )
        end = time.monotonic() + self._settings.start_timeout_s
        while not is_connectable(self._port):
            if self._process.poll() is not None or time.monotonic() > end:
                raise BrowserError(f"{programs.driver} does not answer: is it a chromedriver?")
            time.sleep(0.05)
        driver = webdriver.Remote(
            command_executor=connection(self._port, self._settings.start_timeout_s),
            options=chrome_options(self._settings, programs.browser),
        )
        self._driver = driver
        driver.command_executor.close()
        driver.command_executor = connection(self._port, self._settings.command_timeout_s)
        pid = driver.capabilities.get("goog:processID")
        self._browser = psutil.Process(pid) if pid else None
        # Shorter than the connection's time-out, so that it is the driver that tells which page hangs.
        driver.set_script_timeout(self._settings.command_timeout_s * 0.8)

    def _temporary(self) -> dict[str, str]:
        """A browser that is killed leaves folders among the temporary files: here they lie in one that ends with the collector."""
        if self._scratch is None:
            return {}
        for left in self._scratch.glob("*"):
            shutil.rmtree(left, ignore_errors=True)
        return {"TMPDIR": str(self._scratch)}

    def _open_windows(self) -> None:
        driver = self._running()
        for place, timeframe in enumerate(self._settings.timeframes):
            if place:
                driver.switch_to.new_window("window")
                driver.set_window_size(*self._settings.window)
            self._windows[timeframe] = driver.current_window_handle
            # Without it a window that is covered or minimised shows old values.
            driver.execute(
                "executeCdpCommand",
                {"cmd": "Emulation.setFocusEmulationEnabled", "params": {"enabled": True}},
            )
            driver.get(self._settings.chart_url(timeframe))

    def _running(self) -> WebDriver:
        if self._driver is None:
            raise BrowserError("there is no browser at the moment")
        return self._driver

    def _shown(self, timeframe: str) -> WebDriver:
        driver = self._running()
        driver.switch_to.window(self._windows[timeframe])
        return driver


def _runs(process: psutil.Process) -> bool:
    """Whether a process lives; one that ended but was not taken note of by its parent does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _children_in_session(session: int) -> set[int]:
    """Children of ours in the session of a driver that was ended: those of its browser, which say no more whose they are once they end."""
    found = set()
    for child in psutil.Process().children():
        with contextlib.suppress(OSError):
            if os.getsid(child.pid) == session:
                found.add(child.pid)
    return found
