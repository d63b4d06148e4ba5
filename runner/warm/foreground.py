"""A command run in a fork of the kept server, as if it ran here: the same streams, folder, environment, signals and exit code."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence

from runner.errors import WarmError
from runner.terminal.gate import say
from runner.warm.address import SOCKET_VARIABLE
from runner.warm.client import LOST, ForkedProcess, find_server

_PASSED_ON = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
#: What a shell shows for a process that SIGKILL ended.
_KILLED = 137
#: What a command ends with where somebody stopped it (docs/reference/exit-codes.md).
_INTERRUPTED = 130


def run_forked(module: str, argv: Sequence[str]) -> int | None:
    """The exit code of `python -m module argv…`, forked; None, with nothing done, where no server waits or this is such a fork already."""
    if SOCKET_VARIABLE in os.environ:
        return None
    found = find_server()
    if found.socket is None:
        return None
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    early: list[int] = []
    heard: list[Callable[[int], None]] = [early.append]
    before = {
        number: signal.signal(number, lambda number, frame: heard[-1](number))
        for number in _PASSED_ON
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        process = ForkedProcess(found.socket, module, argv, env=os.environ)
    except WarmError as error:
        say(f"ribbon: not run in the warm process: {error}")
        for number, handler in before.items():
            signal.signal(number, handler)
        for number in early:
            signal.raise_signal(number)
        return None
    passed: set[int] = set()

    def pass_on(number: int) -> None:
        passed.add(number)
        process.send_signal(number)

    heard.append(pass_on)
    for number in early:
        pass_on(number)
    return _as_shown(process.wait(), passed)


def _as_shown(code: int, passed: set[int]) -> int:
    """The exit code that a shell would show; told where it was ended from outside. `passed`: signals that it was sent from here."""
    if code == LOST:
        say("ribbon: the warm process was ended from outside")
        return _KILLED
    if -code in passed:  # it came before the command was there to hear it
        say("ribbon: interrupted")
        return _INTERRUPTED
    return code if code >= 0 else 128 - code
