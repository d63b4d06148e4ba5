"""A place of settings, and servers on this machine that stand for the API and for a notification service."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from runner.config import load_config
from runner.setup.questions import interview_about
from tests.messages_server.server import MessagesServer
from tests.runner.notify.conftest import apprise_loaded
from tests.runner.setup.person import Person

__all__ = ["apprise_loaded"]


@pytest.fixture
def api() -> Iterator[MessagesServer]:
    """The API of the model; nothing that is done here may cost anything."""
    with MessagesServer() as server:
        yield server
        assert server.billed_usd == 0 and not server.requests


class Inbox(ThreadingHTTPServer):
    """Takes notifications as apprise's json:// sends them, or refuses them with `status`."""

    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Post)
        self.took: list[bytes] = []

    @property
    def address(self) -> str:
        """Its address as apprise writes it."""
        return f"json://127.0.0.1:{self.server_port}/"


class _Post(BaseHTTPRequestHandler):
    server: Inbox

    def do_POST(self) -> None:
        self.server.took.append(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(self.server.status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def inbox(monkeypatch) -> Iterator[Inbox]:
    """A notification service."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Inbox() as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def sit_down(tmp_path):
    """Settings of the given text, and an interview about them: (interview, config, what was told)."""

    def made(
        text: str = "", given=None, person: Person | None = None, defaults: bool = False, dotenv: str = ""
    ):
        path = tmp_path / "ribbon.toml"
        path.write_text(text)
        (tmp_path / ".env").write_text(dotenv)
        config = load_config(path)
        told: list[str] = []
        return interview_about(config, given or {}, person, defaults, told.append), config, told

    return made
