"""The configuration file as text: its values, and the line a key stands in, for messages that can be acted on."""

from __future__ import annotations

import os
import re
import tomllib
from io import StringIO
from pathlib import Path
from typing import Any

from dotenv.parser import parse_stream

from lib.contract.lines import file_lines
from lib.contract.standing import file_text, is_there, not_a_file
from lib.errors import file_remedy
from runner.errors import ConfigError

_TABLE = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?$")
_PLACE = re.compile(r"\(at (?:line (\d+), column \d+|end of document)\)")
_BACKSLASH = "A text with a backslash stands between single quotes"
_FIXES = {
    "Cannot overwrite a value": "The key stands there twice: remove one of the two",
    "Cannot declare": "The table stands there twice: put its keys under one of the two heads",
    "Invalid value": "A text stands between plain double quotes, a number bare, and so do true and false",
    "Unterminated string": "End the text with a double quote",
    "Expected newline": "One value stands in a line, and a number has a decimal point, no comma (2.5)",
    "Invalid hex value": _BACKSLASH,
    "Unescaped": _BACKSLASH,
    "Unclosed": "Close the list with ]",
}
#: A variable in a value of `.env`, but for one that brings what stands for it.
_REFERENCE = re.compile(r"\$\{([^}:]*)\}")
_KEY = re.compile(r"\s*([A-Za-z0-9_.\-\"' ]+?)\s*=")


def read_toml(path: Path) -> tuple[dict[str, Any], str]:
    """Values and text of the file; nothing where there is none. Raises ConfigError for what is no TOML."""
    if not is_there(path):
        return {}, ""
    try:
        text = file_text(path)
        return tomllib.loads(text), text
    except UnicodeDecodeError as error:
        raise _no_text(path, error) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} cannot be read: {_fault(str(error), text)}") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}. {file_remedy(error)}".rstrip()) from None
    except (RecursionError, ValueError) as error:  # what no TOML can be is told by these too
        raise ConfigError(f"{path} cannot be read: {error}") from None


def _fault(told: str, text: str) -> str:
    """What tomllib says of a text, with the line, the key that stands there, and what to do. Its value may be a secret and is not shown."""
    found = _PLACE.search(told)
    lines = file_lines(text)
    line = int(found[1]) if found and found[1] else len(lines)
    there = lines[line - 1] if 0 < line <= len(lines) else ""
    key, sign, _ = there.strip().partition("=")
    shown = f" «{key.strip()} = …»" if sign else f" «{key}»" if _TABLE.match(there) else ""
    problem = _PLACE.sub("", told).strip()
    fix = next((fix for what, fix in _FIXES.items() if problem.startswith(what)), "Mend that line")
    return f"line {line}{shown}: {problem}. {fix}"


def checked_dotenv(path: Path) -> Path:
    """The `.env` that this path names, seen to be one. Raises ConfigError naming the line, and nothing of what stands there."""
    if is_there(path) and not path.is_file():  # a pipe would be waited for
        raise ConfigError(f"{path} cannot be read: {not_a_file(path)}. Move it away")
    try:
        text = file_text(path) if path.is_file() else ""
    except UnicodeDecodeError as error:
        raise _no_text(path, error) from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from None
    known, given = set(os.environ), {}
    for found in parse_stream(StringIO(text)):
        line = found.original.line + len(found.original.string) - len(found.original.string.lstrip("\n"))
        if found.error or not (found.key or "A").isidentifier():  # what it is to set would be missing
            raise ConfigError(
                f"{path}, line {line}: it is no NAME=value; a quote that begins must end. Mend that line"
            )
        if not known.issuperset(_REFERENCE.findall(found.value or "")):  # it would be left out
            raise ConfigError(
                f"{path}, line {line}: a ${{…}} in the value of {found.key} stands for a variable that is not there. "
                f"Set that one above, or where the text itself is meant, set {found.key} in the environment"
            )
        first, value = given.setdefault((found.key or "").upper(), (line, found.value))
        if value != found.value:
            raise ConfigError(
                f"{path}, lines {first} and {line}: both set {found.key}, to different values. Remove one of them"
            )
        known.add(found.key or "")
    return path


def dotenv_names(path: Path) -> list[str]:
    """The variables that a checked `.env` sets; none where there is no file."""
    text = file_text(path) if path.is_file() else ""
    return [found.key for found in parse_stream(StringIO(text)) if found.key]


def _no_text(path: Path, error: UnicodeDecodeError) -> ConfigError:
    line = error.object[: error.start].count(b"\n") + 1
    return ConfigError(f"{path}, line {line}: it is no UTF-8 text. Save it as UTF-8, or move it away")


def line_of(text: str, keys: tuple[str, ...]) -> int:
    """The line that gives `keys`, or else the one that gives most of their beginning (a table's head, say); 1 if none does."""
    table: tuple[str, ...] = ()
    best, line = 0, 1
    for number, content in enumerate(file_lines(text), start=1):
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
