"""A prompt addition that a person rolled back to, and holds until it is released.

The choice is a line in `lesson_choices.jsonl`, the file of lib.lessons.choices, whose own actions are passed over here. The
last one counts, whatever a cycle's `as_of`. Cycles go on composing theirs; the insights name the held one as what is told, and theirs
as what would be. For a held prompt that is gone or damaged no other old one is taken: the composed one is told, and a warning says so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from lib import paths
from lib.contract.lines import lines_of
from lib.contract.times import iso, parse_instant
from lib.contract.words import instant_or_none
from lib.data.atomic import append_line
from lib.errors import DataError
from lib.lessons.choices import CHOICES_FILE, HOLD, RELEASE
from lib.prompt.addition import compose_prompt
from lib.prompt.archive import is_sha256, read_archive, sha256_of


class Hold(NamedTuple):
    """Which prompt is held, and since when (ISO, a clock's time)."""

    sha256: str
    at: str


class PromptInForce(NamedTuple):
    """What Claude is told: insights that name it, the text, and the text that the cycle composed; `warning` is "" or why a hold failed."""

    insights: dict[str, Any]
    prompt: str
    composed: str
    warning: str


def load_hold(folder: str | Path | None = None) -> Hold | None:
    """The hold in force in a trading_data folder. A line that is torn or no such choice changes nothing."""
    found = None
    for line in lines_of(paths.trading_data(folder) / CHOICES_FILE):
        choice = _choice(line) if line.endswith("\n") else {}
        if choice.get("action") == RELEASE:
            found = None
        elif choice.get("action") == HOLD and is_sha256(choice.get("sha256")):
            at = instant_or_none(choice.get("at"))
            # A line without a readable time is a hold all the same: what a person wants told matters, not since when.
            found = Hold(choice["sha256"], iso(at) if at else "unknown")
    return found


def add_hold(folder: str | Path | None, sha256: str, at: str, insights: Mapping[str, Any] | None) -> None:
    """Append that this prompt is held from now on, or with "" that none is; `at` is the caller's clock.

    The caller holds the file's lock. `insights` are the published ones: their ledger's head is noted. Raises OSError.
    """
    choice = {
        "at": iso(parse_instant(at)),
        "action": HOLD if sha256 else RELEASE,
        "sha256": sha256,
        "ledger_head": ((insights or {}).get("evidence") or {}).get("head", ""),
    }
    append_line(paths.trading_data(folder) / CHOICES_FILE, json.dumps(choice))


def prompt_in_force(folder: str | Path | None, insights: Mapping[str, Any], composed: str) -> PromptInForce:
    """What is told where `insights` and `composed` are a cycle's own: those, or in the composed one's place the prompt that is held."""
    hold = load_hold(folder)
    text, warning = _held_text(folder, hold)
    if hold is None or text is None:
        return PromptInForce(dict(insights), composed, composed, warning)
    return PromptInForce(_naming(insights, text, hold), text, composed, "")


def hold_warning(folder: str | Path | None = None) -> str:
    """Why the prompt that a person holds is not told; "" where it is, or where none is held."""
    return _held_text(folder, load_hold(folder))[1]


def prompt_in_force_of(folder: str | Path | None, insights: Mapping[str, Any]) -> PromptInForce:
    """What is told of insights that were published, now that a person chose otherwise."""
    provenance = insights["provenance"]
    try:
        composed = read_archive(folder, provenance["composed_sha256"] or provenance["prompt_sha256"])
    except DataError:
        composed = compose_prompt(insights)  # published before prompts were kept, or no longer kept
    return prompt_in_force(folder, _naming(insights, composed, None), composed)


def _held_text(folder: str | Path | None, hold: Hold | None) -> tuple[str | None, str]:
    if hold is None:
        return None, ""
    try:
        return read_archive(folder, hold.sha256), ""
    except DataError as error:
        return None, f"the prompt held since {hold.at} cannot be told, so the cycle's own is: {error}"


def _naming(insights: Mapping[str, Any], text: str, hold: Hold | None) -> dict[str, Any]:
    """The insights with another prompt addition named as what is told; without a hold it is the composed one."""
    sha256 = sha256_of(text)
    named = {
        "prompt_sha256": sha256,
        "prompt_bytes": len(text.encode()),
        "prompt_held": hold.sha256 if hold else "",
        "prompt_held_since": hold.at if hold else "",
    }
    if hold is None:
        named["composed_sha256"] = sha256
    return {**insights, "provenance": {**insights["provenance"], **named}}


def _choice(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
