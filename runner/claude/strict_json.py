"""JSON in which no key stands twice: of two values under one key nobody knows which is meant, and parsers take the last in silence."""

from __future__ import annotations

import json
from typing import Any


class DuplicateKey(ValueError):
    """A key stands twice in one object; the message names neither, because it is text from outside."""


def parsed(text: str) -> Any:
    """What `text` holds, numbers as they are written. Raises DuplicateKey, or ValueError for what is no JSON."""
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_int=str, parse_float=str)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def has_duplicate_key(text: str) -> bool:
    """Whether `text` is JSON with a key that stands twice; what is no JSON has none."""
    try:
        parsed(text)
    except DuplicateKey:
        return True
    except ValueError:
        return False
    return False


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise DuplicateKey("a key stands twice")
    return found
