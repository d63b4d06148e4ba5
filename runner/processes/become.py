"""Become a program with what it may know of the environment: `python -m runner.processes.become PROGRAM COMMAND…`.

For whoever starts programs that may know less than itself (`ribbon up`, make): what is not the program's is taken away
(runner.processes.environment) before the command takes this process's place. On Linux it is asked to end when who started it is gone.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys

from runner.processes.environment import environment_of
from runner.processes.interpreter import module_command

_PR_SET_PDEATHSIG = 1


def command_of(program: str, command: list[str]) -> list[str]:
    """What to run for `command` to run as `program`."""
    return module_command(__name__, program, *command)


def main() -> None:
    """Take everything else away, and become the command."""
    program, *command = sys.argv[1:]
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    os.execvpe(command[0], command, environment_of(program))


if __name__ == "__main__":
    main()
