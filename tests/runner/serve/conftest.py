"""A small live folder, and a server of it in a thread, asked by a real HTTP client."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lib.contract import schema
from lib.market.terms import Terms
from runner.claude.ledger import SPEND_FILE, SpendLedger
from runner.claude.settings import ClaudeSettings
from runner.serve.server import listen, serve
from runner.serve.site import Site
from runner.serve.view import Viewer
from runner.trade.models import Answer, Usage
from runner.trade.settings import TradeSettings
from tests.runner.trade.made import Script, at_us, enter, hand_loop, settings

TOKEN = "t" * 43
HEADER = "timestamp,price,state,MMA5,MMA10,MMA5_color,MMA10_color,quality,classifier,symbol,seq\n"


def sample(second: float, price: float = 100.0, colour: str = "green", quality: str = "ok") -> str:
    """A row of a samples file, so many seconds after START."""
    at = datetime.fromtimestamp(at_us(second) / 1e6, UTC).isoformat().replace("+00:00", "Z")
    line = round(price - 0.1 - second / 1e6, 6)  # it moves, so that nothing is frozen
    return f"{at},{price},all_{colour},{line},{line},{colour},{colour},{quality},share85-1,ETHUSDT,{round(second)}\n"


def add_samples(folder: Path, *rows: str) -> None:
    """Append rows to the samples of both charts, as the collector does."""
    for name in schema.SAMPLE_FILES.values():
        path = folder / name
        path.write_text((path.read_text() if path.exists() else HEADER) + "".join(rows))


@pytest.fixture
def traded(tmp_path) -> Path:
    """An entry that was closed by its target and one still open, a HOLD, a frozen tick; the model billed half a cent."""
    folder = tmp_path / "data"
    folder.mkdir()
    asked_at = datetime.fromtimestamp(at_us(40) / 1e6, UTC)
    with closing(SpendLedger(folder / SPEND_FILE, 2.0, 250, lambda: asked_at).open()) as ledger:
        ledger.settle(ledger.reserve(0.005, "m"), Usage(cost_usd=0.005), "m")
    hold = Answer("HOLD", False, 0.0, model="script", reasoning="nothing pays for its costs here")
    script = Script(enter(reasoning="both ribbons turned green"), hold, enter(reasoning="once more"))
    with hand_loop(folder, script, settings()) as (loop, feed):
        for second, price, quality in (
            (40, 100.0, "ok"), (50, 100.0, "ok"), (60, 101.0, "ok"), (70, 101.0, "frozen"), (80, 101.0, "ok"), (90, 101.0, "ok"),
        ):  # fmt: skip
            feed.give(second, price, quality=quality)
            loop.step()
    add_samples(folder, *(sample(second, 100.0 + second / 100) for second in range(0, 100, 10)))
    return folder


def viewer_of(folder: Path, outputs: Path | None = None) -> Viewer:
    """A viewer with the default limits."""
    return Viewer(folder, outputs or folder.parent / "outputs", TradeSettings(), ClaudeSettings(), Terms())


@dataclass
class Reply:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> dict:
        return json.loads(self.body)


@dataclass
class Server:
    """A server that listens."""

    site: Site
    port: int

    def ask(self, path: str, method: str = "GET", token: str | None = TOKEN, **headers: str) -> Reply:
        """One request, its path sent as it is; the token goes in the cookie."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            sent["Cookie"] = f"ribbon-{self.port}={token}"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, headers=sent)
            found = connection.getresponse()
            return Reply(found.status, found.headers, found.read())
        finally:
            connection.close()


@pytest.fixture
def serving(monkeypatch) -> Iterator[Callable[..., Server]]:
    """Starts a server of a folder: `serving(folder, outputs, now_us)`; all are ended with the test."""
    monkeypatch.setattr("runner.serve.site._LEAST_S", 0.0)
    ends = []

    def start(
        folder: Path, outputs: Path | None = None, now_us: Callable[[], int] = lambda: at_us(100)
    ) -> Server:
        ready, end, ports = threading.Event(), threading.Event(), []

        async def run() -> None:
            site.append(Site(viewer_of(folder, outputs), TOKEN, now_us))
            await serve(site[0], listen(0), lambda port: (ports.append(port), ready.set()), end.is_set)

        site: list[Site] = []
        thread = threading.Thread(target=lambda: asyncio.run(run()))
        thread.start()
        ends.append((end, thread))
        assert ready.wait(30)
        return Server(site[0], ports[0])

    yield start
    for end, thread in ends:
        end.set()
        thread.join(30)
        assert not thread.is_alive()
