"""Checks of the machine: Python, packages, browser, folders, disk, clock. Nothing is changed or downloaded."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from email.utils import parsedate_to_datetime
from importlib import metadata
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from runner.collect.find_browser import browser_here
from runner.doctor.findings import CheckResult, Installation
from runner.processes.wall import FIX, wall_fault

PYTHONS = ((3, 11), (3, 14))  #: first that fits, first that does not
#: Bytes that half a year, and three weeks, of collecting take.
_LOW_DISK, _NO_DISK = 2_000_000_000, 200_000_000
_WRITTEN = {".csv", ".json", ".jsonl", ".md", ".sqlite"}  #: kinds of files that the program goes on with
_SKEW_WARN_S, _SKEW_FAIL_S = 3.0, 30.0


def python(_: Installation) -> CheckResult:
    """The interpreter's version."""
    here = sys.version_info[:2]
    text = f"Python {sys.version.split()[0]}"
    if PYTHONS[0] <= here < PYTHONS[1]:
        return CheckResult("python", "ok", text)
    return CheckResult("python", "fail", text, "Use Python 3.11, 3.12 or 3.13: `make setup` looks for one")


def packages(_: Installation) -> CheckResult:
    """Whether all that the project asks for is installed."""
    try:
        wanted = metadata.requires("ribbon-lab") or []
    except metadata.PackageNotFoundError:
        return CheckResult("packages", "fail", "ribbon-lab itself is not installed", "Run `make setup`")
    names = [re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0] for line in wanted if "extra ==" not in line]
    missing = [name for name in names if not _installed(name)]
    if missing:
        return CheckResult("packages", "fail", f"missing: {', '.join(missing)}", "Run `make setup`")
    return CheckResult(
        "packages", "ok", f"{len(names)} requirements, anthropic {metadata.version('anthropic')}"
    )


def _installed(name: str) -> bool:
    try:
        return bool(metadata.version(name))
    except metadata.PackageNotFoundError:
        return False


def browser(patient: Installation) -> CheckResult:
    """A browser and a driver that both start and fit each other; of an exchange none is needed."""
    if patient.collect.source == "exchange":
        return CheckResult(
            "browser", "ok", f"not needed: `ribbon collect` asks {patient.collect.exchange}, and no page"
        )
    fix = "Install Chrome or Chromium with its chromedriver (`make browser` does or explains it); `ribbon collect` needs it"
    program = browser_here()
    if program is None:
        return CheckResult("browser", "fail", "no Chrome or Chromium found", fix)
    driver = shutil.which("chromedriver")
    version = _version(program)
    if version is None:
        return CheckResult("browser", "fail", f"{program} does not start", fix)
    if driver is None:
        return CheckResult(
            "browser",
            "warn",
            f"{program} {version}, but no chromedriver",
            "selenium may download one; else install it",
        )
    fitting = _version(driver)
    if fitting is None or fitting.split(".")[0] != version.split(".")[0]:
        return CheckResult(
            "browser", "warn", f"browser {version}, driver {fitting}", "Install versions that fit each other"
        )
    return CheckResult("browser", "ok", f"{program} {version} and its driver")


def _version(program: str | Path) -> str | None:
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r"\d+(?:\.\d+)+", done.stdout)
    return match[0] if done.returncode == 0 and match else None


def folders(patient: Installation) -> CheckResult:
    """Whether files can be written and made durable where they must be."""
    for folder in (patient.trading_data, patient.outputs):
        nearest = _nearest(folder)
        try:
            with tempfile.TemporaryFile(dir=nearest) as file:  # has no name that a kill could leave
                file.write(b"x")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            return CheckResult(
                "folders",
                "fail",
                f"{nearest}: {error.strerror}",
                "Give this user the right to write there, or choose another folder",
            )
    if barred := _barred(patient.trading_data):
        both = shlex.join([str(patient.trading_data), str(patient.outputs)])
        fix = f"Another user wrote there, as `sudo ribbon` does: `sudo chown -R $USER {both}` gives it back"
        told = f"{barred[0]}: this user may not write it" + (
            f", nor {len(barred) - 1} others" if barred[1:] else ""
        )
        return CheckResult("folders", "fail", told, fix)
    return CheckResult("folders", "ok", f"{patient.trading_data} and {patient.outputs} can be written")


def _barred(folder: Path) -> list[Path]:
    """Files of a data folder, and folders in it, that this user may read and not write."""
    kept = [each for each in sorted(folder.glob("*")) if each.suffix in _WRITTEN or each.is_dir()]
    locks = [folder / ".locks", *sorted((folder / ".locks").glob("*")), folder / ".up"]
    return [each for each in kept + locks if each.exists() and not os.access(each, os.W_OK)]


def disk(patient: Installation) -> CheckResult:
    """Free space below the data folder."""
    nearest = _nearest(patient.trading_data)
    free = shutil.disk_usage(nearest).free
    text, fix = f"{free / 1e9:,.1f} GB free", "Free some space; `ribbon collect` writes some 9 MB a day"
    if free < _NO_DISK:
        return CheckResult("disk", "fail", text, fix)
    return CheckResult("disk", "warn" if free < _LOW_DISK else "ok", text, fix if free < _LOW_DISK else "")


def clock(patient: Installation) -> CheckResult:
    """The wall clock against this program's age, the API's server, and the clock that only runs forward."""
    wall, steady = time.time(), time.monotonic()
    if fault := wall_fault(wall):
        return CheckResult("clock", "fail", fault, FIX)
    time.sleep(0.3)
    drift = abs((time.time() - wall) - (time.monotonic() - steady))
    if drift > 0.1:
        return CheckResult(
            "clock",
            "warn",
            f"the wall clock jumped by {drift:.1f} s just now",
            "Let one service set the clock (chrony, say)",
        )
    zone = time.strftime("%Z")
    if not patient.ask_network:
        return CheckResult(
            "clock",
            "ok",
            f"UTC {time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime())} (here {zone}); not compared",
        )
    skew = _skew(patient.claude.base_url)
    if skew is None:
        return CheckResult(
            "clock",
            "warn",
            f"could not be compared: {patient.claude.address} cannot be reached",
            "Check the network; Claude needs it too",
        )
    text, fix = (
        f"{skew:+.0f} s against the API's server (here {zone}, files are in UTC)",
        "Turn on time synchronisation (timedatectl set-ntp true)",
    )
    if abs(skew) > _SKEW_FAIL_S:
        return CheckResult("clock", "fail", text, fix)
    return CheckResult(
        "clock", "warn" if abs(skew) > _SKEW_WARN_S else "ok", text, fix if abs(skew) > _SKEW_WARN_S else ""
    )


def _skew(address: str) -> float | None:
    """Seconds that our wall clock is ahead of a server's Date; None if it gives none. No key is sent."""
    try:
        try:
            with urlopen(Request(address, method="HEAD"), timeout=8) as answer:
                date = answer.headers.get("date")
        except HTTPError as refusal:
            date = refusal.headers.get("date")
        # The header is cut to the second: its middle is the better guess.
        return time.time() - (parsedate_to_datetime(date).timestamp() + 0.5) if date else None
    except (OSError, ValueError, TypeError):
        return None


def _nearest(folder: Path) -> Path:
    """The folder, or the part of its path that exists: it will be made there."""
    return next(place for place in (folder, *folder.parents) if place.exists())
