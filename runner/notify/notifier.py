"""Sends notifications without ever holding up or breaking who sends them.

`tell` puts a message into a short queue and returns; a thread of its own does the rest, each message in one more thread that is left
behind when it takes too long. What cannot be sent is counted, in words without the address, and lost: a notification is no record. That the
newest could not is told by the log, and by `ribbon status` and `ribbon doctor` of the `folder` (untaken.py).
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from runner.notify.messages import Message, blocked_message, plain_message
from runner.notify.settings import URLS_VARIABLE, NotifySettings
from runner.notify.untaken import UNTAKEN_FIX, note

QUEUE_LENGTH = 50
#: Messages that hang at the same time before further ones are given up at once.
MOST_HANGING = 4

#: Kinds whose every message is an event of its own, however alike; the others are states that may be told again and again.
EVENTS = ("entry", "exit", "cycle", "test", "experiment")

log = logging.getLogger(__name__)


class Notifier:
    """One for a process. Off, and costing nothing, where no address is set. `clock` is monotonic seconds."""

    def __init__(
        self,
        settings: NotifySettings,
        clock: Callable[[], float] = time.monotonic,
        folder: Path | None = None,
    ) -> None:
        self.settings, self._clock, self._folder = settings, clock, folder
        self._taken = True  #: whether the newest message was
        self.on = bool(settings.addresses())
        self.counts: Counter[str] = Counter()  #: sent, failed, timeout, dropped, repeated
        self._queue: queue.Queue[Message | None] = queue.Queue(QUEUE_LENGTH)
        self._told: dict[tuple[str, str], float] = {}
        self._hanging: list[threading.Thread] = []
        self._worker: threading.Thread | None = None
        self._services: Any = None

    def tell(self, message: Message) -> None:
        """Send it some time soon, or not. Returns at once and never raises."""
        wanted = message.kind == "test" or message.kind in self.settings.kinds
        if not self.on or not wanted or self._repeated(message):
            return
        try:
            self._start()
            self._queue.put_nowait(message)
        except (queue.Full, RuntimeError):  # RuntimeError: no thread can be started
            self._count("dropped")

    def say(self, kind: str, text: str) -> None:
        """Tell a sentence: fits the live loop's `notify`."""
        self.tell(plain_message(kind, text))

    def announce(self, reason: str, detail: str) -> None:
        """Tell that Claude cannot be asked: fits ClaudeDecider's `announce`."""
        self.tell(blocked_message(reason, detail))

    def close(self, wait_s: float = 2.0) -> None:
        """Give what is queued this long to go out."""
        if self._worker is None:
            return
        try:
            self._queue.put_nowait(None)
        except queue.Full:
            self._count("dropped", self._queue.qsize())
            return
        self._worker.join(wait_s)
        self._worker = None

    def _repeated(self, message: Message) -> bool:
        if message.kind in EVENTS:
            return False
        now, same = self._clock(), (message.kind, message.title)
        last = self._told.get(same)
        if last is not None and now - last < self.settings.repeat_minutes * 60:
            self.counts["repeated"] += 1
            return True
        self._told = {
            key: at for key, at in self._told.items() if now - at < self.settings.repeat_minutes * 60
        }
        self._told[same] = now
        return False

    def _start(self) -> None:
        if self._worker is None:
            self._worker = threading.Thread(target=self._work, name="notifications", daemon=True)
            self._worker.start()

    def _work(self) -> None:
        while (message := self._queue.get()) is not None:
            self._hanging = [thread for thread in self._hanging if thread.is_alive()]
            if len(self._hanging) >= MOST_HANGING:
                self._count("dropped")
                continue
            # A thread each, because no time-out of a library holds against a service that trickles.
            sending = threading.Thread(target=self._send, args=(message,), daemon=True)
            sending.start()
            sending.join(self.settings.timeout_s)
            if sending.is_alive():
                self._hanging.append(sending)
                self._count("timeout")

    def _send(self, message: Message) -> None:
        try:
            sent = self._open().notify(
                body=message.body or message.title, title=message.title, body_format="text"
            )
            self._count("sent" if sent else "failed")
        except Exception as error:  # a service's plugin may raise anything, its address among it
            log.warning("a notification failed: %s", type(error).__name__)
            self._count("failed")

    def _open(self) -> Any:
        if self._services is None:
            self._services, left_out = services_of(self.settings)
            if left_out:
                log.warning("%s; left out", not_understood(left_out))
                self._count("failed", len(left_out))
        return self._services

    def _count(self, outcome: str, by: int = 1) -> None:
        self.counts[outcome] += by
        if outcome in ("dropped", "timeout"):
            log.warning("notifications: %d %s", by, outcome)
        before, self._taken = self._taken, outcome == "sent"
        if before and not self._taken:
            log.warning("a notification was not taken (told once). %s", UNTAKEN_FIX)
        if self._folder is not None:
            note(self._folder, self._taken)


def services_of(settings: NotifySettings) -> tuple[Any, list[int]]:
    """What sends to all addresses, as apprise has it; and which of them, counted from 1, it does not understand. Nothing is sent."""
    import apprise  # a hundred plugins: only for whoever sends

    # Both write addresses, tokens and all, into their logs: apprise those it does not understand, urllib3 every path.
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    logging.getLogger("urllib3").setLevel(logging.INFO)
    # One after another in our own thread, without a time-out of its own: apprise's pools of threads, which it uses for either,
    # would be waited for at the end of the process.
    services = apprise.Apprise(
        asset=apprise.AppriseAsset(async_mode=False, service_timeout=0, secure_logging=True)
    )
    left_out = [place for place, each in enumerate(settings.addresses(), 1) if not services.add(each)]
    return services, left_out


def not_understood(left_out: list[int]) -> str:
    """Which addresses apprise does not understand, in words that show none."""
    places = ", ".join(map(str, left_out))
    return f"of the addresses of {URLS_VARIABLE}, number {places} is none that apprise understands"
