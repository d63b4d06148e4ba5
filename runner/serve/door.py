"""Who may ask, and what every answer says of itself: the base of all handlers (docs/guarantees.md, S3).

A page of somebody else that is open in the same browser can send requests here, and by DNS rebinding under a name of its own. So only the
two names of this machine are answered, only from our own pages, and only who brings the token, in the address or in the cookie that an
address with it sets. Everything is GET or HEAD: there is nothing here that could be changed.
"""

from __future__ import annotations

import hmac
from typing import Any

from tornado.log import app_log, gen_log
from tornado.web import HTTPError, RequestHandler

from runner.serve.page import render

#: Of our own pages: scripts and styles from here, nothing inline, nothing from elsewhere, in nobody's frame.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def policy_with(nonce: str) -> str:
    """That of a page whose chart makes styles as it is drawn: those with its nonce are let through too."""
    return POLICY.replace("style-src 'self'", f"style-src 'self' 'nonce-{nonce}'")


#: Of reports: styles stand in them, scripts come from `assets/` alone, and nothing is fetched.
REPORT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_NO_TOKEN = (
    "This page wants its token: open the address that `ribbon serve` prints, or `ribbon up` at its start."
)
#: Characters of what was asked, and of why not, that a log gets.
_SHOWN = 200
_OTHER_NAME = "This page is answered under its own address only."


class Door(RequestHandler):
    """Checks host, origin and token before anything is answered."""

    SUPPORTED_METHODS = ("GET", "HEAD")
    wants_token = True

    def initialize(self, site: Any) -> None:
        """`site`: runner.serve.site.Site."""
        self.site = site

    def set_default_headers(self) -> None:
        """On every answer, refusals too."""
        self.clear_header("Server")
        for name, value in _HEADERS.items():
            self.set_header(name, value)

    def prepare(self) -> None:
        """Raises HTTPError 403 for who may not ask."""
        port = self.site.port
        names = (f"127.0.0.1:{port}", f"localhost:{port}")
        origin = self.request.headers.get("Origin")
        if self.request.host not in names or (origin and origin not in [f"http://{name}" for name in names]):
            raise HTTPError(403, _OTHER_NAME)
        if not self.wants_token:
            return
        given = self.get_query_argument("token", "")
        if given and self._opens(given):
            self.set_cookie(self.cookie, given, httponly=True, samesite="Strict", path="/", expires_days=30)
        elif not self._opens(self.get_cookie(self.cookie, "") or ""):
            raise HTTPError(403, _NO_TOKEN)

    @property
    def cookie(self) -> str:
        """Its name: cookies of one machine are shared by all ports."""
        return f"ribbon-{self.site.port}"

    def _opens(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self.site.token.encode())

    def head(self, *args: str) -> Any:
        """As GET; tornado leaves the body out."""
        return self.get(*args)

    def log_exception(self, kind: Any, error: Any, trace: Any) -> None:
        """What was refused and why, without the query: the token may stand in it, and what goes to stderr is kept in logs (S2)."""
        asked = f"{self.request.method} {self.request.path[:_SHOWN]}"
        if isinstance(error, HTTPError):
            if error.log_message:
                gen_log.warning("%d %s: %s", error.status_code, asked, self._told(error)[:_SHOWN])
        else:
            app_log.error("Uncaught exception %s", asked, exc_info=(kind, error, trace))

    @staticmethod
    def _told(error: HTTPError) -> str:
        message = error.log_message or ""  # a format of the log's
        return message % error.args if error.args else message.replace("%%", "%")

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """A page that says what it is, and nothing of the inside."""
        error = (kwargs.get("exc_info") or (None, None, None))[1]
        told = self._told(error) if isinstance(error, HTTPError) else ""
        heading = {403: "Not for you", 404: "Not here", 405: "Read only"}.get(
            status_code, "That did not work"
        )
        words = told or {404: "There is no such page.", 405: "This page only reads."}.get(
            status_code, "`ribbon serve` says more in its log."
        )
        links = {"reports": "", "documents": False}
        self.finish(render("message.html.j2", heading=heading, words=words, place="", **links))


class Nowhere(Door):
    """What is no page."""

    def get(self, *_: str) -> None:
        """Raises HTTPError 404."""
        raise HTTPError(404)
