"""What was sent to Claude, kept: `trading_data/claude_requests/<UTC day>.csv`, a row a request, found again by its hash.

`packed` is the request's text, deflated, in base64; `request_sha` is the SHA-256 of that text, and the decision's row names it. Reading
never trusts the row: what it holds is hashed again. A row is a journal's, so a kill in the middle of one loses that row and no other.
What would surprise: a thread of its own writes, and what it cannot keep up with is not kept. A decision must neither wait for this nor
fail by it, so a full disk is said once and that is all.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import json
import re
import threading
import zlib
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from queue import Full, Queue
from typing import Any, NamedTuple

from lib.contract.standing import open_file
from lib.contract.times import iso
from lib.errors import DataError, MissingDataError, RibbonError
from runner.errors import words_of
from runner.files.journal import Journal
from runner.trade.known import stamp

FOLDER = "claude_requests"
COLUMNS = ("timestamp", "request_sha", "packed")
#: What is kept (`to_remove`).
RULE = "the requests of the last 90 days, and in any case the newest 90 files"
_KEEP_DAYS = timedelta(days=90)
_KEEP_LAST = 90
_DAY_FILE = re.compile(r"(\d{4}-\d{2}-\d{2})\.csv")
#: Requests that may wait for the disk.
_MOST_WAITING = 16
#: Seconds that closing waits for what is still to be written.
_CLOSES_WITHIN_S = 2.0
#: Bytes of a request that are unpacked: hundreds of times the longest there can be.
_MOST_BYTES = 16_000_000


class Sent(NamedTuple):
    """A request as it is kept: when, in microseconds of the tick's time, and its text."""

    at: int
    text: str


def request_text(arguments: Mapping[str, Any]) -> str:
    """The text of a request's arguments that is hashed and kept: JSON with sorted keys. The key of the API is none of them."""
    return json.dumps(arguments, sort_keys=True, ensure_ascii=False, allow_nan=False)


def request_sha(text: str) -> str:
    """SHA-256 of a request's text, lower-case hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def request_file(folder: Path, at: int) -> Path:
    """The file that has the requests of an instant's UTC day (microseconds)."""
    return folder / FOLDER / f"{stamp(at):%Y-%m-%d}.csv"


class RequestKeeper:
    """Keeps what is sent, behind whoever sends it. `warn` is told once when it cannot; it must not raise."""

    def __init__(self, folder: Path, warn: Callable[[str], None]) -> None:
        self._folder, self._warn = folder, warn
        self._waiting: Queue[Sent | None] = Queue(_MOST_WAITING)
        self._thread: threading.Thread | None = None
        self._failing = False
        self._pruned_for: Path | None = None

    def keep(self, at: int, text: str) -> None:
        """Let a request be written; returns at once, whatever the disk does."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._write_all, name="keep-requests", daemon=True)
            self._thread.start()
        try:
            self._waiting.put_nowait(Sent(at, text))
        except Full:
            self._failed("the disk is too slow")

    def close(self) -> None:
        """Let what waits be written, for a moment at most."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        with contextlib.suppress(Full):
            self._waiting.put_nowait(None)
            thread.join(_CLOSES_WITHIN_S)

    def _write_all(self) -> None:
        while (sent := self._waiting.get()) is not None:
            try:
                self._write(sent)
                self._failing = False
            except Exception as error:  # whatever it is, nobody waits for this thread
                said = words_of(error) if isinstance(error, RibbonError | OSError) else type(error).__name__
                self._failed(said)

    def _failed(self, why: str) -> None:
        if not self._failing:
            self._failing = True
            self._warn(f"what is sent to Claude is not kept: {why}")

    def _write(self, sent: Sent) -> None:
        path = request_file(self._folder, sent.at)
        with Journal(path, COLUMNS) as journal:
            journal.append([",".join((iso(stamp(sent.at)), request_sha(sent.text), pack(sent.text)))])
        if path != self._pruned_for:
            prune(path.parent, path.name)
            self._pruned_for = path


def pack(text: str) -> str:
    """A text, deflated, in base64."""
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def unpack(packed: str) -> str:
    """The text of `pack`. Raises ValueError for what is none, or too long to be one."""
    try:
        opened = zlib.decompressobj()
        data = opened.decompress(base64.b64decode(packed, validate=True), _MOST_BYTES)
    except (binascii.Error, zlib.error) as error:
        raise ValueError(str(error)) from None
    if not opened.eof:
        raise ValueError("it does not end")
    return data.decode()


def read_request(folder: Path, at: int, sha256: str) -> str:
    """The text that was sent at an instant (microseconds) and has this hash, proven.

    Raises MissingDataError where it is not kept (any more), DataError where what is kept in its place is something else, OSError.
    """
    path = request_file(folder, at)
    found = _packed(path, sha256) if path.is_file() else []
    for packed in found:
        with contextlib.suppress(ValueError):
            text = unpack(packed)
            if request_sha(text) == sha256:
                return text
    if found:
        raise DataError(
            f"what is kept as {sha256[:12]} is not what was sent: its hash is another",
            path=path,
            fix="Put the file back from a backup; it was changed",
        )
    raise MissingDataError(f"holds no request {sha256[:12]}", path=path, fix=f"What is kept: {RULE}")


def _packed(path: Path, sha256: str) -> list[str]:
    """What the whole rows of a day hold under a hash."""
    found = []
    with open_file(path) as file:
        for line in file:
            fields = line.rstrip(b"\r\n").split(b",")
            if line.endswith(b"\n") and len(fields) == len(COLUMNS) and fields[1] == sha256.encode():
                found.append(fields[2].decode(errors="replace"))
    return found


def day_of_file(name: str) -> date | None:
    """The day of a file of requests; None for any other name."""
    found = _DAY_FILE.fullmatch(name)
    if found is None:
        return None
    with contextlib.suppress(ValueError):
        return date.fromisoformat(found[1])
    return None


def to_remove(names: Iterable[str], current: str) -> list[str]:
    """The files that RULE gives up, oldest first; `current` is the one that is written to.

    No clock is trusted alone: age counts from the newest file but the current one, or from that where it is earlier. So a clock that
    jumped ahead ages nothing, and one that was set back finds nothing old. One that stays wrong for days ages all, but each of its days
    makes one file, so it costs no more than as many right days would.
    """
    today = day_of_file(current)
    others = sorted((day, name) for name in names if name != current and (day := day_of_file(name)))
    if today is None or not others:
        return []
    reference = min(today, others[-1][0])
    return [name for day, name in others[:-_KEEP_LAST] if reference - day > _KEEP_DAYS]


def prune(folder: Path, current: str) -> list[str]:
    """Delete what RULE gives up, and the locks of it; the names. Raises OSError."""
    removed = to_remove((path.name for path in folder.iterdir() if path.is_file()), current)
    for name in removed:
        (folder / name).unlink(missing_ok=True)
        (folder / ".locks" / f"{name}.lock").unlink(missing_ok=True)
    return removed
