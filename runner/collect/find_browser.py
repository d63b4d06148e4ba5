"""Where Chrome or Chromium is, and a chromedriver that fits it.

A configured path comes first, then RIBBON_CHROME, then the names that systems give it, then the usual places. What is not there is
asked of Selenium Manager, which is part of selenium and downloads a browser or a driver where it can.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NamedTuple

from runner.errors import BrowserError

_BROWSER_VARIABLE = "RIBBON_CHROME"
NAMES = ("google-chrome", "google-chrome-stable", "chromium", "chromium-browser", "chrome")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "~/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/opt/google/chrome/chrome",
    "/usr/lib/chromium/chromium",
    "/snap/bin/chromium",
)
#: Longest wait for one request of Selenium Manager, in seconds.
_PATIENCE_S = 60
_REMEDY = (
    "Install Chrome or Chromium with its chromedriver (Debian: apt-get install chromium chromium-driver; macOS: "
    f"Google Chrome), or name them with --browser (or {_BROWSER_VARIABLE}) and --driver"
)


class Programs(NamedTuple):
    """The two programs that are started."""

    browser: Path
    driver: Path


def find_programs(browser: Path | None = None, driver: Path | None = None) -> Programs:
    """Browser and chromedriver, the given ones where they are given; raises BrowserError with the remedy."""
    found_browser = browser_here(browser)
    found_driver = _named(driver) if driver else _first(("chromedriver",))
    if found_browser and found_driver:
        return Programs(found_browser, found_driver)
    fetched = _managed(found_browser)
    return Programs(found_browser or fetched.browser, found_driver or fetched.driver)


def browser_here(browser: Path | None = None) -> Path | None:
    """The browser given, else the one that RIBBON_CHROME names, else one that is installed; raises BrowserError for one that is none."""
    chosen = browser or os.environ.get(_BROWSER_VARIABLE) or None
    return _named(Path(chosen)) if chosen else _first((*NAMES, *PLACES))


def _named(path: Path) -> Path:
    found = shutil.which(path.expanduser())
    if found is None:
        raise BrowserError(f"{path} is no program that can be started. {_REMEDY}")
    return Path(found)


def _first(candidates: tuple[str, ...]) -> Path | None:
    found = (shutil.which(Path(candidate).expanduser()) for candidate in candidates)
    return next((Path(path) for path in found if path), None)


def _managed(browser: Path | None) -> Programs:
    """What Selenium Manager finds or downloads."""
    from selenium.common.exceptions import WebDriverException
    from selenium.webdriver.common.selenium_manager import SeleniumManager

    arguments = ["--browser", "chrome", "--timeout", str(_PATIENCE_S)]
    arguments += ["--browser-path", str(browser)] if browser else []
    try:
        paths = SeleniumManager().binary_paths(arguments)
        fetched = Programs(Path(paths["browser_path"]), Path(paths["driver_path"]))
    except (WebDriverException, OSError, ValueError, KeyError) as error:
        raise BrowserError(f"{_missing(browser)}, and none could be fetched. {_REMEDY}") from error
    if not all(shutil.which(path) for path in fetched):
        raise BrowserError(f"{_missing(browser)}, and what was fetched cannot be started. {_REMEDY}")
    return fetched


def _missing(browser: Path | None) -> str:
    return "no chromedriver was found" if browser else "no Chrome or Chromium was found"
