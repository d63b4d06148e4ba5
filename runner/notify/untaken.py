"""Messages that a service did not take, for whoever looks: a person who is told nothing takes it for good news.

`notifications.json` of a data folder is there only while the newest message was not taken. It holds no address.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pandas as pd

from lib.contract.standing import file_bytes, is_there
from lib.contract.times import iso
from lib.data.atomic import replace_json
from lib.errors import RibbonError

NOTIFICATIONS_FILE = "notifications.json"
UNTAKEN_FIX = "`ribbon notify-test` tries the services: see that the address and its token are right, and that it can be reached"


def note(folder: Path, taken: bool) -> None:
    """Write down that a message was taken, or not. Never raises: a disk that takes nothing is told by others."""
    path = folder / NOTIFICATIONS_FILE
    with suppress(OSError, RibbonError):
        if taken:
            path.unlink(missing_ok=True)
            return
        before, now = _read(path), iso(pd.Timestamp.now(tz="UTC").floor("s"))
        replace_json(
            path, {"messages": before.get("messages", 0) + 1, "since": before.get("since", now), "last": now}
        )


def untaken_finding(folder: Path) -> list[tuple[str, str]]:
    """That the newest messages were not taken, with what to do; none where they were, or none was sent. Raises OSError and DataError."""
    found = _read(folder / NOTIFICATIONS_FILE)
    if not found:
        return []
    many = (
        "the last message was" if found["messages"] == 1 else f"the last {found['messages']:,} messages were"
    )
    return [
        (f"{many} not taken by a service, since {found['since']}, the newest at {found['last']}", UNTAKEN_FIX)
    ]


def _read(path: Path) -> dict:
    """What the file says; {} where there is none, or what is there is none."""
    if not is_there(path):
        return {}
    try:
        found = json.loads(file_bytes(path))
        return {
            "messages": int(found["messages"]),
            "since": str(found["since"])[:40],
            "last": str(found["last"])[:40],
        }
    except (ValueError, KeyError, TypeError):
        return {}
