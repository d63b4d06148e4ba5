"""The addresses and their handlers: the page and its parts, decisions, documentation, reports."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tornado.web import Application, HTTPError

from lib.contract.standing import file_bytes
from runner.serve.decision import decision_page
from runner.serve.documents import document_html, document_path, documents_root
from runner.serve.door import REPORT_POLICY, Door, Nowhere, policy_with
from runner.serve.files import Outputs
from runner.serve.page import Board, render
from runner.serve.view import Viewer
from runner.zoom.html import head
from runner.zoom.scripts import scripts, style

#: However many tabs ask, the folder is looked at no more often, seconds.
_LEAST_S = 1.5
_SCRIPT = "text/javascript; charset=utf-8"
_STATIC = {"page.css": "text/css; charset=utf-8", "live.js": _SCRIPT}


class Site:
    """What the handlers share. `port` is known once it listens; `now_us` is the clock."""

    def __init__(self, viewer: Viewer, token: str, now_us: Callable[[], int]) -> None:
        self.viewer, self.token, self.now_us = viewer, token, now_us
        self.outputs, self.port = viewer.outputs, 0
        self.board, self.view = Board(), {}
        self.root = documents_root()
        self._looked = float("-inf")
        #: Files are read in one thread, so that a slow disk holds up nobody who is answered from memory.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="look")
        self._one = asyncio.Lock()

    async def look(self) -> dict[str, Any]:
        """The newest view, on the board too."""
        async with self._one:
            if time.monotonic() - self._looked >= _LEAST_S:
                self.view = await self.run(lambda: self.viewer.look(self.now_us()))
                self.board.show(self.view)
                self._looked = time.monotonic()
        return self.view

    async def run(self, work: Callable[[], Any]) -> Any:
        """What reads files, away from the loop."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def frame(self, place: str) -> dict[str, Any]:
        """What the layout of a page needs."""
        reports = "/outputs/index.html" if (self.outputs / "index.html").is_file() else ""
        return {"place": place, "reports": reports, "documents": self.root is not None}

    def application(self) -> Application:
        """All addresses."""
        site = {"site": self}
        routes = [
            (r"/", Now, site),
            (r"/live\.json", Live, site),
            (r"/static/([a-z0-9.-]+)", Static, site),
            (r"/decision/(.+)", Decision, site),
            (r"/outputs/(.*)", Outputs, site),
            (r"/((?:docs/.*)|[A-Z]+(?:\.md)?)", Document, site),
        ]
        return Application(
            routes,
            default_handler_class=Nowhere,
            default_handler_args=site,
            log_function=lambda handler: None,  # a line for every look of every tab says nothing
        )


class Now(Door):
    """The page, whole as it stands: it can be read without script."""

    async def get(self) -> None:
        """HTML."""
        view = await self.site.look()
        board = self.site.board
        nonce = secrets.token_urlsafe(16)
        self.set_header("Content-Security-Policy", policy_with(nonce))
        page = render(
            "live.html.j2",
            scripts=head("/static/", nonce),
            parts=board.parts,
            start=board.start,
            version=board.version,
            at=view["status"]["at"],
            stands=view["stands"],
            folder=view["status"]["trading_data"],
            **self.site.frame("now"),
        )
        self.finish(page)


class Live(Door):
    """What is newer than what a tab has."""

    async def get(self) -> None:
        """JSON: `at`, `stands` (runner.serve.health.overall), `start`, `version`, and `parts` (name → HTML)."""
        view = await self.site.look()
        board = self.site.board
        try:
            version = int(self.get_query_argument("version", "-1"))
        except ValueError:
            raise HTTPError(400, "`version` is no number.") from None
        parts = board.newer(self.get_query_argument("start", ""), version)
        told = {"at": view["status"]["at"], "stands": view["stands"]}
        self.finish({**told, "start": board.start, "version": board.version, "parts": parts})


class Static(Door):
    """Script and style of the page, the same for everybody: a refusal is to look like a page too."""

    wants_token = False

    def get(self, name: str) -> None:
        """Raises HTTPError 404 for any other name."""
        if name == "zoom.css":
            self.set_header("Content-Type", _STATIC["page.css"])
            self.finish(style())
            return
        path = scripts().get(name) or Path(__file__).with_name("static") / name
        if name not in _STATIC and name not in scripts():
            raise HTTPError(404)
        self.set_header("Content-Type", _STATIC.get(name, _SCRIPT))
        if name in scripts():  # their names change with what is in them
            self.set_header("Cache-Control", "private, max-age=31536000, immutable")
        self.finish(file_bytes(path))


class Decision(Door):
    """Why it decided that."""

    async def get(self, decision_id: str) -> None:
        """With the reports' policy. Raises HTTPError 404 for a decision that is not there."""
        page = await self.site.run(lambda: decision_page(self.site.viewer, decision_id))
        self.set_header("Content-Security-Policy", REPORT_POLICY)
        self.finish(page)


class Document(Door):
    """A page of the documentation, or a picture of it."""

    async def get(self, asked: str) -> None:
        """Raises HTTPError 404 for what is none of it."""
        path = self.site.root and document_path(self.site.root, asked)
        if not path:
            raise HTTPError(404)
        content = await self.site.run(path.read_bytes)
        if path.suffix in (".png", ".svg"):
            self.set_header("Content-Type", "image/png" if path.suffix == ".png" else "image/svg+xml")
            self.finish(content)
            return
        body = await self.site.run(lambda: document_html(content.decode(errors="replace")))
        self.finish(render("document.html.j2", name=path.stem, body=body, **self.site.frame("docs")))
