"""How Chrome is started and spoken to, and what its failing looks like: everything here knows selenium, nothing here keeps anything."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from runner.collect.settings import CollectSettings
from runner.errors import BrowserError, PageError

if TYPE_CHECKING:
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.remote.remote_connection import RemoteConnection

_NOT_CREATED = (
    "Close any browser that uses the same profile (or name another folder with --profile), and take a chromedriver "
    "of the browser's version (--driver)"
)


def connection(port: int, timeout_s: float) -> RemoteConnection:
    """A connection to the chromedriver at `port` whose every command ends within `timeout_s` seconds."""
    from selenium.webdriver.chromium.remote_connection import ChromiumRemoteConnection
    from selenium.webdriver.remote.client_config import ClientConfig

    address = f"http://127.0.0.1:{port}"
    # No retries: each would wait as long again.
    pool = {"init_args_for_pool_manager": {"retries": False}}
    config = ClientConfig(address, timeout=timeout_s, keep_alive=True, init_args_for_pool_manager=pool)  # type: ignore[arg-type]
    return ChromiumRemoteConnection(
        address, vendor_prefix="goog", browser_name="chrome", ignore_proxy=True, client_config=config
    )


def chrome_options(settings: CollectSettings, browser: Path) -> Options:
    """How the browser is started: kept profile, English, nothing slowed down behind other windows."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = str(browser)
    options.page_load_strategy = "none"  # a page that never finishes loading is still read
    options.unhandled_prompt_behavior = "dismiss"  # an alert() holds the page up until somebody closes it
    width, height = settings.window
    arguments = [
        f"--user-data-dir={settings.profile_folder}",
        f"--window-size={width},{height}",
        "--lang=en-US",
        "--no-first-run",
        "--no-default-browser-check",
        "--hide-crash-restore-bubble",
        "--disable-background-networking",
        "--disable-background-timer-throttling",
        "--disable-backgrounding-occluded-windows",
        "--disable-renderer-backgrounding",
    ]
    if settings.headless:
        arguments += ["--headless=new", "--disable-gpu"]
    if sys.platform == "linux":
        arguments.append("--disable-dev-shm-usage")
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")  # Chrome refuses to start as root with it
    for argument in arguments:
        options.add_argument(argument)
    options.add_experimental_option("prefs", {"intl.accept_languages": "en-US,en"})
    return options


def refuse_without_display(settings: CollectSettings) -> None:
    """Raises BrowserError where a window is wanted and there is no screen to show it on."""
    shown = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
    if sys.platform == "linux" and not settings.headless and not shown:
        raise BrowserError(
            "there is no screen to show a window on. Use --headless; where a login is needed, log in once on a "
            "machine with a screen and copy the profile's folder"
        )


@contextmanager
def browser_faults(what: str) -> Iterator[None]:
    """Everything that selenium, urllib3 and the socket below them raise, as one BrowserError of one line."""
    from selenium.common.exceptions import (
        JavascriptException,
        SessionNotCreatedException,
        UnexpectedAlertPresentException,
        WebDriverException,
    )

    # The very urllib3 that selenium uses: it lets its exceptions through.
    from selenium.webdriver.remote.remote_connection import urllib3

    try:
        yield
    except (JavascriptException, UnexpectedAlertPresentException) as error:
        raise PageError(f"{what}: {_first_line(error)}") from None
    except SessionNotCreatedException as error:
        raise BrowserError(f"{what}: {_first_line(error)}. {_NOT_CREATED}") from None
    except (WebDriverException, urllib3.exceptions.HTTPError, OSError, psutil.Error) as error:
        raise BrowserError(f"{what}: {type(error).__name__}: {_first_line(error)}") from None


def _first_line(error: Exception) -> str:
    lines = str(getattr(error, "msg", None) or error).strip().splitlines()
    return lines[0].partition("; For documentation")[0][:200] if lines else ""
