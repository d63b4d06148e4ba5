"""The configuration file as text: its values, and the line a key stands in, for messages that can be acted on."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from runner.errors import ConfigError

_TABLE = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?$")
_KEY = re.compile(r"\s*([A-Za-z0-9_.\-\"' ]+?)\s*=")


def read_toml(path: Path) -> tuple[dict[str, Any], str]:
    """Values and text of the file; nothing where there is none. Raises ConfigError for what is no TOML."""
    if not path.is_file():
        return {}, ""
    try:
        text = path.read_text(encoding="utf-8")
        return tomllib.loads(text), text
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from None


def line_of(text: str, keys: tuple[str, ...]) -> int:
    """The line that gives `keys`, or else the one that gives most of their beginning (a table's head, say); 1 if none does."""
    table: tuple[str, ...] = ()
    best, line = 0, 1
    for number, content in enumerate(text.splitlines(), start=1):
        head = _TABLE.match(content)
        if head:
            table = _parts(head[1])
        key = None if head else _KEY.match(content)
        here = (*table, *_parts(key[1])) if key else table
        if here == keys[: len(here)] and len(here) > best:
            best, line = len(here), number
    return line


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))
