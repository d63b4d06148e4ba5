"""The gate before stdout and stderr: text that leaves is free of control characters, whoever wrote it (docs/guarantees.md, S4).

It stands in the streams themselves, so that no command, library, warning or traceback can go past it. What would surprise: a stream behind
the gate says that it is no terminal, because a library that believes to have one writes codes of its own, and those cannot be told from
codes out of data. Whoever wants colours takes `runner.terminal.console`, whose codes are ours and whose texts are cleaned one by one.
And what stderr does not take (a full disk, a reader that went away, a stream that was closed) is lost, and ends nothing: a command ends
with the code of what it did.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from pathlib import Path
from typing import IO, Any

from lib.contract.visible import visible


class Gate:
    """A text stream that writes to another one what can be seen."""

    def __init__(self, stream: IO[str]) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        """Write `text`, newlines and tabs as they are; returns the length of what was given."""
        self.stream.write(visible(text, lines=True))
        return len(text)

    def writelines(self, texts: Any) -> None:
        """Write each of them."""
        for text in texts:
            self.write(text)

    def isatty(self) -> bool:
        """No: codes are for `runner.terminal.console`."""
        return False

    def __getattr__(self, name: str) -> Any:
        if name in ("buffer", "detach"):  # the ways past it
            raise AttributeError(name)
        return getattr(self.stream, name)


class _Forgiving:
    """A stream that never fails to write."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write `text` as far as it is taken; returns the length of what was given."""
        with contextlib.suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Write what waits, as far as it is taken."""
        with contextlib.suppress(OSError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def open_gate() -> None:
    """Put the gate before stdout and stderr of this process; once is enough. What their encoding lacks is escaped too.

    A stdin that is closed (`<&-`, some services) is an empty one.
    """
    if sys.stdin is None:
        sys.stdin = Path(os.devnull).open()  # noqa: SIM115 - it is open as long as the process
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None and name == "stderr":  # print would take stdout for it
            stream = Path(os.devnull).open("w")  # noqa: SIM115 - it is open as long as the process
        if stream is None or isinstance(stream, Gate):
            continue
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
        setattr(sys, name, Gate(_Forgiving(stream) if name == "stderr" else stream))  # type: ignore[arg-type]


def ungated(stream: Any) -> IO[str]:
    """The stream behind the gate, for whoever cleans what it writes."""
    return stream.stream if isinstance(stream, Gate) else stream


def say(line: str, *, err: bool = True) -> None:
    """One line to a person, on stderr unless it is what was asked for; a newline inside is data's and makes no second one."""
    print(visible(line), file=sys.stderr if err else sys.stdout, flush=True)


class _LineFormatter(logging.Formatter):
    """Keeps a message one line; a traceback below it has its own."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = visible(record.message)
        return super().formatMessage(record)


def log_to_stderr() -> None:
    """Log from INFO on, a line a message with its time."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_LineFormatter("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
