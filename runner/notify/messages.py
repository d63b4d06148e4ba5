"""What is said to people: a title, and a few lines where a sentence is not enough. The loop's sentences are its own (`plain_message`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from runner.notify.settings import KINDS, Kind


@dataclass(frozen=True)
class Message:
    """One notification. Messages of the same kind and title are the same message, said again. Kind "test" is always sent."""

    kind: Kind | Literal["test"]
    title: str
    body: str = ""


def plain_message(kind: str, text: str) -> Message:
    """A message of one sentence; a kind that is none is an error, so that nothing is lost to a misspelling."""
    known = next((name for name in KINDS if name == kind), "error")
    return Message(known, f"{kind}: {text}")


def blocked_message(reason: str, detail: str) -> Message:
    """The API of the model refuses: key, credit, spend limit; without a reason that it answers again. Fits ClaudeDecider's `announce`."""
    if not reason:
        return Message("blocked", "Claude answers again", detail)
    return Message(
        "blocked",
        f"Claude cannot be asked: {reason}",
        f"{detail}\nEvery decision is HOLD until this is mended.",
    )


def cycle_message(manifest: Mapping[str, Any]) -> Message:
    """A learning cycle ended; `manifest` is the cycle's as JSON, as `ribbon cycle --json` prints it."""
    figures, notebooks = manifest.get("headline") or {}, manifest.get("notebooks") or {}
    failed = [name for name, entry in notebooks.items() if entry["status"] != "ok"]
    known = [f"{name.replace('_', ' ')} {value}" for name, value in figures.items() if value is not None]
    published = "published" if manifest["published"] else "nothing published"
    lines = [f"known up to {manifest['parameters']['as_of']}: {', '.join(known) or 'no figures'}"]
    lines += [f"failed: {', '.join(failed)}"] if failed else []
    return Message("cycle", f"cycle {manifest['cycle']}: {manifest['status']}, {published}", "\n".join(lines))
