"""Files of `outputs/`, as they are: reports, pictures, executed notebooks. Nothing outside of it, however it is asked for or linked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tornado.web import HTTPError, StaticFileHandler

from runner.serve.door import REPORT_POLICY, Door

#: What a browser may take a file for; any other is shown as text or offered for keeping. A script is one only in `assets/`.
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".json": "application/json; charset=utf-8",
    ".ipynb": "application/json; charset=utf-8",
    ".md": "text/plain; charset=utf-8",
    ".csv": "text/plain; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".log": "text/plain; charset=utf-8",
    ".jsonl": "text/plain; charset=utf-8",
}
_SCRIPT, _UNKNOWN = "text/javascript; charset=utf-8", "application/octet-stream"


class Outputs(Door, StaticFileHandler):
    """One folder's files."""

    SUPPORTED_METHODS = ("GET", "HEAD")

    def initialize(self, site: Any) -> None:
        """The folder is the site's."""
        Door.initialize(self, site)
        StaticFileHandler.initialize(self, str(site.outputs), default_filename="index.html")

    def set_default_headers(self) -> None:
        """With the reports' policy."""
        super().set_default_headers()
        self.set_header("Content-Security-Policy", REPORT_POLICY)

    async def head(self, path: str) -> None:
        """As GET without the body."""
        await StaticFileHandler.get(self, path, include_body=False)

    def validate_absolute_path(self, root: str, absolute_path: str) -> str | None:
        """The file that is meant, all links followed; HTTPError 404 where that is outside the folder, hidden, or no file."""
        try:
            top, path = Path(root).resolve(), Path(absolute_path).resolve()
            if path.is_dir() and path.is_relative_to(top) and not self.request.path.endswith("/"):
                self.redirect(f"{self.request.path}/")
                return None
            path = (path / "index.html").resolve() if path.is_dir() else path
            hidden = path.is_relative_to(top) and any(
                name.startswith(".") for name in path.relative_to(top).parts
            )
            if path.is_relative_to(top) and not hidden and path.is_file():
                return str(path)
        except (OSError, RuntimeError, ValueError):  # a name too long, a circle of links, no right to look
            pass
        raise HTTPError(404)

    def get_content_type(self) -> str:
        """By the name alone."""
        path = Path(str(self.absolute_path))
        if path.suffix == ".js":
            assets = Path(self.root).resolve() / "assets"
            return _SCRIPT if path.is_relative_to(assets) else "text/plain; charset=utf-8"
        return _TYPES.get(path.suffix, _UNKNOWN)

    def compute_etag(self) -> str | None:
        """By size and time of change: a hash would read the whole file, and be kept for ever."""
        found = self._stat()
        return f'"{found.st_mtime_ns:x}-{found.st_size:x}"'

    def set_extra_headers(self, path: str) -> None:
        """A tab asks again each time, and gets only what changed."""
        self.set_header("Cache-Control", "no-cache")
