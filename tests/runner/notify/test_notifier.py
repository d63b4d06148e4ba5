"""Notifications go out through a real HTTP service, and whatever that service does, nobody waits for it."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from runner.notify.messages import Message
from runner.notify.notifier import MOST_HANGING, QUEUE_LENGTH, Notifier
from runner.notify.settings import NotifySettings
from runner.notify.untaken import untaken_finding
from runner.status.status import status
from runner.trade.settings import TradeSettings

TOKEN = "canary-token"


class Service(ThreadingHTTPServer):
    """Takes notifications; `mode` is ok, refuse, hang or trickle."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Taking)
        self.mode, self.taken, self.released = "ok", [], threading.Event()

    @property
    def address(self) -> str:
        return f"json://user:{TOKEN}@127.0.0.1:{self.server_port}/{TOKEN}/"

    def handle_error(self, request: object, client_address: object) -> None:
        pass


class Taking(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        self.server.taken.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        if self.server.mode == "hang":
            self.server.released.wait(20)
        self.send_response(500 if self.server.mode == "refuse" else 200)
        self.send_header("Content-Length", "1000" if self.server.mode == "trickle" else "0")
        self.end_headers()
        while self.server.mode == "trickle" and not self.server.released.wait(0.05):
            self.wfile.write(b" ")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield running
        running.released.set()
        running.shutdown()
        thread.join()


@pytest.fixture
def telling(service) -> Callable[..., Notifier]:
    def make(urls: str = service.address, **changed: object) -> Notifier:
        return Notifier(NotifySettings(urls=urls, **changed))  # type: ignore[arg-type]

    return make


def said(number: int) -> Message:
    return Message("halt", f"halt {number}", "body")


def until(condition: Callable[[], object], seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    assert condition()


def test_a_message_arrives(service, telling):
    notifier = telling()
    notifier.tell(Message("entry", "LONG", "<b>size</b> 1"))
    notifier.close(5)
    (taken,) = service.taken
    assert (taken["title"], taken["message"]) == ("LONG", "<b>size</b> 1")
    assert dict(notifier.counts) == {"sent": 1}


@pytest.mark.parametrize("between", [" ", ",", ", ", ";", " , ", "\n"])
def test_addresses_are_told_apart_by_blanks_and_by_commas(service, telling, between):
    receivers = "mailto://me:pass@mail.org?to=a@mail.org,b@mail.org"
    settings = NotifySettings(urls=f"{between}{service.address}{between}{receivers}{between}")
    assert settings.addresses() == [service.address, receivers]


def test_text_stays_text_at_a_service_that_takes_html(service, telling):
    notifier = telling(f"{service.address}?format=html")
    notifier.tell(Message("entry", "LONG", "<b>size</b> 1"))
    notifier.close(5)
    assert "&lt;b&gt;" in service.taken[0]["message"]


TELLING = """
import sys, time
from runner.notify.messages import Message
from runner.notify.notifier import Notifier
from runner.notify.settings import NotifySettings
notifier = Notifier(NotifySettings(urls=sys.argv[1]))
notifier.tell(Message("halt", "halt", "body"))
sys.stdin.readline()
notifier.close(0.1)
"""


@pytest.mark.serial
def test_a_process_ends_though_its_services_hang(service):
    service.mode = "hang"
    command = [sys.executable, "-c", TELLING, f"{service.address}?rto=15 {service.address}?rto=14"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, text=True) as telling:
        until(lambda: service.taken, 30)
        before = time.monotonic()
        telling.communicate("\n", timeout=30)
        assert telling.returncode == 0
        assert time.monotonic() - before < 5


def test_off_by_default(service, telling, monkeypatch):
    monkeypatch.delenv("RIBBON_NOTIFY__URLS", raising=False)
    notifier = Notifier(NotifySettings())
    notifier.tell(said(1))
    notifier.close()
    assert (notifier.on, dict(notifier.counts), service.taken) == (False, {}, [])
    assert threading.active_count() <= 4 or "notifications" not in [t.name for t in threading.enumerate()]


def test_only_the_kinds_asked_for(service, telling):
    notifier = telling(kinds=("exit",))
    notifier.tell(said(1))
    notifier.tell(Message("exit", "out"))
    notifier.close(5)
    assert [taken["title"] for taken in service.taken] == ["out"]


def test_the_same_again_is_told_once_within_its_time(service):
    seconds = [0.0]
    notifier = Notifier(NotifySettings(urls=service.address, repeat_minutes=30), lambda: seconds[0])
    for at in (0, 60, 1_799, 1_801):
        seconds[0] = at
        notifier.tell(Message("stale", "Stale data: 5min", f"{at} s"))
    notifier.tell(Message("stale", "Stale data: 15min"))
    notifier.close(5)
    assert [taken["title"] for taken in service.taken] == [
        "Stale data: 5min",
        "Stale data: 5min",
        "Stale data: 15min",
    ]
    assert notifier.counts["repeated"] == 2


def test_events_that_look_alike_are_all_told(service, telling):
    notifier = telling()
    for _ in range(2):
        notifier.say("entry", "LONG 0.4 at 2100")
    notifier.close(5)
    assert [taken["title"] for taken in service.taken] == ["entry: LONG 0.4 at 2100"] * 2


def test_what_the_loop_and_claude_say(service, telling):
    notifier = telling(kinds=("blocked", "error"))
    notifier.announce("billing", "HTTP 400")
    notifier.say("a new kind", "something")
    notifier.say("exit", "not asked for")
    notifier.close(5)
    assert [taken["title"] for taken in service.taken] == [
        "Claude cannot be asked: billing",
        "a new kind: something",
    ]


@pytest.mark.serial
@pytest.mark.parametrize("mode", ["refuse", "hang", "trickle"])
def test_a_failing_service_holds_up_nobody_and_later_messages_go_out(service, telling, mode):
    service.mode = mode
    notifier = telling(timeout_s=0.5)
    before = time.monotonic()
    notifier.tell(said(1))
    assert time.monotonic() - before < 0.1
    until(lambda: notifier.counts["failed"] + notifier.counts["timeout"])
    service.mode = "ok"
    notifier.tell(said(2))
    until(lambda: notifier.counts["sent"])
    assert [taken["title"] for taken in service.taken] == ["halt 1", "halt 2"]


@pytest.mark.serial
def test_what_hangs_does_not_pile_up(service, telling):
    service.mode = "hang"
    notifier = telling(timeout_s=0.05)
    for number in range(MOST_HANGING + 3):
        notifier.tell(said(number))
    until(lambda: notifier.counts["dropped"] == 3)
    assert notifier.counts["timeout"] == MOST_HANGING
    assert len(service.taken) <= MOST_HANGING


@pytest.mark.serial
def test_a_full_queue_drops_and_counts_and_close_does_not_wait(service, telling):
    service.mode = "hang"
    notifier = telling(timeout_s=5)
    before = time.monotonic()
    for number in range(QUEUE_LENGTH + 10):
        notifier.tell(said(number))
    notifier.close(0.2)
    assert time.monotonic() - before < 2
    assert notifier.counts["dropped"] >= 9


def test_nobody_listens(telling):
    notifier = telling("json://127.0.0.1:9/")
    notifier.tell(said(1))
    notifier.close(10)
    assert dict(notifier.counts) == {"failed": 1}


def test_an_address_that_is_none_is_counted_and_the_others_are_used(service, telling):
    notifier = telling(f"nonsense://{TOKEN} {service.address}")
    notifier.tell(said(1))
    notifier.close(5)
    assert dict(notifier.counts) == {"failed": 1, "sent": 1}


def test_the_address_is_in_no_log_and_no_listing(service, telling, caplog):
    with caplog.at_level(logging.DEBUG):
        service.mode = "refuse"
        notifier = telling(f"nonsense://{TOKEN} {service.address}")
        notifier.tell(said(1))
        notifier.close(5)
    shown = [caplog.text, repr(notifier.settings), notifier.settings.model_dump_json(), repr(notifier.counts)]
    assert notifier.counts["failed"]
    assert all(TOKEN not in text for text in shown)


def test_what_a_service_does_not_take_is_told_until_it_takes_again(service, tmp_path, caplog):
    """A token that was revoked: nobody is told any more, and takes that for good news."""
    settings = NotifySettings(urls=service.address)
    service.mode = "refuse"
    notifier = Notifier(settings, folder=tmp_path)
    for number in range(3):
        notifier.tell(said(number))
    notifier.close(5)
    ((what, fix),) = untaken_finding(tmp_path)
    assert (
        what.startswith("the last 3 messages were not taken by a service, since 20")
        and "`ribbon notify-test`" in fix
    )
    assert caplog.text.count("a notification was not taken") == 1
    assert TOKEN not in (tmp_path / "notifications.json").read_text()
    assert [
        each["part"] for each in status(tmp_path, TradeSettings(), 1_767_614_400_000_000)["findings"]
    ] == ["notifications"]
    service.mode = "ok"
    notifier = Notifier(settings, folder=tmp_path)
    notifier.tell(said(9))
    notifier.close(5)
    assert untaken_finding(tmp_path) == [] and list(tmp_path.iterdir()) == []


def test_a_disk_that_takes_no_note_and_a_note_that_is_none_stop_nobody(service, tmp_path):
    service.mode = "refuse"
    (tmp_path / "notifications.json").write_text("[")
    notifier = Notifier(NotifySettings(urls=service.address), folder=tmp_path)
    notifier.tell(said(1))
    notifier.close(5)
    assert untaken_finding(tmp_path)[0][0].startswith("the last message was not taken")
    notifier = Notifier(NotifySettings(urls=service.address), folder=tmp_path / "gone")
    notifier.tell(said(2))
    notifier.close(5)
    assert notifier.counts["failed"] == 1
