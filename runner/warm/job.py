"""What a forked process does to become what `python -P -m module` would have been: environment, folder, streams, signals, seeds, modules.

What cannot be made good after the interpreter has started is not: PYTHONHASHSEED, -W and thread pools of libraries are those of the server.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import gc
import importlib
import os
import random
import runpy
import signal
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from typing import NoReturn

from runner.warm.address import OURS_VARIABLE, SOCKET_VARIABLE
from runner.warm.messages import Request
from runner.warm.preload import OURS

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
#: New objects after which the collector of cycles looks for some, and how often it looks at older ones. A job of ours lives for seconds:
#: with Python's own 700 it looks hundreds of times while a figure is drawn, and a figure is let go all at once.
_COLLECT_AFTER = (20_000, 20, 50)
_INLINE = "module://matplotlib_inline.backend_inline"


@dataclass(frozen=True)
class ForkedJob:
    """A process that has been forked and is about to become what was asked for; `socket` is where it may have others forked."""

    request: Request
    streams: list[int]
    socket: str
    parent: int
    base_path: list[str]  #: the server's sys.path without its PYTHONPATH
    ours: bool = False  #: keep our own modules as the server has them

    def become(self) -> None:
        """Take on everything of the request; what follows in this process is the requested module's."""
        os.setsid()
        die_with_parent(self.parent)
        reset_signals()
        for target, given in enumerate(self.streams):
            os.dup2(given, target, inheritable=True)
        for given in self.streams:
            os.close(given)
        self._environment()
        _streams()
        if self.ours:
            gc.set_threshold(*_COLLECT_AFTER)
        else:
            _forget_ours()
        sys.modules.pop(self.request.module, None)  # it is to run as `__main__`, whoever has imported it
        _reseed()

    def run(self) -> NoReturn:
        """Run the module as `__main__` and end as it does, but without taking all modules down: that takes a fifth of a second."""
        code = 0
        try:
            runpy.run_module(self.request.module, run_name="__main__", alter_sys=True)
        except SystemExit as ended:
            code = _exit_code(ended)
        except BaseException as error:
            sys.excepthook(type(error), error, error.__traceback__)
            code = 130 if isinstance(error, KeyboardInterrupt) else 1
        # The two steps of an interpreter's end that a program relies on, in their order; executors join their threads in the first.
        threading._shutdown()
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError, AttributeError):
                stream.flush()
        os._exit(code)

    def _environment(self) -> None:
        os.environ.clear()
        os.environ.update(self.request.env)
        os.environ[SOCKET_VARIABLE] = self.socket
        os.environ.pop(OURS_VARIABLE, None)
        if self.ours:
            os.environ[OURS_VARIABLE] = "1"
        time.tzset()
        tempfile.tempdir = None
        os.chdir(self.request.cwd)
        importable = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
        sys.path[:] = [
            *importable,
            *self.base_path,
        ]  # and not the folder: what lies there is no module of ours
        sys.argv[:] = [self.request.module, *self.request.argv]
        if self.request.module == "ipykernel_launcher" and os.environ.pop("JPY_PARENT_PID", ""):
            # ipykernel, which ends with its parent, read the variable when it was imported; and who asked is not the parent of a fork.
            sys.argv.append(f"--IPKernelApp.parent_handle={self.parent}")
        if "matplotlib" in sys.modules:
            # Only named, not loaded: the backend hooks into the shell, which is not there yet.
            sys.modules["matplotlib"].rcParams["backend"] = os.environ.get("MPLBACKEND") or _INLINE


def _exit_code(ended: SystemExit) -> int:
    """What the interpreter makes of `sys.exit(…)`: nothing is 0, text is said and is 1."""
    if ended.code is None or isinstance(ended.code, int):
        return (ended.code or 0) & 0xFF
    print(ended.code, file=sys.stderr)  # noqa: T201
    return 1


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its parent ends; one that has ended meanwhile counts."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent ends, so that none leaves the tree."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def reset_signals() -> None:
    """The handlers that a new Python process has."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGCHLD, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, set())


def _prctl(option: int, value: int) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


def _streams() -> None:
    """New text streams over 0, 1 and 2: those of the server knew other files."""
    unbuffered = bool(os.environ.get("PYTHONUNBUFFERED"))
    for descriptor, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        errors = "backslashreplace" if name == "stderr" else "surrogateescape"
        stream = open(descriptor, mode, encoding="utf-8", errors=errors, closefd=False)  # noqa: SIM115
        if mode == "w":
            by_line = name == "stderr" or stream.isatty()
            stream.reconfigure(line_buffering=by_line, write_through=unbuffered)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _forget_ours() -> None:
    """Our own modules are imported anew, from the disk as it is now."""
    for name in [name for name in sys.modules if name.partition(".")[0] in OURS]:
        del sys.modules[name]
    sys.path_importer_cache.clear()
    importlib.invalidate_caches()


def _reseed() -> None:
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
