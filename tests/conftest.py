"""What all tests share: no display, one thread a library, no setting of the person's own, and the data they may read."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from lib.paths import repository_root
from runner.warm.address import SOCKET_VARIABLE, SWITCH
from runner.warm.client import Warm, warm_server
from tests.make_sample import ensure_sample

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
os.environ["MPLBACKEND"] = "Agg"

# Jobs in a shell's background start with SIGINT ignored, under nohup with SIGHUP; what they start would inherit it, and tests send both.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

# No deadline: another test may hold the second core. Derandomized, so that a red run can be repeated.
settings.register_profile(
    "house", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("house")

#: Settings of the tests themselves; any other RIBBON_ variable is a person's own.
OF_TESTS = (
    "RIBBON_NO_BROWSER",
    "RIBBON_CHROME",
    "RIBBON_FAULT_RUNS",
    "RIBBON_SHARED_DATA",
    "RIBBON_SHARED_CASES",
)
MAC_BROWSERS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", *MAC_BROWSERS)


@pytest.fixture(autouse=True)
def no_personal_settings(monkeypatch):
    """A test sees the defaults, whatever the shell it is started from has set."""
    for name in list(os.environ):
        if (name.startswith("RIBBON_") and name not in OF_TESTS) or name == "ANTHROPIC_API_KEY":
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real candles and recordings: RIBBON_SHARED_DATA, else shared/data beside the repository."""
    folder = Path(os.environ.get("RIBBON_SHARED_DATA") or repository_root().parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no real market data in {folder}; RIBBON_SHARED_DATA names another folder")
    return folder


@pytest.fixture(scope="session")
def shared_cases() -> Path:
    """The folder of files as people have them: RIBBON_SHARED_CASES, else shared/cases beside the repository."""
    folder = Path(os.environ.get("RIBBON_SHARED_CASES") or repository_root().parent / "shared" / "cases")
    if not folder.is_dir():
        pytest.skip(f"no files of other people in {folder}; RIBBON_SHARED_CASES names another folder")
    return folder


@pytest.fixture(scope="session")
def sample_data() -> Path:
    """The fixed synthetic market that the notebooks are tested on. Read it, or copy it; never write into it."""
    return ensure_sample(repository_root() / ".make" / "sample")


@pytest.fixture(scope="session")
def server_of_run() -> Iterator[Warm]:
    """A warm server for the whole run, or why there is none. Never the one that a person keeps."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("runner.warm.client.server_socket", lambda: Path("/nonexistent/kept.sock"))
        patch.delenv(SWITCH, raising=False)
        patch.delenv(SOCKET_VARIABLE, raising=False)
        with warm_server() as found:
            yield found


@pytest.fixture(scope="session")
def warm_socket(server_of_run) -> Path:
    """The socket to ask the run's warm server for forks at."""
    if server_of_run.socket is None:
        pytest.skip(server_of_run.reason)
    return server_of_run.socket


@pytest.fixture
def forked(warm_socket, monkeypatch) -> None:
    """Cycles and kernels of the test are forked from the run's warm server."""
    monkeypatch.setenv(SOCKET_VARIABLE, str(warm_socket))


@pytest.fixture
def forked_if_possible(server_of_run, monkeypatch) -> None:
    """The same, where there can be a server; elsewhere they are started."""
    if server_of_run.socket:
        monkeypatch.setenv(SOCKET_VARIABLE, str(server_of_run.socket))


@pytest.fixture(scope="module")
def module_forked_if_possible(server_of_run) -> Iterator[None]:
    """The same for cycles that a module's own fixtures run."""
    with pytest.MonkeyPatch.context() as patch:
        if server_of_run.socket:
            patch.setenv(SOCKET_VARIABLE, str(server_of_run.socket))
        yield


@pytest.fixture(scope="session")
def fault_runs() -> int:
    """How often a counted fault test repeats its fault; `make campaign` raises it."""
    return int(os.environ.get("RIBBON_FAULT_RUNS", "50"))


@pytest.fixture(scope="session")
def chromium() -> str:
    """A Chromium or Chrome that starts. Missing is a failure, unless RIBBON_NO_BROWSER=1 asks to do without."""
    if os.environ.get("RIBBON_NO_BROWSER") == "1":
        pytest.skip("RIBBON_NO_BROWSER=1")
    for name in (os.environ.get("RIBBON_CHROME", ""), *BROWSERS):
        path = shutil.which(name) if name else None
        if path and subprocess.run([path, "--version"], capture_output=True, timeout=60).returncode == 0:
            return path
    pytest.fail(
        "no Chromium or Chrome found: `make browser` installs or explains it; RIBBON_NO_BROWSER=1 does without"
    )


@pytest.fixture
def browser(chromium, tmp_path) -> Iterator:
    """A headless selenium driver with a profile of its own; its console and network logs are on.

    `browser.get_log("browser")` has the script errors, `browser.get_log("performance")` what the page asked for.
    """
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in ("--headless=new", "--disable-dev-shm-usage", "--window-size=1400,1000"):
        options.add_argument(argument)
    options.add_argument(f"--user-data-dir={tmp_path / 'browser-profile'}")
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    # None lets selenium look for a driver that fits the browser.
    service = webdriver.ChromeService(executable_path=shutil.which("chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    try:
        # The page of a new tab asks for a lot; what is logged from here on is the test's own.
        driver.get("about:blank")
        for log in ("browser", "performance"):
            driver.get_log(log)
        yield driver
    finally:
        driver.quit()
