"""The token that opens the page: whoever has it may look. It lies beside the data, for its owner only, so that a restart shuts no tab."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from lib.contract.standing import file_text
from lib.data.atomic import replace_private

_FOLDER, _FILE = ".serve", "token"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32,64}")


def token_of(folder: Path) -> str:
    """The token of a data folder, made where there is none, or none that can be one. Raises OSError."""
    place = folder / _FOLDER
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = place / _FILE
    if path.is_file() and not path.is_symlink() and path.stat().st_mode & 0o077 == 0:
        found = file_text(path, encoding="ascii", errors="replace").strip()
        if _TOKEN.fullmatch(found):
            return found
    made = secrets.token_urlsafe(32)
    replace_private(path, made)
    return made


def address_of(port: int, token: str = "") -> str:
    """The address of the page, with its token where one is given."""
    return f"http://127.0.0.1:{port}/" + (f"?token={token}" if token else "")
