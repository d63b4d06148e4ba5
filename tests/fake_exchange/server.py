"""The HTTP side of the stand-in: signatures and stamps checked, requests logged, faults made where they are ordered.

A fault is one of: drop_before, drop_after (the connection is cut, before or after the request took effect), hang_before, hang_after
(no answer for a while), 500_before, 500_after, garbage (done, but the answer is torn JSON), hollow (`{}`), empty (nothing listed),
busy (429), a gate (GATES: the gateway answers, before anything takes effect), or a number: that retCode.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.fake_exchange.account import Account, Refusal

KEY, SECRET = "fake-key-CANARY", "fake-secret-CANARY"
FAULTS = ("drop_before", "drop_after", "hang_before", "hang_after", "500_before", "500_after", "garbage")
#: What stands before an exchange says: status and text. The page is a portal's, that of a network which wants a login.
GATES = {
    "country": (
        403,
        "<HTML><HEAD><STYLE>p {"
        '"a": 1}</STYLE></HEAD><BODY>403 ERROR The Amazon CloudFront distribution is configured to block '
        "access from your country.\x1b[31m</BODY></HTML>",
    ),
    "forbidden": (403, "<html><body>Access denied</body></html>"),
    "frequent": (403, "access too frequent"),
    "legal": (451, "Unavailable For Legal Reasons"),
    "proxy": (407, "Proxy Authentication Required"),
    "page": (200, "<html><body>Log in to the network</body></html>"),
}
INSTRUMENT = {
    "symbol": "ETHUSDT",
    "contractType": "LinearPerpetual",
    "status": "Trading",
    "settleCoin": "USDT",
    "priceFilter": {"tickSize": "0.01"},
    "lotSizeFilter": {
        "qtyStep": "0.01",
        "minOrderQty": "0.01",
        "maxOrderQty": "1000",
        "maxMktOrderQty": "500",
        "minNotionalValue": "5",
    },
}
#: Of executions, what one answer tells.
WEEK_MS = 7 * 86_400_000


class Exchange(ThreadingHTTPServer):
    """`faults`: what goes wrong at the next requests of a path (its end), in order. `chaos`: share of all requests that goes wrong."""

    daemon_threads = True

    def __init__(self, account: Account | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.account = account or Account()
        self.faults: dict[str, list[str | int]] = defaultdict(list)
        self.chaos = 0.0
        self.chance = random.Random(7)
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.strict_time = False
        self.gate = ""  #: one of GATES for every request
        self.hang_s = 1.0

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"

    def fault_of(self, path: str) -> str | int:
        """What goes wrong at this request; "" if nothing does."""
        if self.gate:
            return self.gate
        waiting = self.faults.get(path.rpartition("/v5/")[2])
        if waiting:
            return waiting.pop(0)
        return self.chance.choice(FAULTS) if self.chance.random() < self.chaos else ""

    def count(self, path: str) -> int:
        """How many requests of a path there were."""
        return sum(asked == path for asked, _ in self.asked)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is part of the tests."""


class Answer(BaseHTTPRequestHandler):
    server: Exchange
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.handle_one(parts.path, query, parts.query)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self.handle_one(self.path, json.loads(body or "{}"), body)

    def handle_one(self, path: str, request: dict[str, Any], signed: str) -> None:
        if path == "/test":
            self.reply(200, control(self.server, request))
            return
        self.server.asked.append((path.rpartition("/v5/")[2], request))
        fault = self.server.fault_of(path)
        if fault in GATES:
            status, text = GATES[str(fault)]
            self.reply(status, None, text.encode())
            return
        if fault in ("drop_before", "hang_before", "500_before", "busy"):
            self.fail(fault)
            return
        body = self.answer(path, request, signed, fault)
        if fault == "garbage":
            self.reply(200, None, json.dumps(body)[: len(json.dumps(body)) // 2].encode())
        elif fault in ("drop_after", "hang_after", "500_after"):
            self.fail(fault)
        else:
            self.reply(200, {} if fault == "hollow" else body)

    def answer(self, path: str, request: dict[str, Any], signed: str, fault: str | int) -> dict[str, Any]:
        try:
            if isinstance(fault, int):
                raise Refusal(fault, "as ordered")
            if "/market/" not in path:
                self.check(signed)
            result = {"list": []} if fault == "empty" else routed(self.server.account, path, request)
        except Refusal as refusal:
            return {"retCode": refusal.code, "retMsg": str(refusal), "result": {}}
        return {"retCode": 0, "retMsg": "OK", "result": result, "time": self.server.account.now_ms()}

    def check(self, signed: str) -> None:
        stamp, window = self.headers["X-BAPI-TIMESTAMP"], self.headers["X-BAPI-RECV-WINDOW"]
        text = f"{stamp}{self.headers['X-BAPI-API-KEY']}{window}{signed}"
        made = hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
        if self.headers["X-BAPI-API-KEY"] != KEY or made != self.headers["X-BAPI-SIGN"]:
            raise Refusal(10004, "error sign!")
        now = self.server.account.now_ms()
        if self.server.strict_time and not now - int(window) <= int(stamp) < now + 1_000:
            raise Refusal(10002, "invalid request, please check your server timestamp or recv_window param")

    def fail(self, fault: str | int) -> None:
        kind = str(fault).partition("_")[0]
        if kind == "hang":
            time.sleep(self.server.hang_s)
        if kind in ("hang", "drop"):
            self.close_connection = True
            self.connection.close()
        else:
            self.reply(429 if kind == "busy" else 500, {"sorry": True})

    def reply(self, status: int, body: object, data: bytes | None = None) -> None:
        data = json.dumps(body).encode() if data is None else data
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""


def routed(account: Account, path: str, request: dict[str, Any]) -> dict[str, Any]:
    """The result of a request."""
    end = path.rpartition("/v5/")[2]
    acts = {"order/create": account.place, "order/cancel": account.cancel}
    acts["position/trading-stop"] = account.set_exits
    if end in acts:
        return acts[end](request)
    lists = {
        "market/instruments-info": lambda: [INSTRUMENT],
        "market/tickers": lambda: [{"symbol": "ETHUSDT", "lastPrice": repr(account.price)}],
        "position/list": account.position,
        "order/realtime": lambda: [
            row
            for row in account.rows(request.get("orderLinkId"))
            if row["orderStatus"] in ("New", "Untriggered")
        ],
        "order/history": lambda: account.rows(request["orderLinkId"]),
        "execution/list": lambda: executions(account, request),
        "account/wallet-balance": lambda: [{"coin": account.coins()}],
    }
    if end == "market/time":
        return {"timeSecond": str(account.now_ms() // 1000), "timeNano": str(account.now_ms() * 1_000_000)}
    if end == "user/query-api":
        return {"userID": account.user, "readOnly": 0}
    return {"list": lists[end]()}


def executions(account: Account, request: dict[str, Any]) -> list[dict[str, Any]]:
    """The newest first, as the venue tells them: of seven days from the start on, and never of more."""
    since = int(request["startTime"])
    until = int(request.get("endTime") or since + WEEK_MS)
    if until - since > WEEK_MS:
        raise Refusal(10001, "Can't query time range greater than 7 days")
    with account.lock:
        return [row for row in reversed(account.executions) if since <= int(row["execTime"]) <= until]


def control(server: Exchange, request: dict[str, Any]) -> dict[str, Any]:
    """For tests whose server is another process: set the price or the chaos; the position is told."""
    account = server.account
    if "price" in request:
        account.move(request["price"])
    server.chaos = request.get("chaos", server.chaos)
    return {"side": account.side, "size": account.size, "opened": account.opened, "stop": account.stop}


@contextmanager
def running(account: Account | None = None) -> Iterator[Exchange]:
    """A stand-in that listens."""
    with Exchange(account) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
