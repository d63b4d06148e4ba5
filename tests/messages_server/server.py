"""A Messages API on localhost: records requests, checks them, caches prefixes, answers from a queue, and fails as it is told to.

    with MessagesServer() as server:
        server.answers(direction="LONG", confidence=0.8)     # one good answer; then the default, a HOLD
        server.fails(529, "overloaded_error", {"retry-after": "600"})
        settings = ClaudeSettings(base_url=server.url, api_key=server.key)

What is queued is served once each, in order; `default` is served when the queue is empty. `billed_usd` is what the real API would have
charged, faults after the answer was made included: a client that gave up waiting is billed too.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.messages_server.cache import PromptCache, tokens_in
from tests.messages_server.shape import problem_of

HOLD = {
    "reasoning": "Nothing speaks for an entry.",
    "direction": "HOLD",
    "entry_recommended": False,
    "confidence": 0.5,
    "stop_pct": None,
    "target_pct": None,
    "valid_for_s": 20,
    "exit_advice": "keep",
}
KEY = "sk-ant-test-0123456789abcdef"


def reply_text(**changed: Any) -> str:
    """The JSON text of an answer: a HOLD with some fields changed; LONG and SHORT recommend the entry unless told otherwise."""
    fields = HOLD | changed
    if fields["direction"] != "HOLD" and "entry_recommended" not in changed:
        fields["entry_recommended"] = True
    return json.dumps(fields)


@dataclass(frozen=True)
class Recorded:
    """A request as it came: body, headers in lower case, seconds on the server's clock, and why it was refused, if it was."""

    body: dict[str, Any]
    headers: dict[str, str]
    at: float
    problem: str | None

    @property
    def text(self) -> str:
        """All that the model would have read."""
        return json.dumps(self.body, ensure_ascii=False)


Behaviour = Callable[["_Handler", dict[str, Any]], None]


class MessagesServer:
    """Runs while it is a context; `url` is the base URL. `prices` are dollars per million: input, output, cache write, cache read."""

    def __init__(
        self, key: str = KEY, min_cache_tokens: int = 1_024, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.key, self.clock = key, clock
        self.cache = PromptCache(min_cache_tokens, clock)
        self.requests: list[Recorded] = []
        self.default = reply_text()
        #: Of a request, how it alone is answered; None: as every other.
        self.choose: Callable[[dict[str, Any]], Behaviour | None] = lambda body: None
        self.prices = (2.0, 10.0, 4.0, 0.2)
        self.prices_of = {"claude-haiku-5-5": (0.1, 0.5, 0.2, 0.01)}  #: of models that cost something else
        self.billed_usd = 0.0
        self.output_tokens: int | None = None  #: of each answer; None: as long as its text
        self.released = threading.Event()  #: set at the end, so that what hangs lets go
        self.models = {"claude-sonnet-5-5", "claude-haiku-5-5"}
        self.looked_up: list[str] = []  #: models that were asked about, which costs nothing
        self._queue: deque[Behaviour] = deque()
        self._guard = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.messages = self

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> MessagesServer:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    # What is served next

    def answers(self, **changed: Any) -> MessagesServer:
        """Queue a good answer."""
        return self.says(reply_text(**changed))

    def says(self, text: str, stop_reason: str | None = "end_turn", **fields: Any) -> MessagesServer:
        """Queue an answer with this text and stop reason; further fields replace those of the message."""
        return self._then(
            lambda handler, body: handler.send_json(200, self.message(body, text, stop_reason) | fields)
        )

    def raw(self, status: int, content: bytes, headers: Mapping[str, str] | None = None) -> MessagesServer:
        """Queue these bytes."""
        return self._then(lambda handler, body: handler.send_bytes(status, content, headers))

    def fails(
        self,
        status: int,
        kind: str = "api_error",
        headers: Mapping[str, str] | None = None,
        message: str = "told to fail",
        code: str = "",
    ) -> MessagesServer:
        """Queue an error of the API; `code` is its error_code, where it has one."""
        error: dict[str, Any] = {"type": kind, "message": message}
        if code:
            error["details"] = {"error_code": code}
        content = json.dumps({"type": "error", "error": error, "request_id": "req_test"}).encode()
        return self.raw(status, content, headers)

    def shows_page(self, status: int = 200, text: str = "<html>Log in</html>") -> MessagesServer:
        """Queue a web page, as a portal or a wrong address shows one."""
        return self.raw(status, text.encode(), {"content-type": "text/html; charset=utf-8"})

    def says_twice(self, key: str, first: Any, text: str | None = None) -> MessagesServer:
        """Queue a message in which `key` stands twice: with `first`, and after it as it should be."""

        def doubled(handler: _Handler, body: dict[str, Any]) -> None:
            message = self.message(body, self.default if text is None else text, "end_turn")
            content = json.dumps(message)
            handler.send_bytes(200, f"{{{json.dumps(key)}: {json.dumps(first)}, {content[1:]}".encode())

        return self._then(doubled)

    def hangs(self) -> MessagesServer:
        """Queue a silence that lasts to the server's end; the answer is billed."""

        def silence(handler: _Handler, body: dict[str, Any]) -> None:
            self.message(body, self.default, "end_turn")
            self.released.wait()

        return self._then(silence)

    def is_late(self, seconds: float, text: str | None = None) -> MessagesServer:
        """Queue an answer that comes so much later."""

        def later(handler: _Handler, body: dict[str, Any]) -> None:
            message = self.message(body, self.default if text is None else text, "end_turn")
            if not self.released.wait(seconds):
                handler.send_json(200, message)

        return self._then(later)

    def trickles(self, every_s: float = 0.05) -> MessagesServer:
        """Queue an answer that comes byte by byte and never ends."""

        def drip(handler: _Handler, body: dict[str, Any]) -> None:
            self.message(body, self.default, "end_turn")
            handler.start_response(200, 1_000_000)
            while not self.released.wait(every_s):
                handler.wfile.write(b" ")
                handler.wfile.flush()

        return self._then(drip)

    def drops(self, after_bytes: int = 0) -> MessagesServer:
        """Queue a connection that ends after so many bytes of a good answer; the answer is billed."""

        def cut(handler: _Handler, body: dict[str, Any]) -> None:
            content = json.dumps(self.message(body, self.default, "end_turn")).encode()
            if after_bytes:
                handler.start_response(200, len(content))
                handler.wfile.write(content[:after_bytes])
            handler.close_connection = True

        return self._then(cut)

    # What is served

    def message(self, body: dict[str, Any], text: str, stop_reason: str | None) -> dict[str, Any]:
        """A message of the API with this text, its tokens counted and billed."""
        input_price, output_price, write_price, read_price = self.prices_of.get(body["model"], self.prices)
        with self._guard:
            counted = self.cache.count(body)
            output = tokens_in(text) if self.output_tokens is None else self.output_tokens
            output = min(output, body["max_tokens"])
            self.billed_usd += (
                counted.fresh * input_price
                + counted.written * write_price
                + counted.read * read_price
                + output * output_price
            ) / 1e6
        return {
            "id": f"msg_test_{uuid.uuid4().hex}",
            "type": "message",
            "role": "assistant",
            "model": body["model"],
            "content": [{"type": "text", "text": text}] if text else [],
            "stop_reason": stop_reason,
            "stop_sequence": None,
            "usage": {
                "input_tokens": counted.fresh,
                "output_tokens": output,
                "cache_read_input_tokens": counted.read,
                "cache_creation_input_tokens": counted.written,
                "cache_creation": {
                    "ephemeral_5m_input_tokens": 0,
                    "ephemeral_1h_input_tokens": counted.written,
                },
                "service_tier": "standard",
            },
        }

    def _then(self, behaviour: Behaviour) -> MessagesServer:
        self._queue.append(behaviour)
        return self

    def handle(self, handler: _Handler, content: bytes) -> None:
        """One request: recorded, checked, answered."""
        try:
            body = json.loads(content)
        except ValueError:
            body = None
        headers = {name.lower(): value for name, value in handler.headers.items()}
        problem = problem_of(body) or (
            None if headers.get("anthropic-version") else "anthropic-version: header is required"
        )
        with self._guard:
            self.requests.append(Recorded(body, headers, self.clock(), problem))
        if not self._takes_key_of(headers):
            handler.send_error_json(401, "authentication_error", "invalid API key")
        elif problem:
            handler.send_error_json(400, "invalid_request_error", problem)
        else:
            behaviour = self.choose(body)
            with self._guard:
                if behaviour is None and self._queue:
                    behaviour = self._queue.popleft()
            if behaviour:
                behaviour(handler, body)
            else:
                handler.send_json(200, self.message(body, self.default, "end_turn"))

    def describe(self, handler: _Handler, model: str) -> None:
        """A model described, or no such model; what is queued goes before. Bills nothing."""
        headers = {name.lower(): value for name, value in handler.headers.items()}
        with self._guard:
            self.looked_up.append(model)
            behaviour = self._queue.popleft() if self._queue else None
        if not self._takes_key_of(headers):
            handler.send_error_json(401, "authentication_error", "invalid API key")
        elif behaviour:
            behaviour(handler, {"model": model, "max_tokens": 1, "messages": []})
        elif model in self.models:
            described = {
                "type": "model",
                "id": model,
                "display_name": model,
                "created_at": "2026-09-01T00:00:00Z",
            }
            handler.send_json(200, described)
        else:
            handler.send_error_json(404, "not_found_error", f"model: {model}")

    def _takes_key_of(self, headers: Mapping[str, str]) -> bool:
        # SDK 2.12 sends the key as a bearer, older clients as x-api-key.
        bearer = headers.get("authorization", "").removeprefix("Bearer ")
        return self.key in (headers.get("x-api-key"), bearer)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    messages: MessagesServer

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up in the middle is part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path.partition("?")[0] == "/v1/messages":
            self.server.messages.handle(self, content)
        else:
            self.send_error_json(404, "not_found_error", self.path)

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path.startswith("/v1/models/"):
            self.server.messages.describe(self, path.removeprefix("/v1/models/"))
        else:
            self.send_error_json(404, "not_found_error", path)

    def start_response(self, status: int, length: int, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {
            "content-type": "application/json",
            "content-length": str(length),
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()

    def send_bytes(self, status: int, content: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.start_response(status, len(content), headers)
        self.wfile.write(content)

    def send_json(self, status: int, value: object) -> None:
        self.send_bytes(status, json.dumps(value).encode())

    def send_error_json(self, status: int, kind: str, message: str) -> None:
        self.send_json(status, {"type": "error", "error": {"type": kind, "message": message}})

    def log_message(self, *_: object) -> None:
        pass
