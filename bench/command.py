"""The `ribbon cycle` command as cron calls it, with a warm server of the benchmark's own or without one, never with a person's."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runner.cycle.manifest import Manifest
from runner.processes.scratch import private_folder, remove_folder
from runner.warm.address import FOLDER_VARIABLE, SWITCH, why_not

BIN = Path(sys.executable).parent
START_S = 120.0


def cycle_command(data: Path, outputs: Path, as_of: str) -> list[str]:
    """One cycle over the 24 hours before `as_of`."""
    places = ["--trading-data", str(data), "--outputs", str(outputs)]
    return [str(BIN / "ribbon"), "cycle", *places, "--as-of", as_of]


def plain_environment() -> dict[str, str]:
    """An environment in which nothing is warm."""
    return _without_settings() | {SWITCH: "0"}


@contextmanager
def own_environment() -> Iterator[dict[str, str]]:
    """An environment in which a cycle starts a server of its own, as it does where none is kept."""
    folder = private_folder("rib-bench")
    try:
        yield _without_settings() | {FOLDER_VARIABLE: str(folder)}
    finally:
        remove_folder(folder)


@contextmanager
def kept_server() -> Iterator[tuple[dict[str, str], subprocess.Popen[str]]]:
    """`ribbon kernel serve` in a private place: the environment in which a cycle finds it, and its process.

    It may still be loading; the first cycle waits for it. Raises RuntimeError when it cannot be started, or did not live to the end.
    """
    with own_environment() as environment:
        command = [str(BIN / "ribbon"), "kernel", "serve"]
        process = subprocess.Popen(command, env=environment, text=True, stderr=subprocess.PIPE)
        try:
            _wait_for(process, Path(environment[FOLDER_VARIABLE]))
            yield environment, process
            if process.poll() is not None:
                raise RuntimeError(f"the kept server ended with {process.returncode}")
        finally:
            process.terminate()
            process.communicate()


def check_ended(manifest: Manifest) -> None:
    """Raise RuntimeError unless a cycle went well, and was forked where that is possible."""
    plain = [] if why_not() else [warning for warning in manifest.warnings if "plain" in warning]
    if manifest.status != "ok" or plain:
        raise RuntimeError(f"cycle {manifest.cycle} ended {manifest.status}: {manifest.warnings}")


def _without_settings() -> dict[str, str]:
    """This process's environment without what a person has set for ribbon."""
    return {name: value for name, value in os.environ.items() if not name.startswith("RIBBON_")}


def _wait_for(process: subprocess.Popen[str], folder: Path) -> None:
    end = time.monotonic() + START_S
    while not list(folder.glob("*.sock")):
        if process.poll() is not None or time.monotonic() > end:
            process.kill()
            raise RuntimeError(
                f"the kept server did not start:\n{process.stderr.read() if process.stderr else ''}"
            )
        time.sleep(0.05)
