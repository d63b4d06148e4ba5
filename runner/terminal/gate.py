"""The gate before stdout and stderr: text that leaves is free of control characters, whoever wrote it (docs/guarantees.md, S4).

It stands in the streams themselves, so that no command, library, warning or traceback can go past it. What would surprise: a stream behind
the gate says that it is no terminal, because a library that believes to have one writes codes of its own, and those cannot be told from
codes out of data. Whoever wants colours takes `runner.terminal.console`, whose codes are ours and whose texts are cleaned one by one.
"""

from __future__ import annotations

import logging
import sys
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


def open_gate() -> None:
    """Put the gate before stdout and stderr of this process; once is enough. What their encoding lacks is escaped too."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None or isinstance(stream, Gate):
            continue
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
        setattr(sys, name, Gate(stream))


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
