"""The chart page on localhost: HTML and script of our own that behave as a TradingView chart does, the bad behaviours included.

    with ChartPage(PageMarket.fresh(time.time())) as page:
        page.set("5min", freeze="lines")   # one chart; without a timeframe both
        ...                                # open page.url

`SWITCHES` lists every trap; they can be flipped while the page runs. `page.market` knows the truth.
"""

from __future__ import annotations

import json
import sys
import threading
from copy import deepcopy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from urllib.parse import parse_qs, urlsplit

from lib.contract import schema
from runner.collect.clock import Clock, SystemClock
from tests.chart_page.market import PageMarket

HERE = Path(__file__).parent

#: Every switch with its harmless value; the number is the trap's in what is known of the page.
SWITCHES: dict[str, object] = {
    "symbol": "ETHUSDT",  # what the label says
    "interval": None,  # minutes the label says; None: those of the address
    "markup": "data-name",  # data-name, qa-id
    "names": "attribute",  # plot names in data-test-id-value-title, or in the inner element's title
    "hash": "l31H9iuA",  # suffix of every class
    "studies": "one",  # one study with all plots, or twelve single EMAs, each of one hue for ever (12)
    "inputs": "one",  # 14: one description element for all inputs of a study, or many
    "rows_fit": None,  # 13: so many study rows fit the pane, the others carry blockHidden- and are live; None: all
    "study_symbol": "",  # a market named in the study's description
    "removed": [],  # periods whose study or plot is gone
    "study_removed": False,
    "second": "",  # the study was added twice; the second is the same, hidden, loading, other (its values are)
    "hidden": False,  # 3: the page says it is hidden
    "freeze": "",  # 4: lines, all
    "series_status": "undefined",  # 5
    "study_status": "undefined",  # 5
    "loading_shows": "missing",  # 5: missing, old
    "missing": [],  # 6: periods shown as ∅ without colour
    "missing_text": "∅",  # 6: ∅, n/a
    "switched_off": [],  # 6: periods in blockHidden-
    "eye_off": "",  # 6: the whole study: eyeOff, or disabled (13)
    "averaged": False,  # the chart draws Heikin Ashi
    "series_values": True,  # the legend shows O, H, L, C
    "volume": "shown",  # 13: shown, hidden (and live), study, none
    "locale": "en",  # 7: en, de, fr
    "lang": "en",
    "label": "Chart for",  # 15: how the label begins; "" is no label
    "study_lag_ms": 0,  # 8
    "decimals": 2,  # 9
    "palette": "usual",  # 10: usual, own, colourless; fixed: every plot red for ever (12)
    "wall": "",  # 11, 16: login, captcha, cookies, disconnected, taken_over, restore, ban, inside, corner; layer: covers nothing
    "dialog": "",  # 16: alert, confirm: opened once when flipped; nagging: a confirm again and again
    "elsewhere": False,  # 16: the page goes to about:blank
    "chart": True,  # False: nothing of the chart is in the page
    "renamed": False,  # every name and class stem is another
    "torn": False,  # high below low
    "throws": False,  # the page breaks scripts that read it
    "venue_pct": 0.0,  # the ribbon's prices lie so much above those shown
    "hang": False,  # the page never comes back
    "offline": False,  # the server answers nothing
}


class ChartPage:
    """Serves the page for the length of a `with` block. `clock` and `rate` let market and page run faster than real time."""

    def __init__(self, market: PageMarket, clock: Clock | None = None, rate: float = 1.0) -> None:
        self.market = market
        self.rate = rate
        self._clock = clock or SystemClock()
        self._switches = {name: deepcopy(SWITCHES) for name in schema.RIBBON_TIMEFRAMES}
        self._server = _Server(("127.0.0.1", 0), _Answer)
        self._server.page = self  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.revision = 0  #: grows with every flip; the page shows it as `data-revision` once it has drawn what was flipped
        self.loads: list[str] = []  #: addresses of the pages that were asked for, in order

    @property
    def url(self) -> str:
        """The address of the chart; `interval=5` or `15` is added by whoever opens it."""
        return f"http://127.0.0.1:{self._server.server_port}/chart/"

    @property
    def framed_url(self) -> str:
        """The address of a page with the chart in a frame of the same origin."""
        return self.url.replace("/chart/", "/framed/")

    def set(self, timeframe: str | None = None, **switches: object) -> None:
        """Flip switches of one chart, or of both."""
        unknown = set(switches) - set(SWITCHES)
        if unknown:
            raise KeyError(f"no such switch: {', '.join(sorted(unknown))}")
        for name in [timeframe] if timeframe else schema.RIBBON_TIMEFRAMES:
            self._switches[name].update(switches)
        self.revision += 1

    def reset(self) -> None:
        """All switches back to harmless."""
        self.set(**deepcopy(SWITCHES))

    def now(self) -> float:
        """The market's time, seconds since 1970."""
        return self._clock.wall()

    def state(self, minutes: int) -> dict[str, object] | None:
        """What the page of `minutes` is told now; None: no answer."""
        revision, switches = self.revision, self._switches[f"{minutes}min"]
        if switches["offline"]:
            return None
        market = self.market.payload(self.now(), minutes, bool(switches["averaged"]))
        return {**market, "revision": revision, "switches": switches}

    def __enter__(self) -> ChartPage:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Browsers are killed here: a connection that breaks off is nothing to tell."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        page: ChartPage = self.server.page  # type: ignore[attr-defined]
        parts = urlsplit(self.path)
        minutes = int(parse_qs(parts.query).get("interval", ["5"])[0])
        if parts.path == "/state":
            state = page.state(minutes)
            if state is None:
                self.close_connection = True
                return
            self._reply(json.dumps(state), "application/json")
        elif parts.path == "/page.js":
            self._reply((HERE / "page.js").read_text(encoding="utf-8"), "text/javascript")
        elif parts.path == "/framed/":
            page.loads.append(self.path)
            self._reply(
                f'<!doctype html><html lang="en"><iframe src="/chart/?{parts.query}" width="1500" height="800"></iframe>'
            )
        elif parts.path == "/chart/" and not page._switches[f"{minutes}min"]["offline"]:
            page.loads.append(self.path)
            self._reply((HERE / "page.html").read_text(encoding="utf-8").replace("RATE", str(page.rate)))
        else:
            self.send_error(404)

    def _reply(self, text: str, kind: str = "text/html") -> None:
        data = text.encode()
        try:
            self.send_response(200)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except OSError:  # the browser was killed meanwhile
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Nothing: pages ask ten times a second."""
